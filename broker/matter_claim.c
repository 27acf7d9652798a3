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
void matter_claim(struct batch *batch, struct matter *matter)
{
    const struct entente_meeting *meeting = matter->meeting;
    const struct entente_kept *kept = meeting->kept;
    for (size_t i = 0; i < kept->people_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        struct index_hold before[2];
        struct index_hold after[2];
        size_t count = 0;
        if (kept->people[i] == 0) {
            continue;
        }
        size_t had =
            index_claims(batch->index, kept->people[i], meeting->id.data, before, 2);
        bool keeps_firm = meeting->state == ENTENTE_CONFIRMED && party->attends;
        for (size_t j = 0; j < had && meeting->state == ENTENTE_MOVING; j++) {
            /* The new time may lie over the old one; the old one is told by both ends.
             */
            keeps_firm = keeps_firm || (before[j].span.start == kept->firm_start &&
                                        before[j].span.end == kept->firm_end);
        }
        if (kept->firm_end != 0 && keeps_firm && !party->dropped) {
            after[count++] = (struct index_hold){
                {kept->firm_start, kept->firm_end},
                place_of(batch, meeting->spec, party, meeting->confirmed_option)};
        }
        if (kept->held_end != 0 && party->attends && !party->dropped) {
            after[count++] = (struct index_hold){
                {kept->held_start, kept->held_end},
                place_of(batch, meeting->spec, party, meeting->proposal->option)};
        }
        batch_claim(batch, matter, kept->people[i], after, count);
    }
}
