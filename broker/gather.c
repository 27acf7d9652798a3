// SPDX-License-Identifier: Apache-2.0

#include "broker/gather.h"

#include <string.h>

static bool is_own(const struct entente_range *range, const uint8_t *meeting)
{
    return meeting != NULL && range->meeting.size == 16 &&
           memcmp(range->meeting.data, meeting, 16) == 0;
}

/* On call is interruptible, not busy; an agenda's echo of this very meeting never
 * stands in the meeting's way. */
static bool is_in_the_way(const struct entente_range *range, const uint8_t *meeting)
{
    return !range->interruptible && !is_own(range, meeting);
}

static bool gather_source(const struct index_source *source, const uint8_t *meeting,
                          int64_t now_ms, struct arena *arena, struct match_source *ret)
{
    *ret = (struct match_source){.ranges = source->ranges,
                                 .range_count = source->range_count};
    if (index_lease_until_ms(source) <= now_ms) {
        ret->range_count = 0;
        return true;
    }
    ret->coverage = source->coverage;
    if (source->full == NULL) {
        return true;
    }
    struct match_range *ranges =
        arena_array(arena, source->range_count, sizeof(*ranges));
    if (ranges == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < source->range_count; i++) {
        if (source->full[i].kind == ENTENTE_FREE ||
            is_in_the_way(&source->full[i], meeting)) {
            ranges[count++] = source->ranges[i];
        }
    }
    ret->ranges = ranges;
    ret->range_count = count;
    return true;
}

bool gather_person(const struct index_person *person, const uint8_t *meeting,
                   int64_t now_ms, struct arena *arena, struct match_party *ret)
{
    struct match_source *sources =
        arena_array(arena, person->source_count, sizeof(*sources));
    struct match_span *claims =
        arena_array(arena, person->claim_count, sizeof(*claims));
    if (sources == NULL || claims == NULL) {
        return false;
    }
    for (size_t i = 0; i < person->source_count; i++) {
        if (!gather_source(person->sources[i], meeting, now_ms, arena, &sources[i])) {
            return false;
        }
    }
    size_t claim_count = 0;
    for (size_t i = 0; i < person->claim_count; i++) {
        const struct index_claim *claim = &person->claims[i];
        struct match_span *last = claim_count == 0 ? NULL : &claims[claim_count - 1];
        if (meeting != NULL && memcmp(claim->meeting, meeting, 16) == 0) {
            continue;
        }
        /* The new time of a meeting that moves may lie over its old one. */
        if (last != NULL && claim->span.start < last->end) {
            last->end = claim->span.end > last->end ? claim->span.end : last->end;
        } else {
            claims[claim_count++] = claim->span;
        }
    }
    ret->id = (uint64_t)person->person;
    ret->person.sources = sources;
    ret->person.source_count = person->source_count;
    ret->person.claims = claims;
    ret->person.claim_count = claim_count;
    return true;
}
