// SPDX-License-Identifier: Apache-2.0

/*
 * test_codec_rules.c - rules over several fields: each refusal with its code and path
 */
#include "tests/proto/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void expect_publish(struct story *story, unsigned code, const char *first,
                           const char *second)
{
    story_expect(story_say(story, ENTENTE_PUBLISH, &story->publish, NULL), code, first,
                 second);
}

static void ranges_must_be_in_order(void **state)
{
    struct story *story = *state;

    expect_publish(story, ERROR_NONE, NULL, NULL);
    story->ranges[2].start = MONDAY + 50;
    expect_publish(story, ERROR_RANGES_UNSORTED, "publish.ranges", "2");
}

static void ranges_of_one_kind_must_not_overlap(void **state)
{
    struct story *story = *state;

    story->ranges[0].end = MONDAY + 120;
    expect_publish(story, ERROR_RANGES_OVERLAP, "publish.ranges", "1");
    story->ranges[1].kind = ENTENTE_BUSY;
    expect_publish(story, ERROR_NONE, NULL, NULL);
    /* Not only neighbours count. */
    story->ranges[0].end = MONDAY + 220;
    expect_publish(story, ERROR_RANGES_OVERLAP, "publish.ranges", "2");
    story->ranges[2].place = "here";
    expect_publish(story, ERROR_NONE, NULL, NULL);
    /* An absent certainty is a declared one. */
    story->ranges[2].place = NULL;
    story->ranges[2].certainty = ENTENTE_DECLARED;
    expect_publish(story, ERROR_RANGES_OVERLAP, "publish.ranges", "2");
    /* Ranges that touch do not overlap. */
    story->ranges[0].end = MONDAY + 200;
    expect_publish(story, ERROR_NONE, NULL, NULL);
}

static void a_range_has_a_length(void **state)
{
    struct story *story = *state;

    story->ranges[1].end = story->ranges[1].start;
    expect_publish(story, ERROR_RANGE_EMPTY, "publish.ranges", "1");
    story->ranges[1].end = story->ranges[1].start - 1;
    expect_publish(story, ERROR_RANGE_REVERSED, "publish.ranges", "1");
    story->coverage.end = MONDAY + 400 * 1440;
    story->ranges[3].end = MONDAY + 400 * 1440;
    story->ranges[1].end = story->ranges[1].start + 1;
    expect_publish(story, ERROR_NONE, NULL, NULL);
    story->coverage.end = MONDAY + 400 * 1440 + 1;
    expect_publish(story, ERROR_RANGE_TOO_LONG, "publish.coverage", "0");
    story->coverage.end = MONDAY + 400 * 1440;
    story->ranges[0].end = story->ranges[0].start + 400 * 1440 + 1;
    expect_publish(story, ERROR_RANGE_TOO_LONG, "publish.ranges", "0");
}

static void ranges_lie_inside_the_coverage(void **state)
{
    struct story *story = *state;

    story->coverage.end = story->ranges[3].end;
    expect_publish(story, ERROR_NONE, NULL, NULL);
    story->coverage.end = story->ranges[3].end - 1;
    expect_publish(story, ERROR_RANGE_OUTSIDE, "publish.ranges", "3");
    story->coverage.end = story->ranges[3].end;
    story->coverage.start = story->ranges[0].start + 1;
    expect_publish(story, ERROR_RANGE_OUTSIDE, "publish.ranges", "0");
}

static void ranges_are_checked_anywhere_without_a_coverage(void **state)
{
    struct story *story = *state;
    struct codec_error error = {0};

    assert_true(
        codec_check_ranges(story->ranges, 4, NULL, "here", &story->arena, &error));
    story->ranges[3].end = story->ranges[3].start;
    assert_false(
        codec_check_ranges(story->ranges, 4, NULL, "here", &story->arena, &error));
    story_expect(error, ERROR_RANGE_EMPTY, "here", "3");
    assert_true(codec_check_ranges(NULL, 0, NULL, "here", &story->arena, &error));
}

static void a_part_has_at_most_512_ranges(void **state)
{
    struct story *story = *state;
    struct entente_range *ranges = arena_array(&story->arena, 513, sizeof(*ranges));

    for (int32_t i = 0; i < 513; i++) {
        ranges[i] = (struct entente_range){
            .start = MONDAY + 2 * i, .end = MONDAY + 2 * i + 1, .kind = ENTENTE_BUSY};
    }
    story->publish.ranges = ranges;
    story->publish.ranges_count = 512;
    expect_publish(story, ERROR_NONE, NULL, NULL);
    story->publish.ranges_count = 513;
    expect_publish(story, ERROR_TOO_MANY, "publish.ranges", "513");
}

static void parts_fit_their_number(void **state)
{
    struct story *story = *state;

    story->publish.part = 2;
    expect_publish(story, ERROR_FIELD_CONFLICT, "publish.part", "publish.parts");
    story->publish.parts = 2;
    expect_publish(story, ERROR_NONE, NULL, NULL);
    story->publish.publication = ENTENTE_DELTA;
    expect_publish(story, ERROR_FIELD_CONFLICT, "publish.publication", "publish.parts");
}

static void expect_answer(struct story *story, unsigned code, const char *first,
                          const char *second)
{
    story_expect(story_say(story, ENTENTE_ANSWER, &story->answer, NULL), code, first,
                 second);
}

static void only_a_shift_names_times(void **state)
{
    struct story *story = *state;
    struct entente_span times[2] = {{MONDAY, MONDAY + 60}, {MONDAY + 60, MONDAY + 90}};

    expect_answer(story, ERROR_NONE, NULL, NULL);
    story->answer.counter_start = MONDAY;
    expect_answer(story, ERROR_FIELD_CONFLICT, "answer.kind", "answer.counter_start");
    story->answer.kind = ENTENTE_SHIFT;
    expect_answer(story, ERROR_NONE, NULL, NULL);
    story->answer.ranges = times;
    story->answer.ranges_count = 2;
    expect_answer(story, ERROR_FIELD_CONFLICT, "answer.ranges", "answer.counter_start");
    story->answer.counter_start = 0;
    expect_answer(story, ERROR_NONE, NULL, NULL);
    times[1].start = MONDAY + 59;
    expect_answer(story, ERROR_RANGES_OVERLAP, "answer.ranges", "1");
    times[1] = (struct entente_span){MONDAY - 60, MONDAY - 30};
    expect_answer(story, ERROR_RANGES_UNSORTED, "answer.ranges", "1");
    times[1].end = times[1].start;
    expect_answer(story, ERROR_RANGE_EMPTY, "answer.ranges", "1");
    /* Without any time it means: not this one. */
    story->answer.ranges_count = 0;
    expect_answer(story, ERROR_NONE, NULL, NULL);
    story->answer.kind = 0;
    expect_answer(story, ERROR_FIELD_MISSING, "answer.kind", NULL);
    story->answer.kind = 9;
    expect_answer(story, ERROR_UNKNOWN_VALUE, "answer.kind", "9");
}

static void expect_decide(struct story *story, unsigned code, const char *first,
                          const char *second)
{
    story_expect(story_say(story, ENTENTE_DECIDE, &story->decide, NULL), code, first,
                 second);
}

static void a_decision_has_what_it_needs(void **state)
{
    struct story *story = *state;

    expect_decide(story, ERROR_NONE, NULL, NULL);
    story->decide.party = &story->people[1];
    expect_decide(story, ERROR_FIELD_CONFLICT, "decide.decision", "decide.party");
    story->decide.decision = ENTENTE_WITHOUT_PARTY;
    expect_decide(story, ERROR_FIELD_CONFLICT, "decide.decision", "decide.start");
    story->decide.start = 0;
    expect_decide(story, ERROR_NONE, NULL, NULL);
    story->decide.party = NULL;
    expect_decide(story, ERROR_FIELD_MISSING, "decide.party", NULL);
    story->decide.decision = ENTENTE_PROPOSE_SLOT;
    expect_decide(story, ERROR_FIELD_MISSING, "decide.start", NULL);
}

static void a_question_has_a_beginning_and_an_end(void **state)
{
    struct story *story = *state;
    struct entente_query_free query = {
        .person = &story->people[0], .from = MONDAY, .until = MONDAY};

    story_expect(story_say(story, ENTENTE_QUERY_FREE, &query, NULL), ERROR_RANGE_EMPTY,
                 "query_free", "0");
    query.until = MONDAY - 1;
    story_expect(story_say(story, ENTENTE_QUERY_FREE, &query, NULL),
                 ERROR_RANGE_REVERSED, "query_free", "0");
    query.until = MONDAY + 400 * 1440 + 1;
    story_expect(story_say(story, ENTENTE_QUERY_FREE, &query, NULL),
                 ERROR_RANGE_TOO_LONG, "query_free", "0");
}

static void what_the_broker_says_is_checked_too(void **state)
{
    struct story *story = *state;
    struct entente_free_ranges free_ranges = {
        .person = &story->people[0], .ranges = story->ranges, .ranges_count = 4};
    struct entente_hello hello = {.version_min = 2, .version_max = 1};

    story_expect(story_say(story, ENTENTE_FREE_RANGES, &free_ranges, NULL), ERROR_NONE,
                 NULL, NULL);
    story->ranges[1].start = MONDAY - 1;
    story_expect(story_say(story, ENTENTE_FREE_RANGES, &free_ranges, NULL),
                 ERROR_RANGES_UNSORTED, "free_ranges.ranges", "1");
    story_expect(story_say(story, ENTENTE_HELLO, &hello, NULL), ERROR_FIELD_CONFLICT,
                 "hello.version_min", "hello.version_max");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_set_up, story_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ranges_must_be_in_order),
        TEST(ranges_of_one_kind_must_not_overlap),
        TEST(a_range_has_a_length),
        TEST(ranges_lie_inside_the_coverage),
        TEST(ranges_are_checked_anywhere_without_a_coverage),
        TEST(a_part_has_at_most_512_ranges),
        TEST(parts_fit_their_number),
        TEST(only_a_shift_names_times),
        TEST(a_decision_has_what_it_needs),
        TEST(a_question_has_a_beginning_and_an_end),
        TEST(what_the_broker_says_is_checked_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
