// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of who decides: the rules of a request, the organizer's last word, answers that
 * come late or through somebody else.  Anna and Ben are indispensable, Chris is optional;
 * all are free from eight to six on three days.  The coordinator asks.
 */
#include "tests/scenario/rules.h"

#include "tests/support/test.h"

/* ---- rules -------------------------------------------------------------------------
 */

static void test_all_indispensable_is_enough(void **state)
{
    (void)state;
    rules_begin()->rule = ENTENTE_ALL_INDISPENSABLE;
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(circle_claims(), 3);
    /* Chris has not been heard, and still may be. */
    assert_int_equal(meeting->spec->parties[2].answer, 0);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_string_equal(meeting->last_event, "late-accepted");
    assert_int_equal(meeting->spec->parties[2].answer, ENTENTE_ACCEPT);
    uint32_t version = meeting->version;
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->version, version);
    circle_called_off(meeting);
}

/* Nobody has said yes because somebody else's move came to nothing. */
static void test_a_move_that_comes_to_nothing_is_nobodys_yes(void **state)
{
    (void)state;
    rules_begin()->rule = ENTENTE_ALL_INDISPENSABLE;
    const struct entente_meeting *meeting = rules_asked();
    struct entente_identifier who = world_identifier(ANNA);
    struct rules_answer yes = {.kind = ENTENTE_ACCEPT, .channel = ENTENTE_TELEPHONE};
    assert_int_equal(rules_say(coordinator, &who, &yes, meeting, &meeting), ENTENTE_OK);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    int32_t start = meeting->confirmed->start;
    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, start + 2 * HOUR, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_false(meeting->spec->parties[0].recorded);
    meeting = circle_says(anna, ANNA, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, start);
    assert_int_equal(meeting->spec->parties[0].answer, ENTENTE_ACCEPT);
    assert_true(meeting->spec->parties[0].recorded);
    assert_int_equal(meeting->spec->parties[1].answer, ENTENTE_ACCEPT);
    assert_int_equal(meeting->spec->parties[2].answer, 0);
    assert_true(meeting->spec->parties[2].attends);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_string_equal(meeting->last_event, "late-accepted");
    circle_called_off(meeting);
}

static void test_who_was_not_waited_for_declines_late(void **state)
{
    (void)state;
    rules_begin()->rule = ENTENTE_ALL_INDISPENSABLE;
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_true(meeting->spec->parties[2].dropped);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_a_quorum_with_one_who_must_come(void **state)
{
    (void)state;
    struct entente_spec *spec = rules_begin();
    spec->rule = ENTENTE_QUORUM;
    spec->quorum = 2;
    spec->parties[1].importance = ENTENTE_OPTIONAL;
    const struct entente_meeting *meeting = rules_asked();
    /* Two heads, but not the one that counts. */
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    circle_called_off(meeting);

    spec = rules_begin();
    spec->rule = ENTENTE_QUORUM;
    spec->quorum = 2;
    spec->parties[1].importance = ENTENTE_OPTIONAL;
    meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_a_quorum_that_cannot_be_reached_any_more(void **state)
{
    (void)state;
    struct entente_spec *spec = rules_begin();
    spec->rule = ENTENTE_QUORUM;
    spec->quorum = 2;
    spec->parties[1].importance = ENTENTE_OPTIONAL;
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(ben, BEN, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = circle_says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_true(meeting->alternatives_count > 0);
    circle_called_off(meeting);
}

/* ---- the organizer -----------------------------------------------------------------
 */

static void test_the_organizer_has_the_last_word(void **state)
{
    (void)state;
    rules_begin()->rule = ENTENTE_ORGANIZER_DECIDES;
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_string_equal(meeting->last_event, "ready");
    assert_int_equal(circle_claims(), 3);
    assert_int_equal(rules_confirm(anna, 0, meeting, &meeting),
                     ENTENTE_ERROR_NOT_THE_ORGANIZER);
    assert_int_equal(rules_confirm(coordinator, 0, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    circle_learns(ben, meeting, ENTENTE_CONFIRMED);

    /* The new time is the organizer's word, too. */
    int32_t old = meeting->confirmed->start;
    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, old + 2 * HOUR, meeting);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(circle_claims(), 6);
    assert_int_equal(rules_confirm(coordinator, 0, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_string_equal(meeting->last_event, "moved");
    assert_int_equal(meeting->confirmed->start, old + 2 * HOUR);
    assert_int_equal(circle_claims(), 3);
    circle_called_off(meeting);
}

static void test_the_organizer_need_not_wait(void **state)
{
    (void)state;
    rules_begin()->rule = ENTENTE_ORGANIZER_DECIDES;
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(rules_confirm(coordinator, world.day, meeting, &meeting),
                     ENTENTE_ERROR_NOT_A_CANDIDATE);
    assert_int_equal(rules_confirm(coordinator, 0, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->spec->parties[1].answer, 0);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_string_equal(meeting->last_event, "late-accepted");
    circle_called_off(meeting);
}

static void test_where_the_rule_asks_for_everybody_nobody_confirms_alone(void **state)
{
    (void)state;
    rules_begin();
    const struct entente_meeting *meeting = rules_asked();
    assert_int_equal(rules_confirm(coordinator, 0, meeting, &meeting),
                     ENTENTE_ERROR_RULE_NOT_MET);
    meeting = circle_says(ben, BEN, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    /* Ben said no: the others can be confirmed only without him. */
    assert_int_equal(rules_confirm(coordinator, 0, meeting, &meeting),
                     ENTENTE_ERROR_RULE_NOT_MET);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    circle_called_off(meeting);
}

/* ---- another time ------------------------------------------------------------------
 */

static void test_not_this_one(void **state)
{
    (void)state;
    rules_begin();
    const struct entente_meeting *meeting = rules_asked();
    int32_t starts[4];
    for (int i = 0; i < 4; i++) {
        starts[i] = meeting->proposal->start;
        for (int j = 0; j < i; j++) {
            assert_int_not_equal(starts[i], starts[j]);
        }
        meeting = i % 2 == 0 ? rules_not_this_one(anna, ANNA, meeting)
                             : rules_not_this_one(ben, BEN, meeting);
        assert_int_equal(meeting->state, ENTENTE_PROPOSED);
        assert_string_equal(meeting->last_event, "shifted");
        assert_int_equal(meeting->alternatives_count, 3);
        for (int j = 0; j < 3 * (i + 1); j++) {
            assert_int_not_equal(meeting->alternatives[j % 3].start, starts[j / 3]);
        }
    }
    circle_called_off(meeting);
}

static void test_a_counter_is_answered_with_the_three_nearest(void **state)
{
    (void)state;
    rules_begin();
    const struct entente_meeting *meeting = rules_asked();
    int32_t wanted = world.day + DAY + 11 * HOUR;
    meeting = circle_says(anna, ANNA, ENTENTE_SHIFT, wanted, meeting);
    assert_int_equal(meeting->proposal->start, wanted);
    assert_int_equal(meeting->alternatives_count, 3);
    for (size_t i = 0; i < 3; i++) {
        int32_t far = meeting->alternatives[i].start - wanted;
        assert_true(far >= -2 * HOUR && far <= 2 * HOUR);
    }
    circle_called_off(meeting);
}

static void test_the_organizer_looks_elsewhere(void **state)
{
    (void)state;
    rules_begin();
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(ben, BEN, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(circle_claims(), 3);
    /* Nobody has said anything of the fifth day. */
    struct entente_span later = {world.day + 5 * DAY, world.day + 6 * DAY};
    assert_int_equal(rules_search_on(&later, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    assert_string_equal(meeting->last_event, "search-on");
    assert_true(meeting->why_not->blocking_count > 0);
    assert_int_equal(circle_claims(), 0);
    assert_int_equal(meeting->spec->parties[1].answer, 0);
    circle_learns(anna, meeting, ENTENTE_SEARCHING);
    /* And on: here there is something. */
    struct entente_span sooner = {world.day + DAY, world.day + 2 * DAY};
    assert_int_equal(rules_search_on(&sooner, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_true(meeting->proposal->start >= sooner.start);
    assert_true(meeting->proposal->number >= 2);
    assert_int_equal(circle_claims(), 3);
    struct entente_span past = {world.day - 60 * DAY, world.day - 50 * DAY};
    assert_int_equal(rules_search_on(&past, meeting, &meeting),
                     ENTENTE_ERROR_NOT_IN_THIS_STATE);
    circle_called_off(meeting);
}

static void test_what_is_looked_for_elsewhere_must_be_possible(void **state)
{
    (void)state;
    rules_begin();
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(ben, BEN, ENTENTE_DECLINE, 0, meeting);
    struct entente_span past = {world.day - 60 * DAY, world.day - 50 * DAY};
    assert_int_equal(rules_search_on(&past, meeting, &meeting),
                     ENTENTE_ERROR_WINDOW_PAST);
    struct entente_span narrow = {world.day, world.day + 30};
    assert_int_equal(rules_search_on(&narrow, meeting, &meeting),
                     ENTENTE_ERROR_WINDOW_TOO_SHORT);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(circle_claims(), 3);
    /* The same windows again: but not the time that came to nothing. */
    int32_t start = meeting->proposal->start;
    assert_int_equal(rules_search_on(NULL, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_not_equal(meeting->proposal->start, start);
    circle_called_off(meeting);
}

/* ---- through somebody else ---------------------------------------------------------
 */

static void test_a_guest_is_answered_for_by_who_invited_them(void **state)
{
    (void)state;
    struct entente_spec *spec = rules_begin();
    spec->parties[2] = (struct entente_party){.kind = ENTENTE_GUEST,
                                              .name = "Mr Smith",
                                              .contact = "smith@example.org",
                                              .ask_if_unknown = true};
    const struct entente_meeting *meeting = rules_asked();
    assert_int_equal(circle_claims(), 2);
    assert_true(meeting->spec->parties[2].attends);
    assert_true(meeting->spec->parties[2].asked);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    struct entente_identifier smith = {IDENTIFIER_GUEST, "Mr Smith"};
    struct rules_answer yes = {.kind = ENTENTE_ACCEPT, .channel = ENTENTE_CONSOLE};
    assert_int_equal(rules_say(anna, &smith, &yes, meeting, &meeting),
                     ENTENTE_ERROR_NOT_SPEAKING_FOR);
    struct entente_identifier nobody = {IDENTIFIER_GUEST, "Mr Jones"};
    assert_int_equal(rules_say(coordinator, &nobody, &yes, meeting, &meeting),
                     ENTENTE_ERROR_NOT_A_PARTY);
    assert_int_equal(rules_say(coordinator, &smith, &yes, meeting, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_true(meeting->spec->parties[2].recorded);
    assert_string_equal(meeting->spec->parties[2].contact, "smith@example.org");
    assert_int_equal(circle_claims(), 2);
    /* Where he is reached is nobody else's. */
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_string_equal(meeting->spec->parties[2].name, "Mr Smith");
    assert_null(meeting->spec->parties[2].contact);
    circle_called_off(meeting);
}

static void test_nobody_waits_for_a_guest_who_is_only_invited(void **state)
{
    (void)state;
    struct entente_spec *spec = rules_begin();
    spec->parties[2] = (struct entente_party){
        .kind = ENTENTE_GUEST, .name = "Mr Smith", .contact = "smith@example.org"};
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    struct entente_identifier smith = {IDENTIFIER_GUEST, "smith@example.org"};
    struct rules_answer no = {.kind = ENTENTE_DECLINE, .channel = ENTENTE_CONSOLE};
    assert_int_equal(rules_say(coordinator, &smith, &no, meeting, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_true(meeting->spec->parties[2].dropped);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    circle_called_off(meeting);
}

static void test_the_organizer_goes_on_without_a_guest(void **state)
{
    (void)state;
    struct entente_spec *spec = rules_begin();
    spec->parties[2] = (struct entente_party){.kind = ENTENTE_GUEST,
                                              .name = "Mr Smith",
                                              .contact = "smith@example.org",
                                              .ask_if_unknown = true};
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    struct entente_identifier smith = {IDENTIFIER_GUEST, "Mr Smith"};
    struct rules_answer no = {.kind = ENTENTE_DECLINE, .channel = ENTENTE_CONSOLE};
    assert_int_equal(rules_say(coordinator, &smith, &no, meeting, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(rules_without(&smith, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_true(meeting->spec->parties[2].dropped);
    circle_called_off(meeting);
}

static void test_what_was_said_on_the_telephone_is_recorded(void **state)
{
    (void)state;
    rules_begin();
    const struct entente_meeting *meeting = rules_asked();
    struct entente_identifier who = world_identifier(ANNA);
    struct rules_answer yes = {.kind = ENTENTE_ACCEPT, .channel = ENTENTE_TELEPHONE};
    assert_int_equal(rules_say(ben, &who, &yes, meeting, &meeting),
                     ENTENTE_ERROR_NOT_SPEAKING_FOR);
    assert_int_equal(rules_say(coordinator, &who, &yes, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->spec->parties[0].answer, ENTENTE_ACCEPT);
    assert_true(meeting->spec->parties[0].recorded);
    assert_false(meeting->spec->parties[0].tacit);
    /* Anna learns what was said in her name, and may say something else. */
    circle_learns(anna, meeting, ENTENTE_PROPOSED);
    struct rules_answer here = {.kind = ENTENTE_ACCEPT, .channel = ENTENTE_CONSOLE};
    struct entente_identifier other = world_identifier(BEN);
    assert_int_equal(rules_say(coordinator, &other, &here, meeting, &meeting),
                     ENTENTE_ERROR_NOT_SPEAKING_FOR);
    meeting = circle_says(anna, ANNA, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_false(meeting->spec->parties[0].recorded);
    circle_called_off(meeting);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_indispensable_is_enough),
        cmocka_unit_test(test_a_move_that_comes_to_nothing_is_nobodys_yes),
        cmocka_unit_test(test_who_was_not_waited_for_declines_late),
        cmocka_unit_test(test_a_quorum_with_one_who_must_come),
        cmocka_unit_test(test_a_quorum_that_cannot_be_reached_any_more),
        cmocka_unit_test(test_the_organizer_has_the_last_word),
        cmocka_unit_test(test_the_organizer_need_not_wait),
        cmocka_unit_test(test_where_the_rule_asks_for_everybody_nobody_confirms_alone),
        cmocka_unit_test(test_not_this_one),
        cmocka_unit_test(test_a_counter_is_answered_with_the_three_nearest),
        cmocka_unit_test(test_the_organizer_looks_elsewhere),
        cmocka_unit_test(test_what_is_looked_for_elsewhere_must_be_possible),
        cmocka_unit_test(test_a_guest_is_answered_for_by_who_invited_them),
        cmocka_unit_test(test_nobody_waits_for_a_guest_who_is_only_invited),
        cmocka_unit_test(test_the_organizer_goes_on_without_a_guest),
        cmocka_unit_test(test_what_was_said_on_the_telephone_is_recorded),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
