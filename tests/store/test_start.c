// SPDX-License-Identifier: Apache-2.0

/*
 * What a broker finds in the database when it starts, and what an outage costs.
 */
#include "broker/store/store.h"
#include "proto/codec.h"
#include "tests/support/pg_database.h"

#include "tests/support/test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { HOUR_MS = 3600000 };

struct stage {
    struct pg_database *database;
    bool somebody_comes; /* as soon as a person has been shown */

    /* What store_start has shown. */
    size_t people;
    size_t patients;
    size_t clients;
    size_t sources;
    size_t claims;
};

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    assert_non_null(stage);
    stage->database = pg_database_create();
    *state = stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    pg_database_drop(stage->database);
    free(stage);
    return 0;
}

static void add_client(struct stage *stage)
{
    pg_database_run(stage->database, "INSERT INTO client (id, name, public_key)"
                                     " VALUES (1, 'clinic', repeat('a', 40))");
}

static void add_patient(struct stage *stage)
{
    pg_database_run(stage->database,
                    "INSERT INTO person (id, kind, blind, sealed)"
                    " VALUES (9000, 3, decode(repeat('ab', 32), 'hex'), '\\x00')");
}

static int64_t number(struct stage *stage, const char *sql)
{
    return pg_database_number(stage->database, "%s", sql);
}

static void see_client(void *context, const struct store_client *client)
{
    struct stage *stage = context;
    assert_false(client->revoked);
    stage->clients++;
}

static void add_newcomer(struct stage *stage)
{
    pg_database_run(
        stage->database,
        "INSERT INTO person (id, kind, system, value)"
        " VALUES (77, 1, 'urn:test', 'late');"
        "INSERT INTO client (id, name, public_key)"
        " VALUES (2, 'late', repeat('z', 40));"
        "INSERT INTO speaks_for VALUES (2, 77);"
        "INSERT INTO source (id, client, key, person, epoch, sequence,"
        " coverage_start, coverage_end, as_of, lease_seconds, ranges,"
        " range_count) VALUES (1, 2, 'k', 77, 1, 1, 0, 10, now(), 60, '', 0);"
        "INSERT INTO claim SELECT 77, gen_random_uuid(),"
        " int4range(m + 10, m + 20)"
        "   FROM (SELECT (extract(epoch FROM now()) / 60)::int4 AS m) t");
}

static void see_person(void *context, const struct store_person_row *row)
{
    struct stage *stage = context;
    assert_int_equal(stage->sources + stage->claims, 0); /* people come first */
    if (stage->somebody_comes) {
        stage->somebody_comes = false;
        add_newcomer(stage);
    }
    stage->people++;
    stage->patients += row->system == NULL;
}

static void see_source(void *context, const struct store_source *row)
{
    struct stage *stage = context;
    assert_int_equal(row->range_count, 0);
    stage->sources++;
}

static void see_claim(void *context, const struct store_claim *row)
{
    struct stage *stage = context;
    assert_true(row->end > row->start);
    stage->claims++;
}

static int64_t start(struct stage *stage)
{
    const struct store_settings settings = {
        .conninfo = pg_database_conninfo(stage->database), .broker = 77};
    const struct store_visitor visitor = {.context = stage,
                                          .person = see_person,
                                          .client = see_client,
                                          .source = see_source,
                                          .claim = see_claim};
    int64_t outage_ms = -1;
    stage->people = stage->patients = stage->clients = stage->sources = 0;
    stage->claims = 0;
    assert_int_equal(store_start(&settings, &visitor, &outage_ms), STATUS_OK);
    return outage_ms;
}

/* More rows than a page of the cursor has. */
static void test_a_start_shows_everything_there_is(void **state)
{
    struct stage *stage = *state;
    add_client(stage);
    add_patient(stage);
    pg_database_run(
        stage->database,
        "INSERT INTO person (id, kind, system, value)"
        " SELECT n, 1, 'urn:test', n::text FROM generate_series(1, 2500) n;"
        "INSERT INTO source (id, client, key, person, epoch, sequence, coverage_start,"
        " coverage_end, as_of, lease_seconds, ranges, range_count)"
        " SELECT n, (SELECT id FROM client), n::text, n, 1, 1, 0, 10, now(), 60, '', 0"
        "   FROM generate_series(1, 1001) n;"
        "INSERT INTO claim SELECT n, gen_random_uuid(), int4range(m + 10, m + 20)"
        "   FROM generate_series(1, 2000) n,"
        "        (SELECT (extract(epoch FROM now()) / 60)::int4 AS m) t;"
        "INSERT INTO claim SELECT n, gen_random_uuid(), '[100,160)'" /* long past */
        "   FROM generate_series(1, 2000) n");
    assert_int_equal(start(stage), 0);
    assert_int_equal(stage->people, 2501);
    assert_int_equal(stage->patients, 1);
    assert_int_equal(stage->clients, 1);
    assert_int_equal(stage->sources, 1001);
    assert_int_equal(stage->claims, 2000);
    assert_int_equal(number(stage, "SELECT count(*) FROM broker WHERE id = 77"), 1);
}

/* Who is made known while a broker reads is shown with all that is theirs at the next
 * reading, or not at all: a client that is known speaks for nobody unknown, and an agenda
 * is somebody's. */
static void test_a_start_shows_one_moment(void **state)
{
    struct stage *stage = *state;
    add_client(stage);
    add_patient(stage);
    stage->somebody_comes = true;
    start(stage);
    assert_false(stage->somebody_comes);
    assert_int_equal(stage->people, 1);
    assert_int_equal(stage->clients, 1);
    assert_int_equal(stage->sources, 0);
    assert_int_equal(stage->claims, 0);
    start(stage);
    assert_int_equal(stage->people, 2);
    assert_int_equal(stage->clients, 2);
    assert_int_equal(stage->sources, 1);
    assert_int_equal(stage->claims, 1);
}

/* Minutes by which the due row of this reason lies in the future, rounded. */
static int64_t due_in(struct stage *stage, int reason)
{
    return pg_database_number(
        stage->database,
        "SELECT round(extract(epoch FROM at - now()) / 60) FROM due WHERE reason = %d",
        reason);
}

/* An hour in which nobody could answer is nobody's silence: leases and the deadlines of
 * searches and answers wait for it; what hangs on the meeting's own time does not. */
static void test_an_outage_costs_nobody_a_deadline(void **state)
{
    struct stage *stage = *state;
    add_client(stage);
    pg_database_run(stage->database,
                    "INSERT INTO broker VALUES (5, now() - interval '3 hours',"
                    " now() - interval '2 hours'),"
                    " (6, now() - interval '3 hours', now() - interval '1 hour');"
                    "INSERT INTO heard SELECT id, now() - interval '70 minutes'"
                    " FROM client;"
                    "INSERT INTO due SELECT gen_random_uuid(), reason,"
                    " now() - interval '30 minutes' FROM generate_series(1, 7) reason");
    int64_t outage_ms = start(stage);
    assert_in_range(outage_ms, HOUR_MS, HOUR_MS + 60000);
    assert_int_equal(due_in(stage, 2), 30);
    assert_int_equal(due_in(stage, 3), 30);
    assert_int_equal(due_in(stage, 1), -30);
    assert_int_equal(due_in(stage, 4), -30);
    assert_int_equal(due_in(stage, 5), -30);
    assert_int_equal(due_in(stage, 6), 30);
    assert_int_equal(due_in(stage, 7), 30);
    assert_int_equal(
        number(stage, "SELECT round(extract(epoch FROM now() - at) / 60) FROM heard"),
        10);
    /* A start a moment later finds a broker that lived. */
    assert_in_range(start(stage), 0, 9999);
    assert_int_equal(due_in(stage, 2), 30);
}

/* Heard of after the broker's last sign of life: the outage does not put it ahead. */
static void test_an_outage_lets_nobody_be_heard_later_than_now(void **state)
{
    struct stage *stage = *state;
    add_client(stage);
    pg_database_run(stage->database,
                    "INSERT INTO broker VALUES (6, now() - interval '3 hours',"
                    " now() - interval '1 hour');"
                    "INSERT INTO heard SELECT id, now() - interval '10 minutes'"
                    " FROM client");
    assert_in_range(start(stage), HOUR_MS, HOUR_MS + 60000);
    assert_int_equal(number(stage, "SELECT count(*) FROM heard WHERE at > now()"), 0);
}

/* A proposed meeting of one person, an hour long, that starts in @start_in minutes and
 * waits ten more minutes for its answer. */
static void add_proposed(struct stage *stage, int32_t start_in)
{
    int64_t now_ms = number(stage, "SELECT extract(epoch FROM now()) * 1000");
    int32_t start = (int32_t)(now_ms / 60000) + start_in;
    uint8_t id[16] = {0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1};
    int64_t people[] = {1};
    struct entente_identifier who = {"urn:test", "1"};
    struct entente_party party = {.kind = ENTENTE_PROFESSIONAL,
                                  .identifier = &who,
                                  .importance = ENTENTE_INDISPENSABLE,
                                  .attends = true};
    struct entente_span window = {start, start + 60};
    struct entente_spec spec = {.duration_minutes = 60,
                                .windows = &window,
                                .windows_count = 1,
                                .parties = &party,
                                .parties_count = 1};
    struct entente_proposal proposal = {.number = 1,
                                        .start = start,
                                        .end = start + 60,
                                        .answer_by_ms = now_ms + 600000};
    struct entente_kept kept = {.organizer = 1,
                                .people = people,
                                .people_count = 1,
                                .held_start = start,
                                .held_end = start + 60};
    const struct entente_meeting meeting = {.id = {.data = id, .size = sizeof(id)},
                                            .version = 1,
                                            .state = ENTENTE_PROPOSED,
                                            .spec = &spec,
                                            .proposal = &proposal,
                                            .organizer_client = "clinic",
                                            .last_event = "proposed",
                                            .created_ms = now_ms,
                                            .updated_ms = now_ms,
                                            .hold_until_ms = now_ms + 600000,
                                            .kept = &kept};
    struct arena arena;
    struct entente_bytes body;
    char text[2048] = "";
    arena_init(&arena, 1 << 20);
    assert_true(codec_encode_meeting(&meeting, &arena, &body));
    assert_true(2 * body.size < sizeof(text));
    for (size_t i = 0; i < body.size; i++) {
        snprintf(text + 2 * i, 3, "%02x", body.data[i]);
    }
    arena_finish(&arena);
    pg_database_run(stage->database,
                    "ALTER TABLE meeting DISABLE TRIGGER meeting_walks;"
                    "INSERT INTO meeting SELECT"
                    " '00000000-0000-7000-8000-000000000001', 1, 2, '{1}', id,"
                    " int4range(%d, %d), NULL, now() + interval '10 minutes', now(),"
                    " now(), decode('%s', 'hex'), '' FROM client;"
                    "INSERT INTO due SELECT id, 3, hold_until FROM meeting",
                    start, start + 60, text);
}

/* The hour that is given back does not reach beyond the start of the slot: nobody is
 * asked about a time that has come. */
static void test_an_outage_puts_no_deadline_behind_its_slot(void **state)
{
    struct stage *stage = *state;
    add_client(stage);
    add_proposed(stage, 30);
    pg_database_run(stage->database,
                    "INSERT INTO broker VALUES (5, now() - interval '3 hours',"
                    " now() - interval '1 hour')");
    start(stage);
    assert_in_range(due_in(stage, 3), 29, 30);
    assert_in_range(number(stage,
                           "SELECT round(extract(epoch FROM hold_until - now()) /"
                           " 60) FROM meeting"),
                    29, 30);
}

static void test_a_first_start_has_no_outage(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(start(stage), 0);
}

#define STAGE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_a_start_shows_everything_there_is),
        STAGE_TEST(test_a_start_shows_one_moment),
        STAGE_TEST(test_an_outage_costs_nobody_a_deadline),
        STAGE_TEST(test_an_outage_lets_nobody_be_heard_later_than_now),
        STAGE_TEST(test_an_outage_puts_no_deadline_behind_its_slot),
        STAGE_TEST(test_a_first_start_has_no_outage),
    };
    return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
