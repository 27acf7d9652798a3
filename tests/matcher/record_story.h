// SPDX-License-Identifier: Apache-2.0

/*
 * record_story.h - records by example: ranges in, what the record tells out
 */
#ifndef TESTS_MATCHER_RECORD_STORY_H
#define TESTS_MATCHER_RECORD_STORY_H

#include "matcher/record_layout.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MANY = 40000, MEMORY = 1 << 23, MONDAY = 20600 };

/* Minutes after midnight of @day days after MONDAY. */
#define AT(day, hour, minute)                                                          \
    ((MONDAY + (day)) * MINUTES_PER_DAY + (hour)*60 + (minute))

/* Memory for every story: MEMORY bytes, MANY ranges. */
extern unsigned char *workspace;
extern struct match_record *record;
extern struct match_record *patched;
extern struct match_range *told;
extern struct match_range *ranges;

struct match_range offer(minute_t start, minute_t end);
struct match_range engaged(minute_t start, minute_t end, uint16_t place);

/* A source that covers the days around MONDAY. */
struct match_source covered(const struct match_range *of, size_t count);

/* Build @record, which must succeed. */
void build(const struct match_source *sources, size_t count, unsigned shape);

/* Build it, which must fail so. */
void refuse(const struct match_source *source, enum match_status status);

/* Patch @record into @patched, which must succeed. */
void patch(struct match_span span, const struct match_source *source);

/* Tell all of @of into @told. */
size_t tell(const struct match_record *of, struct match_source *ret_source);

void assert_told(const struct match_record *of, const struct match_range *wanted,
                 size_t count);

int record_story_set_up(void **state);
int record_story_tear_down(void **state);

#endif
