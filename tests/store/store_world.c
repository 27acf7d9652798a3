// SPDX-License-Identifier: Apache-2.0

#include "tests/store/store_world.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *const world_canaries[] = {
    "canary-reason",  "canary-subject", "canary-subject-name", "canary-patient-name",
    "canary-contact", "canary-address", "canary-represents",   NULL,
};

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait for something to do and do it. */
static void step(struct world *world, int64_t end_ms)
{
    struct pollfd descriptors[3];
    if (clock_ms() > end_ms) {
        fail_msg("no answer within half a minute");
    }
    size_t count = store_descriptors(world->store, descriptors, 3);
    poll(descriptors, (nfds_t)count, 20);
    store_step(world->store);
}

void world_until(struct world *world, const bool *flag)
{
    int64_t end_ms = clock_ms() + 30000;
    while (!*flag) {
        step(world, end_ms);
    }
}

void world_until_up(struct world *world)
{
    int64_t end_ms = clock_ms() + 30000;
    while (!store_is_up(world->store)) {
        step(world, end_ms);
    }
}

void world_until_down(struct world *world)
{
    int64_t end_ms = clock_ms() + 30000;
    while (store_is_up(world->store)) {
        step(world, end_ms);
    }
}

void world_step(struct world *world)
{
    store_step(world->store);
}

static struct seal *open_seal(void)
{
    char path[] = "/tmp/entente-store-XXXXXX";
    struct seal *seal;
    const char *message = NULL;
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    unlink(path);
    assert_int_equal(seal_create_key_file(path, &message), STATUS_OK);
    assert_int_equal(seal_open(path, &seal, &message), STATUS_OK);
    unlink(path);
    return seal;
}

void world_restart(struct world *world, int commit_timeout_ms)
{
    struct store_settings settings = {
        .conninfo = pg_database_conninfo(world->database),
        .seal = world->seal,
        .broker = 77,
        .commit_timeout_ms = commit_timeout_ms,
    };
    store_destroy(world->store);
    assert_int_equal(store_create(&settings, &world->store), STATUS_OK);
    world_until_up(world);
}

int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    arena_init(&world->arena, (size_t)64 << 20);
    world->seal = open_seal();
    world->database = pg_database_create();
    /* These tests write meetings as no negotiation makes them; store/transition tries the
     * trigger. */
    pg_database_run(world->database,
                    "ALTER TABLE meeting DISABLE TRIGGER meeting_walks;"
                    "INSERT INTO person (id, kind, system, value)"
                    " SELECT n, 1, 'urn:test', n::text FROM generate_series(1, 8) n;"
                    "INSERT INTO person (id, kind, blind, sealed)"
                    " VALUES (9, 3, decode(repeat('ab', 32), 'hex'), '\\x00');"
                    "INSERT INTO client (id, name, public_key)"
                    " SELECT n, 'client ' || n, repeat(chr(64 + n - 100), 40)"
                    "   FROM generate_series(101, 102) n;"
                    "INSERT INTO speaks_for VALUES (101, 1), (101, 2), (101, 3),"
                    " (102, 4), (102, 5)");
    world_restart(world, 0);
    *state = world;
    return 0;
}

int world_teardown(void **state)
{
    struct world *world = *state;
    store_destroy(world->store);
    pg_database_drop(world->database);
    seal_close(world->seal);
    arena_finish(&world->arena);
    free(world);
    return 0;
}

/* ---- questions ---------------------------------------------------------------------
 */

static void on_loaded(void *context, enum status status,
                      const struct store_loaded *loaded)
{
    struct world *world = context;
    world->status = status;
    world->loaded = loaded == NULL ? (struct store_loaded){0} : *loaded;
    world->done = true;
}

static void on_refreshed(void *context, enum status status,
                         const struct store_availability *people, size_t count)
{
    struct world *world = context;
    world->status = status;
    world->people = people;
    world->count = count;
    world->done = true;
}

static void on_written(void *context, enum status status,
                       const struct store_written *written)
{
    struct world *world = context;
    world->status = status;
    world->written = written == NULL ? (struct store_written){0} : *written;
    world->done = true;
}

static void on_published(void *context, enum status status,
                         const struct store_published *published)
{
    struct world *world = context;
    world->status = status;
    world->published = published == NULL ? (struct store_published){0} : *published;
    world->done = true;
}

static void on_events(void *context, enum status status,
                      const struct store_event *events, size_t count)
{
    struct world *world = context;
    world->status = status;
    world->events = events;
    world->count = count;
    world->done = true;
}

static void on_meetings(void *context, enum status status,
                        struct entente_meeting *const *meetings, size_t count)
{
    struct world *world = context;
    world->status = status;
    world->meetings = meetings;
    world->count = count;
    world->done = true;
}

static void on_hello(void *context, enum status status, const struct store_hello *hello)
{
    struct world *world = context;
    world->status = status;
    world->hello = hello == NULL ? (struct store_hello){0} : *hello;
    world->done = true;
}

static void on_figures(void *context, enum status status,
                       const struct store_figures *figures)
{
    struct world *world = context;
    world->status = status;
    world->figures = figures == NULL ? (struct store_figures){0} : *figures;
    world->done = true;
}

static void on_due(void *context, enum status status, int64_t now_ms,
                   const struct store_due *dues, size_t count)
{
    struct world *world = context;
    world->status = status;
    world->now_ms = now_ms;
    world->count = count;
    assert_true(count <= sizeof(world->dues) / sizeof(world->dues[0]));
    for (size_t i = 0; i < count; i++) {
        world->dues[i] = dues[i];
    }
    world->done = true;
}

static enum status wait_for(struct world *world)
{
    world_until(world, &world->done);
    world->done = false;
    return world->status;
}

void world_ask_load(struct world *world, const struct store_wants *wants)
{
    store_batch_load(world->store, 0, wants, &world->arena, on_loaded, world);
}

void world_ask_write(struct world *world, const struct store_changes *changes)
{
    store_batch_write(world->store, 0, changes, &world->arena, on_written, world);
}

void world_ask_publish(struct world *world, const struct store_publication *publication)
{
    store_publish(world->store, publication, 1, &world->arena, on_published, world);
}

enum status world_answer(struct world *world)
{
    return wait_for(world);
}

enum status world_load(struct world *world, const struct store_wants *wants)
{
    world_ask_load(world, wants);
    return wait_for(world);
}

enum status world_begin(struct world *world)
{
    static const struct store_wants nothing = {0};
    return world_load(world, &nothing);
}

enum status world_refresh(struct world *world, const int64_t *people, size_t count)
{
    store_batch_refresh(world->store, 0, people, count, &world->arena, on_refreshed,
                        world);
    return wait_for(world);
}

enum status world_write(struct world *world, const struct store_changes *changes)
{
    world_ask_write(world, changes);
    return wait_for(world);
}

enum status world_do(struct world *world, const struct store_changes *changes)
{
    enum status status = world_begin(world);
    return status == STATUS_OK ? world_write(world, changes) : status;
}

enum status world_publish(struct world *world,
                          const struct store_publication *publications, size_t count)
{
    store_publish(world->store, publications, count, &world->arena, on_published,
                  world);
    return wait_for(world);
}

enum status world_events(struct world *world, int64_t client, uint64_t after,
                         size_t limit)
{
    const struct store_page first_numbering = {client, 1, after, limit};
    store_read_events(world->store, &first_numbering, &world->arena, on_events, world);
    return wait_for(world);
}

enum status world_meetings(struct world *world, const struct store_id *ids,
                           size_t count)
{
    store_read_meetings(world->store, ids, count, &world->arena, on_meetings, world);
    return wait_for(world);
}

enum status world_list(struct world *world, const struct store_list *list)
{
    store_read_list(world->store, list, &world->arena, on_meetings, world);
    return wait_for(world);
}

enum status world_hello(struct world *world, int64_t client)
{
    store_say_hello(world->store, client, NULL, on_hello, world);
    return wait_for(world);
}

enum status world_figures(struct world *world, int64_t client)
{
    store_read_figures(world->store, client, on_figures, world);
    return wait_for(world);
}

enum status world_due(struct world *world, size_t limit)
{
    store_read_due(world->store, limit, on_due, world);
    return wait_for(world);
}

/* ---- meetings ----------------------------------------------------------------------
 */

struct store_id world_id(uint8_t n)
{
    struct store_id id;
    memset(id.bytes, n, sizeof(id.bytes));
    id.bytes[6] = 0x70 | (n & 0x0f);
    id.bytes[8] = 0x80 | (n & 0x3f);
    return id;
}

struct store_claim world_claim(int64_t person, uint8_t n, int32_t start, int32_t end)
{
    return (struct store_claim){.person = person,
                                .meeting = world_id(n),
                                .start = WORLD_NOW + start,
                                .end = WORLD_NOW + end};
}

static struct entente_identifier *identifier(struct world *world, const char *value)
{
    struct entente_identifier *one = arena_alloc(&world->arena, sizeof(*one));
    one->system = "urn:test";
    one->value = value;
    return one;
}

static void fill_spec(struct world *world, struct entente_spec *spec)
{
    spec->duration_minutes = 60;
    spec->windows = arena_array(&world->arena, 1, sizeof(*spec->windows));
    spec->windows[0] =
        (struct entente_span){.start = WORLD_NOW, .end = WORLD_NOW + 1440};
    spec->windows_count = 1;
    spec->parties = arena_array(&world->arena, 2, sizeof(*spec->parties));
    spec->parties_count = 2;
    spec->parties[0].kind = ENTENTE_PROFESSIONAL;
    spec->parties[0].identifier = identifier(world, "1");
    spec->parties[0].name = "Dr Visible";
    spec->parties[1].kind = ENTENTE_PATIENT;
    spec->parties[1].identifier = identifier(world, "canary-subject");
    spec->parties[1].name = "canary-patient-name";
    spec->parties[1].contact = "canary-contact";
    spec->parties[1].represents = identifier(world, "canary-represents");
    struct entente_actor *actor = arena_alloc(&world->arena, sizeof(*actor));
    actor->who = identifier(world, "canary-subject");
    actor->channel = ENTENTE_SECRETARY;
    spec->parties[1].answer_actor = actor;
    spec->subject = identifier(world, "canary-subject");
    spec->subject_name = "canary-subject-name";
    spec->reason = "canary-reason";
    spec->title = "Visible title";
    spec->nature = ENTENTE_CARE_TEAM;
    spec->places = arena_array(&world->arena, 1, sizeof(*spec->places));
    spec->places[0] =
        (struct entente_place){.key = "home", .address = "canary-address"};
    spec->places_count = 1;
}

struct entente_meeting *world_meeting(struct world *world, uint8_t n, uint32_t version,
                                      uint32_t state)
{
    struct entente_meeting *meeting = arena_alloc(&world->arena, sizeof(*meeting));
    struct entente_kept *kept = arena_alloc(&world->arena, sizeof(*kept));
    struct store_id id = world_id(n);
    meeting->id.data = arena_copy(&world->arena, id.bytes, sizeof(id.bytes));
    meeting->id.size = sizeof(id.bytes);
    meeting->version = version;
    meeting->state = state;
    meeting->spec = arena_alloc(&world->arena, sizeof(*meeting->spec));
    fill_spec(world, meeting->spec);
    meeting->created_ms = WORLD_NOW_MS;
    meeting->updated_ms = WORLD_NOW_MS + version;
    meeting->organizer_client = "client 101";
    meeting->last_event = "requested";
    meeting->kept = kept;
    kept->people = arena_array(&world->arena, 2, sizeof(*kept->people));
    kept->people[0] = 1;
    kept->people[1] = 9;
    kept->people_count = 2;
    kept->organizer = 101;
    if (state == ENTENTE_PROPOSED) {
        kept->held_start = WORLD_NOW + 100;
        kept->held_end = WORLD_NOW + 160;
        meeting->proposal = arena_alloc(&world->arena, sizeof(*meeting->proposal));
        *meeting->proposal =
            (struct entente_proposal){.number = 1,
                                      .start = WORLD_NOW + 100,
                                      .end = WORLD_NOW + 160,
                                      .answer_by_ms = WORLD_NOW_MS + 60000};
    } else if (state == ENTENTE_CONFIRMED) {
        kept->firm_start = WORLD_NOW + 100;
        kept->firm_end = WORLD_NOW + 160;
        meeting->confirmed = arena_alloc(&world->arena, sizeof(*meeting->confirmed));
        *meeting->confirmed =
            (struct entente_span){.start = WORLD_NOW + 100, .end = WORLD_NOW + 160};
    }
    return meeting;
}
