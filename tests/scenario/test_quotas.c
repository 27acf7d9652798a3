// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of who wants to hold too much: of one person's time, or altogether.  Limits are
 * those of proto/limits.def.
 */
#include "tests/scenario/rules.h"

#include "proto/limits.h"
#include "tests/support/test.h"

enum { TEN_MINUTES = 10, EIGHT = 8 };

/* Ten minutes of Anna alone, @slots of them held until she has chosen. */
static enum entente_code ask(struct world_client *client, uint32_t slots,
                             const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_party party = world_party(&who, false);
    struct entente_span window = {world.day, world.day + 3 * DAY};
    struct entente_spec spec = world_spec(&party, 1, &window);
    spec.duration_minutes = TEN_MINUTES;
    spec.grid_minutes = TEN_MINUTES;
    spec.held_slots = slots;
    return world_request(client, &spec, ret_meeting);
}

static void clean(void)
{
    pg_database_run(world.database, "ALTER TABLE meeting DISABLE TRIGGER meeting_walks;"
                                    "DELETE FROM meeting WHERE body = 'x';"
                                    "ALTER TABLE meeting ENABLE TRIGGER meeting_walks");
}

static void test_one_persons_time_is_not_hoarded(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = NULL;
    struct circle_kept kept[LIMIT_HOLDS_OF_PERSON / EIGHT];
    for (size_t i = 0; i < LIMIT_HOLDS_OF_PERSON / EIGHT; i++) {
        assert_int_equal(ask(coordinator, EIGHT, &meeting), ENTENTE_OK);
        circle_keep(meeting, &kept[i]);
    }
    assert_int_equal(circle_claims(), LIMIT_HOLDS_OF_PERSON);
    assert_int_equal(ask(coordinator, 1, &meeting), ENTENTE_ERROR_TOO_MANY_HOLDS);
    assert_int_equal(circle_claims(), LIMIT_HOLDS_OF_PERSON);
    /* Somebody else's limit is their own. */
    assert_int_equal(ask(ben, 1, &meeting), ENTENTE_OK);
    struct circle_kept other;
    circle_keep(meeting, &other);
    /* What is agreed is no hold any more. */
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, &kept[0].meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(ask(coordinator, EIGHT, &meeting), ENTENTE_OK);
    struct circle_kept last;
    circle_keep(meeting, &last);
    assert_int_equal(ask(coordinator, 1, &meeting), ENTENTE_ERROR_TOO_MANY_HOLDS);
    circle_called_off(&last.meeting);
    assert_int_equal(ask(coordinator, EIGHT - 1, &meeting), ENTENTE_OK);
    circle_keep(meeting, &last);

    for (size_t i = 0; i < LIMIT_HOLDS_OF_PERSON / EIGHT; i++) {
        circle_called_off(&kept[i].meeting);
    }
    circle_called_off(&last.meeting);
    assert_int_equal(circle_cancel(ben, NULL, &other.meeting, &meeting), ENTENTE_OK);
    assert_int_equal(circle_claims(), 0);
}

static void test_a_client_does_not_hold_everything(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = NULL;
    /* As many as are allowed, of people who are nobody here. */
    pg_database_run(
        world.database,
        "ALTER TABLE meeting DISABLE TRIGGER meeting_walks;"
        "INSERT INTO meeting (id, version, state, people, organizer, held, created,"
        "                     updated, body, sealed)"
        " SELECT gen_random_uuid(), 1, 2, '{1}', c.id, int4range(n, n + 1), now(),"
        "        now(), 'x', 'x'"
        "   FROM generate_series(1, %d) n, client c WHERE c.name = 'coordinator';"
        "ALTER TABLE meeting ENABLE TRIGGER meeting_walks",
        LIMIT_HOLDS - 1);
    assert_int_equal(ask(coordinator, 2, &meeting), ENTENTE_ERROR_TOO_MANY_HOLDS);
    assert_int_equal(ask(coordinator, 1, &meeting), ENTENTE_OK);
    struct circle_kept kept;
    circle_keep(meeting, &kept);
    assert_int_equal(ask(coordinator, 1, &meeting), ENTENTE_ERROR_TOO_MANY_HOLDS);
    circle_called_off(&kept.meeting);
    clean();
}

/* Waiting is no way round: what becomes possible is held only as far as is allowed. */
static void test_looking_on_is_no_way_round(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = NULL;
    struct circle_kept kept[LIMIT_HOLDS_OF_PERSON / EIGHT];
    for (size_t i = 0; i < LIMIT_HOLDS_OF_PERSON / EIGHT; i++) {
        assert_int_equal(ask(coordinator, EIGHT, &meeting), ENTENTE_OK);
        circle_keep(meeting, &kept[i]);
    }
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_party party = world_party(&who, false);
    struct entente_span nothing = {world.day + 5 * DAY, world.day + 6 * DAY};
    struct entente_spec spec = world_spec(&party, 1, &nothing);
    assert_int_equal(world_request(coordinator, &spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    struct entente_span there = {world.day, world.day + 3 * DAY};
    const struct entente_meeting *shown = meeting;
    uint8_t id[16];
    struct entente_meeting waits = {.version = meeting->version, .id = {id, 16}};
    for (size_t i = 0; i < sizeof(id); i++) {
        id[i] = meeting->id.data[i];
    }
    assert_int_equal(rules_search_on(&there, &waits, &shown),
                     ENTENTE_ERROR_TOO_MANY_HOLDS);
    circle_called_off(&kept[0].meeting);
    assert_int_equal(rules_search_on(&there, &waits, &shown), ENTENTE_OK);
    assert_int_equal(shown->state, ENTENTE_PROPOSED);
    circle_called_off(&waits);
    for (size_t i = 1; i < LIMIT_HOLDS_OF_PERSON / EIGHT; i++) {
        circle_called_off(&kept[i].meeting);
    }
}

/* Neither is moving: what had been agreed stays claimed, and the new time is a hold. */
static void test_moving_is_no_way_round(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = NULL;
    struct circle_kept kept[LIMIT_HOLDS_OF_PERSON / EIGHT];
    struct circle_kept agreed;
    assert_int_equal(ask(coordinator, 1, &meeting), ENTENTE_OK);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    circle_keep(meeting, &agreed);
    for (size_t i = 0; i < LIMIT_HOLDS_OF_PERSON / EIGHT; i++) {
        assert_int_equal(ask(coordinator, EIGHT, &meeting), ENTENTE_OK);
        circle_keep(meeting, &kept[i]);
    }
    int32_t evening = world.day + 2 * DAY + 17 * HOUR;
    const struct entente_meeting *shown = NULL;
    assert_int_equal(rules_move(evening, &agreed.meeting, &shown),
                     ENTENTE_ERROR_TOO_MANY_HOLDS);
    assert_int_equal(circle_claims(), LIMIT_HOLDS_OF_PERSON + 1);
    circle_called_off(&kept[0].meeting);
    assert_int_equal(rules_move(evening, &agreed.meeting, &shown), ENTENTE_OK);
    assert_int_equal(shown->state, ENTENTE_MOVING);
    circle_keep(shown, &agreed);
    assert_int_equal(ask(coordinator, EIGHT, &meeting), ENTENTE_ERROR_TOO_MANY_HOLDS);
    /* A time instead of that which is held is none more. */
    assert_int_equal(ask(coordinator, EIGHT - 1, &meeting), ENTENTE_OK);
    circle_keep(meeting, &kept[0]);
    assert_int_equal(rules_move(evening + TEN_MINUTES, &agreed.meeting, &shown),
                     ENTENTE_OK);
    assert_int_equal(shown->state, ENTENTE_MOVING);
    circle_called_off(shown);
    for (size_t i = 0; i < LIMIT_HOLDS_OF_PERSON / EIGHT; i++) {
        circle_called_off(&kept[i].meeting);
    }
    assert_int_equal(circle_claims(), 0);
}

/* What suits nobody waits, and is looked at again whenever somebody becomes freer: so not
 * without end, one by one, in series or linked. */
static void test_a_client_does_not_wait_for_everything(void **state)
{
    (void)state;
    circle_everybody_is_free();
    pg_database_run(
        world.database,
        "ALTER TABLE meeting DISABLE TRIGGER meeting_walks;"
        "INSERT INTO meeting (id, version, state, people, organizer, created, updated,"
        "                     body, sealed)"
        " SELECT gen_random_uuid(), 1, 1, '{1}', c.id, now(), now(), 'x', 'x'"
        "   FROM generate_series(1, %d) n, client c WHERE c.name = 'coordinator';"
        "ALTER TABLE meeting ENABLE TRIGGER meeting_walks",
        LIMIT_WAITING - 1);
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_party party = world_party(&who, false);
    struct entente_span nothing = {world.day + 5 * DAY, world.day + 6 * DAY};
    struct entente_spec spec = world_spec(&party, 1, &nothing);
    const struct entente_meeting *meeting = NULL;
    struct circle_kept kept;
    assert_int_equal(world_request(coordinator, &spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    circle_keep(meeting, &kept);
    kept.meeting.version = meeting->version;
    assert_int_equal(world_request(coordinator, &spec, &meeting),
                     ENTENTE_ERROR_TOO_MANY_WAITING);
    /* What there is a time for, or what is searched only now, does not wait. */
    struct circle_kept other;
    assert_int_equal(ask(coordinator, 1, &meeting), ENTENTE_OK);
    circle_keep(meeting, &other);
    circle_called_off(&other.meeting);
    spec.search_until_ms = INT64_C(1600000000000); /* long past: only now counts */
    assert_int_equal(world_request(coordinator, &spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_EXPIRED);
    spec.search_until_ms = 0;
    /* Who waits looks on without counting twice, and somebody else's limit is their own. */
    const struct entente_meeting *shown = NULL;
    assert_int_equal(rules_search_on(&nothing, &kept.meeting, &shown), ENTENTE_OK);
    assert_int_equal(world_request(ben, &spec, &meeting), ENTENTE_OK);
    struct circle_kept bens;
    circle_keep(meeting, &bens);
    circle_called_off(&kept.meeting);
    assert_int_equal(world_request(coordinator, &spec, &meeting), ENTENTE_OK);
    circle_keep(meeting, &kept);
    circle_called_off(&kept.meeting);
    assert_int_equal(circle_cancel(ben, NULL, &bens.meeting, &meeting), ENTENTE_OK);
    clean();
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_persons_time_is_not_hoarded),
        cmocka_unit_test(test_a_client_does_not_hold_everything),
        cmocka_unit_test(test_looking_on_is_no_way_round),
        cmocka_unit_test(test_moving_is_no_way_round),
        cmocka_unit_test(test_a_client_does_not_wait_for_everything),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
