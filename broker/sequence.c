// SPDX-License-Identifier: Apache-2.0

/*
 * sequence.c - the part of series.h that finds times for meetings that follow each other
 *
 * The best time of the first one, then the best one for the second that keeps its gaps,
 * and so on; where one finds none, the one before takes its next best.  Nothing is held
 * before all have a time.
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
    uint32_t min_gap;
    uint32_t max_gap; /* 0: no bound */
    struct entente_slot *slots;
    size_t slot_count;
    size_t chosen;
};

struct sequence {
    struct batch *batch;
    struct command *command;
    struct link links[LINKS];
    size_t count;
    size_t deepest; /* the furthest link that was searched for */
    size_t searches;
};

static bool add_link(struct sequence *sequence, struct entente_spec *spec,
                     const int64_t *people, const struct entente_linked *linked)
{
    struct link *link = &sequence->links[sequence->count++];
    const struct matter *matter =
        handle_new_matter(sequence->batch, sequence->command, spec, people);
    if (matter == NULL) {
        return false;
    }
    *link = (struct link){
        .meeting = matter->meeting,
        .min_gap = linked == NULL ? 0 : linked->min_gap_minutes,
        .max_gap = linked == NULL ? 0 : linked->max_gap_minutes,
    };
    return true;
}

/* False: refused. */
static bool gather(struct sequence *sequence)
{
    struct command *command = sequence->command;
    struct entente_request *request = command->envelope->request;
    bool added = add_link(sequence, request->spec, command->people, NULL);
    for (size_t i = 0; added && i < request->sequence_count; i++) {
        const struct entente_linked *linked = &request->sequence[i];
        unsigned bad = handle_bad_windows(linked->spec, sequence->batch->now_ms);
        if (bad != 0) {
            refuse(sequence->batch, command, bad, NULL, "request.sequence", NULL);
            return false;
        }
        added = add_link(sequence, linked->spec, command->linked[i], linked);
    }
    if (!added) {
        refuse(sequence->batch, command, ERROR_OVERLOADED, NULL, NULL);
    }
    return added;
}

/* The times of link @at that keep its gaps to the one before.  False: refused. */
static bool search(struct sequence *sequence, size_t at)
{
    struct link *link = &sequence->links[at];
    struct propose_question question = {.wanted = CHOICES};
    struct propose_answer answer = {0};
    bool left = true;
    if (at > 0) {
        const struct link *before = &sequence->links[at - 1];
        int64_t end = before->slots[before->chosen].end;
        int64_t last = link->max_gap == 0 ? INT32_MAX : end + link->max_gap;
        left = series_narrow(sequence->batch, link->meeting->spec->duration_minutes,
                             end + link->min_gap, last, &question);
    }
    if (left && !handle_propose(sequence->batch, sequence->command, link->meeting,
                                &question, &answer)) {
        return false;
    }
    link->slots = answer.slots;
    link->slot_count = answer.slot_count;
    link->chosen = 0;
    sequence->deepest = at > sequence->deepest ? at : sequence->deepest;
    sequence->searches++;
    return true;
}

/* False: refused, or there are no times (*ret_found). */
static bool find(struct sequence *sequence, bool *ret_found)
{
    size_t at = 0;
    *ret_found = false;
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
            *ret_found = true;
            return true;
        }
        if (!search(sequence, ++at)) {
            return false;
        }
    }
    return true;
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

static bool hold(struct sequence *sequence)
{
    struct batch *batch = sequence->batch;
    struct series_plan plan;
    if (!series_make_room(batch, sequence->count, &plan)) {
        return false;
    }
    for (uint32_t i = 0; i < sequence->count; i++) {
        const struct link *link = &sequence->links[i];
        struct step step = {
            .row = negotiation_find(NOTHING_YET, SLOT_FOUND),
            .slot = &link->slots[link->chosen],
            .slot_count = 1,
            .party = -1,
            .actor = sequence->command->envelope->request->actor,
        };
        if (!series_join(batch, &plan, link->meeting, i)) {
            return false;
        }
        link->meeting->kept->linked = true;
        link->meeting->kept->min_gap_minutes = link->min_gap;
        link->meeting->kept->max_gap_minutes = link->max_gap;
        matter_step(batch, batch_matter(batch, link->meeting->id.data), &step);
    }
    return true;
}

enum outcome sequence_request(struct batch *batch, struct command *command)
{
    struct sequence sequence = {.batch = batch, .command = command};
    bool found;
    if (!gather(&sequence) || !find(&sequence, &found)) {
        return OUTCOME_DECIDED;
    }
    if (!found) {
        return refuse(batch, command, ERROR_NO_SEQUENCE, NULL,
                      batch_number(batch, (int64_t)sequence.deepest + 1),
                      batch_number(batch, (int64_t)sequence.count), NULL);
    }
    enum outcome seated = seat(&sequence);
    if (seated == OUTCOME_NEEDS || command->failed) {
        return seated;
    }
    if (!hold(&sequence)) {
        batch->exhausted = true; /* half a sequence is none */
        return OUTCOME_DECIDED;
    }
    return reply_meeting(batch, command,
                         batch_matter(batch, sequence.links[0].meeting->id.data));
}
