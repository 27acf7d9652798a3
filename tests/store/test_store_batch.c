// SPDX-License-Identifier: Apache-2.0

/*
 * A batch is loaded and written as a whole, or not at all.
 */
#include "broker/due.h"
#include "tests/store/store_world.h"

#include <string.h>

static struct store_command command_of(uint64_t counter, uint8_t n, uint32_t version)
{
    struct store_command command = {
        .key = {.client = 101, .epoch = 1, .counter = counter},
        .meeting = world_id(n),
        .version = version,
    };
    memset(command.digest, (int)counter, sizeof(command.digest));
    return command;
}

static enum status insert_meeting(struct world *world, uint8_t n, uint32_t state,
                                  bool waits)
{
    struct store_meeting_change change = {.meeting = world_meeting(world, n, 1, state),
                                          .waits = waits};
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .meetings = &change, .meeting_count = 1};
    return world_do(world, &changes);
}

/* What was written is what is loaded, secrets included. */
static void test_round_trip(void **state)
{
    struct world *world = *state;
    struct store_meeting_change change = {
        .meeting = world_meeting(world, 1, 1, ENTENTE_PROPOSED)};
    struct store_claim claims[] = {world_claim(1, 1, 100, 160),
                                   world_claim(9, 1, 100, 160)};
    struct store_command command = command_of(5, 1, 1);
    struct store_outbox outbox[] = {
        {.client = 102, .meeting = world_id(1), .version = 1},
        {.client = 101, .meeting = world_id(1), .version = 1}};
    struct store_due due = {.meeting = world_id(1),
                            .reason = DUE_ANSWERS_END,
                            .at_ms = WORLD_NOW_MS + 60000};
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS,
        .claims_added = claims,
        .claims_added_count = 2,
        .meetings = &change,
        .meeting_count = 1,
        .commands = &command,
        .command_count = 1,
        .outbox = outbox,
        .outbox_count = 2,
        .dues = &due,
        .due_count = 1,
        .audit = {.data = (const uint8_t *)"done", .size = 4},
    };
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    assert_int_equal(world->written.people_count, 2);
    assert_int_equal(world->written.people[0].version, 2);

    struct store_command_key keys[] = {command.key,
                                       {.client = 101, .epoch = 1, .counter = 6}};
    struct store_id ids[] = {world_id(1), world_id(2), world_id(1)};
    bool with_people[] = {true, false, false};
    int64_t people[] = {4, 1};
    struct store_wants wants = {
        .commands = keys,
        .command_count = 2,
        .meetings = ids,
        .with_people = with_people,
        .meeting_count = 3,
        .people = people,
        .people_count = 2,
    };
    assert_int_equal(world_load(world, &wants), STATUS_OK);
    const struct store_loaded *loaded = &world->loaded;
    assert_int_equal(loaded->command_count, 1);
    assert_int_equal(loaded->commands[0].key.counter, 5);
    assert_int_equal(loaded->commands[0].digest[31], 5);
    assert_int_equal(loaded->commands[0].version, 1);
    assert_int_equal(loaded->meeting_count, 1);
    const struct entente_meeting *meeting = loaded->meetings[0];
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->kept->people[1], 9);
    assert_int_equal(meeting->kept->organizer, 101);
    assert_int_equal(meeting->kept->held_end, WORLD_NOW + 160);
    assert_string_equal(meeting->spec->reason, "canary-reason");
    assert_string_equal(meeting->spec->parties[1].identifier->value, "canary-subject");
    assert_string_equal(meeting->spec->parties[0].name, "Dr Visible");
    assert_int_equal(loaded->people_count, 3);
    assert_int_equal(loaded->people[0].person, 1);
    assert_int_equal(loaded->people[0].version, 2);
    assert_int_equal(loaded->people[1].person, 4);
    assert_int_equal(loaded->people[2].person, 9);
    store_batch_abandon(world->store, 0);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM claim"),
                     2);
}

/* The time of a batch is never before the last decision about what it loads. */
static void test_now_does_not_run_backwards(void **state)
{
    struct world *world = *state;
    assert_int_equal(insert_meeting(world, 1, ENTENTE_SEARCHING, false), STATUS_OK);
    assert_int_equal(world_begin(world), STATUS_OK);
    int64_t now_ms = world->loaded.now_ms;
    store_batch_abandon(world->store, 0);

    struct store_meeting_change change = {
        .base_version = 1, .meeting = world_meeting(world, 1, 2, ENTENTE_SEARCHING)};
    struct entente_meeting *meeting = world_meeting(world, 1, 2, ENTENTE_SEARCHING);
    meeting->updated_ms = now_ms + 3600000;
    change.meeting = meeting;
    struct store_changes changes = {
        .now_ms = now_ms, .meetings = &change, .meeting_count = 1};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    struct store_id id = world_id(1);
    struct store_wants wants = {.meetings = &id, .meeting_count = 1};
    assert_int_equal(world_load(world, &wants), STATUS_OK);
    assert_int_equal(world->loaded.now_ms, now_ms + 3600000);
    store_batch_abandon(world->store, 0);
}

/* The tests' offset moves the store's clock. */
static void test_now_has_the_offset(void **state)
{
    struct world *world = *state;
    assert_int_equal(world_begin(world), STATUS_OK);
    int64_t before_ms = world->loaded.now_ms;
    store_batch_abandon(world->store, 0);
    pg_database_run(world->database,
                    "INSERT INTO test_clock VALUES (interval '3 days')");
    assert_int_equal(world_begin(world), STATUS_OK);
    assert_in_range(world->loaded.now_ms - before_ms, 3 * 86400000,
                    3 * 86400000 + 60000);
    store_batch_abandon(world->store, 0);
}

/* A decision on an old version changes nothing and is to be made again. */
static void test_old_version_is_refused(void **state)
{
    struct world *world = *state;
    assert_int_equal(insert_meeting(world, 1, ENTENTE_SEARCHING, false), STATUS_OK);
    struct store_meeting_change changes_of_two[] = {
        {.meeting = world_meeting(world, 2, 1, ENTENTE_SEARCHING)},
        {.base_version = 7, .meeting = world_meeting(world, 1, 8, ENTENTE_SEARCHING)},
    };
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .meetings = changes_of_two, .meeting_count = 2};
    assert_int_equal(world_do(world, &changes), STATUS_RETRY);
    assert_int_equal(
        pg_database_number(world->database, "SELECT sum(version) FROM meeting"), 1);

    changes_of_two[1].base_version = 1;
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    assert_int_equal(
        pg_database_number(world->database, "SELECT sum(version) FROM meeting"), 9);
}

/* Nobody is claimed twice for the same minute, and the refusal leaves nothing. */
static void test_double_claim_is_refused(void **state)
{
    struct world *world = *state;
    struct store_claim first = world_claim(1, 1, 100, 160);
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .claims_added = &first, .claims_added_count = 1};
    assert_int_equal(world_do(world, &changes), STATUS_OK);

    struct store_claim second[] = {world_claim(2, 2, 100, 160),
                                   world_claim(1, 2, 130, 190)};
    struct store_command command = command_of(1, 2, 1);
    changes = (struct store_changes){.now_ms = WORLD_NOW_MS,
                                     .claims_added = second,
                                     .claims_added_count = 2,
                                     .commands = &command,
                                     .command_count = 1};
    assert_int_equal(world_do(world, &changes), STATUS_REFUSED);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM claim"),
                     1);
    assert_int_equal(
        pg_database_number(world->database, "SELECT count(*) FROM command"), 0);

    /* A meeting may overlap its own old time, and what touches does not overlap. */
    struct store_claim own[] = {world_claim(1, 1, 130, 190),
                                world_claim(1, 3, 190, 250)};
    changes = (struct store_changes){
        .now_ms = WORLD_NOW_MS, .claims_added = own, .claims_added_count = 2};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
}

/* Claims move as one difference: the old time of one may be the new time of another. */
static void test_claims_move(void **state)
{
    struct world *world = *state;
    struct store_claim first = world_claim(1, 1, 100, 160);
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .claims_added = &first, .claims_added_count = 1};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    struct store_claim second = world_claim(1, 2, 100, 160);
    changes.claims_removed = &first;
    changes.claims_removed_count = 1;
    changes.claims_added = &second;
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    assert_int_equal(world->written.people_count, 1);
    assert_int_equal(world->written.people[0].version, 3);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM claim"),
                     1);
}

/*
 *     held, past   ####            of which no index knows any more
 *     firm                ####
 */
static void test_past_time_is_given_up_though_nobody_says_so(void **state)
{
    struct world *world = *state;
    struct entente_meeting *meeting = world_meeting(world, 1, 1, ENTENTE_CONFIRMED);
    meeting->kept->firm_start = WORLD_NOW + 300;
    meeting->kept->firm_end = WORLD_NOW + 360;
    int64_t person = meeting->kept->people[0];
    struct store_claim claims[] = {world_claim(person, 1, 100, 160),
                                   world_claim(person, 1, 300, 360),
                                   world_claim(person, 2, 160, 190)};
    struct store_meeting_change change = {.meeting = meeting};
    struct store_changes changes = {.now_ms = WORLD_NOW_MS,
                                    .claims_added = claims,
                                    .claims_added_count = 3,
                                    .meetings = &change,
                                    .meeting_count = 1};
    assert_int_equal(world_do(world, &changes), STATUS_OK);

    meeting->version = 2;
    change = (struct store_meeting_change){
        .base_version = 1, .meeting = meeting, .sweeps = true};
    changes = (struct store_changes){
        .now_ms = WORLD_NOW_MS, .meetings = &change, .meeting_count = 1};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    assert_int_equal(
        pg_database_number(world->database, "SELECT sum(lower(during)) FROM claim"),
        2 * WORLD_NOW + 300 + 160);
}

/* Every recipient has its own numbers, without gaps, whatever fails in between. */
static void test_outbox_has_no_gaps(void **state)
{
    struct world *world = *state;
    struct store_outbox outbox[] = {
        {.client = 102, .meeting = world_id(1), .version = 1},
        {.client = 101, .meeting = world_id(1), .version = 1},
        {.client = 102, .meeting = world_id(2), .version = 1}};
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .outbox = outbox, .outbox_count = 3};
    struct store_claim wrong = world_claim(1, 1, 160, 100);
    for (int i = 0; i < 5; i++) {
        changes.claims_added = &wrong;
        changes.claims_added_count = 1;
        assert_int_equal(world_do(world, &changes), STATUS_REFUSED);
        changes.claims_added_count = 0;
        assert_int_equal(world_do(world, &changes), STATUS_OK);
    }
    assert_int_equal(pg_database_number(world->database,
                                        "SELECT count(*) FROM outbox WHERE recipient"
                                        " = 102 AND seq BETWEEN 1 AND 10"),
                     10);
    assert_int_equal(pg_database_number(world->database,
                                        "SELECT last_seq FROM recipient WHERE client"
                                        " = 101"),
                     5);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM outbox"),
                     15);
    /* In the order given. */
    assert_int_equal(pg_database_number(world->database,
                                        "SELECT get_byte(uuid_send(meeting), 0) FROM"
                                        " outbox WHERE recipient = 102 AND seq = 9"),
                     1);

    /* Acknowledgements count up to what was issued, and never back. */
    struct store_ack acks[] = {{.client = 102, .sequence = 99},
                               {.client = 101, .sequence = 4}};
    changes =
        (struct store_changes){.now_ms = WORLD_NOW_MS, .acks = acks, .ack_count = 2};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    acks[1].sequence = 2;
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    assert_int_equal(
        pg_database_number(world->database, "SELECT sum(acked_seq) FROM recipient"),
        14);
}

/* A meeting's dues are all that it has from now on; others go one by one. */
static void test_dues(void **state)
{
    struct world *world = *state;
    struct store_meeting_change change = {
        .meeting = world_meeting(world, 1, 1, ENTENTE_SEARCHING)};
    struct store_due dues[] = {
        {world_id(1), DUE_SEARCH_END, WORLD_NOW_MS - 2000},
        {world_id(1), DUE_OLD_TIME, WORLD_NOW_MS - 1000},
        {world_id(2), DUE_SLOT_END, WORLD_NOW_MS - 3000},
        {world_id(3), DUE_SLOT_END, WORLD_NOW_MS + INT64_C(400) * 86400000},
    };
    struct store_changes changes = {.now_ms = WORLD_NOW_MS,
                                    .meetings = &change,
                                    .meeting_count = 1,
                                    .dues = dues,
                                    .due_count = 4};
    pg_database_run(world->database, "INSERT INTO test_clock VALUES"
                                     " (timestamptz '2026-11-21Z' - now())");
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    assert_int_equal(world_due(world, 10), STATUS_OK);
    assert_int_equal(world->count, 3);
    assert_int_equal(world->dues[0].reason, DUE_SLOT_END);
    assert_int_equal(world->dues[1].at_ms, WORLD_NOW_MS - 2000);
    assert_int_equal(world_due(world, 1), STATUS_OK);
    assert_int_equal(world->count, 1);

    change.base_version = 1;
    change.meeting = world_meeting(world, 1, 2, ENTENTE_SEARCHING);
    struct store_due done[] = {{world_id(2), DUE_SLOT_END, 0},
                               {world_id(3), DUE_SLOT_END, 0}};
    changes.due_count = 1;
    changes.dues_done = done;
    changes.dues_done_count = 2;
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    /* What is not due yet is not done. */
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM due"),
                     2);
}

/* A batch in which nothing changed ends as any other. */
static void test_empty_batch(void **state)
{
    struct world *world = *state;
    struct store_changes changes = {.now_ms = WORLD_NOW_MS};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    assert_int_equal(world_do(world, &changes), STATUS_OK);
}

/* Who gives time back wakes those who wait for it, not itself. */
static void test_freed_time_wakes_those_who_wait(void **state)
{
    struct world *world = *state;
    assert_int_equal(insert_meeting(world, 1, ENTENTE_SEARCHING, true), STATUS_OK);
    assert_int_equal(insert_meeting(world, 2, ENTENTE_SEARCHING, true), STATUS_OK);
    assert_int_equal(
        pg_database_number(world->database, "SELECT count(*) FROM waiting"), 4);
    struct store_claim claim = world_claim(1, 1, 100, 160);
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .claims_added = &claim, .claims_added_count = 1};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    assert_int_equal(pg_database_number(world->database, "SELECT count(*) FROM due"),
                     0);
    changes = (struct store_changes){
        .now_ms = WORLD_NOW_MS, .claims_removed = &claim, .claims_removed_count = 1};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    assert_int_equal(pg_database_number(world->database,
                                        "SELECT get_byte(uuid_send(meeting), 0)"
                                        "  FROM due WHERE reason = 1"),
                     2);
}

/* The chain holds, and no feed number is missing. */
static void test_trace(void **state)
{
    struct world *world = *state;
    for (uint8_t n = 1; n <= 3; n++) {
        struct store_meeting_change change = {
            .meeting = world_meeting(world, n, 1, ENTENTE_SEARCHING)};
        struct store_claim claim = world_claim(n, n, 100, 160);
        struct store_outbox outbox = {101, world_id(n), 1};
        struct store_changes changes = {
            .now_ms = WORLD_NOW_MS,
            .claims_added = &claim,
            .claims_added_count = 1,
            .meetings = &change,
            .meeting_count = 1,
            .outbox = &outbox,
            .outbox_count = 1,
            .audit = {.data = &n, .size = 1},
        };
        assert_int_equal(world_do(world, &changes), STATUS_OK);
    }
    assert_int_equal(
        pg_database_number(world->database,
                           "SELECT count(*) FROM audit a LEFT JOIN audit b"
                           "    ON b.seq = a.seq - 1 WHERE a.broker = 77"
                           "   AND a.hash = sha256(a.prev || int8send(a.broker) ||"
                           "       int8send(a.seq) || a.body)"
                           "   AND a.prev = coalesce(b.hash,"
                           "       decode(repeat('00', 32), 'hex'))"),
        3);
    assert_int_equal(pg_database_number(world->database,
                                        "SELECT count(*) FROM feed WHERE origin = 77"
                                        " AND seq BETWEEN 1 AND 6"),
                     6);
    assert_int_equal(
        pg_database_number(world->database,
                           "SELECT version FROM feed WHERE kind = 2 AND person = 2"),
        2);
}

/* In the open batch, what is known of people is read again. */
static void test_refresh(void **state)
{
    struct world *world = *state;
    struct entente_range range = {
        .start = WORLD_NOW, .end = WORLD_NOW + 600, .kind = ENTENTE_FREE};
    struct store_publication publication = {
        .new_source = 501,
        .client = 101,
        .person = 2,
        .key = "agenda",
        .epoch = 1,
        .sequence = 1,
        .coverage_start = WORLD_NOW,
        .coverage_end = WORLD_NOW + 1440,
        .as_of_ms = WORLD_NOW_MS,
        .lease_seconds = 3600,
        .ranges = &range,
        .range_count = 1,
    };
    assert_int_equal(world_publish(world, &publication, 1), STATUS_OK);
    struct store_claim claims[] = {world_claim(2, 1, 100, 160),
                                   world_claim(2, 2, -900, -800),
                                   world_claim(3, 1, 100, 160)};
    struct store_changes changes = {
        .now_ms = WORLD_NOW_MS, .claims_added = claims, .claims_added_count = 3};
    assert_int_equal(world_do(world, &changes), STATUS_OK);
    pg_database_run(world->database, "INSERT INTO test_clock VALUES"
                                     " (timestamptz '2026-11-21Z' - now())");

    assert_int_equal(world_begin(world), STATUS_OK);
    int64_t people[] = {3, 2, 2};
    assert_int_equal(world_refresh(world, people, 3), STATUS_OK);
    assert_int_equal(world->count, 2);
    const struct store_availability *two = &world->people[0];
    assert_int_equal(two->person, 2);
    assert_int_equal(two->version, 3);
    assert_int_equal(two->source_count, 1);
    assert_string_equal(two->sources[0].key, "agenda");
    assert_int_equal(two->sources[0].range_count, 1);
    assert_int_equal(two->sources[0].ranges[0].end, WORLD_NOW + 600);
    assert_int_equal(two->claim_count, 1);
    assert_int_equal(two->claims[0].start, WORLD_NOW + 100);
    assert_int_equal(world->people[1].source_count, 0);
    assert_int_equal(world->people[1].claim_count, 1);
    store_batch_abandon(world->store, 0);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_round_trip),
        WORLD_TEST(test_now_does_not_run_backwards),
        WORLD_TEST(test_now_has_the_offset),
        WORLD_TEST(test_old_version_is_refused),
        WORLD_TEST(test_double_claim_is_refused),
        WORLD_TEST(test_claims_move),
        WORLD_TEST(test_past_time_is_given_up_though_nobody_says_so),
        WORLD_TEST(test_outbox_has_no_gaps),
        WORLD_TEST(test_dues),
        WORLD_TEST(test_empty_batch),
        WORLD_TEST(test_freed_time_wakes_those_who_wait),
        WORLD_TEST(test_trace),
        WORLD_TEST(test_refresh),
    };
    return cmocka_run_group_tests_name("a batch", tests, NULL, NULL);
}
