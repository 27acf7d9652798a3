// SPDX-License-Identifier: Apache-2.0
#include "matcher/check.h"

static bool are_times_of_day_valid(const struct match_request *request)
{
    if (request->times_of_day_count > MATCH_TIMES_OF_DAY_MAX) {
        return false;
    }
    for (size_t i = 0; i < request->times_of_day_count; i++) {
        const struct match_span *times = &request->times_of_day[i];
        if (times->start < 0 || times->start >= times->end ||
            times->end > MINUTES_PER_DAY) {
            return false;
        }
    }
    return true;
}

static bool are_offsets_valid(const struct match_request *request)
{
    const struct match_offset *offsets = request->offsets;

    if (request->offset_count > 0 && !offsets) {
        return false;
    }
    for (size_t i = 0; i < request->offset_count; i++) {
        if (offsets[i].offset_minutes < -MINUTES_PER_DAY ||
            offsets[i].offset_minutes > MINUTES_PER_DAY) {
            return false;
        }
        if (i > 0 && offsets[i].from <= offsets[i - 1].from) {
            return false;
        }
    }
    return true;
}

static bool is_party_valid(const struct match_party *party)
{
    return (party->importance == MATCH_INDISPENSABLE ||
            party->importance == MATCH_OPTIONAL) &&
           (party->person.source_count == 0 || party->person.sources) &&
           (party->person.claim_count == 0 || party->person.claims);
}

static bool are_buffers_valid(const struct match_party *party)
{
    return party->buffer_before >= 0 && party->buffer_before <= MATCH_BUFFER_MAX &&
           party->buffer_after >= 0 && party->buffer_after <= MATCH_BUFFER_MAX;
}

enum match_status check_limits(const struct match_request *request)
{
    if (request->duration < 1 || request->duration > MATCH_DURATION_MAX) {
        return MATCH_BAD_DURATION;
    }
    if (request->grid < 0 || request->grid > MINUTES_PER_DAY) {
        return MATCH_BAD_GRID;
    }
    if (request->party_count < 1 || request->party_count > MATCH_PARTIES_MAX ||
        !request->parties) {
        return MATCH_BAD_PARTIES;
    }
    for (size_t i = 0; i < request->party_count; i++) {
        if (!is_party_valid(&request->parties[i])) {
            return MATCH_BAD_PARTIES;
        }
        if (!are_buffers_valid(&request->parties[i])) {
            return MATCH_BAD_LIMITS;
        }
    }
    if (request->wanted < 1 || request->wanted > MATCH_SLOTS_MAX ||
        request->apart < 0 || request->weekdays >= (1u << 7) ||
        !are_times_of_day_valid(request) || !are_offsets_valid(request)) {
        return MATCH_BAD_LIMITS;
    }
    return MATCH_OK;
}

/* Slots that reach from @first to @last fit into what one search may look at. */
static enum match_status check_reach(int64_t first, int64_t last)
{
    bool fits = last - first <= (int64_t)MATCH_WINDOW_DAYS_MAX * MINUTES_PER_DAY &&
                last <= INT32_MAX;
    return fits ? MATCH_OK : MATCH_BAD_WINDOW;
}

static enum match_status check_picked(const struct match_request *request)
{
    if (request->picked_count > MATCH_WINDOWS_MAX || !request->picked) {
        return MATCH_BAD_WINDOW;
    }

    int64_t first = request->picked[0];
    int64_t last = request->picked[0];
    for (size_t i = 1; i < request->picked_count; i++) {
        first = request->picked[i] < first ? request->picked[i] : first;
        last = request->picked[i] > last ? request->picked[i] : last;
    }
    return check_reach(first, last + request->duration);
}

enum match_status check_windows(const struct match_request *request)
{
    if (request->picked_count > 0) {
        return check_picked(request);
    }
    if (request->window_count < 1 || request->window_count > MATCH_WINDOWS_MAX ||
        !request->windows) {
        return MATCH_BAD_WINDOW;
    }

    int64_t first = request->windows[0].start;
    int64_t last = request->windows[0].end;
    for (size_t i = 0; i < request->window_count; i++) {
        const struct match_span *window = &request->windows[i];
        if (window->start >= window->end) {
            return MATCH_BAD_WINDOW;
        }
        first = window->start < first ? window->start : first;
        last = window->end > last ? window->end : last;
    }
    return check_reach(first, last);
}

static bool is_range_valid(const struct match_range *range)
{
    if (range->start >= range->end || range->kind < MATCH_FREE ||
        range->kind > MATCH_TENTATIVE) {
        return false;
    }
    return range->kind != MATCH_FREE ||
           (range->certainty >= MATCH_DECLARED && range->certainty <= MATCH_TYPICAL &&
            range->preference <= MATCH_AVOID);
}

static bool are_ranges_valid(const struct match_source *source)
{
    if (source->range_count > 0 && !source->ranges) {
        return false;
    }
    for (size_t i = 0; i < source->range_count; i++) {
        const struct match_range *range = &source->ranges[i];
        if (!is_range_valid(range)) {
            return false;
        }
        if (i > 0 &&
            (range->start < range[-1].start ||
             (range->start == range[-1].start && range->end < range[-1].end))) {
            return false;
        }
    }
    return true;
}

static bool are_claims_valid(const struct match_party *party)
{
    for (size_t i = 0; i < party->person.claim_count; i++) {
        const struct match_span *claim = &party->person.claims[i];
        if (claim->start >= claim->end || (i > 0 && claim->start < claim[-1].end)) {
            return false;
        }
    }
    return true;
}

enum match_status check_ranges(const struct match_request *request)
{
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];

        if (!are_claims_valid(party)) {
            return MATCH_BAD_RANGES;
        }
        for (size_t j = 0; j < party->person.source_count; j++) {
            if (!are_ranges_valid(&party->person.sources[j])) {
                return MATCH_BAD_RANGES;
            }
        }
    }
    return MATCH_OK;
}
