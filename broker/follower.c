// SPDX-License-Identifier: Apache-2.0

/*
 * follower.c - the part of broker.h that lives beside other brokers on one database
 *
 *     follow     what the others have changed, every tenth of a second and when woken
 *     refresh    people whose version here is older are read again
 *     walk       after a gap in the feed: everybody's version, page by page
 *     wake       the others, once for many commits
 *
 * What is shown to searches follows the others with a short delay; what is decided does
 * not depend on it, because a batch compares versions under lock (writer.c).
 */
#include "broker/broker.h"

#include "broker/log.h"
#include "broker/take_in.h"

#include <stdlib.h>
#include <string.h>

enum {
    FOLLOW_EVERY_MS = 100,
    FOLLOW_ALONE_MS = 1000,
    WAKE_EVERY_MS = 10,
    RETRY_MS = 100,
    REFRESH_PAGE = 256,
    WALK_PAGE = 5000,
};

/* ---- who has to be read again ------------------------------------------------------
 */

void follower_want(struct broker *broker, int64_t person)
{
    struct follower *follower = &broker->follower;
    if (follower->wanted_count == follower->wanted_capacity) {
        size_t capacity = follower->wanted_capacity * 2 + REFRESH_PAGE;
        int64_t *wanted = realloc(follower->wanted, capacity * sizeof(*wanted));
        if (wanted == NULL) {
            log_line(LOG_ERROR, "follower", "out of memory: the index lags behind");
            return;
        }
        follower->wanted = wanted;
        follower->wanted_capacity = capacity;
    }
    follower->wanted[follower->wanted_count++] = person;
    follower->wanted_ever++;
}

static int by_number(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

/* A batch that has been decided and not yet written is ahead of the database. */
static bool is_in_batch(const struct broker *broker, int64_t person)
{
    for (size_t i = 0; i < STORE_WRITERS; i++) {
        const struct batch *batch = &broker->writings[i].batch;
        for (size_t j = 0; j < batch->before_count; j++) {
            if (batch->before[j].person == person) {
                return true;
            }
        }
    }
    return false;
}

static void bring_in(struct broker *broker, const struct store_availability *row)
{
    const struct index_person *person = index_person(broker->index, row->person);
    if (person == NULL || row->version < person->version) {
        /* Not known yet: keeper.c asks for it then.  Or ours is newer. */
        return;
    }
    if (is_in_batch(broker, row->person)) {
        follower_want(broker, row->person);
        return;
    }
    if (!take_in_availability(broker->index, row)) {
        log_line(LOG_ERROR, "follower", "out of memory: the index lags behind");
    }
}

static void refreshed(void *context, enum status status,
                      const struct store_availability *people, size_t count)
{
    struct broker *broker = context;
    struct follower *follower = &broker->follower;
    follower->refreshing = false;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        bring_in(broker, &people[i]);
    }
    for (size_t i = 0; status != STATUS_OK && i < follower->asked_count; i++) {
        follower_want(broker, follower->asked[i]);
    }
    follower->refreshed_ever += follower->asked_ever;
    if (status != STATUS_OK) {
        follower->next_refresh_ms = broker_mono_ms() + RETRY_MS;
    }
}

static void refresh(struct broker *broker, int64_t mono_ms)
{
    struct follower *follower = &broker->follower;
    if (follower->refreshing || follower->wanted_count == 0 ||
        mono_ms < follower->next_refresh_ms) {
        return;
    }
    size_t count =
        follower->wanted_count < REFRESH_PAGE ? follower->wanted_count : REFRESH_PAGE;
    arena_reset(&follower->refresh_arena);
    int64_t *asked = arena_array(&follower->refresh_arena, count, sizeof(*asked));
    if (asked == NULL) {
        return;
    }
    memcpy(asked, follower->wanted, count * sizeof(*asked));
    follower->wanted_count -= count;
    memmove(follower->wanted, follower->wanted + count,
            follower->wanted_count * sizeof(*follower->wanted));
    follower->asked_ever = count;
    qsort(asked, count, sizeof(*asked), by_number);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || asked[kept - 1] != asked[i]) {
            asked[kept++] = asked[i];
        }
    }
    follower->asked = asked;
    follower->asked_count = kept;
    follower->refreshing = true;
    store_refresh(broker->store, asked, kept, &follower->refresh_arena, refreshed,
                  broker);
}

/* ---- after a gap -------------------------------------------------------------------
 */

static void want_if_other(struct broker *broker, int64_t person, int64_t version)
{
    const struct index_person *known = index_person(broker->index, person);
    if (known == NULL || known->version < version) {
        follower_want(broker, person);
    }
}

static void walked(void *context, enum status status, const struct store_person *people,
                   size_t count)
{
    struct broker *broker = context;
    struct follower *follower = &broker->follower;
    follower->walk_asked = false;
    if (status != STATUS_OK) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        want_if_other(broker, people[i].person, people[i].version);
        follower->walked = people[i].person;
    }
    follower->walking = count == WALK_PAGE;
}

static void walk(struct broker *broker)
{
    struct follower *follower = &broker->follower;
    if (!follower->walking || follower->walk_asked || follower->wanted_count > 0) {
        return;
    }
    follower->walk_asked = true;
    arena_reset(&follower->walk_arena);
    store_read_versions(broker->store, follower->walked, WALK_PAGE,
                        &follower->walk_arena, walked, broker);
}

/* ---- following ---------------------------------------------------------------------
 */

static void take_change(struct broker *broker, const struct store_change *change)
{
    struct session *session = NULL;
    switch (change->kind) {
    case STORE_AVAILABILITY:
    case STORE_CLAIMS:
        want_if_other(broker, change->person, change->version);
        keeper_due_now(broker);
        return;
    case STORE_MEETING:
        return;
    case STORE_RECIPIENT:
        session = session_of_client(broker, change->client);
        if (session != NULL) {
            session->dirty = true;
        }
        return;
    case STORE_HELLO:
        session_overtaken(broker, change->client, (uint64_t)change->version);
        return;
    }
}

void follower_generation(struct broker *broker, int32_t generation)
{
    if (generation <= broker->generation) {
        return;
    }
    broker->generation = generation;
    log_line(LOG_ERROR, "follower",
             "generation %d of the database has begun: it was restored from an older "
             "backup; every client says hello again; see entente restored --help",
             generation);
    session_end_all(broker);
}

static void followed(void *context, enum status status,
                     const struct store_followed *rows)
{
    struct broker *broker = context;
    struct follower *follower = &broker->follower;
    int64_t mono_ms = broker_mono_ms();
    follower->following = false;
    if (status != STATUS_OK) {
        follower->next_ms = mono_ms + RETRY_MS;
        return;
    }
    for (size_t i = 0; i < rows->count; i++) {
        take_change(broker, &rows->changes[i]);
    }
    if (rows->gap) {
        log_line(LOG_WARNING, "follower",
                 "changes of another broker were forgotten before they were read: "
                 "everybody is compared");
        follower->walking = true;
        follower->walked = 0;
        deliver_to_all(broker);
        session_end_all(broker);
    }
    follower->others = rows->others;
    if (!rows->more) {
        follower->rounds_done = follower->rounds_begun;
        follower->wanted_then = follower->wanted_ever;
    }
    follower->next_ms = mono_ms + (rows->more         ? 0
                                   : rows->others > 0 ? FOLLOW_EVERY_MS
                                                      : FOLLOW_ALONE_MS);
    follower_generation(broker, rows->generation);
}

static void follow(struct broker *broker, int64_t mono_ms)
{
    struct follower *follower = &broker->follower;
    if (store_woken(broker->store)) {
        follower->next_ms = mono_ms;
    }
    if (follower->following || mono_ms < follower->next_ms) {
        return;
    }
    follower->following = true;
    follower->rounds_begun++;
    arena_reset(&follower->arena);
    store_follow(broker->store, &follower->arena, followed, broker);
}

uint64_t follower_now(struct broker *broker)
{
    struct follower *follower = &broker->follower;
    follower->next_ms = 0;
    return follower->rounds_begun + 1;
}

bool follower_has(const struct broker *broker, uint64_t round)
{
    const struct follower *follower = &broker->follower;
    return (follower->rounds_done > 0 && follower->others == 0) ||
           (follower->rounds_done >= round &&
            follower->refreshed_ever >= follower->wanted_then);
}

/* ---- waking ------------------------------------------------------------------------
 */

void follower_wake_others(struct broker *broker)
{
    broker->follower.wake = true;
}

static void wake(struct broker *broker, int64_t mono_ms)
{
    struct follower *follower = &broker->follower;
    if (!follower->wake || mono_ms < follower->next_wake_ms) {
        return;
    }
    follower->wake = false;
    if (follower->others > 0) {
        follower->next_wake_ms = mono_ms + WAKE_EVERY_MS;
        store_wake(broker->store);
    }
}

/* ---- is this still our place? ------------------------------------------------------
 */

static void give_up(struct broker *broker, enum broker_exit code, const char *why)
{
    log_line(LOG_ERROR, "follower", "%s", why);
    broker->failed = (int)code;
    broker->stop = 1;
}

/* What this broker has in memory is not of this database, so it ends; whoever starts it
 * again has it read everything. */
static void leave_older(struct broker *broker)
{
    int32_t generation = broker->generation;
    enum status status = store_renew_generation(
        broker->store, broker->generation,
        "A broker had acknowledged more than the database holds.", &generation);
    log_line(LOG_ERROR, "follower", "a new generation of the database: %s",
             status == STATUS_OK ? "begun" : status_text(status));
    give_up(broker, BROKER_EXIT_OLDER,
            "the database lacks what was acknowledged: it was restored from an "
            "older backup, or fell back to a standby that lagged; this broker "
            "ends, start it again; see entente restored --help");
}

static bool is_our_place(struct broker *broker)
{
    switch (store_standing(broker->store)) {
    case STORE_UNSURE:
    case STORE_SURE:
        return true;
    case STORE_REPLACED:
        give_up(broker, BROKER_EXIT_REPLACED,
                "another broker has taken this one's number; this one ends");
        return false;
    case STORE_OLDER:
        leave_older(broker);
        return false;
    }
    return true;
}

void follower_turn(struct broker *broker)
{
    int64_t mono_ms = broker_mono_ms();
    if (broker->failed || !is_our_place(broker) || !store_is_up(broker->store)) {
        return;
    }
    wake(broker, mono_ms);
    follow(broker, mono_ms);
    refresh(broker, mono_ms);
    walk(broker);
    session_greet(broker);
}

int follower_timeout_ms(const struct broker *broker)
{
    const struct follower *follower = &broker->follower;
    int64_t until = follower->next_ms;
    if (follower->wake && follower->others > 0 && follower->next_wake_ms < until) {
        until = follower->next_wake_ms;
    }
    if (follower->wanted_count > 0 && !follower->refreshing &&
        follower->next_refresh_ms < until) {
        until = follower->next_refresh_ms;
    }
    int64_t wait = until - broker_mono_ms();
    return follower->following && !follower->wake ? FOLLOW_EVERY_MS
           : wait < 1                             ? 1
           : wait > FOLLOW_ALONE_MS               ? FOLLOW_ALONE_MS
                                                  : (int)wait;
}

void follower_begin(struct broker *broker, int32_t generation)
{
    struct follower *follower = &broker->follower;
    broker->generation = generation;
    arena_init(&follower->arena, BROKER_BATCH_BYTES);
    arena_init(&follower->refresh_arena, BROKER_BATCH_BYTES);
    arena_init(&follower->walk_arena, BROKER_BATCH_BYTES);
}

void follower_end(struct broker *broker)
{
    struct follower *follower = &broker->follower;
    arena_finish(&follower->arena);
    arena_finish(&follower->refresh_arena);
    arena_finish(&follower->walk_arena);
    free(follower->wanted);
}
