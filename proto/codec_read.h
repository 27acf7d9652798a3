// SPDX-License-Identifier: Apache-2.0

/*
 * codec_read.h - from generated structs to plain ones, checking each field by its row
 *
 * Inside proto/ only.
 */
#ifndef PROTO_CODEC_READ_H
#define PROTO_CODEC_READ_H

#include "proto/codec_error.h"

/*
 * Build the plain struct of @message, which is of @shape, in @arena.  Texts and bytes
 * keep pointing at @message's, which must live in the same arena.  @from_client: fields
 * marked CODEC_FROM_CLIENT are needed too.
 */
bool codec_read(const struct codec_shape *shape, const ProtobufCMessage *message,
                bool from_client, struct arena *arena, void **ret_plain,
                struct codec_error *ret_error);

#endif
