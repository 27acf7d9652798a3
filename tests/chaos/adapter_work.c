// SPDX-License-Identifier: Apache-2.0

/*
 * adapter_work.c - whole lives of meetings: asked for, answered, moved, called off, written
 * into agendas, which are published
 */
#include "tests/chaos/adapter.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    DAY = 1440,
    HOUR = 60,
    DAYS_AHEAD = 8,
    MS_PER_MINUTE = 60000,
    LEASE_SECONDS = 604800,
    REQUESTS_OPEN = 12, /* of one adapter: enough is enough */
};

#define SYSTEM "urn:oid:1.2.250.1.71.4.2.1"

struct who {
    char value[32];
    struct entente_identifier identifier;
    struct entente_actor actor;
};

static struct who *set_who(struct who *who, int64_t person)
{
    snprintf(who->value, sizeof(who->value), "81000000%04" PRId64, person);
    who->identifier = (struct entente_identifier){SYSTEM, who->value};
    who->actor = (struct entente_actor){.who = &who->identifier,
                                        .channel = ENTENTE_OWN_SOFTWARE};
    return who;
}

static bool speaks_for(const struct adapter *adapter, int64_t person)
{
    return person > 0 && person % adapter->adapters == adapter->number;
}

static int32_t now(const struct adapter *adapter)
{
    return (int32_t)(adapter_now_ms(adapter) / MS_PER_MINUTE);
}

static int64_t anybody(struct adapter *adapter)
{
    return chance_between(&adapter->chance, 1, adapter->people);
}

/* ---- agendas -----------------------------------------------------------------------
 */

static void publish(struct adapter *adapter, int64_t person)
{
    struct chance *chance = &adapter->chance;
    struct who own;
    char source[16];
    struct entente_range ranges[2 * DAYS_AHEAD];
    size_t count = 0;
    int32_t today = now(adapter) / DAY * DAY;
    struct entente_span coverage = {today, today + DAYS_AHEAD * DAY};
    for (int32_t day = coverage.start; day < coverage.end; day += DAY) {
        int32_t from = day + (int32_t)chance_between(chance, 7, 9) * HOUR;
        int32_t until = from + (int32_t)chance_between(chance, 6, 9) * HOUR;
        ranges[count++] =
            (struct entente_range){.start = from, .end = until, .kind = ENTENTE_FREE};
        if (chance_percent(chance, 3)) {
            ranges[count++] = (struct entente_range){
                .start = until, .end = until + HOUR, .kind = ENTENTE_BUSY};
        }
    }
    snprintf(source, sizeof(source), "a%" PRId64, person);
    const struct entente_publish publication = {
        .source = source,
        .person = &set_who(&own, person)->identifier,
        .coverage = &coverage,
        .ranges = ranges,
        .ranges_count = count,
        .as_of_ms = adapter_now_ms(adapter),
        .lease_seconds = LEASE_SECONDS,
        .publication = ENTENTE_SNAPSHOT,
    };
    (void)entente_client_publish(adapter->client, &publication, NULL, NULL);
}

void work_publish_all(struct adapter *adapter)
{
    for (int64_t person = 1; person <= adapter->people; person++) {
        if (speaks_for(adapter, person)) {
            publish(adapter, person);
        }
    }
}

static void act_publish(struct adapter *adapter)
{
    int64_t person = anybody(adapter);
    if (speaks_for(adapter, person)) {
        publish(adapter, person);
    }
}

/* ---- requests ----------------------------------------------------------------------
 */

static void act_request(struct adapter *adapter)
{
    struct chance *chance = &adapter->chance;
    struct who people[3];
    struct entente_party parties[3];
    struct entente_span window;
    size_t open = 0;
    size_t count = (size_t)chance_between(chance, 2, 3);
    int64_t person = anybody(adapter);
    for (size_t i = 0; i < adapter->known_count; i++) {
        open += adapter->known[i].mine &&
                adapter->known[i].state != ENTENTE_CONFIRMED &&
                adapter->known[i].state <= ENTENTE_WAITING_ORGANIZER;
    }
    if (open >= REQUESTS_OPEN) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        parties[i] = (struct entente_party){
            .kind = ENTENTE_PROFESSIONAL,
            .identifier = &set_who(&people[i], person)->identifier,
            .importance =
                chance_percent(chance, 15) ? ENTENTE_OPTIONAL : ENTENTE_INDISPENSABLE,
        };
        person = person % adapter->people + 1;
    }
    window.start = now(adapter) + (int32_t)chance_between(chance, HOUR, DAY);
    window.end = window.start + (int32_t)chance_between(chance, 1, 4) * DAY;
    struct entente_spec spec = {
        .duration_minutes = (uint32_t)chance_between(chance, 2, 6) * 15,
        .windows = &window,
        .windows_count = 1,
        .parties = parties,
        .parties_count = count,
        .title = "meeting",
        .answer_minutes = (uint32_t)chance_between(chance, 20, 600),
        .held_slots = chance_percent(chance, 10) ? 2 : 0,
    };
    struct entente_request request = {.spec = &spec, .actor = &people[0].actor};
    adapter_ask(adapter, &(struct entente_envelope){.body = ENTENTE_REQUEST,
                                                    .request = &request});
}

/* ---- what is known -----------------------------------------------------------------
 */

static void answer(struct adapter *adapter, const struct known *known, int64_t person,
                   uint32_t kind)
{
    struct who own;
    struct entente_span range = {known->start + DAY, known->start + 3 * DAY};
    struct entente_answer words = {
        .meeting = {(uint8_t *)known->id, sizeof(known->id)},
        .proposal = known->proposal,
        .party = &set_who(&own, person)->identifier,
        .kind = kind,
        .actor = &own.actor,
    };
    if (kind == ENTENTE_DECLINE) {
        words.reason = ENTENTE_NOT_AVAILABLE;
    } else if (kind == ENTENTE_SHIFT && chance_percent(&adapter->chance, 50)) {
        words.ranges = &range;
        words.ranges_count = 1;
    } else if (kind == ENTENTE_SHIFT) {
        words.counter_start =
            known->start + (int32_t)chance_between(&adapter->chance, 1, 40) * 15;
    }
    adapter_ask(adapter,
                &(struct entente_envelope){.body = ENTENTE_ANSWER, .answer = &words});
}

/* True if somebody of ours had something to say. */
static bool answer_for_ours(struct adapter *adapter, const struct known *known)
{
    static const uint32_t kinds[] = {ENTENTE_ACCEPT,  ENTENTE_ACCEPT, ENTENTE_ACCEPT,
                                     ENTENTE_ACCEPT,  ENTENTE_ACCEPT, ENTENTE_ACCEPT,
                                     ENTENTE_ACCEPT,  ENTENTE_ACCEPT, ENTENTE_ACCEPT,
                                     ENTENTE_DECLINE, ENTENTE_SHIFT,  ENTENTE_SHIFT};
    size_t choices = adapter->quiet ? 1 : sizeof(kinds) / sizeof(kinds[0]);
    if (known->state != ENTENTE_PROPOSED && known->state != ENTENTE_MOVING) {
        return false;
    }
    for (size_t i = 0; i < known->party_count; i++) {
        if (speaks_for(adapter, known->parties[i].person) &&
            known->parties[i].awaited) {
            answer(adapter, known, known->parties[i].person,
                   kinds[chance_draw(&adapter->chance, choices)]);
            return true;
        }
    }
    return false;
}

static void act_answer(struct adapter *adapter)
{
    size_t from = (size_t)chance_draw(&adapter->chance, adapter->known_count);
    for (size_t i = 0; i < adapter->known_count; i++) {
        if (answer_for_ours(adapter,
                            &adapter->known[(from + i) % adapter->known_count])) {
            return;
        }
    }
}

static struct known *any_of_mine(struct adapter *adapter)
{
    size_t from = (size_t)chance_draw(&adapter->chance, adapter->known_count);
    for (size_t i = 0; i < adapter->known_count; i++) {
        struct known *known = &adapter->known[(from + i) % adapter->known_count];
        if (known->mine && known->state <= ENTENTE_WAITING_ORGANIZER) {
            return known;
        }
    }
    return NULL;
}

static void cancel(struct adapter *adapter, const struct known *known)
{
    struct who asks;
    struct entente_cancel words = {
        .meeting = {(uint8_t *)known->id, sizeof(known->id)},
        .reason = ENTENTE_NO_LONGER_NEEDED,
        .actor = &set_who(&asks, known->parties[0].person)->actor,
    };
    adapter_ask(adapter,
                &(struct entente_envelope){.body = ENTENTE_CANCEL, .cancel = &words});
}

static void decide(struct adapter *adapter, const struct known *known,
                   uint32_t decision)
{
    struct who asks;
    struct entente_span window = {now(adapter) + HOUR, now(adapter) + 5 * DAY};
    struct entente_decide words = {
        .meeting = {(uint8_t *)known->id, sizeof(known->id)},
        .version = known->version,
        .decision = decision,
        .actor = &set_who(&asks, known->parties[0].person)->actor,
    };
    if (decision == ENTENTE_PROPOSE_SLOT) {
        words.start = known->alternative != 0 ? known->alternative : known->start + DAY;
    } else {
        words.windows = &window;
        words.windows_count = 1;
    }
    adapter_ask(adapter,
                &(struct entente_envelope){.body = ENTENTE_DECIDE, .decide = &words});
}

static void act_decide(struct adapter *adapter)
{
    const struct known *known = any_of_mine(adapter);
    if (known == NULL) {
        return;
    }
    if (known->state == ENTENTE_WAITING_ORGANIZER) {
        decide(adapter, known,
               chance_percent(&adapter->chance, 50) ? ENTENTE_PROPOSE_SLOT
                                                    : ENTENTE_SEARCH_ON);
    } else if (known->state == ENTENTE_CONFIRMED) {
        decide(adapter, known, ENTENTE_MOVE);
    }
}

static void act_cancel(struct adapter *adapter)
{
    const struct known *known = any_of_mine(adapter);
    if (known != NULL) {
        cancel(adapter, known);
    }
}

static void act_owner(struct adapter *adapter)
{
    for (size_t i = 0; i < adapter->known_count; i++) {
        struct known *known = &adapter->known[i];
        for (size_t j = 0; j < known->party_count; j++) {
            struct who own;
            if (!speaks_for(adapter, known->parties[j].person) ||
                !known->parties[j].diverged) {
                continue;
            }
            struct entente_owner_answer words = {
                .meeting = {known->id, sizeof(known->id)},
                .party = &set_who(&own, known->parties[j].person)->identifier,
                .decision = (uint32_t)chance_between(&adapter->chance, 1, 3),
                .actor = &own.actor,
            };
            adapter_ask(adapter,
                        &(struct entente_envelope){.body = ENTENTE_OWNER_ANSWER,
                                                   .owner_answer = &words});
            return;
        }
    }
}

/* ---- an act ------------------------------------------------------------------------
 */

void work_act(struct adapter *adapter)
{
    uint64_t drawn = chance_draw(&adapter->chance, 100);
    if (entente_client_unanswered(adapter->client) > 32) {
        return;
    }
    if (adapter->quiet || drawn >= 50) {
        act_answer(adapter);
    } else if (drawn < 25) {
        act_request(adapter);
    } else if (drawn < 32) {
        act_decide(adapter);
    } else if (drawn < 36) {
        act_cancel(adapter);
    } else if (drawn < 40) {
        act_owner(adapter);
    } else {
        act_publish(adapter);
    }
}

/* The agenda has the event, or will not have it. */
void work_event(struct adapter *adapter, const struct entente_event *event)
{
    if (event->meeting->state == ENTENTE_CONFIRMED && !adapter->quiet) {
        bool refuses = chance_percent(&adapter->chance, 2);
        (void)entente_client_event_result(adapter->client, event, "agenda",
                                          refuses ? ENTENTE_REFUSED : ENTENTE_APPLIED,
                                          refuses ? ENTENTE_CONFLICT_IN_AGENDA : 0,
                                          NULL);
    }
}
