// SPDX-License-Identifier: Apache-2.0

/*
 * codec_write.h - from plain structs to bytes, and plain copies of them
 *
 * Inside proto/ only.
 */
#ifndef PROTO_CODEC_WRITE_H
#define PROTO_CODEC_WRITE_H

#include "proto/codec_table.h"

/*
 * Pack @plain, which is of @shape, into @arena: at most @size_max bytes.  @body chooses
 * the member of an envelope's union (0 where there is none).  False when it would be
 * larger, or the arena is used up.
 */
bool codec_write(const struct codec_shape *shape, const void *plain, uint32_t body,
                 size_t size_max, struct arena *arena, struct entente_bytes *ret_bytes);

/* A deep copy of @plain, which is of @shape and has no union; NULL when the arena is
 * used up. */
void *codec_write_copy(const struct codec_shape *shape, const void *plain,
                       struct arena *arena);

#endif
