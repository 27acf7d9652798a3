// SPDX-License-Identifier: Apache-2.0

/*
 * gather.h - one person's sources and claims, from the index to the matcher
 */
#ifndef BROKER_GATHER_H
#define BROKER_GATHER_H

#include "broker/index.h"
#include "broker/must_check.h"
#include "proto/arena.h"

/*
 * Fill in @ret: id, load, claims, and the time: the person's record; or one source for
 * each agenda, where a record does not say it.  That is so where a lease is over at
 * @now_ms (that agenda says nothing, so that the person is unknown) and where an agenda
 * shows @meeting itself (16 bytes, or NULL), which is never in its own way.
 *
 * What @ret points at lives in @arena and, as far as it is the index's, until the index
 * changes.  False when the arena is used up.
 */
MUST_CHECK bool gather_person(const struct index_person *person, const uint8_t *meeting,
                              int64_t now_ms, struct arena *arena,
                              struct match_person *ret);

/* The same, but never by record. */
MUST_CHECK bool gather_person_sources(const struct index_person *person,
                                      const uint8_t *meeting, int64_t now_ms,
                                      struct arena *arena, struct match_person *ret);

#endif
