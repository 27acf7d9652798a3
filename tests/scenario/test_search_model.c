// SPDX-License-Identifier: Apache-2.0

/*
 * What a search can say, through a real broker: ways to meet, pools, a quorum, travel,
 * series, tentative time, notice and daily caps, and why there is nothing.
 */
#include "tests/scenario/seek.h"

#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DORA "idnps:899700000004"
#define EMIL "idnps:899700000005"
#define FAYE "idnps:899700000006"
#define NOBODY "idnps:899799999999"

static struct world_client *clinic;

static int set_up(void **state)
{
    circle_set_up(state);
    clinic = world_add_client(&world, "clinic", false,
                              (const char *[]){DORA, EMIL, FAYE, NULL});
    return 0;
}

static const char *const both[] = {ANNA, BEN, NULL};

/* Free on the first day only. */
static void is_free(struct world_client *client, const char *person, int32_t from,
                    int32_t until)
{
    const struct entente_range day = seek_range(from, until, ENTENTE_FREE);
    seek_publish(client, person, &day, 1, NULL);
}

/* ---- how and where -----------------------------------------------------------------
 */

static void test_options_are_tried_in_order_of_preference(void **state)
{
    (void)state;
    struct entente_range annas[] = {seek_range(8 * HOUR, 10 * HOUR, ENTENTE_FREE),
                                    seek_range(14 * HOUR, 16 * HOUR, ENTENTE_FREE)};
    annas[0].modalities = 1U << ENTENTE_VIDEO;
    annas[1].modalities = 1U << ENTENTE_ON_SITE;
    annas[1].place = "cabinet";
    seek_publish(anna, ANNA, annas, 2, NULL);
    is_free(ben, BEN, 0, DAY);
    const struct entente_option options[] = {{ENTENTE_ON_SITE, "cabinet"},
                                             {ENTENTE_VIDEO, NULL}};
    struct seek seek;
    seek_begin(&seek, both);
    seek.spec.options = (struct entente_option *)options;
    seek.spec.options_count = 2;
    seek.spec.places = &(struct entente_place){.key = "cabinet", .label = "At Anna's"};
    seek.spec.places_count = 1;
    const struct entente_search_result *result = seek_found(&seek);
    seek_starts(result, (const int32_t[]){480, 540, 840, 900}, 4);
    assert_int_equal(result->slots[0].option, 1);
    assert_int_equal(result->slots[2].option, 0);
    assert_null(result->why_not);

    /* Somewhere else she does not receive. */
    seek.spec.options = &(struct entente_option){ENTENTE_ON_SITE, "ward"};
    seek.spec.options_count = 1;
    seek.spec.places = &(struct entente_place){.key = "ward", .label = "The ward"};
    result = seek_found(&seek);
    assert_int_equal(result->slots_count, 0);
    const struct entente_relaxation *other =
        seek_relaxation(result, ENTENTE_OTHER_OPTION);
    assert_non_null(other);
    assert_int_equal(other->modality, ENTENTE_VIDEO);
    assert_int_equal(other->first, world.day + 480);
    assert_null(other->place);

    /* But she may attend by video what is held there. */
    seek.parties[0].modality = ENTENTE_VIDEO;
    result = seek_found(&seek);
    assert_int_equal(result->slots_count, 2);
}

static void test_nobody_is_in_two_places_without_the_way_between(void **state)
{
    (void)state;
    struct entente_range annas[] = {seek_range(0, DAY, ENTENTE_FREE),
                                    seek_range(9 * HOUR, 10 * HOUR, ENTENTE_BUSY)};
    annas[1].place = "Lyon";
    seek_publish(anna, ANNA, annas, 2, NULL);
    is_free(ben, BEN, 8 * HOUR, 13 * HOUR);
    struct entente_leg legs[] = {{"Lyon", "Paris", 120}, {"Paris", "Lyon", 45}};
    struct seek seek;
    seek_begin(&seek, both);
    seek.spec.options = &(struct entente_option){ENTENTE_ON_SITE, "Paris"};
    seek.spec.options_count = 1;
    seek.spec.places = &(struct entente_place){.key = "Paris", .label = "Paris"};
    seek.spec.places_count = 1;
    seek.spec.legs = legs;
    seek.spec.legs_count = 2;
    seek_starts(seek_found(&seek), (const int32_t[]){720}, 1);

    /* Said to who asked, where she may stay away. */
    seek.parties[0].importance = ENTENTE_OPTIONAL;
    seek.spec.urgent = true;
    const struct entente_search_result *result = seek_found(&seek);
    assert_int_equal(result->slots[0].start, world.day + 480);
    assert_int_equal(result->slots[0].absent_count, 1);
    assert_int_equal(result->slots[0].absent[0].absence, ENTENTE_TOO_FAR);
    legs[1].minutes = 0;
    seek.spec.legs_count = 1;
    result = seek_found(&seek);
    assert_int_equal(result->slots[0].start, world.day + 480);
    assert_int_equal(result->slots[0].absent_count, 0);
}

/* ---- who ---------------------------------------------------------------------------
 */

static void test_a_pool_sends_who_can_come(void **state)
{
    (void)state;
    is_free(anna, ANNA, 8 * HOUR, 12 * HOUR);
    is_free(clinic, DORA, 9 * HOUR, 12 * HOUR);
    is_free(clinic, EMIL, 11 * HOUR, 12 * HOUR);
    is_free(clinic, FAYE, 11 * HOUR, 12 * HOUR);
    struct entente_identifier members[] = {
        world_identifier(NOBODY), world_identifier(DORA), world_identifier(EMIL),
        world_identifier(FAYE)};
    struct seek seek;
    seek_begin(&seek, both);
    seek.parties[1] = (struct entente_party){
        .kind = ENTENTE_POOL, .members = members, .members_count = 4, .pool_size = 1};
    const struct entente_search_result *result = seek_found(&seek);
    seek_starts(result, (const int32_t[]){540, 600, 660}, 3);
    assert_int_equal(result->slots[0].chosen_count, 1);
    assert_int_equal(result->slots[0].chosen[0].party, 1);
    assert_int_equal(result->slots[0].chosen[0].members_count, 1);
    assert_int_equal(result->slots[0].chosen[0].members[0], 1);
    assert_int_equal(result->slots[0].heads, 2);

    seek.parties[1].pool_size = 3;
    result = seek_found(&seek);
    seek_starts(result, (const int32_t[]){660}, 1);
    assert_int_equal(result->slots[0].chosen[0].members_count, 3);
    assert_int_equal(result->slots[0].chosen[0].members[2], 3);
    assert_int_equal(result->slots[0].heads, 4);

    /* Four are wanted and three are known: said at once. */
    seek.parties[1].pool_size = 4;
    assert_int_equal(seek_ask(&seek, &result), ENTENTE_ERROR_UNKNOWN_PERSON);

    /* Nobody can: the pool is to blame, and a smaller one would do. */
    seek.parties[1].pool_size = 2;
    seek.window.end = world.day + 11 * HOUR;
    result = seek_found(&seek);
    assert_int_equal(result->slots_count, 0);
    assert_int_equal(result->why_not->blocking_count, 1);
    assert_int_equal(result->why_not->blocking[0], 1);
    const struct entente_relaxation *smaller =
        seek_relaxation(result, ENTENTE_SMALLER_POOL);
    assert_non_null(smaller);
    assert_int_equal(smaller->party, 1);
    assert_int_equal(smaller->needed, 1);
    assert_int_equal(smaller->first, world.day + 540);
}

static void test_a_quorum_counts_heads(void **state)
{
    (void)state;
    is_free(anna, ANNA, 8 * HOUR, 12 * HOUR);
    is_free(ben, BEN, 8 * HOUR, 9 * HOUR);
    is_free(chris, CHRIS, 10 * HOUR, 12 * HOUR);
    is_free(clinic, DORA, 11 * HOUR, 12 * HOUR);
    struct seek seek;
    seek_begin(&seek, (const char *[]){ANNA, BEN, CHRIS, DORA, NULL});
    for (size_t i = 1; i < 4; i++) {
        seek.parties[i].importance = ENTENTE_OPTIONAL;
    }
    seek.spec.quorum = 3;
    const struct entente_search_result *result = seek_found(&seek);
    seek_starts(result, (const int32_t[]){660}, 1);
    assert_int_equal(result->slots[0].heads, 3);
    assert_int_equal(result->slots[0].absent_count, 1);
    assert_int_equal(result->slots[0].absent[0].party, 1);
    seek.spec.quorum = 4;
    result = seek_found(&seek);
    assert_int_equal(result->slots_count, 0);
    assert_true(result->why_not->quorum_blocks);
    const struct entente_relaxation *smaller =
        seek_relaxation(result, ENTENTE_SMALLER_QUORUM);
    assert_non_null(smaller);
    assert_int_equal(smaller->needed, 3);
}

/* ---- when --------------------------------------------------------------------------
 */

static void test_a_series_suits_every_week(void **state)
{
    (void)state;
    struct entente_range annas[6];
    for (int32_t week = 0; week < 3; week++) {
        annas[2 * (size_t)week] = seek_range(week * 7 * DAY + 8 * HOUR,
                                             week * 7 * DAY + 12 * HOUR, ENTENTE_FREE);
        annas[2 * (size_t)week + 1] =
            seek_range(week * 7 * DAY + (8 + week) * HOUR,
                       week * 7 * DAY + (9 + week) * HOUR, ENTENTE_BUSY);
    }
    seek_publish(anna, ANNA, annas, 6, NULL);
    struct seek seek;
    seek_begin(&seek, (const char *[]){ANNA, NULL});
    seek_starts(seek_found(&seek), (const int32_t[]){540, 600, 660}, 3);
    seek.spec.occurrences = 3;
    const struct entente_search_result *found = seek_found(&seek);
    seek_starts(found, (const int32_t[]){660}, 1);
    assert_int_equal(found->slots[0].again_count, 2);
    for (int32_t week = 1; week <= 2; week++) {
        assert_int_equal(found->slots[0].again[week - 1],
                         world.day + 660 + week * 7 * DAY);
    }
    seek.spec.occurrences = 4;
    assert_int_equal(seek_found(&seek)->slots_count, 0);
    seek.spec.occurrences = 65;
    const struct entente_search_result *result = NULL;
    assert_int_equal(seek_ask(&seek, &result), ENTENTE_ERROR_SERIES_TOO_LONG);
}

/* The next holiday of all of France with a fixed date: days after the world's day. */
static int32_t next_holiday(void)
{
    static const int dates[][2] = {{1, 1},  {5, 1},  {5, 8},   {7, 14},
                                   {8, 15}, {11, 1}, {11, 11}, {12, 25}};
    for (int32_t day = 1;; day++) {
        time_t at = (time_t)(world.day + day * DAY) * 60;
        struct tm civil;
        gmtime_r(&at, &civil);
        for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
            if (civil.tm_mon + 1 == dates[i][0] && civil.tm_mday == dates[i][1]) {
                return day;
            }
        }
    }
}

static void test_public_holidays_may_be_left_out(void **state)
{
    (void)state;
    int32_t holiday = next_holiday() * DAY;
    const struct entente_range hours[] = {
        seek_range(holiday + 480, holiday + 540, ENTENTE_FREE),
        seek_range(holiday + DAY + 480, holiday + DAY + 540, ENTENTE_FREE)};
    struct entente_span year = {world.day, world.day + 390 * DAY};
    const struct entente_publish all_year = {.coverage = &year};
    seek_publish(anna, ANNA, hours, 2, &all_year);
    struct seek seek;
    seek_begin(&seek, (const char *[]){ANNA, NULL});
    seek.window =
        (struct entente_span){world.day + holiday, world.day + holiday + 2 * DAY};
    const int32_t starts[] = {holiday + 480, holiday + DAY + 480};
    seek_starts(seek_found(&seek), starts, 2);
    seek.spec.without_public_holidays = true;
    /* 2 January and 26 December are holidays of no other region than Alsace-Moselle. */
    seek_starts(seek_found(&seek), starts + 1, 1);
    seek.spec.holiday_region = "FR-75";
    seek_starts(seek_found(&seek), starts + 1, 1);
    seek.spec.holiday_region = "FR-XX";
    const struct entente_search_result *result = NULL;
    assert_int_equal(seek_ask(&seek, &result), ENTENTE_ERROR_BAD_HOLIDAY_REGION);
    const struct entente_range none = seek_range(0, 1, ENTENTE_BUSY);
    seek_publish(anna, ANNA, &none, 1, NULL);
}

static void test_tentative_time_counts_if_it_may(void **state)
{
    (void)state;
    const struct entente_range annas[] = {
        seek_range(8 * HOUR, 10 * HOUR, ENTENTE_FREE),
        seek_range(8 * HOUR, 9 * HOUR, ENTENTE_TENTATIVE)};
    seek_publish(anna, ANNA, annas, 2, NULL);
    struct seek seek;
    seek_begin(&seek, (const char *[]){ANNA, NULL});
    seek_starts(seek_found(&seek), (const int32_t[]){540}, 1);
    seek.spec.tentative = ENTENTE_TENTATIVE_SOFT;
    const struct entente_search_result *result = seek_found(&seek);
    seek_starts(result, (const int32_t[]){540, 480}, 2);
    assert_int_equal(result->slots[0].typical, 0);
    assert_int_equal(result->slots[1].typical, 1);
}

static void test_notice_and_caps_are_the_agendas_own_business(void **state)
{
    (void)state;
    const struct entente_range free = seek_range(0, 50 * DAY, ENTENTE_FREE);
    int64_t until_day =
        world.day - pg_database_number(world.database, "SELECT (extract(epoch FROM"
                                                       " now()) / 60)::int8");
    const struct entente_publish two_days_more = {.notice_minutes =
                                                      (uint32_t)until_day + 2 * DAY};
    seek_publish(anna, ANNA, &free, 1, &two_days_more);
    struct seek seek;
    seek_begin(&seek, (const char *[]){ANNA, NULL});
    const struct entente_search_result *result = seek_found(&seek);
    assert_true(result->slots_count > 0);
    assert_in_range(result->slots[0].start, world.day + 2 * DAY - 15,
                    world.day + 2 * DAY + 15);
    seek.window.end = world.day + DAY;
    result = seek_found(&seek);
    assert_int_equal(result->slots_count, 0);
    assert_int_equal(result->why_not->blame_count, 1);
    assert_int_equal(result->why_not->blame[0].not_offered,
                     result->why_not->candidates);

    /* One meeting of ours a day. */
    const struct entente_publish once = {.daily_cap = 1};
    seek_publish(anna, ANNA, &free, 1, &once);
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    result = seek_found(&seek);
    assert_int_equal(result->slots_count, 0);
    assert_int_equal(result->why_not->blame[0].busy +
                         result->why_not->blame[0].not_offered,
                     result->why_not->candidates);
    assert_true(result->why_not->blame[0].not_offered > 0);
    const struct entente_meeting held = {.id = {id, 16}};
    circle_called_off(&held);
    assert_true(seek_found(&seek)->slots_count > 0);

    /* A broker that starts again has not forgotten it. */
    seek_publish(anna, ANNA, &free, 1, &two_days_more);
    world_stop_broker(&world, SIGTERM);
    world_start_broker(&world, NULL);
    assert_int_equal(seek_found(&seek)->slots_count, 0);
}

static void test_a_search_that_costs_too_much_is_refused(void **state)
{
    (void)state;
    struct entente_option options[16];
    for (size_t i = 0; i < 16; i++) {
        options[i] = (struct entente_option){1 + i % 4, NULL};
    }
    struct seek seek;
    seek_begin(&seek, both);
    seek.window.end = world.day + 400 * DAY;
    seek.spec.options = options;
    seek.spec.options_count = 16;
    seek.spec.grid_minutes = 1;
    const struct entente_search_result *result = NULL;
    assert_int_equal(seek_ask(&seek, &result), ENTENTE_ERROR_OUT_OF_BOUNDS);
    /* With the grid that it names all is well. */
    seek.spec.grid_minutes = 3;
    assert_int_equal(seek_found(&seek)->slots_count, 0);
}

static void test_the_slots_nearest_to_a_time(void **state)
{
    (void)state;
    is_free(anna, ANNA, 8 * HOUR, 18 * HOUR);
    struct seek seek;
    seek_begin(&seek, (const char *[]){ANNA, NULL});
    seek.search.near = world.day + 15 * HOUR;
    seek.search.slots = 3;
    seek_starts(seek_found(&seek), (const int32_t[]){900, 840, 960}, 3);
}

/* ---- why not -----------------------------------------------------------------------
 */

static void test_an_empty_answer_says_what_would_help(void **state)
{
    (void)state;
    is_free(anna, ANNA, 8 * HOUR, 9 * HOUR);
    const struct entente_range bens[] = {
        seek_range(8 * HOUR, 8 * HOUR + 45, ENTENTE_FREE)};
    seek_publish(ben, BEN, bens, 1, NULL);
    struct seek seek;
    seek_begin(&seek, both);
    const struct entente_search_result *result = seek_found(&seek);
    assert_int_equal(result->slots_count, 0);
    assert_int_equal(result->why_not->feasible, 0);
    assert_int_equal(result->why_not->blocking_count, 1);
    assert_int_equal(result->why_not->blocking[0], 1);
    assert_true(result->why_not->blocking_is_exact);
    const struct entente_relaxation *shorter = seek_relaxation(result, ENTENTE_SHORTER);
    assert_non_null(shorter);
    assert_int_equal(shorter->minutes, 15);
    assert_int_equal(shorter->first, world.day + 480);
    const struct entente_relaxation *without =
        seek_relaxation(result, ENTENTE_WITHOUT_ONE);
    assert_non_null(without);
    assert_int_equal(without->party, 1);
    assert_int_equal(without->feasible, 1);

    /* Two days later both can. */
    const struct entente_range later =
        seek_range(4 * DAY + 600, 4 * DAY + 720, ENTENTE_FREE);
    seek_publish(anna, ANNA, &later, 1, NULL);
    seek_publish(ben, BEN, &later, 1, NULL);
    result = seek_found(&seek);
    const struct entente_relaxation *wider = seek_relaxation(result, ENTENTE_WIDER);
    assert_non_null(wider);
    assert_int_equal(wider->minutes, 2 * DAY);
    assert_int_equal(wider->first, world.day + 4 * DAY + 600);
}

static void test_why_not_is_told_with_slots_too_when_asked(void **state)
{
    (void)state;
    is_free(anna, ANNA, 8 * HOUR, 12 * HOUR);
    is_free(ben, BEN, 11 * HOUR, 12 * HOUR);
    struct seek seek;
    seek_begin(&seek, both);
    seek.search.explain = true;
    const struct entente_search_result *result = seek_found(&seek);
    seek_starts(result, (const int32_t[]){660}, 1);
    assert_non_null(result->why_not);
    assert_int_equal(result->why_not->feasible, 1);
    const struct entente_relaxation *without =
        seek_relaxation(result, ENTENTE_WITHOUT_ONE);
    assert_non_null(without);
    assert_int_equal(without->party, 1);
    assert_int_equal(without->feasible, 13);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_are_tried_in_order_of_preference),
        cmocka_unit_test(test_nobody_is_in_two_places_without_the_way_between),
        cmocka_unit_test(test_a_pool_sends_who_can_come),
        cmocka_unit_test(test_a_quorum_counts_heads),
        cmocka_unit_test(test_a_series_suits_every_week),
        cmocka_unit_test(test_public_holidays_may_be_left_out),
        cmocka_unit_test(test_tentative_time_counts_if_it_may),
        cmocka_unit_test(test_notice_and_caps_are_the_agendas_own_business),
        cmocka_unit_test(test_a_search_that_costs_too_much_is_refused),
        cmocka_unit_test(test_the_slots_nearest_to_a_time),
        cmocka_unit_test(test_an_empty_answer_says_what_would_help),
        cmocka_unit_test(test_why_not_is_told_with_slots_too_when_asked),
    };
    return cmocka_run_group_tests(tests, set_up, circle_tear_down);
}
