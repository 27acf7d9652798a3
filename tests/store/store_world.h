// SPDX-License-Identifier: Apache-2.0

/*
 * store_world.h - a store on a throw-away database, asked one question at a time
 *
 * The people are 1 .. 9 (9 is a patient), the clients 101 and 102.  Client 101 speaks
 * for 1, 2 and 3, client 102 for 4 and 5.
 */
#ifndef TESTS_STORE_STORE_WORLD_H
#define TESTS_STORE_STORE_WORLD_H

#include "broker/store/store.h"
#include "proto/arena.h"
#include "tests/support/pg_database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct world {
    struct pg_database *database;
    struct seal *seal;
    struct store *store;
    struct arena arena;
    bool done;
    size_t newcomers; /* expected by the next who counts them */

    /* The last answer. */
    enum status status;
    struct store_loaded loaded;
    struct store_written written;
    struct store_published published;
    const struct store_availability *people;
    const struct store_event *events;
    struct entente_meeting *const *meetings;
    struct store_hello hello;
    struct store_figures figures;
    struct store_due dues[64];
    int64_t now_ms;
    size_t count;
};

/* cmocka's fixtures: a struct world with a store whose links are up. */
int world_setup(void **state);
int world_teardown(void **state);

/* main() of a test program. */
#define WORLD_TEST(test)                                                               \
    cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

/* Another store on the same database, whose commits may take that long. */
void world_restart(struct world *world, int commit_timeout_ms);

/* One step, without waiting for anything. */
void world_step(struct world *world);

/* Ask without waiting; the answer sets `done`. */
void world_ask_load(struct world *world, const struct store_wants *wants);
void world_ask_write(struct world *world, const struct store_changes *changes);
void world_ask_publish(struct world *world,
                       const struct store_publication *publication);
enum status world_answer(struct world *world);

/* Step until *@flag; fails after half a minute. */
void world_until(struct world *world, const bool *flag);
void world_until_up(struct world *world);
/* Step until the store has noticed that one of its links is gone. */
void world_until_down(struct world *world);

/* Ask, wait, keep the answer in the world. */
enum status world_load(struct world *world, const struct store_wants *wants);
enum status world_begin(struct world *world); /* load nothing */
enum status world_refresh(struct world *world, const int64_t *people, size_t count);
enum status world_write(struct world *world, const struct store_changes *changes);
enum status world_publish(struct world *world,
                          const struct store_publication *publications, size_t count);
enum status world_events(struct world *world, int64_t client, uint64_t after,
                         size_t limit);
enum status world_meetings(struct world *world, const struct store_id *ids,
                           size_t count);
enum status world_list(struct world *world, const struct store_list *list);
enum status world_hello(struct world *world, int64_t client);
enum status world_figures(struct world *world, int64_t client);
enum status world_due(struct world *world, size_t limit);

/* Load nothing and write. */
enum status world_do(struct world *world, const struct store_changes *changes);

/* The id that is all @n, but for what makes it a UUIDv7. */
struct store_id world_id(uint8_t n);

/* A meeting of person 1 (a professional) and person 9 (the patient) with a reason, made
 * by client 101; lives in the world's arena.  PROPOSED holds 100-160, CONFIRMED has it
 * firmly. */
struct entente_meeting *world_meeting(struct world *world, uint8_t n, uint32_t version,
                                      uint32_t state);

/* The claims of that meeting. */
struct store_claim world_claim(int64_t person, uint8_t n, int32_t start, int32_t end);

/* 2026-11-21T00:00Z, in ms and in minutes. */
#define WORLD_NOW_MS INT64_C(1795219200000)
#define WORLD_NOW ((int32_t)(WORLD_NOW_MS / 60000))

/* Everything that must not be readable in the database. */
extern const char *const world_canaries[];

#endif
