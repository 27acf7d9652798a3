// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_refresh.c - what is known of people, read again: in the open batch, or of
 *                      what other brokers have committed
 */
#include "broker/store/store_pg.h"
#include "broker/store/store_pg_rows.h"
#include "proto/limits.h"

#include <assert.h>
#include <stdlib.h>

static const struct pg_statement refresh_people = {
    "refresh_people",
    "SELECT id, version FROM person WHERE id = ANY ($1::int8[]) ORDER BY id"};

/* LATERAL: one look for each person, and for claims into one leaf.  OFFSET 0 keeps the
 * planner from reading all there is while that is little. */
static const struct pg_statement refresh_sources = {
    "refresh_sources",
    "SELECT " PG_SOURCE_COLUMNS ", h.at"
    "  FROM (SELECT DISTINCT unnest($1::int8[]) AS person) AS t"
    " CROSS JOIN LATERAL"
    "   (SELECT * FROM source WHERE source.person = t.person OFFSET 0) AS s"
    "  LEFT JOIN LATERAL"
    "   (SELECT at FROM heard WHERE heard.client = s.client OFFSET 0) AS h ON true"
    " ORDER BY s.person, s.id"};

static_assert(LIMIT_DURATION_MINUTES <= 7 * 1440, "refresh_claims looks a week back");

/* No claim is longer than a week (a meeting ends within a day), and a range of starts
 * is what the B-tree on (person, lower(during)) serves best: the past is not read, nor
 * is the GiST index.  An index can be asked only about a clock that is read once. */
#define REFRESH_MINUTES "extract(epoch FROM " PG_NOW ") / 60"
static const struct pg_statement refresh_claims = {
    "refresh_claims",
    "SELECT c.person, c.meeting, lower(c.during), upper(c.during), c.place"
    "  FROM (SELECT DISTINCT unnest($1::int8[]) AS person) AS t"
    " CROSS JOIN LATERAL"
    "   (SELECT * FROM claim WHERE claim.person = t.person AND lower(claim.during) >"
    "       (SELECT floor(" REFRESH_MINUTES " - 7 * 1440)::int4) OFFSET 0) AS c"
    " WHERE upper(c.during) > (SELECT floor(" REFRESH_MINUTES ")::int4)"
    " ORDER BY c.person, lower(c.during)"};

const struct pg_statement *const pg_refresh_statements[] = {
    &refresh_people, &refresh_sources, &refresh_claims, NULL};

enum { HEARD_COLUMN = 15 }; /* behind PG_SOURCE_COLUMNS */

struct refresh_ask {
    struct pg_ask ask;
    const int64_t *people;
    size_t count;
    store_refreshed_fn done;
    struct store_availability *found;
    size_t found_count;
};

static void send_people(struct refresh_ask *ask, struct pg_link *link,
                        const struct pg_statement *statement)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array people = pg_array_begin(&args, PG_INT8, ask->count);
    for (size_t i = 0; i < ask->count; i++) {
        pg_array_int8(&people, ask->people[i]);
    }
    pg_array_end(&people);
    pg_link_send(link, statement, &args);
}

static enum status refresh_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct refresh_ask *ask = (struct refresh_ask *)job;
    if (segment == 0) {
        send_people(ask, link, &refresh_people);
        send_people(ask, link, &refresh_sources);
        send_people(ask, link, &refresh_claims);
    }
    return STATUS_OK;
}

static enum status read_people(struct refresh_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    ask->found = arena_array(ask->ask.arena, count, sizeof(*ask->found));
    if (ask->found == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        ask->found[i].person = pg_int8(result, (int)i, 0);
        ask->found[i].version = pg_int8(result, (int)i, 1);
    }
    ask->found_count = count;
    return STATUS_OK;
}

/* People and rows come in the same order, so one walk deals the rows out. */
static enum status read_sources(struct refresh_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    struct store_source *sources = arena_array(ask->ask.arena, count, sizeof(*sources));
    if (sources == NULL) {
        return STATUS_FAILED;
    }
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        enum status status =
            pg_source_read(result, (int)i, ask->ask.arena, &sources[i]);
        if (status != STATUS_OK) {
            return status;
        }
        sources[i].heard_ms = pg_time_ms(result, (int)i, HEARD_COLUMN);
        while (next < ask->found_count && ask->found[next].person < sources[i].person) {
            next++;
        }
        if (next < ask->found_count && ask->found[next].person == sources[i].person) {
            struct store_availability *one = &ask->found[next];
            one->sources = one->source_count == 0 ? &sources[i] : one->sources;
            one->source_count++;
        }
    }
    return STATUS_OK;
}

static enum status read_claims(struct refresh_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    struct store_claim *claims = arena_array(ask->ask.arena, count, sizeof(*claims));
    if (claims == NULL) {
        return STATUS_FAILED;
    }
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        pg_claim_read(result, (int)i, &claims[i]);
        claims[i].place = arena_text(ask->ask.arena, claims[i].place);
        while (next < ask->found_count && ask->found[next].person < claims[i].person) {
            next++;
        }
        if (next < ask->found_count && ask->found[next].person == claims[i].person) {
            struct store_availability *one = &ask->found[next];
            one->claims = one->claim_count == 0 ? &claims[i] : one->claims;
            one->claim_count++;
        }
    }
    return STATUS_OK;
}

static enum status refresh_result(struct pg_job *job,
                                  const struct pg_statement *statement,
                                  const PGresult *result)
{
    struct refresh_ask *ask = (struct refresh_ask *)job;
    if (statement == &refresh_people) {
        return read_people(ask, result);
    }
    if (statement == &refresh_sources) {
        return read_sources(ask, result);
    }
    return read_claims(ask, result);
}

static void refresh_finish(struct pg_job *job, enum status status)
{
    struct refresh_ask *ask = (struct refresh_ask *)job;
    if (status == STATUS_OK) {
        ask->done(ask->ask.context, status, ask->found, ask->found_count);
    } else {
        ask->done(ask->ask.context, status, NULL, 0);
    }
    free(ask);
}

void store_refresh(struct store *store, const int64_t *people, size_t count,
                   struct arena *arena, store_refreshed_fn done, void *context)
{
    struct refresh_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->follower, arena, context);
    ask->ask.job = (struct pg_job){
        .send = refresh_send, .result = refresh_result, .finish = refresh_finish};
    ask->people = people;
    ask->count = count;
    ask->done = done;
    pg_link_ask(&store->follower, &ask->ask.job);
}

void store_batch_refresh(struct store *store, unsigned writer, const int64_t *people,
                         size_t count, struct arena *arena, store_refreshed_fn done,
                         void *context)
{
    struct pg_link *link = &store->writers[writer];
    struct refresh_ask *ask = pg_ask_create(sizeof(*ask), store, link, arena, context);
    ask->ask.job = (struct pg_job){.send = refresh_send,
                                   .result = refresh_result,
                                   .finish = refresh_finish,
                                   .in_transaction = true};
    ask->people = people;
    ask->count = count;
    ask->done = done;
    pg_link_ask(link, &ask->ask.job);
}
