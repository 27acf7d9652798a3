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
 * Fill in id, sources and claims of @ret.  Sources whose lease is over at @now_ms have
 * an empty coverage; what stands for @meeting itself (16 bytes, or NULL) is left out,
 * and so is what may be interrupted.  False when the arena is used up.
 */
MUST_CHECK bool gather_person(const struct index_person *person, const uint8_t *meeting,
                              int64_t now_ms, struct arena *arena,
                              struct match_party *ret);

#endif
