// SPDX-License-Identifier: Apache-2.0

#include "tests/matcher/oracle_board.h"

#include <stdlib.h>

struct day {
    int32_t number; /* civil days since 1970-01-01, a Thursday */
    int32_t minute; /* since civil midnight */
};

static struct day civil(const struct match_request *request, minute_t minute)
{
    int64_t clock = minute;
    for (size_t i = 0; i < request->offset_count; i++) {
        if (i == 0 || request->offsets[i].from <= minute) {
            clock = (int64_t)minute + request->offsets[i].offset_minutes;
        }
    }
    /* Shifted far into the positive, so that division rounds down. */
    int64_t shifted = clock + (int64_t)100000 * 1440;
    struct day day = {(int32_t)(shifted / 1440 - 100000), (int32_t)(shifted % 1440)};
    return day;
}

static bool is_admitted(const struct match_request *request,
                        const struct match_range *range)
{
    bool sure = request->certainties == 0 ||
                ((request->certainties >> range->certainty) & 1) != 0;
    bool meant = request->purposes == 0 || range->purposes == 0 ||
                 (request->purposes & range->purposes) != 0;
    return sure && meant;
}

static uint8_t bits_of_free(const struct match_range *range)
{
    unsigned bits = OFFERED;
    if (range->certainty == MATCH_DECLARED) {
        bits |= DECLARED | NOT_ONLY_TYPICAL;
    }
    if (range->certainty == MATCH_INFERRED) {
        bits |= NOT_ONLY_TYPICAL;
    }
    if (range->preference == MATCH_PREFERRED) {
        bits |= PREFERRED;
    }
    if (range->preference == MATCH_AVOID) {
        bits |= AVOIDED;
    }
    return (uint8_t)bits;
}

/* Add @bits to every minute of [start, end) that is on the board. */
static void paint(const struct oracle_board *board, size_t party, int64_t start,
                  int64_t end, uint8_t bits)
{
    for (int64_t m = start < board->from ? board->from : start;
         m < end && m < board->until; m++) {
        board->minutes[party][m - board->from] |= bits;
    }
}

static void paint_party(const struct match_request *request, size_t index,
                        const struct oracle_board *board)
{
    const struct match_party *party = &request->parties[index];
    uint8_t *minutes = board->minutes[index];

    for (minute_t m = board->from; m < board->until; m++) {
        bool known = party->person.source_count > 0;
        for (size_t s = 0; s < party->person.source_count; s++) {
            const struct match_span *coverage = &party->person.sources[s].coverage;
            known = known && m >= coverage->start && m < coverage->end;
        }
        minutes[m - board->from] = known ? KNOWN : 0;
    }

    for (size_t s = 0; s < party->person.source_count; s++) {
        for (size_t r = 0; r < party->person.sources[s].range_count; r++) {
            const struct match_range *range = &party->person.sources[s].ranges[r];
            if (range->kind != MATCH_FREE) {
                paint(board, index, (int64_t)range->start - party->buffer_after,
                      (int64_t)range->end + party->buffer_before, BUSY);
            } else if (is_admitted(request, range)) {
                paint(board, index, range->start, range->end, bits_of_free(range));
            }
        }
    }
    for (size_t c = 0; c < party->person.claim_count; c++) {
        paint(board, index,
              (int64_t)party->person.claims[c].start - party->buffer_after,
              (int64_t)party->person.claims[c].end + party->buffer_before, BUSY);
    }
}

static int32_t target_day(const struct match_request *request)
{
    if (request->has_target) {
        return civil(request, request->target).number;
    }
    minute_t earliest = INT32_MAX;
    for (size_t i = 0; i < request->picked_count; i++) {
        if (request->picked[i] < earliest) {
            earliest = request->picked[i];
        }
    }
    for (size_t i = 0; i < request->window_count && request->picked_count == 0; i++) {
        if (request->windows[i].start < earliest) {
            earliest = request->windows[i].start;
        }
    }
    return civil(request, earliest).number;
}

static bool is_allowed(const struct match_request *request, struct day day)
{
    int32_t weekday = (day.number % 7 + 7 + 3) % 7; /* Monday is 0 */
    bool allowed_day =
        request->weekdays == 0 || ((request->weekdays >> weekday) & 1) != 0;
    bool allowed_time = request->times_of_day_count == 0;
    for (size_t i = 0; i < request->times_of_day_count; i++) {
        allowed_time = allowed_time || (day.minute >= request->times_of_day[i].start &&
                                        day.minute < request->times_of_day[i].end);
    }
    return allowed_day && allowed_time;
}

static void paint_clock(const struct match_request *request, struct oracle_board *board)
{
    int32_t grid = request->grid == 0 ? 15 : request->grid;
    for (minute_t m = board->from; m < board->until; m++) {
        struct day day = civil(request, m);
        unsigned bits = is_allowed(request, day) ? ALLOWED : 0;
        if (day.minute % grid == 0) {
            bits |= ON_GRID;
        }
        board->clock[m - board->from] = (uint8_t)bits;
    }
}

static uint8_t *make_row(size_t size)
{
    uint8_t *row = malloc(size);
    if (row == NULL) {
        abort();
    }
    return row;
}

void oracle_board_make(const struct match_request *request, minute_t first,
                       minute_t last, struct oracle_board *ret_board)
{
    ret_board->from = first - request->duration - 1;
    ret_board->until = last + 2 * request->duration + 1;
    ret_board->target_day = target_day(request);
    size_t size = (size_t)(ret_board->until - ret_board->from);
    ret_board->clock = make_row(size);
    paint_clock(request, ret_board);
    for (size_t p = 0; p < request->party_count; p++) {
        ret_board->minutes[p] = make_row(size);
        paint_party(request, p, ret_board);
    }
}

void oracle_board_free(const struct match_request *request, struct oracle_board *board)
{
    free(board->clock);
    for (size_t p = 0; p < request->party_count; p++) {
        free(board->minutes[p]);
    }
}

int32_t oracle_board_civil_day(const struct match_request *request, minute_t minute)
{
    return civil(request, minute).number;
}
