// SPDX-License-Identifier: Apache-2.0

/*
 * test_people.c - who of many is free: stories, and what cannot be asked
 */
#include "tests/support/test.h"

#include "tests/matcher/people_story.h"

#include <stdlib.h>
#include <string.h>

static void test_three_people_and_half_an_hour(void **state)
{
    struct people_story story;
    struct people_question question = {.duration = 30};
    uint32_t ids[8];
    (void)state;

    people_story_init(&story, 1);
    people_story_free(&story, 3, people_story_at(9, 0), people_story_at(10, 0));
    people_story_free(&story, 64, people_story_at(9, 20), people_story_at(9, 50));
    people_story_free(&story, 5000, people_story_at(9, 20), people_story_at(12, 0));

    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 20), ids, 8), 3);
    assert_int_equal(ids[0], 3);
    assert_int_equal(ids[1], 64);
    assert_int_equal(ids[2], 5000);
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 25), ids, 8), 2);
    assert_int_equal(ids[1], 5000);
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 15), ids, 8), 1);
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(12, 0), ids, 8), 0);
    assert_int_equal(story.looks, 0);

    /* An appointment is made, and called off. */
    story.all[3].claims[0] =
        (struct match_span){people_story_at(9, 30), people_story_at(9, 45)};
    story.all[3].claim_count = 1;
    people_story_touch(&story, 3, people_story_at(9, 30), people_story_at(9, 45));
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 0), ids, 8), 1);
    assert_int_equal(ids[0], 3);
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 15), ids, 8), 0);
    story.all[3].claim_count = 0;
    people_story_touch(&story, 3, people_story_at(9, 30), people_story_at(9, 45));
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 15), ids, 8), 1);

    /* Nobody any more. */
    people_story_replace(&story, 64, &(struct people_agenda){0});
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 20), ids, 8), 2);
    assert_int_equal(story.looks, 0);
    people_story_finish(&story);
}

static void test_minutes_count_though_rows_are_coarse(void **state)
{
    struct people_story story;
    struct people_question question = {.duration = 16};
    uint32_t ids[8];
    (void)state;

    people_story_init(&story, 1);
    people_story_free(&story, 7, people_story_at(9, 2), people_story_at(9, 18));
    people_story_free(&story, 8, people_story_at(9, 0), people_story_at(9, 17));
    people_story_free(&story, 9, people_story_at(8, 0), people_story_at(12, 0));

    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 2), ids, 8), 2);
    assert_int_equal(ids[0], 7);
    assert_int_equal(ids[1], 9);
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 1), ids, 8), 2);
    assert_int_equal(ids[0], 8);
    question.duration = 1;
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 17), ids, 8), 2);
    assert_int_equal(ids[0], 7);
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 1), ids, 8), 2);
    assert_int_equal(ids[0], 8);
    people_story_finish(&story);
}

static void test_a_page_and_the_next_one(void **state)
{
    struct people_story story;
    struct people_question question = {.duration = 30};
    uint32_t ids[4];
    struct people_page page = {.ids = ids, .capacity = 4};
    uint32_t seen = 0;
    (void)state;

    people_story_init(&story, 1);
    for (uint32_t i = 0; i < 10; i++) {
        people_story_free(&story, i * 700, people_story_at(9, 0),
                          people_story_at(10, 0));
    }
    while (page.from != UINT32_MAX) {
        assert_int_equal(people_list(&story.people, NULL, &question,
                                     people_story_at(9, 0), NULL, &page),
                         MATCH_OK);
        for (size_t i = 0; i < page.count; i++) {
            assert_int_equal(ids[i], seen * 700);
            seen++;
        }
        page.from = page.next;
    }
    assert_int_equal(seen, 10);
    people_story_finish(&story);
}

static void test_room_for_everybody(void **state)
{
    enum { ROOM = 2 * PEOPLE_BLOCK };
    static uint32_t ids[ROOM];
    struct people_story story;
    struct people_question question = {.duration = 60};
    struct people_page page = {.ids = ids, .capacity = ROOM};
    uint32_t few[] = {4095, 4096, 4097};
    size_t count = 3;
    (void)state;

    people_story_init(&story, 1);
    people_story_free(&story, 4095, people_story_at(9, 0), people_story_at(10, 0));
    people_story_free(&story, 4096, people_story_at(9, 0), people_story_at(10, 0));
    assert_int_equal(
        people_list(&story.people, NULL, &question, people_story_at(9, 0), NULL, &page),
        MATCH_OK);
    assert_int_equal(page.count, 2);
    assert_int_equal(ids[0], 4095);
    assert_int_equal(ids[1], 4096);
    assert_int_equal(page.next, UINT32_MAX);
    assert_int_equal(people_among(&story.people, NULL, &question, people_story_at(9, 0),
                                  few, few, &count),
                     MATCH_OK);
    assert_int_equal(count, 2);
    assert_int_equal(few[1], 4096);
    count = 0;
    assert_int_equal(people_among(&story.people, NULL, &question, people_story_at(9, 0),
                                  few, few, &count),
                     MATCH_OK);
    assert_int_equal(count, 0);
    people_story_finish(&story);
}

static void expect(struct people_story *story, const struct people_question *question,
                   minute_t start, enum match_status wanted)
{
    uint64_t set[STORY_BLOCKS * PEOPLE_WORDS];
    uint32_t ids[1] = {1};
    size_t count = 1;
    struct people_page page = {.ids = ids, .capacity = 1, .count = 77};
    struct people_grid grid = {start, 15, 1};

    assert_int_equal(
        people_find(&story->people, NULL, question, start, NULL, set, &count), wanted);
    assert_int_equal(count, 1);
    assert_int_equal(people_list(&story->people, NULL, question, start, NULL, &page),
                     wanted);
    assert_int_equal(page.count, 77);
    assert_int_equal(
        people_among(&story->people, NULL, question, start, ids, ids, &count), wanted);
    assert_int_equal(
        people_starts(&story->people, NULL, question, &grid, NULL, ids, NULL), wanted);
}

static void test_filters_that_cannot_be_asked(void **state)
{
    struct people_story story;
    const struct people_question good = {.duration = 30};
    struct people_question bad = good;
    minute_t start = people_story_at(9, 0);
    (void)state;

    people_story_init(&story, 1);
    bad.duration = 0;
    expect(&story, &bad, start, MATCH_BAD_DURATION);
    bad.duration = MATCH_DURATION_MAX + 1;
    expect(&story, &bad, start, MATCH_BAD_DURATION);
    bad = good;
    bad.buffer_before = -1;
    expect(&story, &bad, start, MATCH_BAD_LIMITS);
    bad.buffer_before = MATCH_BUFFER_MAX + 1;
    expect(&story, &bad, start, MATCH_BAD_LIMITS);
    bad = good;
    bad.buffer_after = -1;
    expect(&story, &bad, start, MATCH_BAD_LIMITS);
    bad.buffer_after = MATCH_BUFFER_MAX + 1;
    expect(&story, &bad, start, MATCH_BAD_LIMITS);
    bad = good;
    bad.certainties = 1;
    expect(&story, &bad, start, MATCH_BAD_LIMITS);
    bad = good;
    bad.tentative = (enum match_tentative)2;
    expect(&story, &bad, start, MATCH_BAD_LIMITS);
    expect(&story, &good, -1, MATCH_BAD_WINDOW);
    expect(&story, &good, INT32_MAX, MATCH_BAD_WINDOW);
    people_story_finish(&story);
}

static void test_tables_that_cannot_be_read(void **state)
{
    struct people_story story;
    const struct people_question good = {.duration = 30};
    struct people_question bad = good;
    struct match_leg legs[2] = {{1, 2, 5}, {1, 2, 6}};
    struct match_offset offsets[2] = {{5, 60}, {5, 120}};
    minute_t start = people_story_at(9, 0);
    (void)state;

    people_story_init(&story, 1);
    bad.offsets = offsets;
    bad.offset_count = 2;
    expect(&story, &bad, start, MATCH_BAD_LIMITS);
    offsets[1] = (struct match_offset){6, MINUTES_PER_DAY + 1};
    expect(&story, &bad, start, MATCH_BAD_LIMITS);
    offsets[1].offset_minutes = -MINUTES_PER_DAY - 1;
    expect(&story, &bad, start, MATCH_BAD_LIMITS);
    bad = good;
    bad.legs = legs;
    bad.leg_count = 2;
    expect(&story, &bad, start, MATCH_BAD_OPTIONS);
    legs[1] = (struct match_leg){0, 9, 6};
    expect(&story, &bad, start, MATCH_BAD_OPTIONS);
    legs[1] = (struct match_leg){1, 3, -1};
    expect(&story, &bad, start, MATCH_BAD_OPTIONS);
    legs[1].minutes = MATCH_TRAVEL_MAX + 1;
    expect(&story, &bad, start, MATCH_BAD_OPTIONS);
    bad.leg_count = MATCH_LEGS_MAX + 1;
    expect(&story, &bad, start, MATCH_BAD_OPTIONS);
    people_story_finish(&story);
}

static void test_lists_that_cannot_be_asked_for(void **state)
{
    struct people_story story;
    const struct people_question good = {.duration = 30};
    minute_t start = people_story_at(9, 0);
    uint32_t counts[2];
    const struct {
        struct people_grid grid;
        enum match_status status;
    } grids[] = {
        {{start, 1, 2}, MATCH_OK},
        {{start, 0, 1}, MATCH_BAD_GRID},
        {{start, MINUTES_PER_DAY + 1, 1}, MATCH_BAD_GRID},
        {{start, 15, 0}, MATCH_BAD_GRID},
        {{start, 15, MINUTES_PER_DAY + 1}, MATCH_BAD_GRID},
        {{1066000000, MINUTES_PER_DAY, MINUTES_PER_DAY}, MATCH_BAD_WINDOW},
        {{1066000000, MINUTES_PER_DAY, 1000}, MATCH_BAD_WINDOW},
    };
    uint32_t ids[2] = {4, 4};
    size_t count = 2;
    struct people_page page = {.ids = ids};
    (void)state;

    people_story_init(&story, 1);
    for (size_t i = 0; i < sizeof(grids) / sizeof(grids[0]); i++) {
        assert_int_equal(people_starts(&story.people, NULL, &good, &grids[i].grid, NULL,
                                       counts, NULL),
                         grids[i].status);
    }
    assert_int_equal(people_among(&story.people, NULL, &good, start, ids, ids, &count),
                     MATCH_BAD_POOL);
    assert_int_equal(count, 2);
    assert_int_equal(people_list(&story.people, NULL, &good, start, NULL, &page),
                     MATCH_NO_ROOM);
    people_story_finish(&story);
}

static void test_as_many_blocks_as_fit(void **state)
{
    static struct people people;
    void *memory = aligned_alloc(64, PEOPLE_BLOCK_SIZE);
    (void)state;

    people_init(&people, STORY_TODAY);
    people.block_count = PEOPLE_BLOCKS_MAX;
    assert_false(people_grow(&people, memory));
    free(memory);
}

static void test_midnight_does_not_wait(void **state)
{
    struct people_story story;
    struct people_question question = {.duration = 30};
    uint32_t ids[4];
    (void)state;

    people_story_init(&story, 1);
    people_story_free(&story, 3, people_story_at(9, 0), people_story_at(10, 0));
    people_story_free(&story, 4, people_story_at(9 + 24 * PEOPLE_DAYS, 0),
                      people_story_at(10 + 24 * PEOPLE_DAYS, 0));

    /* Both days stand at the same place of the ring, and neither is taken for the other. */
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 0), ids, 4), 1);
    assert_int_equal(ids[0], 3);
    assert_int_equal(people_story_list(&story, &question,
                                       people_story_at(9 + 24 * PEOPLE_DAYS, 0), ids,
                                       4),
                     1);
    assert_int_equal(ids[0], 4);

    people_roll(&story.people, STORY_TODAY + 1);
    people_roll(&story.people, STORY_TODAY + 1);
    assert_int_equal(people_story_list(&story, &question,
                                       people_story_at(9 + 24 * PEOPLE_DAYS, 0), ids,
                                       4),
                     1);
    assert_int_equal(ids[0], 4);
    assert_true(people_fill(&story.people, &story.agendas));
    assert_int_equal(people_story_list(&story, &question,
                                       people_story_at(9 + 24 * PEOPLE_DAYS, 0), ids,
                                       4),
                     1);

    /* Somebody whose bits are there already changes while the day is half full. */
    people_story_free(&story, 5, people_story_at(9 + 24 * PEOPLE_DAYS, 0),
                      people_story_at(10 + 24 * PEOPLE_DAYS, 0));
    story.all[4].claims[0] =
        (struct match_span){people_story_at(9 + 24 * PEOPLE_DAYS, 5),
                            people_story_at(9 + 24 * PEOPLE_DAYS, 10)};
    story.all[4].claim_count = 1;
    assert_true(people_fill(&story.people, &story.agendas));
    people_story_touch(&story, 4, people_story_at(9 + 24 * PEOPLE_DAYS, 5),
                       people_story_at(9 + 24 * PEOPLE_DAYS, 10));
    while (people_fill(&story.people, &story.agendas)) {
        assert_int_equal(people_story_list(&story, &question,
                                           people_story_at(9 + 24 * PEOPLE_DAYS, 0),
                                           ids, 4),
                         1);
        assert_int_equal(ids[0], 5);
    }
    assert_false(people_fill(&story.people, &story.agendas));
    story.all[4].claim_count = 0;
    people_story_touch(&story, 4, people_story_at(9 + 24 * PEOPLE_DAYS, 5),
                       people_story_at(9 + 24 * PEOPLE_DAYS, 10));
    people_story_replace(&story, 5, &(struct people_agenda){0});

    story.looks = 0;
    assert_int_equal(people_story_list(&story, &question,
                                       people_story_at(9 + 24 * PEOPLE_DAYS, 0), ids,
                                       4),
                     1);
    assert_int_equal(ids[0], 4);
    assert_int_equal(story.looks, 0);
    assert_int_equal(
        people_story_list(&story, &question, people_story_at(9, 0), ids, 4), 1);
    assert_int_equal(ids[0], 3);
    assert_true(story.looks > 0);
    people_story_finish(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_people_and_half_an_hour),
        cmocka_unit_test(test_minutes_count_though_rows_are_coarse),
        cmocka_unit_test(test_a_page_and_the_next_one),
        cmocka_unit_test(test_room_for_everybody),
        cmocka_unit_test(test_filters_that_cannot_be_asked),
        cmocka_unit_test(test_tables_that_cannot_be_read),
        cmocka_unit_test(test_lists_that_cannot_be_asked_for),
        cmocka_unit_test(test_as_many_blocks_as_fit),
        cmocka_unit_test(test_midnight_does_not_wait),
    };
    return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
