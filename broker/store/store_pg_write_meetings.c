// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_write_meetings.c - what a batch changes about meetings and what follows them
 */
#include "broker/store/store_pg_comment.h"
#include "broker/store/store_pg_holds.h"
#include "broker/store/store_pg_meeting.h"
#include "broker/store/store_pg_write.h"
#include "proto/limits.h"

#include <assert.h>
#include <stdlib.h>

/* People come as one flat array of which each row names its part. */
#define MEETING_ROWS                                                                   \
    "unnest($2::uuid[], $3::int4[], $4::int4[], $5::int4[], $6::int4[], $7::int8[],"   \
    "       $8::int4[], $9::int4[], $10::int4[], $11::int4[], $12::timestamptz[],"     \
    "       $13::timestamptz[], $14::timestamptz[], $15::bytea[], $16::bytea[],"       \
    "       $17::int4[], $18::bytea[], $19::text[])"                                   \
    " AS t (id, version, state, people_first, people_last, organizer, held_start,"     \
    "       held_end, firm_start, firm_end, hold_until, created, updated, body,"       \
    "       sealed, base, path, candidates)"
#define MEETING_PEOPLE "($1::int8[])[t.people_first:t.people_last]"
#define MEETING_HELD                                                                   \
    "CASE WHEN t.held_start < t.held_end THEN int4range(t.held_start, t.held_end) END"
#define MEETING_FIRM                                                                   \
    "CASE WHEN t.firm_start < t.firm_end THEN int4range(t.firm_start, t.firm_end) END"

static const struct pg_statement meetings_add = {
    "meetings_add",
    "INSERT INTO meeting (id, version, state, people, organizer, held, firm,"
    "                     hold_until, created, updated, body, sealed, path,"
    "                     candidates)"
    " SELECT t.id, t.version, t.state, " MEETING_PEOPLE ", t.organizer, " MEETING_HELD
    ", " MEETING_FIRM ", t.hold_until, t.created, t.updated, t.body, t.sealed, t.path,"
    "      t.candidates::int4range[]"
    "   FROM " MEETING_ROWS " WHERE t.base = 0 ORDER BY t.id"};

/* Row by row from the list to its place: compared with each other, the rows of a large
 * batch would be a square of them.  They have been locked, so that they stay in place. */
static const struct pg_statement meetings_change = {
    "meetings_change",
    "UPDATE meeting m"
    "   SET version = t.version, state = t.state, people = " MEETING_PEOPLE
    ", organizer = t.organizer, held = " MEETING_HELD ", firm = " MEETING_FIRM
    ", hold_until = t.hold_until, updated = t.updated, body = t.body,"
    "       sealed = t.sealed, path = t.path,"
    "       candidates = t.candidates::int4range[]"
    "  FROM " MEETING_ROWS " CROSS JOIN LATERAL (SELECT ctid FROM meeting"
    "        WHERE meeting.id = t.id AND meeting.version = t.base OFFSET 0) AS c"
    " WHERE m.ctid = c.ctid AND m.version = t.base"};

/* Locks the recipients by rising id, makes those that are missing, and raises their
 * counters by what is issued now. */
static const struct pg_statement recipients_raise = {
    "recipients_raise",
    "INSERT INTO recipient AS r (client, last_seq)"
    " SELECT client, sum(issued) FROM unnest($1::int8[], $2::int4[])"
    "        AS t (client, issued) GROUP BY client ORDER BY client"
    " ON CONFLICT (client) DO UPDATE SET last_seq = r.last_seq + excluded.last_seq"
    " RETURNING client, epoch, last_seq"};

/* Never above what was issued, never back. */
static const struct pg_statement recipients_ack = {
    "recipients_ack",
    "UPDATE recipient r SET acked_seq = least(r.last_seq, t.acked)"
    "  FROM (SELECT client, max(acked) AS acked"
    "          FROM unnest($1::int8[], $2::int8[]) AS a (client, acked)"
    "         GROUP BY client) AS t"
    " WHERE r.client = t.client AND r.acked_seq < least(r.last_seq, t.acked)"};

/* Behind recipients_raise: the last numbers below the counter, in the order given. */
static const struct pg_statement outbox_add = {
    "outbox_add",
    "INSERT INTO outbox (recipient, seq, meeting, version, at)"
    " SELECT t.client, r.last_seq - t.issued + t.n, t.meeting, t.version,"
    "        $4::timestamptz"
    "   FROM (SELECT client, meeting, version,"
    "                count(*) OVER (PARTITION BY client) AS issued,"
    "                row_number() OVER (PARTITION BY client ORDER BY place) AS n"
    "           FROM unnest($1::int8[], $2::uuid[], $3::int4[]) WITH ORDINALITY"
    "                AS u (client, meeting, version, place)) AS t"
    "   JOIN recipient r ON r.client = t.client"};

/* The sources are the client's own words: of one meeting it has so many, and reports of
 * more are not kept. */
static_assert(LIMIT_RESULTS == 256, "stands as a number in the statement");
static const struct pg_statement results_add = {
    "results_add",
    "INSERT INTO result AS r (meeting, client, source, version, kind, reason, comment,"
    "                         at)"
    " SELECT n.meeting, n.client, n.source, n.version, n.kind, n.reason, n.comment,"
    "        $8::timestamptz"
    "   FROM (SELECT o.*, row_number() OVER (PARTITION BY o.meeting, o.client) AS nth"
    "           FROM (SELECT DISTINCT ON (t.meeting, t.client, t.source) t.*"
    "                   FROM unnest($1::uuid[], $2::int8[], $3::text[], $4::int4[],"
    "                               $5::int4[], $6::int4[], $7::text[])"
    "                        WITH ORDINALITY AS t (meeting, client, source, version,"
    "                                              kind, reason, comment, place)"
    "                  ORDER BY t.meeting, t.client, t.source, t.version DESC,"
    "                           t.place DESC) AS o) AS n"
    "  WHERE EXISTS (SELECT FROM result k WHERE k.meeting = n.meeting"
    "                   AND k.client = n.client AND k.source = n.source)"
    "     OR n.nth + (SELECT count(*) FROM result k WHERE k.meeting = n.meeting"
    "                    AND k.client = n.client) <= 256"
    "  ORDER BY n.meeting, n.client, n.source"
    " ON CONFLICT (meeting, client, source) DO UPDATE"
    "    SET version = excluded.version, kind = excluded.kind,"
    "        reason = excluded.reason, comment = excluded.comment, at = excluded.at"
    "  WHERE r.version <= excluded.version"};

const struct pg_statement *const pg_write_meeting_statements[] = {&meetings_add,
                                                                  &meetings_change,
                                                                  &recipients_raise,
                                                                  &recipients_ack,
                                                                  &outbox_add,
                                                                  &results_add,
                                                                  NULL};

/* ---- meetings ----------------------------------------------------------------------
 */

enum {
    ROW_ID,
    ROW_VERSION,
    ROW_STATE,
    ROW_PEOPLE_FIRST,
    ROW_PEOPLE_LAST,
    ROW_ORGANIZER,
    ROW_HELD_START,
    ROW_HELD_END,
    ROW_FIRM_START,
    ROW_FIRM_END,
    ROW_HOLD_UNTIL,
    ROW_CREATED,
    ROW_UPDATED,
    ROW_BODY,
    ROW_SEALED,
    ROW_BASE,
    ROW_PATH,
    ROW_CANDIDATES,
    ROW_COLUMNS,
};

static const enum pg_type row_types[ROW_COLUMNS] = {
    PG_UUID,        PG_INT4,  PG_INT4,  PG_INT4, PG_INT4,        PG_INT8,
    PG_INT4,        PG_INT4,  PG_INT4,  PG_INT4, PG_TIMESTAMPTZ, PG_TIMESTAMPTZ,
    PG_TIMESTAMPTZ, PG_BYTEA, PG_BYTEA, PG_INT4, PG_BYTEA,       PG_TEXT};

static enum status put_meeting(struct store *store, struct pg_link *link,
                               const struct store_meeting_change *change,
                               size_t people_before, struct pg_array *columns)
{
    const struct entente_meeting *meeting = change->meeting;
    const struct entente_kept *kept = meeting->kept;
    struct entente_bytes body;
    struct entente_bytes sealed;
    char candidates[PG_CANDIDATES_BYTES];
    assert(meeting->id.size == 16 && kept != NULL);
    enum status status =
        pg_meeting_encode(store, meeting, &link->scratch, &body, &sealed);
    if (status != STATUS_OK) {
        return status;
    }
    pg_array_uuid(&columns[ROW_ID], meeting->id.data);
    pg_array_int4(&columns[ROW_VERSION], (int32_t)meeting->version);
    pg_array_int4(&columns[ROW_STATE], (int32_t)meeting->state);
    pg_array_int4(&columns[ROW_PEOPLE_FIRST], (int32_t)people_before + 1);
    pg_array_int4(&columns[ROW_PEOPLE_LAST],
                  (int32_t)(people_before + kept->people_count));
    pg_array_int8(&columns[ROW_ORGANIZER], kept->organizer);
    pg_array_int4(&columns[ROW_HELD_START], kept->held_start);
    pg_array_int4(&columns[ROW_HELD_END], kept->held_end);
    pg_array_int4(&columns[ROW_FIRM_START], kept->firm_start);
    pg_array_int4(&columns[ROW_FIRM_END], kept->firm_end);
    pg_array_time(&columns[ROW_HOLD_UNTIL], pg_meeting_hold_until(meeting));
    pg_array_time(&columns[ROW_CREATED], meeting->created_ms);
    pg_array_time(&columns[ROW_UPDATED], meeting->updated_ms);
    pg_array_bytes(&columns[ROW_BODY], body.data, body.size);
    pg_array_bytes(&columns[ROW_SEALED], sealed.data, sealed.size);
    pg_array_int4(&columns[ROW_BASE], (int32_t)change->base_version);
    pg_array_bytes(&columns[ROW_PATH], change->path.data, change->path.size);
    pg_array_text(&columns[ROW_CANDIDATES], pg_holds_candidates(kept, candidates));
    return STATUS_OK;
}

static size_t inserted(const struct store_changes *changes)
{
    size_t count = 0;
    for (size_t i = 0; i < changes->meeting_count; i++) {
        count += changes->meetings[i].base_version == 0 ? 1 : 0;
    }
    return count;
}

enum status pg_write_meetings(struct store *store, struct pg_link *link,
                              const struct store_changes *changes)
{
    size_t count = changes->meeting_count;
    if (count == 0) {
        return STATUS_OK;
    }
    size_t people_count = 0;
    for (size_t i = 0; i < count; i++) {
        people_count += changes->meetings[i].meeting->kept->people_count;
    }

    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array people = pg_array_begin(&args, PG_INT8, people_count);
    struct pg_array columns[ROW_COLUMNS];
    for (size_t column = 0; column < ROW_COLUMNS; column++) {
        columns[column] = pg_array_begin(&args, row_types[column], count);
    }
    size_t people_before = 0;
    for (size_t i = 0; i < count; i++) {
        const struct entente_kept *kept = changes->meetings[i].meeting->kept;
        enum status status =
            put_meeting(store, link, &changes->meetings[i], people_before, columns);
        if (status != STATUS_OK) {
            return status;
        }
        for (size_t j = 0; j < kept->people_count; j++) {
            pg_array_int8(&people, kept->people[j]);
        }
        people_before += kept->people_count;
    }
    pg_array_end(&people);
    for (size_t column = 0; column < ROW_COLUMNS; column++) {
        pg_array_end(&columns[column]);
    }
    size_t new_count = inserted(changes);
    if (new_count > 0) {
        pg_link_send(link, &meetings_add, &args);
    }
    if (new_count < count) {
        pg_link_send(link, &meetings_change, &args);
    }
    return STATUS_OK;
}

bool pg_write_issued(const struct pg_statement *statement, const PGresult *result,
                     struct arena *arena, struct store_written *written)
{
    if (statement != &recipients_raise) {
        return false;
    }
    size_t count = (size_t)PQntuples(result);
    struct store_issued *issued = arena_array(arena, count, sizeof(*issued));
    for (size_t i = 0; issued != NULL && i < count; i++) {
        int row = (int)i;
        issued[i] = (struct store_issued){
            .client = pg_int8(result, row, 0),
            .epoch = (uint64_t)pg_int8(result, row, 1),
            .last = (uint64_t)pg_int8(result, row, 2),
        };
    }
    written->issued = issued;
    written->issued_count = issued == NULL ? 0 : count;
    return true;
}

bool pg_write_meetings_hold(const struct store_changes *changes,
                            const struct pg_statement *statement,
                            const PGresult *result)
{
    if (statement != &meetings_change) {
        return true;
    }
    size_t wanted = changes->meeting_count - inserted(changes);
    return strtoul(PQcmdTuples((PGresult *)result), NULL, 10) == wanted;
}

/* ---- what follows ------------------------------------------------------------------
 */

static void send_raise(struct pg_link *link, const struct store_changes *changes)
{
    size_t issued_count = changes->outbox_count;
    size_t count = issued_count + changes->ack_count;
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array clients = pg_array_begin(&args, PG_INT8, count);
    struct pg_array issued = pg_array_begin(&args, PG_INT4, count);
    for (size_t i = 0; i < count; i++) {
        bool is_issued = i < issued_count;
        pg_array_int8(&clients, is_issued ? changes->outbox[i].client
                                          : changes->acks[i - issued_count].client);
        pg_array_int4(&issued, is_issued ? 1 : 0);
    }
    pg_array_end(&clients);
    pg_array_end(&issued);
    pg_link_send(link, &recipients_raise, &args);
}

static void send_acks(struct pg_link *link, const struct store_changes *changes)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array clients = pg_array_begin(&args, PG_INT8, changes->ack_count);
    struct pg_array acked = pg_array_begin(&args, PG_INT8, changes->ack_count);
    for (size_t i = 0; i < changes->ack_count; i++) {
        uint64_t sequence = changes->acks[i].sequence;
        pg_array_int8(&clients, changes->acks[i].client);
        pg_array_int8(&acked, sequence > INT64_MAX ? INT64_MAX : (int64_t)sequence);
    }
    pg_array_end(&clients);
    pg_array_end(&acked);
    pg_link_send(link, &recipients_ack, &args);
}

void pg_write_outbox(struct pg_link *link, const struct store_changes *changes)
{
    size_t count = changes->outbox_count;
    if (count > 0 || changes->ack_count > 0) {
        send_raise(link, changes);
    }
    if (changes->ack_count > 0) {
        send_acks(link, changes);
    }
    if (count == 0) {
        return;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array clients = pg_array_begin(&args, PG_INT8, count);
    struct pg_array meetings = pg_array_begin(&args, PG_UUID, count);
    struct pg_array versions = pg_array_begin(&args, PG_INT4, count);
    for (size_t i = 0; i < count; i++) {
        pg_array_int8(&clients, changes->outbox[i].client);
        pg_array_uuid(&meetings, changes->outbox[i].meeting.bytes);
        pg_array_int4(&versions, (int32_t)changes->outbox[i].version);
    }
    pg_array_end(&clients);
    pg_array_end(&meetings);
    pg_array_end(&versions);
    pg_args_time(&args, changes->now_ms);
    pg_link_send(link, &outbox_add, &args);
}

enum status pg_write_results(struct store *store, struct pg_link *link,
                             const struct store_changes *changes)
{
    size_t count = changes->result_count;
    if (count == 0) {
        return STATUS_OK;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array meetings = pg_array_begin(&args, PG_UUID, count);
    struct pg_array clients = pg_array_begin(&args, PG_INT8, count);
    struct pg_array sources = pg_array_begin(&args, PG_TEXT, count);
    struct pg_array versions = pg_array_begin(&args, PG_INT4, count);
    struct pg_array kinds = pg_array_begin(&args, PG_INT4, count);
    struct pg_array reasons = pg_array_begin(&args, PG_INT4, count);
    struct pg_array comments = pg_array_begin(&args, PG_TEXT, count);
    for (size_t i = 0; i < count; i++) {
        const struct store_result *one = &changes->results[i];
        pg_array_uuid(&meetings, one->meeting.bytes);
        pg_array_int8(&clients, one->client);
        pg_array_text(&sources, one->source);
        pg_array_int4(&versions, (int32_t)one->version);
        pg_array_int4(&kinds, (int32_t)one->kind);
        pg_array_int4(&reasons, (int32_t)one->reason);
        const struct pg_comment_row row = {one->meeting.bytes, one->client,
                                           one->source};
        const char *comment;
        enum status status =
            pg_comment_seal(store, &row, one->comment, &link->scratch, &comment);
        if (status != STATUS_OK) {
            return status;
        }
        pg_array_text(&comments, comment);
    }
    struct pg_array *const columns[] = {&meetings, &clients, &sources, &versions,
                                        &kinds,    &reasons, &comments};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        pg_array_end(columns[i]);
    }
    pg_args_time(&args, changes->now_ms);
    pg_link_send(link, &results_add, &args);
    return STATUS_OK;
}
