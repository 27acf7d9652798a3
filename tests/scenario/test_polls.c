// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of several slots that are held together until everybody has graded them.  Anna
 * and Ben are indispensable, Chris is optional; all are free from eight to six on three
 * days.  The coordinator asks, and has three slots held.
 */
#include "tests/scenario/rules.h"

#include "tests/support/test.h"

#include <signal.h>
#include <string.h>

enum { HELD = 3 };

/* What stays known of a poll when the reply is gone. */
static int32_t starts[HELD];

static const struct entente_meeting *begin(uint32_t rule)
{
    struct entente_spec *spec = rules_begin();
    spec->rule = rule;
    spec->held_slots = HELD;
    spec->quorum = rule == ENTENTE_QUORUM ? 2 : 0;
    const struct entente_meeting *meeting = rules_asked();
    assert_int_equal(meeting->proposal->candidates_count, HELD);
    for (size_t i = 0; i < HELD; i++) {
        starts[i] = meeting->proposal->candidates[i].start;
    }
    assert_int_equal(meeting->proposal->start, starts[0]);
    return meeting;
}

/* @grades: one letter for each candidate, + yes, ~ if need be, - no. */
static enum entente_code grades(struct world_client *client, const char *person,
                                const char *letters,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting)
{
    struct entente_graded graded[HELD];
    for (size_t i = 0; i < HELD; i++) {
        graded[i] = (struct entente_graded){
            .start = starts[i],
            .grade = letters[i] == '+'   ? ENTENTE_GRADE_YES
                     : letters[i] == '~' ? ENTENTE_GRADE_IF_NEED_BE
                                         : ENTENTE_GRADE_NO};
    }
    struct entente_identifier who = world_identifier(person);
    struct rules_answer says = {.kind = ENTENTE_ACCEPT,
                                .channel = ENTENTE_CONSOLE,
                                .grades = graded,
                                .grades_count = HELD};
    return rules_say(client, &who, &says, meeting, ret_meeting);
}

static const struct entente_meeting *graded(struct world_client *client,
                                            const char *person, const char *letters,
                                            const struct entente_meeting *meeting)
{
    assert_int_equal(grades(client, person, letters, meeting, &meeting), ENTENTE_OK);
    return meeting;
}

static void test_the_best_candidate_stays(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(0);
    assert_int_equal(circle_claims(), 3 * HELD);
    assert_int_equal(world_overlaps(&world), 0);
    meeting = graded(anna, ANNA, "~+-", meeting);
    assert_string_equal(meeting->last_event, "graded");
    assert_int_equal(meeting->spec->parties[0].grades_count, HELD);
    meeting = graded(ben, BEN, "++-", meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(circle_claims(), 3 * HELD);
    meeting = graded(chris, CHRIS, "+~+", meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    /* Three heads at both; the first and the second have two who come gladly: the order
     * of the search decides. */
    assert_int_equal(meeting->confirmed->start, starts[0]);
    assert_int_equal(meeting->proposal->candidates_count, 0);
    assert_int_equal(circle_claims(), 3);
    circle_learns(ben, meeting, ENTENTE_CONFIRMED);
    circle_called_off(meeting);
}

static void test_more_people_count_more_than_the_order(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(0);
    meeting = graded(anna, ANNA, "+++", meeting);
    meeting = graded(ben, BEN, "++~", meeting);
    meeting = graded(chris, CHRIS, "--~", meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, starts[2]);
    assert_true(meeting->spec->parties[2].attends);
    circle_called_off(meeting);
}

static void test_who_says_no_to_what_stays_does_not_come(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(0);
    meeting = graded(chris, CHRIS, "---", meeting);
    meeting = graded(anna, ANNA, "-+-", meeting);
    meeting = graded(ben, BEN, "~~~", meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, starts[1]);
    assert_false(meeting->spec->parties[2].attends);
    assert_int_equal(meeting->spec->parties[2].absence, ENTENTE_HAS_DECLINED);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_a_plain_yes_is_a_yes_to_all(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(ENTENTE_ALL_INDISPENSABLE);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = graded(ben, BEN, "--+", meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, starts[2]);
    assert_int_equal(circle_claims(), 3);
    circle_called_off(meeting);
}

static void test_what_is_given_back_is_free_at_once(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(0);
    struct circle_kept kept;
    const struct entente_meeting *poll = circle_keep(meeting, &kept);
    /* Somebody else wants exactly the second candidate. */
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_party party = world_party(&who, false);
    struct entente_span window = {starts[1], starts[1] + HOUR};
    struct entente_spec spec = world_spec(&party, 1, &window);
    assert_int_equal(world_request(coordinator, &spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    struct entente_meeting other = {.id = {id, 16}};

    graded(anna, ANNA, "+--", poll);
    graded(ben, BEN, "+--", poll);
    meeting = graded(chris, CHRIS, "+--", poll);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    circle_learns(anna, &other, ENTENTE_PROPOSED);
    assert_int_equal(world_overlaps(&world), 0);
    circle_called_off(&other);
    circle_called_off(poll);
}

static void test_no_candidate_suits_and_one_is_left_out(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(0);
    meeting = graded(anna, ANNA, "--+", meeting);
    meeting = graded(chris, CHRIS, "+++", meeting);
    meeting = graded(ben, BEN, "++-", meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_string_equal(meeting->last_event, "poll-empty");
    /* Other times are offered, not those that somebody has just said no to. */
    assert_int_equal(meeting->alternatives_count, HELD);
    for (size_t i = 0; i < (size_t)HELD * HELD; i++) {
        assert_int_not_equal(meeting->alternatives[i / HELD].start, starts[i % HELD]);
    }
    assert_int_equal(circle_claims(), 3 * HELD);
    assert_int_equal(rules_confirm(coordinator, starts[0], meeting, &meeting),
                     ENTENTE_ERROR_RULE_NOT_MET);
    assert_int_equal(rules_confirm(coordinator, 0, meeting, &meeting),
                     ENTENTE_ERROR_RULE_NOT_MET);
    assert_int_equal(rules_confirm(coordinator, starts[0] + 5, meeting, &meeting),
                     ENTENTE_ERROR_NOT_A_CANDIDATE);
    /* Without Ben the third suits the others, who have said so already. */
    assert_int_equal(
        circle_decide(coordinator, ENTENTE_WITHOUT_PARTY, 0, BEN, meeting, &meeting),
        ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, starts[2]);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_the_organizer_picks(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(ENTENTE_ORGANIZER_DECIDES);
    meeting = graded(anna, ANNA, "+~-", meeting);
    meeting = graded(ben, BEN, "+~-", meeting);
    meeting = graded(chris, CHRIS, "+++", meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_string_equal(meeting->last_event, "ready");
    assert_int_equal(circle_claims(), 3 * HELD);
    assert_int_equal(rules_confirm(coordinator, starts[2], meeting, &meeting),
                     ENTENTE_ERROR_RULE_NOT_MET);
    assert_int_equal(rules_confirm(coordinator, starts[1], meeting, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, starts[1]);
    assert_int_equal(circle_claims(), 3);
    circle_called_off(meeting);
}

static void test_a_quorum_is_found_at_one_of_them(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(ENTENTE_QUORUM);
    meeting = graded(anna, ANNA, "+++", meeting);
    meeting = graded(chris, CHRIS, "-+-", meeting);
    /* Ben must be heard. */
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = graded(ben, BEN, "~~~", meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, starts[1]);
    circle_called_off(meeting);
}

static void test_a_poll_may_end_with_another_time_or_a_no(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(0);
    meeting = graded(anna, ANNA, "+++", meeting);
    meeting = rules_not_this_one(ben, BEN, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->candidates_count, 0);
    for (size_t i = 0; i < HELD; i++) {
        assert_int_not_equal(meeting->proposal->start, starts[i]);
    }
    assert_int_equal(circle_claims(), 3);
    circle_called_off(meeting);

    meeting = begin(0);
    meeting = circle_says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(circle_claims(), 2 * HELD);
    meeting = circle_says(ben, BEN, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    circle_called_off(meeting);
    assert_int_equal(circle_claims(), 0);
}

static void test_the_last_optional_no_decides(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(0);
    meeting = graded(anna, ANNA, "-++", meeting);
    meeting = graded(ben, BEN, "+~+", meeting);
    meeting = circle_says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, starts[2]);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_nobody_answers_a_poll(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(0);
    meeting = graded(anna, ANNA, "+++", meeting);
    world_advance(&world, INT64_C(49) * HOUR);
    circle_learns(ben, meeting, ENTENTE_EXPIRED);
    assert_int_equal(circle_claims(), 0);
}

static void test_grades_are_for_what_is_held(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(0);
    starts[1] += 5;
    assert_int_equal(grades(anna, ANNA, "+++", meeting, &meeting),
                     ENTENTE_ERROR_NOT_A_CANDIDATE);
    assert_int_equal(meeting->spec->parties[0].answer, 0);
    circle_called_off(meeting);
    rules_begin();
    meeting = rules_asked();
    assert_int_equal(grades(anna, ANNA, "+++", meeting, &meeting),
                     ENTENTE_ERROR_FIELD_CONFLICT);
    circle_called_off(meeting);
}

static void test_a_poll_outlives_the_broker(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = begin(0);
    meeting = graded(anna, ANNA, "+++", meeting);
    struct circle_kept kept;
    meeting = circle_keep(meeting, &kept);
    world_stop_broker(&world, SIGKILL);
    world_start_broker(&world, NULL);
    meeting = graded(ben, BEN, "-~+", meeting);
    assert_int_equal(circle_claims(), 3 * HELD);
    meeting = graded(chris, CHRIS, "+++", meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, starts[2]);
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
        cmocka_unit_test(test_the_best_candidate_stays),
        cmocka_unit_test(test_more_people_count_more_than_the_order),
        cmocka_unit_test(test_who_says_no_to_what_stays_does_not_come),
        cmocka_unit_test(test_a_plain_yes_is_a_yes_to_all),
        cmocka_unit_test(test_what_is_given_back_is_free_at_once),
        cmocka_unit_test(test_no_candidate_suits_and_one_is_left_out),
        cmocka_unit_test(test_the_organizer_picks),
        cmocka_unit_test(test_a_quorum_is_found_at_one_of_them),
        cmocka_unit_test(test_a_poll_may_end_with_another_time_or_a_no),
        cmocka_unit_test(test_the_last_optional_no_decides),
        cmocka_unit_test(test_nobody_answers_a_poll),
        cmocka_unit_test(test_grades_are_for_what_is_held),
        cmocka_unit_test(test_a_poll_outlives_the_broker),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
