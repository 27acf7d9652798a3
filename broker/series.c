// SPDX-License-Identifier: Apache-2.0
#include "broker/series.h"

#include "broker/series_internal.h"
#include "broker/until.h"
#include "proto/limits.h"
#include "proto/recurrence.h"

#include <string.h>

enum {
    CANDIDATES = 8,       /* first starts of which it is tried how often they suit */
    MANY_CANDIDATES = 32, /* where the first time suits nobody */
    RANKS = LIMIT_OCCURRENCES + 1,
    TRIES = 2 * RANKS,
    WEEK = 7 * 1440,
};

bool series_is_asked(const struct entente_spec *spec)
{
    return recurrence_of(spec).occurrences != 1;
}

/* ---- the spec of one occurrence ----------------------------------------------------
 */

/* An occurrence is moved within half of the way to its neighbours. */
static int32_t half_step(const struct entente_spec *spec)
{
    switch ((enum entente_step)recurrence_of(spec).step) {
    case ENTENTE_WEEKLY:
        return WEEK / 2;
    case ENTENTE_FORTNIGHTLY:
        return WEEK;
    case ENTENTE_MONTHLY:
        return 2 * WEEK;
    }
    return WEEK / 2;
}

/* The windows of @whole as they lie around an occurrence that begins at @start, when the
 * first one begins at @first; the occurrence itself where nothing is left of them. */
static bool move_windows(struct batch *batch, const struct entente_spec *whole,
                         int32_t first, int32_t start, struct entente_spec *spec)
{
    int32_t half = half_step(whole);
    int32_t duration = (int32_t)whole->duration_minutes;
    struct entente_span *windows =
        arena_array(&batch->arena, whole->windows_count + 1, sizeof(*windows));
    if (windows == NULL) {
        return false;
    }
    spec->windows = windows;
    spec->windows_count = 0;
    spec->picked = NULL;
    spec->picked_count = 0;
    for (size_t i = 0; i < whole->windows_count; i++) {
        int32_t from = whole->windows[i].start + (start - first);
        int32_t until = whole->windows[i].end + (start - first);
        from = from < start - half ? start - half : from;
        until = until > start + half ? start + half : until;
        if (until - from >= duration) {
            windows[spec->windows_count++] = (struct entente_span){from, until};
        }
    }
    if (spec->windows_count == 0) {
        windows[spec->windows_count++] = (struct entente_span){start, start + duration};
    }
    return true;
}

static struct entente_spec *spec_of_one(struct batch *batch,
                                        const struct entente_spec *whole, int32_t first,
                                        int32_t start)
{
    struct entente_spec *spec = arena_copy(&batch->arena, whole, sizeof(*whole));
    if (spec == NULL || !move_windows(batch, whole, first, start, spec)) {
        return NULL;
    }
    spec->occurrences = 0;
    spec->recurrence = NULL;
    spec->step = 0;
    spec->held_slots = 0; /* one time for each */
    spec->target = whole->target == 0 ? 0 : whole->target + (start - first);
    return spec;
}

/* ---- the common time ---------------------------------------------------------------
 */

/* Ask about one occurrence: exactly @start, or (0) the best time of its own. */
static bool ask_one(struct batch *batch, struct command *command,
                    const struct entente_meeting *meeting, int32_t start,
                    struct propose_answer *ret_answer)
{
    struct propose_question question = {.wanted = 1, .exact = start};
    return handle_propose(batch, command, meeting, &question, ret_answer);
}

/* How many of the later occurrences @slot does not suit. */
static bool count_conflicts(struct batch *batch, struct command *command,
                            const struct entente_meeting *meeting,
                            const struct entente_slot *slot, size_t *ret_count)
{
    struct entente_meeting one = *meeting;
    size_t count = 0;
    for (size_t i = 0; i < slot->again_count; i++) {
        struct propose_answer answer;
        one.spec = spec_of_one(batch, meeting->spec, slot->start, slot->again[i]);
        if (one.spec == NULL) {
            refuse(batch, command, ERROR_OVERLOADED, NULL, NULL);
            return false;
        }
        if (!ask_one(batch, command, &one, slot->again[i], &answer)) {
            return false;
        }
        count += answer.slot_count == 0 ? 1 : 0;
    }
    *ret_count = count;
    return true;
}

/* Of these times the one that suits most often,
 * unless that is never.  NULL in *ret_slot: there is none.  False: refused. */
static bool choose_most_often(struct batch *batch, struct command *command,
                              const struct entente_meeting *meeting,
                              const struct propose_answer *answer, bool first_suits,
                              const struct entente_slot **ret_slot)
{
    size_t fewest = SIZE_MAX;
    *ret_slot = NULL;
    for (size_t i = 0; i < answer->slot_count; i++) {
        const struct entente_slot *slot = &answer->slots[i];
        size_t conflicts;
        if (!count_conflicts(batch, command, meeting, slot, &conflicts)) {
            return false;
        }
        bool suits_somewhen = first_suits || conflicts < slot->again_count;
        if (suits_somewhen && conflicts < fewest) {
            fewest = conflicts;
            *ret_slot = slot;
        }
    }
    return true;
}

/* Of the best times that suit the first time, the one that suits most often.  NULL in
 * *ret_slot: there is none.  False: refused. */
static bool find_most_often(struct batch *batch, struct command *command,
                            const struct entente_meeting *meeting,
                            const struct entente_slot **ret_slot)
{
    struct propose_question once = {.wanted = CANDIDATES, .first_only = true};
    struct propose_answer answer;
    return handle_propose(batch, command, meeting, &once, &answer) &&
           choose_most_often(batch, command, meeting, &answer, true, ret_slot);
}

/* As if anybody could stay away: the best times are those that suit most of them. */
static struct entente_spec *spec_without_needs(struct batch *batch,
                                               const struct entente_spec *whole)
{
    struct entente_spec *spec = arena_copy(&batch->arena, whole, sizeof(*whole));
    struct entente_party *parties =
        arena_array(&batch->arena, whole->parties_count, sizeof(*parties));
    if (spec == NULL || parties == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < whole->parties_count; i++) {
        parties[i] = whole->parties[i];
        parties[i].importance = ENTENTE_OPTIONAL;
    }
    spec->parties = parties;
    spec->quorum = 0;
    return spec;
}

/* The first time is itself a conflict: the time that suits the others most often.  NULL in
 * *ret_slot: there is none.  False: refused. */
static bool find_without_first(struct batch *batch, struct command *command,
                               const struct entente_meeting *meeting,
                               const struct entente_slot **ret_slot)
{
    struct propose_question once = {.wanted = MANY_CANDIDATES, .first_only = true};
    struct propose_answer answer;
    struct entente_meeting anybody = *meeting;
    *ret_slot = NULL;
    if (meeting->kept->pools_count > 0) {
        return true; /* who takes part is chosen at the first time */
    }
    anybody.spec = spec_without_needs(batch, meeting->spec);
    if (anybody.spec == NULL) {
        refuse(batch, command, ERROR_OVERLOADED, NULL, NULL);
        return false;
    }
    return handle_propose(batch, command, &anybody, &once, &answer) &&
           choose_most_often(batch, command, meeting, &answer, false, ret_slot);
}

/* The common time of a series of so many meetings.  False: refused. */
static bool find_slot(struct batch *batch, struct command *command,
                      const struct entente_meeting *meeting, enum propose_why why,
                      const struct entente_slot **ret_slot,
                      struct entente_why_not **ret_why_not)
{
    struct propose_question always = {
        .wanted = 1, .why = *ret_why_not == NULL ? why : PROPOSE_WHY_NEVER};
    struct propose_answer answer;
    if (!handle_propose(batch, command, meeting, &always, &answer)) {
        return false;
    }
    *ret_slot = answer.slot_count == 0 ? NULL : answer.slots;
    *ret_why_not = *ret_why_not == NULL ? answer.why_not : *ret_why_not;
    return *ret_slot != NULL || find_most_often(batch, command, meeting, ret_slot);
}

/* The series of so many meetings that is searched for after @rank others; NULL in
 * *ret_spec: there is none.  False: memory is used up. */
static bool spec_of_rank(struct batch *batch, struct entente_spec *whole, size_t rank,
                         struct entente_spec **ret_spec)
{
    if (until_is_asked(whole)) {
        return until_spec(&batch->arena, whole, rank, ret_spec);
    }
    *ret_spec = rank == 0 ? whole : NULL;
    return true;
}

/* The common time, and in the meeting's spec how many meetings there are.  NULL in
 * *ret_slot: there is none, and the spec is as it was.  False: refused. */
static bool find_common(struct batch *batch, struct command *command,
                        struct entente_meeting *meeting, enum propose_why why,
                        const struct entente_slot **ret_slot,
                        struct entente_why_not **ret_why_not)
{
    struct entente_spec *whole = meeting->spec;
    bool found = true;
    *ret_slot = NULL;
    /* Without the first one only where none of them suits with it. */
    for (size_t i = 0; i < TRIES && found && *ret_slot == NULL; i++) {
        if (!spec_of_rank(batch, whole, i % RANKS, &meeting->spec)) {
            meeting->spec = whole;
            return refuse(batch, command, ERROR_OVERLOADED, NULL, NULL) ==
                   OUTCOME_NEEDS;
        }
        if (meeting->spec == NULL) {
            i = i < RANKS ? RANKS - 1 : TRIES;
        } else if (i < RANKS) {
            found = find_slot(batch, command, meeting, why, ret_slot, ret_why_not);
        } else {
            found = find_without_first(batch, command, meeting, ret_slot);
        }
    }
    if (*ret_slot == NULL) {
        meeting->spec = whole;
    }
    return found;
}

/* ---- the meetings ------------------------------------------------------------------
 */

bool series_make_room(struct batch *batch, size_t count, struct series_plan *ret_plan)
{
    *ret_plan = (struct series_plan){
        .count = count,
        .ids = arena_array(&batch->arena, count, SERIES_ID),
        .conflicts = arena_array(&batch->arena, count, sizeof(*ret_plan->conflicts)),
    };
    return ret_plan->ids != NULL && ret_plan->conflicts != NULL;
}

bool series_join(struct batch *batch, struct series_plan *plan,
                 struct entente_meeting *meeting, uint32_t index)
{
    struct entente_series *series = arena_alloc(&batch->arena, sizeof(*series));
    if (series == NULL) {
        return false;
    }
    memcpy(plan->ids + (size_t)index * SERIES_ID, meeting->id.data, SERIES_ID);
    *series = (struct entente_series){.id = {plan->ids, SERIES_ID},
                                      .index = index,
                                      .count = (uint32_t)plan->count,
                                      .conflicts = plan->conflicts,
                                      .conflicts_count = plan->conflict_count};
    meeting->series = series;
    meeting->kept->siblings =
        (struct entente_bytes){plan->ids, plan->count * SERIES_ID};
    return true;
}

struct matter *series_new_meeting(struct batch *batch,
                                  const struct entente_meeting *first,
                                  struct entente_spec *spec)
{
    struct entente_meeting *meeting = arena_alloc(&batch->arena, sizeof(*meeting));
    struct entente_kept *kept = arena_alloc(&batch->arena, sizeof(*kept));
    size_t count = spec->parties_count;
    struct entente_party *parties = arena_array(&batch->arena, count, sizeof(*parties));
    int64_t *people = arena_array(&batch->arena, count, sizeof(*people));
    if (meeting == NULL || kept == NULL || parties == NULL || people == NULL ||
        !handle_new_id(batch, &meeting->id)) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        parties[i] = spec->parties[i];
        people[i] = first->kept->people[i];
    }
    spec->parties = parties;
    meeting->spec = spec;
    meeting->kept = kept;
    meeting->created_ms = batch->now_ms;
    meeting->organizer_client = first->organizer_client;
    meeting->search_until_ms = handle_search_end(spec, spec->search_until_ms);
    kept->organizer = first->kept->organizer;
    kept->people = people;
    kept->people_count = count;
    kept->pools = first->kept->pools;
    kept->pools_count = first->kept->pools_count;
    return batch_new_matter(batch, meeting);
}

/* Hold @matter at @start if that suits, else at the best time of its own; else it goes on
 * searching.  *ret_suits: it was the common time. */
static bool place_one(struct batch *batch, struct command *command,
                      struct matter *matter, int32_t start,
                      const struct entente_actor *actor, bool *ret_suits)
{
    struct entente_meeting *meeting = matter->meeting;
    struct propose_answer answer;
    matter->common_start = start;
    if (!ask_one(batch, command, meeting, start, &answer)) {
        return false;
    }
    *ret_suits = answer.slot_count > 0;
    if (!*ret_suits && !ask_one(batch, command, meeting, 0, &answer)) {
        return false;
    }
    bool found = answer.slot_count > 0;
    enum negotiation_state state = (enum negotiation_state)meeting->state;
    struct step step = {
        .row = negotiation_find(state, found ? SLOT_FOUND : NO_SLOT),
        .party = -1,
        .actor = actor,
    };
    handle_hold(meeting, &answer, &step);
    matter_step(batch, matter, &step);
    return true;
}

/* Everybody of the series learns which of its meetings have a time of their own. */
static void tell_conflicts(struct batch *batch, const struct series_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct entente_series *series =
            batch_matter(batch, plan->ids + i * SERIES_ID)->meeting->series;
        series->conflicts = plan->conflicts;
        series->conflicts_count = plan->conflict_count;
    }
}

static bool place_all(struct batch *batch, struct command *command,
                      struct matter *matter, const struct entente_slot *slot,
                      const struct entente_actor *actor, struct series_plan *plan)
{
    const struct entente_meeting *first = matter->meeting;
    const struct entente_spec *whole = first->spec;
    struct entente_meeting *meeting = matter->meeting;
    for (uint32_t i = 0; i < plan->count; i++) {
        int32_t start = i == 0 ? slot->start : slot->again[i - 1];
        bool suits = false;
        struct entente_spec *spec = spec_of_one(batch, whole, slot->start, start);
        if (spec == NULL) {
            return false;
        }
        if (i == 0) {
            meeting->spec = spec;
        } else {
            struct matter *next = series_new_meeting(batch, first, spec);
            if (next == NULL) {
                return false;
            }
            meeting = next->meeting;
        }
        if (!series_join(batch, plan, meeting, i) ||
            !place_one(batch, command, batch_matter(batch, meeting->id.data), start,
                       actor, &suits)) {
            return false;
        }
        if (!suits) {
            plan->conflicts[plan->conflict_count++] = i;
        }
    }
    tell_conflicts(batch, plan);
    return true;
}

/* The organizer looks elsewhere before anything is held. */
static void look_on(struct batch *batch, struct matter *matter,
                    const struct entente_actor *actor)
{
    struct step step = {
        .row =
            negotiation_find((enum negotiation_state)matter->meeting->state, SEARCH_ON),
        .party = -1,
        .actor = actor,
    };
    matter_step(batch, matter, &step);
}

/* False: more would be held, or wait, than is allowed; who asks is told so, who waits waits on. */
static bool may_open(struct batch *batch, struct command *command,
                     const struct entente_meeting *meeting, size_t count)
{
    struct handle_excess excess;
    if (handle_may_hold(batch, meeting, count, &excess)) {
        /* Any of them may have to wait for a time of its own. */
        return command->client == NULL ||
               handle_may_wait(batch, command, meeting, count);
    }
    if (command->client != NULL) {
        handle_too_many_holds(batch, command, &excess);
    }
    return false;
}

enum outcome series_open(struct batch *batch, struct command *command,
                         struct matter *matter, const struct series_asked *asked,
                         bool *ret_opened, struct entente_why_not **ret_why_not)
{
    struct entente_meeting *meeting = matter->meeting;
    struct entente_spec *whole = meeting->spec;
    const struct entente_slot *slot;
    struct series_plan plan;
    *ret_opened = false;
    *ret_why_not = NULL;
    if (!find_common(batch, command, meeting, asked->why, &slot, ret_why_not) ||
        slot == NULL) {
        return OUTCOME_DECIDED;
    }
    size_t count = slot->again_count + 1;
    if (!may_open(batch, command, meeting, count)) {
        meeting->spec = whole;
        return OUTCOME_DECIDED;
    }
    enum outcome seated = handle_seat_pools(batch, command, meeting, slot);
    if (seated == OUTCOME_NEEDS || command->failed) {
        meeting->spec = whole;
        return seated;
    }
    if (asked->looks_on) {
        look_on(batch, matter, asked->actor);
    }
    if (!series_make_room(batch, count, &plan) ||
        !place_all(batch, command, matter, slot, asked->actor, &plan)) {
        batch->exhausted = true; /* half a series is none */
        return OUTCOME_DECIDED;
    }
    *ret_opened = true;
    return OUTCOME_DECIDED;
}
