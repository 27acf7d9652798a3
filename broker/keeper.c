// SPDX-License-Identifier: Apache-2.0

/*
 * keeper.c - the part of broker.h that happens by the clock
 */
#include "broker/broker.h"

#include "broker/due.h"
#include "broker/log.h"
#include "broker/take_in.h"
#include "proto/limits.h"

#include <stdlib.h>
#include <string.h>

/* ---- due meetings ------------------------------------------------------------------
 */

/* Decided alone it could not be written: it waits, so that others come to their turn.
 */
void keeper_put_off(struct broker *broker, const struct store_due *due)
{
    struct put_off *place = &broker->put_off[broker->put_off_next];
    broker->put_off_next = (broker->put_off_next + 1) % BROKER_PUT_OFF;
    place->meeting = due->meeting;
    place->until_ms = broker_mono_ms() + BROKER_PUT_OFF_MS;
    log_line(LOG_ERROR, "keeper", "a meeting that is due cannot be decided");
}

static bool is_put_off(const struct broker *broker, const struct store_due *due)
{
    int64_t mono_ms = broker_mono_ms();
    for (size_t i = 0; i < BROKER_PUT_OFF; i++) {
        const struct put_off *place = &broker->put_off[i];
        if (place->until_ms > mono_ms &&
            memcmp(&place->meeting, &due->meeting, sizeof(due->meeting)) == 0) {
            return true;
        }
    }
    return false;
}

struct command *keeper_command(struct broker *broker, const struct store_due *due)
{
    struct command *command = command_create();
    if (command == NULL) {
        return NULL;
    }
    command->due = *due;
    command->meeting = due->meeting;
    command->has_meeting = true;
    command->with_people = true;
    command->with_divergences =
        due->reason == DUE_DIVERGENCE || due->reason == DUE_GRACE_END;
    command->arrived_ms = broker_mono_ms();
    broker->dues_outstanding++;
    return command;
}

static void got_due(void *context, enum status status, int64_t now_ms,
                    const struct store_due *dues, size_t count)
{
    struct broker *broker = context;
    broker->due_reading = false;
    if (status != STATUS_OK) {
        return;
    }
    broker_heard_clock(broker, now_ms);
    for (size_t i = 0; i < count; i++) {
        if (is_put_off(broker, &dues[i])) {
            continue;
        }
        struct command *command = keeper_command(broker, &dues[i]);
        if (command == NULL) {
            return;
        }
        writer_add(broker, command);
    }
    if (count == BROKER_DUE_PAGE) {
        keeper_due_now(broker);
    }
}

void keeper_due_now(struct broker *broker)
{
    broker->next_due_ms = 0;
}

static void read_due(struct broker *broker, int64_t mono_ms)
{
    /* What was found before is decided before more is looked for. */
    if (broker->due_reading || broker->dues_outstanding > 0 ||
        mono_ms < broker->next_due_ms) {
        return;
    }
    broker->due_reading = true;
    broker->next_due_ms = mono_ms + BROKER_DUE_EVERY_MS;
    store_read_due(broker->store, BROKER_DUE_PAGE, got_due, broker);
}

/* ---- clients and people ------------------------------------------------------------
 */

static void take_people(struct broker *broker, const struct store_newcomers *newcomers)
{
    for (size_t i = 0; i < newcomers->people_count; i++) {
        const struct store_person_row *row = &newcomers->people[i];
        bool known = index_person(broker->index, row->person) != NULL;
        if (!take_in_person(broker->index, row)) {
            log_line(LOG_ERROR, "keeper", "out of memory: a person is not known");
        } else if (!known && row->version > 1) {
            /* Another broker has heard of this person's time already. */
            index_person(broker->index, row->person)->version = 0;
            follower_want(broker, row->person);
        }
    }
}

static void take_clients(struct broker *broker, const struct store_newcomers *newcomers)
{
    for (size_t i = 0; i < newcomers->client_count; i++) {
        const struct store_client *row = &newcomers->clients[i];
        bool here = session_of_client(broker, row->id) != NULL;
        if (!clients_put(&broker->clients, row) ||
            (!here && !index_heard_elsewhere(broker->index, row->id, row->heard_ms))) {
            log_line(LOG_ERROR, "keeper", "out of memory: a client is not known");
        }
    }
}

/* People first: a client must not speak for somebody who is not known yet. */
static void got_newcomers(void *context, enum status status,
                          const struct store_newcomers *newcomers)
{
    struct broker *broker = context;
    broker->clients_reading = false;
    if (status != STATUS_OK) {
        return;
    }
    take_people(broker, newcomers);
    take_clients(broker, newcomers);
    session_end_revoked(broker);
    broker->people_since_ms = broker->people_asked_ms;
    broker->clients_read++;
    broker->wire->judge_again(broker->wire);
}

static void read_clients(struct broker *broker, int64_t mono_ms)
{
    bool asked = broker->clients_wanted && mono_ms >= broker->next_clients_ms -
                                                          BROKER_CLIENTS_EVERY_MS +
                                                          BROKER_DUE_EVERY_MS;
    if (broker->clients_reading || (!asked && mono_ms < broker->next_clients_ms)) {
        return;
    }
    broker->people_asked_ms = broker_now_ms(broker);
    broker->clients_reading = true;
    broker->clients_wanted = false;
    broker->next_clients_ms = mono_ms + BROKER_CLIENTS_EVERY_MS;
    store_read_newcomers(broker->store, broker->people_since_ms, broker->clients.known,
                         broker->clients.known_count, got_newcomers, broker);
}

/* A key that is not known may have been added a moment ago: it is judged once the
 * clients have been read again. */
enum wire_verdict keeper_judge(void *context, const char key[WIRE_KEY_TEXT])
{
    struct broker *broker = context;
    const struct client *client = clients_by_key(&broker->clients, key);
    if (client != NULL) {
        return client->revoked ? WIRE_DENY : WIRE_ALLOW;
    }
    for (size_t i = 0; i < BROKER_ASKERS; i++) {
        struct asker *asker = &broker->askers[i];
        if (strcmp(asker->key, key) == 0) {
            if (broker->clients_read <= asker->asked_at) {
                return WIRE_UNDECIDED;
            }
            asker->key[0] = '\0';
            return WIRE_DENY;
        }
    }
    struct asker *asker = &broker->askers[broker->asker_next];
    broker->asker_next = (broker->asker_next + 1) % BROKER_ASKERS;
    memcpy(asker->key, key, sizeof(asker->key));
    /* One reading may be under way that began before the client was added. */
    asker->asked_at = broker->clients_read + (broker->clients_reading ? 1 : 0);
    broker->clients_wanted = true;
    return WIRE_UNDECIDED;
}

/* ---- leases ------------------------------------------------------------------------
 */

static void write_heard(struct broker *broker, int64_t mono_ms)
{
    enum { AT_ONCE = 1024 };
    int64_t clients[AT_ONCE];
    size_t count = 0;
    if (mono_ms < broker->next_heard_ms) {
        return;
    }
    broker->next_heard_ms = mono_ms + BROKER_HEARD_EVERY_MS;
    size_t cursor = 0;
    struct session *session;
    while ((session = map_next(&broker->sessions, &cursor)) != NULL) {
        if (session->heard && count < AT_ONCE) {
            session->heard = false;
            clients[count++] = session->client->id;
        }
    }
    /* With nobody to name it still says that this broker lives. */
    store_heard(broker->store, clients, count);
}

/* Whom it does not reach now, and what would be too much at once, the next pulse tells. */
static void ask_again(struct broker *broker, const struct client *client,
                      const struct index_source *source, size_t *io_asked)
{
    if (*io_asked < LIMIT_RESYNCS) {
        ++*io_asked;
        (void)session_resync(broker, client, source->key, source->epoch,
                             source->sequence);
    }
}

/* Tell the database and the client, once, of each source that is believed no more. */
static void note_lapses(struct broker *broker, int64_t mono_ms)
{
    enum { AT_ONCE = 256 };
    struct store_lapse lapsed[AT_ONCE];
    size_t count = 0;
    /* A publication that is under way would be overtaken. */
    if (mono_ms < broker->next_lapses_ms || broker->publisher_busy) {
        return;
    }
    broker->next_lapses_ms = mono_ms + BROKER_LAPSES_EVERY_MS;
    int64_t now_ms = broker_now_ms(broker);
    size_t client_cursor = 0;
    const struct client *client;
    while ((client = map_next(&broker->clients.by_id, &client_cursor)) != NULL) {
        size_t cursor = 0;
        size_t asked = 0;
        const struct index_source *source;
        bool is_here = session_of_client(broker, client->id) != NULL;
        /* What it says to another broker comes to our ears a little later. */
        int64_t lag_ms =
            !is_here && broker->follower.others > 0 ? BROKER_HEARD_LAG_MS : 0;
        while (count < AT_ONCE && (source = index_next_source(broker->index, client->id,
                                                              &cursor)) != NULL) {
            if (index_lease_until_ms(source) > now_ms - lag_ms || source->lapse_noted ||
                !index_note_lapse(broker->index, source)) {
                continue;
            }
            lapsed[count++] =
                (struct store_lapse){source->source, source->epoch, source->sequence};
            ask_again(broker, client, source, &asked);
        }
    }
    if (count > 0) {
        store_lapsed(broker->store, lapsed, count);
        follower_wake_others(broker);
    }
}

/* ---- forgetting --------------------------------------------------------------------
 */

static void purged(void *context, enum status status, size_t rows)
{
    struct broker *broker = context;
    broker->purging = false;
    if (status == STATUS_OK && rows >= BROKER_PURGE_ROWS) {
        /* There is more: a second later, so that others come to their turn. */
        broker->next_purge_ms -= BROKER_PURGE_EVERY_MS * 9 / 10;
    }
}

static void purge(struct broker *broker, int64_t mono_ms)
{
    if (broker->purging || mono_ms < broker->next_purge_ms) {
        return;
    }
    broker->purging = true;
    broker->next_purge_ms = mono_ms + BROKER_PURGE_EVERY_MS;
    store_purge(broker->store, NULL, BROKER_PURGE_ROWS, purged, broker);
}

/* ---- a turn ------------------------------------------------------------------------
 */

void keeper_turn(struct broker *broker)
{
    int64_t mono_ms = broker_mono_ms();
    /* Also lets go of those who asked while the database was away. */
    broker->wire->judge_again(broker->wire);
    if (!store_is_up(broker->store)) {
        return;
    }
    if (mono_ms >= broker->next_forget_ms) {
        broker->next_forget_ms = mono_ms + BROKER_FORGET_EVERY_MS;
        index_forget(broker->index, (minute_t)(broker_now_ms(broker) / 60000));
    }
    read_due(broker, mono_ms);
    read_clients(broker, mono_ms);
    note_lapses(broker, mono_ms);
    write_heard(broker, mono_ms);
    purge(broker, mono_ms);
    session_housekeeping(broker);
}

void keeper_tidy(struct broker *broker)
{
    /* Somebody waits for a thought, nobody for this; when it is thought there is a turn. */
    broker->untidy = thinker_count(broker->thinker) == 0 &&
                     index_rows_work(broker->index, broker_now_ms(broker));
}

int keeper_timeout_ms(const struct broker *broker)
{
    int64_t wait = broker->next_due_ms - broker_mono_ms();
    int follow = follower_timeout_ms(broker);
    wait = follow < wait ? follow : wait;
    int commands = writer_timeout_ms(broker);
    wait = commands < wait ? commands : wait;
    if (!store_is_up(broker->store)) {
        return BROKER_DUE_EVERY_MS;
    }
    if (reader_has_work(broker)) {
        return 0;
    }
    if (commands == 0 || broker->untidy) {
        return 0;
    }
    if (wait < 0) {
        return 1;
    }
    return wait > BROKER_DUE_EVERY_MS ? BROKER_DUE_EVERY_MS : (int)wait + 1;
}
