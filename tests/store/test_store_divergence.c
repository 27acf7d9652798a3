// SPDX-License-Identifier: Apache-2.0

/*
 * What agendas say against what was agreed: noticed in the publication's own transaction,
 * counted per client, kept until somebody has dealt with it.
 */
#include "broker/due.h"
#include "tests/store/store_world.h"

#include <string.h>

static const struct store_id one = {.bytes = {1}};
static const struct store_id two = {.bytes = {2}};

static void set_clock(struct world *world)
{
    pg_database_run(world->database, "INSERT INTO test_clock VALUES"
                                     " (timestamptz '2026-11-21Z' - now())");
}

static enum status publish(struct world *world, uint64_t sequence,
                           const struct entente_range *ranges, size_t count)
{
    const struct store_publication publication = {
        .new_source = 501,
        .client = 101,
        .person = 1,
        .key = "a",
        .structure = "750000001",
        .epoch = 1,
        .sequence = sequence,
        .coverage_start = WORLD_NOW,
        .coverage_end = WORLD_NOW + 1440,
        .as_of_ms = WORLD_NOW_MS,
        .lease_seconds = 3600,
        .ranges = ranges,
        .range_count = count,
    };
    return world_publish(world, &publication, 1);
}

static size_t dues_of_divergence(struct world *world)
{
    size_t found = 0;
    assert_int_equal(world_due(world, 64), STATUS_OK);
    for (size_t i = 0; i < world->count; i++) {
        found += world->dues[i].reason == DUE_DIVERGENCE ? 1 : 0;
    }
    return found;
}

/*
 *     claim       ####
 *     busy    ####    ####     touches it: nothing
 *     echo        ####         ours: nothing
 *     busy           ##        looked at
 */
static void test_busy_time_over_a_claim_is_noticed(void **state)
{
    struct world *world = *state;
    uint8_t any_meeting[16] = {7};
    set_clock(world);
    pg_database_run(world->database,
                    "INSERT INTO claim (person, meeting, during) VALUES"
                    " (1, '01000000-0000-0000-0000-000000000000',"
                    "  int4range(%d, %d))",
                    WORLD_NOW + 60, WORLD_NOW + 120);
    struct entente_range ranges[] = {
        {.start = WORLD_NOW, .end = WORLD_NOW + 60, .kind = ENTENTE_BUSY},
        {.start = WORLD_NOW + 60,
         .end = WORLD_NOW + 120,
         .kind = ENTENTE_BUSY,
         .meeting = {any_meeting, 16}},
        {.start = WORLD_NOW + 60, .end = WORLD_NOW + 120, .kind = ENTENTE_TENTATIVE},
        {.start = WORLD_NOW + 120, .end = WORLD_NOW + 180, .kind = ENTENTE_BUSY},
    };
    assert_int_equal(publish(world, 1, ranges, 4), STATUS_OK);
    assert_int_equal(dues_of_divergence(world), 0);
    ranges[3].start = WORLD_NOW + 119;
    assert_int_equal(publish(world, 2, ranges, 4), STATUS_OK);
    assert_int_equal(dues_of_divergence(world), 1);
    assert_int_equal(world->dues[0].meeting.bytes[0], 1);
}

static struct store_divergence divergence(const struct store_id *meeting,
                                          int64_t person, uint32_t kind, bool held_back)
{
    struct store_divergence row = {
        .person = person, .client = 101, .kind = kind, .held_back = held_back};
    memcpy(row.meeting, meeting->bytes, sizeof(row.meeting));
    return row;
}

static enum status write_rows(struct world *world, const struct store_divergence *rows,
                              size_t count, const int64_t *trips, size_t trip_count)
{
    const struct store_changes changes = {.now_ms = WORLD_NOW_MS,
                                          .divergences = rows,
                                          .divergence_count = count,
                                          .trips = trips,
                                          .trip_count = trip_count};
    return world_do(world, &changes);
}

static enum status load(struct world *world)
{
    const struct store_id ids[] = {one};
    const bool with_people[] = {false};
    const struct store_wants wants = {.meetings = ids,
                                      .with_people = with_people,
                                      .meeting_count = 1,
                                      .divergences = true};
    return world_load(world, &wants);
}

/* Of the last hour, per client; a meeting's own rows beside. */
static void test_what_diverges_is_counted_and_settled(void **state)
{
    struct world *world = *state;
    set_clock(world);
    struct store_divergence rows[] = {
        divergence(&one, 1, ENTENTE_FOREIGN_BUSY, false),
        divergence(&one, 2, ENTENTE_EVENT_REFUSED, true),
        divergence(&two, 1, ENTENTE_EVENT_DELETED, false),
    };
    assert_int_equal(write_rows(world, rows, 3, NULL, 0), STATUS_OK);
    assert_int_equal(load(world), STATUS_OK);
    assert_int_equal(world->loaded.breaker_count, 1);
    assert_int_equal(world->loaded.breakers[0].client, 101);
    assert_int_equal(world->loaded.breakers[0].recent, 3);
    assert_false(world->loaded.breakers[0].tripped);
    assert_int_equal(world->loaded.divergence_count, 2);
    store_batch_abandon(world->store, 0);

    /* The same again is one, and a settled one is none. */
    rows[1].kind = 0;
    assert_int_equal(write_rows(world, rows, 2, NULL, 0), STATUS_OK);
    assert_int_equal(load(world), STATUS_OK);
    assert_int_equal(world->loaded.breakers[0].recent, 2);
    assert_int_equal(world->loaded.divergence_count, 1);
    assert_int_equal(world->loaded.divergences[0].kind, ENTENTE_FOREIGN_BUSY);
    store_batch_abandon(world->store, 0);

    /* What is known to diverge is looked at when that person publishes. */
    assert_int_equal(publish(world, 1, NULL, 0), STATUS_OK);
    assert_int_equal(dues_of_divergence(world), 2);

    pg_database_run(world->database,
                    "UPDATE divergence SET at = at - interval '61 min'");
    assert_int_equal(load(world), STATUS_OK);
    assert_int_equal(world->loaded.breaker_count, 0);
    store_batch_abandon(world->store, 0);
}

static void test_a_breaker_stays_open_until_it_is_reset(void **state)
{
    struct world *world = *state;
    const struct store_settings settings = {.conninfo =
                                                pg_database_conninfo(world->database)};
    const char *message = NULL;
    uint64_t meetings = 0;
    const int64_t client = 101;
    set_clock(world);
    struct store_divergence row = divergence(&one, 1, ENTENTE_FOREIGN_BUSY, true);
    assert_int_equal(write_rows(world, &row, 1, &client, 1), STATUS_OK);
    assert_int_equal(world_figures(world, 0), STATUS_OK);
    assert_int_equal(world->figures.breakers, 1);
    world_restart(world, 0);
    assert_int_equal(load(world), STATUS_OK);
    bool tripped = false;
    for (size_t i = 0; i < world->loaded.breaker_count; i++) {
        tripped = tripped || world->loaded.breakers[i].tripped;
    }
    assert_true(tripped);
    store_batch_abandon(world->store, 0);

    pg_database_run(world->database,
                    "UPDATE client SET name = 'clinic' WHERE id = 101");
    assert_int_equal(
        store_reset_breaker(&settings, "nobody", STORE_LOOK_AGAIN, &meetings, &message),
        STATUS_REFUSED);
    assert_non_null(message);
    assert_int_equal(
        store_reset_breaker(&settings, "clinic", STORE_REAL, &meetings, &message),
        STATUS_OK);
    assert_int_equal(meetings, 1);
    assert_int_equal(load(world), STATUS_OK);
    for (size_t i = 0; i < world->loaded.breaker_count; i++) {
        assert_false(world->loaded.breakers[i].tripped);
    }
    store_batch_abandon(world->store, 0);
    assert_int_equal(
        store_reset_breaker(&settings, "clinic", STORE_FORGET, &meetings, &message),
        STATUS_OK);
    assert_int_equal(
        pg_database_number(world->database, "SELECT count(*) FROM divergence"), 0);
    assert_int_equal(
        pg_database_number(world->database, "SELECT count(*) FROM breaker"), 0);
    assert_int_equal(dues_of_divergence(world), 1);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_busy_time_over_a_claim_is_noticed),
        WORLD_TEST(test_what_diverges_is_counted_and_settled),
        WORLD_TEST(test_a_breaker_stays_open_until_it_is_reset),
    };
    return cmocka_run_group_tests_name("divergences", tests, NULL, NULL);
}
