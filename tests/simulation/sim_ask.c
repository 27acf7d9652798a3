// SPDX-License-Identifier: Apache-2.0

/*
 * sim_ask.c - what the users of an adapter only ask: what would come of it, whether all is
 * still as they know it, why it is so; and what the organizer writes down for guests
 */
#include "tests/simulation/sim_adapter.h"

#include "proto/identifier.h"

#include <stdlib.h>
#include <string.h>

const char work_guest_name[] = "a visitor";

void work_say(struct adapter *adapter, struct entente_envelope *envelope)
{
    struct entente_preview preview = {0};
    const struct entente_envelope asked = {.body = ENTENTE_PREVIEW,
                                           .preview = &preview};
    if (envelope->body == ENTENTE_ANSWER) {
        preview.answer = envelope->answer;
    } else if (envelope->body == ENTENTE_DECIDE) {
        preview.decide = envelope->decide;
    } else if (envelope->body == ENTENTE_REQUEST) {
        preview.request = envelope->request;
    } else {
        preview.cancel = envelope->cancel;
    }
    bool only_asked = !world->healing && sim_chance(80000);
    adapter_ask(adapter, only_asked ? &asked : envelope);
}

static int compare_known(const void *a, const void *b)
{
    const struct entente_known *one = a;
    const struct entente_known *two = b;
    return memcmp(one->meeting.data, two->meeting.data, 16);
}

void work_reconcile(struct adapter *adapter)
{
    struct entente_known list[KNOWN_MEETINGS];
    uint8_t digest[32] = {(uint8_t)sim_draw(256)};
    struct entente_reconcile reconcile = {.known = list, .last = true};
    for (size_t i = 0; i < adapter->agenda.known_count; i++) {
        const struct known *known = &adapter->agenda.known[i];
        if (known->state <= ENTENTE_WAITING_ORGANIZER) {
            list[reconcile.known_count++] = (struct entente_known){
                .meeting = {known->id, sizeof(known->id)}, .version = known->version};
        }
    }
    if (reconcile.known_count == 0 || sim_chance(300000)) {
        reconcile = (struct entente_reconcile){.digest = {digest, sizeof(digest)}};
    } else {
        qsort(list, reconcile.known_count, sizeof(list[0]), compare_known);
    }
    adapter_ask(adapter, &(struct entente_envelope){.body = ENTENTE_RECONCILE,
                                                    .reconcile = &reconcile});
}

void work_explain(struct adapter *adapter)
{
    const struct known *known = work_any_known(adapter, false);
    if (known != NULL) {
        uint8_t id[16];
        memcpy(id, known->id, sizeof(id));
        struct entente_explain explain = {.meeting = {id, sizeof(id)}, .replay = true};
        adapter_ask(adapter, &(struct entente_envelope){.body = ENTENTE_EXPLAIN,
                                                        .explain = &explain});
    }
}

/* Who is no client of anybody has said it to the organizer. */
void work_guest(struct adapter *adapter)
{
    struct known *known = work_any_known(adapter, true);
    for (size_t i = 0; known != NULL && i < known->party_count; i++) {
        struct who asks;
        struct entente_identifier guest = {.system = IDENTIFIER_GUEST,
                                           .value = work_guest_name};
        if (!known->parties[i].guest || !known->parties[i].awaited ||
            known->proposal == 0) {
            continue;
        }
        struct entente_answer words = {
            .meeting = {known->id, sizeof(known->id)},
            .proposal = known->proposal,
            .party = &guest,
            .kind = sim_chance(700000) ? ENTENTE_ACCEPT : ENTENTE_DECLINE,
            .actor = &work_who(&asks, 1)->actor,
        };
        words.reason = words.kind == ENTENTE_DECLINE ? ENTENTE_NOT_AVAILABLE : 0;
        work_say(adapter,
                 &(struct entente_envelope){.body = ENTENTE_ANSWER, .answer = &words});
        return;
    }
}
