// SPDX-License-Identifier: Apache-2.0
#include "matcher/free_time.h"

struct match_span free_time_overlap(struct match_span a, struct match_span b)
{
    struct match_span both = {
        .start = a.start > b.start ? a.start : b.start,
        .end = a.end < b.end ? a.end : b.end,
    };
    return both;
}

size_t free_time_bound(const struct match_party *party)
{
    size_t bound = party->person.claim_count;
    for (size_t i = 0; i < party->person.source_count; i++) {
        bound += party->person.sources[i].range_count;
    }
    return bound;
}

static bool is_admitted(const struct match_request *request,
                        const struct match_range *range)
{
    if (range->kind != MATCH_FREE) {
        return false;
    }
    if (request->certainties != 0 &&
        (request->certainties & (1u << range->certainty)) == 0) {
        return false;
    }
    return request->purposes == 0 || range->purposes == 0 ||
           (request->purposes & range->purposes) != 0;
}

static void append_within(struct interval_set *set, minute_t start, minute_t end,
                          struct match_span within)
{
    interval_set_append(set, start > within.start ? start : within.start,
                        end < within.end ? end : within.end);
}

/* What the sources of @party offer, cut to @within, in scratch->offered. */
static void gather_offered(const struct match_request *request,
                           const struct match_party *party, struct match_span within,
                           struct free_time_scratch *scratch)
{
    scratch->offered.count = 0;
    for (size_t i = 0; i < party->person.source_count; i++) {
        const struct match_source *source = &party->person.sources[i];

        for (size_t j = 0; j < source->range_count; j++) {
            const struct match_range *range = &source->ranges[j];
            if (range->start >= within.end) {
                break; /* sorted by start: nothing further on is inside */
            }
            if (range->end > within.start && is_admitted(request, range)) {
                append_within(&scratch->offered, range->start, range->end, within);
            }
        }
    }
    interval_set_normalise(&scratch->offered, &scratch->order);
}

/* Everything that keeps @party busy during @within, not yet widened. */
static void gather_busy(const struct match_party *party, struct match_span within,
                        struct interval_set *scratch, struct interval_set *ret_busy)
{
    ret_busy->count = 0;
    for (size_t i = 0; i < party->person.source_count; i++) {
        const struct match_source *source = &party->person.sources[i];

        for (size_t j = 0; j < source->range_count; j++) {
            const struct match_range *range = &source->ranges[j];
            if (range->start >= within.end) {
                break;
            }
            if (range->kind != MATCH_FREE) {
                append_within(ret_busy, range->start, range->end, within);
            }
        }
    }
    for (size_t i = 0; i < party->person.claim_count; i++) {
        append_within(ret_busy, party->person.claims[i].start,
                      party->person.claims[i].end, within);
    }
    interval_set_normalise(ret_busy, scratch);
}

/* Where every source of @party has spoken. */
static struct match_span find_known(const struct match_party *party)
{
    if (party->person.source_count == 0) {
        return (struct match_span){0, 0};
    }

    struct match_span known = party->person.sources[0].coverage;
    for (size_t i = 1; i < party->person.source_count; i++) {
        known = free_time_overlap(known, party->person.sources[i].coverage);
    }
    return known;
}

void free_time_of(const struct match_request *request, const struct match_party *party,
                  struct match_span within, struct free_time_scratch *scratch,
                  struct free_time *ret_time)
{
    /* An engagement just outside still reaches in with its buffer. */
    struct match_span reach = {
        .start = minute_add(within.start, -(int64_t)party->buffer_before),
        .end = minute_add(within.end, party->buffer_after),
    };

    ret_time->known = find_known(party);
    gather_busy(party, reach, &scratch->order, &ret_time->busy);
    interval_set_widen(&ret_time->busy, party->buffer_after, party->buffer_before,
                       &ret_time->busy);

    gather_offered(request, party, free_time_overlap(within, ret_time->known), scratch);
    interval_set_subtract(&scratch->offered, &ret_time->busy, &ret_time->free);
}
