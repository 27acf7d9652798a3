// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_write.c - the second half of a batch: claims, everything else, commit
 *
 * Two round trips.  The first carries every change; its row counts are compared before
 * the second, which is the COMMIT and nothing else.  So a connection that is lost
 * before the COMMIT was sent leaves no doubt.
 */
#include "broker/store/store_pg_write.h"

#include "broker/log.h"
#include "broker/store/store_pg_divergence.h"
#include "broker/store/store_pg_rows.h"

#include <stdlib.h>
#include <string.h>

/* How long a backend that we have lost may take to end: see commands_probe. */
enum { DOUBT_MS = 60000 };

/* IS NOT DISTINCT FROM is = that no index serves: the GiST index behind the exclusion
 * constraint would be chosen for it, and is a hundred times slower here than the B-tree
 * on (person, lower(during)). */
static const struct pg_statement claims_remove = {
    "claims_remove",
    "DELETE FROM claim c"
    " USING unnest($1::int8[], $2::uuid[], $3::int4[], $4::int4[])"
    "       AS t (person, meeting, first, last)"
    " WHERE c.person = t.person AND lower(c.during) = t.first"
    "   AND c.meeting IS NOT DISTINCT FROM t.meeting AND upper(c.during) = t.last"};

/* Sorted, so that two brokers who want the same people wait instead of deadlocking. */
static const struct pg_statement claims_add = {
    "claims_add", "INSERT INTO claim (person, meeting, during, place)"
                  " SELECT t.person, t.meeting, int4range(t.first, t.last), t.place"
                  "   FROM unnest($1::int8[], $2::uuid[], $3::int4[], $4::int4[],"
                  "               $5::text[])"
                  "        AS t (person, meeting, first, last, place)"
                  "  ORDER BY t.person, t.first"};

/* A meeting that did not take place leaves nothing behind, not even claims that are past:
 * those no index knows any more. */
static const struct pg_statement claims_over = {
    "claims_over", "DELETE FROM claim c"
                   " USING unnest($1::int8[], $2::uuid[]) AS t (person, meeting)"
                   " WHERE c.person = t.person"
                   "   AND c.meeting IS NOT DISTINCT FROM t.meeting"};

/* The same for one that goes on: what it still holds is in its row by now. */
static const struct pg_statement claims_sweep = {
    "claims_sweep", "DELETE FROM claim c"
                    " USING unnest($1::int8[], $2::uuid[]) AS t (person, meeting)"
                    "  JOIN meeting m ON m.id = t.meeting"
                    " WHERE c.person = t.person"
                    "   AND c.meeting IS NOT DISTINCT FROM t.meeting"
                    "   AND c.during IS DISTINCT FROM m.held"
                    "   AND c.during IS DISTINCT FROM m.firm"
                    "   AND (c.during = ANY (m.candidates)) IS NOT TRUE"};

static const struct pg_statement people_raise = {
    "people_raise", "UPDATE person SET version = version + 1"
                    " WHERE id = ANY ($1::int8[]) RETURNING id, version"};

static const struct pg_statement commands_add = {
    "commands_add",
    "INSERT INTO command (client, epoch, counter, digest, meeting, version, at)"
    " SELECT t.client, t.epoch, t.counter, t.digest, t.meeting, t.version, "
    "$7::timestamptz"
    "   FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::bytea[], $5::uuid[],"
    "               $6::int4[])"
    "        AS t (client, epoch, counter, digest, meeting, version)"
    "  ORDER BY 1, 2, 3"};

/* A meeting is not woken by what it gives up itself. */
static const struct pg_statement waiting_wake = {
    "waiting_wake",
    "INSERT INTO due (meeting, reason, at)"
    " SELECT DISTINCT w.meeting, 1, $3::timestamptz"
    "   FROM unnest($1::int8[], $2::uuid[]) AS t (person, meeting)"
    "  CROSS JOIN LATERAL (SELECT * FROM waiting WHERE waiting.person = t.person"
    "                       AND waiting.meeting <> t.meeting OFFSET 0) AS w"
    "  ORDER BY 1"
    " ON CONFLICT (meeting, reason)"
    " DO UPDATE SET at = least(due.at, excluded.at)"};

const struct pg_statement *const pg_write_statements[] = {
    &claims_remove, &claims_over,  &claims_sweep, &claims_add,
    &people_raise,  &commands_add, &waiting_wake, NULL};

struct write_ask {
    struct pg_ask ask;
    const struct store_changes *changes;
    store_written_fn done;
    struct store_written written;
    struct store_person *people;
    uint8_t audit_hash[SEAL_HASH_SIZE];
    bool was_empty; /* the COMMIT was the first segment */
};

static void send_claims(struct pg_link *link, const struct pg_statement *statement,
                        const struct store_claim *claims, size_t count)
{
    if (count == 0) {
        return;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array people = pg_array_begin(&args, PG_INT8, count);
    struct pg_array meetings = pg_array_begin(&args, PG_UUID, count);
    struct pg_array starts = pg_array_begin(&args, PG_INT4, count);
    struct pg_array ends = pg_array_begin(&args, PG_INT4, count);
    for (size_t i = 0; i < count; i++) {
        pg_array_int8(&people, claims[i].person);
        pg_array_uuid(&meetings, claims[i].meeting.bytes);
        pg_array_int4(&starts, claims[i].start);
        pg_array_int4(&ends, claims[i].end);
    }
    pg_array_end(&people);
    pg_array_end(&meetings);
    pg_array_end(&starts);
    pg_array_end(&ends);
    if (statement == &claims_add) {
        struct pg_array places = pg_array_begin(&args, PG_TEXT, count);
        for (size_t i = 0; i < count; i++) {
            pg_array_text(&places, claims[i].place);
        }
        pg_array_end(&places);
    }
    pg_link_send(link, statement, &args);
}

static bool is_called_off(const struct store_meeting_change *change)
{
    return change->base_version != 0 && (change->meeting->state == ENTENTE_CANCELLED ||
                                         change->meeting->state == ENTENTE_EXPIRED);
}

static bool goes_on(const struct store_meeting_change *change)
{
    return change->sweeps && change->base_version != 0 && !is_called_off(change) &&
           change->meeting->state != ENTENTE_DONE;
}

/* For each person of the meetings that @concerns. */
static void send_of(struct pg_link *link, const struct store_changes *changes,
                    const struct pg_statement *statement,
                    bool (*concerns)(const struct store_meeting_change *change))
{
    size_t count = 0;
    for (size_t i = 0; i < changes->meeting_count; i++) {
        if (concerns(&changes->meetings[i])) {
            count += changes->meetings[i].meeting->kept->people_count;
        }
    }
    if (count == 0) {
        return;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array people = pg_array_begin(&args, PG_INT8, count);
    struct pg_array meetings = pg_array_begin(&args, PG_UUID, count);
    for (size_t i = 0; i < changes->meeting_count; i++) {
        const struct entente_meeting *meeting = changes->meetings[i].meeting;
        bool concerned = concerns(&changes->meetings[i]);
        for (size_t j = 0; concerned && j < meeting->kept->people_count; j++) {
            pg_array_int8(&people, meeting->kept->people[j]);
            pg_array_uuid(&meetings, meeting->id.data);
        }
    }
    pg_array_end(&people);
    pg_array_end(&meetings);
    pg_link_send(link, statement, &args);
}

static void send_people(struct pg_link *link, const struct store_changes *changes)
{
    size_t removed = changes->claims_removed_count;
    size_t count = removed + changes->claims_added_count;
    if (count == 0) {
        return;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array people = pg_array_begin(&args, PG_INT8, count);
    for (size_t i = 0; i < count; i++) {
        pg_array_int8(&people, i < removed ? changes->claims_removed[i].person
                                           : changes->claims_added[i - removed].person);
    }
    pg_array_end(&people);
    pg_link_send(link, &people_raise, &args);
}

static void send_commands(struct pg_link *link, const struct store_changes *changes)
{
    size_t count = changes->command_count;
    if (count == 0) {
        return;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array clients = pg_array_begin(&args, PG_INT8, count);
    struct pg_array epochs = pg_array_begin(&args, PG_INT8, count);
    struct pg_array counters = pg_array_begin(&args, PG_INT8, count);
    struct pg_array digests = pg_array_begin(&args, PG_BYTEA, count);
    struct pg_array meetings = pg_array_begin(&args, PG_UUID, count);
    struct pg_array versions = pg_array_begin(&args, PG_INT4, count);
    for (size_t i = 0; i < count; i++) {
        const struct store_command *command = &changes->commands[i];
        pg_array_int8(&clients, command->key.client);
        pg_array_int8(&epochs, (int64_t)command->key.epoch);
        pg_array_int8(&counters, (int64_t)command->key.counter);
        pg_array_bytes(&digests, command->digest, sizeof(command->digest));
        pg_array_uuid(&meetings, command->meeting.bytes);
        pg_array_int4(&versions, (int32_t)command->version);
    }
    pg_array_end(&clients);
    pg_array_end(&epochs);
    pg_array_end(&counters);
    pg_array_end(&digests);
    pg_array_end(&meetings);
    pg_array_end(&versions);
    pg_args_time(&args, changes->now_ms);
    pg_link_send(link, &commands_add, &args);
}

static void send_wake(struct pg_link *link, const struct store_changes *changes)
{
    size_t count = changes->claims_removed_count;
    if (count == 0) {
        return;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array people = pg_array_begin(&args, PG_INT8, count);
    struct pg_array meetings = pg_array_begin(&args, PG_UUID, count);
    for (size_t i = 0; i < count; i++) {
        pg_array_int8(&people, changes->claims_removed[i].person);
        pg_array_uuid(&meetings, changes->claims_removed[i].meeting.bytes);
    }
    pg_array_end(&people);
    pg_array_end(&meetings);
    pg_args_time(&args, changes->now_ms);
    pg_link_send(link, &waiting_wake, &args);
}

static enum status write_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct write_ask *ask = (struct write_ask *)job;
    const struct store_changes *changes = ask->changes;
    if (segment == 1 && !ask->was_empty) {
        pg_link_send_plain(link, &pg_commit);
    }
    if (segment != 0) {
        return STATUS_OK;
    }

    send_claims(link, &claims_remove, changes->claims_removed,
                changes->claims_removed_count);
    send_of(link, changes, &claims_over, is_called_off);
    send_claims(link, &claims_add, changes->claims_added, changes->claims_added_count);
    send_people(link, changes);
    if (changes->claims_added_count > 0) {
        pg_link_push(link);
    }
    enum status status = pg_write_meetings(ask->ask.store, link, changes);
    if (status != STATUS_OK) {
        return status;
    }
    send_of(link, changes, &claims_sweep, goes_on);
    send_commands(link, changes);
    status = pg_write_decisions(ask->ask.store, link, changes);
    if (status != STATUS_OK) {
        return status;
    }
    pg_write_outbox(link, changes);
    pg_write_dues(link, changes);
    pg_write_waiting(link, changes);
    send_wake(link, changes);
    pg_divergence_write(link, changes);
    status = pg_write_results(ask->ask.store, link, changes);
    if (status != STATUS_OK) {
        return status;
    }
    status = pg_write_audit(ask->ask.store, link, changes, ask->audit_hash);
    if (status != STATUS_OK) {
        return status;
    }
    pg_write_feed(ask->ask.store, link, changes);
    if (link->sent_count == 0) {
        ask->was_empty = true;
        pg_link_send_plain(link, &pg_commit);
    }
    return STATUS_OK;
}

static enum status write_result(struct pg_job *job,
                                const struct pg_statement *statement,
                                const PGresult *result)
{
    struct write_ask *ask = (struct write_ask *)job;
    if (statement == &people_raise) {
        enum status status = pg_people_read(result, ask->ask.arena, &ask->people,
                                            &ask->written.people_count);
        ask->written.people = ask->people;
        return status;
    }
    if (statement == &claims_remove) {
        long rows = strtol(PQcmdTuples((PGresult *)result), NULL, 10);
        if (rows != (long)ask->changes->claims_removed_count) {
            log_line(LOG_WARNING, "store",
                     "%zu claims were to be removed, %ld were there",
                     ask->changes->claims_removed_count, rows);
        }
        return STATUS_OK;
    }
    if (pg_write_issued(statement, result, ask->ask.arena, &ask->written)) {
        return STATUS_OK;
    }
    return pg_write_meetings_hold(ask->changes, statement, result) ? STATUS_OK
                                                                   : STATUS_RETRY;
}

static void write_finish(struct pg_job *job, enum status status)
{
    struct write_ask *ask = (struct write_ask *)job;
    struct store *store = ask->ask.store;
    if (status == STATUS_OK && ask->changes->audit.size > 0) {
        store->audit_seq++;
        store->audit_acknowledged = store->audit_seq;
        memcpy(store->audit_hash, ask->audit_hash, sizeof(store->audit_hash));
    } else if (status != STATUS_OK) {
        store->audit_known = false;
    }
    if (status == STATUS_UNKNOWN) {
        store->doubt_until_ms = pg_link_clock_ms() + DOUBT_MS;
    }
    ask->done(ask->ask.context, status, status == STATUS_OK ? &ask->written : NULL);
    free(ask);
}

void store_batch_write(struct store *store, unsigned writer,
                       const struct store_changes *changes, struct arena *arena,
                       store_written_fn done, void *context)
{
    struct pg_link *link = &store->writers[writer];
    struct write_ask *ask = pg_ask_create(sizeof(*ask), store, link, arena, context);
    ask->ask.job = (struct pg_job){.send = write_send,
                                   .result = write_result,
                                   .finish = write_finish,
                                   .in_transaction = true};
    ask->changes = changes;
    ask->done = done;
    pg_link_ask(link, &ask->ask.job);
}
