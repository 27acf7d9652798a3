// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/store_sim.h"
#include "tests/store/contract.h"

static struct sim_db *db;

static void runnable(void *context, struct store *store, unsigned link)
{
    (void)context;
    (void)store;
    (void)link;
}

static void ready(void *context, struct store *store)
{
    (void)context;
    (void)store;
}

void contract_begin(struct store *stores[CONTRACT_STORES])
{
    static const struct sim_driver driver = {.runnable = runnable, .ready = ready};
    static const int64_t first[] = {1, 2, 3};
    static const int64_t second[] = {4, 5};
    db = sim_db_create(&driver);
    sim_db_use(db);
    sim_db_set_clock(db, INT64_C(1795219200000), 1);
    for (int64_t person = 1; person <= 8; person++) {
        const char value[] = {(char)('0' + person), '\0'};
        sim_db_add_person(db, person, ENTENTE_PROFESSIONAL, "urn:test", value, NULL);
    }
    sim_db_add_client(db, 101, "client 101", "a", false, first, 3);
    sim_db_add_client(db, 102, "client 102", "b", false, second, 2);
    for (int64_t i = 0; i < CONTRACT_STORES; i++) {
        const struct store_settings settings = {.broker = i + 1};
        if (store_create(&settings, &stores[i]) != STATUS_OK) {
            stores[i] = NULL;
        }
    }
}

void contract_end(struct store *stores[CONTRACT_STORES])
{
    for (int i = 0; i < CONTRACT_STORES; i++) {
        store_destroy(stores[i]);
    }
    sim_db_destroy(db);
}

void contract_turn(struct store *stores[CONTRACT_STORES])
{
    for (int i = 0; i < CONTRACT_STORES; i++) {
        store_step(stores[i]);
        for (unsigned link = 0; link < SIM_LINKS; link++) {
            (void)sim_db_work(stores[i], link);
        }
        store_step(stores[i]);
    }
}
