// SPDX-License-Identifier: Apache-2.0

/*
 * The auditor finds what no constraint would let in any more, and freezes whom it concerns.
 */
#include "broker/store/store_audit.h"
#include "broker/store/store_pg_sync.h"
#include "tests/store/store_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static char told[4000];

static void tell(void *context, const char *sentence)
{
    size_t length = strlen(told);
    (void)context;
    snprintf(told + length, sizeof(told) - length, "%s\n", sentence);
}

static struct store_audit audit_of(struct world *world, bool freeze, bool everybody)
{
    struct store_audit audit = {
        .freeze = freeze, .freeze_everybody = everybody, .tell = tell};
    told[0] = '\0';
    assert_int_equal(store_audit(pg_database_conninfo(world->database), &audit),
                     STATUS_OK);
    return audit;
}

/* Two confirmed meetings of persons 1 and 2, one after the other; two events; no finding. */
static void fill(struct world *world)
{
    pg_database_run(
        world->database,
        "INSERT INTO meeting (id, version, state, people, organizer, firm, created,"
        "  updated, body, sealed) VALUES"
        " ('00000000-0000-7000-8000-000000000001', 1, 3, '{1,2}', 101, '[100,160)',"
        "  now(), now(), '', ''),"
        " ('00000000-0000-7000-8000-000000000002', 1, 3, '{1,2}', 101, '[160,220)',"
        "  now(), now(), '', '');"
        "INSERT INTO claim SELECT unnest(people), id, firm FROM meeting;"
        "INSERT INTO recipient (client, last_seq, acked_seq) VALUES (101, 3, 1);"
        "INSERT INTO outbox SELECT 101, n, '00000000-0000-7000-8000-000000000001', 1,"
        "  now() FROM generate_series(2, 3) n;"
        "INSERT INTO audit SELECT 77, 1, now(), z.prev, sha256(z.prev ||"
        "  int8send(77) || int8send(1) || 'did'::bytea), 'did'"
        "  FROM (SELECT decode(repeat('00', 32), 'hex') AS prev) z");
}

static void test_what_is_right_is_not_found(void **state)
{
    struct world *world = *state;
    fill(world);
    struct store_audit audit = audit_of(world, true, false);
    assert_string_equal(told, "");
    assert_int_equal(audit.findings, 0);
    assert_int_equal(audit.claims, 4);
    assert_int_equal(audit.meetings, 2);
    assert_int_equal(audit.events, 2);
    assert_int_equal(audit.links, 1);
    assert_int_equal(audit.frozen, 0);
}

/* Who never acknowledges anything: what is old was forgotten, and that was noted. */
static void test_what_was_forgotten_is_not_lost(void **state)
{
    struct world *world = *state;
    fill(world);
    pg_database_run(world->database, "UPDATE recipient SET forgotten_seq = 2;"
                                     "DELETE FROM outbox WHERE seq = 2");
    assert_int_equal(audit_of(world, true, false).findings, 0);
    pg_database_run(world->database, "UPDATE recipient SET forgotten_seq = 3;"
                                     "DELETE FROM outbox");
    assert_int_equal(audit_of(world, true, false).findings, 0);
}

struct damage {
    const char *sql;
    const char *sentence;
    int frozen;
};

static void test_each_damage_is_found(void **state)
{
    struct world *world = *state;
    static const struct damage damages[] = {
        {"DO $$ DECLARE leaf int; BEGIN FOR leaf IN 0..15 LOOP EXECUTE format('ALTER "
         "TABLE"
         " claim_%s DROP CONSTRAINT claim_%s_nobody_twice', lpad(leaf::text, 2, '0'),"
         " lpad(leaf::text, 2, '0')); END LOOP; END $$;"
         "UPDATE meeting SET firm = '[120,180)' WHERE firm = '[160,220)';"
         "UPDATE claim SET during = '[120,180)' WHERE person = 2 AND during = "
         "'[160,220)'"
         ";UPDATE claim SET during = '[120,180)' WHERE person = 1 AND during ="
         " '[160,220)'",
         "claimed twice", 2},
        {"UPDATE claim SET during = '[300,360)' WHERE person = 2 AND during ="
         " '[160,220)'",
         "neither holds nor has agreed", 1},
        {"UPDATE meeting SET state = 6, firm = NULL WHERE firm = '[160,220)'",
         "claims nothing in its state", 2},
        {"DELETE FROM meeting WHERE firm = '[160,220)'", "does not exist", 2},
        {"UPDATE meeting SET people = '{1}' WHERE firm = '[160,220)'", "no party", 1},
        {"DELETE FROM outbox WHERE seq = 2", "gap", 0},
        {"DELETE FROM outbox", "gone", 0},
        {"UPDATE recipient SET last_seq = 2", "counter", 0},
        {"ALTER TABLE audit DISABLE TRIGGER ALL; UPDATE audit SET body = 'other'",
         "was changed", 0},
        {"INSERT INTO audit SELECT 77, 3, now(), z.prev, sha256(z.prev ||"
         " int8send(77) || int8send(3) || 'did'::bytea), 'did'"
         " FROM (SELECT decode(repeat('00', 32), 'hex') AS prev) z",
         "does not follow", 0},
    };
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        pg_database_run(world->database,
                        "DELETE FROM claim; DELETE FROM meeting; DELETE FROM outbox;"
                        "DELETE FROM recipient; ALTER TABLE audit DISABLE TRIGGER ALL;"
                        "DELETE FROM audit; UPDATE person SET frozen = NULL");
        fill(world);
        pg_database_run(world->database, "%s", damages[i].sql);
        struct store_audit audit = audit_of(world, true, false);
        if (strstr(told, damages[i].sentence) == NULL || audit.findings == 0 ||
            audit.frozen != (uint64_t)damages[i].frozen) {
            fail_msg("damage %zu: %" PRIu64 " frozen, told: %s", i, audit.frozen, told);
        }
    }
}

static void test_who_is_frozen_is_released(void **state)
{
    struct world *world = *state;
    uint64_t count = 0;
    fill(world);
    pg_database_run(world->database,
                    "UPDATE meeting SET people = '{1}';"
                    "INSERT INTO waiting (person, meeting, priority, since)"
                    " VALUES (2,"
                    " '00000000-0000-7000-8000-000000000009', 1, now())");
    struct store_audit audit = audit_of(world, false, false);
    assert_int_equal(audit.findings, 2);
    assert_int_equal(audit.frozen, 0);
    audit = audit_of(world, false, true);
    assert_int_equal(audit.frozen, 9);
    assert_int_equal(store_release(pg_database_conninfo(world->database), 2, &count),
                     STATUS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(pg_database_number(world->database,
                                        "SELECT count(*) FROM due WHERE reason = 1"),
                     1);
    assert_int_equal(store_release(pg_database_conninfo(world->database), 0, &count),
                     STATUS_OK);
    assert_int_equal(count, 8);
}

/* Whoever locks a frozen person learns it. */
static void test_the_freeze_is_loaded_under_lock(void **state)
{
    struct world *world = *state;
    const int64_t people[] = {1, 2};
    struct store_wants wants = {.people = people, .people_count = 2};
    pg_database_run(world->database, "UPDATE person SET frozen = now() WHERE id = 2");
    assert_int_equal(world_load(world, &wants), STATUS_OK);
    assert_false(world->loaded.people[0].frozen);
    assert_true(world->loaded.people[1].frozen);
    store_batch_abandon(world->store, 0);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_what_is_right_is_not_found),
        WORLD_TEST(test_what_was_forgotten_is_not_lost),
        WORLD_TEST(test_each_damage_is_found),
        WORLD_TEST(test_who_is_frozen_is_released),
        WORLD_TEST(test_the_freeze_is_loaded_under_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
