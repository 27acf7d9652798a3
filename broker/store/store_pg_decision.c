// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_decision.c - the steps of a negotiation, written with their batch and read
 * together
 *
 * The evidence of a search holds the free time of people, and what was said why somebody
 * stays away: both are sealed, and their place is the meeting and version.
 */
#include "broker/store/store_pg_write.h"

#include <stdlib.h>
#include <string.h>

static const struct pg_statement decisions_add = {
    "decisions_add",
    "INSERT INTO decision (meeting, version, at, event, came_from, went_to, client,"
    "                      channel, party, proposal, during, option, searched, matcher,"
    "                      evidence, said)"
    " SELECT t.meeting, t.version, $17::timestamptz, t.event, t.came_from, t.went_to,"
    "        t.client, t.channel, t.party, t.proposal,"
    "        CASE WHEN t.first < t.last THEN int4range(t.first, t.last) END, t.option,"
    "        t.searched, t.matcher, nullif(t.evidence, ''::bytea),"
    "        nullif(t.said, ''::bytea)"
    "   FROM unnest($1::uuid[], $2::int4[], $3::int4[], $4::int4[], $5::int4[],"
    "               $6::int8[], $7::int4[], $8::int4[], $9::int4[], $10::int4[],"
    "               $11::int4[], $12::int4[], $13::int4[], $14::bool[], $15::bytea[],"
    "               $16::bytea[])"
    "        AS t (meeting, version, event, came_from, went_to, client, channel, party,"
    "              proposal, first, last, option, matcher, searched, evidence, said)"};

static const struct pg_statement decisions_read = {
    "decisions_read",
    "SELECT version, at, event, came_from, went_to, client, channel, party, proposal,"
    "       lower(during), upper(during), option, searched, matcher, evidence,"
    "       said"
    "  FROM decision WHERE meeting = $1::uuid AND version > $2::int4"
    " ORDER BY version LIMIT $3::int8"};

const struct pg_statement *const pg_write_decision_statements[] = {&decisions_add,
                                                                   NULL};
const struct pg_statement *const pg_read_decision_statements[] = {&decisions_read,
                                                                  NULL};

/* ---- sealing -----------------------------------------------------------------------
 */

enum { ID = 16, KEY = ID + 4 };

static struct seal_place place_of(const struct store_decision *decision,
                                  const char *column, uint8_t key[KEY])
{
    memcpy(key, decision->meeting.bytes, ID);
    for (int i = 0; i < KEY - ID; i++) {
        key[ID + i] = (uint8_t)(decision->version >> (24 - 8 * i));
    }
    return (struct seal_place){
        .table = "decision", .column = column, .row = key, .row_size = KEY};
}

static enum status put_sealed(struct store *store, struct pg_link *link,
                              const struct store_decision *decision, const char *name,
                              struct entente_bytes plain, struct pg_array *column)
{
    uint8_t key[KEY];
    struct seal_place place = place_of(decision, name, key);
    size_t size = plain.size;
    if (size == 0) {
        pg_array_bytes(column, key, 0);
        return STATUS_OK;
    }
    uint8_t *sealed = arena_alloc(&link->scratch, size + SEAL_OVERHEAD);
    if (sealed == NULL) {
        return STATUS_FAILED;
    }
    enum status status =
        seal_close_bytes(store->seal, &place, plain.data, size, sealed);
    if (status == STATUS_OK) {
        pg_array_bytes(column, sealed, size + SEAL_OVERHEAD);
    }
    return status;
}

/* What has been altered is told as such: the other steps stand. */
static enum status unseal(struct store *store, struct arena *arena, const char *name,
                          struct entente_bytes sealed, struct store_decision *decision,
                          struct entente_bytes *ret)
{
    uint8_t key[KEY];
    struct seal_place place = place_of(decision, name, key);
    if (sealed.size < SEAL_OVERHEAD) {
        decision->altered = decision->altered || sealed.size > 0;
        return STATUS_OK;
    }
    size_t size = sealed.size - SEAL_OVERHEAD;
    uint8_t *plain = arena_alloc(arena, size);
    if (plain == NULL) {
        return STATUS_FAILED;
    }
    enum status status =
        seal_open_bytes(store->seal, &place, sealed.data, sealed.size, plain);
    if (status == STATUS_OK) {
        *ret = (struct entente_bytes){.data = plain, .size = size};
    }
    decision->altered = decision->altered || status == STATUS_DAMAGED;
    return status == STATUS_DAMAGED ? STATUS_OK : status;
}

/* ---- written with the batch --------------------------------------------------------
 */

/* A column of numbers: what stands at @offset in each decision. */
static void put_numbers(struct pg_args *args, const struct store_changes *changes,
                        size_t offset)
{
    struct pg_array column = pg_array_begin(args, PG_INT4, changes->decision_count);
    for (size_t i = 0; i < changes->decision_count; i++) {
        int32_t value;
        memcpy(&value, (const char *)&changes->decisions[i] + offset, sizeof(value));
        pg_array_int4(&column, value);
    }
    pg_array_end(&column);
}

static void put_clients(struct pg_args *args, const struct store_changes *changes)
{
    struct pg_array column = pg_array_begin(args, PG_INT8, changes->decision_count);
    for (size_t i = 0; i < changes->decision_count; i++) {
        pg_array_int8(&column, changes->decisions[i].client);
    }
    pg_array_end(&column);
}

static void put_searched(struct pg_args *args, const struct store_changes *changes)
{
    struct pg_array column = pg_array_begin(args, PG_BOOL, changes->decision_count);
    for (size_t i = 0; i < changes->decision_count; i++) {
        pg_array_bool(&column, changes->decisions[i].searched);
    }
    pg_array_end(&column);
}

/* A column that is sealed: the bytes that stand at @offset in each decision. */
static enum status put_bytes(struct store *store, struct pg_link *link,
                             struct pg_args *args, const struct store_changes *changes,
                             const char *name, size_t offset)
{
    struct pg_array column = pg_array_begin(args, PG_BYTEA, changes->decision_count);
    for (size_t i = 0; i < changes->decision_count; i++) {
        struct entente_bytes plain;
        memcpy(&plain, (const char *)&changes->decisions[i] + offset, sizeof(plain));
        enum status status =
            put_sealed(store, link, &changes->decisions[i], name, plain, &column);
        if (status != STATUS_OK) {
            return status;
        }
    }
    pg_array_end(&column);
    return STATUS_OK;
}

enum status pg_write_decisions(struct store *store, struct pg_link *link,
                               const struct store_changes *changes)
{
    /* Before and behind the clients, in the order of the parameters. */
    static const size_t before[] = {offsetof(struct store_decision, version),
                                    offsetof(struct store_decision, event),
                                    offsetof(struct store_decision, came_from),
                                    offsetof(struct store_decision, went_to)};
    static const size_t behind[] = {offsetof(struct store_decision, channel),
                                    offsetof(struct store_decision, party),
                                    offsetof(struct store_decision, proposal),
                                    offsetof(struct store_decision, start),
                                    offsetof(struct store_decision, end),
                                    offsetof(struct store_decision, option),
                                    offsetof(struct store_decision, matcher)};
    size_t count = changes->decision_count;
    if (count == 0) {
        return STATUS_OK;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array meetings = pg_array_begin(&args, PG_UUID, count);
    for (size_t i = 0; i < count; i++) {
        pg_array_uuid(&meetings, changes->decisions[i].meeting.bytes);
    }
    pg_array_end(&meetings);
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        put_numbers(&args, changes, before[i]);
    }
    put_clients(&args, changes);
    for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
        put_numbers(&args, changes, behind[i]);
    }
    put_searched(&args, changes);
    enum status status = put_bytes(store, link, &args, changes, "evidence",
                                   offsetof(struct store_decision, evidence));
    if (status == STATUS_OK) {
        status = put_bytes(store, link, &args, changes, "said",
                           offsetof(struct store_decision, said));
    }
    if (status == STATUS_OK) {
        pg_args_time(&args, changes->now_ms);
        pg_link_send(link, &decisions_add, &args);
    }
    return status;
}

/* ---- read --------------------------------------------------------------------------
 */

struct decisions_ask {
    struct pg_ask ask;
    const struct store_id *meeting;
    uint32_t after;
    size_t limit;
    store_decisions_fn done;
    struct store_decision *decisions;
    size_t count;
};

static enum status decisions_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct decisions_ask *ask = (struct decisions_ask *)job;
    if (segment == 0) {
        struct pg_args args;
        pg_args_init(&args, &link->scratch);
        pg_args_uuid(&args, ask->meeting->bytes);
        pg_args_int4(&args, ask->after > INT32_MAX ? INT32_MAX : (int32_t)ask->after);
        pg_args_int8(&args, (int64_t)ask->limit);
        pg_link_send(link, &decisions_read, &args);
    }
    return STATUS_OK;
}

static enum status take(struct decisions_ask *ask, const PGresult *result, int row,
                        struct store_decision *ret)
{
    *ret = (struct store_decision){
        .meeting = *ask->meeting,
        .version = (uint32_t)pg_int4(result, row, 0),
        .at_ms = pg_time_ms(result, row, 1),
        .event = (uint32_t)pg_int2(result, row, 2),
        .came_from = (uint32_t)pg_int2(result, row, 3),
        .went_to = (uint32_t)pg_int2(result, row, 4),
        .client = pg_int8(result, row, 5),
        .channel = (uint32_t)pg_int2(result, row, 6),
        .party = (uint32_t)pg_int2(result, row, 7),
        .proposal = (uint32_t)pg_int4(result, row, 8),
        .start = pg_int4(result, row, 9),
        .end = pg_int4(result, row, 10),
        .option = (uint32_t)pg_int2(result, row, 11),
        .searched = pg_bool(result, row, 12),
        .matcher = (uint32_t)pg_int4(result, row, 13),
    };
    struct store *store = ask->ask.store;
    struct arena *arena = ask->ask.arena;
    enum status status = unseal(store, arena, "evidence", pg_bytes(result, row, 14),
                                ret, &ret->evidence);
    return status != STATUS_OK ? status
                               : unseal(store, arena, "said", pg_bytes(result, row, 15),
                                        ret, &ret->said);
}

static enum status decisions_result(struct pg_job *job,
                                    const struct pg_statement *statement,
                                    const PGresult *result)
{
    (void)statement;
    struct decisions_ask *ask = (struct decisions_ask *)job;
    size_t count = (size_t)PQntuples(result);
    ask->decisions = arena_array(ask->ask.arena, count, sizeof(*ask->decisions));
    if (ask->decisions == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        enum status status = take(ask, result, (int)i, &ask->decisions[i]);
        if (status != STATUS_OK) {
            return status;
        }
    }
    ask->count = count;
    return STATUS_OK;
}

static void decisions_finish(struct pg_job *job, enum status status)
{
    struct decisions_ask *ask = (struct decisions_ask *)job;
    bool ok = status == STATUS_OK;
    ask->done(ask->ask.context, status, ok ? ask->decisions : NULL,
              ok ? ask->count : 0);
    free(ask);
}

void store_read_decisions(struct store *store, const struct store_id *meeting,
                          uint32_t after, size_t limit, struct arena *arena,
                          store_decisions_fn done, void *context)
{
    struct decisions_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->reader, arena, context);
    ask->ask.job = (struct pg_job){
        .send = decisions_send, .result = decisions_result, .finish = decisions_finish};
    ask->meeting = meeting;
    ask->after = after;
    ask->limit = limit;
    ask->done = done;
    pg_link_ask(&store->reader, &ask->ask.job);
}
