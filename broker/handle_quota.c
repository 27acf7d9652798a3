// SPDX-License-Identifier: Apache-2.0

/*
 * handle_quota.c - nobody holds more than is allowed of everybody's time, or of one
 *                  person's, and nobody has more meetings wait for a time than are allowed
 *
 * What counts are slots that are held and not agreed: a poll counts as many as it holds.
 * What waits is searched again whenever somebody concerned becomes freer.
 */
#include "broker/handle.h"

#include "proto/limits.h"

#include <stdio.h>

static bool concerns(const struct entente_meeting *meeting, int64_t person)
{
    return person == 0 || matter_party(meeting, person) >= 0;
}

static int64_t loaded_of(const struct batch *batch, int64_t client, int64_t person)
{
    int64_t slots = 0;
    for (size_t i = 0; i < batch->loaded->hold_count; i++) {
        const struct store_hold *hold = &batch->loaded->holds[i];
        if (hold->client == client && hold->person == person) {
            slots += hold->slots;
        }
    }
    return slots;
}

/* What @client holds (of @person; 0: of anybody) with what this batch has changed. */
static int64_t slots_of(const struct batch *batch, int64_t client, int64_t person)
{
    int64_t slots = loaded_of(batch, client, person);
    for (size_t i = 0; i < batch->matter_count; i++) {
        const struct matter *matter = &batch->matters[i];
        if (matter->meeting->kept->organizer == client &&
            concerns(matter->meeting, person)) {
            slots += (int64_t)batch_slots_held(matter->meeting) -
                     (int64_t)matter->held_before;
        }
    }
    return slots;
}

bool handle_may_hold(const struct batch *batch, const struct entente_meeting *meeting,
                     size_t slots, struct handle_excess *ret_excess)
{
    int64_t client = meeting->kept->organizer;
    int64_t all = slots_of(batch, client, 0);
    if (all + (int64_t)slots > LIMIT_HOLDS) {
        *ret_excess = (struct handle_excess){-1, all, LIMIT_HOLDS};
        return false;
    }
    for (size_t i = 0; i < meeting->kept->people_count; i++) {
        int64_t person = meeting->kept->people[i];
        if (person == 0 || meeting->spec->parties[i].dropped) {
            continue;
        }
        int64_t held = slots_of(batch, client, person);
        if (held + (int64_t)slots > LIMIT_HOLDS_OF_PERSON) {
            *ret_excess = (struct handle_excess){(int)i, held, LIMIT_HOLDS_OF_PERSON};
            return false;
        }
    }
    return true;
}

enum outcome handle_too_many_holds(struct batch *batch, struct command *command,
                                   const struct handle_excess *excess)
{
    /* Of whose time, in no language: the sentence around it is translated. */
    char who[64] = "spec.parties";
    if (excess->party >= 0) {
        snprintf(who, sizeof(who), "spec.parties[%d]", excess->party);
    }
    return refuse(batch, command, ERROR_TOO_MANY_HOLDS, NULL, who,
                  batch_number(batch, excess->held), batch_number(batch, excess->most),
                  NULL);
}

bool handle_may_hold_anew(struct batch *batch, struct command *command,
                          const struct entente_meeting *meeting)
{
    struct handle_excess excess;
    if (batch_slots_held(meeting) > 0 || handle_may_hold(batch, meeting, 1, &excess)) {
        return true;
    }
    handle_too_many_holds(batch, command, &excess);
    return false;
}

/* How many meetings of @client other than @meeting wait, with what this batch has changed. */
static int64_t others_waiting(const struct batch *batch, int64_t client,
                              const struct entente_meeting *meeting)
{
    int64_t count = loaded_of(batch, client, STORE_WAITING);
    for (size_t i = 0; i < batch->matter_count; i++) {
        const struct matter *matter = &batch->matters[i];
        if (matter->meeting->kept->organizer == client) {
            bool waits = matter->meeting->state == ENTENTE_SEARCHING &&
                         matter->meeting != meeting;
            count += (waits ? 1 : 0) - (matter->waited_before ? 1 : 0);
        }
    }
    return count;
}

bool handle_may_wait(struct batch *batch, struct command *command,
                     const struct entente_meeting *meeting, size_t count)
{
    int64_t client = meeting->kept->organizer;
    int64_t waiting = others_waiting(batch, client, meeting);
    if (waiting + (int64_t)count <= LIMIT_WAITING) {
        return true;
    }
    refuse(batch, command, ERROR_TOO_MANY_WAITING, NULL, batch_number(batch, waiting),
           batch_number(batch, LIMIT_WAITING), NULL);
    return false;
}
