// SPDX-License-Identifier: Apache-2.0

/*
 * What a batch has loaded is locked until it ends: its meetings, their people where that is
 * wanted, the people wanted beside, and nothing else.  And each of the other locks is waited
 * for where somebody else has it.
 */
#include "broker/store/store_brokers.h"
#include "proto/codec.h"
#include "tests/store/store_world.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Can another connection lock the row, without waiting? */
static bool is_open(PGconn *other, const char *table, const char *id)
{
    char sql[200];
    snprintf(sql, sizeof(sql),
             "SELECT FROM %s WHERE id = '%s' FOR NO KEY UPDATE NOWAIT", table, id);
    PGresult *result = PQexec(other, sql);
    bool open = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (open) {
        assert_int_equal(PQntuples(result), 1);
    } else {
        assert_string_equal(PQresultErrorField(result, PG_DIAG_SQLSTATE), "55P03");
    }
    PQclear(result);
    return open;
}

/* The row's id, as text. */
static const char *text_of(uint8_t n, char text[37])
{
    struct store_id id = world_id(n);
    codec_format_id((struct entente_bytes){.data = id.bytes, .size = 16}, text);
    return text;
}

/* Both meetings are of persons 1 and 9. */
static void write_meetings(struct world *world)
{
    struct store_meeting_change meetings[] = {
        {.meeting = world_meeting(world, 1, 1, ENTENTE_SEARCHING)},
        {.meeting = world_meeting(world, 2, 1, ENTENTE_SEARCHING)}};
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .meetings = meetings, .meeting_count = 2};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
}

static void test_what_is_loaded_is_locked(void **state)
{
    struct world *world = *state;
    const struct store_id id = world_id(1);
    const int64_t person = 5;
    char text[37];
    write_meetings(world);
    PGconn *other = PQconnectdb(pg_database_conninfo(world->database));
    for (int with_people = 0; with_people <= 1; with_people++) {
        bool wanted = with_people == 1;
        struct store_wants wants = {.meetings = &id,
                                    .with_people = &wanted,
                                    .meeting_count = 1,
                                    .people = &person,
                                    .people_count = 1};
        assert_int_equal(world_load(world, &wants), STATUS_OK);
        assert_false(is_open(other, "meeting", text_of(1, text)));
        assert_true(is_open(other, "meeting", text_of(2, text)));
        assert_int_equal(is_open(other, "person", "1"), !wanted);
        assert_int_equal(is_open(other, "person", "9"), !wanted);
        assert_true(is_open(other, "person", "2"));
        assert_false(is_open(other, "person", "5"));
        store_batch_abandon(world->store, 0);
        world_restart(world, 0);
        assert_true(is_open(other, "person", "5"));
    }
    PQfinish(other);
}

/* ---- what others hold is waited for ------------------------------------------------
 */

enum { OTHER_BROKER = 78, NUMBER_LOCK = 1164866661 /* PG_NUMBER_LOCK */ };

/* Another connection, in a transaction that has done @sql. */
static PGconn *hold(struct world *world, const char *sql)
{
    PGconn *other = PQconnectdb(pg_database_conninfo(world->database));
    const char *const steps[] = {"BEGIN", sql};
    for (size_t i = 0; i < 2; i++) {
        PGresult *result = PQexec(other, steps[i]);
        assert_true(PQresultStatus(result) == PGRES_COMMAND_OK ||
                    PQresultStatus(result) == PGRES_TUPLES_OK);
        PQclear(result);
    }
    return other;
}

/* Something that waits until it is done; with the limit, until it gives up. */
typedef enum status act_function(struct world *world);

/* It cannot be done while another has done @sql, and can when that is over. */
static void expect_wait(struct world *world, const char *sql, act_function *act)
{
    PGconn *other = hold(world, sql);
    setenv("PGOPTIONS", "-c lock_timeout=50", 1);
    assert_int_not_equal(act(world), STATUS_OK);
    unsetenv("PGOPTIONS");
    PQfinish(other);
    assert_int_equal(act(world), STATUS_OK);
}

static enum status begin_generation(struct world *world)
{
    const struct store_settings settings = {
        .conninfo = pg_database_conninfo(world->database), .seal = world->seal};
    int32_t generation = 0;
    return store_begin_generation(&settings, 0, "a test", &generation);
}

/* A batch that has loaded and not yet written keeps a new generation waiting, and so does
 * somebody else who begins one. */
static void test_a_generation_begins_alone(void **state)
{
    expect_wait(*state, "LOCK TABLE meeting IN ROW SHARE MODE", begin_generation);
    expect_wait(*state, "LOCK TABLE generation IN ROW SHARE MODE", begin_generation);
}

static int64_t number_locks(struct world *world, int64_t broker)
{
    return pg_database_number(
        world->database,
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        " AND database = (SELECT oid FROM pg_database"
        "                  WHERE datname = current_database())"
        " AND granted AND mode = 'ExclusiveLock'"
        " AND classid = %d AND objid = %d",
        NUMBER_LOCK, (int)broker);
}

static void see_person(void *context, const struct store_person_row *row)
{
    struct world *world = context;
    (void)row;
    world->count += number_locks(world, OTHER_BROKER) == 1;
}

static void see_client(void *context, const struct store_client *row)
{
    (void)context;
    (void)row;
}

static void see_source(void *context, const struct store_source *row)
{
    (void)context;
    (void)row;
}

static void see_claim(void *context, const struct store_claim *row)
{
    (void)context;
    (void)row;
}

/* Without a key: the patient of this world is sealed with none. */
static enum status start_at(struct world *world, struct store_beginning *ret_beginning)
{
    const struct store_settings settings = {.conninfo =
                                                pg_database_conninfo(world->database),
                                            .broker = OTHER_BROKER,
                                            .beginning = ret_beginning};
    const struct store_visitor visitor = {.context = world,
                                          .person = see_person,
                                          .client = see_client,
                                          .source = see_source,
                                          .claim = see_claim};
    int64_t outage_ms = 0;
    return store_start(&settings, &visitor, &outage_ms);
}

static enum status start(struct world *world)
{
    return start_at(world, NULL);
}

/* Nobody else has its number while a broker starts, and while it lives. */
static void test_a_number_is_one_brokers(void **state)
{
    struct world *world = *state;
    struct store_beginning beginning = {0};
    struct store_settings settings = {.conninfo = pg_database_conninfo(world->database),
                                      .seal = world->seal,
                                      .broker = OTHER_BROKER,
                                      .beginning = &beginning};
    world->count = 0;
    assert_int_equal(start_at(world, &beginning), STATUS_OK);
    assert_true(world->count > 0);
    store_destroy(world->store);
    assert_int_equal(store_create(&settings, &world->store), STATUS_OK);
    world_until_up(world); /* so it has the number: whoever started has let it go */
    assert_int_equal(number_locks(world, OTHER_BROKER), 1);
}

/* Two that start after an outage do not both give it back, nor does one that starts while a
 * meeting is being changed. */
static void test_an_outage_is_made_up_for_alone(void **state)
{
    struct world *world = *state;
    char sql[100];
    write_meetings(world);
    pg_database_run(world->database,
                    "UPDATE broker SET alive = now() - interval '1 hour'");
    snprintf(sql, sizeof(sql), "SELECT pg_advisory_xact_lock_shared(%d, 0)",
             NUMBER_LOCK);
    expect_wait(world, sql, start);
    pg_database_run(world->database,
                    "UPDATE broker SET alive = now() - interval '1 hour'");
    expect_wait(world, "SELECT FROM meeting FOR NO KEY UPDATE", start);
}

/* Whether a deadline has to be put off is asked of a meeting that nobody changes meanwhile:
 * one without a deadline is waited for, too. */
static void test_an_outage_reads_no_meeting_that_is_being_changed(void **state)
{
    struct world *world = *state;
    struct store_meeting_change change = {
        .meeting = world_meeting(world, 1, 1, ENTENTE_WAITING_ORGANIZER)};
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .meetings = &change, .meeting_count = 1};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    assert_int_equal(start(world), STATUS_OK);
    pg_database_run(world->database,
                    "UPDATE broker SET alive = now() - interval '1 hour'");
    expect_wait(world, "SELECT FROM meeting FOR NO KEY UPDATE", start);
}

/* Step until somebody waits for a lock. */
static void until_waiting(struct world *world)
{
    bool waits = false;
    for (int i = 0; i < 10000 && !waits; i++) {
        world_step(world);
        waits = pg_database_waiting(world->database, "true") > 0;
    }
    assert_true(waits);
}

/* Whoever has the person finds the source free, or two would wait for each other. */
static void expect_person_first(PGconn *other)
{
    PGresult *result = PQexec(other, "SELECT FROM source FOR UPDATE NOWAIT");
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    assert_int_equal(PQntuples(result), 1);
    PQclear(result);
    PQfinish(other);
}

static struct store_publication publication_of(uint64_t sequence)
{
    return (struct store_publication){.client = 101,
                                      .key = "agenda",
                                      .person = 1,
                                      .epoch = 1,
                                      .sequence = sequence,
                                      .new_source = 501,
                                      .structure = "750000001",
                                      .name = "Dr Visible",
                                      .coverage_start = WORLD_NOW,
                                      .coverage_end = WORLD_NOW + 1440,
                                      .as_of_ms = WORLD_NOW_MS,
                                      .lease_seconds = 3600};
}

/* What the database's clock shows once another millisecond has begun. */
static int64_t later_ms(struct world *world)
{
    static const char sql[] =
        "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)";
    int64_t now_ms = pg_database_number(world->database, "%s", sql);
    int64_t later = now_ms;
    while (later == now_ms) {
        later = pg_database_number(world->database, "%s", sql);
    }
    return later;
}

/* Its moment is behind the locks, or two would be decided in another order than their
 * moments say. */
static void test_a_publication_locks_the_person_first(void **state)
{
    struct world *world = *state;
    struct store_publication publication = publication_of(1);
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    PGconn *other = hold(world, "SELECT FROM person WHERE id = 1 FOR NO KEY UPDATE");
    publication = publication_of(2);
    world_ask_publish(world, &publication);
    until_waiting(world);
    int64_t now_ms = later_ms(world);
    expect_person_first(other);
    assert_int_equal(world_answer(world), STATUS_OK);
    assert_true(world->published.now_ms >= now_ms);
}

static void test_a_lapse_locks_the_person_first(void **state)
{
    struct world *world = *state;
    struct store_publication publication = publication_of(1);
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    PGconn *other = hold(world, "SELECT FROM person WHERE id = 1 FOR NO KEY UPDATE");
    store_lapsed(world->store,
                 &(struct store_lapse){.source = 501, .epoch = 1, .sequence = 1}, 1);
    until_waiting(world);
    expect_person_first(other);
    publication = publication_of(2);
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_what_is_loaded_is_locked),
        WORLD_TEST(test_a_generation_begins_alone),
        WORLD_TEST(test_a_number_is_one_brokers),
        WORLD_TEST(test_an_outage_is_made_up_for_alone),
        WORLD_TEST(test_an_outage_reads_no_meeting_that_is_being_changed),
        WORLD_TEST(test_a_publication_locks_the_person_first),
        WORLD_TEST(test_a_lapse_locks_the_person_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
