// SPDX-License-Identifier: Apache-2.0

#include "broker/matter.h"

#include "proto/limits.h"

/* The arrays of a loaded meeting are as large as what they hold. */
static bool make_room(struct batch *batch, struct entente_meeting *meeting)
{
    size_t count = meeting->spec->parties_count;
    struct entente_party *parties =
        arena_array(&batch->arena, count + 1, sizeof(*parties));
    int64_t *people = arena_array(&batch->arena, count + 1, sizeof(*people));
    if (parties == NULL || people == NULL) {
        batch->exhausted = true;
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        parties[i] = meeting->spec->parties[i];
        people[i] = meeting->kept->people[i];
    }
    meeting->spec->parties = parties;
    meeting->kept->people = people;
    return true;
}

int matter_seat(struct batch *batch, struct entente_meeting *meeting,
                const struct entente_party *party, int64_t person, size_t replaced)
{
    size_t at = meeting->spec->parties_count;
    if (at >= LIMIT_PARTIES || !make_room(batch, meeting)) {
        return -1;
    }
    meeting->spec->parties[at] = *party;
    meeting->spec->parties[at].replaces = (uint32_t)replaced + 1;
    meeting->spec->parties[at].attends = true;
    meeting->kept->people[at] = person;
    meeting->spec->parties_count = at + 1;
    meeting->kept->people_count = at + 1;
    return (int)at;
}
