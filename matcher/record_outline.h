// SPDX-License-Identifier: Apache-2.0

/*
 * record_outline.h - what sources tell at a glance, before a record is made of them
 */
#ifndef MATCHER_RECORD_OUTLINE_H
#define MATCHER_RECORD_OUTLINE_H

#include "matcher/record_draft.h"

/* Are limits and ranges of @sources what match_search() takes? */
enum match_status record_outline_check(const struct match_source *sources,
                                       size_t source_count);

/* What all of @sources cover; 0, 0 if that is nothing. */
struct match_span record_outline_known(const struct match_source *sources,
                                       size_t source_count);

/* Room for the changes and classes of @sources.  More days than RECORD_DAYS_MAX: no record
 * holds them. */
struct record_needs record_outline_needs(const struct match_source *sources,
                                         size_t source_count);

/* The UTC day that contains @minute. */
int32_t record_outline_day(int64_t minute);

#endif
