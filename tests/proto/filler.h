// SPDX-License-Identifier: Apache-2.0

/*
 * filler.h - plain structs with every field filled in, and their comparison
 *
 * By the codec's own tables, so that a new field is tested as soon as it has a row.
 *
 * Ownership   What is filled in lives in the arena.
 */
#ifndef TESTS_PROTO_FILLER_H
#define TESTS_PROTO_FILLER_H

#include "proto/codec_table.h"

enum { FILLER_SHAPES_MAX = 128, FILLER_ELEMENTS = 2 };

/* Rises with every value, so that no two values of a message are alike and times are in
 * order. */
struct filler {
    struct arena *arena;
    uint32_t counter;
};

/* A struct of @shape with every field set to a value that its row allows; repeated
 * fields have FILLER_ELEMENTS elements. */
void *filler_fill(struct filler *filler, const struct codec_shape *shape);

/* An envelope with a body of @tag, changed where full structs break a rule over several
 * fields. */
struct entente_envelope *filler_envelope(struct filler *filler, uint32_t tag);

/* NULL when both structs say the same, else the name of a field in which they differ.
 */
const char *filler_difference(const struct codec_shape *shape, const void *a,
                              const void *b);

/* All shapes that can be reached from the roots, in @ret_shapes; returns their count.
 */
size_t filler_shapes(const struct codec_shape *ret_shapes[FILLER_SHAPES_MAX]);

/* Set @ret_tags to all tags of bodies; returns their count. */
size_t filler_tags(uint32_t ret_tags[64]);

#endif
