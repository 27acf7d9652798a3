// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_read.c - clients and new people
 */
#include "broker/store/store_pg.h"

#include <stdlib.h>
#include <string.h>

static const struct pg_statement read_clients = {
    "read_clients",
    "SELECT c.id, c.name, c.public_key, c.sandbox, c.is_operator,"
    "       c.revoked IS NOT NULL, h.at,"
    "       ARRAY(SELECT person FROM speaks_for WHERE client = c.id ORDER BY person)"
    "  FROM client c LEFT JOIN heard h ON h.client = c.id ORDER BY c.id"};

static const struct pg_statement read_new_people = {
    "read_new_people", "SELECT id, version, kind, system, value, blind FROM person"
                       " WHERE created >= $1::timestamptz ORDER BY id"};

const struct pg_statement *const pg_read_statements[] = {&read_clients,
                                                         &read_new_people, NULL};

/* ---- clients -----------------------------------------------------------------------
 */

struct clients_ask {
    struct pg_ask ask;
    store_clients_fn done;
    struct store_client *clients;
    size_t count;
};

static enum status clients_send(struct pg_job *job, struct pg_link *link, int segment)
{
    (void)job;
    if (segment == 0) {
        pg_link_send_plain(link, &read_clients);
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

static enum status clients_result(struct pg_job *job,
                                  const struct pg_statement *statement,
                                  const PGresult *result)
{
    struct clients_ask *ask = (struct clients_ask *)job;
    (void)statement;
    size_t count = (size_t)PQntuples(result);
    ask->clients = arena_array(ask->ask.arena, count, sizeof(*ask->clients));
    if (ask->clients == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        enum status status =
            read_client(ask->ask.arena, result, (int)i, &ask->clients[i]);
        if (status != STATUS_OK) {
            return status;
        }
    }
    ask->count = count;
    return STATUS_OK;
}

static void clients_finish(struct pg_job *job, enum status status)
{
    struct clients_ask *ask = (struct clients_ask *)job;
    bool ok = status == STATUS_OK;
    ask->done(ask->ask.context, status, ok ? ask->clients : NULL, ok ? ask->count : 0);
    free(ask);
}

void store_read_clients(struct store *store, store_clients_fn done, void *context)
{
    struct clients_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->reader, NULL, context);
    ask->ask.job = (struct pg_job){
        .send = clients_send, .result = clients_result, .finish = clients_finish};
    ask->done = done;
    pg_link_ask(&store->reader, &ask->ask.job);
}

/* ---- people ------------------------------------------------------------------------
 */

struct people_ask {
    struct pg_ask ask;
    int64_t newer_than_ms;
    store_people_fn done;
    struct store_person_row *people;
    size_t count;
};

static enum status people_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct people_ask *ask = (struct people_ask *)job;
    if (segment == 0) {
        struct pg_args args;
        pg_args_init(&args, &link->scratch);
        pg_args_time(&args, ask->newer_than_ms);
        pg_link_send(link, &read_new_people, &args);
    }
    return STATUS_OK;
}

static enum status people_result(struct pg_job *job,
                                 const struct pg_statement *statement,
                                 const PGresult *result)
{
    struct people_ask *ask = (struct people_ask *)job;
    (void)statement;
    size_t count = (size_t)PQntuples(result);
    ask->people = arena_array(ask->ask.arena, count, sizeof(*ask->people));
    if (ask->people == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        struct store_person_row *person = &ask->people[i];
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
    ask->count = count;
    return STATUS_OK;
}

static void people_finish(struct pg_job *job, enum status status)
{
    struct people_ask *ask = (struct people_ask *)job;
    bool ok = status == STATUS_OK;
    ask->done(ask->ask.context, status, ok ? ask->people : NULL, ok ? ask->count : 0);
    free(ask);
}

void store_read_new_people(struct store *store, int64_t newer_than_ms,
                           store_people_fn done, void *context)
{
    struct people_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->reader, NULL, context);
    ask->ask.job = (struct pg_job){
        .send = people_send, .result = people_result, .finish = people_finish};
    ask->newer_than_ms = newer_than_ms;
    ask->done = done;
    pg_link_ask(&store->reader, &ask->ask.job);
}
