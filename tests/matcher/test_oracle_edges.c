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
        cmocka_unit_test(test_the_longest_window_is_not_widened),
        cmocka_unit_test(test_of_parties_with_the_same_id_the_first_is_blamed),
        cmocka_unit_test(test_an_option_that_is_not_there_is_refused),
        cmocka_unit_test(test_arrays_that_are_not_there_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
