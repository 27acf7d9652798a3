// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/known.h"

#include <string.h>

static struct known *find_or_make(struct known *known, size_t capacity, size_t *count,
                                  const uint8_t *id)
{
    size_t place = 0;
    for (size_t i = 0; i < *count; i++) {
        if (memcmp(known[i].id, id, 16) == 0) {
            return &known[i];
        }
        if (known[i].state > ENTENTE_WAITING_ORGANIZER) {
            place = i;
        }
    }
    if (*count < capacity) {
        place = (*count)++;
    }
    known[place] = (struct known){0};
    memcpy(known[place].id, id, 16);
    return &known[place];
}

static void learn_proposal(struct known *known, const struct entente_proposal *proposal)
{
    known->proposal = proposal == NULL ? 0 : proposal->number;
    known->start = proposal == NULL ? 0 : proposal->start;
    known->end = proposal == NULL ? 0 : proposal->end;
    known->candidate_count = 0;
    for (size_t i = 0;
         proposal != NULL && i < KNOWN_CANDIDATES && i < proposal->candidates_count;
         i++) {
        known->candidates[known->candidate_count++] = proposal->candidates[i].start;
    }
}

void known_learn(struct known *known, size_t capacity, size_t *count,
                 const struct entente_meeting *meeting, const char *self,
                 known_person_fn person_of)
{
    struct known *one = find_or_make(known, capacity, count, meeting->id.data);
    if (meeting->version < one->version) {
        return;
    }
    one->version = meeting->version;
    one->state = meeting->state;
    learn_proposal(one, meeting->proposal);
    one->alternative =
        meeting->alternatives_count == 0 ? 0 : meeting->alternatives[0].start;
    one->mine = meeting->organizer_client != NULL &&
                strcmp(meeting->organizer_client, self) == 0;
    one->party_count = meeting->spec->parties_count < KNOWN_PARTIES
                           ? meeting->spec->parties_count
                           : KNOWN_PARTIES;
    for (size_t i = 0; i < one->party_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        one->parties[i].person = person_of(party->identifier);
        one->parties[i].attends = party->attends && !party->dropped;
        one->parties[i].guest = party->kind == ENTENTE_GUEST;
        one->parties[i].diverged = party->diverged != 0;
        one->parties[i].awaited = one->parties[i].attends && party->answer == 0;
    }
}
