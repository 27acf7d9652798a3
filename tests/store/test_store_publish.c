// SPDX-License-Identifier: Apache-2.0

/*
 * Availability comes in: stored as a whole, numbered, and noticed by those who wait.
 */
#include "broker/due.h"
#include "tests/store/store_world.h"

static const struct entente_range one_range = {
    .start = WORLD_NOW,
    .end = WORLD_NOW + 600,
    .kind = ENTENTE_FREE,
    .place = "home",
};

static struct store_publication publication_of(int64_t person, const char *key,
                                               uint64_t sequence)
{
    return (struct store_publication){
        .new_source = 500 + person,
        .client = 101,
        .person = person,
        .key = key,
        .structure = "750000001",
        .name = "Dr Visible",
        .epoch = 1,
        .sequence = sequence,
        .coverage_start = WORLD_NOW,
        .coverage_end = WORLD_NOW + 1440,
        .as_of_ms = WORLD_NOW_MS,
        .lease_seconds = 3600,
        .ranges = &one_range,
        .range_count = 1,
    };
}

/* Each publication raises its person's version, and the answer names them in order. */
static void test_versions_rise(void **state)
{
    struct world *world = *state;
    struct store_publication publications[] = {publication_of(3, "c", 1),
                                               publication_of(1, "a", 1)};
    assert_int_equal(world_publish(world, publications, 2), STATUS_OK);
    assert_int_equal(world->published.count, 2);
    assert_int_equal(world->published.people[0].person, 3);
    assert_int_equal(world->published.people[0].version, 2);
    assert_int_equal(world->published.people[1].person, 1);

    publications[0].sequence = 2;
    assert_int_equal(world_publish(world, publications, 1), STATUS_OK);
    assert_int_equal(world->published.people[0].version, 3);
    assert_int_equal(pg_database_number(world->database,
                                        "SELECT version FROM source WHERE key = 'c'"),
                     2);
    assert_int_equal(pg_database_number(world->database,
                                        "SELECT count(*) FROM feed WHERE kind = 1"
                                        " AND origin = -77 AND seq BETWEEN 1 AND 3"),
                     3);
}

/* The last one of a source counts, the same again is fine, an older one is refused. */
static void test_order_of_publications(void **state)
{
    struct world *world = *state;
    struct store_publication publications[] = {publication_of(1, "a", 4),
                                               publication_of(1, "a", 5)};
    assert_int_equal(world_publish(world, publications, 2), STATUS_OK);
    assert_int_equal(pg_database_number(world->database, "SELECT sequence FROM source"),
                     5);
    assert_int_equal(world_publish(world, &publications[1], 1), STATUS_OK);
    assert_int_equal(world_publish(world, &publications[0], 1), STATUS_REFUSED);
    publications[0].epoch = 2;
    publications[0].sequence = 1;
    assert_int_equal(world_publish(world, &publications[0], 1), STATUS_OK);
    assert_int_equal(pg_database_number(world->database, "SELECT sequence FROM source"),
                     1);
}

/* A source that is withdrawn is gone, and may come back. */
static void test_withdrawal(void **state)
{
    struct world *world = *state;
    struct store_publication publication = publication_of(1, "a", 1);
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    publication.withdrawn = true;
    publication.sequence = 2;
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM source"),
                     0);
    assert_int_equal(world->published.people[0].version, 3);
    publication.withdrawn = false;
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    assert_int_equal(pg_database_number(world->database, "SELECT id FROM source"), 501);
}

/* An older word takes away nothing that was said after it, by way of another broker. */
static void test_withdrawal_in_order(void **state)
{
    struct world *world = *state;
    struct store_publication publication = publication_of(1, "a", 5);
    publication.epoch = 2;
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    publication.withdrawn = true;
    publication.epoch = 1;
    publication.sequence = 9;
    assert_int_equal(world_publish(world, &publication, 1), STATUS_REFUSED);
    publication.epoch = 2;
    publication.sequence = 4;
    assert_int_equal(world_publish(world, &publication, 1), STATUS_REFUSED);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM source"),
                     1);
    publication.sequence = 6;
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM source"),
                     0);
    /* The same again: its answer was lost. */
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
}

/* An agenda that now stands for somebody else changes what is known of both. */
static void test_source_changes_hands(void **state)
{
    struct world *world = *state;
    struct store_publication publication = publication_of(1, "a", 1);
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    publication.person = 2;
    publication.sequence = 2;
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    assert_int_equal(
        pg_database_number(world->database, "SELECT version FROM person WHERE id = 1"),
        3);
    assert_int_equal(world->published.people[0].person, 2);
}

/* Nobody is published for who is not known. */
static void test_stranger_is_refused(void **state)
{
    struct world *world = *state;
    struct store_publication publications[] = {publication_of(1, "a", 1),
                                               publication_of(4711, "b", 1)};
    assert_int_equal(world_publish(world, publications, 2), STATUS_REFUSED);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM source"),
                     0);
    assert_int_equal(world_publish(world, publications, 1), STATUS_OK);
}

/* What waits for a person is searched again when the person publishes. */
static void test_publication_wakes(void **state)
{
    struct world *world = *state;
    pg_database_run(world->database, "INSERT INTO test_clock VALUES"
                                     " (timestamptz '2026-11-21Z' - now())");
    struct store_meeting_change change = {
        .meeting = world_meeting(world, 1, 1, ENTENTE_SEARCHING), .waits = true};
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .meetings = &change, .meeting_count = 1};
    assert_int_equal(world_do(world, &changes), STATUS_OK);

    struct store_publication publication = publication_of(2, "b", 1);
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    assert_int_equal(world_due(world, 10), STATUS_OK);
    assert_int_equal(world->count, 0);

    publication = publication_of(1, "a", 1);
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    assert_int_equal(world_due(world, 10), STATUS_OK);
    assert_int_equal(world->count, 1);
    assert_int_equal(world->dues[0].reason, DUE_SEARCH);
}

/* Leases run from when a client was last heard of; strangers are passed over.  The
 * broker is known to live, also when there is nobody to name. */
static void test_heard(void **state)
{
    struct world *world = *state;
    int64_t clients[] = {102, 4711, 101, 102};
    store_heard(world->store, clients, 4);
    store_heard(world->store, NULL, 0);
    struct store_publication publication = publication_of(1, "a", 1);
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM heard"),
                     2);
    assert_int_equal(pg_database_number(world->database,
                                        "SELECT count(*) FROM broker WHERE id = 77"
                                        " AND alive > started"),
                     1);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_versions_rise),        WORLD_TEST(test_order_of_publications),
        WORLD_TEST(test_withdrawal),           WORLD_TEST(test_withdrawal_in_order),
        WORLD_TEST(test_source_changes_hands), WORLD_TEST(test_stranger_is_refused),
        WORLD_TEST(test_publication_wakes),    WORLD_TEST(test_heard),
    };
    return cmocka_run_group_tests_name("publications", tests, NULL, NULL);
}
