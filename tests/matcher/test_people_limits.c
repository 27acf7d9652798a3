// SPDX-License-Identifier: Apache-2.0

/*
 * test_people_limits.c - who of many is free: what is just allowed is answered, and what
 * is just not allowed is refused
 */
#include "tests/support/test.h"

#include "tests/matcher/people_story.h"

static struct people_story story;

static int begin(void **state)
{
    (void)state;
    people_story_init(&story, 3);
    people_story_free(&story, 0, people_story_at(0, 0), people_story_at(23, 0));
    return 0;
}

static int end(void **state)
{
    (void)state;
    people_story_finish(&story);
    return 0;
}

static void expect(const struct people_question *question, enum match_status status)
{
    size_t count = 0;

    assert_int_equal(people_find(&story.people, &story.agendas, question,
                                 people_story_at(9, 0), NULL, NULL, &count),
                     status);
}

/* Of each number the least and the greatest, and those beside them. */
static void test_numbers_reach_their_limits(void **state)
{
    struct people_question question = {.duration = 30};
    const struct {
        int32_t *number;
        int32_t low;
        int32_t high;
        enum match_status status;
    } limits[] = {
        {&question.duration, 1, MATCH_DURATION_MAX, MATCH_BAD_DURATION},
        {&question.buffer_before, 0, MATCH_BUFFER_MAX, MATCH_BAD_LIMITS},
        {&question.buffer_after, 0, MATCH_BUFFER_MAX, MATCH_BAD_LIMITS},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        question = (struct people_question){.duration = 30};
        *limits[i].number = limits[i].low - 1;
        expect(&question, limits[i].status);
        *limits[i].number = limits[i].low;
        expect(&question, MATCH_OK);
        *limits[i].number = limits[i].high;
        expect(&question, MATCH_OK);
        *limits[i].number = limits[i].high + 1;
        expect(&question, limits[i].status);
    }
    question = (struct people_question){.duration = 30};
    for (unsigned certainties = 0; certainties < 32; certainties++) {
        question.certainties = (uint8_t)certainties;
        expect(&question, (certainties & 17) == 0 ? MATCH_OK : MATCH_BAD_LIMITS);
    }
}

static void test_clocks_reach_their_limits(void **state)
{
    /* The first one is before what is asked of. */
    struct match_offset offsets[] = {{9, 0}, {3, -MINUTES_PER_DAY}, {7, 0}, {11, 0}};
    struct people_question question = {.duration = 30, .offsets = &offsets[1]};
    (void)state;

    for (question.offset_count = 1; question.offset_count <= 3;
         question.offset_count++) {
        struct match_offset *last = &offsets[question.offset_count];

        for (int sign = -1; sign <= 1; sign += 2) {
            last->offset_minutes = sign * MINUTES_PER_DAY;
            expect(&question, MATCH_OK);
            last->offset_minutes += sign;
            expect(&question, MATCH_BAD_LIMITS);
        }
        last->offset_minutes = 0;
        if (question.offset_count == 1) {
            continue;
        }
        minute_t from = last->from;
        last->from = last[-1].from + 1;
        expect(&question, MATCH_OK);
        last->from = last[-1].from;
        expect(&question, MATCH_BAD_LIMITS);
        last->from = from;
    }
}

static void test_ways_reach_their_limits(void **state)
{
    static struct match_leg legs[MATCH_LEGS_MAX + 1];
    struct people_question question = {.duration = 30, .legs = legs};
    (void)state;

    for (size_t i = 0; i <= MATCH_LEGS_MAX; i++) {
        legs[i] = (struct match_leg){(uint16_t)(1 + i / 2), (uint16_t)(1 + i % 2),
                                     i % 3 == 0 ? MATCH_TRAVEL_MAX : 0};
    }
    question.leg_count = MATCH_LEGS_MAX;
    expect(&question, MATCH_OK);
    question.leg_count = MATCH_LEGS_MAX + 1;
    expect(&question, MATCH_BAD_OPTIONS);
    question.leg_count = 3;
    for (size_t i = 0; i < 3; i++) {
        struct match_leg before = legs[i];

        legs[i].minutes = MATCH_TRAVEL_MAX + 1;
        expect(&question, MATCH_BAD_OPTIONS);
        legs[i].minutes = -1;
        expect(&question, MATCH_BAD_OPTIONS);
        legs[i] = before;
        if (i > 0) {
            legs[i] = legs[i - 1];
            expect(&question, MATCH_BAD_OPTIONS);
            legs[i] = before;
        }
        expect(&question, MATCH_OK);
    }
    legs[1].to = 0; /* before the first one, from the same place */
    expect(&question, MATCH_BAD_OPTIONS);
}

/* All of a table of starts are answered, however many at once, and each alone. */
static void test_grids_reach_their_limits(void **state)
{
    static uint32_t counts[MINUTES_PER_DAY + 1];
    const struct people_question question = {.duration = 30};
    const minute_t first = people_story_at(0, 0);
    const struct people_grid grids[] = {
        {first, MINUTES_PER_DAY, 1},
        {first, 1, 1},
        {first, 5, 15},
        {first, 5, 16},
        {first, 5, 17},
        {first, 5, 33},
        {first, 1, MINUTES_PER_DAY},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(grids) / sizeof(grids[0]); i++) {
        counts[grids[i].count] = 77;
        assert_int_equal(people_starts(&story.people, &story.agendas, &question,
                                       &grids[i], NULL, counts, NULL),
                         MATCH_OK);
        for (size_t j = 0; j < grids[i].count; j++) {
            minute_t start = first + (minute_t)j * grids[i].step;
            assert_int_equal(counts[j],
                             people_story_can_come(&question, &story.all[0], start));
        }
        assert_int_equal(counts[grids[i].count], 77);
    }
}

/* Person 1 has all day free, and one meeting, at @claim; may have @cap of them a day, and
 * wants @notice. */
static void engage(int32_t cap, int32_t notice, minute_t claim)
{
    struct people_agenda agenda = {.exists = true, .source_count = 1};

    agenda.sources[0] =
        (struct match_source){.coverage = {-9 * MINUTES_PER_DAY, 9 * MINUTES_PER_DAY},
                              .range_count = 1,
                              .daily_cap = cap,
                              .notice = notice};
    agenda.ranges[0][0] = (struct match_range){.start = -8 * MINUTES_PER_DAY,
                                               .end = 8 * MINUTES_PER_DAY,
                                               .kind = MATCH_FREE,
                                               .certainty = MATCH_DECLARED};
    agenda.claims[0] = (struct match_span){claim, claim + 1};
    agenda.claim_count = 1;
    people_story_replace(&story, 1, &agenda);
}

static void compare(const struct people_question *question, minute_t start)
{
    uint32_t ids[2];
    size_t count = people_story_list(&story, question, start, ids, 2);
    bool can = people_story_can_come(question, &story.all[1], start);

    assert_int_equal(count, can);
    assert_true(!can || ids[0] == 1);
}

/* From the first day of all on, and where each begins and ends. */
static void compare_three_days(const struct people_question *question)
{
    for (minute_t start = 0; start < 3 * MINUTES_PER_DAY; start += 180) {
        compare(question, start);
        compare(question, start + 179);
    }
}

/* Civil days, also those before all of time, end where they end. */
static void test_a_day_is_full_up_to_its_midnight(void **state)
{
    static const int32_t shifts[] = {0, -60, 90, -MINUTES_PER_DAY, MINUTES_PER_DAY};
    struct match_offset offset = {0, 0};
    struct people_question question = {.duration = 1, .offsets = &offset};
    (void)state;

    question.offset_count = 1;
    for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
        offset.offset_minutes = shifts[i];
        for (int day = -4; day <= 3; day++) {
            for (int beside = -1; beside <= 1; beside++) {
                minute_t claim = day * MINUTES_PER_DAY + beside - shifts[i];
                engage(1, 0, claim);
                compare_three_days(&question);
            }
        }
    }
}

static void test_notice_is_kept_to_the_minute(void **state)
{
    struct people_question question = {.duration = 15};
    (void)state;

    for (int32_t notice = 0; notice <= 600; notice += notice < 3 ? 1 : 199) {
        engage(0, notice, -100);
        for (question.now = 0; question.now <= 10; question.now++) {
            for (int beside = -2; beside <= 2; beside++) {
                minute_t start = question.now + notice + beside;
                compare(&question, start < 0 ? 0 : start);
            }
        }
    }
}

/* There are eight ways to meet that a range can name. */
static void test_ways_to_meet_are_told_apart(void **state)
{
    static const uint8_t named[] = {0, 1, 2, 64, 128, 127, 254, 255};
    struct people_agenda agenda = {.exists = true, .source_count = 1};
    (void)state;

    agenda.sources[0].coverage = (struct match_span){0, MINUTES_PER_DAY};
    agenda.sources[0].range_count = 1;
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        agenda.ranges[0][0] = (struct match_range){.start = 0,
                                                   .end = MINUTES_PER_DAY,
                                                   .kind = MATCH_FREE,
                                                   .certainty = MATCH_DECLARED,
                                                   .modalities = named[i]};
        people_story_replace(&story, 1, &agenda);
        for (unsigned way = 0; way <= 17; way++) {
            struct people_question question = {.duration = 30,
                                               .option = {(uint8_t)way, 0}};
            bool is_named =
                way == 0 || named[i] == 0 || (way < 8 && (named[i] >> way & 1) != 0);
            uint32_t ids[2];
            assert_int_equal(people_story_list(&story, &question, 600, ids, 2),
                             is_named);
        }
    }
}

/* Only neighbours are compared, and only those of the list. */
static void test_lists_ascend(void **state)
{
    const struct people_question question = {.duration = 30};
    const uint32_t around[] = {9, 0, 1, 4095, 4096, 8000, 5};
    uint32_t found[5];
    (void)state;

    for (size_t length = 1; length <= 5; length++) {
        size_t count = length;
        assert_int_equal(people_among(&story.people, &story.agendas, &question,
                                      people_story_at(9, 0), around + 1, found, &count),
                         MATCH_OK);
        assert_int_equal(count, 1);
        assert_int_equal(found[0], 0);
    }
    for (size_t i = 1; i < 5; i++) {
        uint32_t ids[] = {0, 1, 2, 3, 4};
        size_t count = 5;
        ids[i] = ids[i - 1];
        assert_int_equal(people_among(&story.people, &story.agendas, &question,
                                      people_story_at(9, 0), ids, found, &count),
                         MATCH_BAD_POOL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_reach_their_limits),
        cmocka_unit_test(test_clocks_reach_their_limits),
        cmocka_unit_test(test_ways_reach_their_limits),
        cmocka_unit_test(test_grids_reach_their_limits),
        cmocka_unit_test(test_lists_ascend),
        cmocka_unit_test(test_a_day_is_full_up_to_its_midnight),
        cmocka_unit_test(test_notice_is_kept_to_the_minute),
        cmocka_unit_test(test_ways_to_meet_are_told_apart),
    };
    return cmocka_run_group_tests_name("people's limits", tests, begin, end);
}
