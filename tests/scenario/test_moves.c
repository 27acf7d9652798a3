// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of moves: what happens to everybody else while a meeting is being moved, and
 * afterwards.
 */
#include "tests/scenario/circle.h"

#include "tests/support/test.h"

#include <string.h>
#include <time.h>

/* Anna asks herself, and is a party. */
static const struct entente_meeting *anna_asks(void)
{
    struct entente_identifier who[] = {world_identifier(ANNA), world_identifier(BEN)};
    struct entente_party parties[] = {world_party(&who[0], false),
                                      world_party(&who[1], false)};
    struct entente_span window = {world.day, world.day + 3 * DAY};
    struct entente_spec spec = world_spec(parties, 2, &window);
    const struct entente_meeting *meeting = NULL;
    spec.organizer = &who[0];
    assert_int_equal(world_request(anna, &spec, &meeting), ENTENTE_OK);
    return meeting;
}

static void test_who_asks_has_said_yes_but_only_to_her_own_slot(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = anna_asks();
    assert_int_equal(meeting->spec->parties[0].answer, ENTENTE_ACCEPT);
    int32_t start = meeting->proposal->start;
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);

    /* Ben cannot move a confirmed meeting over her head. */
    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, start + 4 * HOUR, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->confirmed->start, start);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, start + 4 * HOUR);
    assert_int_equal(circle_cancel(anna, NULL, meeting, &meeting), ENTENTE_OK);
}

/*
 *     old    ####
 *     new      ####      both are Anna's and Ben's, and one meeting's
 *     other         ^^^^
 */
static void test_a_move_in_overlap_does_not_stop_other_searches(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(false);
    meeting =
        circle_says(ben, BEN, ENTENTE_SHIFT, meeting->confirmed->start + 30, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    struct entente_meeting moving = {.id = {id, 16}};

    const struct entente_meeting *other = circle_asked(false);
    assert_int_equal(world_overlaps(&world), 0);
    circle_called_off(other);
    circle_called_off(&moving);
}

static void test_a_shift_by_ranges_that_hold_the_present_time(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(false);
    int32_t start = meeting->confirmed->start;
    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, start + 2 * HOUR, meeting);
    int32_t present = meeting->proposal->start;

    struct entente_identifier who = world_identifier(ANNA);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_span wide = {present, present + 4 * HOUR};
    struct entente_answer answer = {.meeting = meeting->id,
                                    .proposal = meeting->proposal->number,
                                    .party = &who,
                                    .kind = ENTENTE_SHIFT,
                                    .ranges = &wide,
                                    .ranges_count = 1,
                                    .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_ANSWER,
                                              .answer = &answer};
    assert_int_equal(world_call(anna, &envelope, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_not_equal(meeting->proposal->start, present);
    assert_true(meeting->proposal->start >= wide.start);
    circle_called_off(meeting);
}

static void test_nobody_shifts_to_a_time_without_coming(void **state)
{
    (void)state;
    circle_everybody_is_free();
    circle_is_free(chris, CHRIS, 8, 10);
    const struct entente_meeting *meeting = circle_asked(true);
    assert_true(meeting->spec->parties[2].attends);
    struct entente_identifier who = world_identifier(CHRIS);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_span late = {world.day + 15 * HOUR, world.day + 17 * HOUR};
    struct entente_answer answer = {.meeting = meeting->id,
                                    .proposal = meeting->proposal->number,
                                    .party = &who,
                                    .kind = ENTENTE_SHIFT,
                                    .ranges = &late,
                                    .ranges_count = 1,
                                    .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_ANSWER,
                                              .answer = &answer};
    assert_int_equal(world_call(chris, &envelope, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    circle_called_off(meeting);
}

/* One's own diary is negotiable, what has been agreed with others is not. */
static void test_an_exact_time_counts_more_than_ones_own_diary(void **state)
{
    (void)state;
    circle_everybody_is_free();
    circle_is_free(chris, CHRIS, 8, 10);
    const struct entente_meeting *meeting = circle_asked(true);
    meeting = circle_says(chris, CHRIS, ENTENTE_SHIFT, world.day + 15 * HOUR, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->start, world.day + 15 * HOUR);
    assert_true(meeting->spec->parties[2].attends);
    assert_int_equal(meeting->spec->parties[2].answer, ENTENTE_ACCEPT);
    struct circle_kept kept;
    const struct entente_meeting *first = circle_keep(meeting, &kept);

    /* Another meeting of his can be shifted to any time but that one. */
    circle_is_free(chris, CHRIS, 8, 18);
    meeting = circle_asked(true);
    int32_t start = meeting->proposal->start;
    circle_is_free(chris, CHRIS, 8, 10);
    meeting =
        circle_says(chris, CHRIS, ENTENTE_SHIFT, world.day + 15 * HOUR + 30, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(meeting->proposal->start, start);
    assert_int_equal(world_overlaps(&world), 0);
    circle_called_off(meeting);
    circle_called_off(first);
}

static void test_after_a_move_that_failed_everything_is_as_before(void **state)
{
    (void)state;
    circle_everybody_is_free();
    circle_is_free(chris, CHRIS, 8, 10);
    const struct entente_meeting *meeting = circle_confirmed(true);
    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, world.day + 15 * HOUR, meeting);
    assert_false(meeting->spec->parties[2].attends);
    meeting = circle_says(anna, ANNA, ENTENTE_DECLINE, 0, meeting);
    assert_string_equal(meeting->last_event, "kept");
    for (size_t i = 0; i < 3; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        assert_true(party->attends);
        assert_int_equal(party->absence, 0);
        assert_int_equal(party->answer, ENTENTE_ACCEPT);
        assert_int_equal(party->answer_reason, 0);
        assert_int_equal(party->answer_proposal, meeting->proposal->number);
    }
    assert_int_equal(circle_claims(), 3);
    circle_called_off(meeting);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_asks_has_said_yes_but_only_to_her_own_slot),
        cmocka_unit_test(test_a_move_in_overlap_does_not_stop_other_searches),
        cmocka_unit_test(test_a_shift_by_ranges_that_hold_the_present_time),
        cmocka_unit_test(test_nobody_shifts_to_a_time_without_coming),
        cmocka_unit_test(test_an_exact_time_counts_more_than_ones_own_diary),
        cmocka_unit_test(test_after_a_move_that_failed_everything_is_as_before),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
