// SPDX-License-Identifier: Apache-2.0

/*
 * codec_check.h - the rules that concern more than one field
 *
 * Inside proto/ only.
 */
#ifndef PROTO_CODEC_CHECK_H
#define PROTO_CODEC_CHECK_H

#include "proto/codec.h"

/* Check the body of an envelope that @from sent; each field by itself has been checked.
 * Clears what a request may not say (what the broker fills in). */
bool codec_check_body(struct entente_envelope *envelope, enum codec_side from,
                      struct arena *arena, struct codec_error *ret_error);

#endif
