// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/random_request.h"

#include <stddef.h>
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
    {-180, -120}, /* Saint-Pierre, with summer time as in America */
    {-600, -600}, /* Tahiti */
    {660, 660},   /* Noumea */
    {720, 720},   /* Wallis */
    {-300, -240}, /* New York */
    {630, 660},   /* Lord Howe, which moves by half an hour */
    {345, 345},   /* Nepal */
    {765, 825},   /* Chatham */
    {-570, -570}, /* Marquesas */
    {120, 0}, /* as in Dublin or Casablanca, where the odd time is the earlier one */
};

static const int32_t durations[] = {1, 5, 15, 20, 30, 30, 45, 60, 60, 60, 90, 120};
static const int32_t grids[] = {0, 1, 5, 7, 11, 15, 15, 30, 50, 60, 60};
static const int32_t aparts[] = {1, 5, 15, 30, 60, 240};

#define PICK(dice, list)                                                               \
    ((list)[dice_between((dice), 0, (int32_t)(sizeof(list) / sizeof((list)[0])) - 1)])

static const uint8_t *loaded;
static size_t loaded_size;

void dice_load(const uint8_t *bytes, size_t size)
{
    loaded = bytes;
    loaded_size = size;
}

uint64_t dice_roll(struct dice *dice)
{
    if (loaded_size >= 2) {
        uint64_t roll = ((uint64_t)loaded[0] << 56) | ((uint64_t)loaded[1] << 48);
        loaded += 2;
        loaded_size -= 2;
        return roll;
    }
    dice->state += 0x9e3779b97f4a7c15U;
    uint64_t z = dice->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

int32_t dice_between(struct dice *dice, int32_t low, int32_t high)
{
    uint64_t width = (uint64_t)((int64_t)high - low + 1);
    return (int32_t)(low + (int64_t)(((dice_roll(dice) >> 32) * width) >> 32));
}

bool dice_chance(struct dice *dice, int32_t percent)
{
    return dice_between(dice, 1, 100) <= percent;
}

void random_request_mark(struct dice *dice, struct random_request *r, minute_t minute)
{
    if (r->mark_count < RANDOM_MARKS) {
        r->marks[r->mark_count] = minute;
        r->mark_count++;
    } else {
        r->marks[dice_between(dice, 0, RANDOM_MARKS - 1)] = minute;
    }
}

minute_t random_request_minute(struct dice *dice, struct random_request *r)
{
    if (r->mark_count > 0 && dice_chance(dice, 45)) {
        minute_t mark = r->marks[dice_between(dice, 0, (int32_t)r->mark_count - 1)];
        int32_t luck = dice_between(dice, 0, 9);
        return mark + (luck == 0 ? -1 : luck == 1 ? 1 : 0);
    }
    return dice_between(dice, r->from - 90, r->until + 90);
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

static void draw_length(struct dice *dice, const struct random_request *r,
                        int32_t *ret_length)
{
    int32_t luck = dice_between(dice, 1, 1000);
    if (luck <= 600) {
        *ret_length = dice_between(dice, 2, 36) * 15;
    } else if (luck <= 860) {
        *ret_length = dice_between(dice, 9 * HOUR, 28 * HOUR);
    } else if (luck <= 988 || (r->features & RANDOM_LARGE) == 0) {
        *ret_length = dice_between(dice, 24, 60) * HOUR;
    } else if (luck <= 998) {
        *ret_length = dice_between(dice, 3, 8) * DAY;
    } else if (luck <= 999 || dice_chance(dice, 85)) {
        *ret_length = dice_between(dice, 8, 24) * DAY;
    } else {
        *ret_length = dice_between(dice, 24, 90) * DAY;
    }
}

/* The clock around the request: the last change before it, one within, one after. */
static void draw_clock(struct dice *dice, struct random_request *r, int32_t year,
                       bool spring)
{
    int32_t standard = 60;
    int32_t summer = 120;
    if (dice_chance(dice, 35)) {
        size_t i = (size_t)dice_between(
            dice, 0, (int32_t)(sizeof(elsewhere) / sizeof(elsewhere[0])) - 1);
        standard = elsewhere[i].standard;
        summer = elsewhere[i].summer;
    }
    if (dice_chance(dice, 3)) {
        /* A clock that nobody has, to see that nothing hangs on a usual one. */
        int32_t length = r->until - r->from;
        add_offset(r, r->from - 10, dice_between(dice, -720, 840));
        add_offset(r, r->from + length / 3, dice_between(dice, -720, 840));
        add_offset(r, r->from + length / 2 + 1, dice_between(dice, -720, 840));
        return;
    }
    if (spring) {
        add_offset(r, clock_change(year - 1, false), standard);
        add_offset(r, clock_change(year, true), summer);
        add_offset(r, clock_change(year, false), standard);
    } else {
        add_offset(r, clock_change(year, true), summer);
        add_offset(r, clock_change(year, false), standard);
        add_offset(r, clock_change(year + 1, true), summer);
    }
}

/* The zone and the span of time: one request in four lies across a clock change. */
static void draw_time(struct dice *dice, struct random_request *r)
{
    int32_t length;
    draw_length(dice, r, &length);
    int32_t year = dice_between(dice, 2025, 2030);
    bool spring = dice_chance(dice, 50);
    minute_t change = clock_change(year, spring);

    r->crosses_clock_change = dice_chance(dice, 25);
    if (r->crosses_clock_change) {
        r->from = change - dice_between(dice, 1, length - 1);
    } else {
        r->from = change + dice_between(dice, -120, 120) * DAY +
                  dice_between(dice, 0, 95) * 15;
    }
    if (dice_chance(dice, 1)) {
        r->from = dice_between(dice, -400 * DAY, 2 * DAY); /* around the epoch */
    }
    r->until = r->from + length;
    if (!dice_chance(dice, 15)) {
        draw_clock(dice, r, year, spring);
    }

    random_request_mark(dice, r, r->from);
    random_request_mark(dice, r, r->until);
    random_request_mark(dice, r, r->until);
    for (size_t i = 0; i < r->request.offset_count; i++) {
        if (r->offsets[i].from > r->from && r->offsets[i].from < r->until) {
            random_request_mark(dice, r, r->offsets[i].from);
        }
    }
    minute_t midnight = r->from - (r->from % DAY + DAY) % DAY + DAY;
    random_request_mark(dice, r, midnight);
    if (r->request.offset_count > 0) {
        random_request_mark(dice, r, midnight - r->offsets[0].offset_minutes);
    }
}

static void draw_windows(struct dice *dice, struct random_request *r)
{
    struct match_request *request = &r->request;
    int32_t length = r->until - r->from;

    if (dice_chance(dice, 10)) {
        request->picked_count = (size_t)dice_between(dice, 1, RANDOM_PICKED);
        for (size_t i = 0; i < request->picked_count; i++) {
            r->picked[i] = random_request_minute(dice, r);
        }
    }
    request->window_count = 1;
    r->windows[0].start = r->from;
    r->windows[0].end = r->until;
    if (dice_chance(dice, 25)) {
        request->window_count = (size_t)dice_between(dice, 2, RANDOM_WINDOWS);
        for (size_t i = 0; i < request->window_count; i++) {
            int32_t start = dice_between(dice, 0, length - 2);
            r->windows[i].start = r->from + start;
            r->windows[i].end = r->from + dice_between(dice, start + 1, length);
            if (i > 0 && dice_chance(dice, 25)) {
                r->windows[i].start = r->windows[i - 1].end; /* they touch */
                r->windows[i].end = r->windows[i].start + dice_between(dice, 1, 600);
            }
            random_request_mark(dice, r, r->windows[i].end);
        }
    }
    if (dice_chance(dice, 3)) {
        /* Too short for most slots: nothing can start, unless something is relaxed. */
        r->windows[0].end = r->windows[0].start + dice_between(dice, 1, 60);
    }
    if (request->picked_count > 0 && dice_chance(dice, 50)) {
        request->window_count = 0;
    }
}

static void draw_times_of_day(struct dice *dice, struct match_request *request)
{
    struct match_span *times = request->times_of_day;
    int32_t luck = dice_between(dice, 1, 100);
    if (luck <= 65) {
        return;
    }
    if (luck <= 80) {
        request->times_of_day_count = 1;
        times[0].start = dice_between(dice, 14, 22) * 30;
        times[0].end = dice_between(dice, 32, 40) * 30;
    } else if (luck <= 90) {
        /* A night: two spans that touch at midnight. */
        request->times_of_day_count = 2;
        times[0].start = dice_between(dice, 12, 23) * HOUR;
        times[0].end = DAY;
        times[1].start = 0;
        times[1].end = dice_between(dice, 1, 11) * HOUR;
    } else {
        request->times_of_day_count = (size_t)dice_between(dice, 1, 4);
        for (size_t i = 0; i < request->times_of_day_count; i++) {
            times[i].start = dice_between(dice, 0, DAY - 1);
            times[i].end = dice_between(dice, times[i].start + 1, DAY);
        }
    }
}

static void draw_grid(struct dice *dice, struct random_request *r)
{
    struct match_request *request = &r->request;
    int32_t length = r->until - r->from;

    request->duration = PICK(dice, durations);
    request->grid = PICK(dice, grids);
    if (dice_chance(dice, 3)) {
        request->duration = dice_between(dice, 1, 200);
    }
    if (dice_chance(dice, 1)) {
        request->duration = dice_between(dice, 200, MATCH_DURATION_MAX);
    }
    if (dice_chance(dice, 2)) {
        request->grid = dice_between(dice, 1, DAY);
    }
    /* The naive way is too slow to try every minute often. */
    int32_t finest = length > 24 * DAY   ? 60
                     : length > 3 * DAY  ? 15
                     : length > 6 * HOUR ? 5
                                         : 1;
    int32_t percent = length > 24 * DAY ? 100 : 90;
    if (request->grid < finest && (request->grid > 0 || finest > 15) &&
        dice_chance(dice, percent)) {
        request->grid = finest;
    }
}

static void draw_closed_days(struct dice *dice, struct random_request *r)
{
    struct match_request *request = &r->request;
    int32_t first = r->from / DAY - 1;
    for (int32_t day = first; day <= r->until / DAY + 1; day++) {
        if (request->closed_day_count < RANDOM_CLOSED && dice_chance(dice, 25)) {
            r->closed_days[request->closed_day_count] =
                day + (request->occurrences > 1 ? 7 * dice_between(dice, 0, 1) : 0);
            request->closed_day_count++;
        }
    }
    for (size_t i = 1; i < request->closed_day_count; i++) {
        if (r->closed_days[i] <= r->closed_days[i - 1]) {
            request->closed_day_count = i; /* sorted, each once */
            return;
        }
    }
}

static void draw_limits(struct dice *dice, struct random_request *r)
{
    struct match_request *request = &r->request;
    int32_t length = r->until - r->from;

    request->earliest = r->from - 10000;
    if (dice_chance(dice, 20)) {
        request->earliest = r->from + dice_between(dice, -10, length / 2);
    }
    request->now = r->from - dice_between(dice, -100, 600);
    if (dice_chance(dice, 25)) {
        request->weekdays =
            dice_chance(dice, 50) ? 0x1f : (uint8_t)dice_between(dice, 1, 127);
    }
    draw_times_of_day(dice, request);
    if (dice_chance(dice, 50)) {
        request->has_target = true;
        request->target = r->from + dice_between(dice, -9 * DAY, length);
    }
    if (dice_chance(dice, 20)) {
        request->certainties = (uint8_t)(dice_between(dice, 1, 7) << 1);
    }
    if (dice_chance(dice, 20)) {
        request->purposes = (uint32_t)dice_between(dice, 1, 7);
    }
    request->wanted = (size_t)dice_between(dice, 1, 10);
    if (dice_chance(dice, 2)) {
        request->wanted = (size_t)dice_between(dice, 11, MATCH_SLOTS_MAX);
    }
    request->apart = dice_chance(dice, 50) ? 0 : PICK(dice, aparts);
}

static void draw_series(struct dice *dice, struct random_request *r)
{
    if (dice_chance(dice, 15)) {
        r->request.occurrences = (uint32_t)dice_between(dice, 1, 4);
        if (dice_chance(dice, 5)) {
            r->request.occurrences = (uint32_t)dice_between(dice, 5, 20);
        }
        r->request.step =
            (enum match_step)dice_between(dice, MATCH_WEEKLY, MATCH_MONTHLY_LAST);
    }
    if (r->request.occurrences <= 1) {
        r->features &= ~(unsigned)RANDOM_SERIES;
    }
}

static uint16_t place(struct dice *dice)
{
    return (uint16_t)dice_between(dice, 0, RANDOM_PLACES);
}

static void draw_ways(struct dice *dice, struct random_request *r)
{
    struct match_request *request = &r->request;
    if (dice_chance(dice, 60)) {
        request->option_count =
            (size_t)dice_between(dice, 1, dice_chance(dice, 20) ? RANDOM_OPTIONS : 2);
        for (size_t i = 0; i < request->option_count; i++) {
            r->options[i].modality = (uint8_t)dice_between(dice, 0, 3);
            if (dice_chance(dice, 2)) {
                r->options[i].modality = (uint8_t)dice_between(dice, 8, 255);
            }
            r->options[i].place = dice_chance(dice, 70) ? place(dice) : 0;
        }
    }
    for (int32_t from = 1; from <= RANDOM_PLACES; from++) {
        for (int32_t to = 1; to <= RANDOM_PLACES; to++) {
            if (dice_chance(dice, 40)) {
                r->legs[request->leg_count].from = (uint16_t)from;
                r->legs[request->leg_count].to = (uint16_t)to;
                r->legs[request->leg_count].minutes =
                    dice_chance(dice, 50) ? 15 * dice_between(dice, 0, 6)
                                          : dice_between(dice, 0, 90);
                request->leg_count++;
            }
        }
    }
}

/* What a coordinator might be ready to change. */
static void draw_leeway(struct dice *dice, struct random_request *r)
{
    struct match_leeway *leeway = &r->leeway;
    int32_t grid = r->request.grid > 0 ? r->request.grid : 15;
    int32_t shorter = 5 * grid < 90 && dice_chance(dice, 95) ? 5 * grid : 90;
    leeway->shorter_by = dice_chance(dice, 60) ? dice_between(dice, 0, shorter) : 0;
    leeway->wider_days = dice_chance(dice, 50) ? dice_between(dice, 1, 2) : 0;
    leeway->without_party = dice_chance(dice, 70);
    leeway->others = r->others;
    if ((r->features & RANDOM_WAYS) != 0 && dice_chance(dice, 60)) {
        leeway->other_count = (size_t)dice_between(dice, 1, RANDOM_OTHERS);
        for (size_t i = 0; i < leeway->other_count; i++) {
            /* Each is another one. */
            r->others[i].modality = (uint8_t)i;
            r->others[i].place = place(dice);
        }
    }
    r->wanted = random_request_minute(dice, r);
}

static void begin(unsigned features, struct random_request *r)
{
    /* What is drawn is written whole; only the small parts are cleared. */
    memset(r, 0, offsetof(struct random_request, people));
    r->people_used = 0;
    r->sources_used = 0;
    r->ranges_used = 0;
    r->claims_used = 0;
    r->features = features;
    r->request.windows = r->windows;
    r->request.picked = r->picked;
    r->request.offsets = r->offsets;
    r->request.closed_days = r->closed_days;
    r->request.options = r->options;
    r->request.legs = r->legs;
    r->request.parties = r->parties;
}

void random_request_draw(struct dice *dice, unsigned features,
                         struct random_request *ret_random)
{
    struct random_request *r = ret_random;
    struct match_request *request = &r->request;
    begin(features, r);

    draw_time(dice, r);
    draw_windows(dice, r);
    draw_grid(dice, r);
    draw_limits(dice, r);
    if ((features & RANDOM_SERIES) != 0) {
        draw_series(dice, r);
    }
    if ((features & RANDOM_CLOSED_DAYS) != 0 && dice_chance(dice, 20)) {
        draw_closed_days(dice, r);
    }
    if ((features & RANDOM_WAYS) != 0 && dice_chance(dice, 60)) {
        draw_ways(dice, r);
    } else {
        r->features &= ~(unsigned)RANDOM_WAYS;
    }
    request->urgent = (features & RANDOM_URGENT) != 0 && dice_chance(dice, 20);
    if ((features & RANDOM_SOFT) != 0 && dice_chance(dice, 30)) {
        request->tentative = MATCH_TENTATIVE_SOFT;
    }
    random_people_draw(dice, r);
    if ((features & RANDOM_QUORUM) != 0 && dice_chance(dice, 25)) {
        request->quorum = (uint32_t)dice_between(dice, 1, 4);
        if (dice_chance(dice, 50)) {
            request->quorum = (uint32_t)request->party_count;
        }
    }
    draw_leeway(dice, r);
}
