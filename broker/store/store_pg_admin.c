// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_admin.c - the part of store.h by which an operator makes clients known
 */
#include "broker/store/store.h"

#include "broker/store/store_pg_key.h"
#include "broker/store/store_pg_sync.h"

#include <stdio.h>
#include <string.h>

enum { ARENA = 1 << 20 };

struct office {
    PGconn *connection;
    struct seal *seal;
    struct arena arena;
    const char *message;
};

/* A random positive id. */
static enum status new_id(int64_t *ret_id)
{
    uint64_t random;
    enum status status = seal_random(&random, sizeof(random));
    *ret_id = (int64_t)(random >> 2) + 1;
    return status;
}

/* The one number that the statement answers; 0 when it answers no row. */
static enum status ask_number(struct office *office, const char *sql,
                              const struct pg_args *args, int64_t *ret_number)
{
    PGresult *rows;
    enum status status = pg_sync_ask(office->connection, sql, args, &rows);
    if (status == STATUS_OK) {
        *ret_number = PQntuples(rows) == 0 ? 0 : pg_int8(rows, 0, 0);
    }
    PQclear(rows);
    return status;
}

/* ---- people ------------------------------------------------------------------------
 */

static enum status add_open_person(struct office *office, uint32_t kind,
                                   const struct entente_identifier *identifier,
                                   int64_t *ret_person)
{
    struct pg_args args;
    int64_t id = 0;
    enum status status = new_id(&id);
    if (status != STATUS_OK) {
        return status;
    }
    pg_args_init(&args, &office->arena);
    pg_args_int8(&args, id);
    pg_args_int4(&args, (int32_t)kind);
    pg_args_text(&args, identifier->system);
    pg_args_text(&args, identifier->value);
    return ask_number(
        office,
        "WITH new AS (INSERT INTO person (id, kind, system, value)"
        " VALUES ($1::int8, $2::int4::int2, $3::text, $4::text)"
        " ON CONFLICT (system, value) DO NOTHING RETURNING id)"
        " SELECT id FROM new UNION ALL"
        " SELECT id FROM person WHERE system = $3::text AND value = $4::text",
        &args, ret_person);
}

static enum status seal_identifier(struct office *office, int64_t id,
                                   const struct entente_identifier *identifier,
                                   struct entente_bytes *ret_sealed)
{
    char plain[600];
    uint8_t row[8];
    int size =
        snprintf(plain, sizeof(plain), "%s\n%s", identifier->system, identifier->value);
    if (size < 0 || (size_t)size >= sizeof(plain)) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < sizeof(row); i++) {
        row[i] = (uint8_t)((uint64_t)id >> (8 * (7 - i)));
    }
    const struct seal_place place = {"person", "sealed", row, sizeof(row)};
    uint8_t *sealed = arena_alloc(&office->arena, (size_t)size + SEAL_OVERHEAD);
    if (sealed == NULL) {
        return STATUS_FAILED;
    }
    enum status status =
        seal_close_bytes(office->seal, &place, plain, (size_t)size, sealed);
    explicit_bzero(plain, sizeof(plain));
    *ret_sealed = (struct entente_bytes){sealed, (size_t)size + SEAL_OVERHEAD};
    return status;
}

/* A patient's identifier is found by its blind index and read by nobody. */
static enum status add_sealed_person(struct office *office, uint32_t kind,
                                     const struct entente_identifier *identifier,
                                     int64_t *ret_person)
{
    struct pg_args args;
    struct entente_bytes sealed = {0};
    uint8_t blind[SEAL_BLIND_SIZE];
    int64_t id = 0;
    enum status status = new_id(&id);
    if (status == STATUS_OK) {
        status = seal_blind_index(office->seal, identifier->system, identifier->value,
                                  blind);
    }
    if (status == STATUS_OK) {
        status = seal_identifier(office, id, identifier, &sealed);
    }
    if (status != STATUS_OK) {
        return status;
    }
    pg_args_init(&args, &office->arena);
    pg_args_int8(&args, id);
    pg_args_int4(&args, (int32_t)kind);
    pg_args_bytes(&args, blind, sizeof(blind));
    pg_args_bytes(&args, sealed.data, sealed.size);
    return ask_number(office,
                      "WITH new AS (INSERT INTO person (id, kind, blind, sealed)"
                      " VALUES ($1::int8, $2::int4::int2, $3::bytea, $4::bytea)"
                      " ON CONFLICT (blind) DO NOTHING RETURNING id)"
                      " SELECT id FROM new UNION ALL"
                      " SELECT id FROM person WHERE blind = $3::bytea",
                      &args, ret_person);
}

static enum status speak_for(struct office *office, int64_t client, int64_t person)
{
    struct pg_args args;
    pg_args_init(&args, &office->arena);
    pg_args_int8(&args, client);
    pg_args_int8(&args, person);
    return pg_sync_run(office->connection,
                       "INSERT INTO speaks_for (client, person)"
                       " VALUES ($1::int8, $2::int8) ON CONFLICT DO NOTHING",
                       &args);
}

static bool is_patient_kind(uint32_t kind)
{
    return kind == ENTENTE_PATIENT || kind == ENTENTE_REPRESENTATIVE;
}

static enum status add_people(struct office *office, int64_t client,
                              const struct store_new_client *new_client)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < new_client->speaks_for_count && status == STATUS_OK; i++) {
        int64_t person = 0;
        uint32_t kind = new_client->kinds[i];
        status =
            is_patient_kind(kind)
                ? add_sealed_person(office, kind, &new_client->speaks_for[i], &person)
                : add_open_person(office, kind, &new_client->speaks_for[i], &person);
        if (status == STATUS_OK) {
            status = speak_for(office, client, person);
        }
    }
    return status;
}

/* ---- clients -----------------------------------------------------------------------
 */

static enum status find_client(struct office *office, const char *name, int64_t *ret_id,
                               bool *ret_sandbox)
{
    struct pg_args args;
    PGresult *rows;
    pg_args_init(&args, &office->arena);
    pg_args_text(&args, name);
    enum status status =
        pg_sync_ask(office->connection,
                    "SELECT id, sandbox FROM client WHERE name = $1::text FOR UPDATE",
                    &args, &rows);
    if (status == STATUS_OK && PQntuples(rows) > 0) {
        *ret_id = pg_int8(rows, 0, 0);
        *ret_sandbox = pg_bool(rows, 0, 1);
    }
    PQclear(rows);
    return status;
}

static enum status insert_client(struct office *office,
                                 const struct store_new_client *client, int64_t *ret_id)
{
    struct pg_args args;
    enum status status = new_id(ret_id);
    if (client->public_key == NULL) {
        office->message = "A new client needs a public key.";
        return STATUS_REFUSED;
    }
    pg_args_init(&args, &office->arena);
    pg_args_int8(&args, *ret_id);
    pg_args_text(&args, client->name);
    pg_args_text(&args, client->public_key);
    pg_args_bool(&args, client->sandbox);
    pg_args_bool(&args, client->is_operator);
    if (status == STATUS_OK) {
        status = pg_sync_run(office->connection,
                             "INSERT INTO client (id, name, public_key, sandbox,"
                             " is_operator) VALUES ($1::int8, $2::text, $3::text,"
                             " $4::bool, $5::bool)",
                             &args);
    }
    if (status == STATUS_REFUSED) {
        office->message = "Another client has this public key.";
    }
    return status;
}

static enum status add_client(struct office *office,
                              const struct store_new_client *client)
{
    int64_t id = 0;
    bool sandbox = client->sandbox;
    bool patients = false;
    for (size_t i = 0; i < client->speaks_for_count; i++) {
        patients = patients || is_patient_kind(client->kinds[i]);
    }
    enum status status = find_client(office, client->name, &id, &sandbox);
    if (status != STATUS_OK) {
        return status;
    }
    if (id != 0 && client->public_key != NULL) {
        office->message = "A client of this name exists; without a key it is widened.";
        return STATUS_REFUSED;
    }
    if (patients && !sandbox) {
        office->message = "Until rights and consent are served, only a client marked "
                          "sandbox may speak for a patient (--sandbox).";
        return STATUS_REFUSED;
    }
    if (patients) {
        status = pg_check_key(office->connection, office->seal);
        office->message =
            status == STATUS_DAMAGED ? PG_KEY_OF_ANOTHER "." : office->message;
    }
    if (status == STATUS_OK && id == 0) {
        status = insert_client(office, client, &id);
    }
    return status == STATUS_OK ? add_people(office, id, client) : status;
}

static enum status open_office(const struct store_settings *settings,
                               struct office *office)
{
    office->seal = settings->seal;
    office->message = "The database refused it, or has not been migrated.";
    enum status status = pg_sync_open(settings->conninfo, &office->connection);
    if (status != STATUS_OK) {
        office->message = "The database cannot be reached.";
        return status;
    }
    arena_init(&office->arena, ARENA);
    return STATUS_OK;
}

static void close_office(struct office *office)
{
    PQfinish(office->connection);
    arena_finish(&office->arena);
}

enum status store_add_client(const struct store_settings *settings,
                             const struct store_new_client *client,
                             const char **ret_message)
{
    struct office office = {0};
    enum status status = open_office(settings, &office);
    if (status == STATUS_OK) {
        status = pg_sync_script(office.connection, "BEGIN");
        if (status == STATUS_OK) {
            status = add_client(&office, client);
        }
        enum status ending = pg_sync_script(
            office.connection, status == STATUS_OK ? "COMMIT" : "ROLLBACK");
        status = status == STATUS_OK ? ending : status;
        close_office(&office);
    }
    if (status != STATUS_OK) {
        *ret_message = office.message;
    }
    return status;
}

enum status store_revoke_client(const struct store_settings *settings, const char *name,
                                const char **ret_message)
{
    struct office office = {0};
    int64_t id = 0;
    enum status status = open_office(settings, &office);
    if (status == STATUS_OK) {
        struct pg_args args;
        pg_args_init(&args, &office.arena);
        pg_args_text(&args, name);
        status = ask_number(&office,
                            "UPDATE client SET revoked = coalesce(revoked,"
                            " clock_timestamp()) WHERE name = $1::text RETURNING id",
                            &args, &id);
        close_office(&office);
    }
    if (status == STATUS_OK && id == 0) {
        office.message = "There is no client of this name.";
        status = STATUS_REFUSED;
    }
    if (status != STATUS_OK) {
        *ret_message = office.message;
    }
    return status;
}
