// SPDX-License-Identifier: Apache-2.0

/*
 * test_people_laws.c - who of many is free: the rows against looking at everybody, while
 * agendas change and days go by.  RANDOM_SEED in the environment repeats a run.
 */
#include "tests/support/test.h"

#include "tests/matcher/people_story.h"
#include "tests/support/rounds.h"

#include <stdlib.h>
#include <string.h>

enum { SOME = 70 }; /* people who have an agenda */

static uint64_t first_seed(void)
{
    const char *given = getenv("RANDOM_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 1;
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void touch(struct people_story *story, uint32_t who, minute_t from,
                  minute_t until)
{
    struct match_person person;

    assert_true(people_story_person(&story->all[who], &person));
    people_touch(&story->people, who, &person, from, until);
}

/* What may be asked, of those whom the story knows. */
static void random_question(struct people_story *story, bool is_wild,
                            struct people_question *ret_question)
{
    static const struct match_leg legs[] = {{1, 2, 40}, {2, 1, 25}};
    static const struct match_offset offsets[] = {
        {0, 60}, {(STORY_TODAY + 4) * MINUTES_PER_DAY + 60, 120}};

    *ret_question = (struct people_question){
        .duration = people_story_random(story, 3) == 0
                        ? 1 + (int32_t)people_story_random(story, 50)
                        : 5 * (1 + (int32_t)people_story_random(story, 13)),
        .now = STORY_TODAY * MINUTES_PER_DAY + 600,
    };
    if (!is_wild) {
        return;
    }
    ret_question->offsets = offsets;
    ret_question->offset_count = 2;
    if (people_story_random(story, 2) == 0) {
        return;
    }
    ret_question->option.modality = (uint8_t)people_story_random(story, 3);
    ret_question->option.place = (uint16_t)people_story_random(story, 3);
    ret_question->certainties = (uint8_t)(people_story_random(story, 8) * 2);
    ret_question->purposes = people_story_random(story, 3);
    ret_question->tentative =
        (enum match_tentative)(people_story_random(story, 4) == 0);
    if (people_story_random(story, 2) == 0) {
        ret_question->buffer_before = (int32_t)people_story_random(story, 60);
        ret_question->buffer_after = (int32_t)people_story_random(story, 60);
    }
    ret_question->legs = legs;
    ret_question->leg_count = 2;
}

static minute_t random_start(struct people_story *story)
{
    int32_t unit = people_story_random(story, 3) == 0 ? 1 : PEOPLE_CELL;
    int32_t days = people_story_random(story, 8) == 0 ? STORY_DAYS : PEOPLE_DAYS;
    int32_t day = people_story_random(story, 8) == 0
                      ? story->people.today
                      : story->people.today - 1 +
                            (int32_t)people_story_random(story, (uint32_t)days + 1);
    return day * MINUTES_PER_DAY +
           unit *
               (int32_t)people_story_random(story, (uint32_t)(MINUTES_PER_DAY / unit));
}

/* One question, asked in every way, against looking at everybody. */
static void compare(struct people_story *story, const uint32_t *known, size_t count,
                    bool is_wild)
{
    static uint64_t wanted[STORY_BLOCKS * PEOPLE_WORDS];
    static uint64_t within[STORY_BLOCKS * PEOPLE_WORDS];
    static uint64_t set[3 * STORY_BLOCKS * PEOPLE_WORDS];
    uint32_t ids[SOME + 1];
    uint32_t counts[3];
    struct people_question question;
    minute_t start = random_start(story);
    size_t free_count = 0;
    size_t found;
    bool has_within = people_story_random(story, 2) == 0;

    random_question(story, is_wild, &question);
    memset(wanted, 0, sizeof(wanted));
    for (size_t i = 0; i < sizeof(within) / sizeof(*within); i++) {
        within[i] = has_within ? (uint64_t)people_story_random(story, UINT32_MAX) *
                                     people_story_random(story, UINT32_MAX)
                               : UINT64_MAX;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t who = known[i];
        bool can_come = (within[who / 64] >> who % 64 & 1) &&
                        people_story_can_come(&question, &story->all[who], start);
        wanted[who / 64] |= (uint64_t)can_come << who % 64;
        free_count += can_come;
    }
    const uint64_t *asked = has_within ? within : NULL;
    assert_int_equal(people_find(&story->people, &story->agendas, &question, start,
                                 asked, set, &found),
                     MATCH_OK);
    assert_memory_equal(set, wanted, sizeof(wanted));
    assert_int_equal(found, free_count);
    assert_int_equal(people_find(&story->people, &story->agendas, &question, start,
                                 asked, NULL, &found),
                     MATCH_OK);
    assert_int_equal(found, free_count);

    struct people_page page = {.ids = ids, .capacity = SOME};
    assert_int_equal(
        people_list(&story->people, &story->agendas, &question, start, asked, &page),
        MATCH_OK);
    assert_int_equal(page.count, free_count);
    for (size_t i = 0; i < page.count; i++) {
        assert_true(i == 0 || ids[i - 1] < ids[i]);
        assert_true(wanted[ids[i] / 64] >> ids[i] % 64 & 1);
    }

    struct people_grid grid = {start, 15, 3};
    if (start + 45 < (story->people.today + PEOPLE_DAYS + 6) * MINUTES_PER_DAY) {
        assert_int_equal(people_starts(&story->people, &story->agendas, &question,
                                       &grid, asked, counts, set),
                         MATCH_OK);
        assert_memory_equal(set, wanted, sizeof(wanted));
        assert_int_equal(counts[0], free_count);
        assert_int_equal(people_find(&story->people, &story->agendas, &question,
                                     start + 30, asked, NULL, &found),
                         MATCH_OK);
        assert_int_equal(counts[2], found);
    }

    memcpy(set, within, sizeof(within));
    assert_int_equal(
        people_find(&story->people, &story->agendas, &question, start, set, set, NULL),
        MATCH_OK);
    assert_memory_equal(set, wanted, sizeof(wanted));
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void compare_among(struct people_story *story, const uint32_t *known,
                          size_t count)
{
    uint32_t asked[SOME + 1];
    uint32_t ids[SOME + 1];
    struct people_question question;
    minute_t start = random_start(story);
    size_t asked_count = 0;
    size_t found;
    size_t wanted = 0;

    random_question(story, true, &question);
    for (size_t i = 0; i < count; i++) {
        if (people_story_random(story, 2) == 0) {
            asked[asked_count] = known[i];
            asked_count++;
        }
    }
    qsort(asked, asked_count, sizeof(*asked), ascending);
    asked[asked_count] = STORY_PEOPLE + 5;
    found = asked_count + 1;
    assert_int_equal(people_among(&story->people, &story->agendas, &question, start,
                                  asked, ids, &found),
                     MATCH_OK);
    for (size_t i = 0; i < asked_count; i++) {
        if (people_story_can_come(&question, &story->all[asked[i]], start)) {
            assert_true(wanted < found);
            assert_int_equal(ids[wanted], asked[i]);
            wanted++;
        }
    }
    assert_int_equal(wanted, found);
}

static void invent_some(struct people_story *story, bool is_wild,
                        uint32_t known[static SOME])
{
    for (size_t i = 0; i < SOME; i++) {
        struct people_agenda agenda;
        do {
            known[i] = people_story_random(story, STORY_PEOPLE);
        } while (story->all[known[i]].exists);
        people_story_invent(story, story->people.today - 2, is_wild, &agenda);
        people_story_replace(story, known[i], &agenda);
    }
}

static void test_everybody_is_judged_right(void **state)
{
    uint64_t seed = first_seed();
    size_t rounds = rounds_of(12);
    (void)state;

    for (uint64_t round = 0; round < rounds; round++) {
        struct people_story story;
        uint32_t known[SOME];
        bool is_wild = round % 3 != 0;

        people_story_init(&story, seed + round);
        invent_some(&story, is_wild, known);
        for (int i = 0; i < 60; i++) {
            compare(&story, known, SOME, is_wild);
            compare_among(&story, known, SOME);
        }
        people_story_finish(&story);
    }
}

static void test_on_cells_nobody_is_looked_at(void **state)
{
    struct people_story story;
    uint32_t known[SOME];
    (void)state;

    people_story_init(&story, first_seed());
    invent_some(&story, false, known);
    for (size_t i = 0; i < rounds_of(300); i++) {
        struct people_question question = {
            .duration = PEOPLE_WINDOW +
                        PEOPLE_CELL * (int32_t)people_story_random(&story, 280)};
        int32_t cells = PEOPLE_DAYS * MINUTES_PER_DAY - question.duration;
        minute_t start = STORY_TODAY * MINUTES_PER_DAY +
                         PEOPLE_CELL * (int32_t)people_story_random(
                                           &story, (uint32_t)cells / PEOPLE_CELL + 1);
        size_t count;
        size_t wanted = 0;
        assert_int_equal(people_find(&story.people, &story.agendas, &question, start,
                                     NULL, NULL, &count),
                         MATCH_OK);
        for (size_t j = 0; j < SOME; j++) {
            wanted += people_story_can_come(&question, &story.all[known[j]], start);
        }
        assert_int_equal(count, wanted);
    }
    assert_int_equal(story.looks, 0);
    people_story_finish(&story);
}

/* Change something of somebody, and say so. */
static void disturb(struct people_story *story, uint32_t who)
{
    struct people_agenda *agenda = &story->all[who];
    struct people_agenda next;

    switch (people_story_random(story, 4)) {
    case 0:
        people_story_invent(story, story->people.today - 2, true, &next);
        people_story_replace(story, who, &next);
        break;
    case 1:
        next = *agenda;
        next.exists = !agenda->exists;
        people_story_replace(story, who, &next);
        break;
    case 2:
        if (agenda->claim_count > 0 && agenda->exists) {
            agenda->claim_count--;
            touch(story, who, agenda->claims[agenda->claim_count].start,
                  agenda->claims[agenda->claim_count].end);
        }
        break;
    default:
        if (agenda->claim_count < STORY_CLAIMS && agenda->exists) {
            agenda->claim_count++;
            touch(story, who, agenda->claims[agenda->claim_count - 1].start,
                  agenda->claims[agenda->claim_count - 1].end);
        }
        break;
    }
}

/* The rows are those that somebody would make who begins today. */
static void assert_fresh(struct people_story *story, const uint32_t *known)
{
    struct people_story fresh;

    people_story_init(&fresh, 1);
    people_roll(&fresh.people, story->people.today);
    while (people_fill(&fresh.people, &fresh.agendas)) {
    }
    for (size_t i = 0; i < SOME; i++) {
        people_story_replace(&fresh, known[i], &story->all[known[i]]);
    }
    while (people_fill(&story->people, &story->agendas)) {
    }
    for (int day = 0; day < PEOPLE_DAYS; day++) {
        struct people_question question = {.duration = PEOPLE_WINDOW};
        for (int i = 0; i < 40; i++) {
            static uint64_t sets[2][STORY_BLOCKS * PEOPLE_WORDS];
            minute_t start = (story->people.today + day) * MINUTES_PER_DAY +
                             (int32_t)people_story_random(story, MINUTES_PER_DAY);
            people_find(&story->people, NULL, &question, start, NULL, sets[0], NULL);
            people_find(&fresh.people, NULL, &question, start, NULL, sets[1], NULL);
            assert_memory_equal(sets[0], sets[1], sizeof(sets[0]));
        }
    }
    people_story_finish(&fresh);
}

static void live_through_a_day(struct people_story *story, const uint32_t *known)
{
    for (int i = 0; i < 12; i++) {
        disturb(story, known[people_story_random(story, SOME)]);
        compare(story, known, SOME, true);
        if (people_story_random(story, 3) == 0) {
            people_fill(&story->people, &story->agendas);
        }
    }
    people_roll(&story->people,
                story->people.today + (int32_t)people_story_random(story, 4));
}

static void test_days_go_by_and_agendas_change(void **state)
{
    uint64_t seed = first_seed();
    size_t rounds = rounds_of(4);
    (void)state;

    for (uint64_t round = 0; round < rounds; round++) {
        struct people_story story;
        uint32_t known[SOME];

        people_story_init(&story, seed + 1000 + round);
        invent_some(&story, true, known);
        for (int day = 0; day < 8; day++) {
            live_through_a_day(&story, known);
        }
        assert_fresh(&story, known);
        people_story_finish(&story);
    }
}

/* Everybody who is asked, out of @set, is found to come if they can. */
static void compare_many(struct people_story *story, uint32_t many, uint32_t apart)
{
    static uint64_t set[STORY_BLOCKS * PEOPLE_WORDS];
    const struct people_question question = {.duration = 45};
    minute_t start = STORY_TODAY * MINUTES_PER_DAY +
                     PEOPLE_CELL * (int32_t)people_story_random(story, 4000);
    size_t wanted = 0;
    size_t count;

    memset(set, 0x5a, sizeof(set));
    for (uint32_t i = 0; i < many; i++) {
        uint32_t who = i * apart;
        wanted += (set[who / 64] >> who % 64 & 1) &&
                  people_story_can_come(&question, &story->all[who], start);
    }
    assert_int_equal(people_find(&story->people, &story->agendas, &question, start, set,
                                 set, &count),
                     MATCH_OK);
    assert_int_equal(count, wanted);
}

/* More new calendars than may wait: everybody's are seen at once, before and after. */
static void test_calendars_wait_for_each_other(void **state)
{
    enum { MANY = 150, APART = 50 };
    static struct people_story story;
    (void)state;

    people_story_init(&story, first_seed());
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < MANY; i++) {
            struct people_agenda agenda;
            people_story_invent(&story, STORY_TODAY - 2, false, &agenda);
            people_story_replace(&story, i * APART, &agenda);
        }
        story.looks = 0;
        for (int i = 0; i < 100; i++) {
            compare_many(&story, MANY, APART);
            if (round == 1) {
                people_fill(&story.people, &story.agendas);
            }
        }
        assert_int_equal(story.looks, 0);
    }
    people_story_finish(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everybody_is_judged_right),
        cmocka_unit_test(test_on_cells_nobody_is_looked_at),
        cmocka_unit_test(test_days_go_by_and_agendas_change),
        cmocka_unit_test(test_calendars_wait_for_each_other),
    };
    return cmocka_run_group_tests_name("people_laws", tests, NULL, NULL);
}
