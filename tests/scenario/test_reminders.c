// SPDX-License-Identifier: Apache-2.0

/*
 * Who has not answered is reminded, at the moments that the request names or at sensible
 * ones; never who has answered, and never after the fact.
 */
#include "tests/scenario/look.h"
#include "tests/scenario/rules.h"

#include "tests/support/test.h"

#include <signal.h>

/* Anna and Ben have accepted, Chris has an hour to answer and is silent. */
static const struct entente_meeting *chris_is_silent(uint32_t silence)
{
    struct entente_spec *spec = rules_begin();
    spec->parties[2].answer_minutes = 60;
    spec->parties[2].silence = silence;
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    return meeting;
}

static void test_those_who_are_awaited_are_reminded(void **state)
{
    (void)state;
    uint32_t reminders[] = {60, 30};
    struct entente_spec *spec = rules_begin();
    spec->parties_count = 2;
    spec->answer_minutes = 120;
    spec->reminders = reminders;
    spec->reminders_count = 2;
    struct circle_kept kept;
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    const struct entente_meeting *asked = circle_keep(meeting, &kept);
    look_until_told(anna, asked, 1);
    look_until_told(ben, asked, 1);
    size_t anna_was_told = look_events(anna, asked);
    size_t ben_was_told = look_events(ben, asked);

    world_advance(&world, 61);
    look_until_told(ben, asked, ben_was_told + 1);
    meeting = look_at(coordinator, asked);
    assert_string_equal(meeting->last_event, "reminded");
    assert_int_equal(look_for(meeting, BEN)->reminded, 1);
    assert_int_equal(look_for(meeting, ANNA)->reminded, 0);
    world_advance(&world, 30);
    look_until_told(ben, asked, ben_was_told + 2);
    meeting = look_at(coordinator, asked);
    assert_int_equal(look_for(meeting, BEN)->reminded, 2);
    /* Who has answered is left alone. */
    assert_int_equal(look_events(anna, asked), anna_was_told);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, asked);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    circle_called_off(asked);
}

static void test_nobody_is_reminded_after_the_fact(void **state)
{
    (void)state;
    uint32_t reminders[] = {60, 30};
    struct entente_spec *spec = rules_begin();
    spec->parties_count = 2;
    spec->answer_minutes = 120;
    spec->reminders = reminders;
    spec->reminders_count = 2;
    struct circle_kept kept;
    const struct entente_meeting *asked = circle_keep(rules_asked(), &kept);
    look_until_told(ben, asked, 1);
    /* Both moments and the deadline have passed when somebody looks. */
    look_sweep(false);
    world_advance(&world, 121);
    look_sweep(true);
    circle_learns(ben, asked, ENTENTE_EXPIRED);
    assert_int_equal(look_events(ben, asked), 2);
    assert_int_equal(look_for(look_at(coordinator, asked), BEN)->reminded, 0);
}

static void test_what_is_past_is_not_asked_about_after_an_outage(void **state)
{
    (void)state;
    struct circle_kept kept;
    rules_begin()->parties_count = 2;
    const struct entente_meeting *asked = circle_keep(rules_asked(), &kept);
    look_until_told(ben, asked, 1);
    world_stop_broker(&world, SIGKILL);
    world_advance(&world, INT64_C(20) * DAY);
    world_start_broker(&world, NULL);
    circle_learns(ben, asked, ENTENTE_EXPIRED);
    assert_int_equal(look_events(ben, asked), 2);
    assert_int_equal(look_for(look_at(coordinator, asked), BEN)->reminded, 0);
}

static void test_without_a_schedule_there_is_a_sensible_one(void **state)
{
    (void)state;
    struct circle_kept kept;
    rules_begin()->parties_count = 2;
    const struct entente_meeting *asked = circle_keep(rules_asked(), &kept);
    look_until_told(ben, asked, 1);
    world_advance(&world, INT64_C(25) * HOUR); /* of two days */
    look_until_told(ben, asked, 2);
    world_advance(&world, INT64_C(18) * HOUR);
    look_until_told(ben, asked, 3);
    assert_int_equal(look_for(look_at(coordinator, asked), BEN)->reminded, 2);
    world_advance(&world, INT64_C(6) * HOUR);
    circle_learns(ben, asked, ENTENTE_EXPIRED);
    assert_int_equal(look_events(ben, asked), 4);
}

static void test_nobody_is_reminded_where_none_is_wanted(void **state)
{
    (void)state;
    uint32_t none[] = {0};
    struct entente_spec *spec = rules_begin();
    spec->reminders = none;
    spec->reminders_count = 1;
    struct circle_kept kept;
    const struct entente_meeting *asked = circle_keep(rules_asked(), &kept);
    world_advance(&world, INT64_C(47) * HOUR);
    assert_int_equal(
        pg_database_number(world.database, "SELECT count(*) FROM due WHERE reason = 7"),
        0);
    circle_called_off(asked);
}

static void test_the_organizer_is_reminded_too(void **state)
{
    (void)state;
    struct circle_kept kept;
    const struct entente_meeting *asked =
        circle_keep(chris_is_silent(ENTENTE_SILENCE_ORGANIZER), &kept);
    world_advance(&world, 61);
    circle_learns(coordinator, asked, ENTENTE_WAITING_ORGANIZER);
    size_t told = look_events(coordinator, asked);
    size_t anna_was_told = look_events(anna, asked);
    world_advance(&world, INT64_C(25) * HOUR);
    look_until_told(coordinator, asked, told + 1);
    assert_string_equal(look_at(coordinator, asked)->last_event, "reminded");
    assert_int_equal(look_events(anna, asked), anna_was_told);
    circle_called_off(asked);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_those_who_are_awaited_are_reminded),
        cmocka_unit_test(test_nobody_is_reminded_after_the_fact),
        cmocka_unit_test(test_without_a_schedule_there_is_a_sensible_one),
        cmocka_unit_test(test_nobody_is_reminded_where_none_is_wanted),
        cmocka_unit_test(test_the_organizer_is_reminded_too),
        cmocka_unit_test(test_what_is_past_is_not_asked_about_after_an_outage),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
