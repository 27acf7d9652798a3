// SPDX-License-Identifier: Apache-2.0

/*
 * test_people_edges.c - who of many is free where time begins, and from any of them on
 */
#include "tests/support/test.h"

#include "tests/matcher/people_story.h"

/* The first slots of all reach back over the first midnight with their buffers. */
static void test_a_buffer_reaches_back_to_the_day_before_all(void **state)
{
    struct people_story story;
    (void)state;

    people_story_init(&story, 7);
    for (uint32_t who = 0; who < 4; who++) {
        struct people_agenda agenda = {.exists = true, .source_count = 1};
        agenda.sources[0].coverage = (struct match_span){-100, 3 * MINUTES_PER_DAY};
        agenda.sources[0].range_count = 2;
        /* Busy until 20 minutes, or just, before the beginning. */
        agenda.ranges[0][0] = (struct match_range){
            .start = -60, .end = who % 2 == 0 ? -20 : -1, .kind = MATCH_BUSY};
        agenda.ranges[0][1] = (struct match_range){
            .start = 0, .end = 600, .kind = MATCH_FREE, .certainty = MATCH_DECLARED};
        if (who >= 2) {
            people_story_replace(&story, who, &agenda);
            continue;
        }
        people_story_compile(&story, &agenda);
        people_story_replace(&story, who, &agenda);
    }
    for (int32_t buffer = 0; buffer <= 60; buffer++) {
        struct people_question question = {.duration = 30, .buffer_before = buffer};
        uint32_t ids[4];
        size_t count = people_story_list(&story, &question, 10, ids, 4);
        size_t found = 0;

        for (uint32_t who = 0; who < 4; who++) {
            bool can = people_story_can_come(&question, &story.all[who], 10);
            assert_int_equal(found < count && ids[found] == who, can);
            found += can;
        }
        assert_int_equal(found, buffer <= 11 ? 4 : buffer <= 30 ? 2 : 0);
        assert_int_equal(found, count);
    }
    people_story_finish(&story);
}

/* From whoever a page begins, it has those who follow, as many as fit. */
static void test_a_page_begins_anywhere(void **state)
{
    enum { EVERY = 37, LAST = PEOPLE_BLOCK + 9 * EVERY, ROOM = 3 };
    struct people_story story;
    struct people_question question = {.duration = 30};
    (void)state;

    people_story_init(&story, 8);
    for (uint32_t who = 0; who <= LAST; who += EVERY) {
        people_story_free(&story, who, people_story_at(9, 0), people_story_at(10, 0));
    }
    for (uint32_t from = 0; from < 2 * PEOPLE_BLOCK;
         from += from < 2 * EVERY ? 1 : 11) {
        uint32_t ids[ROOM];
        struct people_page page = {.from = from, .ids = ids, .capacity = ROOM};
        uint32_t who = (from + EVERY - 1) / EVERY * EVERY;

        assert_int_equal(people_list(&story.people, &story.agendas, &question,
                                     people_story_at(9, 15), NULL, &page),
                         MATCH_OK);
        for (size_t i = 0; i < page.count; i++, who += EVERY) {
            assert_int_equal(ids[i], who);
        }
        assert_true(page.count == ROOM || who > LAST);
        assert_true(page.next == UINT32_MAX || page.next > ids[ROOM - 1]);
        assert_true(page.next != UINT32_MAX || who > LAST);
    }
    people_story_finish(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_buffer_reaches_back_to_the_day_before_all),
        cmocka_unit_test(test_a_page_begins_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
