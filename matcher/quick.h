// SPDX-License-Identifier: Apache-2.0

/*
 * quick.h - the last stage of a search in which everybody has a record
 *
 * The same as search_run(), word by word: up to 64 starts are judged at once, everybody's
 * record is read around them once (glance.h), and nobody is asked about a start that
 * somebody indispensable has ruled out.
 *
 * Ownership   The arrays of a search lie in the caller's working memory.
 */
#ifndef MATCHER_QUICK_H
#define MATCHER_QUICK_H

#include "matcher/search_internal.h"

/* Evaluate the starts of the list, and choose; search->is_quick. */
void quick_run(struct search *search, struct match_result *result);

/* The unusable minutes of @count starts in search->chunk_starts, AXIS_WORD at most, with
 * @option, which suits them all, into search->unusable. */
void quick_gaps(struct search *search, size_t option, size_t count);

#endif
