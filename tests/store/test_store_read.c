// SPDX-License-Identifier: Apache-2.0

/*
 * Questions are answered with committed state, in pages, and nothing secret is readable
 * in the tables.
 */
#include "broker/due.h"
#include "tests/store/store_world.h"

#include <string.h>

/* Meetings 1 .. @count, each told to client 102. */
static void tell(struct world *world, uint8_t count)
{
    for (uint8_t n = 1; n <= count; n++) {
        struct store_meeting_change change = {
            .meeting = world_meeting(world, n, 1, ENTENTE_SEARCHING)};
        struct store_outbox outbox = {102, world_id(n), 1};
        struct store_changes changes = {.now_ms = WORLD_NOW_MS,
                                        .meetings = &change,
                                        .meeting_count = 1,
                                        .outbox = &outbox,
                                        .outbox_count = 1};
        assert_int_equal(world_do(world, &changes), STATUS_OK);
    }
}

/* Page by page, in order, to the end, and each with the meeting as it is now. */
static void test_replay_in_pages(void **state)
{
    struct world *world = *state;
    tell(world, 7);
    uint64_t after = 0;
    size_t pages = 0;
    do {
        assert_int_equal(world_events(world, 102, after, 3), STATUS_OK);
        for (size_t i = 0; i < world->count; i++) {
            after++;
            assert_int_equal(world->events[i].sequence, after);
            assert_int_equal(world->events[i].meeting->id.data[0], after);
        }
        pages++;
    } while (world->count > 0);
    assert_int_equal(after, 7);
    assert_int_equal(pages, 4);
    assert_int_equal(world_events(world, 101, 0, 10), STATUS_OK);
    assert_int_equal(world->count, 0);
    /* Who asks for them by an older numbering is told nothing: they have other numbers. */
    pg_database_run(world->database, "UPDATE recipient SET epoch = 2");
    assert_int_equal(world_events(world, 102, 0, 3), STATUS_OK);
    assert_int_equal(world->count, 0);
}

/* An agenda's report is shown with the meeting, the later version's in the end. */
static void test_results_are_shown(void **state)
{
    struct world *world = *state;
    tell(world, 2);
    struct store_result results[] = {
        {world_id(1), 102, "b", 2, ENTENTE_REFUSED, ENTENTE_ON_LEAVE, "canary-comment"},
        {world_id(1), 102, "b", 1, ENTENTE_APPLIED, 0, NULL},
        {world_id(1), 101, "a", 1, ENTENTE_APPLIED, 0, NULL}};
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .results = results, .result_count = 3};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    changes.results = &results[1];
    changes.result_count = 1;
    assert_int_equal(world_do(world, &changes), STATUS_OK);

    struct store_id ids[] = {world_id(2), world_id(1), world_id(9)};
    assert_int_equal(world_meetings(world, ids, 3), STATUS_OK);
    assert_int_equal(world->count, 2);
    assert_int_equal(world->meetings[1]->results_count, 0);
    const struct entente_meeting *first = world->meetings[0];
    assert_int_equal(first->results_count, 2);
    assert_string_equal(first->results[0].client, "client 101");
    assert_int_equal(first->results[1].kind, ENTENTE_REFUSED);
    assert_string_equal(first->results[1].comment, "canary-comment");

    assert_null(first->results[0].comment);
    assert_false(pg_database_contains(world->database, "canary-comment"));

    assert_int_equal(world_events(world, 102, 0, 1), STATUS_OK);
    assert_int_equal(world->events[0].meeting->results_count, 2);
}

/* A client's list has what it asked for and what its people are in. */
static void test_list(void **state)
{
    struct world *world = *state;
    tell(world, 3);
    struct entente_meeting *other = world_meeting(world, 4, 1, ENTENTE_CONFIRMED);
    other->kept->organizer = 102;
    struct entente_meeting *over = world_meeting(world, 5, 1, ENTENTE_CANCELLED);
    struct store_meeting_change change[] = {{.meeting = other}, {.meeting = over}};
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .meetings = change, .meeting_count = 2};
    assert_int_equal(world_do(world, &changes), STATUS_OK);

    struct store_list list = {.client = 101, .limit = 3};
    assert_int_equal(world_list(world, &list), STATUS_OK);
    assert_int_equal(world->count, 3);
    list.has_after = true;
    list.after = world_id(3);
    assert_int_equal(world_list(world, &list), STATUS_OK);
    assert_int_equal(world->count, 1);
    assert_int_equal(world->meetings[0]->state, ENTENTE_CONFIRMED);
    list.all = true;
    assert_int_equal(world_list(world, &list), STATUS_OK);
    assert_int_equal(world->count, 2);
    list = (struct store_list){.client = 101, .limit = 9, .state = ENTENTE_CANCELLED};
    assert_int_equal(world_list(world, &list), STATUS_OK);
    assert_int_equal(world->count, 1);
    list = (struct store_list){.client = 102, .limit = 9};
    assert_int_equal(world_list(world, &list), STATUS_OK);
    assert_int_equal(world->count, 1);
}

/* Nothing that is secret can be read in any table, and a value moved to another row
 * cannot be opened. */
static void test_secrets_are_sealed(void **state)
{
    struct world *world = *state;
    tell(world, 2);
    assert_true(pg_database_contains(world->database, "Visible title"));
    for (size_t i = 0; world_canaries[i] != NULL; i++) {
        if (pg_database_contains(world->database, world_canaries[i])) {
            fail_msg("%s can be read in the database", world_canaries[i]);
        }
    }
    struct store_id id = world_id(1);
    assert_int_equal(world_meetings(world, &id, 1), STATUS_OK);
    const struct entente_spec *spec = world->meetings[0]->spec;
    assert_string_equal(spec->reason, "canary-reason");
    assert_string_equal(spec->subject->value, "canary-subject");
    assert_string_equal(spec->subject_name, "canary-subject-name");
    assert_string_equal(spec->parties[1].name, "canary-patient-name");
    assert_string_equal(spec->parties[1].contact, "canary-contact");
    assert_string_equal(spec->parties[1].represents->value, "canary-represents");
    assert_string_equal(spec->parties[1].answer_actor->who->value, "canary-subject");
    assert_int_equal(spec->parties[1].answer_actor->channel, ENTENTE_SECRETARY);
    assert_string_equal(spec->places[0].address, "canary-address");

    pg_database_run(world->database,
                    "UPDATE meeting m SET sealed = o.sealed FROM meeting o"
                    " WHERE o.id <> m.id");
    assert_int_equal(world_meetings(world, &id, 1), STATUS_DAMAGED);
}

/* Every hello begins new epochs; the numbering of events goes on. */
static void test_hello(void **state)
{
    struct world *world = *state;
    tell(world, 2);
    assert_int_equal(world_hello(world, 102), STATUS_OK);
    assert_int_equal(world->hello.request_epoch, 1);
    assert_int_equal(world->hello.last_issued, 2);
    assert_int_equal(world_hello(world, 102), STATUS_OK);
    assert_int_equal(world->hello.request_epoch, 2);
    assert_int_equal(world->hello.publication_epoch, 2);
    assert_int_equal(world->hello.event_epoch, 1);
    assert_int_equal(world_hello(world, 101), STATUS_OK);
    assert_int_equal(world->hello.last_issued, 0);
    assert_int_equal(world_hello(world, 4711), STATUS_REFUSED);
}

static void test_figures(void **state)
{
    struct world *world = *state;
    pg_database_run(world->database, "INSERT INTO test_clock VALUES"
                                     " (timestamptz '2026-11-21Z' - now())");
    tell(world, 2);
    struct store_meeting_change change = {
        .base_version = 1, .meeting = world_meeting(world, 1, 2, ENTENTE_PROPOSED)};
    struct store_due due = {world_id(1), DUE_ANSWERS_END, WORLD_NOW_MS - 5000};
    struct store_result result = {world_id(1),      102, "b", 2, ENTENTE_REFUSED,
                                  ENTENTE_ON_LEAVE, NULL};
    struct store_ack ack = {102, 1};
    struct store_changes changes = {.now_ms = WORLD_NOW_MS,
                                    .meetings = &change,
                                    .meeting_count = 1,
                                    .dues = &due,
                                    .due_count = 1,
                                    .acks = &ack,
                                    .ack_count = 1,
                                    .results = &result,
                                    .result_count = 1};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    assert_int_equal(world_figures(world, 0), STATUS_OK);
    assert_int_equal(world->figures.meetings_open, 2);
    assert_int_equal(world->figures.undelivered_events, 1);
    assert_int_equal(world->figures.due_length, 1);
    assert_true(world->figures.oldest_due_ms >= 5000);
    assert_int_equal(world->figures.overdue_holds, 0);
    assert_int_equal(world->figures.refused_results, 1);
    pg_database_run(world->database,
                    "UPDATE test_clock SET shift = shift + interval '10 minutes'");
    assert_int_equal(world_figures(world, 102), STATUS_OK);
    assert_int_equal(world->figures.meetings_open, 0);
    assert_int_equal(world->figures.undelivered_events, 1);
    assert_true(world->figures.oldest_event_ms >= 600000);
    assert_int_equal(world_figures(world, 101), STATUS_OK);
    assert_int_equal(world->figures.overdue_holds, 1);
    /* That an agenda diverges is not the organizer's to know, not even as a number. */
    pg_database_run(world->database,
                    "DELETE FROM due; INSERT INTO due (meeting, reason, at)"
                    " SELECT id, r, timestamptz '2026-01-01Z'"
                    "   FROM meeting, (VALUES (10), (11)) AS v (r)"
                    "  WHERE organizer = 101");
    assert_int_equal(world_figures(world, 101), STATUS_OK);
    assert_int_equal(world->figures.due_length, 0);
    assert_int_equal(world_figures(world, 0), STATUS_OK);
    assert_true(world->figures.due_length > 0);
}

/* ---- clients and people ------------------------------------------------------------
 */

static void on_newcomers(void *context, enum status status,
                         const struct store_newcomers *newcomers)
{
    struct world *world = context;
    assert_int_equal(status, STATUS_OK);
    const struct store_client *clients = newcomers->clients;
    assert_int_equal(newcomers->client_count, 2);
    assert_int_equal(clients[0].id, 101);
    assert_string_equal(clients[0].name, "client 101");
    assert_int_equal(strlen(clients[0].public_key), 40);
    assert_int_equal(clients[0].speaks_for_count, 3);
    assert_int_equal(clients[0].speaks_for[2], 3);
    assert_true(clients[1].revoked);
    assert_false(clients[0].revoked);
    const struct store_person_row *people = newcomers->people;
    assert_int_equal(newcomers->people_count, 9);
    assert_string_equal(people[0].value, "1");
    assert_null(people[8].system);
    assert_int_equal(people[8].blind[31], 0xab);
    assert_int_equal(people[8].kind, ENTENTE_PATIENT);
    world->done = true;
}

/* Nobody has come; or, when the clock has gone back, whoever came last. */
static void on_the_last(void *context, enum status status,
                        const struct store_newcomers *newcomers)
{
    struct world *world = context;
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(newcomers->people_count, world->newcomers);
    assert_int_equal(newcomers->client_count, 2);
    world->done = true;
}

static void test_clients_and_people(void **state)
{
    struct world *world = *state;
    pg_database_run(world->database,
                    "UPDATE client SET revoked = now() WHERE id = 102");
    store_read_newcomers(world->store, WORLD_NOW_MS - INT64_C(9000) * 86400000, NULL, 0,
                         on_newcomers, world);
    world_until(world, &world->done);
    /* What was read last was read by a clock that was ahead of this one. */
    int64_t ahead_ms = WORLD_NOW_MS + INT64_C(9000) * 86400000;
    pg_database_run(world->database,
                    "UPDATE person SET created = now() - interval '2 minutes'");
    for (world->newcomers = 0; world->newcomers < 2; world->newcomers++) {
        world->done = false;
        store_read_newcomers(world->store, ahead_ms, NULL, 0, on_the_last, world);
        world_until(world, &world->done);
        pg_database_run(world->database,
                        "UPDATE person SET created = now() WHERE id = 3");
    }
}

static void on_newcomer(void *context, enum status status,
                        const struct store_newcomers *newcomers)
{
    struct world *world = context;
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(newcomers->client_count, 3);
    assert_int_equal(newcomers->clients[2].speaks_for_count, 1);
    int64_t person = newcomers->clients[2].speaks_for[0];
    size_t found = 0;
    for (size_t i = 0; i < newcomers->people_count; i++) {
        found += newcomers->people[i].person == person;
    }
    assert_int_equal(found, 1);
    world->done = true;
}

/* Whoever is added with a client while the question is under way is told with it: a
 * client that is known speaks for nobody unknown. */
static void test_a_newcomer_comes_whole(void **state)
{
    struct world *world = *state;
    pg_database_run(world->database,
                    "BEGIN; LOCK TABLE client IN ACCESS EXCLUSIVE MODE;"
                    "INSERT INTO person (id, kind, system, value)"
                    " VALUES (77, 1, 'urn:test', 'late');"
                    "INSERT INTO client (id, name, public_key)"
                    " VALUES (103, 'late', repeat('z', 40));"
                    "INSERT INTO speaks_for VALUES (103, 77)");
    store_read_newcomers(world->store, WORLD_NOW_MS - INT64_C(9000) * 86400000, NULL, 0,
                         on_newcomer, world);
    while (pg_database_waiting(world->database, "relation = 'client'::regclass") == 0) {
        world_step(world);
        assert_false(world->done);
    }
    pg_database_run(world->database, "COMMIT");
    world_until(world, &world->done);
}

/* For whom clients 101 and 102 speak, as it was told last. */
struct told {
    struct world *world;
    struct store_known_client known[2];
    bool again[2];
    size_t people[2];
};

static void on_told(void *context, enum status status,
                    const struct store_newcomers *newcomers)
{
    struct told *told = context;
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(newcomers->client_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct store_client *client = &newcomers->clients[i];
        told->again[i] = !client->same_people;
        if (told->again[i]) {
            told->people[i] = client->speaks_for_count;
        } else {
            assert_int_equal(client->people_revision, told->known[i].people_revision);
            assert_int_equal(client->speaks_for_count, 0);
        }
        told->known[i] =
            (struct store_known_client){client->id, client->people_revision};
    }
    told->world->done = true;
}

/* What is told after @change: whether they are told again, and how many people they have. */
static void check_told(struct told *told, const char *change, bool first, bool second,
                       size_t of_first, size_t of_second)
{
    struct world *world = told->world;
    pg_database_run(world->database, "%s", change);
    world->done = false;
    store_read_newcomers(world->store, WORLD_NOW_MS, told->known, 2, on_told, told);
    world_until(world, &world->done);
    assert_int_equal(told->again[0], first);
    assert_int_equal(told->again[1], second);
    assert_int_equal(told->people[0], of_first);
    assert_int_equal(told->people[1], of_second);
}

/* A million people are not read every two seconds: only those of clients that have others
 * than before, however they came and went. */
static void test_who_is_known_is_not_told_again(void **state)
{
    struct told told = {.world = *state, .known = {{101, -1}, {102, -1}}};
    check_told(&told, "DELETE FROM speaks_for WHERE client = 102", true, true, 3, 0);
    check_told(&told, "UPDATE client SET sandbox = true", false, false, 3, 0);
    check_told(&told, "INSERT INTO speaks_for VALUES (101, 4)", true, false, 4, 0);
    check_told(&told, "DELETE FROM speaks_for WHERE person = 1", true, false, 3, 0);
    check_told(&told, "UPDATE speaks_for SET client = 102 WHERE person = 2", true, true,
               2, 1);
    check_told(&told, "SELECT 1", false, false, 2, 1);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_replay_in_pages),
        WORLD_TEST(test_results_are_shown),
        WORLD_TEST(test_list),
        WORLD_TEST(test_secrets_are_sealed),
        WORLD_TEST(test_hello),
        WORLD_TEST(test_figures),
        WORLD_TEST(test_clients_and_people),
        WORLD_TEST(test_a_newcomer_comes_whole),
        WORLD_TEST(test_who_is_known_is_not_told_again),
    };
    return cmocka_run_group_tests_name("questions", tests, NULL, NULL);
}
