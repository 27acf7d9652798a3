// SPDX-License-Identifier: Apache-2.0

/*
 * index_busy.c - the part of index.h that says what stands in the way of a claim of ours
 */
#include "broker/index.h"

#include "broker/overlap.h"

static bool is_taken(const struct match_range *ranges, size_t count, int32_t start,
                     int32_t end)
{
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].kind == MATCH_BUSY && ranges[i].start < end &&
            start < ranges[i].end) {
            return true;
        }
    }
    return false;
}

/* No more ranges than changes, and no more changes than minutes; of a longer span only
 * the first ones are looked at, which is a span of at least these. */
bool index_is_busy(const struct index_source *source, int32_t start, int32_t end)
{
    enum { LOOKED_AT = 512 };
    struct match_range ranges[LOOKED_AT];
    struct match_source ignored;
    if (overlap_is_taken(source->special, source->special_count, start, end)) {
        return true;
    }
    if (source->record == NULL) {
        return is_taken(source->ranges, source->range_count, start, end);
    }
    size_t count =
        record_ranges(source->record, start, end, ranges, LOOKED_AT, &ignored);
    return is_taken(ranges, count < LOOKED_AT ? count : LOOKED_AT, start, end);
}

const struct index_source *index_busy_source(const struct index *index, int64_t person,
                                             int32_t start, int32_t end, int64_t now_ms)
{
    const struct index_person *known = index_person(index, person);
    for (const struct index_source *s = known == NULL ? NULL : known->sources;
         s != NULL; s = s->beside) {
        if (index_lease_until_ms(s) > now_ms && index_is_busy(s, start, end)) {
            return s;
        }
    }
    return NULL;
}
