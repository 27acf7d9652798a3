// SPDX-License-Identifier: Apache-2.0

/*
 * heads.h - how many people there are at each start
 *
 * Shape       HEADS_LEVELS planes of starts, one behind the other: the numbers bit by bit,
 *             the lowest first.
 *
 * Ownership   All memory is the caller's.
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_HEADS_H
#define MATCHER_HEADS_H

#include <stddef.h>
#include <stdint.h>

enum { HEADS_LEVELS = 19 }; /* MATCH_PARTIES_MAX times MATCH_POOL_MAX people fit */

/* Nobody, at @words words of starts. */
void heads_begin(uint64_t *planes, size_t words);

/* @heads people more at the starts in @plane. */
void heads_add(uint64_t *planes, size_t words, const uint64_t *plane, uint32_t heads);

/* Leave of @plane the starts with at least @least people. */
void heads_keep(const uint64_t *planes, size_t words, uint32_t least, uint64_t *plane);

#endif
