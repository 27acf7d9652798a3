// SPDX-License-Identifier: Apache-2.0

/*
 * anna.h - an index that knows one person, and what her agendas say
 *
 * Units       Minutes since 1970-01-01T00:00Z; those of range() from `today` on.
 */
#ifndef TESTS_BROKER_ANNA_H
#define TESTS_BROKER_ANNA_H

#include "broker/index.h"
#include "tests/support/test.h"

enum { DAY = 1440, ANNA = 7 };

static const int32_t today = 20000 * DAY;

static inline struct index *index_with_anna(void)
{
    struct index *index = index_create();
    assert_non_null(index);
    assert_true(index_add_person(index, ANNA, ENTENTE_PROFESSIONAL, "s", "anna", NULL));
    return index;
}

/* Ninety days from today on, of the agenda @key. */
static inline void publish(struct index *index, const char *key,
                           const struct entente_range *ranges, size_t count)
{
    const struct index_publication publication = {
        .source = 1,
        .client = 3,
        .person = ANNA,
        .key = key,
        .epoch = 1,
        .sequence = 1,
        .coverage = {today, today + 90 * DAY},
        .lease_seconds = 604800,
        .renewed_ms = (int64_t)today * 60000,
        .ranges = ranges,
        .range_count = count,
    };
    assert_true(index_publish(index, &publication));
}

static inline struct entente_range range(int32_t start, int32_t end, uint32_t kind)
{
    return (struct entente_range){
        .start = today + start, .end = today + end, .kind = kind};
}

#endif
