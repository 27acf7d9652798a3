// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_diverge.c - agendas that diverge, breakers, and how much a client holds
 */
#include "tests/simulation/store_sim_rows.h"

#include "broker/due.h"
#include "broker/overlap.h"

#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60000, DAY_MS = 86400000 };

static struct sim_breaker *breaker_of(const struct sim_db *db, int64_t client)
{
    for (size_t i = 0; i < db->breaker_count; i++) {
        if (db->breakers[i].client == client) {
            return &db->breakers[i];
        }
    }
    return NULL;
}

static struct store_breaker *row_of(struct store_loaded *loaded, int64_t client)
{
    for (size_t i = 0; i < loaded->breaker_count; i++) {
        if (loaded->breakers[i].client == client) {
            return &loaded->breakers[i];
        }
    }
    loaded->breakers[loaded->breaker_count] = (struct store_breaker){.client = client};
    return &loaded->breakers[loaded->breaker_count++];
}

bool sim_load_divergences(const struct sim_db *db, const struct store_wants *wants,
                          struct arena *arena, struct store_loaded *loaded)
{
    loaded->breakers = arena_array(arena, db->divergence_count + db->breaker_count,
                                   sizeof(*loaded->breakers));
    loaded->divergences =
        arena_array(arena, db->divergence_count, sizeof(*loaded->divergences));
    if (loaded->breakers == NULL || loaded->divergences == NULL) {
        return false;
    }
    for (size_t i = 0; i < db->divergence_count; i++) {
        const struct sim_divergence *d = &db->divergences[i];
        if (d->at_ms > db->now_ms - (int64_t)BREAKER_MINUTES * MINUTE_MS) {
            row_of(loaded, d->row.client)->recent++;
        }
        for (size_t j = 0; j < wants->meeting_count; j++) {
            if (memcmp(d->row.meeting, wants->meetings[j].bytes, 16) == 0) {
                loaded->divergences[loaded->divergence_count++] = d->row;
                break;
            }
        }
    }
    for (size_t i = 0; i < db->breaker_count; i++) {
        row_of(loaded, db->breakers[i].client)->tripped = db->breakers[i].tripped;
    }
    return true;
}

/* ---- holds -------------------------------------------------------------------------
 */

static void count_hold(struct store_loaded *loaded, int64_t client, int64_t person,
                       int64_t slots)
{
    for (size_t i = 0; i < loaded->hold_count; i++) {
        if (loaded->holds[i].client == client && loaded->holds[i].person == person) {
            loaded->holds[i].slots += slots;
            return;
        }
    }
    loaded->holds[loaded->hold_count++] =
        (struct store_hold){.client = client, .person = person, .slots = slots};
}

static bool is_searching(const struct sim_meeting *row)
{
    return row != NULL && row->state == ENTENTE_SEARCHING;
}

static bool may_come_to_hold(const struct sim_meeting *row)
{
    return is_searching(row) ||
           (row != NULL && (row->state == ENTENTE_CONFIRMED ||
                            row->state == ENTENTE_WAITING_ORGANIZER));
}

static bool is_named(const struct store_wants *wants, int64_t client)
{
    for (size_t i = 0; i < wants->holder_count; i++) {
        if (wants->holders[i] == client) {
            return true;
        }
    }
    return false;
}

static void ask_about_person(const struct sim_db *db, int64_t person)
{
    struct sim_person *row = sim_person(db, person);
    if (row != NULL) {
        row->asked_at = db->questions;
    }
}

static void ask_about_client(const struct sim_db *db, int64_t client)
{
    struct sim_client *row = sim_client(db, client);
    if (row != NULL) {
        row->asked_at = db->questions;
    }
}

/* Those who are named, and those whose searches are. */
static void ask_about(struct sim_db *db, const struct store_wants *wants)
{
    db->questions++;
    for (size_t i = 0; i < wants->holder_count; i++) {
        ask_about_client(db, wants->holders[i]);
    }
    for (size_t i = 0; i < wants->people_count; i++) {
        ask_about_person(db, wants->people[i]);
    }
    for (size_t i = 0; i < wants->meeting_count; i++) {
        const struct sim_meeting *row = sim_meeting(db, wants->meetings[i].bytes);
        if (is_searching(row)) {
            ask_about_client(db, row->organizer);
        }
        for (size_t j = 0; may_come_to_hold(row) && j < row->people_count; j++) {
            ask_about_person(db, row->people[j]);
        }
    }
}

static void count_holds(const struct sim_db *db, const struct sim_meeting *row,
                        const struct store_wants *wants, struct store_loaded *loaded)
{
    if (is_searching(row) && is_named(wants, row->organizer)) {
        count_hold(loaded, row->organizer, STORE_WAITING, 1);
    }
    if (row->slots == 0 || sim_client(db, row->organizer)->asked_at != db->questions) {
        return;
    }
    count_hold(loaded, row->organizer, 0, row->slots);
    for (size_t i = 0; i < row->people_count; i++) {
        const struct sim_person *person = sim_person(db, row->people[i]);
        if (person != NULL && person->asked_at == db->questions) {
            count_hold(loaded, row->organizer, row->people[i], row->slots);
        }
    }
}

bool sim_load_holds(struct sim_db *db, const struct store_wants *wants,
                    struct arena *arena, struct store_loaded *loaded)
{
    size_t room = db->client_count * (db->people_count + 2);
    size_t living = 0;
    loaded->holds = arena_array(arena, room, sizeof(*loaded->holds));
    if (loaded->holds == NULL) {
        return false;
    }
    ask_about(db, wants);
    for (size_t i = 0; i < db->living_count; i++) {
        struct sim_meeting *row = db->living[i];
        if (row->state <= ENTENTE_WAITING_ORGANIZER) {
            count_holds(db, row, wants, loaded);
            db->living[living++] = row;
        }
    }
    db->living_count = living;
    return true;
}

/* ---- commit ------------------------------------------------------------------------
 */

static void drop(struct sim_db *db, size_t i)
{
    db->divergences[i] = db->divergences[--db->divergence_count];
}

static void settle(struct sim_db *db, const struct store_divergence *row)
{
    for (size_t i = db->divergence_count; i-- > 0;) {
        const struct store_divergence *d = &db->divergences[i].row;
        if (d->person == row->person && memcmp(d->meeting, row->meeting, 16) == 0) {
            drop(db, i);
        }
    }
}

void sim_commit_divergences(struct sim_db *db, const struct store_changes *changes)
{
    bool any = false;
    for (size_t i = 0; i < changes->divergence_count; i++) {
        settle(db, &changes->divergences[i]);
    }
    for (size_t i = 0; i < changes->divergence_count; i++) {
        if (changes->divergences[i].kind != 0) {
            SIM_GROW(db->divergences, db->divergence_count, db->divergence_capacity,
                     *db->divergences);
            db->divergences[db->divergence_count++] =
                (struct sim_divergence){changes->divergences[i], changes->now_ms};
            any = true;
        }
    }
    for (size_t i = db->divergence_count; any && i-- > 0;) {
        const struct sim_breaker *breaker =
            breaker_of(db, db->divergences[i].row.client);
        if (db->divergences[i].at_ms <
                changes->now_ms - (int64_t)DIVERGENCE_KEPT_DAYS * DAY_MS &&
            (breaker == NULL || !breaker->tripped)) {
            drop(db, i);
        }
    }
    for (size_t i = 0; i < changes->trip_count; i++) {
        struct sim_breaker *breaker = breaker_of(db, changes->trips[i]);
        if (breaker == NULL) {
            SIM_GROW(db->breakers, db->breaker_count, db->breaker_capacity,
                     *db->breakers);
            breaker = &db->breakers[db->breaker_count++];
            breaker->client = changes->trips[i];
        }
        breaker->tripped = true;
    }
}

void sim_publish_divergences(struct sim_db *db,
                             const struct store_publication *publications, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct store_publication *one = &publications[i];
        const struct sim_person *person = sim_person(db, one->person);
        for (size_t j = 0; j < db->divergence_count; j++) {
            struct sim_meeting *row = sim_meeting(db, db->divergences[j].row.meeting);
            if (db->divergences[j].row.person == one->person && row != NULL) {
                sim_due_put(db, row, DUE_DIVERGENCE, db->now_ms);
            }
        }
        for (size_t j = 0; !one->withdrawn && j < person->claim_count; j++) {
            const struct store_claim *claim = &person->claims[j];
            if (overlap_is_taken(one->ranges, one->range_count, claim->start,
                                 claim->end)) {
                sim_due_put(db, sim_meeting(db, claim->meeting.bytes), DUE_DIVERGENCE,
                            db->now_ms);
            }
        }
    }
}
