// SPDX-License-Identifier: Apache-2.0

#include "broker/fair.h"

#include "broker/due.h"
#include "broker/matter.h"
#include "broker/series.h"

#include <string.h>

/* Whoever has let others pass so often goes: perhaps they cannot be decided at all. */
enum { PATIENCE = 4 };

/* Where somebody stands among those who wait. */
struct rank {
    uint32_t priority;
    int64_t since_ms;
    const uint8_t *meeting; /* NULL: behind all that came at the same time */
};

static uint32_t priority_of(const struct entente_spec *spec)
{
    return spec->priority == 0 ? ENTENTE_ROUTINE : spec->priority;
}

static bool is_before(const struct store_sooner *row, const struct rank *rank)
{
    if (row->priority != rank->priority) {
        return row->priority > rank->priority;
    }
    if (row->since_ms != rank->since_ms) {
        return row->since_ms < rank->since_ms;
    }
    return rank->meeting == NULL || memcmp(row->meeting.bytes, rank->meeting, 16) < 0;
}

static bool is_of(const int64_t *people, size_t count, int64_t person)
{
    for (size_t i = 0; i < count; i++) {
        if (people[i] == person) {
            return true;
        }
    }
    return false;
}

static bool is_wanted_by(const struct entente_meeting *meeting, int64_t person)
{
    const struct entente_kept *kept = meeting->kept;
    bool found = is_of(kept->people, kept->people_count, person);
    for (size_t i = 0; i < kept->pools_count && !found; i++) {
        found = is_of(kept->pools[i].people, kept->pools[i].people_count, person);
    }
    return found;
}

/* Does @command, about @meeting (NULL: a new one), want this person's time? */
static bool wants(struct batch *batch, const struct command *command,
                  const struct entente_meeting *meeting, int64_t person)
{
    if (is_of(command->people, command->people_count, person)) {
        return true;
    }
    if (meeting == NULL) {
        return false;
    }
    if (is_wanted_by(meeting, person)) {
        return true;
    }
    /* Those that wait together take their times together. */
    const uint8_t *sibling = NULL;
    for (size_t i = 0; meeting->state == ENTENTE_SEARCHING && sequence_is(meeting) &&
                       (sibling = series_sibling(meeting->kept, i)) != NULL;
         i++) {
        const struct matter *matter = batch_matter(batch, sibling);
        if (matter != NULL && is_wanted_by(matter->meeting, person)) {
            return true;
        }
    }
    return false;
}

/* Is @meeting what was put there last?  Rows of one meeting follow each other. */
static bool is_last(const struct command *command, const struct store_id *meeting)
{
    return command->first_count > 0 &&
           memcmp(&command->first[command->first_count - 1].meeting, meeting,
                  sizeof(*meeting)) == 0;
}

static void add_first(struct batch *batch, struct command *command,
                      const struct store_due *due)
{
    void *list = command->first;
    struct store_due *place = batch_grow(batch, &list, &command->first_count,
                                         &command->first_capacity, sizeof(*place));
    command->first = list;
    if (place != NULL) {
        *place = *due;
    }
}

/* ---- other meetings ----------------------------------------------------------------
 */

/* Has it been seen to earlier in this batch? */
static bool is_seen_to(struct batch *batch, const struct store_sooner *row)
{
    const struct matter *matter = batch_matter(batch, row->meeting.bytes);
    struct store_due due;
    if (matter == NULL) {
        return false;
    }
    if ((matter->seen_to >> row->reason & 1) != 0) {
        return true;
    }
    return row->reason == DUE_SEARCH
               ? matter->meeting->state != ENTENTE_SEARCHING
               : !matter_is_overdue(matter->meeting, batch->now_ms, &due);
}

/* Has somebody's time that @command wants been given back earlier in this batch?  Who waits
 * for it is known after the commit. */
static bool is_released(struct batch *batch, const struct command *command,
                        const struct entente_meeting *meeting)
{
    for (size_t i = 0; i < batch->before_count; i++) {
        const struct claim_before *before = &batch->before[i];
        if (wants(batch, command, meeting, before->person) &&
            batch_has_released(batch, before)) {
            return true;
        }
    }
    return false;
}

/* @rank: NULL if it looks for no slot. */
static void add_others(struct batch *batch, struct command *command,
                       const struct entente_meeting *meeting, const struct rank *rank)
{
    for (size_t i = 0; i < batch->loaded->sooner_count; i++) {
        const struct store_sooner *row = &batch->loaded->sooner[i];
        if (row->reason == DUE_SEARCH && (rank == NULL || !is_before(row, rank))) {
            return; /* and so is nobody behind it: they stand in this order */
        }
        bool own =
            meeting != NULL && memcmp(row->meeting.bytes, meeting->id.data, 16) == 0;
        if (!own && !is_last(command, &row->meeting) && !is_seen_to(batch, row) &&
            wants(batch, command, meeting, row->person)) {
            const struct store_due due = {.meeting = row->meeting,
                                          .reason = row->reason};
            add_first(batch, command, &due);
        }
    }
}

/* Does it look for a slot that others may wait for?  Then *ret_rank is where it stands. */
static bool is_seeking(const struct batch *batch, const struct command *command,
                       const struct entente_meeting *meeting, struct rank *ret_rank)
{
    if (command->client == NULL) {
        if (meeting == NULL || meeting->state != ENTENTE_SEARCHING) {
            return false;
        }
        *ret_rank = (struct rank){priority_of(meeting->spec), meeting->created_ms,
                                  meeting->id.data};
        return true;
    }
    if (command->envelope->body != ENTENTE_REQUEST) {
        return false;
    }
    *ret_rank = (struct rank){priority_of(command->envelope->request->spec),
                              batch->now_ms, NULL};
    return true;
}

/* Does it act on its meeting, so that what has passed there comes first? */
static bool is_acting(const struct command *command)
{
    return command->client != NULL && command->has_meeting &&
           command->envelope->body != ENTENTE_EVENT_RESULT;
}

bool fair_waits(struct batch *batch, struct command *command)
{
    struct store_due own;
    struct rank rank;
    command->first = NULL; /* of an earlier batch's arena */
    command->first_count = 0;
    command->first_capacity = 0;
    if (command->waited >= PATIENCE) {
        return false;
    }
    const struct matter *matter =
        command->has_meeting ? batch_matter(batch, command->meeting.bytes) : NULL;
    const struct entente_meeting *meeting = matter == NULL ? NULL : matter->meeting;
    if (meeting != NULL && is_acting(command) &&
        matter_is_overdue(meeting, batch->now_ms, &own)) {
        add_first(batch, command, &own);
    }
    bool seeking = is_seeking(batch, command, meeting, &rank);
    if (seeking || (is_acting(command) && command->with_people)) {
        add_others(batch, command, meeting, seeking ? &rank : NULL);
    }
    bool waits =
        command->first_count > 0 || (seeking && is_released(batch, command, meeting));
    command->waited += waits ? 1 : 0;
    return waits;
}
