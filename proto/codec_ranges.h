// SPDX-License-Identifier: Apache-2.0

/*
 * codec_ranges.h - the stored ranges of a source, read at the speed of the index
 *
 * A broker that starts reads a million sources; the tables of the codec take a hundred
 * microseconds for one.  What the broker itself has written is plain: known fields, each
 * once, within their bounds.  Only that is read here, and everything else is left to the
 * tables, which say what is damaged.
 *
 * Inside proto/ only.
 */
#ifndef PROTO_CODEC_RANGES_H
#define PROTO_CODEC_RANGES_H

#include "proto/arena.h"
#include "proto/message.h"

#include <stdbool.h>

/* False: not plain, or the arena is used up; nothing is changed then. */
bool codec_ranges_plain(struct entente_bytes bytes, struct arena *arena,
                        struct entente_range **ret_ranges, size_t *ret_count);

#endif
