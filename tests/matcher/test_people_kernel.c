// SPDX-License-Identifier: Apache-2.0

/*
 * test_people_kernel.c - every instruction set gives what the scalar loops give.
 * RANDOM_SEED in the environment repeats a run.
 */
#include "tests/support/test.h"

#include "matcher/kernel.h"
#include "matcher/people_kernel.h"
#include "tests/matcher/people_story.h"
#include "tests/support/rounds.h"

#include <stdlib.h>
#include <string.h>

enum { LINES = 6 };

struct lines {
    _Alignas(64) uint64_t words[LINES][PEOPLE_WORDS];
    uint64_t within[PEOPLE_WORDS + 1];
};

static uint64_t random_word(struct people_story *story, uint32_t density)
{
    uint64_t word = 0;

    for (int i = 0; i < 64; i++) {
        word |= (uint64_t)(people_story_random(story, 100) < density) << i;
    }
    return word;
}

static void invent_lines(struct people_story *story, struct lines *ret)
{
    static const uint32_t densities[] = {0, 1, 6, 30, 95, 100};

    for (size_t i = 0; i < LINES; i++) {
        uint32_t density = densities[people_story_random(story, 6)];
        for (size_t w = 0; w < PEOPLE_WORDS; w++) {
            ret->words[i][w] = random_word(story, density);
            ret->within[w + 1] = random_word(story, 60);
        }
    }
}

/* @kernel is not the scalar one. */
static void compare(const struct people_kernel *kernel, struct people_story *story)
{
    static struct lines world;
    uint32_t offsets[LINES];
    uint64_t found[2][PEOPLE_WORDS];
    static uint32_t ids[2][PEOPLE_BLOCK + PEOPLE_SLACK];
    struct people_lines lines = {.base = &world.words[0][0], .offsets = offsets};

    invent_lines(story, &world);
    lines.count = 1 + people_story_random(story, LINES);
    lines.next = people_story_random(story, 2) == 0 ? NULL : lines.base;
    for (size_t i = 0; i < lines.count; i++) {
        offsets[i] = people_story_random(story, LINES) * PEOPLE_WORDS;
    }
    for (int with = 0; with < 2; with++) {
        const uint64_t *within = with ? world.within + 1 : NULL;
        people_scalar.all(&lines, within, found[0]);
        kernel->all(&lines, within, found[1]);
        assert_memory_equal(found[0], found[1], sizeof(found[0]));
    }
    memcpy(found[1], world.within + 1, sizeof(found[1]));
    kernel->all(&lines, found[1], found[1]);
    assert_memory_equal(found[0], found[1], sizeof(found[0]));

    size_t count = people_scalar.count(found[0]);
    assert_int_equal(kernel->count(found[0]), count);
    assert_int_equal(people_scalar.ids(found[0], 8192, ids[0]), count);
    assert_int_equal(kernel->ids(found[0], 8192, ids[1]), count);
    assert_memory_equal(ids[0], ids[1], count * sizeof(ids[0][0]));
}

static void test_every_kernel_equals_the_scalar_one(void **state)
{
    const char *given = getenv("RANDOM_SEED");
    static struct people_story story;
    size_t rounds = rounds_of(400);
    (void)state;

    story.seed = given != NULL ? strtoull(given, NULL, 10) * 2 + 1 : 1;
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)story.seed / 2);
    for (int kernel = MATCH_KERNEL_SCALAR; kernel <= MATCH_KERNEL_NEON; kernel++) {
        if (!match_kernel_force((enum match_kernel)kernel)) {
            print_message("%s: not here\n",
                          match_kernel_name((enum match_kernel)kernel));
            continue;
        }
        assert_true((kernel == MATCH_KERNEL_SCALAR) ==
                    (people_kernel_current() == &people_scalar));
        for (size_t i = 0; i < rounds; i++) {
            compare(people_kernel_current(), &story);
        }
    }
    match_kernel_force(MATCH_KERNEL_AUTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kernel_equals_the_scalar_one),
    };
    return cmocka_run_group_tests_name("people_kernel", tests, NULL, NULL);
}
