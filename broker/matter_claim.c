// SPDX-License-Identifier: Apache-2.0

#include "broker/matter_internal.h"

/* Where this party is when the meeting is held with @option. */
static uint16_t place_of(struct batch *batch, const struct entente_spec *spec,
                         const struct entente_party *party, uint32_t option)
{
    const char *place =
        option < spec->options_count ? spec->options[option].place : spec->place;
    return index_name_place(batch->index, party->place != NULL ? party->place : place);
}

/* The claims that the meeting now has on each of its people. */
/* What the party holds: of a poll, every candidate at which it can come. */
static size_t held_claims(struct batch *batch, const struct entente_meeting *meeting,
                          size_t i, struct index_hold *ret)
{
    const struct entente_kept *kept = meeting->kept;
    const struct entente_party *party = &meeting->spec->parties[i];
    const struct entente_proposal *proposal = meeting->proposal;
    size_t count = 0;
    if (kept->held_end == 0 || !party->attends || party->dropped) {
        return 0;
    }
    if (!matter_poll_is_open(meeting)) {
        ret[0] = (struct index_hold){
            {kept->held_start, kept->held_end},
            place_of(batch, meeting->spec, party, proposal->option)};
        return 1;
    }
    for (size_t j = 0; j < kept->candidates_count; j++) {
        const struct entente_slot *slot = &proposal->candidates[j];
        if (!matter_poll_is_absent(slot, i)) {
            ret[count++] = (struct index_hold){
                {slot->start, slot->end},
                place_of(batch, meeting->spec, party, slot->option)};
        }
    }
    return count;
}

static bool keeps_firm(const struct batch *batch, const struct entente_meeting *meeting,
                       size_t i)
{
    const struct entente_kept *kept = meeting->kept;
    struct index_hold before[INDEX_CLAIMS_MAX];
    bool keeps =
        meeting->state == ENTENTE_CONFIRMED && meeting->spec->parties[i].attends;
    size_t had = index_claims(batch->index, kept->people[i], meeting->id.data, before,
                              INDEX_CLAIMS_MAX);
    for (size_t j = 0; j < had && meeting->state == ENTENTE_MOVING; j++) {
        /* The new time may lie over the old one; the old one is told by both ends. */
        keeps = keeps || (before[j].span.start == kept->firm_start &&
                          before[j].span.end == kept->firm_end);
    }
    return keeps && kept->firm_end != 0 && !meeting->spec->parties[i].dropped;
}

void matter_claim(struct batch *batch, struct matter *matter)
{
    const struct entente_meeting *meeting = matter->meeting;
    const struct entente_kept *kept = meeting->kept;
    for (size_t i = 0; i < kept->people_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        struct index_hold after[INDEX_CLAIMS_MAX];
        size_t count = 0;
        if (kept->people[i] == 0 || matter_party(meeting, kept->people[i]) != (int)i) {
            continue;
        }
        if (keeps_firm(batch, meeting, i)) {
            after[count++] = (struct index_hold){
                {kept->firm_start, kept->firm_end},
                place_of(batch, meeting->spec, party, meeting->confirmed_option)};
        }
        count += held_claims(batch, meeting, i, &after[count]);
        if (count == 2 && after[0].span.start == after[1].span.start &&
            after[0].span.end == after[1].span.end &&
            after[0].place == after[1].place) {
            count = 1; /* another cast at the same time */
        }
        batch_claim(batch, matter, kept->people[i], after, count);
    }
}
