// SPDX-License-Identifier: Apache-2.0

#include "bench/workload_kinds.h"

#include <stdbool.h>
#include <string.h>

enum { PER_MILLE = 1000 };

/* Appointments in thousandths of the time: on the first day, and from day 90 on. */
enum { OCCUPIED_FIRST = 830, OCCUPIED_LAST = 350, OCCUPIED_UNTIL = 89 };

/* Percent of the appointments after which it goes on as before, busy or free. */
enum { STAYS = 36 };

/* The noise of adversarial calendars: how often free time goes on, and begins. */
enum { FREE_STAYS = 480, FREE_COMES = 545 };

enum { ROSTER_DAYS = 21, AUGUST_FIRST = 33, AUGUST_LAST = 63, SPARSE_WEEKDAY = 3 };

struct out {
    struct match_span *spans;
    size_t count;
};

static void emit(struct out *out, minute_t start, minute_t end)
{
    if (out->count > 0 && out->spans[out->count - 1].end >= start) {
        out->spans[out->count - 1].end = end;
    } else {
        out->spans[out->count++] = (struct match_span){start, end};
    }
}

static bool chance(struct workload_random *random, uint32_t per_mille)
{
    return workload_below(random, PER_MILLE) < per_mille;
}

/* A multiple of @step from @low to @high. */
static minute_t between(struct workload_random *random, minute_t low, minute_t high,
                        minute_t step)
{
    return low +
           step * (minute_t)workload_below(random, (uint32_t)((high - low) / step) + 1);
}

/* Cuts appointments out of a stretch of work. */
static void punch(struct workload_random *random, struct out *out, minute_t start,
                  minute_t end, uint32_t occupied)
{
    static const minute_t lengths[] = {15, 20, 30};
    bool busy = chance(random, occupied);
    for (minute_t at = start; at < end;) {
        minute_t until = at + lengths[workload_below(random, 3)];
        until = until > end ? end : until;
        if (!busy) {
            emit(out, at, until);
        }
        at = until;
        if (workload_below(random, 100) >= STAYS) {
            busy = chance(random, occupied);
        }
    }
}

static uint32_t occupied_on(uint32_t day)
{
    uint32_t late = day > OCCUPIED_UNTIL ? OCCUPIED_UNTIL : day;
    return OCCUPIED_FIRST - (OCCUPIED_FIRST - OCCUPIED_LAST) * late / OCCUPIED_UNTIL;
}

struct office {
    minute_t from;
    minute_t noon;
    minute_t after;
    minute_t until;
    uint32_t off; /* weekday whose afternoon is free of work */
    bool travels;
    uint32_t holiday; /* first day away, within the first ninety */
};

static struct office make_office(struct workload_random *random)
{
    struct office office = {
        .from = between(random, 480, 540, 15),
        .noon = between(random, 720, 750, 15),
        .until = between(random, 1080, 1140, 15),
        .off = workload_below(random, 5),
        .travels = chance(random, 200),
        .holiday = workload_below(random, 78),
    };
    office.after = office.noon + between(random, 60, 120, 15);
    return office;
}

static void work(struct workload_random *random, const struct office *office,
                 uint32_t day, uint32_t occupied, struct out *out)
{
    minute_t midnight = KIND_MONDAY + (minute_t)day * MINUTES_PER_DAY;
    bool away = office->travels && day % 91 >= office->holiday &&
                day % 91 < office->holiday + 12;
    if (day % 7 >= 5 || away) {
        return;
    }
    punch(random, out, midnight + office->from, midnight + office->noon, occupied);
    if (day % 7 != office->off) {
        punch(random, out, midnight + office->after, midnight + office->until,
              occupied);
    }
}

static size_t make_booked(struct workload_random *random, uint32_t days, uint32_t share,
                          struct match_span *ret_spans)
{
    struct out out = {.spans = ret_spans};
    struct office office = make_office(random);
    for (uint32_t day = 0; day < days; day++) {
        work(random, &office, day, occupied_on(day) * share / 100, &out);
    }
    return out.count;
}

static size_t make_real(struct workload_random *random, uint32_t days,
                        struct match_span *ret_spans)
{
    return make_booked(random, days, 100, ret_spans);
}

static size_t make_light(struct workload_random *random, uint32_t days,
                         struct match_span *ret_spans)
{
    return make_booked(random, days, 27, ret_spans);
}

/* Early, late and free half-days, each week one further. */
static size_t make_roster(struct workload_random *random, uint32_t days,
                          struct match_span *ret_spans)
{
    struct out out = {.spans = ret_spans};
    uint32_t turn = workload_below(random, 3);
    uint32_t told = days < ROSTER_DAYS ? days : ROSTER_DAYS;
    for (uint32_t day = 0; day < told; day++) {
        minute_t midnight = KIND_MONDAY + (minute_t)day * MINUTES_PER_DAY;
        uint32_t half = (turn + day / 7 + day % 7) % 3;
        if (half < 2 && !chance(random, 100)) {
            minute_t start = midnight + (half == 0 ? 420 : 780);
            punch(random, &out, start, start + 360, 250);
        }
    }
    return out.count;
}

static size_t make_midday(struct workload_random *random, uint32_t days,
                          struct match_span *ret_spans)
{
    struct out out = {.spans = ret_spans};
    minute_t from = between(random, 705, 750, 15);
    minute_t until = from + between(random, 60, 120, 15);
    for (uint32_t day = 0; day < days; day++) {
        minute_t midnight = KIND_MONDAY + (minute_t)day * MINUTES_PER_DAY;
        if (day % 7 < 5 && !chance(random, 200)) {
            minute_t late = chance(random, 300) ? between(random, 5, 30, 5) : 0;
            emit(&out, midnight + from + late, midnight + until);
        }
    }
    return out.count;
}

static size_t make_wednesday(struct workload_random *random, uint32_t days,
                             struct match_span *ret_spans)
{
    struct out out = {.spans = ret_spans};
    struct office office = make_office(random);
    bool never = chance(random, 500);
    uint32_t first = AUGUST_FIRST + workload_below(random, 11);
    uint32_t last = AUGUST_LAST - workload_below(random, 11);
    for (uint32_t day = 0; day < days; day++) {
        bool off = never && day % 7 == 2;
        if (!off && (day < first || day > last)) {
            work(random, &office, day, 500, &out);
        }
    }
    return out.count;
}

static size_t make_sparse(struct workload_random *random, uint32_t days,
                          struct match_span *ret_spans)
{
    struct out out = {.spans = ret_spans};
    minute_t from = between(random, 780, 840, 15);
    minute_t length = between(random, 75, 180, 15);
    for (uint32_t day = SPARSE_WEEKDAY; day < days; day += 7) {
        minute_t start = KIND_MONDAY + (minute_t)day * MINUTES_PER_DAY + from;
        if (!chance(random, 300)) {
            emit(&out, start, start + length);
        }
    }
    return out.count;
}

/* Windows of two cells that everybody keeps free, eight or nine cells of noise between
 * them.  Where the windows lie must not depend on the person. */
static size_t make_adversarial(struct workload_random *random, uint32_t days,
                               struct match_span *ret_spans)
{
    struct out out = {.spans = ret_spans};
    struct workload_random skeleton = workload_stream(2475, 0);
    minute_t end = KIND_MONDAY + (minute_t)days * MINUTES_PER_DAY;
    for (minute_t at = KIND_MONDAY; at < end;) {
        uint32_t gap = 8 + (workload_below(&skeleton, 100) < 47);
        bool is_free = true;
        for (uint32_t i = 0; i < gap && at < end; i++, at += KIND_CELL) {
            is_free = chance(random, is_free ? FREE_STAYS : FREE_COMES);
            if (is_free) {
                emit(&out, at, at + KIND_CELL);
            }
        }
        for (uint32_t i = 0; i < 2 && at < end; i++, at += KIND_CELL) {
            emit(&out, at, at + KIND_CELL);
        }
    }
    return out.count;
}

const struct workload_kind workload_kinds[] = {
    {"real", 30, make_real},
    {"light", 30, make_light},
    {"roster", 30, make_roster},
    {"midday", 30, make_midday},
    {"wednesday", 30, make_wednesday},
    {"sparse", 30, make_sparse},
    {"adversarial", 10, make_adversarial},
    {NULL, 0, NULL},
};

const struct workload_kind *workload_kind_find(const char *name)
{
    for (const struct workload_kind *kind = workload_kinds; kind->name != NULL;
         kind++) {
        if (strcmp(kind->name, name) == 0) {
            return kind;
        }
    }
    return NULL;
}

size_t workload_kind_make(const struct workload_kind *kind, uint64_t seed,
                          uint64_t number, uint32_t days, struct match_span *ret_spans)
{
    struct workload_random random = workload_stream(seed, number);
    return kind->make(&random, days, ret_spans);
}
