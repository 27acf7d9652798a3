// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_publish.c - availability comes in, on a link of its own
 *
 * Everything of one call in one transaction.  A publication older than what is stored
 * is STATUS_REFUSED for the whole call; the same one again is fine.
 */
#include "broker/log.h"
#include "broker/store/store_pg_divergence.h"
#include "broker/store/store_pg_rows.h"
#include "broker/store/store_pg_write.h"
#include "proto/codec.h"

#include <stdlib.h>
#include <string.h>

/* Those published for, and those whom one of the sources stood for before. */
#define PUBLISHED_PEOPLE                                                               \
    "$1::int8[] || ARRAY("                                                             \
    "  SELECT s.person FROM unnest($2::int8[], $3::text[]) AS t (client, key)"         \
    "   CROSS JOIN LATERAL (SELECT person FROM source WHERE source.client = t.client"  \
    "                          AND source.key = t.key OFFSET 0) AS s)"

static const struct pg_statement publish_lock = {
    "publish_lock", "SELECT id FROM person WHERE id = ANY (" PUBLISHED_PEOPLE ")"
                    " ORDER BY id FOR NO KEY UPDATE"};

static const struct pg_statement publish_now = {"publish_now", "SELECT " PG_NOW};

static const struct pg_statement publish_raise = {
    "publish_raise", "UPDATE person SET version = version + 1"
                     " WHERE id = ANY (" PUBLISHED_PEOPLE ") RETURNING id, version"};

static const struct pg_statement sources_put = {
    "sources_put",
    "INSERT INTO source AS s (id, client, key, person, structure, name, epoch,"
    "                         sequence, coverage_start, coverage_end, as_of,"
    "                         lease_seconds, ranges, range_count, notice_minutes,"
    "                         daily_cap, tacit)"
    " SELECT * FROM unnest($1::int8[], $2::int8[], $3::text[], $4::int8[], $5::text[],"
    "                      $6::text[], $7::int8[], $8::int8[], $9::int4[], $10::int4[],"
    "                      $11::timestamptz[], $12::int4[], $13::bytea[], $14::int4[],"
    "                      $15::int4[], $16::int4[], $17::bool[])"
    " ON CONFLICT (client, key) DO UPDATE"
    "    SET person = excluded.person, structure = excluded.structure,"
    "        name = excluded.name, version = s.version + 1, epoch = excluded.epoch,"
    "        sequence = excluded.sequence, coverage_start = excluded.coverage_start,"
    "        coverage_end = excluded.coverage_end, as_of = excluded.as_of,"
    "        lease_seconds = excluded.lease_seconds, ranges = excluded.ranges,"
    "        range_count = excluded.range_count,"
    "        notice_minutes = excluded.notice_minutes, daily_cap = excluded.daily_cap,"
    "        tacit = excluded.tacit"
    "  WHERE (s.epoch, s.sequence) <= (excluded.epoch, excluded.sequence)"};

/* Answers how many of them stay, because something newer has been said of them. */
static const struct pg_statement sources_withdraw = {
    "sources_withdraw",
    "WITH withdrawn AS MATERIALIZED ("
    "  SELECT s.id, (s.epoch, s.sequence) > (t.epoch, t.sequence) AS stays"
    "    FROM unnest($1::int8[], $2::text[], $3::int8[], $4::int8[])"
    "         AS t (client, key, epoch, sequence)"
    "   CROSS JOIN LATERAL (SELECT id, epoch, sequence FROM source"
    "     WHERE source.client = t.client AND source.key = t.key OFFSET 0) AS s),"
    " gone AS (DELETE FROM source WHERE id = ANY (ARRAY("
    "  SELECT id FROM withdrawn WHERE NOT stays)))"
    "SELECT count(*) FROM withdrawn WHERE stays"};

static const struct pg_statement publish_wake = {
    "publish_wake",
    "INSERT INTO due (meeting, reason, at)"
    " SELECT meeting, 1, " PG_NOW "   FROM (SELECT DISTINCT meeting FROM waiting"
    "          WHERE person = ANY ($1::int8[])) w ORDER BY 1"
    " ON CONFLICT (meeting, reason)"
    " DO UPDATE SET at = least(due.at, excluded.at)"};

const struct pg_statement pg_heard_put = {
    "heard_put",
    "INSERT INTO heard (client, at)"
    " SELECT id, " PG_NOW " FROM client WHERE id = ANY ($1::int8[]) ORDER BY id"
    " ON CONFLICT (client) DO UPDATE SET at = greatest(heard.at, excluded.at)"};

const struct pg_statement *const pg_publish_statements[] = {
    &publish_lock,     &publish_now,  &publish_raise, &sources_put,
    &sources_withdraw, &publish_wake, &pg_heard_put,  NULL};

struct publish_ask {
    struct pg_ask ask;
    const struct store_publication *publications;
    size_t count;
    const struct store_publication **last; /* of each source, sorted */
    size_t put_count;
    size_t withdrawn_count;
    store_published_fn done;
    struct store_published published;
    struct store_person *people;
    struct pg_claimed *claims; /* of the people published for */
    size_t claim_count;
    bool noted; /* that some of them lie under what is published */
};

static int by_source(const void *left, const void *right)
{
    const struct store_publication *a = *(const struct store_publication *const *)left;
    const struct store_publication *b = *(const struct store_publication *const *)right;
    if (a->client != b->client) {
        return a->client < b->client ? -1 : 1;
    }
    int order = strcmp(a->key, b->key);
    if (order != 0) {
        return order;
    }
    return a < b ? -1 : a > b;
}

/* Of several publications of one source only the last is stored. */
static enum status find_last(struct publish_ask *ask, struct arena *scratch)
{
    const struct store_publication **all =
        arena_array(scratch, ask->count, sizeof(const struct store_publication *));
    if (all == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < ask->count; i++) {
        all[i] = &ask->publications[i];
    }
    qsort(all, ask->count, sizeof(const struct store_publication *), by_source);

    size_t kept = 0;
    for (size_t i = 0; i < ask->count; i++) {
        if (i + 1 < ask->count && all[i]->client == all[i + 1]->client &&
            strcmp(all[i]->key, all[i + 1]->key) == 0) {
            continue;
        }
        if (all[i]->withdrawn) {
            ask->withdrawn_count++;
        } else {
            ask->put_count++;
        }
        all[kept++] = all[i];
    }
    ask->last = all;
    return STATUS_OK;
}

static void put_people(struct publish_ask *ask, struct pg_args *args)
{
    struct pg_array people = pg_array_begin(args, PG_INT8, ask->count);
    for (size_t i = 0; i < ask->count; i++) {
        pg_array_int8(&people, ask->publications[i].person);
    }
    pg_array_end(&people);
}

/* The keys of all that are stored or withdrawn. */
static void put_keys(struct publish_ask *ask, struct pg_args *args)
{
    size_t count = ask->put_count + ask->withdrawn_count;
    struct pg_array clients = pg_array_begin(args, PG_INT8, count);
    struct pg_array keys = pg_array_begin(args, PG_TEXT, count);
    for (size_t i = 0; i < count; i++) {
        pg_array_int8(&clients, ask->last[i]->client);
        pg_array_text(&keys, ask->last[i]->key);
    }
    pg_array_end(&clients);
    pg_array_end(&keys);
}

static void send_withdrawn(struct publish_ask *ask, struct pg_link *link)
{
    size_t count = ask->withdrawn_count;
    struct pg_args args;
    if (count == 0) {
        return;
    }
    pg_args_init(&args, &link->scratch);
    struct pg_array clients = pg_array_begin(&args, PG_INT8, count);
    struct pg_array keys = pg_array_begin(&args, PG_TEXT, count);
    struct pg_array epochs = pg_array_begin(&args, PG_INT8, count);
    struct pg_array sequences = pg_array_begin(&args, PG_INT8, count);
    for (size_t i = 0; i < ask->put_count + count; i++) {
        if (ask->last[i]->withdrawn) {
            pg_array_int8(&clients, ask->last[i]->client);
            pg_array_text(&keys, ask->last[i]->key);
            pg_array_int8(&epochs, (int64_t)ask->last[i]->epoch);
            pg_array_int8(&sequences, (int64_t)ask->last[i]->sequence);
        }
    }
    pg_array_end(&clients);
    pg_array_end(&keys);
    pg_array_end(&epochs);
    pg_array_end(&sequences);
    pg_link_send(link, &sources_withdraw, &args);
}

enum {
    SOURCE_ID,
    SOURCE_CLIENT,
    SOURCE_KEY,
    SOURCE_PERSON,
    SOURCE_STRUCTURE,
    SOURCE_NAME,
    SOURCE_EPOCH,
    SOURCE_SEQUENCE,
    SOURCE_COVERAGE_START,
    SOURCE_COVERAGE_END,
    SOURCE_AS_OF,
    SOURCE_LEASE,
    SOURCE_RANGES,
    SOURCE_RANGE_COUNT,
    SOURCE_NOTICE,
    SOURCE_DAILY_CAP,
    SOURCE_TACIT,
    SOURCE_COLUMNS,
};

static const enum pg_type source_types[SOURCE_COLUMNS] = {
    PG_INT8,  PG_INT8, PG_TEXT, PG_INT8, PG_TEXT,        PG_TEXT,
    PG_INT8,  PG_INT8, PG_INT4, PG_INT4, PG_TIMESTAMPTZ, PG_INT4,
    PG_BYTEA, PG_INT4, PG_INT4, PG_INT4, PG_BOOL};

static bool put_source(struct pg_link *link, const struct store_publication *one,
                       struct pg_array *columns)
{
    struct entente_bytes ranges;
    if (!codec_encode_ranges(one->ranges, one->range_count, &link->scratch, &ranges)) {
        return false;
    }
    pg_array_int8(&columns[SOURCE_ID],
                  one->source != 0 ? one->source : one->new_source);
    pg_array_int8(&columns[SOURCE_CLIENT], one->client);
    pg_array_text(&columns[SOURCE_KEY], one->key);
    pg_array_int8(&columns[SOURCE_PERSON], one->person);
    pg_array_text(&columns[SOURCE_STRUCTURE], one->structure);
    pg_array_text(&columns[SOURCE_NAME], one->name);
    pg_array_int8(&columns[SOURCE_EPOCH], (int64_t)one->epoch);
    pg_array_int8(&columns[SOURCE_SEQUENCE], (int64_t)one->sequence);
    pg_array_int4(&columns[SOURCE_COVERAGE_START], one->coverage_start);
    pg_array_int4(&columns[SOURCE_COVERAGE_END], one->coverage_end);
    pg_array_time(&columns[SOURCE_AS_OF], one->as_of_ms);
    pg_array_int4(&columns[SOURCE_LEASE], (int32_t)one->lease_seconds);
    pg_array_bytes(&columns[SOURCE_RANGES], ranges.data, ranges.size);
    pg_array_int4(&columns[SOURCE_RANGE_COUNT], (int32_t)one->range_count);
    pg_array_int4(&columns[SOURCE_NOTICE], one->notice);
    pg_array_int4(&columns[SOURCE_DAILY_CAP], one->daily_cap);
    pg_array_bool(&columns[SOURCE_TACIT], one->tacit);
    return true;
}

static enum status send_sources(struct publish_ask *ask, struct pg_link *link)
{
    if (ask->put_count == 0) {
        return STATUS_OK;
    }
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array columns[SOURCE_COLUMNS];
    for (size_t column = 0; column < SOURCE_COLUMNS; column++) {
        columns[column] = pg_array_begin(&args, source_types[column], ask->put_count);
    }
    for (size_t i = 0; i < ask->put_count + ask->withdrawn_count; i++) {
        if (!ask->last[i]->withdrawn && !put_source(link, ask->last[i], columns)) {
            return STATUS_FAILED;
        }
    }
    for (size_t column = 0; column < SOURCE_COLUMNS; column++) {
        pg_array_end(&columns[column]);
    }
    pg_link_send(link, &sources_put, &args);
    return STATUS_OK;
}

static enum status send_changes(struct publish_ask *ask, struct pg_link *link)
{
    enum status status = find_last(ask, &link->scratch);
    if (status != STATUS_OK) {
        return status;
    }
    struct pg_args args;
    pg_link_send_plain(link, &pg_begin);
    pg_args_init(&args, &link->scratch);
    put_people(ask, &args);
    put_keys(ask, &args);
    pg_link_send(link, &publish_lock, &args);
    pg_link_send_plain(link, &publish_now);
    pg_link_send(link, &publish_raise, &args);
    pg_divergence_ask_claims(link, ask->publications, ask->count);
    status = send_sources(ask, link);
    if (status != STATUS_OK) {
        return status;
    }
    send_withdrawn(ask, link);
    pg_args_init(&args, &link->scratch);
    put_people(ask, &args);
    pg_link_send(link, &publish_wake, &args);
    /* What was said now is believed from now on, also by a broker that starts later. */
    pg_args_init(&args, &link->scratch);
    struct pg_array clients = pg_array_begin(&args, PG_INT8, ask->count);
    for (size_t i = 0; i < ask->count; i++) {
        pg_array_int8(&clients, ask->publications[i].client);
    }
    pg_array_end(&clients);
    pg_link_send(link, &pg_heard_put, &args);
    pg_publish_feed(ask->ask.store, link, ask->publications, ask->count);
    return STATUS_OK;
}

static enum status publish_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct publish_ask *ask = (struct publish_ask *)job;
    if (segment == 0) {
        return send_changes(ask, link);
    }
    if (segment == 1) {
        ask->noted = pg_divergence_note(link, ask->publications, ask->count,
                                        ask->claims, ask->claim_count);
    }
    if (segment == (ask->noted ? 2 : 1)) {
        pg_link_send_plain(link, &pg_commit);
    }
    return STATUS_OK;
}

/* ---- answers -----------------------------------------------------------------------
 */

static int by_person(const void *left, const void *right)
{
    const struct store_person *a = left;
    const struct store_person *b = right;
    return a->person < b->person ? -1 : a->person > b->person;
}

/* One new version for each publication, in their order. */
static enum status read_versions(struct publish_ask *ask, const PGresult *result)
{
    struct store_person *raised;
    size_t raised_count;
    enum status status = pg_people_read(result, ask->ask.arena, &raised, &raised_count);
    if (status != STATUS_OK) {
        return status;
    }
    qsort(raised, raised_count, sizeof(*raised), by_person);
    ask->people = arena_array(ask->ask.arena, ask->count, sizeof(*ask->people));
    if (ask->people == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < ask->count; i++) {
        struct store_person key = {.person = ask->publications[i].person};
        const struct store_person *found =
            bsearch(&key, raised, raised_count, sizeof(*raised), by_person);
        if (found == NULL) {
            return STATUS_REFUSED;
        }
        ask->people[i] = *found;
    }
    ask->published.people = ask->people;
    ask->published.count = ask->count;
    return STATUS_OK;
}

static enum status publish_result(struct pg_job *job,
                                  const struct pg_statement *statement,
                                  const PGresult *result)
{
    struct publish_ask *ask = (struct publish_ask *)job;
    enum status status = STATUS_OK;
    if (pg_divergence_take_claims(statement, result, ask->ask.arena, &ask->claims,
                                  &ask->claim_count, &status)) {
        return status;
    }
    if (statement == &publish_now) {
        ask->published.now_ms = pg_time_ms(result, 0, 0);
    } else if (statement == &publish_raise) {
        return read_versions(ask, result);
    } else if ((statement == &sources_put &&
                strtoul(PQcmdTuples((PGresult *)result), NULL, 10) != ask->put_count) ||
               (statement == &sources_withdraw && pg_int8(result, 0, 0) > 0)) {
        log_line(LOG_WARNING, "store", "a newer publication is already stored");
        return STATUS_REFUSED;
    }
    return STATUS_OK;
}

static void publish_finish(struct pg_job *job, enum status status)
{
    struct publish_ask *ask = (struct publish_ask *)job;
    ask->done(ask->ask.context, status, status == STATUS_OK ? &ask->published : NULL);
    free(ask);
}

void store_publish(struct store *store, const struct store_publication *publications,
                   size_t count, struct arena *arena, store_published_fn done,
                   void *context)
{
    struct publish_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->publisher, arena, context);
    ask->ask.job = (struct pg_job){
        .send = publish_send, .result = publish_result, .finish = publish_finish};
    ask->publications = publications;
    ask->count = count;
    ask->done = done;
    pg_link_ask(&store->publisher, &ask->ask.job);
}
