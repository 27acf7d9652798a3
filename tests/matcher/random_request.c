// SPDX-License-Identifier: Apache-2.0

#include "tests/matcher/random_request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 1440, HOUR = 60 };

/* Zones written by hand: a standard and a summer offset, equal where there is none. */
static const struct {
    int32_t standard;
    int32_t summer;
} elsewhere[] = {
    {240, 240},   /* Reunion */
    {-240, -240}, /* Guadeloupe */
    {-300, -240}, /* New York */
    {630, 660},   /* Lord Howe, which moves by half an hour */
    {345, 345},   /* Nepal */
    {765, 825},   /* Chatham */
    {-570, -570}, /* Marquesas */
    {120, 0}, /* as in Dublin or Casablanca, where the odd time is the earlier one */
};

static const int32_t durations[] = {15, 20, 30, 30, 45, 60, 60, 60, 90, 120};
static const int32_t grids[] = {0, 1, 5, 15, 15, 30, 60, 60};
static const int32_t aparts[] = {1, 5, 15, 30, 60, 240};
static const int32_t buffers[] = {5, 10, 15, 15, 30};

#define PICK(dice, list)                                                               \
    ((list)[dice_between((dice), 0, (int32_t)(sizeof(list) / sizeof((list)[0])) - 1)])

uint64_t dice_roll(struct dice *dice)
{
    dice->state += 0x9e3779b97f4a7c15U;
    uint64_t z = dice->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

int32_t dice_between(struct dice *dice, int32_t low, int32_t high)
{
    uint64_t width = (uint64_t)((int64_t)high - low + 1);
    return (int32_t)(low + (int64_t)(dice_roll(dice) % width));
}

static bool chance(struct dice *dice, int32_t percent)
{
    return dice_between(dice, 1, 100) <= percent;
}

/* 01:00 UTC on the last Sunday of March or October: the clock changes in Paris. */
static minute_t clock_change(int32_t year, bool spring)
{
    int32_t days = spring ? 89 : 303; /* 31 March, 31 October of an ordinary year */
    for (int32_t y = 1970; y <= year; y++) {
        bool leap = y % 4 == 0; /* true from 1901 to 2099 */
        days += y < year ? 365 + leap : leap;
    }
    int32_t weekday = (days + 4) % 7; /* 1970-01-01 was a Thursday; Sunday is 0 */
    return (days - weekday) * DAY + HOUR;
}

static void add_offset(struct random_request *r, minute_t from, int32_t minutes)
{
    if (r->request.offset_count < RANDOM_OFFSETS) {
        r->offsets[r->request.offset_count].from = from;
        r->offsets[r->request.offset_count].offset_minutes = minutes;
        r->request.offset_count++;
    }
}

static void draw_length(struct dice *dice, int32_t *ret_length)
{
    int32_t luck = dice_between(dice, 1, 100);
    if (luck <= 65) {
        *ret_length = dice_between(dice, 8, 96) * 15;
    } else if (luck <= 88) {
        *ret_length = dice_between(dice, DAY, 3 * DAY);
    } else if (luck <= 97) {
        *ret_length = dice_between(dice, 3, 7) * DAY;
    } else {
        *ret_length = dice_between(dice, 7 * DAY, 14 * DAY);
    }
}

/* The zone and the span of time: one request in five lies across a clock change. */
static void draw_time(struct dice *dice, struct random_request *r)
{
    int32_t length;
    draw_length(dice, &length);
    int32_t year = dice_between(dice, 2025, 2030);
    bool spring = chance(dice, 50);
    minute_t change = clock_change(year, spring);
    int32_t standard = 60;
    int32_t summer = 120;

    r->crosses_clock_change = chance(dice, 20);
    if (r->crosses_clock_change) {
        r->from = change - dice_between(dice, 1, length - 1);
    } else {
        r->from = change + dice_between(dice, -120, 120) * DAY +
                  dice_between(dice, 0, 95) * 15;
    }
    if (chance(dice, 1)) {
        r->from = dice_between(dice, -2 * DAY, 2 * DAY); /* around the epoch */
    }
    r->until = r->from + length;

    if (chance(dice, 15)) {
        return; /* UTC */
    }
    if (chance(dice, 30)) {
        size_t i = (size_t)dice_between(
            dice, 0, (int32_t)(sizeof(elsewhere) / sizeof(elsewhere[0])) - 1);
        standard = elsewhere[i].standard;
        summer = elsewhere[i].summer;
    }
    if (chance(dice, 3)) {
        /* A clock that nobody has, to see that nothing hangs on a usual one. */
        add_offset(r, r->from - 10, dice_between(dice, -720, 840));
        add_offset(r, r->from + length / 3, dice_between(dice, -720, 840));
        add_offset(r, r->from + length / 2, dice_between(dice, -720, 840));
        return;
    }
    add_offset(r, clock_change(year - 2, false), standard);
    for (int32_t y = year - 1; y <= year + 1; y++) {
        add_offset(r, clock_change(y, true), summer);
        add_offset(r, clock_change(y, false), standard);
    }
}

static void draw_windows(struct dice *dice, struct random_request *r)
{
    struct match_request *request = &r->request;
    int32_t length = r->until - r->from;
    int32_t step = chance(dice, 70) ? 15 : 1;

    if (chance(dice, 10)) {
        request->picked_count = (size_t)dice_between(dice, 1, RANDOM_PICKED);
        for (size_t i = 0; i < request->picked_count; i++) {
            r->picked[i] = r->from + dice_between(dice, 0, length / step) * step;
        }
    }
    request->window_count = 1;
    r->windows[0].start = r->from;
    r->windows[0].end = r->until;
    if (chance(dice, 30)) {
        request->window_count = (size_t)dice_between(dice, 2, RANDOM_WINDOWS);
        for (size_t i = 0; i < request->window_count; i++) {
            int32_t start = dice_between(dice, 0, length - 2);
            r->windows[i].start = r->from + start;
            r->windows[i].end = r->from + dice_between(dice, start + 1, length);
        }
    }
    if (request->picked_count > 0 && chance(dice, 50)) {
        request->window_count = 0;
    }
}

static void draw_times_of_day(struct dice *dice, struct match_request *request)
{
    struct match_span *times = request->times_of_day;
    int32_t luck = dice_between(dice, 1, 100);
    if (luck <= 50) {
        return;
    }
    if (luck <= 75) {
        request->times_of_day_count = 1;
        times[0].start = dice_between(dice, 14, 22) * 30;
        times[0].end = dice_between(dice, 32, 40) * 30;
    } else if (luck <= 87) {
        /* A night: two spans that touch at midnight. */
        request->times_of_day_count = 2;
        times[0].start = dice_between(dice, 18, 23) * HOUR;
        times[0].end = DAY;
        times[1].start = 0;
        times[1].end = dice_between(dice, 1, 9) * HOUR;
    } else {
        request->times_of_day_count = (size_t)dice_between(dice, 1, 4);
        for (size_t i = 0; i < request->times_of_day_count; i++) {
            times[i].start = dice_between(dice, 0, DAY - 1);
            times[i].end = dice_between(dice, times[i].start + 1, DAY);
        }
    }
}

static void draw_limits(struct dice *dice, struct random_request *r)
{
    struct match_request *request = &r->request;
    int32_t length = r->until - r->from;

    request->duration = PICK(dice, durations);
    request->grid = PICK(dice, grids);
    if (request->grid == 1 && length > 2 * DAY && chance(dice, 80)) {
        request->grid = 5; /* the naive way is too slow to try every minute often */
    }
    if (chance(dice, 4)) {
        request->duration = dice_between(dice, 1, 200);
    }
    if (chance(dice, 1)) {
        request->duration = dice_between(dice, 200, 1440);
    }
    if (chance(dice, 2)) {
        request->grid = dice_between(dice, 1, 1440);
    }
    request->earliest = r->from - 10000;
    if (chance(dice, 30)) {
        request->earliest = r->from + dice_between(dice, -10, length / 2);
    }
    if (chance(dice, 40)) {
        request->weekdays =
            chance(dice, 50) ? 0x1f : (uint8_t)dice_between(dice, 1, 127);
    }
    draw_times_of_day(dice, request);
    if (chance(dice, 50)) {
        request->has_target = true;
        request->target = r->from + dice_between(dice, -9 * DAY, length);
    }
    if (chance(dice, 25)) {
        request->certainties = (uint8_t)(dice_between(dice, 1, 7) << 1);
    }
    if (chance(dice, 25)) {
        request->purposes = (uint32_t)dice_between(dice, 1, 7);
    }
    request->wanted = (size_t)dice_between(dice, 1, 10);
    request->apart = chance(dice, 50) ? 0 : PICK(dice, aparts);
}

/* How one party's ranges come to be what they are. */
struct manner {
    int32_t certainty;  /* 0: each range its own */
    int32_t preference; /* -1: each range its own */
    bool has_purposes;
    int32_t step; /* minutes: starts and lengths are multiples */
};

static void add_range(struct dice *dice, struct match_source *source,
                      struct match_range *ranges, const struct manner *manner,
                      minute_t start, minute_t end, enum match_kind kind)
{
    if (source->range_count == RANDOM_RANGES || start >= end) {
        return;
    }
    struct match_range *range = &ranges[source->range_count];
    source->range_count++;
    memset(range, 0, sizeof(*range));
    range->start = start;
    range->end = end;
    range->kind = (uint8_t)kind;
    range->certainty = (uint8_t)(manner->certainty != 0 ? manner->certainty
                                                        : dice_between(dice, 1, 3));
    range->preference = (uint8_t)(manner->preference >= 0 ? manner->preference
                                                          : dice_between(dice, 0, 2));
    if (manner->has_purposes) {
        range->purposes = (uint32_t)dice_between(dice, 0, 7);
    }
}

static int compare_ranges(const void *left, const void *right)
{
    const struct match_range *a = left;
    const struct match_range *b = right;
    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    return a->end < b->end ? -1 : a->end > b->end;
}

/* Mornings and afternoons, one longer stretch, or scattered pieces. */
static void offer(struct dice *dice, const struct random_request *r,
                  struct match_source *source, struct match_range *ranges,
                  const struct manner *manner)
{
    int32_t length = r->until - r->from;
    int32_t luck = dice_between(dice, 1, 100);
    if (luck <= 45) {
        minute_t midnight = r->from - (r->from % DAY + DAY) % DAY;
        for (minute_t day = midnight - DAY; day < r->until; day += DAY) {
            if (chance(dice, 85)) {
                minute_t noon = day + dice_between(dice, 22, 27) * 30;
                add_range(dice, source, ranges, manner, day + 7 * HOUR, noon,
                          MATCH_FREE);
                add_range(dice, source, ranges, manner,
                          noon + (chance(dice, 30) ? 0 : 45),
                          day + dice_between(dice, 32, 44) * 30, MATCH_FREE);
            }
        }
    } else if (luck <= 80) {
        add_range(dice, source, ranges, manner,
                  r->from - dice_between(dice, -60, 400) * manner->step,
                  r->until + dice_between(dice, -60, 400) * manner->step, MATCH_FREE);
    }
    int32_t pieces = luck > 80 ? 12 : chance(dice, 30) ? 4 : 0;
    for (int32_t i = 0; i < pieces; i++) {
        minute_t start = r->from + dice_between(dice, -100, length);
        start -= start % manner->step;
        add_range(dice, source, ranges, manner, start,
                  start + dice_between(dice, 1, 600 / manner->step) * manner->step,
                  MATCH_FREE);
    }
}

static void draw_source(struct dice *dice, const struct random_request *r,
                        bool only_busy, const struct manner *manner,
                        struct match_source *source, struct match_range *ranges)
{
    int32_t length = r->until - r->from;
    source->ranges = ranges;
    source->coverage.start = r->from - 5000;
    source->coverage.end = r->until + 5000;
    if (chance(dice, 12)) {
        source->coverage.start = r->from + dice_between(dice, -60, length / 2);
        source->coverage.end =
            source->coverage.start + dice_between(dice, length / 2, length + 100);
    }
    if (chance(dice, 2)) {
        source->coverage.end = source->coverage.start; /* stale */
    }

    if (!only_busy) {
        offer(dice, r, source, ranges, manner);
    }
    int32_t busy = chance(dice, 25) ? 0 : dice_between(dice, 1, 4 + 4 * (length / DAY));
    for (int32_t i = 0; i < busy; i++) {
        minute_t start = r->from + dice_between(dice, -150, length + 50);
        start -= start % manner->step;
        add_range(dice, source, ranges, manner, start,
                  start + dice_between(dice, 1, 90 / manner->step) * manner->step,
                  chance(dice, 75) ? MATCH_BUSY : MATCH_TENTATIVE);
    }
    qsort(ranges, source->range_count, sizeof(*ranges), compare_ranges);
}

static void draw_party(struct dice *dice, struct random_request *r, size_t index)
{
    struct match_party *party = &r->parties[index];
    struct manner manner = {
        .certainty = chance(dice, 60) ? dice_between(dice, 1, 3) : 0,
        .preference = chance(dice, 50) ? 0 : -1,
        .has_purposes = chance(dice, 25),
        .step = chance(dice, 60)   ? 15
                : chance(dice, 50) ? 5
                                   : 1,
    };

    party->id = dice_roll(dice);
    party->importance =
        chance(dice, index == 0 ? 85 : 55) ? MATCH_INDISPENSABLE : MATCH_OPTIONAL;
    party->person.sources = r->sources[index];
    int32_t luck = dice_between(dice, 1, 100);
    party->person.source_count = luck <= 2 ? 0 : luck <= 65 ? 1 : luck <= 90 ? 2 : 3;
    for (size_t s = 0; s < party->person.source_count; s++) {
        bool only_busy = s > 0 && chance(dice, 50);
        draw_source(dice, r, only_busy, &manner, &r->sources[index][s],
                    r->ranges[index][s]);
    }

    party->person.claims = r->claims[index];
    minute_t next = r->from - 60;
    for (int32_t i = dice_between(dice, 0, 2 * RANDOM_CLAIMS) - RANDOM_CLAIMS; i > 0;
         i--) {
        struct match_span *claim = &r->claims[index][party->person.claim_count];
        claim->start = next + (chance(dice, 10) ? 0 : dice_between(dice, 1, 60) * 15);
        claim->end = claim->start + dice_between(dice, 1, 120);
        next = claim->end;
        party->person.claim_count++;
    }
    if (chance(dice, 30)) {
        party->buffer_before = PICK(dice, buffers);
        party->buffer_after = chance(dice, 50) ? PICK(dice, buffers) : 0;
    }
    if (chance(dice, 1)) {
        party->buffer_after = dice_between(dice, 0, MATCH_BUFFER_MAX);
    }
}

/* Everybody is free but for a share of their own, and the shares leave hardly anything:
 * many must be named to explain an empty answer. */
static void share_out(struct dice *dice, struct random_request *r)
{
    int32_t length = r->until - r->from;
    int32_t count = (int32_t)r->request.party_count;
    for (int32_t i = 0; i < count; i++) {
        struct match_party *party = &r->parties[i];
        struct match_source *source = &r->sources[i][0];
        struct match_range *ranges = r->ranges[i][0];
        struct manner manner = {.certainty = MATCH_DECLARED, .step = 1};
        int32_t begin = length * i / count - dice_between(dice, 0, 60);
        int32_t end = length * (i + 1) / count + dice_between(dice, -5, 60);

        memset(party, 0, sizeof(*party));
        memset(source, 0, sizeof(*source));
        party->importance = MATCH_INDISPENSABLE;
        party->person.sources = source;
        party->person.source_count = 1;
        source->ranges = ranges;
        source->coverage.start = r->from - DAY;
        source->coverage.end = r->until + DAY;
        add_range(dice, source, ranges, &manner, r->from - DAY, r->until + DAY,
                  MATCH_FREE);
        add_range(dice, source, ranges, &manner, r->from + begin, r->from + end,
                  MATCH_BUSY);
    }
}

void random_request_draw(struct dice *dice, struct random_request *ret_random)
{
    struct match_request *request = &ret_random->request;
    memset(ret_random, 0, sizeof(*ret_random));
    request->windows = ret_random->windows;
    request->picked = ret_random->picked;
    request->offsets = ret_random->offsets;
    request->parties = ret_random->parties;

    draw_time(dice, ret_random);
    draw_windows(dice, ret_random);
    draw_limits(dice, ret_random);
    int32_t luck = dice_between(dice, 0, 99);
    request->party_count = luck < 60 ? (size_t)(1 + luck / 20) : (size_t)(4 + luck % 3);
    for (size_t i = 0; i < request->party_count; i++) {
        draw_party(dice, ret_random, i);
    }
    if (request->party_count > 3 && chance(dice, 5)) {
        share_out(dice, ret_random);
    }
}

static void print_party(FILE *out, const struct match_party *party, minute_t zero)
{
    static const char kinds[] = "?FBT";
    static const char certainties[] = "?dit";
    static const char preferences[] = "n+-";

    fprintf(out, "  party %s buffers %d,%d claims",
            party->importance == MATCH_OPTIONAL ? "optional" : "indispensable",
            party->buffer_before, party->buffer_after);
    for (size_t i = 0; i < party->person.claim_count; i++) {
        fprintf(out, " %d..%d", party->person.claims[i].start - zero,
                party->person.claims[i].end - zero);
    }
    for (size_t s = 0; s < party->person.source_count; s++) {
        const struct match_source *source = &party->person.sources[s];
        fprintf(out, "\n    source %d..%d:", source->coverage.start - zero,
                source->coverage.end - zero);
        for (size_t i = 0; i < source->range_count; i++) {
            const struct match_range *range = &source->ranges[i];
            fprintf(out, " %c%d..%d", kinds[range->kind & 3], range->start - zero,
                    range->end - zero);
            if (range->kind == MATCH_FREE) {
                fprintf(out, "%c%c%" PRIx32, certainties[range->certainty & 3],
                        preferences[range->preference % 3], range->purposes);
            }
        }
    }
    fprintf(out, "\n");
}

void random_request_print(FILE *out, const struct match_request *request)
{
    minute_t zero =
        request->window_count > 0 ? request->windows[0].start : request->picked[0];
    fprintf(out, "request at %d, duration %d grid %d earliest %d wanted %zu apart %d\n",
            zero, request->duration, request->grid, request->earliest - zero,
            request->wanted, request->apart);
    fprintf(out, "  weekdays %#x certainties %#x purposes %#" PRIx32 " target ",
            (unsigned)request->weekdays, (unsigned)request->certainties,
            request->purposes);
    fprintf(out, request->has_target ? "%d\n  windows" : "none\n  windows",
            request->target - zero);
    for (size_t i = 0; i < request->window_count; i++) {
        fprintf(out, " %d..%d", request->windows[i].start - zero,
                request->windows[i].end - zero);
    }
    fprintf(out, " picked");
    for (size_t i = 0; i < request->picked_count; i++) {
        fprintf(out, " %d", request->picked[i] - zero);
    }
    fprintf(out, " times");
    for (size_t i = 0; i < request->times_of_day_count; i++) {
        fprintf(out, " %d..%d", request->times_of_day[i].start,
                request->times_of_day[i].end);
    }
    fprintf(out, " clock");
    for (size_t i = 0; i < request->offset_count; i++) {
        fprintf(out, " %d:%+d", request->offsets[i].from - zero,
                request->offsets[i].offset_minutes);
    }
    fprintf(out, "\n");
    for (size_t i = 0; i < request->party_count; i++) {
        print_party(out, &request->parties[i], zero);
    }
}
