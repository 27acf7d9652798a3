// SPDX-License-Identifier: Apache-2.0

/*
 * record_sweep.h - from the ranges of sources to what holds minute by minute
 */
#ifndef MATCHER_RECORD_SWEEP_H
#define MATCHER_RECORD_SWEEP_H

#include "matcher/record_draft.h"

/* Bytes of working memory that the sweep needs. */
size_t record_sweep_size(size_t source_count);

/*
 * Put down what @sources say of @within, where free ranges count inside @known only.
 * Linear in the ranges, and in the different ones that overlap at most squared.
 */
void record_sweep(const struct match_source *sources, size_t source_count,
                  const struct match_span *within, const struct match_span *known,
                  void *workspace, struct record_draft *draft);

#endif
