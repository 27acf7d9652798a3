// SPDX-License-Identifier: Apache-2.0

/*
 * until.h - a series that goes on until a day, as series of so many meetings
 *
 * How many there are depends on the first: one that begins later has fewer.  So it is
 * searched for as the longest series that is possible, then as the next, each among the
 * starts after which there are exactly so many.
 *
 * Ownership   Specs live in the arena given, and share what they do not change.
 */
#ifndef BROKER_UNTIL_H
#define BROKER_UNTIL_H

#include "proto/arena.h"
#include "proto/message.h"

#include <stdbool.h>

bool until_is_asked(const struct entente_spec *spec);

/* The @rank-th of these series, from 0 on; NULL in *ret_spec: there are no more.  False:
 * memory is used up. */
bool until_spec(struct arena *arena, const struct entente_spec *spec, size_t rank,
                struct entente_spec **ret_spec);

#endif
