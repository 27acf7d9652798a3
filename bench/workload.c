// SPDX-License-Identifier: Apache-2.0

#include "bench/workload.h"

#include <assert.h>
#include <stdbool.h>
#include <time.h>

/* Appointments in percent of the time, on the first day and on the last. */
enum { OCCUPIED_FIRST = 80, OCCUPIED_LAST = 30 };

/* Percent of the appointments after which it goes on as before, busy or free. */
enum { STAYS = 42 };

/* splitmix64 (Steele, Lea and Flood 2014). */
static uint64_t next(struct workload_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

struct workload_random workload_stream(uint64_t seed, uint64_t stream)
{
    struct workload_random random = {seed};
    random.state = next(&random) ^ (stream * 0xd1342543de82ef95U);
    return random;
}

uint32_t workload_below(struct workload_random *random, uint32_t bound)
{
    return (uint32_t)(((next(random) >> 32) * bound) >> 32);
}

minute_t workload_monday(void)
{
    int64_t day = (int64_t)time(NULL) / 86400 + 8;
    /* Day 4 was a Monday: 1970-01-05. */
    day += 6 - (day + 2) % 7;
    return (minute_t)(day * MINUTES_PER_DAY);
}

struct half_day {
    minute_t start;
    minute_t end;
    uint32_t occupied; /* percent */
};

/* Cut appointments out of a half-day; what is left is appended to @ret. */
static size_t punch(struct workload_random *random, const struct half_day *half,
                    struct match_span *ret, size_t count)
{
    static const minute_t lengths[] = {15, 20, 30};
    bool busy = workload_below(random, 100) < half->occupied;
    bool open = false;
    for (minute_t at = half->start; at < half->end;) {
        minute_t end = at + lengths[workload_below(random, 3)];
        end = end > half->end ? half->end : end;
        if (!busy && open) {
            ret[count - 1].end = end;
        } else if (!busy) {
            assert(count < WORKLOAD_RANGES_MAX);
            ret[count++] = (struct match_span){at, end};
        }
        open = !busy;
        at = end;
        if (workload_below(random, 100) >= STAYS) {
            busy = workload_below(random, 100) < half->occupied;
        }
    }
    return count;
}

size_t workload_office(struct workload_random *random, minute_t monday,
                       struct match_span *ret)
{
    minute_t from = 480 + 15 * (minute_t)workload_below(random, 5);
    minute_t noon = 720 + 15 * (minute_t)workload_below(random, 3);
    minute_t after = noon + 60 + 15 * (minute_t)workload_below(random, 5);
    minute_t until = 1080 + 15 * (minute_t)workload_below(random, 5);
    uint32_t off = workload_below(random, 5);
    bool travels = workload_below(random, 5) == 0;
    uint32_t holiday = workload_below(random, WORKLOAD_DAYS - 12);
    size_t count = 0;
    for (uint32_t day = 0; day < WORKLOAD_DAYS; day++) {
        minute_t midnight = monday + (minute_t)day * MINUTES_PER_DAY;
        uint32_t occupied = OCCUPIED_FIRST - (OCCUPIED_FIRST - OCCUPIED_LAST) * day /
                                                 (WORKLOAD_DAYS - 1);
        if (day % 7 >= 5 || (travels && day >= holiday && day < holiday + 12)) {
            continue;
        }
        struct half_day morning = {midnight + from, midnight + noon, occupied};
        count = punch(random, &morning, ret, count);
        if (day % 7 != off) {
            struct half_day afternoon = {midnight + after, midnight + until, occupied};
            count = punch(random, &afternoon, ret, count);
        }
    }
    return count;
}

size_t workload_office_ranges(struct workload_random *random, minute_t monday,
                              struct entente_range *ret)
{
    static struct match_span spans[WORKLOAD_RANGES_MAX];
    size_t count = workload_office(random, monday, spans);
    for (size_t i = 0; i < count; i++) {
        ret[i] = (struct entente_range){
            .start = spans[i].start, .end = spans[i].end, .kind = ENTENTE_FREE};
    }
    return count;
}
