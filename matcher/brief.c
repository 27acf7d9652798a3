// SPDX-License-Identifier: Apache-2.0
#include "matcher/brief.h"

#include "matcher/axis.h"
#include "matcher/calendar.h"
#include "matcher/glance.h"
#include "matcher/glance_walk.h"
#include "matcher/score.h"
#include "matcher/search_internal.h"
#include "matcher/series.h"

#include <string.h>

enum {
    FEW = AXIS_WORD
}; /* steps of the sieve that are left; there are no more starts */

/* What makes a minute one that nobody can come to. */
enum { NOT_FREE = GLANCE_BUSY | GLANCE_NOT_OFFERED };

/* Starts on one UTC day. */
struct brief_day {
    int32_t day;
    uint64_t places;
};

/* Of how many who come each of enum person_merit can be said, all counted in one number. */
typedef uint64_t praise_t;

enum { PRAISE_BITS = 16 };

static_assert(PERSON_MERITS * PRAISE_BITS <= 64, "a share for each");
static_assert(MATCH_PARTIES_MAX < 1 << PRAISE_BITS, "everybody can be counted");

struct brief {
    const struct match_request *request;
    int32_t duration;
    uint8_t common[RECORD_COMMON]; /* what the classes say */
    minute_t starts[FEW];
    size_t count;
    uint64_t left; /* starts that suit everybody so far */
    struct brief_day days[FEW];
    size_t day_count;
    praise_t praise[FEW]; /* by start */
    uint32_t unusable[FEW];
};

/* Whether nothing in @request has to be looked at that is not looked at here. */
static bool is_simple(const struct match_request *request)
{
    return request->window_count == 1 && request->picked_count == 0 &&
           series_length(request) == 1 && !request->urgent &&
           request->quorum <= request->party_count && !calendar_is_limited(request);
}

/* The same for @party. */
static inline bool is_plain(const struct match_request *request,
                            const struct match_party *party)
{
    const unsigned engaged =
        1U << RECORD_BUSY | 1U << RECORD_TENTATIVE | 1U << RECORD_DECLARED_TENTATIVE;
    const struct match_record *record = party->person.record;

    if (party->importance != MATCH_INDISPENSABLE || party->ask_if_unknown ||
        record == NULL || record->classes_at != record->items_at ||
        (record->flags & RECORD_IS_WIDE) != 0) {
        return false;
    }
    bool soft = request->tentative == MATCH_TENTATIVE_SOFT &&
                (record->flags & RECORD_HAS_TENTATIVE) != 0;
    bool reaches = party->buffer_before > 0 || party->buffer_after > 0;
    return !soft && !(reaches && (record->common & engaged) != 0);
}

/* List the starts that are left; false if they are not few. */
static bool list_starts(const struct match_request *request,
                        const struct sieve_left *left, struct brief *brief)
{
    struct candidates list = {brief->starts, 0, FEW};
    int64_t steps = 0;

    if (!left->is_asked || left->beyond != 0) {
        return false;
    }
    for (size_t i = 0; i < left->count && steps <= FEW; i++) {
        steps +=
            ((int64_t)left->runs[i].last - left->runs[i].first) / MATCH_COMMON_STEP + 1;
    }
    if (steps > FEW) {
        return false;
    }
    for (size_t i = 0; i < left->count; i++) {
        candidates_on_grid(request, left->runs[i].first, left->runs[i].last + 1, &list);
    }
    brief->count = list.count;
    return true;
}

/* Tell the days of the starts apart. */
static void find_days(struct brief *brief)
{
    /* More days than there are before 1970, so that it is divided without a sign. */
    const int64_t lift = (int64_t)1 << 21;
    struct brief_day *day = NULL;

    brief->day_count = 0;
    for (size_t i = 0; i < brief->count; i++) {
        uint64_t lifted = (uint64_t)(brief->starts[i] + lift * MINUTES_PER_DAY);
        int32_t number = (int32_t)((int64_t)(lifted / MINUTES_PER_DAY) - lift);

        if (day == NULL || day->day != number) {
            day = &brief->days[brief->day_count];
            *day = (struct brief_day){.day = number};
            brief->day_count++;
        }
        day->places |= (uint64_t)1 << i;
        brief->praise[i] = 0;
        brief->unusable[i] = 0;
    }
}

/* What is said of those who come to a slot that touches time of which @says is said. */
static inline praise_t praise(unsigned says)
{
    uint64_t typical = (says & GLANCE_NOT_SURE) != 0;
    uint64_t inferred = (says & GLANCE_NOT_DECLARED) != 0 && !typical;
    uint64_t preferred = (says & GLANCE_NOT_PREFERRED) == 0;
    uint64_t avoid = (says & GLANCE_AVOID) != 0;

    return typical << PRAISE_BITS * PERSON_TYPICAL |
           inferred << PRAISE_BITS * PERSON_INFERRED |
           preferred << PRAISE_BITS * PERSON_PREFERRED |
           avoid << PRAISE_BITS * PERSON_AVOID;
}

/* The changes of one day of a record. */
struct changes {
    const uint16_t *change;
    uint32_t count;
};

static inline uint32_t minute_of(uint16_t change)
{
    return change >> RECORD_NARROW_SHIFT;
}

static inline unsigned says_of(const struct brief *brief, uint16_t change)
{
    return brief->common[change & RECORD_NARROW_LAST];
}

/* When the stretch ends that begins with the change before @at. */
static inline uint32_t end_before(const struct changes *changes, uint32_t at)
{
    return at < changes->count ? minute_of(changes->change[at]) : MINUTES_PER_DAY;
}

/* What somebody with @changes says of the start at @place, which is @minute of their day:
 * @at is the first change after it.  False if it depends on another day. */
static bool judge(struct brief *brief, const struct changes *changes, uint32_t at,
                  uint32_t minute, size_t place)
{
    const uint16_t *change = changes->change;
    uint32_t duration = (uint32_t)brief->duration;
    uint32_t end = minute + duration;
    uint32_t next = at;
    uint32_t until = end_before(changes, at);
    unsigned says = at > 0 ? says_of(brief, change[at - 1]) : GLANCE_NOWHERE;

    for (; until < end && next < changes->count; until = end_before(changes, next)) {
        says |= says_of(brief, change[next]);
        next++;
    }
    if ((says & NOT_FREE) != 0) {
        brief->left &= ~((uint64_t)1 << place);
        return true;
    }
    while (next < changes->count && until < end + duration &&
           (says_of(brief, change[next]) & NOT_FREE) == 0) {
        next++;
        until = end_before(changes, next);
    }
    /* The change before it is there: whoever comes is offered something. */
    uint32_t first = at - 1;
    while (first > 0 && minute_of(change[first]) + duration > minute &&
           (says_of(brief, change[first - 1]) & NOT_FREE) == 0) {
        first--;
    }
    uint32_t from = minute_of(change[first]);
    if ((from == 0 && minute < duration) ||
        (until == MINUTES_PER_DAY && until < end + duration)) {
        return false;
    }
    brief->praise[place] += praise(says);
    brief->unusable[place] += minute - from < duration ? minute - from : 0;
    brief->unusable[place] += until - end < duration ? until - end : 0;
    return true;
}

/* What @record says of the starts on @day.  False if it depends on another day. */
static bool look_on(struct brief *brief, const struct match_record *record,
                    const struct brief_day *day)
{
    uint32_t index = (uint32_t)(day->day - record->first_day);
    minute_t midnight = day->day * MINUTES_PER_DAY;
    struct changes changes;
    uint32_t at = 0;

    if (index >= record->day_count) {
        brief->left &= ~day->places;
        return true;
    }
    uint32_t begin = record_day_begin(record, index);
    changes.change = record_narrow(record) + begin;
    changes.count = record_day_begin(record, index + 1) - begin;
    for (uint64_t left = brief->left & day->places; left != 0; left &= left - 1) {
        size_t place = (size_t)__builtin_ctzll(left);
        uint32_t minute = (uint32_t)(brief->starts[place] - midnight);
        uint32_t key = minute << RECORD_NARROW_SHIFT | RECORD_NARROW_LAST;

        while (at < changes.count && changes.change[at] <= key) {
            at++;
        }
        if (!judge(brief, &changes, at, minute, place)) {
            return false;
        }
    }
    return true;
}

/* Too soon for somebody with @record. */
static void drop_early(struct brief *brief, const struct match_record *record)
{
    int64_t from = (int64_t)brief->request->now + record->notice;

    for (size_t i = 0; i < brief->count && brief->starts[i] < from; i++) {
        brief->left &= ~((uint64_t)1 << i);
    }
}

/* Ask everybody about the starts.  False if somebody cannot be asked here. */
static bool ask_all(struct brief *brief)
{
    const struct match_request *request = brief->request;

    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];
        const struct match_record *record = party->person.record;

        if (!is_plain(request, party)) {
            return false;
        }
        if (record->notice > 0) {
            drop_early(brief, record);
        }
        for (size_t j = 0; j < brief->day_count; j++) {
            if (!look_on(brief, record, &brief->days[j])) {
                return false;
            }
        }
    }
    return true;
}

/* The starts that suit, the best first, and how good they are. */
struct ranking {
    struct score_tally tallies[FEW]; /* by start */
    uint8_t places[FEW];
    size_t count;
};

static void rank(const struct brief *brief, const struct score_days *days,
                 struct ranking *ret)
{
    struct axis axis;

    axis_make(brief->starts, brief->count, NULL, &axis);
    score_begin_some(brief->request, days, &axis, brief->left, ret->tallies);
    ret->count = 0;
    for (uint64_t left = brief->left; left != 0; left &= left - 1) {
        size_t place = (size_t)__builtin_ctzll(left);
        struct score_tally *tally = &ret->tallies[place];
        size_t at = ret->count;

        tally->unusable = brief->unusable[place];
        for (size_t i = 0; i < PERSON_MERITS; i++) {
            uint64_t people = brief->praise[place] >> i * PRAISE_BITS & UINT16_MAX;
            struct score_weight weight = score_weight((enum person_merit)i);
            tally->high += people * weight.high;
            tally->low += people * weight.low;
        }
        /* Of equally good ones the earlier is the better. */
        for (; at > 0 && score_compare(tally, &ret->tallies[ret->places[at - 1]]) < 0;
             at--) {
            ret->places[at] = ret->places[at - 1];
        }
        ret->places[at] = (uint8_t)place;
        ret->count++;
    }
}

/* Whether @start is far enough from every slot of @result. */
static bool is_apart(const struct match_result *result, minute_t start, int64_t apart)
{
    for (size_t i = 0; i < result->count; i++) {
        int64_t between = (int64_t)start - result->slots[i].start;
        if (between < apart && -between < apart) {
            return false;
        }
    }
    return true;
}

/* The best of those that are far enough from each other. */
static void choose(const struct brief *brief, const struct score_days *days,
                   struct match_result *result)
{
    const struct match_request *request = brief->request;
    struct ranking ranking;

    rank(brief, days, &ranking);
    for (size_t i = 0; i < ranking.count && result->count < request->wanted; i++) {
        struct match_slot *slot = &result->slots[result->count];
        size_t place = ranking.places[i];
        minute_t start = brief->starts[place];

        if (!is_apart(result, start, search_apart(request))) {
            continue;
        }
        memset(slot, 0, sizeof(*slot)); /* what lies between its members, too */
        slot->start = start;
        slot->end = start + request->duration;
        slot->heads = (uint32_t)request->party_count;
        slot->merit = score_merit(days, &ranking.tallies[place]);
        result->count++;
    }
}

bool brief_search(const struct match_request *request, const struct sieve_left *left,
                  struct match_result *result)
{
    struct brief brief;

    if (!is_simple(request) || !list_starts(request, left, &brief)) {
        return false;
    }
    brief.request = request;
    brief.duration = request->duration;
    brief.left = brief.count > 0 ? UINT64_MAX >> (AXIS_WORD - brief.count) : 0;
    glance_say_common(request, brief.common);
    find_days(&brief);
    if (!ask_all(&brief)) {
        return false;
    }
    result->count = 0;
    if (brief.left != 0) {
        struct score_days days = score_find_days(request, brief.starts[0]);
        choose(&brief, &days, result);
    }
    return true;
}
