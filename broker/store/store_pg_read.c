// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_read.c - clients and new people
 */
#include "broker/store/store_pg.h"

#include <stdlib.h>
#include <string.h>

/* All of speaks_for in one go: a look for each client is a scan for each client where
 * the planner takes a table for small, and this is asked every two seconds. */
static const struct pg_statement read_clients = {
    "read_clients",
    "SELECT c.id, c.name, c.public_key, c.sandbox, c.is_operator,"
    "       c.revoked IS NOT NULL, h.at, coalesce(s.people, '{}')"
    "  FROM client c LEFT JOIN heard h ON h.client = c.id"
    "  LEFT JOIN (SELECT client, array_agg(person ORDER BY person) AS people"
    "               FROM speaks_for GROUP BY client) AS s ON s.client = c.id"
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
        pg_link_send_plain(link, &read_clients);
        pg_args_init(&args, &link->scratch);
        pg_args_time(&args, ask->people_since_ms);
        pg_link_send(link, &read_new_people, &args);
    }
    return STATUS_OK;
}

static enum status read_client(struct arena *arena, const PGresult *result, int row,
                               struct store_client *ret)
{
    int64_t *speaks_for;
    ret->id = pg_int8(result, row, 0);
    ret->name = arena_text(arena, pg_text(result, row, 1));
    const char *key = pg_text(result, row, 2);
    if (ret->name == NULL || key == NULL ||
        !pg_int8_array(result, row, 7, arena, &speaks_for, &ret->speaks_for_count)) {
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
                          store_newcomers_fn done, void *context)
{
    struct newcomers_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->reader, NULL, context);
    ask->ask.job = (struct pg_job){
        .send = newcomers_send, .result = newcomers_result, .finish = newcomers_finish};
    ask->people_since_ms = people_since_ms;
    ask->done = done;
    pg_link_ask(&store->reader, &ask->ask.job);
}
