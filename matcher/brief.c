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

/* Starts on one UTC day, so near to each other that somebody who can come to all of them is
 * free from the first to the end of the last. */
struct brief_run {
    int32_t day;
    minute_t midnight; /* of the day */
    uint32_t minute;   /* of the day: the first start, */
    uint32_t last;     /* and the last one */
    uint32_t place;    /* of the first one */
    uint32_t count;
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
    int32_t civil_days[FEW]; /* on which they lie */
    size_t count;
    uint64_t left; /* starts that are not too soon for anybody so far */
    struct brief_run runs[FEW];
    size_t run_count;
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
static inline bool is_plain(const struct match_party *party)
{
    const struct match_record *record = party->person.record;

    /* With the common classes alone a record is not wide, either. */
    if (party->importance != MATCH_INDISPENSABLE || party->ask_if_unknown ||
        record == NULL || record->classes_at != record->items_at) {
        return false;
    }
    bool reaches = party->buffer_before > 0 || party->buffer_after > 0;
    return !(reaches && (record->common & RECORD_ENGAGED) != 0);
}

/* Add the starts of @run that lie on the grid; *@civil, if any, was read at *@read_at and
 * not behind the run. */
static void add_run(struct brief *brief, const struct match_run *run,
                    struct civil *civil, minute_t *read_at)
{
    int32_t grid = candidates_grid(brief->request);

    for (int64_t at = run->first; at <= run->last;) {
        if (civil->until == 0 || at >= civil->until) {
            *read_at = (minute_t)at;
            *civil = calendar_read(brief->request, *read_at);
        }
        int64_t stop = run->last < civil->until ? (int64_t)run->last + 1 : civil->until;
        int64_t beyond = (civil->minute + at - *read_at) % grid;

        for (at += beyond > 0 ? grid - beyond : 0; at < stop; at += grid) {
            brief->starts[brief->count] = (minute_t)at;
            brief->civil_days[brief->count] = civil->day;
            brief->count++;
        }
        at = stop;
    }
}

/* List the starts that are left; false if they are not few. */
static bool list_starts(const struct sieve_left *left, struct brief *brief)
{
    struct civil civil = {0};
    minute_t read_at = 0;
    int64_t steps = 0;

    /* Nothing beyond: in step, and no tentative time that may be used. */
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
    brief->count = 0;
    for (size_t i = 0; i < left->count; i++) {
        add_run(brief, &left->runs[i], &civil, &read_at);
    }
    brief->left = brief->count > 0 ? UINT64_MAX >> (AXIS_WORD - brief->count) : 0;
    return true;
}

/* Find the runs of the starts. */
static void find_runs(struct brief *brief)
{
    struct brief_run *run = NULL;

    brief->run_count = 0;
    for (size_t i = 0; i < brief->count; i++) {
        minute_t start = brief->starts[i];
        int32_t day = minute_day(start);
        uint32_t minute = minute_of_day(start);

        brief->praise[i] = 0;
        if (run == NULL || run->day != day ||
            minute - run->last > (uint32_t)brief->duration) {
            run = &brief->runs[brief->run_count];
            brief->run_count++;
            *run = (struct brief_run){.day = day,
                                      .midnight = start - (minute_t)minute,
                                      .minute = minute,
                                      .place = (uint32_t)i};
        }
        run->last = minute;
        run->count++;
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

static inline bool is_free(const struct brief *brief, uint16_t change)
{
    return (says_of(brief, change) & NOT_FREE) == 0;
}

/* When the stretch ends that begins with the change before @at. */
static inline uint32_t end_before(const struct changes *changes, uint32_t at)
{
    return at < changes->count ? minute_of(changes->change[at]) : MINUTES_PER_DAY;
}

/* What is said of the slot that begins at @minute, of which @at is the first change after. */
static unsigned say(const struct brief *brief, const struct changes *changes,
                    uint32_t at, uint32_t minute)
{
    unsigned says = says_of(brief, changes->change[at - 1]);

    for (; at < changes->count &&
           minute_of(changes->change[at]) < minute + (uint32_t)brief->duration;
         at++) {
        says |= says_of(brief, changes->change[at]);
    }
    return says;
}

/* What is said of each of @run, at the first of which the stretch begins that ends with
 * change @at. */
static void praise_each(struct brief *brief, const struct changes *changes, uint32_t at,
                        const struct brief_run *run)
{
    for (uint32_t i = run->place; i < run->place + run->count; i++) {
        uint32_t minute = (uint32_t)(brief->starts[i] - run->midnight);

        while (at < changes->count && minute_of(changes->change[at]) <= minute) {
            at++;
        }
        brief->praise[i] += praise(say(brief, changes, at, minute));
    }
}

/* Around all starts of a run: from when each person is free, and until when; and what is said
 * by those who say the same of all of them. */
struct around {
    uint32_t from[MATCH_PARTIES_MAX];
    uint32_t until[MATCH_PARTIES_MAX];
    praise_t praise;
};

/* What person @number with @changes says of the starts of @run.  False if they cannot come to
 * all of these, or if it depends on another day. */
static inline bool judge(struct brief *brief, const struct changes *changes,
                         const struct brief_run *run, size_t number,
                         struct around *around)
{
    const uint16_t *change = changes->change;
    uint32_t duration = (uint32_t)brief->duration;
    uint32_t end = run->last + duration;
    uint32_t key = run->minute << RECORD_NARROW_SHIFT | RECORD_NARROW_LAST;
    uint32_t at = 0;

    while (at < changes->count && change[at] <= key) {
        at++;
    }
    if (at == 0) {
        return false; /* nothing is offered before the first change */
    }
    uint32_t first = at - 1;
    uint32_t next = at;
    uint32_t until = end_before(changes, next);
    bool is_one = until >= end; /* class for all of them */

    if (!is_free(brief, change[first])) {
        return false;
    }
    /* Mostly nobody is free before and after, which can be foreseen; how near that is
     * cannot. */
    while (next < changes->count && is_free(brief, change[next]) &&
           until < end + duration) {
        next++;
        until = end_before(changes, next);
    }
    while (first > 0 && is_free(brief, change[first - 1]) &&
           minute_of(change[first]) + duration > run->minute) {
        first--;
    }
    uint32_t from = minute_of(change[first]);
    if (until < end || (from == 0 && run->minute < duration) ||
        (until == MINUTES_PER_DAY && until < end + duration)) {
        return false;
    }
    around->from[number] = from;
    around->until[number] = until;
    if (is_one) {
        around->praise += praise(says_of(brief, change[at - 1]));
    } else {
        praise_each(brief, changes, at, run);
    }
    return true;
}

/* The changes of @record on @day; none if it has no such day. */
static inline struct changes changes_of(const struct match_record *record, int32_t day)
{
    uint32_t index = (uint32_t)(day - record->first_day);

    if (index >= record->day_count) {
        return (struct changes){NULL, 0};
    }
    uint32_t begin = record_day_begin(record, index);
    return (struct changes){
        .change = record_narrow(record) + begin,
        .count = record_day_begin(record, index + 1) - begin,
    };
}

/* The gaps of everybody beside the slot that begins at @minute. */
static uint32_t sum_gaps(const struct brief *brief, const struct around *around,
                         uint32_t minute)
{
    uint32_t duration = (uint32_t)brief->duration;
    uint32_t sum = 0;

    for (size_t i = 0; i < brief->request->party_count; i++) {
        uint32_t before = minute - around->from[i];
        uint32_t behind = around->until[i] - duration - minute;

        sum += before < duration ? before : 0;
        sum += behind < duration ? behind : 0;
    }
    return sum;
}

/* Ask everybody about the starts of @run; as judge(). */
static bool ask_all(struct brief *brief, const struct brief_run *run)
{
    const struct match_request *request = brief->request;
    struct changes changes[MATCH_PARTIES_MAX];
    struct around around;

    /* All are on their way out of the memory before the first of them is waited for. */
    for (size_t i = 0; i < request->party_count; i++) {
        changes[i] = changes_of(request->parties[i].person.record, run->day);
        __builtin_prefetch(changes[i].change);
    }
    around.praise = 0;
    for (size_t i = 0; i < request->party_count; i++) {
        if (!judge(brief, &changes[i], run, i, &around)) {
            return false;
        }
    }
    for (uint32_t i = run->place; i < run->place + run->count; i++) {
        uint32_t minute = (uint32_t)(brief->starts[i] - run->midnight);

        brief->praise[i] += around.praise;
        brief->unusable[i] = sum_gaps(brief, &around, minute);
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

/* Whether everybody can be asked here; drops what is too soon for somebody. */
static bool meet_all(struct brief *brief)
{
    const struct match_request *request = brief->request;

    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];

        if (!is_plain(party)) {
            return false;
        }
        if (party->person.record->notice > 0) {
            drop_early(brief, party->person.record);
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
    ret->count = 0;
    for (uint64_t left = brief->left; left != 0; left &= left - 1) {
        size_t place = (size_t)__builtin_ctzll(left);
        struct score_tally *tally = &ret->tallies[place];
        uint32_t people[PERSON_MERITS];
        size_t at = ret->count;

        score_begin_one(days, brief->civil_days[place], tally);
        tally->unusable = brief->unusable[place];
        for (size_t i = 0; i < PERSON_MERITS; i++) {
            people[i] = brief->praise[place] >> i * PRAISE_BITS & UINT16_MAX;
        }
        score_count(people, tally);
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

/* What lies between its members, too; line by line, for which the processor needs no loop of
 * its own to be set up. */
static inline void clear(struct match_slot *slot)
{
    const size_t line = 64;
    unsigned char *bytes = (unsigned char *)slot;

    static_assert(sizeof(*slot) % 64 == 0, "whole lines");
    for (size_t at = 0; at < sizeof(*slot); at += line) {
        memset(bytes + at, 0, line);
    }
}

/* The best of those that are far enough from each other. */
static void choose(const struct brief *brief, const struct score_days *days,
                   struct match_result *result)
{
    const struct match_request *request = brief->request;
    int64_t apart = search_apart(request);
    struct ranking ranking;

    rank(brief, days, &ranking);
    for (size_t i = 0; i < ranking.count && result->count < request->wanted; i++) {
        struct match_slot *slot = &result->slots[result->count];
        size_t place = ranking.places[i];
        minute_t start = brief->starts[place];

        if (!is_apart(result, start, apart)) {
            continue;
        }
        clear(slot);
        slot->start = start;
        slot->end = start + request->duration;
        slot->heads = (uint32_t)request->party_count;
        score_merit(days, &ranking.tallies[place], &slot->merit);
        result->count++;
    }
}

bool brief_search(const struct match_request *request, const struct sieve_left *left,
                  struct match_result *result)
{
    struct brief brief;

    brief.request = request;
    brief.duration = request->duration;
    if (!is_simple(request) || !list_starts(left, &brief) || !meet_all(&brief)) {
        return false;
    }
    glance_say_common(request, brief.common);
    find_runs(&brief);
    for (size_t i = 0; i < brief.run_count; i++) {
        if (!ask_all(&brief, &brief.runs[i])) {
            return false;
        }
    }
    result->count = 0;
    if (brief.left != 0) {
        struct score_days days =
            score_find_days_from(request, brief.starts[0], brief.civil_days[0]);
        choose(&brief, &days, result);
    }
    return true;
}
