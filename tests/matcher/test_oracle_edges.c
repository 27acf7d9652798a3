// SPDX-License-Identifier: Apache-2.0

/*
 * What random requests do not come near: as many relaxations as there is room for, the
 * longest window, equal ids, options and arrays that are not there.
 */
#include "matcher/explain.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

enum { DAY = MINUTES_PER_DAY, OTHERS = MATCH_RELAXATIONS_MAX + 6 };

static struct {
    struct match_request request;
    struct match_span window;
    struct match_party parties[3];
    struct match_source sources[3];
    struct match_range ranges[3];
    struct match_person members[2][2];
    struct match_result result;
    struct match_why why;
} asked;

/* Three parties, of whom nobody offers anything but at place 1 in the first hour. */
static void begin(void)
{
    memset(&asked, 0, sizeof(asked));
    asked.window.end = DAY;
    asked.request.duration = 60;
    asked.request.windows = &asked.window;
    asked.request.window_count = 1;
    asked.request.parties = asked.parties;
    asked.request.party_count = 3;
    asked.request.wanted = 1;
    for (size_t i = 0; i < 3; i++) {
        asked.ranges[i] = (struct match_range){
            .end = 60, .kind = MATCH_FREE, .certainty = MATCH_DECLARED, .place = 1};
        asked.sources[i] = (struct match_source){
            .coverage = {0, 500 * DAY}, .ranges = &asked.ranges[i], .range_count = 1};
        asked.parties[i] = (struct match_party){
            .importance = MATCH_INDISPENSABLE,
            .id = i,
            .person = {.sources = &asked.sources[i], .source_count = 1}};
    }
}

static enum match_status explain(const struct match_leeway *leeway)
{
    size_t size = match_workspace_size(&asked.request);
    void *workspace = malloc(size + 1);
    assert_non_null(workspace);
    enum match_status status =
        match_explain(&asked.request, leeway, workspace, size, &asked.why);
    free(workspace);
    return status;
}

static enum match_status judge(uint32_t option)
{
    size_t size = match_workspace_size(&asked.request);
    void *workspace = malloc(size + 1);
    bool feasible = false;
    assert_non_null(workspace);
    enum match_status status = match_judge(&asked.request, 0, option, workspace, size,
                                           &asked.result, &feasible);
    free(workspace);
    return status;
}

static void test_no_more_relaxations_than_there_is_room_for(void **state)
{
    (void)state;
    static struct match_option others[OTHERS];
    static const struct match_option elsewhere = {0, 9};
    struct match_leeway leeway = {.others = others, .other_count = OTHERS};

    begin();
    asked.request.options = &elsewhere;
    asked.request.option_count = 1;
    for (size_t i = 0; i < OTHERS; i++) {
        others[i].modality = (uint8_t)(i + 1);
        others[i].place = 1;
    }
    assert_int_equal(explain(&leeway), MATCH_OK);
    assert_int_equal(asked.why.relaxation_count, MATCH_RELAXATIONS_MAX);
    for (size_t i = 0; i < MATCH_RELAXATIONS_MAX; i++) {
        assert_int_equal(asked.why.relaxations[i].kind, MATCH_OTHER_OPTION);
        assert_int_equal(asked.why.relaxations[i].option.modality, i + 1);
        assert_int_equal(asked.why.relaxations[i].feasible, 1);
        assert_int_equal(asked.why.relaxations[i].first, 0);
    }
}

static void test_the_best_of_too_many_relaxations_stays(void **state)
{
    (void)state;
    static struct match_option others[OTHERS];
    static const struct match_option elsewhere = {0, 9};
    static struct match_range ranges[2];
    struct match_leeway leeway = {.others = others, .other_count = OTHERS};

    begin();
    asked.request.options = &elsewhere;
    asked.request.option_count = 1;
    asked.request.party_count = 1;
    ranges[0] = asked.ranges[0];
    ranges[1] = asked.ranges[0];
    ranges[1].place = 2;
    ranges[1].end = 120; /* longer than at place 1 */
    asked.sources[0].ranges = ranges;
    asked.sources[0].range_count = 2;
    for (size_t i = 0; i < OTHERS; i++) {
        others[i].modality = (uint8_t)(i + 1);
        others[i].place = i + 1 < OTHERS ? 1 : 2;
    }
    /* What is named twice is told once. */
    leeway.other_count = 3;
    others[1] = others[0];
    assert_int_equal(explain(&leeway), MATCH_OK);
    assert_int_equal(asked.why.relaxation_count, 2);
    assert_int_equal(asked.why.relaxations[1].option.modality, 3);
    leeway.other_count = OTHERS;
    others[1].modality = 2;
    assert_int_equal(explain(&leeway), MATCH_OK);
    assert_int_equal(asked.why.relaxation_count, MATCH_RELAXATIONS_MAX);
    assert_int_equal(asked.why.relaxations[0].option.modality, OTHERS);
    assert_int_equal(asked.why.relaxations[0].feasible, 5);
    for (size_t i = 1; i < MATCH_RELAXATIONS_MAX; i++) {
        assert_int_equal(asked.why.relaxations[i].option.modality, i);
    }
}

static void test_who_is_never_free_gains_nothing(void **state)
{
    (void)state;
    struct match_leeway leeway = {.wider_days = MATCH_WINDOW_DAYS_MAX + 2};

    begin();
    asked.request.grid = 480;
    for (size_t i = 0; i < 3; i++) {
        asked.sources[i].range_count = 0;
    }
    assert_int_equal(explain(&leeway), MATCH_OK);
    assert_int_equal(asked.why.feasible, 0);
    assert_int_equal(asked.why.relaxation_count, 0);
}

/* Two windows, far apart, the second of which is widened by a hundred days and more. */
static void test_a_window_after_a_long_pause_is_widened(void **state)
{
    (void)state;
    static struct match_span windows[3];
    struct match_leeway leeway = {.wider_days = 150};

    begin();
    windows[0] = (struct match_span){0, 90};
    windows[1] = (struct match_span){100 * DAY, 100 * DAY + 90};
    windows[2] = (struct match_span){150 * DAY, 210 * DAY + 60}; /* is none of them */
    asked.request.windows = windows;
    asked.request.window_count = 2;
    for (size_t i = 0; i < 3; i++) {
        asked.ranges[i].place = 0;
        asked.ranges[i].start = 210 * DAY;
        asked.ranges[i].end = 210 * DAY + 90;
    }
    assert_int_equal(explain(&leeway), MATCH_OK);
    assert_int_equal(asked.why.feasible, 0);
    assert_int_equal(asked.why.relaxation_count, 1);
    assert_int_equal(asked.why.relaxations[0].kind, MATCH_WIDER);
    assert_int_equal(asked.why.relaxations[0].minutes, 110 * DAY);
    assert_int_equal(asked.why.relaxations[0].feasible, 3);
    assert_int_equal(asked.why.relaxations[0].first, 210 * DAY);
}

/* Two pools of two, both needed whole, of which one member each is never free. */
static void test_of_two_pools_the_one_that_gives_more_is_made_smaller(void **state)
{
    (void)state;
    static const struct match_leeway leeway = {.without_party = true};

    begin();
    asked.request.party_count = 2;
    asked.parties[1].importance = MATCH_OPTIONAL;
    for (size_t i = 0; i < 2; i++) {
        asked.members[i][0] = asked.parties[i].person;
        asked.members[i][0].id = 10 + 2 * i;
        asked.members[i][1] = (struct match_person){.id = 11 + 2 * i};
        asked.parties[i].members = asked.members[i];
        asked.parties[i].member_count = 2;
        asked.parties[i].needed = 2;
    }
    assert_int_equal(explain(&leeway), MATCH_OK);
    assert_int_equal(asked.why.relaxation_count, 1);
    assert_int_equal(asked.why.relaxations[0].kind, MATCH_SMALLER_POOL);
    assert_int_equal(asked.why.relaxations[0].party, 0);

    /* With a head to be counted either pool would do: the first is named. */
    asked.parties[0].importance = MATCH_OPTIONAL;
    assert_int_equal(explain(&leeway), MATCH_OK);
    assert_int_equal(asked.why.relaxation_count, 1);
    assert_int_equal(asked.why.relaxations[0].party, 0);
    assert_int_equal(asked.why.relaxations[0].needed, 1);

    /* Unless the second gives more starts. */
    asked.ranges[1].end = 120;
    assert_int_equal(explain(&leeway), MATCH_OK);
    assert_int_equal(asked.why.relaxation_count, 1);
    assert_int_equal(asked.why.relaxations[0].party, 1);
    assert_int_equal(asked.why.relaxations[0].feasible, 5);
}

static void test_the_longest_window_is_not_widened(void **state)
{
    (void)state;
    struct match_leeway leeway = {.wider_days = 3};

    begin();
    asked.window.end = MATCH_WINDOW_DAYS_MAX * DAY;
    asked.ranges[0].place = 0;
    for (size_t i = 0; i < 3; i++) {
        asked.ranges[i].start = MATCH_WINDOW_DAYS_MAX * DAY;
        asked.ranges[i].end = asked.ranges[i].start + 90;
    }
    assert_int_equal(explain(&leeway), MATCH_OK);
    assert_int_equal(asked.why.feasible, 0);
    assert_int_equal(asked.why.relaxation_count, 0);

    /* A day less, and a day more is allowed again. */
    asked.window.start = DAY;
    assert_int_equal(explain(&leeway), MATCH_OK);
    assert_int_equal(asked.why.relaxation_count, 1);
    assert_int_equal(asked.why.relaxations[0].kind, MATCH_WIDER);
    assert_int_equal(asked.why.relaxations[0].minutes, DAY);
    assert_int_equal(asked.why.relaxations[0].feasible, 3);
}

static void test_of_parties_with_the_same_id_the_first_is_blamed(void **state)
{
    (void)state;
    static const struct match_leeway none;

    begin();
    for (size_t i = 0; i < 3; i++) {
        asked.parties[i].id = 7;
        asked.sources[i].range_count = i == 0 ? 1 : 0;
    }
    assert_int_equal(explain(&none), MATCH_OK);
    assert_int_equal(asked.why.blocking_count, 1);
    assert_int_equal(asked.why.blocking[0], 1);
    assert_true(asked.why.blocking_is_exact);
}

static void test_an_option_that_is_not_there_is_refused(void **state)
{
    (void)state;
    static const struct match_option options[2] = {{1, 0}, {2, 0}};

    begin();
    assert_int_equal(judge(0), MATCH_OK);
    assert_int_equal(judge(1), MATCH_BAD_OPTIONS);
    asked.request.options = options;
    asked.request.option_count = 2;
    assert_int_equal(judge(1), MATCH_OK);
    assert_int_equal(judge(2), MATCH_BAD_OPTIONS);
}

static void test_arrays_that_are_not_there_are_refused(void **state)
{
    (void)state;
    static const struct match_leeway none;

    begin();
    asked.sources[1].ranges = NULL;
    assert_int_equal(explain(&none), MATCH_BAD_RANGES);
    begin();
    asked.parties[1].person.claim_count = 1;
    assert_int_equal(explain(&none), MATCH_BAD_PARTIES);
    begin();
    asked.parties[1].person.sources = NULL;
    assert_int_equal(explain(&none), MATCH_BAD_PARTIES);
    begin();
    asked.request.windows = NULL;
    assert_int_equal(explain(&none), MATCH_BAD_WINDOW);
    begin();
    asked.request.picked_count = 1;
    assert_int_equal(explain(&none), MATCH_BAD_WINDOW);
    begin();
    asked.request.offset_count = 1;
    assert_int_equal(explain(&none), MATCH_BAD_LIMITS);
    begin();
    asked.request.parties = NULL;
    assert_int_equal(explain(&none), MATCH_BAD_PARTIES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_more_relaxations_than_there_is_room_for),
        cmocka_unit_test(test_the_best_of_too_many_relaxations_stays),
        cmocka_unit_test(test_who_is_never_free_gains_nothing),
        cmocka_unit_test(test_a_window_after_a_long_pause_is_widened),
        cmocka_unit_test(test_of_two_pools_the_one_that_gives_more_is_made_smaller),
        cmocka_unit_test(test_the_longest_window_is_not_widened),
        cmocka_unit_test(test_of_parties_with_the_same_id_the_first_is_blamed),
        cmocka_unit_test(test_an_option_that_is_not_there_is_refused),
        cmocka_unit_test(test_arrays_that_are_not_there_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
