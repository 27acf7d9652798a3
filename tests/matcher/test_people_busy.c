// SPDX-License-Identifier: Apache-2.0

/*
 * test_people_busy.c - who of many is free: engagements, how far they are, and what changes
 */
#include "tests/support/test.h"

#include "tests/matcher/people_story.h"

#include <string.h>

/* Nothing of what is asked differs from looking at everybody; how many can come. */
static size_t agree(struct people_story *story, const struct people_question *question,
                    minute_t start, uint32_t people)
{
    static uint64_t set[STORY_BLOCKS * PEOPLE_WORDS];
    size_t wanted = 0;
    size_t count = 0;

    assert_int_equal(people_find(&story->people, &story->agendas, question, start, NULL,
                                 set, &count),
                     MATCH_OK);
    for (uint32_t who = 0; who < people; who++) {
        bool can_come = people_story_can_come(question, &story->all[who], start);
        assert_int_equal(set[who / 64] >> who % 64 & 1, can_come);
        wanted += can_come;
    }
    assert_int_equal(count, wanted);
    return count;
}

/* A free morning of which an hour may be cancelled, compiled and as it was said. */
static void test_what_may_be_cancelled(void **state)
{
    struct people_story story;
    struct people_question question = {.duration = 30};
    struct people_agenda agenda;
    (void)state;

    people_story_init(&story, 1);
    for (uint32_t who = 0; who < 2; who++) {
        agenda = *people_story_free(&story, who, people_story_at(9, 0),
                                    people_story_at(12, 0));
        agenda.ranges[0][1] = (struct match_range){.start = people_story_at(10, 0),
                                                   .end = people_story_at(11, 0),
                                                   .kind = MATCH_TENTATIVE};
        agenda.sources[0].range_count = 2;
        if (who == 1) {
            people_story_compile(&story, &agenda);
        }
        people_story_replace(&story, who, &agenda);
    }
    assert_int_equal(agree(&story, &question, people_story_at(9, 30), 2), 2);
    assert_int_equal(agree(&story, &question, people_story_at(9, 45), 2), 0);
    question.tentative = MATCH_TENTATIVE_SOFT;
    assert_int_equal(agree(&story, &question, people_story_at(9, 45), 2), 2);
    assert_int_equal(agree(&story, &question, people_story_at(11, 45), 2), 0);
    people_story_finish(&story);
}

/* Two places, three ways between them, and one that nobody has heard of. */
static void test_how_far_it_is(void **state)
{
    static const struct match_leg legs[] = {
        {1, 1, 90}, {1, 2, 30}, {2, 1, 45}, {2, 4, 90}};
    struct people_story story;
    struct people_question question = {
        .duration = 30, .option = {.place = 2}, .legs = legs, .leg_count = 4};
    (void)state;

    people_story_init(&story, 1);
    for (uint32_t who = 0; who < 4; who++) {
        struct people_agenda *agenda = people_story_free(
            &story, who, people_story_at(9, 0), people_story_at(18, 0));
        agenda->claims[0] =
            (struct match_span){people_story_at(12, 0), people_story_at(13, 0)};
        agenda->places[0] = (uint16_t)who;
        agenda->is_placeless = who == 0;
        agenda->claim_count = 1;
        people_story_touch(&story, who, people_story_at(12, 0), people_story_at(13, 0));
    }
    assert_int_equal(agree(&story, &question, people_story_at(13, 0), 4), 3);
    assert_int_equal(agree(&story, &question, people_story_at(13, 30), 4), 4);
    assert_int_equal(agree(&story, &question, people_story_at(11, 30), 4), 3);
    assert_int_equal(agree(&story, &question, people_story_at(10, 45), 4), 4);
    question.option.place = 3;
    assert_int_equal(agree(&story, &question, people_story_at(13, 0), 4), 4);
    question.option.modality = 200; /* none that anybody can offer, or all offer it */
    assert_int_equal(agree(&story, &question, people_story_at(13, 0), 4), 4);
    struct people_agenda by_phone = story.all[3];
    by_phone.ranges[0][0].modalities = 1 << 2;
    people_story_replace(&story, 3, &by_phone);
    assert_int_equal(agree(&story, &question, people_story_at(13, 0), 4), 3);
    question.option.modality = 2;
    assert_int_equal(agree(&story, &question, people_story_at(13, 0), 4), 4);
    question.option.modality = 3;
    assert_int_equal(agree(&story, &question, people_story_at(13, 0), 4), 3);
    people_story_finish(&story);
}

/* A quarter of an hour before, or after, or neither. */
static void test_time_before_and_after(void **state)
{
    struct people_story story;
    struct people_question question = {.duration = 30};
    (void)state;

    people_story_init(&story, 1);
    for (uint32_t who = 0; who < 2; who++) {
        struct people_agenda *agenda = people_story_free(
            &story, who, people_story_at(9, 0), people_story_at(18, 0));
        minute_t start = who == 0 ? people_story_at(11, 50) : people_story_at(12, 40);
        agenda->claims[0] = (struct match_span){start, start + 10};
        agenda->claim_count = 1;
        people_story_touch(&story, who, start, start + 10);
    }
    assert_int_equal(agree(&story, &question, people_story_at(12, 0), 2), 2);
    question.buffer_before = 15;
    assert_int_equal(agree(&story, &question, people_story_at(12, 0), 2), 1);
    question.buffer_after = 15;
    assert_int_equal(agree(&story, &question, people_story_at(12, 0), 2), 0);
    question.buffer_before = 0;
    assert_int_equal(agree(&story, &question, people_story_at(12, 0), 2), 1);
    people_story_finish(&story);
}

/* Counting the free ones at each start needs no room for who they are. */
static void test_how_many_at_each_start(void **state)
{
    enum { STARTS = 40 };
    struct people_story story;
    struct people_question question = {.duration = 30};
    struct people_grid grid = {people_story_at(8, 0), 15, STARTS};
    static uint64_t sets[STARTS * STORY_PEOPLE / 64];
    uint32_t counts[STARTS];
    uint32_t again[STARTS];
    (void)state;

    people_story_init(&story, 1);
    people_story_free(&story, 3, people_story_at(9, 0), people_story_at(10, 0));
    people_story_free(&story, 64, people_story_at(9, 20), people_story_at(9, 50));
    people_story_free(&story, 5000, people_story_at(9, 20), people_story_at(12, 0));
    for (int32_t duration = 1; duration <= 181; duration += 12) {
        question.duration = duration;
        assert_int_equal(people_starts(&story.people, &story.agendas, &question, &grid,
                                       NULL, counts, NULL),
                         MATCH_OK);
        assert_int_equal(people_starts(&story.people, &story.agendas, &question, &grid,
                                       NULL, again, sets),
                         MATCH_OK);
        assert_memory_equal(counts, again, sizeof(counts));
        static uint64_t within[STORY_PEOPLE / 64];
        memset(within, 0xff, sizeof(within));
        assert_int_equal(people_starts(&story.people, &story.agendas, &question, &grid,
                                       within, again, NULL),
                         MATCH_OK);
        assert_memory_equal(counts, again, sizeof(counts));
        for (size_t i = 0; i < STARTS; i++) {
            minute_t start = grid.first + (minute_t)i * grid.step;
            assert_int_equal(counts[i], agree(&story, &question, start, 5001));
        }
    }
    grid.first = INT32_MAX - 20 * MINUTES_PER_DAY;
    grid.step = MINUTES_PER_DAY;
    assert_int_equal(people_starts(&story.people, &story.agendas, &question, &grid,
                                   NULL, counts, NULL),
                     MATCH_BAD_WINDOW);
    people_story_finish(&story);
}

/* What changes on the last day that is kept, and before the first. */
static void test_changes_at_the_ends_of_what_is_kept(void **state)
{
    struct people_story story;
    struct people_question question = {.duration = 30};
    minute_t end = (STORY_TODAY + PEOPLE_DAYS) * MINUTES_PER_DAY;
    uint32_t ids[2];
    (void)state;

    people_story_init(&story, 1);
    struct people_agenda *agenda =
        people_story_free(&story, 3, people_story_at(9, 0), end);
    assert_int_equal(people_story_list(&story, &question, end - 60, ids, 2), 1);
    agenda->claims[0] = (struct match_span){end - 90, end - 40};
    agenda->claim_count = 1;
    people_story_touch(&story, 3, end - 90, end - 40);
    assert_int_equal(people_story_list(&story, &question, end - 60, ids, 2), 0);
    assert_int_equal(people_story_list(&story, &question, end - 40, ids, 2), 1);
    people_story_touch(&story, 3, -30, 30);
    people_story_touch(&story, 3, end + MINUTES_PER_DAY, end + MINUTES_PER_DAY + 30);
    assert_int_equal(people_story_list(&story, &question, end - 60, ids, 2), 0);

    /* Whoever is known for other days only is unknown. */
    struct people_agenda past = *agenda;
    past.sources[0].coverage = (struct match_span){0, people_story_at(-48, 0)};
    people_story_replace(&story, 3, &past);
    assert_int_equal(people_story_list(&story, &question, end - 40, ids, 2), 0);
    past.sources[0].coverage =
        (struct match_span){end + 3 * MINUTES_PER_DAY, end + 4 * MINUTES_PER_DAY};
    people_story_replace(&story, 3, &past);
    assert_int_equal(people_story_list(&story, &question, end - 40, ids, 2), 0);
    people_story_finish(&story);
}

/* One meeting a day, on a clock that is behind: the first day of all is the day before. */
static void test_one_meeting_on_the_first_day_of_all(void **state)
{
    static const struct match_offset behind = {0, -120};
    struct people_story story;
    struct people_question question = {
        .duration = 30, .offsets = &behind, .offset_count = 1};
    (void)state;

    people_story_init(&story, 1);
    struct people_agenda *agenda = people_story_free(&story, 0, 0, 600);
    agenda->sources[0].coverage.start = 0;
    agenda->sources[0].daily_cap = 1;
    agenda->claims[0] = (struct match_span){90, 100};
    agenda->claim_count = 1;
    for (minute_t start = 0; start < 300; start += 7) {
        uint32_t ids[1];
        bool is_free = start >= 120;
        assert_int_equal(people_story_list(&story, &question, start, ids, 1), is_free);
    }
    people_story_finish(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_may_be_cancelled),
        cmocka_unit_test(test_how_far_it_is),
        cmocka_unit_test(test_time_before_and_after),
        cmocka_unit_test(test_how_many_at_each_start),
        cmocka_unit_test(test_changes_at_the_ends_of_what_is_kept),
        cmocka_unit_test(test_one_meeting_on_the_first_day_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
