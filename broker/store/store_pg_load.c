// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_load.c - the first half of a batch: begin, lock, read
 *
 * One round trip.  Every statement has a snapshot of its own (READ COMMITTED), taken
 * once the statements before it hold their locks, so that each sees what the locks
 * protect.
 */
#include "broker/store/store_pg.h"
#include "broker/store/store_pg_divergence.h"
#include "broker/store/store_pg_holds.h"
#include "broker/store/store_pg_meeting.h"
#include "broker/store/store_pg_rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct pg_statement savepoint = {"savepoint", "SAVEPOINT doubt"};
static const struct pg_statement rollback_to = {"rollback_to",
                                                "ROLLBACK TO SAVEPOINT doubt"};

/* A commit whose answer was lost may still be under way.  To insert its commands waits
 * for it to end; to read them would not. */
static const struct pg_statement commands_probe = {
    "commands_probe",
    "INSERT INTO command (client, epoch, counter, digest, meeting, version, at)"
    " SELECT DISTINCT t.client, t.epoch, t.counter, decode(repeat('00', 32), 'hex'),"
    "        uuid '00000000-0000-0000-0000-000000000000', 0, clock_timestamp()"
    "   FROM unnest($1::int8[], $2::int8[], $3::int8[]) AS t (client, epoch, counter)"
    "  ORDER BY 1, 2, 3"
    " ON CONFLICT DO NOTHING"};

/* OFFSET 0 keeps the planner from turning the join round while the table is small. */
static const struct pg_statement commands_load = {
    "commands_load",
    "SELECT c.client, c.epoch, c.counter, c.digest, c.meeting, c.version"
    "  FROM unnest($1::int8[], $2::int8[], $3::int8[]) AS t (client, epoch, counter)"
    " CROSS JOIN LATERAL (SELECT * FROM command"
    "   WHERE command.client = t.client AND command.epoch = t.epoch"
    "     AND command.counter = t.counter OFFSET 0) AS c"};

/* Like the commands behind the locks, so that whatever the newer conversation has been told
 * of these meetings comes before. */
static const struct pg_statement overtaken_load = {
    "overtaken_load", "SELECT DISTINCT t.client"
                      "  FROM unnest($1::int8[], $2::int8[]) AS t (client, heard)"
                      " CROSS JOIN LATERAL (SELECT request_epoch FROM client"
                      "   WHERE client.id = t.client OFFSET 0) AS c"
                      " WHERE c.request_epoch > t.heard"};

static const struct pg_statement meetings_load = {
    "meetings_load", "SELECT id, body, sealed, EXISTS (SELECT FROM person"
                     "         WHERE frozen IS NOT NULL AND person.id = ANY (people))"
                     "  FROM meeting WHERE id = ANY ($1::uuid[])"
                     " ORDER BY id FOR NO KEY UPDATE"};

/* Whose results are told with their events. */
static const struct pg_statement reported_load = {
    "reported_load", "SELECT t.id FROM unnest($1::uuid[]) AS t (id)"
                     " CROSS JOIN LATERAL (SELECT 1 FROM result WHERE result.meeting = "
                     "t.id LIMIT 1) AS r"};

static const struct pg_statement people_load = {
    "people_load", "SELECT id, version, frozen IS NOT NULL FROM person"
                   " WHERE id = ANY ($1::int8[] || ARRAY("
                   "   SELECT unnest(people) FROM meeting WHERE id = ANY ($2::uuid[])))"
                   " ORDER BY id FOR NO KEY UPDATE"};

/* What is due has to be few; after a long outage the oldest come first.  A search that
 * waits for somebody, and a deadline of a meeting that takes somebody's time. */
static const struct pg_statement sooner_load = {
    "sooner_load",
    "SELECT d.meeting, d.reason, p.person, p.priority, p.since"
    "  FROM (SELECT meeting, reason, at FROM due"
    "         WHERE at <= (SELECT " PG_NOW ") AND reason IN (1, 3, 5, 6)"
    "         ORDER BY at LIMIT 4096) AS d"
    " CROSS JOIN (SELECT $1::int8[] || ARRAY(SELECT unnest(people) FROM meeting"
    "               WHERE id = ANY ($2::uuid[])) AS all_of_them) AS l"
    " CROSS JOIN LATERAL ("
    "   SELECT u.person, 0 AS priority, NULL::timestamptz AS since"
    "     FROM (SELECT people FROM meeting WHERE d.reason <> 1"
    "              AND meeting.id = d.meeting OFFSET 0) AS m,"
    "          unnest(m.people) AS u (person) WHERE u.person = ANY (l.all_of_them)"
    "   UNION ALL"
    "   SELECT w.person, w.priority, w.since"
    "     FROM (SELECT person, priority, since FROM waiting WHERE d.reason = 1"
    "              AND waiting.meeting = d.meeting OFFSET 0) AS w"
    "    WHERE w.person = ANY (l.all_of_them)) AS p"
    " ORDER BY d.reason = 1, p.priority DESC, p.since, d.meeting"};

static const struct pg_statement audit_load = {
    "audit_load",
    "SELECT seq, hash FROM audit WHERE broker = $1::int8 ORDER BY seq DESC LIMIT 1"};

static const struct pg_statement load_now = {"load_now", "SELECT " PG_NOW};

const struct pg_statement *const pg_load_statements[] = {
    &savepoint,     &rollback_to,   &commands_probe, &commands_load,
    &meetings_load, &people_load,   &sooner_load,    &audit_load,
    &load_now,      &reported_load, &overtaken_load, NULL};

struct load_ask {
    struct pg_ask ask;
    const struct store_wants *wants;
    store_loaded_fn done;
    struct store_loaded loaded;
};

static void send_commands(struct load_ask *ask, struct pg_link *link,
                          const struct pg_statement *statement)
{
    const struct store_wants *wants = ask->wants;
    struct pg_args args;
    pg_args_init(&args, &link->scratch);

    struct pg_array clients = pg_array_begin(&args, PG_INT8, wants->command_count);
    struct pg_array epochs = pg_array_begin(&args, PG_INT8, wants->command_count);
    struct pg_array counters = pg_array_begin(&args, PG_INT8, wants->command_count);
    for (size_t i = 0; i < wants->command_count; i++) {
        pg_array_int8(&clients, wants->commands[i].client);
        pg_array_int8(&epochs, (int64_t)wants->commands[i].epoch);
        pg_array_int8(&counters, (int64_t)wants->commands[i].counter);
    }
    pg_array_end(&clients);
    pg_array_end(&epochs);
    pg_array_end(&counters);
    pg_link_send(link, statement, &args);
}

static void send_overtaken(struct load_ask *ask, struct pg_link *link)
{
    const struct store_wants *wants = ask->wants;
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array clients = pg_array_begin(&args, PG_INT8, wants->command_count);
    struct pg_array heard = pg_array_begin(&args, PG_INT8, wants->command_count);
    for (size_t i = 0; i < wants->command_count; i++) {
        pg_array_int8(&clients, wants->commands[i].client);
        pg_array_int8(&heard, (int64_t)wants->heard[i]);
    }
    pg_array_end(&clients);
    pg_array_end(&heard);
    pg_link_send(link, &overtaken_load, &args);
}

static void send_meetings(struct load_ask *ask, struct pg_link *link)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array ids = pg_array_begin(&args, PG_UUID, ask->wants->meeting_count);
    for (size_t i = 0; i < ask->wants->meeting_count; i++) {
        pg_array_uuid(&ids, ask->wants->meetings[i].bytes);
    }
    pg_array_end(&ids);
    pg_link_send(link, &meetings_load, &args);
    pg_link_send(link, &reported_load, &args);
}

/* True when there may be people to lock. */
static bool send_people(struct load_ask *ask, struct pg_link *link)
{
    const struct store_wants *wants = ask->wants;
    size_t flagged = 0;
    for (size_t i = 0; i < wants->meeting_count; i++) {
        flagged += wants->with_people != NULL && wants->with_people[i] ? 1 : 0;
    }
    if (flagged == 0 && wants->people_count == 0) {
        return false;
    }

    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array people = pg_array_begin(&args, PG_INT8, wants->people_count);
    for (size_t i = 0; i < wants->people_count; i++) {
        pg_array_int8(&people, wants->people[i]);
    }
    pg_array_end(&people);
    struct pg_array meetings = pg_array_begin(&args, PG_UUID, flagged);
    for (size_t i = 0; i < wants->meeting_count && flagged > 0; i++) {
        if (wants->with_people[i]) {
            pg_array_uuid(&meetings, wants->meetings[i].bytes);
        }
    }
    pg_array_end(&meetings);
    pg_link_send(link, &people_load, &args);
    pg_link_send(link, &sooner_load, &args);
    return true;
}

static enum status load_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct load_ask *ask = (struct load_ask *)job;
    struct store *store = ask->ask.store;
    if (segment > 0) {
        return STATUS_OK;
    }
    /* A batch ends with store_batch_write() or store_batch_abandon(). */
    assert(!link->transaction);

    bool has_commands = ask->wants->command_count > 0;
    pg_link_send_plain(link, &pg_begin);
    if (has_commands && pg_link_clock_ms() < store->doubt_until_ms) {
        pg_link_send_plain(link, &savepoint);
        send_commands(ask, link, &commands_probe);
        pg_link_send_plain(link, &rollback_to);
    }
    if (ask->wants->meeting_count > 0) {
        send_meetings(ask, link);
    }
    (void)send_people(ask, link);
    if (has_commands) {
        /* Behind the locks: another broker may just have carried out one of them. */
        send_commands(ask, link, &commands_load);
    }
    if (has_commands && ask->wants->heard != NULL) {
        send_overtaken(ask, link);
    }
    if (ask->wants->divergences) {
        pg_divergence_ask(link, ask->wants);
    }
    if (ask->wants->holds) {
        pg_holds_ask(link, ask->wants);
    }
    if (!store->audit_known) {
        struct pg_args args;
        pg_args_init(&args, &link->scratch);
        pg_args_int8(&args, store->broker);
        pg_link_send(link, &audit_load, &args);
    }
    pg_link_send_plain(link, &load_now);
    return STATUS_OK;
}

static enum status read_commands(struct load_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    struct store_command *commands =
        arena_array(ask->ask.arena, count, sizeof(*commands));
    if (commands == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        int row = (int)i;
        struct entente_bytes digest = pg_bytes(result, row, 3);
        if (digest.size != sizeof(commands[i].digest)) {
            return STATUS_DAMAGED;
        }
        commands[i].key.client = pg_int8(result, row, 0);
        commands[i].key.epoch = (uint64_t)pg_int8(result, row, 1);
        commands[i].key.counter = (uint64_t)pg_int8(result, row, 2);
        memcpy(commands[i].digest, digest.data, digest.size);
        pg_uuid(result, row, 4, commands[i].meeting.bytes);
        commands[i].version = (uint32_t)pg_int4(result, row, 5);
    }
    ask->loaded.commands = commands;
    ask->loaded.command_count = count;
    return STATUS_OK;
}

static enum status read_overtaken(struct load_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    int64_t *overtaken = arena_array(ask->ask.arena, count, sizeof(*overtaken));
    if (overtaken == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        overtaken[i] = pg_int8(result, (int)i, 0);
    }
    ask->loaded.overtaken = overtaken;
    ask->loaded.overtaken_count = count;
    return STATUS_OK;
}

static enum status read_meetings(struct load_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    struct entente_meeting **meetings =
        arena_array(ask->ask.arena, count, sizeof(struct entente_meeting *));
    bool *frozen = arena_array(ask->ask.arena, count, sizeof(*frozen));
    if (meetings == NULL || frozen == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        frozen[i] = pg_bool(result, (int)i, 3);
        enum status status = pg_meeting_read(ask->ask.store, result, (int)i, 0,
                                             ask->ask.arena, &meetings[i]);
        if (status != STATUS_OK) {
            return status;
        }
    }
    ask->loaded.meetings = meetings;
    ask->loaded.frozen = frozen;
    ask->loaded.meeting_count = count;
    return STATUS_OK;
}

static enum status read_reported(struct load_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    struct store_id *reported = arena_array(ask->ask.arena, count, sizeof(*reported));
    if (reported == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        pg_uuid(result, (int)i, 0, reported[i].bytes);
    }
    ask->loaded.reported = reported;
    ask->loaded.reported_count = count;
    return STATUS_OK;
}

static enum status read_sooner(struct load_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    struct store_sooner *sooner = arena_array(ask->ask.arena, count, sizeof(*sooner));
    if (sooner == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        int row = (int)i;
        pg_uuid(result, row, 0, sooner[i].meeting.bytes);
        sooner[i].reason = (uint32_t)pg_int2(result, row, 1);
        sooner[i].person = pg_int8(result, row, 2);
        sooner[i].priority = (uint32_t)pg_int4(result, row, 3);
        sooner[i].since_ms = pg_time_ms(result, row, 4);
    }
    ask->loaded.sooner = sooner;
    ask->loaded.sooner_count = count;
    return STATUS_OK;
}

static enum status read_audit(struct store *store, const PGresult *result)
{
    store->audit_seq = 0;
    memset(store->audit_hash, 0, sizeof(store->audit_hash));
    if (PQntuples(result) > 0) {
        struct entente_bytes hash = pg_bytes(result, 0, 1);
        if (hash.size != sizeof(store->audit_hash)) {
            return STATUS_DAMAGED;
        }
        store->audit_seq = pg_int8(result, 0, 0);
        memcpy(store->audit_hash, hash.data, hash.size);
    }
    store->audit_known = true;
    return STATUS_OK;
}

static enum status load_result(struct pg_job *job, const struct pg_statement *statement,
                               const PGresult *result)
{
    struct load_ask *ask = (struct load_ask *)job;
    struct store_loaded *loaded = &ask->loaded;
    enum status status = STATUS_OK;
    if (pg_divergence_take(statement, result, ask->ask.arena, loaded, &status) ||
        pg_holds_take(statement, result, ask->ask.arena, loaded, &status)) {
        return status;
    }
    if (statement == &commands_load) {
        return read_commands(ask, result);
    }
    if (statement == &overtaken_load) {
        return read_overtaken(ask, result);
    }
    if (statement == &meetings_load) {
        return read_meetings(ask, result);
    }
    if (statement == &reported_load) {
        return read_reported(ask, result);
    }
    if (statement == &people_load) {
        return pg_people_read(result, ask->ask.arena, &loaded->people,
                              &loaded->people_count);
    }
    if (statement == &sooner_load) {
        return read_sooner(ask, result);
    }
    if (statement == &audit_load) {
        return read_audit(ask->ask.store, result);
    }
    if (statement == &load_now) {
        /* No meeting goes back in time, whatever the clocks of two servers say. */
        loaded->now_ms = pg_time_ms(result, 0, 0);
        for (size_t i = 0; i < loaded->meeting_count; i++) {
            if (loaded->meetings[i]->updated_ms > loaded->now_ms) {
                loaded->now_ms = loaded->meetings[i]->updated_ms;
            }
        }
    }
    return STATUS_OK;
}

static void load_finish(struct pg_job *job, enum status status)
{
    struct load_ask *ask = (struct load_ask *)job;
    ask->done(ask->ask.context, status, status == STATUS_OK ? &ask->loaded : NULL);
    free(ask);
}

void store_batch_load(struct store *store, unsigned writer,
                      const struct store_wants *wants, struct arena *arena,
                      store_loaded_fn done, void *context)
{
    struct pg_link *link = &store->writers[writer];
    struct load_ask *ask = pg_ask_create(sizeof(*ask), store, link, arena, context);
    ask->ask.job = (struct pg_job){
        .send = load_send, .result = load_result, .finish = load_finish};
    ask->wants = wants;
    ask->done = done;
    pg_link_ask(link, &ask->ask.job);
}

/* ---- abandon -----------------------------------------------------------------------
 */

static enum status abandon_send(struct pg_job *job, struct pg_link *link, int segment)
{
    (void)job;
    if (segment == 0 && link->transaction) {
        pg_link_send_plain(link, &pg_rollback);
    }
    return STATUS_OK;
}

static void abandon_finish(struct pg_job *job, enum status status)
{
    (void)status;
    free(job);
}

void store_batch_abandon(struct store *store, unsigned writer)
{
    struct pg_link *link = &store->writers[writer];
    struct pg_ask *ask = pg_ask_create(sizeof(*ask), store, link, NULL, NULL);
    ask->job = (struct pg_job){.send = abandon_send, .finish = abandon_finish};
    pg_link_ask(link, &ask->job);
}
