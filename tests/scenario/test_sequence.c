// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of meetings that follow each other: the gaps between them are kept from the
 * first proposal on, and nothing is held before all have a time.
 */
#include "tests/scenario/look.h"
#include "tests/scenario/rules.h"
#include "tests/scenario/seek.h"

#include "tests/support/test.h"

#include <string.h>

enum { PATIENCE_MS = 20000 };

static int64_t until_ms; /* of the next search; 0: as long as possible */

static void is_free(struct world_client *client, const char *person, int from,
                    int until)
{
    const struct entente_range range =
        seek_range(from * HOUR, until * HOUR, ENTENTE_FREE);
    seek_publish(client, person, &range, 1, NULL);
}

/* Anna with Ben, and at least @min and at most @max minutes later Anna with Chris. */
static enum entente_code ask(uint32_t min, uint32_t max,
                             const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who[] = {world_identifier(ANNA), world_identifier(BEN),
                                       world_identifier(CHRIS)};
    struct entente_party first[] = {world_party(&who[0], false),
                                    world_party(&who[1], false)};
    struct entente_party second[] = {world_party(&who[0], false),
                                     world_party(&who[2], false)};
    struct entente_span window = {world.day, world.day + DAY};
    struct entente_spec spec = world_spec(first, 2, &window);
    struct entente_spec next = world_spec(second, 2, &window);
    spec.search_until_ms = until_ms;
    struct entente_linked linked = {
        .spec = &next, .min_gap_minutes = min, .max_gap_minutes = max};
    struct entente_actor actor = {.who = &who[0], .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_request request = {
        .spec = &spec, .actor = &actor, .sequence = &linked, .sequence_count = 1};
    const struct entente_envelope envelope = {.body = ENTENTE_REQUEST,
                                              .request = &request};
    return world_call(coordinator, &envelope, ret_meeting);
}

static const struct entente_meeting_list *listed_by(const uint8_t first[16])
{
    const struct entente_list list = {.series = {first, 16}};
    const struct entente_meeting_list *found = NULL;
    assert_int_equal(entente_client_list(coordinator->sdk, &list, PATIENCE_MS, &found),
                     ENTENTE_OK);
    assert_int_equal(found->meetings_count, 2);
    return found;
}

static const struct entente_meeting_list *listed(const struct entente_meeting *meeting)
{
    uint8_t id[16];
    memcpy(id, meeting->series->id.data, sizeof(id));
    return listed_by(id);
}

static void begins(const struct entente_meeting *meeting, int32_t minutes)
{
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->start - world.day, minutes);
}

/* Anna is free all day, and has no meeting. */
static void everybody_again(void)
{
    is_free(anna, ANNA, 0, 24);
    assert_int_equal(circle_claims(), 0);
}

static void call_off(const struct entente_meeting_list *list)
{
    struct circle_kept kept[2];
    const struct entente_meeting *each[2];
    for (size_t i = 0; i < 2; i++) {
        each[i] = circle_keep(&list->meetings[i], &kept[i]);
    }
    circle_called_off(each[0]);
    circle_called_off(each[1]);
}

/*
 *     anna    ------------------------     the best hour with Ben, nine o'clock, would
 *     ben       ^^^  (9 to 12)             leave more than three hours until Chris comes
 *     chris                 ^ (14 to 15)
 */
static void test_the_first_takes_its_next_best_for_the_second(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = NULL;
    everybody_again();
    is_free(ben, BEN, 9, 12);
    is_free(chris, CHRIS, 14, 15);
    assert_int_equal(ask(30, 3 * HOUR, &meeting), ENTENTE_OK);
    const struct entente_meeting_list *list = listed(meeting);
    begins(&list->meetings[0], 10 * HOUR);
    begins(&list->meetings[1], 14 * HOUR);
    assert_int_equal(list->meetings[1].series->index, 1);
    call_off(list);
}

static void test_without_bounds_each_takes_its_best(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = NULL;
    everybody_again();
    is_free(ben, BEN, 9, 12);
    is_free(chris, CHRIS, 8, 15);
    assert_int_equal(ask(0, 0, &meeting), ENTENTE_OK);
    const struct entente_meeting_list *list = listed(meeting);
    begins(&list->meetings[0], 9 * HOUR);
    begins(&list->meetings[1], 10 * HOUR);
    call_off(list);
}

/* All of them wait, nothing is held, and the organizer is told who is in the way. */
static void waiting_pair(int64_t search_until_ms, struct circle_kept *ret_kept)
{
    const struct entente_meeting *meeting = NULL;
    everybody_again();
    is_free(ben, BEN, 9, 12);
    is_free(chris, CHRIS, 8, 10);
    until_ms = search_until_ms;
    assert_int_equal(ask(30, 0, &meeting), ENTENTE_OK);
    until_ms = 0;
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    circle_keep(meeting, ret_kept);
    const struct entente_meeting_list *list = listed(meeting);
    assert_int_equal(list->meetings[1].state, ENTENTE_SEARCHING);
    assert_null(list->meetings[0].why_not); /* Ben and Anna have a time */
    assert_non_null(list->meetings[1].why_not);
    assert_int_equal(list->meetings[0].search_until_ms,
                     list->meetings[1].search_until_ms);
    assert_int_equal(circle_claims(), 0);
}

static void test_where_one_finds_no_time_all_wait(void **state)
{
    (void)state;
    struct circle_kept kept;
    waiting_pair(0, &kept);
    /* Not enough: Chris must come half an hour after Ben's hour. */
    is_free(chris, CHRIS, 9, 11);
    look_until_calm();
    assert_int_equal(circle_claims(), 0);
    is_free(chris, CHRIS, 9, 13);
    circle_learns(ben, &kept.meeting, ENTENTE_PROPOSED);
    const struct entente_meeting_list *list = listed_by(kept.id);
    begins(&list->meetings[0], 9 * HOUR);
    begins(&list->meetings[1], 10 * HOUR + 30);
    call_off(list);
}

/* What another meeting gives back is time for them, too. */
static void test_a_cancellation_ends_the_waiting(void **state)
{
    (void)state;
    struct circle_kept holder;
    const struct entente_meeting *meeting = NULL;
    everybody_again();
    is_free(ben, BEN, 9, 10);
    is_free(chris, CHRIS, 11, 12);
    assert_int_equal(ask(30, 0, &meeting), ENTENTE_OK);
    const struct entente_meeting_list *list = listed(meeting);
    struct circle_kept both[2];
    circle_keep(&list->meetings[0], &both[0]);
    circle_keep(&list->meetings[1], &holder);
    assert_int_equal(ask(30, 0, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    circle_keep(meeting, &both[1]);
    /* One half of what they need is nothing. */
    circle_called_off(&both[0].meeting);
    look_until_calm();
    assert_int_equal(listed_by(both[1].id)->meetings[0].state, ENTENTE_SEARCHING);
    circle_called_off(&holder.meeting);
    circle_learns(ben, &both[1].meeting, ENTENTE_PROPOSED);
    list = listed_by(both[1].id);
    begins(&list->meetings[0], 9 * HOUR);
    begins(&list->meetings[1], 11 * HOUR);
    call_off(list);
}

/* What would come of a move is shown as it would be: between the neighbours. */
static void test_a_preview_keeps_the_gaps(void **state)
{
    (void)state;
    struct circle_kept first;
    struct circle_kept kept;
    const struct entente_meeting *meeting = NULL;
    const struct entente_preview_result *shown = NULL;
    everybody_again();
    is_free(ben, BEN, 9, 12);
    is_free(chris, CHRIS, 9, 18);
    assert_int_equal(ask(HOUR, 3 * HOUR, &meeting), ENTENTE_OK);
    const struct entente_meeting_list *list = listed(meeting);
    uint32_t version = list->meetings[1].version;
    circle_keep(&list->meetings[0], &first);
    circle_keep(&list->meetings[1], &kept);
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_decide decide = {.meeting = kept.meeting.id,
                                    .version = version,
                                    .decision = ENTENTE_MOVE,
                                    .start = world.day + 13 * HOUR,
                                    .actor = &actor};
    const struct entente_preview preview = {.decide = &decide};
    assert_int_equal(
        entente_client_preview(coordinator->sdk, &preview, PATIENCE_MS, &shown),
        ENTENTE_OK);
    assert_int_equal(shown->code, 0);
    assert_int_equal(shown->slots[0].start, world.day + 13 * HOUR);
    decide.start = world.day + 14 * HOUR;
    assert_int_equal(
        entente_client_preview(coordinator->sdk, &preview, PATIENCE_MS, &shown),
        ENTENTE_OK);
    uint32_t code = shown->code;
    assert_int_not_equal(code, 0);
    /* Which gap it is that it would break: no more than three hours after the first. */
    assert_int_equal(shown->broken_gaps_count, 1);
    assert_int_equal(shown->broken_gaps[0].index, 1);
    assert_int_equal(shown->broken_gaps[0].from, world.day + 10 * HOUR);
    assert_int_equal(shown->broken_gaps[0].until, world.day + 14 * HOUR);
    assert_int_equal(shown->broken_gaps[0].min_gap_minutes, HOUR);
    assert_int_equal(shown->broken_gaps[0].max_gap_minutes, 3 * HOUR);
    assert_int_equal(shown->meetings_count, 1);
    assert_int_equal(shown->meetings[0].index, 1);
    assert_int_equal(shown->meetings[0].code, code);
    const struct entente_envelope envelope = {.body = ENTENTE_DECIDE,
                                              .decide = &decide};
    assert_int_equal(world_call(coordinator, &envelope, &meeting), code);
    circle_called_off(&kept.meeting);
    circle_called_off(&first.meeting);
}

static void test_they_end_together(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = NULL;
    int64_t now_ms = pg_database_number(
        world.database, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8");
    struct circle_kept kept;
    waiting_pair(now_ms + INT64_C(3600000), &kept);
    world_advance(&world, 61);
    circle_learns(coordinator, &kept.meeting, ENTENTE_EXPIRED);
    assert_int_equal(listed_by(kept.id)->meetings[1].state, ENTENTE_EXPIRED);
    /* Who wants it now or not at all is told at once. */
    until_ms = 1;
    assert_int_equal(ask(30, 0, &meeting), ENTENTE_OK);
    until_ms = 0;
    assert_int_equal(meeting->state, ENTENTE_EXPIRED);
    assert_int_equal(listed(meeting)->meetings[1].state, ENTENTE_EXPIRED);
}

/* The organizer looks elsewhere for one of them: the other goes with it. */
static void test_searching_on_finds_both(void **state)
{
    (void)state;
    struct circle_kept second;
    const struct entente_meeting *meeting = NULL;
    struct circle_kept kept;
    waiting_pair(0, &kept);
    circle_keep(&listed_by(kept.id)->meetings[1], &second);
    const struct entente_range tomorrow =
        seek_range(DAY + 9 * HOUR, DAY + 10 * HOUR, ENTENTE_FREE);
    const struct entente_range both[] = {seek_range(0, 2 * DAY, ENTENTE_FREE)};
    seek_publish(anna, ANNA, both, 1, NULL);
    seek_publish(chris, CHRIS, &tomorrow, 1, NULL);
    look_until_calm();
    struct entente_span window = {world.day + DAY, world.day + 2 * DAY};
    assert_int_equal(
        rules_search_on(&window, look_at(coordinator, &second.meeting), &meeting),
        ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    const struct entente_meeting_list *list = listed_by(kept.id);
    begins(&list->meetings[0], 9 * HOUR);
    begins(&list->meetings[1], DAY + 9 * HOUR);
    call_off(list);
}

/* Whoever moves one of them moves it between its neighbours. */
static void test_a_shift_keeps_the_gaps(void **state)
{
    (void)state;
    struct circle_kept kept;
    const struct entente_meeting *meeting = NULL;
    everybody_again();
    is_free(ben, BEN, 9, 12);
    is_free(chris, CHRIS, 9, 18);
    assert_int_equal(ask(HOUR, 3 * HOUR, &meeting), ENTENTE_OK);
    const struct entente_meeting_list *list = listed(meeting);
    begins(&list->meetings[0], 9 * HOUR);
    begins(&list->meetings[1], 11 * HOUR);
    const struct entente_meeting *second = circle_keep(&list->meetings[1], &kept);
    second = circle_says(chris, CHRIS, ENTENTE_SHIFT, world.day + 13 * HOUR, second);
    begins(second, 13 * HOUR);
    second =
        circle_says(chris, CHRIS, ENTENTE_SHIFT, world.day + 13 * HOUR + 15, second);
    assert_int_equal(second->state, ENTENTE_WAITING_ORGANIZER);
    for (size_t i = 0; i < second->alternatives_count; i++) {
        assert_in_range(second->alternatives[i].start - world.day, 11 * HOUR,
                        13 * HOUR);
    }
    call_off(listed(second));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_takes_its_next_best_for_the_second),
        cmocka_unit_test(test_without_bounds_each_takes_its_best),
        cmocka_unit_test(test_where_one_finds_no_time_all_wait),
        cmocka_unit_test(test_a_cancellation_ends_the_waiting),
        cmocka_unit_test(test_searching_on_finds_both),
        cmocka_unit_test(test_a_shift_keeps_the_gaps),
        cmocka_unit_test(test_a_preview_keeps_the_gaps),
        cmocka_unit_test(test_they_end_together), /* moves the clock */
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
