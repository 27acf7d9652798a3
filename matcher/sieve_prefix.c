// SPDX-License-Identifier: Apache-2.0
#include "matcher/sieve_prefix.h"

#include "matcher/calendar.h"
#include "matcher/record_layout.h"
#include "matcher/score.h"

enum {
    FEW = 128, /* starts that are evaluated at once, wherever they lie */
    FIRST_DAYS = 2,
    TIMES = 4,    /* as many days in the next attempt: the last one costs the most */
    PATIENCE = 6, /* days without much that is final, before all are evaluated */
};

size_t sieve_prefix(const minute_t *starts, size_t count, size_t before)
{
    size_t prefix = before;
    int64_t days = FIRST_DAYS;

    if (count <= FEW) {
        return count;
    }
    if (before > 0) {
        days = ((int64_t)starts[before - 1] - starts[0]) / MINUTES_PER_DAY + 1;
        days = days < FIRST_DAYS ? FIRST_DAYS : days * TIMES;
    }
    int64_t until = starts[0] + days * MINUTES_PER_DAY;
    while (prefix < count && (starts[prefix] < until || prefix < before + FEW)) {
        prefix++;
    }
    return prefix;
}

/* Whether somebody may be on time that they prefer. */
static bool may_prefer(const struct match_person *person)
{
    return !person->record ||
           (person->record->preferences & 1u << MATCH_PREFERRED) != 0;
}

/* More people than can be on preferred time are not. */
static int32_t most_preferred(const struct match_request *request)
{
    int32_t most = 0;

    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        int32_t needed = 0;

        for (size_t j = 0; j < party->member_count; j++) {
            needed += may_prefer(&party->members[j]);
        }
        if (party->member_count == 0) {
            needed = may_prefer(&party->person);
        } else if ((size_t)needed > party->needed) {
            needed = (int32_t)party->needed;
        }
        most += needed;
    }
    return most;
}

struct sieve_ideal sieve_find_ideal(const struct match_request *request)
{
    struct sieve_ideal ideal = {.preferred = most_preferred(request)};

    for (size_t i = 0; i < request->party_count; i++) {
        ideal.optional += request->parties[i].importance == MATCH_OPTIONAL;
    }
    return ideal;
}

bool sieve_is_ideal(const struct sieve_ideal *ideal, const struct match_merit *merit)
{
    return merit->optional_present == ideal->optional && merit->asked == 0 &&
           merit->typical == 0 && merit->inferred == 0 && merit->avoid == 0 &&
           merit->preferred == ideal->preferred;
}

/* How many slots of @result will be final, by the look of them. */
static size_t count_final(const struct match_request *request,
                          const struct match_result *result)
{
    struct sieve_ideal ideal = sieve_find_ideal(request);
    size_t count = 0;

    if (request->urgent) {
        return result->count;
    }
    while (count < result->count &&
           sieve_is_ideal(&ideal, &result->slots[count].merit)) {
        count++;
    }
    return count;
}

size_t sieve_prefix_after(const struct match_request *request,
                          const struct match_result *result, const minute_t *starts,
                          size_t count, size_t before)
{
    struct score_days days = score_find_days(request, starts[0]);
    uint64_t band = score_find_band(&days, calendar_read(request, starts[before]).day);
    size_t low = before;
    size_t high = count;

    if ((int64_t)starts[before - 1] - starts[0] < (int64_t)PATIENCE * MINUTES_PER_DAY ||
        count_final(request, result) * TIMES >= request->wanted) {
        return sieve_prefix(starts, count, before);
    }
    /* The band decides before anything else: its end, if it is likely to have enough. */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int32_t day = calendar_read(request, starts[middle]).day;
        bool within = score_find_band(&days, day) == band;

        low = within ? middle + 1 : low;
        high = within ? high : middle;
    }
    bool is_enough = result->count == request->wanted ||
                     result->count * (low / before) >= request->wanted;
    return is_enough ? low : count;
}

bool sieve_is_settled(const struct match_request *request,
                      const struct match_result *result, minute_t next)
{
    struct score_days days = score_find_days(request, next);
    int32_t day = calendar_read(request, next).day;

    if (result->count < request->wanted) {
        return false;
    }
    day -= request->offset_count > 1 ? SIEVE_CLOCK_BACK : 0;
    const struct match_merit *worst = &result->slots[result->count - 1].merit;
    int32_t band = (int32_t)score_find_band(&days, day);
    if (band != worst->date_band || request->urgent) {
        return band >= worst->date_band;
    }
    /* A later day has to be better in what comes before the day: it cannot. */
    struct sieve_ideal ideal = sieve_find_ideal(request);
    return day > worst->civil_day && sieve_is_ideal(&ideal, worst);
}
