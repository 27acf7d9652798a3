// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of the negotiation table through a real broker, one or more per row.  Anna
 * and Ben are indispensable, Chris is optional where he is invited; all are free from
 * eight to six on three days, unless a story says otherwise.  The coordinator asks.
 */
#include "tests/scenario/circle.h"

#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* ---- searching ---------------------------------------------------------------------
 */

static void test_nothing_suits_until_somebody_publishes(void **state)
{
    (void)state;
    circle_is_free(anna, ANNA, 8, 10);
    circle_is_free(ben, BEN, 14, 18);
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(circle_ask(false, 0, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    assert_int_equal(meeting->why_not->feasible, 0);
    assert_true(meeting->why_not->blocking_count > 0);
    struct entente_meeting kept = *meeting;
    uint8_t id[16];
    memcpy(id, meeting->id.data, 16);
    kept.id.data = id;

    circle_is_free(ben, BEN, 9, 11);
    circle_learns(anna, &kept, ENTENTE_PROPOSED);
    circle_learns(coordinator, &kept, ENTENTE_PROPOSED);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(&kept);
}

/* Both at one vendor's, both waited for: one transaction takes in what they say. */
static void test_several_of_those_waited_for_publish_together(void **state)
{
    (void)state;
    enum { PEOPLE = 8 };
    static const char *const people[] = {
        "idnps:899700000011", "idnps:899700000012", "idnps:899700000013",
        "idnps:899700000014", "idnps:899700000015", "idnps:899700000016",
        "idnps:899700000017", "idnps:899700000018", NULL};
    struct world_client *clinic = world_add_client(&world, "clinic", false, people);
    struct entente_identifier who[PEOPLE];
    struct entente_party parties[PEOPLE];
    for (size_t i = 0; i < PEOPLE; i++) {
        who[i] = world_identifier(people[i]);
        parties[i] = world_party(&who[i], false);
    }
    struct entente_span window = {world.day, world.day + DAY};
    struct entente_spec spec = world_spec(parties, PEOPLE, &window);
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(world_request(coordinator, &spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    struct entente_meeting waiting = {.id = {id, 16}};

    struct entente_range free_day = {
        .start = world.day, .end = world.day + DAY, .kind = ENTENTE_FREE};
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct entente_publish publish = {
            .source = people[i],
            .person = &who[i],
            .coverage = &window,
            .as_of_ms = (int64_t)world.day * 60000,
            .lease_seconds = 604800,
            .ranges = &free_day,
            .ranges_count = 1,
        };
        assert_int_equal(entente_client_publish(clinic->sdk, &publish, NULL, NULL),
                         ENTENTE_OK);
    }
    circle_learns(clinic, &waiting, ENTENTE_PROPOSED);
    circle_called_off(&waiting);
}

static void test_a_release_makes_a_slot_possible(void **state)
{
    (void)state;
    circle_is_free(anna, ANNA, 8, 9);
    circle_is_free(ben, BEN, 8, 18);
    struct entente_meeting kept[3];
    uint8_t ids[4][16];
    const struct entente_meeting *meeting = NULL;
    /* Three mornings of one hour: three meetings fill them, the fourth waits. */
    for (int i = 0; i < 4; i++) {
        assert_int_equal(circle_ask(false, 0, &meeting), ENTENTE_OK);
        memcpy(ids[i], meeting->id.data, 16);
        if (i < 3) {
            assert_int_equal(meeting->state, ENTENTE_PROPOSED);
            kept[i] = *meeting;
            kept[i].id.data = ids[i];
        }
    }
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    struct entente_meeting fourth = {.id = {ids[3], 16}};
    circle_called_off(&kept[1]);
    circle_learns(anna, &fourth, ENTENTE_PROPOSED);
    assert_int_equal(world_overlaps(&world), 0);
    circle_called_off(&kept[0]);
    circle_called_off(&kept[2]);
    circle_called_off(&fourth);
}

static void test_a_search_ends_at_its_deadline(void **state)
{
    (void)state;
    circle_is_free(anna, ANNA, 8, 10);
    circle_is_free(ben, BEN, 14, 18);
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(circle_ask(false, INT64_C(1600000000000), &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_EXPIRED);
    assert_true(meeting->why_not->blocking_count > 0);
}

/* ---- proposed ----------------------------------------------------------------------
 */

static void test_an_optional_party_declines(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(true);
    assert_int_equal(circle_claims(), 3);
    meeting = circle_says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_true(meeting->spec->parties[2].dropped);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_the_last_answer_is_an_optional_partys_no(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(true);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = circle_says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_the_organizer_goes_on_without_a_party(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(true);
    int32_t start = meeting->proposal->start;
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(anna, ANNA, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_true(meeting->alternatives_count > 0);
    assert_int_equal(circle_claims(), 3); /* the hold is kept to its end */
    assert_int_equal(
        circle_decide(ben, ENTENTE_WITHOUT_PARTY, 0, ANNA, meeting, &meeting),
        ENTENTE_ERROR_NOT_THE_ORGANIZER);
    assert_int_equal(
        circle_decide(coordinator, ENTENTE_WITHOUT_PARTY, 0, ANNA, meeting, &meeting),
        ENTENTE_OK);
    /* The time did not change: nobody who accepted is asked again. */
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, start);
    assert_int_equal(circle_claims(), 2);
    circle_learns(anna, meeting, ENTENTE_CONFIRMED);
    circle_called_off(meeting);
}

static void test_no_other_slot_then_the_organizer_offers_one(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(false);
    /* Seven in the evening suits nobody. */
    meeting = circle_says(anna, ANNA, ENTENTE_SHIFT, world.day + 19 * HOUR, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_true(meeting->alternatives_count > 0);
    int32_t other = world.day + 16 * HOUR;
    assert_int_equal(circle_decide(coordinator, ENTENTE_PROPOSE_SLOT, other, NULL,
                                   meeting, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->start, other);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_rounds_are_bounded(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(false);
    int shifts = 0;
    while (meeting->state == ENTENTE_PROPOSED && shifts < 20) {
        int32_t other = world.day + (9 + shifts) * HOUR;
        meeting =
            circle_says(shifts % 2 == 0 ? anna : ben, shifts % 2 == 0 ? ANNA : BEN,
                        ENTENTE_SHIFT, other, meeting);
        shifts++;
    }
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(shifts, 5); /* the sixth round is the organizer's */
    assert_true(meeting->alternatives_count > 0);
    circle_called_off(meeting);
}

static void test_silence_means_expired(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(false);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    world_advance(&world, INT64_C(47) * HOUR);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    world_advance(&world, INT64_C(2) * HOUR);
    circle_learns(anna, meeting, ENTENTE_EXPIRED);
    circle_learns(ben, meeting, ENTENTE_EXPIRED);
    circle_learns(coordinator, meeting, ENTENTE_EXPIRED);
    assert_int_equal(circle_claims(), 0);
}

/* ---- confirmed, moving -------------------------------------------------------------
 */

static void test_a_move_that_is_agreed(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(false);
    int32_t old = meeting->confirmed->start;
    /* By half an hour: the new time overlaps the old one of the same meeting. */
    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, old + 30, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->confirmed->start, old);
    assert_int_equal(circle_claims(), 4);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_string_equal(meeting->last_event, "moved");
    assert_int_equal(meeting->confirmed->start, old + 30);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_a_move_that_is_declined_or_forgotten(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(true);
    int32_t old = meeting->confirmed->start;
    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, old + 2 * HOUR, meeting);
    assert_int_equal(circle_claims(), 6);
    meeting = circle_says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_string_equal(meeting->last_event, "kept");
    assert_int_equal(meeting->confirmed->start, old);
    assert_int_equal(circle_claims(), 3);

    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, old + 2 * HOUR, meeting);
    meeting = circle_says(anna, ANNA, ENTENTE_SHIFT, old + 3 * HOUR, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(circle_claims(), 6);
    world_advance(&world, INT64_C(49) * HOUR);
    circle_learns(coordinator, meeting, ENTENTE_CONFIRMED);
    assert_int_equal(circle_claims(), 3);
    circle_called_off(meeting);
}

static void test_no_other_time_leaves_a_confirmed_meeting_alone(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(false);
    uint32_t version = meeting->version;
    const struct entente_meeting *shown = meeting;
    assert_int_equal(
        world_answer(ben, meeting, BEN, ENTENTE_SHIFT, world.day + 19 * HOUR, &shown),
        ENTENTE_ERROR_NO_SLOT);
    assert_true(shown->alternatives_count > 0);
    assert_int_equal(shown->version, version);
    assert_int_equal(shown->state, ENTENTE_CONFIRMED);
    circle_called_off(shown);
}

static void test_withdrawing_and_calling_off(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(true);
    assert_int_equal(circle_cancel(chris, CHRIS, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(circle_claims(), 2);
    circle_learns(chris, meeting, ENTENTE_CONFIRMED);
    /* Who is needed reopens it: the time is held for the other one, and the organizer
     * decides. */
    assert_int_equal(circle_cancel(anna, ANNA, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_string_equal(meeting->last_event, "reopened");
    assert_null(meeting->confirmed);
    assert_int_equal(circle_claims(), 1);
    circle_learns(ben, meeting, ENTENTE_WAITING_ORGANIZER);
    circle_called_off(meeting);
    assert_int_equal(circle_claims(), 0);

    meeting = circle_asked(false);
    assert_int_equal(circle_cancel(anna, ANNA, meeting, &meeting),
                     ENTENTE_ERROR_NOT_THE_ORGANIZER);
    struct entente_meeting kept = *meeting;
    circle_called_off(&kept);
}

/* ---- refused -----------------------------------------------------------------------
 */

static void test_answers_that_come_too_late_or_from_strangers(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(false);
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    struct entente_proposal first = *meeting->proposal;
    struct entente_meeting stale = {.id = {id, 16}, .proposal = &first};
    meeting = circle_says(anna, ANNA, ENTENTE_SHIFT, world.day + 11 * HOUR, meeting);
    assert_int_equal(meeting->proposal->number, 2);

    const struct entente_meeting *shown = NULL;
    assert_int_equal(world_answer(ben, &stale, BEN, ENTENTE_ACCEPT, 0, &shown),
                     ENTENTE_ERROR_STALE);
    assert_int_equal(shown->proposal->number, 2);
    first.number = 2;
    /* Chris has no part in it and learns nothing, not even that it exists. */
    assert_int_equal(world_answer(chris, &stale, CHRIS, ENTENTE_ACCEPT, 0, &shown),
                     ENTENTE_ERROR_UNKNOWN_MEETING);
    assert_int_equal(world_answer(ben, &stale, ANNA, ENTENTE_ACCEPT, 0, &shown),
                     ENTENTE_ERROR_NOT_SPEAKING_FOR);
    circle_called_off(&stale);
    assert_int_equal(world_answer(ben, &stale, BEN, ENTENTE_ACCEPT, 0, &shown),
                     ENTENTE_ERROR_CLOSED);
    assert_int_equal(shown->state, ENTENTE_CANCELLED);
}

static void test_the_slot_ends(void **state)
{
    (void)state;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(false);
    world_advance(&world, INT64_C(9) * DAY);
    circle_learns(coordinator, meeting, ENTENTE_DONE);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_suits_until_somebody_publishes),
        cmocka_unit_test(test_several_of_those_waited_for_publish_together),
        cmocka_unit_test(test_a_release_makes_a_slot_possible),
        cmocka_unit_test(test_a_search_ends_at_its_deadline),
        cmocka_unit_test(test_an_optional_party_declines),
        cmocka_unit_test(test_the_last_answer_is_an_optional_partys_no),
        cmocka_unit_test(test_the_organizer_goes_on_without_a_party),
        cmocka_unit_test(test_no_other_slot_then_the_organizer_offers_one),
        cmocka_unit_test(test_rounds_are_bounded),
        cmocka_unit_test(test_silence_means_expired),
        cmocka_unit_test(test_a_move_that_is_agreed),
        cmocka_unit_test(test_a_move_that_is_declined_or_forgotten),
        cmocka_unit_test(test_no_other_time_leaves_a_confirmed_meeting_alone),
        cmocka_unit_test(test_withdrawing_and_calling_off),
        cmocka_unit_test(test_answers_that_come_too_late_or_from_strangers),
        cmocka_unit_test(test_the_slot_ends),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
