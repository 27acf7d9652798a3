// SPDX-License-Identifier: Apache-2.0

/*
 * codec_error.h - a refusal with the path of the field that caused it
 *
 * Inside proto/ only.
 */
#ifndef PROTO_CODEC_ERROR_H
#define PROTO_CODEC_ERROR_H

#include "proto/arena.h"
#include "proto/codec.h"
#include "proto/codec_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where we are in a message: "request.spec.parties[3]". */
struct codec_path {
    size_t depth;
    struct {
        const char *name;
        bool repeated;
        size_t index;
    } parts[CODEC_DEPTH_MAX];
};

void codec_path_push(struct codec_path *path, const struct codec_row *row,
                     size_t index);
void codec_path_pop(struct codec_path *path);

/* The path as text, with @row's field at its end unless that is NULL; @index counts
 * only if the field is repeated (SIZE_MAX: the field as a whole).  "?" when the arena
 * is used up. */
const char *codec_path_text(const struct codec_path *path, const struct codec_row *row,
                            size_t index, struct arena *arena);

/* Decimal digits. */
const char *codec_number_text(int64_t number, struct arena *arena);
const char *codec_unsigned_text(uint64_t number, struct arena *arena);

/* Fill *@error; always false, so that a check can return it.  The list of parameters
 * ends with NULL. */
bool codec_refuse(struct codec_error *error, unsigned code, ...)
    __attribute__((sentinel));

#endif
