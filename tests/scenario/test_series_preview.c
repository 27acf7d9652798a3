// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of what is shown before it is done to several meetings that belong together, or
 * before they are there at all.
 */
#include "tests/scenario/seek.h"
#include "tests/scenario/weeks.h"

#include "tests/support/test.h"

#include <string.h>

enum { PATIENCE_MS = 20000 };

/* What would come of @asked; it lives until the client's next call. */
static const struct entente_preview_result *
previewed(struct world_client *client, const struct entente_preview *asked)
{
    const struct entente_preview_result *ret = NULL;
    assert_int_equal(entente_client_preview(client->sdk, asked, PATIENCE_MS, &ret),
                     ENTENTE_OK);
    return ret;
}

/*
 *     week       1      2      3      4
 *     anna     ######  ######  ######  ######
 *     ben      ######  ######  ##____  ######
 *     moved            >M      !!      >M       Ben cannot come at ten in the third week
 */
static void test_a_preview_shows_every_meeting_that_a_move_touches(void **state)
{
    (void)state;
    const struct entente_meeting *meeting = NULL;
    weeks_are_free(0);
    weeks_asked(WEEKS);
    assert_int_equal(weeks_say(anna, ANNA, ENTENTE_ACCEPT, &meeting), ENTENTE_OK);
    assert_int_equal(weeks_say(ben, BEN, ENTENTE_ACCEPT, &meeting), ENTENTE_OK);
    struct entente_range ranges[WEEKS];
    for (int week = 0; week < WEEKS; week++) {
        int32_t day = week * WEEK;
        ranges[week] = seek_range(day + 9 * HOUR, day + (week == 2 ? 10 : 12) * HOUR,
                                  ENTENTE_FREE);
    }
    seek_publish(ben, BEN, ranges, WEEKS, NULL);
    struct circle_kept kept;
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    struct entente_decide order = {.decision = ENTENTE_MOVE, .series = true};
    order.version = list->meetings[1].version;
    order.meeting = circle_keep(&list->meetings[1], &kept)->id;
    order.start = world.day + WEEK + 10 * HOUR;
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    order.actor = &actor;
    const struct entente_preview_result *shown =
        previewed(coordinator, &(struct entente_preview){.decide = &order});
    assert_int_equal(shown->code, 0);
    assert_int_equal(shown->state, ENTENTE_MOVING);
    assert_int_equal(shown->meetings_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct entente_touched_meeting *one = &shown->meetings[i];
        int32_t week = world.day + (int32_t)(i + 1) * WEEK;
        bool suits = i != 1;
        assert_int_equal(one->index, i + 1);
        assert_int_equal(one->meeting.size, 16);
        assert_int_equal(one->state, suits ? ENTENTE_MOVING : ENTENTE_CONFIRMED);
        assert_int_equal(one->before->start, week + 9 * HOUR);
        assert_int_equal(one->code, suits ? 0 : ENTENTE_ERROR_NO_SLOT);
        assert_int_equal(one->wanted, suits ? 0 : week + 10 * HOUR);
        assert_int_equal(one->slot == NULL ? 0 : one->slot->start,
                         suits ? week + 10 * HOUR : 0);
        assert_int_equal(one->asked_again_count, suits ? 2 : 0);
        assert_int_equal(one->blocking_count, suits ? 0 : 1);
    }
    assert_int_equal(shown->meetings[1].blocking[0], 1);
    weeks_all_are(ENTENTE_CONFIRMED);

    /* What is shown is what happens. */
    const struct entente_envelope all = {.body = ENTENTE_DECIDE, .decide = &order};
    assert_int_equal(world_call(coordinator, &all, &meeting), ENTENTE_OK);
    list = weeks_listed(coordinator);
    for (size_t i = 0; i < WEEKS; i++) {
        assert_int_equal(list->meetings[i].state,
                         i % 2 == 1 ? ENTENTE_MOVING : ENTENTE_CONFIRMED);
    }

    /* Whoever ends all of it sees all of it end; to the parties it is no other. */
    struct entente_cancel cancel = {.meeting = {weeks_series, sizeof(weeks_series)},
                                    .series = true,
                                    .actor = &actor};
    shown = previewed(coordinator, &(struct entente_preview){.cancel = &cancel});
    assert_int_equal(shown->meetings_count, WEEKS);
    assert_int_equal(shown->meetings[3].state, ENTENTE_CANCELLED);
    weeks_call_off();
}

/* Ben is away in the third week: that is shown, with who could not come, and nothing is held. */
static void test_a_new_series_is_previewed(void **state)
{
    (void)state;
    struct entente_identifier who[] = {world_identifier(ANNA), world_identifier(BEN)};
    struct entente_party parties[] = {world_party(&who[0], false),
                                      world_party(&who[1], false)};
    struct entente_span window = {world.day, world.day + weeks_window_days * DAY};
    struct entente_spec spec = world_spec(parties, 2, &window);
    struct entente_actor actor = {.who = &who[0], .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_request request = {.spec = &spec, .actor = &actor};
    const struct entente_preview preview = {.request = &request};
    int64_t before = pg_database_number(world.database, "SELECT count(*) FROM meeting");
    weeks_are_free(3);
    spec.occurrences = WEEKS;
    const struct entente_preview_result *shown = previewed(coordinator, &preview);
    assert_int_equal(shown->code, 0);
    assert_int_equal(shown->state, ENTENTE_PROPOSED);
    assert_int_equal(shown->slots[0].start, world.day + 9 * HOUR);
    assert_int_equal(shown->joined_count, 0);
    assert_int_equal(shown->meetings_count, WEEKS);
    for (size_t i = 0; i < WEEKS; i++) {
        const struct entente_touched_meeting *one = &shown->meetings[i];
        int32_t start = world.day + (int32_t)i * WEEK + 9 * HOUR;
        assert_int_equal(one->meeting.size, 0);
        assert_int_equal(one->index, i);
        assert_int_equal(one->conflict, i == 2);
        assert_int_equal(one->state, i == 2 ? ENTENTE_SEARCHING : ENTENTE_PROPOSED);
        assert_int_equal(one->wanted, i == 2 ? start : 0);
        assert_int_equal(one->slot == NULL ? 0 : one->slot->start, i == 2 ? 0 : start);
        assert_int_equal(one->blocking_count, i == 2);
    }
    assert_int_equal(shown->meetings[2].blocking[0], 1);

    /* One meeting alone, and one for which there is no time. */
    spec.occurrences = 0;
    shown = previewed(coordinator, &preview);
    assert_int_equal(shown->slots[0].start, world.day + 9 * HOUR);
    assert_int_equal(shown->meetings_count, 0);
    window = (struct entente_span){world.day + 13 * HOUR, world.day + 15 * HOUR};
    shown = previewed(coordinator, &preview);
    assert_int_equal(shown->state, ENTENTE_SEARCHING);
    assert_int_equal(shown->slots_count, 0);
    assert_int_equal(shown->why_not->candidates, 5);
    assert_int_equal(circle_claims(), 0);
    assert_int_equal(pg_database_number(world.database, "SELECT count(*) FROM meeting"),
                     before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_preview_shows_every_meeting_that_a_move_touches),
        cmocka_unit_test(test_a_new_series_is_previewed),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
