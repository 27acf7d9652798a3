// SPDX-License-Identifier: Apache-2.0

/*
 * What should never be: Anna is claimed twice for the same hour.  The database's own guard
 * is taken away, and the rows are changed behind the broker's back.
 *
 *     damage ── audit finds it ── Anna is frozen ── repair ── released
 *                                 nothing of hers becomes firm
 */
#include "tests/scenario/circle.h"

#include "tests/support/test.h"

#include <string.h>

static int audit(const char *word, const char *whom)
{
    const char *const words[] = {"entente", "audit", word, whom, NULL};
    return world_entente(&world, words);
}

static enum entente_code asks(const char *person,
                              const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who = world_identifier(person);
    struct entente_party party = world_party(&who, false);
    struct entente_span window = {world.day, world.day + DAY};
    struct entente_spec spec = world_spec(&party, 1, &window);
    return world_request(coordinator, &spec, ret_meeting);
}

static void take_the_guard_away(void)
{
    pg_database_run(world.database,
                    "DO $$ DECLARE c record; BEGIN"
                    "  FOR c IN SELECT conrelid::regclass AS leaf, conname"
                    "             FROM pg_constraint WHERE contype = 'x' LOOP"
                    "    EXECUTE format('ALTER TABLE %%s DROP CONSTRAINT %%I', c.leaf,"
                    "                   c.conname);"
                    "  END LOOP; END $$");
}

/* Every claim of one hour lies an hour earlier, over that of another meeting. */
static void move_claims(int32_t start)
{
    pg_database_run(world.database,
                    "UPDATE claim SET during = int4range(lower(during) - 60,"
                    "       upper(during) - 60) WHERE lower(during) = %d",
                    (int)start);
}

static void test_who_is_claimed_twice_is_frozen(void **state)
{
    (void)state;
    struct circle_kept first;
    struct circle_kept second;
    const struct entente_meeting *meeting = NULL;
    circle_everybody_is_free();
    circle_keep(circle_asked(false), &first);
    const struct entente_meeting *other = circle_asked(false);
    int32_t start = other->proposal->start;
    circle_keep(other, &second);
    assert_int_equal(audit(NULL, NULL), 0);

    take_the_guard_away();
    move_claims(start);
    assert_true(world_overlaps(&world) > 0);
    assert_int_equal(audit("--look", NULL), 4);
    assert_int_equal(
        pg_database_number(world.database,
                           "SELECT count(*) FROM person WHERE frozen IS NOT NULL"),
        0);
    assert_int_equal(audit(NULL, NULL), 4);

    /* Nobody is promised anything more. */
    assert_int_equal(
        world_answer(anna, &first.meeting, ANNA, ENTENTE_ACCEPT, 0, &meeting),
        ENTENTE_ERROR_FROZEN);
    assert_int_equal(
        world_answer(ben, &second.meeting, BEN, ENTENTE_ACCEPT, 0, &meeting),
        ENTENTE_ERROR_FROZEN);
    assert_int_equal(asks(ANNA, &meeting), ENTENTE_ERROR_FROZEN);
    assert_int_equal(circle_cancel(coordinator, NULL, &first.meeting, &meeting),
                     ENTENTE_ERROR_FROZEN);
    /* Whom it does not concern goes on. */
    assert_int_equal(asks(CHRIS, &meeting), ENTENTE_OK);
    circle_called_off(meeting);

    /* The operator mends the rows, and says so. */
    pg_database_run(world.database, "UPDATE claim SET during = m.held FROM meeting m"
                                    " WHERE m.id = claim.meeting");
    assert_int_equal(world_overlaps(&world), 0);
    assert_int_equal(audit("--release", "all"), 0);
    assert_int_equal(audit(NULL, NULL), 0);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, &first.meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    circle_called_off(meeting);
    circle_called_off(&second.meeting);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_claimed_twice_is_frozen),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
