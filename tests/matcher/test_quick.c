// SPDX-License-Identifier: Apache-2.0

/*
 * Where everybody has a record the starts are judged in words, run by run, and chosen from
 * day by day: the answer is the one that is found from sources, in lists that are longer
 * than a word, too.
 */
#include "tests/matcher/random_request.h"
#include "tests/matcher/recorded.h"
#include "tests/matcher/story.h"
#include "tests/support/rounds.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    DAYS = 4,
    CHARACTERS = DAYS * MINUTES_PER_DAY / STORY_UNIT,
    ROUNDS = 600,
    ON_SITE = 1,
    REMOTE = 2,
    ODD = 9, /* no range can name it */
    HERE = 1,
    THERE = 2,
};

/* Whether the same member comes for each pool, which needs one, to each slot. */
static void expect_the_same_members(const struct story *story, const uint16_t *chosen)
{
    for (size_t i = 0; i < story->result.count; i++) {
        const struct match_slot *slot = &story->result.slots[i];

        for (size_t j = 0; j < story->request.party_count; j++) {
            if (story->parties[j].member_count > 0 &&
                slot->reason[j] == MATCH_ATTENDS) {
                assert_int_equal(chosen[slot->chosen_at[j]],
                                 story->chosen[slot->chosen_at[j]]);
            }
        }
    }
}

/* With these ids everybody gets a record (recorded.c). */
static void rename_all(struct story *story)
{
    const uint64_t recorded = (uint64_t)1 << 40;

    for (size_t i = 0; i < story->request.party_count; i++) {
        story->parties[i].person.id |= recorded;
        for (size_t j = 0; j < story->parties[i].member_count; j++) {
            story->members[j].id |= recorded;
        }
    }
}

/* Search with sources and with records: the answers are the same. */
static void search_both_ways(struct story *story)
{
    static struct match_result result;
    static uint16_t chosen[ARRAY_SIZE(story->chosen)];
    const struct match_request *request = NULL;
    size_t size = 0;

    rename_all(story);
    story_search(story);
    request = recorded_request(&story->request);
    assert_non_null(request);
    result.chosen = chosen;
    result.chosen_capacity = ARRAY_SIZE(chosen);
    size = match_workspace_size(request);
    void *workspace = test_malloc(size);
    assert_int_equal(match_search(request, workspace, size, &result), MATCH_OK);
    test_free(workspace);
    assert_int_equal(result.count, story->result.count);
    assert_memory_equal(result.slots, story->result.slots,
                        result.count * sizeof(result.slots[0]));
    expect_the_same_members(story, chosen);
}

static void test_a_claim_ends_the_gap_before_the_slot_and_behind_it(void **state)
{
    (void)state;
    static struct story story;

    /* Less than an hour between a claim and the slot is lost. */
    story_begin(&story);
    story.request.wanted = 2;
    story_party(&story, MATCH_INDISPENSABLE, "CC############CC####..");
    story_expect(&story, "one right behind the other", "..11112222............");
    assert_int_equal(story.result.slots[0].merit.unusable, 0);
    search_both_ways(&story);

    story.request.window_count = 1;
    story.windows[0] = (struct match_span){story_at(&story, 3), story_at(&story, 13)};
    search_both_ways(&story);
    assert_int_equal(story.result.slots[0].start, story_at(&story, 6));
    assert_int_equal(story.result.slots[0].merit.unusable, 0);

    story.windows[0] = (struct match_span){story_at(&story, 4), story_at(&story, 8)};
    search_both_ways(&story);
    assert_int_equal(story.result.slots[0].merit.unusable, 30);

    /* Where the claims are matters only where it takes time to get there. */
    static const uint16_t places[] = {THERE, THERE};
    story.parties[0].person.claim_places = places;
    search_both_ways(&story);
    assert_int_equal(story.result.slots[0].merit.unusable, 30);
}

static void test_tentative_time_may_be_used_of_a_record(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story.request.tentative = MATCH_TENTATIVE_SOFT;
    story_party(&story, MATCH_INDISPENSABLE, "..####TT####..");
    story_party(&story, MATCH_INDISPENSABLE, "####..........");
    search_both_ways(&story);
    assert_int_equal(story.result.count, 0);
    story_party(&story, MATCH_INDISPENSABLE, "##############");
    story.request.party_count = 1;
    search_both_ways(&story);
    assert_int_equal(story.result.count, 1);
}

/* The planes of days go round: a day and the one a whole round later share their place. */
static void test_a_day_is_not_taken_for_one_a_round_later(void **state)
{
    (void)state;
    enum { ROUND = 96, QUARTERS = MINUTES_PER_DAY / STORY_UNIT };
    static struct story story;
    static char later[ROUND * QUARTERS + QUARTERS + 1];

    memset(later, '?', sizeof(later) - 1);
    memset(later + (ptrdiff_t)ROUND * QUARTERS, '#', QUARTERS);
    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, later + (ptrdiff_t)ROUND * QUARTERS);
    story_party(&story, MATCH_INDISPENSABLE, later);
    story.windows[0].end = story.windows[0].start + MINUTES_PER_DAY;
    search_both_ways(&story);
    assert_int_equal(story.result.count, 0);
}

/* Islands of time of all sorts, the rest not offered. */
static void draw(struct dice *dice, char *drawing)
{
    static const char marks[] = "####pppaiCB.";

    for (size_t at = 0; at < CHARACTERS;) {
        char mark = marks[dice_between(dice, 0, sizeof(marks) - 2)];
        int32_t length = dice_between(dice, 4, 40);

        if (dice_chance(dice, 60)) {
            mark = '.';
        }
        for (; length > 0 && at < CHARACTERS; length--, at++) {
            drawing[at] = mark;
        }
    }
    drawing[CHARACTERS] = '\0';
}

/* Now and then party @party offers its time for one modality, or at one place, only, and is
 * busy somewhere. */
static void limit_ranges(struct dice *dice, struct story *story, size_t party)
{
    bool has_modalities = dice_chance(dice, 30);
    bool has_places = dice_chance(dice, 30);

    for (size_t i = 0; i < story->sources[party][0].range_count; i++) {
        struct match_range *range = &story->ranges[party][0][i];

        if (has_modalities && dice_chance(dice, 50)) {
            range->modalities = (uint8_t)(1 << dice_between(dice, ON_SITE, REMOTE));
        }
        if (has_places && dice_chance(dice, 50)) {
            range->place = (uint16_t)dice_between(dice, HERE, THERE);
        }
    }
}

/* Most are optional: only those who must come leave starts out beforehand. */
static void add_parties(struct dice *dice, struct story *story)
{
    static char drawings[5][CHARACTERS + 1];
    int32_t count = dice_between(dice, 1, 5);

    for (int32_t i = 0; i < count; i++) {
        enum match_importance importance =
            dice_chance(dice, 70) ? MATCH_OPTIONAL : MATCH_INDISPENSABLE;

        draw(dice, drawings[i]);
        struct match_party *party = story_party(story, importance, drawings[i]);
        party->buffer_before = dice_chance(dice, 30) ? dice_between(dice, 0, 40) : 0;
        party->buffer_after = dice_chance(dice, 30) ? dice_between(dice, 0, 40) : 0;
        party->modality = dice_chance(dice, 20) ? REMOTE : 0;
        limit_ranges(dice, story, (size_t)i);
    }
    if (count > 2 && dice_chance(dice, 40)) {
        story_pool(story, (size_t)dice_between(dice, 0, count - 2), 1);
    }
}

/* A request of some days; now and then a clock is put back over midnight meanwhile. */
static void begin(struct dice *dice, struct story *story,
                  struct match_offset offsets[static 2])
{
    static const int32_t grids[] = {5, 5, 10, 15};
    static const struct match_leg legs[] = {{HERE, THERE, 25}, {THERE, HERE, 50}};
    static const int32_t durations[] = {15, 30, 45, 60, 90, 17};

    story_begin(story);
    story->request.grid = grids[dice_between(dice, 0, 3)];
    story->request.duration = durations[dice_between(dice, 0, 5)];
    story->request.wanted = (size_t)dice_between(dice, 1, 12);
    story->request.apart = dice_chance(dice, 20) ? dice_between(dice, 1, 2000) : 0;
    story->request.urgent = dice_chance(dice, 20);
    if (dice_chance(dice, 50)) {
        story_option(story, ON_SITE, HERE);
        story_option(story, dice_chance(dice, 80) ? REMOTE : ODD,
                     dice_chance(dice, 50) ? THERE : 0);
        story->request.legs = legs;
        story->request.leg_count = ARRAY_SIZE(legs);
    }
    offsets[0] = (struct match_offset){-MINUTES_PER_DAY, 60};
    offsets[1] = (struct match_offset){
        dice_between(dice, 1, DAYS - 1) * MINUTES_PER_DAY - dice_between(dice, 0, 90),
        -60};
    story->request.offsets = offsets;
    story->request.offset_count = (size_t)dice_between(dice, 0, 2);
    story->request.has_target = dice_chance(dice, 70);
    story->request.target = dice_between(dice, 0, DAYS) * MINUTES_PER_DAY;
}

static void test_records_are_answered_as_sources_are(void **state)
{
    (void)state;
    static struct story story;
    const char *given = getenv("RANDOM_SEED");
    struct dice dice = {given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL)};
    size_t answered = 0;

    print_message("RANDOM_SEED=%llu\n", (unsigned long long)dice.state);
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        struct match_offset offsets[2];

        begin(&dice, &story, offsets);
        add_parties(&dice, &story);
        search_both_ways(&story);
        answered += story.result.count > 0;
    }
    assert_true(answered > rounds_of(ROUNDS) / 4);
}

/* A clock that is put back over midnight makes one day of what lies before and behind the
 * first hour of the next. */
static void test_a_day_that_goes_on_after_midnight_is_one_day(void **state)
{
    (void)state;
    static struct story story;
    static const struct match_offset offsets[] = {{-MINUTES_PER_DAY, 60},
                                                  {MINUTES_PER_DAY, -60}};

    /* It is 01:00 in the night when the clock goes back to 23:00: of three hours, the last
     * one is the best one of the first day, and the second one is the next day's. */
    story_begin(&story);
    story.origin = MINUTES_PER_DAY - 480;
    story.request.grid = 5;
    story.request.wanted = 3;
    story.request.offsets = offsets;
    story.request.offset_count = 2;
    story_party(&story, MATCH_OPTIONAL,
                "......######................####....####........");
    story.request.has_target = true;
    story.request.target = 2 * MINUTES_PER_DAY;
    search_both_ways(&story);
    assert_int_equal(story.result.count, 3);
    assert_int_equal(story.result.slots[0].merit.civil_day, 0);
}

/* So many kinds of time that a record needs wide numbers for them. */
static void test_more_kinds_of_time_than_small_numbers(void **state)
{
    (void)state;
    static struct story story;
    enum { KINDS = 31, SHAPES = 4 }; /* of records, in turn */

    story_begin(&story);
    story.request.grid = 5;
    story.request.wanted = 12;
    story.request.purposes = 1;
    story_party(&story, MATCH_INDISPENSABLE,
                "p.####a###.iiii.yy#yyy.p#p#a#a#p#aiaiaipppp#.####p"
                "a#p#pp#pa.ii#ii#.aaaa.####.yyyyii.####pppp####CC##"
                "####.pppppppppppp####iii#aaa#yyy#ppppp#aaaaa#iiii#");
    assert_in_range(story.sources[0][0].range_count, KINDS, STORY_RANGES);
    for (size_t i = 0; i < story.sources[0][0].range_count; i++) {
        story.ranges[0][0][i].purposes = 1U | 1U << i % KINDS;
    }
    for (size_t shape = 0; shape < SHAPES; shape++) {
        search_both_ways(&story);
    }
    assert_int_equal(story.result.count, 12);
}

/* Who is always free, as a record, and is looked at a minute here and there: more pieces
 * than the record has changes. */
static void test_a_long_range_is_told_once_however_often_it_is_cut(void **state)
{
    (void)state;
    enum { APART = 25, TIMES = 14 }; /* quarters of an hour: six hours and more */
    static struct story story;
    static minute_t picked[TIMES];
    char day[TIMES * APART + 1];

    memset(day, '#', sizeof(day) - 1);
    day[sizeof(day) - 1] = '\0';
    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, day);
    memset(day, '?', sizeof(day) - 1);
    story_party(&story, MATCH_INDISPENSABLE, day);
    story.parties[1].ask_if_unknown = true;
    for (int i = 0; i < TIMES; i++) {
        picked[i] = story_at(&story, i * APART);
    }
    story.request.picked = picked;
    story.request.picked_count = TIMES;
    story.request.duration = 1;
    story.request.wanted = TIMES;
    search_both_ways(&story);
    assert_int_equal(story.result.count, TIMES);
    for (int i = 0; i < TIMES; i++) {
        assert_int_equal(story.result.slots[i].start, picked[i]);
        assert_int_equal(story.result.slots[i].asked, 1 << 1);
    }
}

/* Five weeks later by the civil clock, which has been put back by more than a day. */
static void test_a_series_is_read_to_its_end_whatever_the_clock_does(void **state)
{
    (void)state;
    static struct story story;
    static struct match_offset offsets[] = {{0, MINUTES_PER_DAY},
                                            {0, -MINUTES_PER_DAY}};
    minute_t start = story_minute(2026, 1, 1, 9, 30);
    minute_t end = start + 38 * MINUTES_PER_DAY;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story.ranges[0][0][0].start = story.sources[0][0].coverage.start = start;
    story.ranges[0][0][0].end = story.sources[0][0].coverage.end = end;
    offsets[0].from = start;
    offsets[1].from = start + 14 * MINUTES_PER_DAY;
    story.request.offsets = offsets;
    story.request.offset_count = ARRAY_SIZE(offsets);
    story.request.window_count = 0;
    story.request.picked = &start;
    story.request.picked_count = 1;
    story.request.step = MATCH_MONTHLY;
    story.request.occurrences = 2;
    story.request.earliest = start;
    search_both_ways(&story);
    assert_int_equal(story.result.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_claim_ends_the_gap_before_the_slot_and_behind_it),
        cmocka_unit_test(test_tentative_time_may_be_used_of_a_record),
        cmocka_unit_test(test_a_day_is_not_taken_for_one_a_round_later),
        cmocka_unit_test(test_records_are_answered_as_sources_are),
        cmocka_unit_test(test_a_day_that_goes_on_after_midnight_is_one_day),
        cmocka_unit_test(test_more_kinds_of_time_than_small_numbers),
        cmocka_unit_test(test_a_long_range_is_told_once_however_often_it_is_cut),
        cmocka_unit_test(test_a_series_is_read_to_its_end_whatever_the_clock_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
