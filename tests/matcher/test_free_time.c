// SPDX-License-Identifier: Apache-2.0

/*
 * The effective time of one person, drawn.  See story.h for the letters; here a
 * character is a quarter of an hour, and so are the buffers.
 */
#include "matcher/free_time.h"

#include "tests/matcher/story.h"
#include "tests/support/timeline.h"

#include <stdio.h>
#include <string.h>

enum { ROOM = 512 };

// clang-format off
static const struct {
    const char *why;
    const char *one;
    const char *two;   /* a second source, or NULL */
    int before;        /* buffers, in quarters of an hour */
    int after;
    const char *free;
    const char *busy;
} stories[] = {
    {
        .why  = "free is what is offered and not busy",
        .one  = "..####BB##..T#",
        .free = "..####..##...#",
        .busy = "......##....#.",
    },
    {
        .why  = "two sources must both cover: what one has not said may be an engagement",
        .one  = "??##########??",
        .two  = "..............",
        .free = "..##########..",
        .busy = "..............",
    },
    {
        .why  = "outside the coverage of one source nothing is known to be free",
        .one  = "##############",
        .two  = "????......????",
        .free = "....######....",
        .busy = "..............",
    },
    {
        .why  = "any source may offer, any source may be busy",
        .one  = "####......####",
        .two  = "...BB..###B...",
        .free = "###....###.###",
        .busy = "...##.....#...",
    },
    {
        .why  = "a stale source, which covers nothing, makes its person unknown",
        .one  = "##############",
        .two  = "??????????????",
        .free = "..............",
        .busy = "..............",
    },
    {
        .why    = "buffers widen what is busy: before a slot, after a slot",
        .one    = "######BB######",
        .before = 1,
        .after  = 2,
        .free   = "####.....#####",
        .busy   = "....#####.....",
    },
    {
        .why    = "buffers do not shrink what is free",
        .one    = "..####..####..",
        .before = 2,
        .after  = 2,
        .free   = "..####..####..",
        .busy   = "..............",
    },
    {
        .why    = "a claim keeps busy like an engagement, with its buffers",
        .one    = "####CC########",
        .before = 1,
        .free   = "####...#######",
        .busy   = "....###.......",
    },
    {
        .why  = "ranges of one source that touch are one free stretch",
        .one  = "##iiyyppaa####",
        .free = "##############",
        .busy = "..............",
    },
    {
        .why  = "covered is not offered",
        .one  = "..............",
        .free = "..............",
        .busy = "..............",
    },
};
// clang-format on

/* Arrays for one person's sets. */
struct memory {
    minute_t rows[8][ROOM];
};

static struct interval_set take_set(struct memory *memory, size_t index)
{
    struct interval_set set = {
        .start = memory->rows[index],
        .end = memory->rows[index + 1],
        .capacity = ROOM,
    };
    return set;
}

static void draw(const struct interval_set *set, size_t length, char *ret_drawn)
{
    for (size_t i = 0; i < length; i++) {
        minute_t at = (minute_t)i * STORY_UNIT;
        ret_drawn[i] = timeline_covers(set, at, at + STORY_UNIT) ? '#' : '.';
    }
    ret_drawn[length] = '\0';
}

static void expect(const char *why, const struct interval_set *set, const char *want)
{
    char drawn[ROOM];
    assert_true(interval_set_is_canonical(set));
    draw(set, strlen(want), drawn);
    if (strcmp(drawn, want) != 0) {
        fail_msg("%s\n  want %s\n  got  %s", why, want, drawn);
    }
}

/* The time of the only party of @story over 14 quarters of an hour. */
static void compute(const struct story *story, struct memory *memory,
                    struct free_time_scratch *scratch, struct free_time *ret_time)
{
    struct match_span within = {0, 14 * STORY_UNIT};

    ret_time->busy = take_set(memory, 0);
    ret_time->free = take_set(memory, 2);
    scratch->offered = take_set(memory, 4);
    scratch->order = take_set(memory, 6);
    free_time_of(&story->request, &story->parties[0], within, scratch, ret_time);
}

static void test_free_is_known_offered_and_not_busy(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        static struct story story;
        static struct memory memory;
        struct free_time_scratch scratch;
        struct free_time time;

        story_begin(&story);
        struct match_party *party =
            story_party(&story, MATCH_INDISPENSABLE, stories[i].one);
        party->buffer_before = stories[i].before * STORY_UNIT;
        party->buffer_after = stories[i].after * STORY_UNIT;
        if (stories[i].two) {
            story_source(&story, stories[i].two);
        }
        compute(&story, &memory, &scratch, &time);
        expect(stories[i].why, &time.free, stories[i].free);
        expect(stories[i].why, &time.busy, stories[i].busy);
    }
}

static void test_a_person_without_a_source_is_unknown(void **state)
{
    (void)state;
    static struct story story;
    static struct memory memory;
    struct free_time_scratch scratch;
    struct free_time time;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "##############")->person.source_count = 0;
    compute(&story, &memory, &scratch, &time);
    assert_int_equal(time.free.count, 0);
    assert_true(time.known.start >= time.known.end);
}

static void test_the_request_says_which_certainty_it_admits(void **state)
{
    (void)state;
    static const struct {
        uint8_t certainties;
        const char *free;
    } admitted[] = {
        {0, "####iiiiyyyy.."},
        {1u << MATCH_DECLARED, "####.........."},
        {1u << MATCH_INFERRED, "....iiii......"},
        {1u << MATCH_TYPICAL | 1u << MATCH_INFERRED, "....iiiiyyyy.."},
    };
    for (size_t i = 0; i < ARRAY_SIZE(admitted); i++) {
        static struct story story;
        static struct memory memory;
        struct free_time_scratch scratch;
        struct free_time time;
        char want[ROOM];

        story_begin(&story);
        story.request.certainties = admitted[i].certainties;
        story_party(&story, MATCH_INDISPENSABLE, "####iiiiyyyy..");
        compute(&story, &memory, &scratch, &time);
        snprintf(want, sizeof(want), "%s", admitted[i].free);
        for (char *letter = want; *letter != '\0'; letter++) {
            *letter = *letter == '.' ? '.' : '#';
        }
        expect("certainty", &time.free, want);
    }
}

static void test_a_range_may_be_for_some_purposes_only(void **state)
{
    (void)state;
    static struct story story;
    static struct memory memory;
    struct free_time_scratch scratch;
    struct free_time time;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "##.##.##......");
    story.ranges[0][0][0].purposes = 1;
    story.ranges[0][0][1].purposes = 6;
    story.ranges[0][0][2].purposes = 0;

    story.request.purposes = 0;
    compute(&story, &memory, &scratch, &time);
    expect("no purpose admits all", &time.free, "##.##.##......");
    story.request.purposes = 4;
    compute(&story, &memory, &scratch, &time);
    expect("one in common, or none at all", &time.free, "...##.##......");
    story.request.purposes = 8;
    compute(&story, &memory, &scratch, &time);
    expect("a range for everything", &time.free, "......##......");
}

/* What lies outside of the quarters that are asked for does not count, be it free or
 * busy; nor does it hide what lies inside. */
static void test_what_lies_outside_is_left_out(void **state)
{
    (void)state;
    static struct story story;
    static struct memory memory;
    struct free_time_scratch scratch;
    struct free_time time;

    story_begin(&story);
    story_party(&story, MATCH_INDISPENSABLE, "##..BB..####..##BB##");
    assert_int_equal(free_time_bound(&story.parties[0]), 6);
    compute(&story, &memory, &scratch, &time);
    expect("free within", &time.free, "##......####..");
    expect("busy within", &time.busy, "....##........");
    for (size_t i = 0; i < 6; i++) {
        story.ranges[0][0][i].start -= 8 * STORY_UNIT;
        story.ranges[0][0][i].end -= 8 * STORY_UNIT;
    }
    story.sources[0][0].coverage.start -= 8 * STORY_UNIT;
    compute(&story, &memory, &scratch, &time);
    expect("free later", &time.free, "####..##..##..");
    expect("busy later", &time.busy, "........##....");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_free_is_known_offered_and_not_busy),
        cmocka_unit_test(test_a_person_without_a_source_is_unknown),
        cmocka_unit_test(test_the_request_says_which_certainty_it_admits),
        cmocka_unit_test(test_a_range_may_be_for_some_purposes_only),
        cmocka_unit_test(test_what_lies_outside_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
