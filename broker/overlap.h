// SPDX-License-Identifier: Apache-2.0

/*
 * overlap.h - which of an agenda's ranges stand in the way of a claim of ours
 *
 * Pure, and the same for what is being published and for what is looked at again later.
 *
 * Units       minutes (UTC).
 */
#ifndef BROKER_OVERLAP_H
#define BROKER_OVERLAP_H

#include "proto/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Busy time that is not ours: a range that names a meeting of ours is an echo, whichever
 * meeting it is; on call is not busy, and tentative time is not either. */
bool overlap_is_foreign(const struct entente_range *range);

/* Does one of @ranges, in any order, take a minute of [start, end)? */
bool overlap_is_taken(const struct entente_range *ranges, size_t count, int32_t start,
                      int32_t end);

#endif
