// SPDX-License-Identifier: Apache-2.0

#include "tests/store/contract.h"
#include "tests/support/pg_database.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct pg_database *database;
static struct seal *seal;

static void make_seal(void)
{
    char path[] = "/tmp/entente-store-XXXXXX";
    const char *message = NULL;
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    unlink(path);
    assert_int_equal(seal_create_key_file(path, &message), STATUS_OK);
    assert_int_equal(seal_open(path, &seal, &message), STATUS_OK);
    unlink(path);
}

void contract_begin(struct store *stores[CONTRACT_STORES])
{
    make_seal();
    database = pg_database_create();
    /* Meetings are written as no negotiation makes them. */
    pg_database_run(database,
                    "ALTER TABLE meeting DISABLE TRIGGER meeting_walks;"
                    "INSERT INTO person (id, kind, system, value)"
                    " SELECT n, 1, 'urn:test', n::text FROM generate_series(1, 8) n;"
                    "INSERT INTO client (id, name, public_key)"
                    " SELECT n, 'client ' || n, repeat(chr(64 + n - 100), 40)"
                    "   FROM generate_series(101, 102) n;"
                    "INSERT INTO speaks_for VALUES (101, 1), (101, 2), (101, 3),"
                    " (102, 4), (102, 5)");
    for (int64_t i = 0; i < CONTRACT_STORES; i++) {
        const struct store_settings settings = {
            .conninfo = pg_database_conninfo(database), .seal = seal, .broker = i + 1};
        assert_int_equal(store_create(&settings, &stores[i]), STATUS_OK);
    }
    while (!store_is_up(stores[0]) || !store_is_up(stores[1])) {
        contract_turn(stores);
    }
}

void contract_end(struct store *stores[CONTRACT_STORES])
{
    for (int i = 0; i < CONTRACT_STORES; i++) {
        store_destroy(stores[i]);
    }
    pg_database_drop(database);
    seal_close(seal);
}

void contract_turn(struct store *stores[CONTRACT_STORES])
{
    struct pollfd descriptors[8];
    size_t count = store_descriptors(stores[0], descriptors, 4);
    count += store_descriptors(stores[1], descriptors + count, 4);
    poll(descriptors, (nfds_t)count, 5);
    store_step(stores[0]);
    store_step(stores[1]);
}
