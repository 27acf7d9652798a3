// SPDX-License-Identifier: Apache-2.0

/*
 * codec_plain.h - messages as everybody writes them, read in one pass
 *
 * What a careful sender writes is plain: known fields by rising tag, each of its own wire
 * type, none absent that is needed, no value out of bounds, none that says nothing.  Only
 * that is read here, straight from the bytes into plain structs, with every check that
 * the long way makes (codec_scan.h, generated code, codec_read.h); whatever is not plain
 * is left to the long way, which knows what to say about it.
 *
 * Invariant   What is read here is what the long way would have read.
 *
 * Inside proto/ only.
 */
#ifndef PROTO_CODEC_PLAIN_H
#define PROTO_CODEC_PLAIN_H

#include "proto/codec_scan.h"

/*
 * Read @size bytes at @bytes as a message of @shape into @arena.  @from_client: fields
 * marked CODEC_FROM_CLIENT are needed too.  False: not plain, or the arena is used up;
 * only the arena has changed then.
 */
bool codec_plain(const struct codec_shape *shape, const uint8_t *bytes, size_t size,
                 bool from_client, struct arena *arena, void **ret_plain,
                 struct codec_seen *ret_seen);

#endif
