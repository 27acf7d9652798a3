// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_read.c - clients and new people
 */
#include "broker/store/store_pg.h"

#include <stdlib.h>
#include <string.h>

/* This is asked every two seconds, and the people may be a million: only those of clients
 * for whom they have changed are read. */
static const struct pg_statement read_clients = {
    "read_clients",
    "SELECT c.id, c.name, c.public_key, c.sandbox, c.is_operator,"
    "       c.revoked IS NOT NULL, h.at, c.people_revision,"
    "       CASE WHEN k.revision IS DISTINCT FROM c.people_revision"
    "            THEN ARRAY(SELECT s.person FROM speaks_for s WHERE s.client = c.id"
    "                        ORDER BY s.person) END"
    "  FROM client c LEFT JOIN heard h ON h.client = c.id"
    "  LEFT JOIN unnest($1::int8[], $2::int8[]) AS k (id, revision) ON k.id = c.id"
    " ORDER BY c.id"};

static const struct pg_statement read_new_people = {
    "read_new_people", "SELECT id, version, kind, system, value, blind FROM person"
                       " WHERE created >= least($1::timestamptz, "
                       "statement_timestamp()) - interval '1 minute'"
                       " ORDER BY id"};

const struct pg_statement *const pg_read_statements[] = {&read_clients,
                                                         &read_new_people, NULL};

struct newcomers_ask {
    struct pg_ask ask;
    int64_t people_since_ms;
    const struct store_known_client *known;
    size_t known_count;
    store_newcomers_fn done;
    struct store_newcomers newcomers;
};

/* Clients before people, and told together: whom a client speaks for was committed
 * before or with the client, so that the later snapshot of the people has them. */
static enum status newcomers_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct newcomers_ask *ask = (struct newcomers_ask *)job;
    if (segment == 0) {
        struct pg_args args;
        pg_args_init(&args, &link->scratch);
        struct pg_array ids = pg_array_begin(&args, PG_INT8, ask->known_count);
        struct pg_array revisions = pg_array_begin(&args, PG_INT8, ask->known_count);
        for (size_t i = 0; i < ask->known_count; i++) {
            pg_array_int8(&ids, ask->known[i].id);
            pg_array_int8(&revisions, ask->known[i].people_revision);
        }
        pg_array_end(&ids);
        pg_array_end(&revisions);
        pg_link_send(link, &read_clients, &args);
        pg_args_init(&args, &link->scratch);
        pg_args_time(&args, ask->people_since_ms);
        pg_link_send(link, &read_new_people, &args);
    }
    return STATUS_OK;
}

static enum status read_client(struct arena *arena, const PGresult *result, int row,
                               struct store_client *ret)
{
    int64_t *speaks_for = NULL;
    ret->id = pg_int8(result, row, 0);
    ret->name = arena_text(arena, pg_text(result, row, 1));
    const char *key = pg_text(result, row, 2);
    ret->same_people = PQgetisnull(result, row, 8) == 1;
    ret->speaks_for_count = 0;
    if (ret->name == NULL || key == NULL ||
        (!ret->same_people &&
         !pg_int8_array(result, row, 8, arena, &speaks_for, &ret->speaks_for_count))) {
        return STATUS_FAILED;
    }
    size_t size = strlen(key);
    if (size >= sizeof(ret->public_key)) {
        return STATUS_DAMAGED;
    }
    memcpy(ret->public_key, key, size + 1);
    ret->sandbox = pg_bool(result, row, 3);
    ret->is_operator = pg_bool(result, row, 4);
    ret->revoked = pg_bool(result, row, 5);
    ret->heard_ms = pg_time_ms(result, row, 6);
    ret->people_revision = pg_int8(result, row, 7);
    ret->speaks_for = speaks_for;
    return STATUS_OK;
}

static enum status take_clients(struct newcomers_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    struct store_client *clients = arena_array(ask->ask.arena, count, sizeof(*clients));
    if (clients == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        enum status status = read_client(ask->ask.arena, result, (int)i, &clients[i]);
        if (status != STATUS_OK) {
            return status;
        }
    }
    ask->newcomers.clients = clients;
    ask->newcomers.client_count = count;
    return STATUS_OK;
}

static enum status take_people(struct newcomers_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    struct store_person_row *people =
        arena_array(ask->ask.arena, count, sizeof(*people));
    if (people == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        struct store_person_row *person = &people[i];
        int row = (int)i;
        person->person = pg_int8(result, row, 0);
        person->version = pg_int8(result, row, 1);
        person->kind = (uint32_t)pg_int2(result, row, 2);
        person->system = arena_text(ask->ask.arena, pg_text(result, row, 3));
        person->value = arena_text(ask->ask.arena, pg_text(result, row, 4));
        struct entente_bytes blind = pg_bytes(result, row, 5);
        if (blind.size == sizeof(person->blind)) {
            memcpy(person->blind, blind.data, blind.size);
        } else if (person->system == NULL || person->value == NULL) {
            return STATUS_DAMAGED;
        }
    }
    ask->newcomers.people = people;
    ask->newcomers.people_count = count;
    return STATUS_OK;
}

static enum status newcomers_result(struct pg_job *job,
                                    const struct pg_statement *statement,
                                    const PGresult *result)
{
    struct newcomers_ask *ask = (struct newcomers_ask *)job;
    return statement == &read_clients ? take_clients(ask, result)
                                      : take_people(ask, result);
}

static void newcomers_finish(struct pg_job *job, enum status status)
{
    struct newcomers_ask *ask = (struct newcomers_ask *)job;
    ask->done(ask->ask.context, status, status == STATUS_OK ? &ask->newcomers : NULL);
    free(ask);
}

void store_read_newcomers(struct store *store, int64_t people_since_ms,
                          const struct store_known_client *known, size_t known_count,
                          store_newcomers_fn done, void *context)
{
    struct newcomers_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->reader, NULL, context);
    ask->ask.job = (struct pg_job){
        .send = newcomers_send, .result = newcomers_result, .finish = newcomers_finish};
    ask->people_since_ms = people_since_ms;
    ask->known = known;
    ask->known_count = known_count;
    ask->done = done;
    pg_link_ask(&store->reader, &ask->ask.job);
}
