// SPDX-License-Identifier: Apache-2.0

/*
 * peer_icl.h - Boost.ICL behind a C face: interval sets and maps of minutes
 *
 * Ownership   A peer owns the sets; pairs are copied in and out.
 */
#ifndef BENCH_PEER_ICL_H
#define BENCH_PEER_ICL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct peer_icl;

/* [start, end) of a range. */
struct peer_pair {
    int32_t start;
    int32_t end;
};

struct peer_icl *peer_icl_create(size_t people);
void peer_icl_destroy(struct peer_icl *peer);
void peer_icl_add(struct peer_icl *peer, size_t person, const struct peer_pair *pairs,
                  size_t count);

/* What all of @people have in common, at least @duration long; returns how many ranges. */
size_t peer_icl_common(const struct peer_icl *peer, const uint16_t *people,
                       size_t count, int32_t duration, struct peer_pair *ret_pairs);

/*
 * Where at least @needed of @people can begin: ranges of starts, one KIND_CELL long for a
 * single start.  @cell is the distance of two starts.
 */
size_t peer_icl_quorum(const struct peer_icl *peer, const uint16_t *people,
                       size_t count, size_t needed, int32_t duration, int32_t cell,
                       struct peer_pair *ret_pairs);

#ifdef __cplusplus
}
#endif

#endif
