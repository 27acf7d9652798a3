// SPDX-License-Identifier: Apache-2.0

/*
 * sequence.c - the part of series.h that finds times for meetings that follow each other
 *
 * The best time of the first one, then the best one for the second that keeps its gaps,
 * and so on; where one finds none, the one before takes its next best.  Nothing is held
 * before all have a time: until then they wait together.
 */
#include "broker/series_internal.h"

#include "proto/limits.h"

#include <string.h>

enum {
    LINKS = LIMIT_SEQUENCE + 1, /* the first one included */
    CHOICES = 6,                /* of each link, best first */
    SEARCHES = 200,             /* altogether: a few milliseconds */
};

struct link {
    struct entente_meeting *meeting;
    struct entente_slot *slots;
    size_t slot_count;
    size_t chosen;

    /* As it was, for who is not seated in the end. */
    struct entente_spec *spec;
    struct entente_kept kept;
};

struct sequence {
    struct batch *batch;
    struct command *command;
    struct link links[LINKS];
    size_t count;
    size_t searches;
    bool found;

    /* The furthest link that found nothing, and among which times it was searched. */
    bool has_failed;
    size_t failed;
    struct propose_question question;
};

/* ---- searching ---------------------------------------------------------------------
 */

/* The times of link @at that keep its gaps to the one before.  False: refused. */
static bool search(struct sequence *sequence, size_t at)
{
    struct link *link = &sequence->links[at];
    const struct entente_kept *kept = link->meeting->kept;
    struct propose_question question = {
        .wanted = CHOICES,
        .refused = kept->refused_starts,
        .refused_count = kept->refused_starts_count,
    };
    struct propose_answer answer = {0};
    bool left = true;
    if (at > 0) {
        const struct link *before = &sequence->links[at - 1];
        int64_t end = before->slots[before->chosen].end;
        int64_t last =
            kept->max_gap_minutes == 0 ? INT32_MAX : end + kept->max_gap_minutes;
        left = series_narrow(sequence->batch, link->meeting->spec->duration_minutes,
                             end + kept->min_gap_minutes, last, &question);
    }
    const struct propose_question asked = question;
    if (left && !handle_propose(sequence->batch, sequence->command, link->meeting,
                                &question, &answer)) {
        return false;
    }
    link->slots = answer.slots;
    link->slot_count = answer.slot_count;
    link->chosen = 0;
    sequence->searches++;
    if (left && answer.slot_count == 0 &&
        (!sequence->has_failed || at > sequence->failed)) {
        sequence->has_failed = true;
        sequence->failed = at;
        sequence->question = asked;
    }
    return true;
}

/* False: refused. */
static bool find(struct sequence *sequence)
{
    size_t at = 0;
    if (!search(sequence, 0)) {
        return false;
    }
    while (sequence->searches < SEARCHES) {
        struct link *link = &sequence->links[at];
        if (link->chosen == link->slot_count) {
            if (at == 0) {
                return true;
            }
            sequence->links[--at].chosen++;
            continue;
        }
        if (at + 1 == sequence->count) {
            sequence->found = true;
            return true;
        }
        if (!search(sequence, ++at)) {
            return false;
        }
    }
    return true;
}

/* The organizer is told why of the meeting that kept the others from being held. */
static void explain(struct sequence *sequence)
{
    struct propose_answer answer;
    struct propose_question question = sequence->question;
    if (!sequence->has_failed) {
        return;
    }
    struct entente_meeting *meeting = sequence->links[sequence->failed].meeting;
    question.why = PROPOSE_WHY_IF_NONE;
    if (handle_propose(sequence->batch, sequence->command, meeting, &question,
                       &answer)) {
        meeting->why_not = answer.why_not;
    }
}

/* Who is chosen from pools takes part.  OUTCOME_NEEDS: they have to be locked first. */
static enum outcome seat(struct sequence *sequence)
{
    enum outcome outcome = OUTCOME_DECIDED;
    for (size_t i = 0; i < sequence->count; i++) {
        const struct link *link = &sequence->links[i];
        enum outcome seated =
            handle_seat_pools(sequence->batch, sequence->command, link->meeting,
                              &link->slots[link->chosen]);
        outcome = seated == OUTCOME_NEEDS ? seated : outcome;
    }
    return outcome;
}

/* False: more would be held than is allowed (*ret_excess). */
static bool may_hold(const struct sequence *sequence, struct handle_excess *ret_excess)
{
    for (size_t i = 0; i < sequence->count; i++) {
        /* As if whoever is in this one were in all before it. */
        if (!handle_may_hold(sequence->batch, sequence->links[i].meeting, i + 1,
                             ret_excess)) {
            return false;
        }
    }
    return true;
}

/* All of them take the same step; each has its own time, if it is one that holds. */
static void step_all(struct sequence *sequence, enum negotiation_event event,
                     const struct entente_actor *actor)
{
    for (size_t i = 0; i < sequence->count; i++) {
        const struct link *link = &sequence->links[i];
        struct step step = {
            .row =
                negotiation_find((enum negotiation_state)link->meeting->state, event),
            .party = -1,
            .actor = actor,
        };
        if (event == SLOT_FOUND) {
            step.slot = &link->slots[link->chosen];
            step.slot_count = 1;
        }
        matter_step(sequence->batch,
                    batch_matter(sequence->batch, link->meeting->id.data), &step);
    }
}

static void add_link(struct sequence *sequence, struct entente_meeting *meeting)
{
    sequence->links[sequence->count++] = (struct link){
        .meeting = meeting, .spec = meeting->spec, .kept = *meeting->kept};
}

/* ---- asking ------------------------------------------------------------------------
 */

/* A meeting of its own for each link.  False: refused. */
static bool gather(struct sequence *sequence)
{
    struct batch *batch = sequence->batch;
    struct command *command = sequence->command;
    struct entente_request *request = command->envelope->request;
    struct series_plan plan;
    bool made = series_make_room(batch, request->sequence_count + 1, &plan);
    for (size_t i = 0; made && i < plan.count; i++) {
        const struct entente_linked *linked = i == 0 ? NULL : &request->sequence[i - 1];
        struct entente_spec *spec = i == 0 ? request->spec : linked->spec;
        unsigned bad = handle_bad_windows(spec, batch->now_ms);
        if (bad != 0) {
            refuse(batch, command, bad, NULL, "request.sequence", NULL);
            return false;
        }
        const struct matter *matter = handle_new_matter(
            batch, command, spec, i == 0 ? command->people : command->linked[i - 1]);
        made =
            matter != NULL && series_join(batch, &plan, matter->meeting, (uint32_t)i);
        if (made) {
            struct entente_kept *kept = matter->meeting->kept;
            kept->linked = true;
            kept->min_gap_minutes = i == 0 ? 0 : linked->min_gap_minutes;
            kept->max_gap_minutes = i == 0 ? 0 : linked->max_gap_minutes;
            add_link(sequence, matter->meeting);
        }
    }
    if (!made) {
        refuse(batch, command, ERROR_OVERLOADED, NULL, NULL);
    }
    return made;
}

/* They wait no longer than the first of them can: without it the others are not wanted. */
static void share_search_end(struct sequence *sequence)
{
    int64_t first_ms = INT64_MAX;
    for (size_t i = 0; i < sequence->count; i++) {
        int64_t end_ms = sequence->links[i].meeting->search_until_ms;
        first_ms = end_ms < first_ms ? end_ms : first_ms;
    }
    for (size_t i = 0; i < sequence->count; i++) {
        sequence->links[i].meeting->search_until_ms = first_ms;
    }
}

enum outcome sequence_request(struct batch *batch, struct command *command)
{
    struct sequence sequence = {.batch = batch, .command = command};
    struct handle_excess excess;
    const struct entente_actor *actor = command->envelope->request->actor;
    if (!gather(&sequence) || !find(&sequence)) {
        return OUTCOME_DECIDED;
    }
    if (sequence.found) {
        enum outcome seated = seat(&sequence);
        if (seated == OUTCOME_NEEDS || command->failed) {
            return seated;
        }
        if (!may_hold(&sequence, &excess)) {
            return handle_too_many_holds(batch, command, &excess);
        }
        step_all(&sequence, SLOT_FOUND, actor);
    } else {
        const struct entente_meeting *first = sequence.links[0].meeting;
        share_search_end(&sequence);
        if (first->search_until_ms > batch->now_ms &&
            !handle_may_wait(batch, command, first, sequence.count)) {
            return OUTCOME_DECIDED;
        }
        explain(&sequence);
        step_all(&sequence, NO_SLOT, actor);
        if (first->search_until_ms <= batch->now_ms) {
            step_all(&sequence, TIME_OVER, actor);
        }
    }
    return reply_meeting(batch, command,
                         batch_matter(batch, sequence.links[0].meeting->id.data));
}

/* ---- waiting -----------------------------------------------------------------------
 */

static bool is_searching(const struct entente_meeting *meeting)
{
    return meeting != NULL && meeting->state == ENTENTE_SEARCHING;
}

/* @meeting and its neighbours as far as they wait, too. */
static void gather_waiting(struct sequence *sequence, struct entente_meeting *meeting)
{
    struct batch *batch = sequence->batch;
    int64_t from = 0;
    int64_t until = 0;
    while (is_searching(series_neighbour(batch, meeting, from - 1))) {
        from--;
    }
    while (is_searching(series_neighbour(batch, meeting, until + 1))) {
        until++;
    }
    for (int64_t i = from; i <= until && sequence->count < LINKS; i++) {
        add_link(sequence, i == 0 ? meeting : series_neighbour(batch, meeting, i));
    }
}

bool sequence_is(const struct entente_meeting *meeting)
{
    return meeting->series != NULL && meeting->kept->linked;
}

enum outcome sequence_find(struct batch *batch, struct command *command,
                           struct entente_meeting *meeting,
                           struct sequence **ret_sequence)
{
    struct sequence *sequence = arena_alloc(&batch->arena, sizeof(*sequence));
    struct handle_excess excess;
    *ret_sequence = sequence;
    if (sequence == NULL) {
        batch->exhausted = true;
        return OUTCOME_DECIDED;
    }
    sequence->batch = batch;
    sequence->command = command;
    gather_waiting(sequence, meeting);
    if (!find(sequence) || !sequence->found) {
        return OUTCOME_DECIDED;
    }
    enum outcome outcome = seat(sequence);
    /* More than is allowed is not held: they wait on, as they were. */
    sequence->found =
        outcome != OUTCOME_NEEDS && !command->failed && may_hold(sequence, &excess);
    if (!sequence->found) {
        sequence_forget(sequence);
    }
    return outcome;
}

void sequence_forget(struct sequence *sequence)
{
    for (size_t i = 0; i < sequence->count; i++) {
        struct link *link = &sequence->links[i];
        link->meeting->spec = link->spec;
        *link->meeting->kept = link->kept;
    }
}

bool sequence_is_found(const struct sequence *sequence)
{
    return sequence->found;
}

void sequence_hold(struct sequence *sequence, const struct entente_actor *actor)
{
    step_all(sequence, SLOT_FOUND, actor);
}

void sequence_explain(struct sequence *sequence)
{
    explain(sequence);
}

void sequence_end(struct sequence *sequence, const struct entente_actor *actor)
{
    explain(sequence);
    step_all(sequence, TIME_OVER, actor);
}
