// SPDX-License-Identifier: Apache-2.0

/*
 * store_sim_read.h - questions: one statement each, of committed state
 *
 *     store_sim_read.c   clients, people, meetings, events
 *     store_sim_hello.c  hello
 *     store_sim_due.c    what is due; figures
 */
#ifndef TESTS_SIMULATION_STORE_SIM_READ_H
#define TESTS_SIMULATION_STORE_SIM_READ_H

#include "tests/simulation/store_sim_rows.h"

struct read_job {
    struct sim_job job;
    enum status (*read)(struct read_job *read, struct sim_db *db);
    struct arena *arena; /* where answers live */
    union {
        store_newcomers_fn newcomers;
        store_hello_fn hello;
        store_due_fn due;
        store_events_fn events;
        store_meetings_fn meetings;
        store_figures_fn figures;
        store_decisions_fn decisions;
    } done;
    int64_t client;
    int64_t since_ms;
    const struct store_known_client *known;
    size_t known_count;
    uint64_t epoch;
    uint64_t after;
    size_t limit;
    const struct store_id *ids;
    const struct store_list *list;

    void *rows;
    size_t count;
    int64_t now_ms;
    struct store_said said;
    struct store_hello hello;
    struct store_newcomers newcomers;
    struct store_figures figures;
};

struct read_job *sim_read(struct store *store, struct arena *arena, void *context,
                          enum status (*read)(struct read_job *, struct sim_db *),
                          void (*finish)(struct sim_job *, enum status));

#endif
