// SPDX-License-Identifier: Apache-2.0

/*
 * Why there is no slot.  A slot is an hour on the hour here: four characters are one
 * candidate.
 */
#include "matcher/blame.h"

#include "tests/matcher/story.h"

#include <stdio.h>
#include <string.h>

/* One candidate per column; 1 can come, 0 can not. */
struct blockade {
    const char *why;
    const char *parties[8];
    const char *blocking; /* indexes, or "" where a slot exists */
    bool exact;
};

// clang-format off
static const struct blockade blockades[] = {
    {"one who can never come",
     {"1111", "0000", "1111"}, "1", true},
    {"of two who can never come, the smaller id",
     {"1111", "0000", "0000"}, "1", true},
    {"two who have no hour in common",
     {"0011", "1111", "1100"}, "02", true},
    {"one is smaller than two",
     {"0011", "1100", "0000"}, "2", true},
    {"three, each two of whom could meet",
     {"0111", "1011", "1100"}, "012", true},
    {"three out of five",
     {"011", "111", "101", "111", "110"}, "024", true},
    {"four need the greedy way, which is not said to be exact",
     {"0111", "1011", "1101", "1110"}, "0123", false},
    {"who blocks most is taken first, and who became superfluous is left out",
     {"00111111", "11001111", "11110011", "11111100", "01010111"}, "0123", false},
    {"a slot exists",
     {"0111", "1011", "1101", "1111"}, "", false},
};
// clang-format on

static void begin_blockade(struct story *story, const struct blockade *blockade,
                           bool backwards)
{
    static char drawings[8][64];
    size_t count = 0;

    while (count < 8 && blockade->parties[count]) {
        count++;
    }
    story_begin(story);
    story->request.grid = 60;
    for (size_t i = 0; i < count; i++) {
        size_t from = backwards ? count - 1 - i : i;
        size_t length = 0;
        for (const char *c = blockade->parties[from]; *c != '\0'; c++) {
            memset(&drawings[i][length], *c == '1' ? '#' : 'B', 4);
            length += 4;
        }
        drawings[i][length] = '\0';
        story_party(story, MATCH_INDISPENSABLE, drawings[i])->id = from;
    }
}

/* The ids of the blocking parties. */
static void draw_blocking(const struct story *story, char *ret_drawn)
{
    for (size_t i = 0; i < story->why.blocking_count; i++) {
        size_t party = story->why.blocking[i];
        ret_drawn[i] = (char)('0' + story->parties[party].id);
    }
    ret_drawn[story->why.blocking_count] = '\0';
}

static void test_the_smallest_blocking_set_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_SIZE(blockades); i++) {
        /* Backwards, the same parties in another order: the same ids are named. */
        const struct blockade *blockade = &blockades[i / 2];
        static struct story story;
        char drawn[MATCH_PARTIES_MAX + 1];

        begin_blockade(&story, blockade, i % 2 == 1);
        story_search(&story);
        draw_blocking(&story, drawn);
        if (strcmp(drawn, blockade->blocking) != 0) {
            fail_msg("%s: want %s, got %s", blockade->why, blockade->blocking, drawn);
        }
        assert_int_equal(story.why.blocking_is_exact, blockade->exact);
        assert_int_equal(story.result.count, blockade->blocking[0] == '\0');
    }
}

static void test_optional_parties_never_block(void **state)
{
    (void)state;
    static struct story story;

    story_begin(&story);
    story_party(&story, MATCH_OPTIONAL, "BBBB");
    story_party(&story, MATCH_INDISPENSABLE, "####");
    story_party(&story, MATCH_OPTIONAL, "????");
    story_expect(&story, "done without", "1111");
    assert_int_equal(story.why.blocking_count, 0);
    for (size_t i = 0; i < 3; i++) {
        const struct match_blame *blame = &story.why.blame[i];
        assert_int_equal(blame->busy + blame->unknown + blame->not_offered, 0);
    }
}

static void test_blame_counts_every_candidate_once(void **state)
{
    (void)state;
    static struct story story;

    /* Candidates at 0, 4, 8, 12, 16 and 20. */
    story_begin(&story);
    story.request.grid = 60;
    story_party(&story, MATCH_INDISPENSABLE, "?###.###BB######....T???");
    story_party(&story, MATCH_INDISPENSABLE, "########################");
    story_party(&story, MATCH_OPTIONAL, "BBBBBBBBBBBBBBBBBBBBBBBB");
    story_search(&story);
    assert_int_equal(story.why.candidates, 6);
    assert_int_equal(story.why.feasible, 1);
    assert_int_equal(story.why.blame[0].unknown, 1);     /* 0 */
    assert_int_equal(story.why.blame[0].not_offered, 2); /* 4, 16 */
    assert_int_equal(story.why.blame[0].busy, 2);        /* 8, 20 */
    assert_int_equal(story.why.blame[1].busy, 0);
    assert_int_equal(story.why.blame[1].unknown, 0);
    assert_int_equal(story.why.blame[1].not_offered, 0);
    assert_int_equal(story.why.blame[2].busy, 0);
}

static void test_sixty_four_parties_can_block_together(void **state)
{
    (void)state;
    static struct story story;
    static char drawings[MATCH_PARTIES_MAX][4 * 5 + 1];

    /* Five hours, each of which a different fifth of the parties can not make. */
    story_begin(&story);
    story.request.grid = 60;
    for (size_t i = 0; i < MATCH_PARTIES_MAX; i++) {
        memset(drawings[i], '#', sizeof(drawings[i]) - 1);
        memset(&drawings[i][4 * (i % 5)], 'B', 4);
        story_party(&story, MATCH_INDISPENSABLE, drawings[i]);
    }
    story_search(&story);
    assert_int_equal(story.why.candidates, 5);
    assert_int_equal(story.result.count, 0);
    assert_int_equal(story.why.blocking_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(story.why.blocking[i], i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_smallest_blocking_set_is_named),
        cmocka_unit_test(test_optional_parties_never_block),
        cmocka_unit_test(test_blame_counts_every_candidate_once),
        cmocka_unit_test(test_sixty_four_parties_can_block_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
