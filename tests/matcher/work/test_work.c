// SPDX-License-Identifier: Apache-2.0

/*
 * test_work.c - what a search costs does not grow unseen: steps and bytes are counted
 *
 *     test_matcher_work [--write]
 *
 * A step is a basic block of the matcher as it is written (the compiler counts them), so
 * that no clock, and no other process, has a say.  work.txt says of each question how many
 * there were when it was written, and how many bytes of working memory were wanted (of
 * people: how many agendas were looked at); a fiftieth more steps are let pass, because compilers differ.  What makes a filter let everything
 * through, a shortcut be missed, or a loop begin anew each time, changes no answer and is
 * seen here.  Who changes the costs on purpose writes the file anew (--write).  WORK_BOUNDS
 * in the environment names another file.
 */
#include "matcher/explain.h"
#include "matcher/kernel.h"
#include "matcher/record.h"
#include "tests/matcher/people_story.h"
#include "tests/matcher/random_request.h"
#include "tests/matcher/recorded.h"
#include "tests/matcher/work/work_meeting.h"
#include "tests/support/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 26, CHOSEN = 1 << 16, RANDOMS = 60, TOLERANCE = 50, LINE = 80 };

static uint64_t step_count;

/* The compiler lets each basic block call this. */
void count_step(void) __asm__("__sanitizer_cov_trace_pc");
void count_step(void)
{
    step_count++;
}

static FILE *bounds;
static bool writes;
static void *workspace;
static size_t exceeded;

/* The question of this name has taken so many steps. */
static void count_work(const char *kind, size_t number, const char *name,
                       uint64_t steps, size_t bytes)
{
    char line[LINE];
    char expected[LINE];
    uint64_t most = 0;
    size_t room = 0;

    snprintf(expected, sizeof(expected), "%s-%zu-%s", kind, number, name);
    if (writes) {
        fprintf(bounds, "%s %" PRIu64 " %zu\n", expected, steps, bytes);
        return;
    }
    char said[LINE];
    assert_non_null(fgets(line, sizeof(line), bounds));
    assert_int_equal(sscanf(line, "%79s %" SCNu64 " %zu", said, &most, &room), 3);
    assert_string_equal(said, expected);
    if (steps > most + most / TOLERANCE || bytes != room) {
        print_error("%s: %" PRIu64 " steps and %zu bytes, but %" PRIu64
                    " steps and %zu bytes in the file\n",
                    said, steps, bytes, most, room);
        exceeded++;
    }
}

static const struct match_leeway leeway = {15, 1, true, NULL, 0};

static void ask(const struct match_request *request, const char *kind, size_t number,
                bool explains)
{
    static struct match_result result;
    static uint16_t chosen[CHOSEN];
    static struct match_why why;
    size_t bytes = match_workspace_size(request);
    uint32_t candidates;
    uint32_t feasible;

    result.chosen = chosen;
    result.chosen_capacity = CHOSEN;
    assert_true(bytes <= ROOM);
    step_count = 0;
    (void)match_search(request, workspace, bytes, &result);
    count_work(kind, number, "search", step_count, bytes);
    step_count = 0;
    (void)match_count(request, workspace, bytes, &candidates, &feasible);
    count_work(kind, number, "count", step_count, bytes);
    if (explains) {
        step_count = 0;
        (void)match_explain(request, &leeway, workspace, bytes, &why);
        count_work(kind, number, "explain", step_count, bytes);
    }
    if (number % 4 == 1) {
        bool is_feasible;
        step_count = 0;
        (void)match_nearest(request, request->target, workspace, bytes, &result);
        count_work(kind, number, "nearest", step_count, bytes);
        step_count = 0;
        (void)match_judge(request, request->target + 600, 0, workspace, bytes, &result,
                          &is_feasible);
        count_work(kind, number, "judge", step_count, bytes);
    }
}

/* Some of an agenda changes: nothing is written anew that stays. */
static void change_record(const struct match_record *record, size_t number)
{
    static const struct match_range range = {.start = MINUTES_PER_DAY + 600,
                                             .end = MINUTES_PER_DAY + 690,
                                             .kind = MATCH_FREE,
                                             .certainty = MATCH_DECLARED};
    const struct match_span spans[] = {{MINUTES_PER_DAY + 600, MINUTES_PER_DAY + 700},
                                       {MINUTES_PER_DAY, 2 * MINUTES_PER_DAY},
                                       {-MINUTES_PER_DAY, 3 * MINUTES_PER_DAY},
                                       {30 * MINUTES_PER_DAY, 31 * MINUTES_PER_DAY}};

    for (size_t i = 0; record != NULL && i < sizeof(spans) / sizeof(spans[0]); i++) {
        struct match_source source = {.coverage = spans[i], .ranges = &range};
        source.range_count = i < 3 ? 1 : 0;
        size_t bound = record_patch_bound(record, &source);
        size_t room = record_patch_workspace_size(record, &source);
        void *patched =
            aligned_alloc(RECORD_ALIGN, (bound / RECORD_ALIGN + 1) * RECORD_ALIGN);
        void *work = malloc(room);
        assert_non_null(patched);
        assert_non_null(work);
        step_count = 0;
        enum match_status status =
            record_patch(record, &spans[i], &source, work, room, patched, bound);
        count_work("patch", 10 * number + i, "record", step_count,
                   status == MATCH_OK ? record_size(patched) : 0);
        free(work);
        free(patched);
    }
}

static void ask_both(const struct match_request *request, const char *from_sources,
                     const char *from_records, size_t number)
{
    const struct match_request *recorded;

    ask(request, from_sources, number, number % 8 == 0);
    step_count = 0;
    recorded = recorded_request(request);
    count_work(from_records, number, "write", step_count, 0);
    if (recorded != NULL) {
        ask(recorded, from_records, number, number % 8 == 0);
        change_record(recorded->parties[0].person.record, number);
    }
}

static void test_meetings_cost_no_more_than_before(void **state)
{
    static struct work_meeting meeting;
    (void)state;

    exceeded = 0;
    for (size_t i = 0; i < WORK_MEETINGS; i++) {
        work_meeting_draw(&meeting, i);
        ask_both(&meeting.request, "meeting", "recorded-meeting", i);
    }
    assert_int_equal(exceeded, 0);
}

static void test_random_requests_cost_no_more_than_before(void **state)
{
    static const unsigned features[] = {RANDOM_PLAIN, RANDOM_WAYS,
                                        RANDOM_POOLS | RANDOM_QUORUM,
                                        RANDOM_SOFT | RANDOM_CAPS, RANDOM_EVERYTHING};
    static struct random_request random;
    struct dice dice = {1};
    (void)state;

    exceeded = 0;
    for (size_t i = 0; i < RANDOMS; i++) {
        random_request_draw(&dice, features[i % 5], &random);
        ask_both(&random.request, "random", "recorded-random", i);
    }
    assert_int_equal(exceeded, 0);
}

/* What @name has cost: steps, and agendas that were looked at. */
static void count_people(struct people_story *story, size_t number, const char *name)
{
    count_work("people", number, name, step_count, story->looks);
    step_count = 0;
    story->looks = 0;
}

/* A question of each kind, from plain to one that leaves everybody in doubt. */
static void ask_people(struct people_story *story, size_t number)
{
    static uint32_t counts[40];
    static const struct match_leg legs[] = {{1, 2, 40}, {2, 1, 25}};
    const struct people_question questions[] = {
        {.duration = 15},
        {.duration = 45},
        {.duration = 10},
        {.duration = 400},
        {.duration = 30, .option = {1, 0}},
        {.duration = 30, .option = {0, 1}, .legs = legs, .leg_count = 2},
        {.duration = 30, .buffer_before = 20, .buffer_after = 10},
        {.duration = 30, .now = STORY_TODAY * MINUTES_PER_DAY + 600},
    };
    const minute_t starts[] = {people_story_at(9, 0), people_story_at(9, 2),
                               people_story_at(9 + 6 * 24, 0),
                               people_story_at(9 + PEOPLE_DAYS * 24, 0)};
    size_t count;

    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        struct people_grid grid = {starts[0], 15, sizeof(counts) / sizeof(counts[0])};
        for (size_t j = 0; j < sizeof(starts) / sizeof(starts[0]); j++) {
            (void)people_find(&story->people, &story->agendas, &questions[i], starts[j],
                              NULL, NULL, &count);
            count_people(story, 100 * number + 10 * i + j, "find");
        }
        if (i < 2) {
            (void)people_starts(&story->people, &story->agendas, &questions[i], &grid,
                                NULL, counts, NULL);
            count_people(story, 100 * number + 10 * i, "starts");
        }
    }
}

static void test_people_cost_no_more_than_before(void **state)
{
    enum { MANY = 90, APART = 67 };
    static struct people_story story;
    (void)state;

    exceeded = 0;
    for (size_t round = 0; round < 2; round++) {
        people_story_init(&story, 5 + round);
        for (uint32_t i = 0; i < MANY; i++) {
            struct people_agenda agenda;
            people_story_invent(&story, STORY_TODAY - 2, round > 0, &agenda);
            step_count = 0;
            people_story_replace(&story, i * APART, &agenda);
            count_people(&story, 100 * round + i, "replace");
        }
        ask_people(&story, 10 * round);
        while (people_fill(&story.people, &story.agendas)) {
        }
        count_people(&story, round, "fill");
        ask_people(&story, 10 * round + 1);
        for (uint32_t i = 0; i < MANY; i += 9) {
            people_story_touch(&story, i * APART, people_story_at(9 + (int)i, 0),
                               people_story_at(10 + (int)i, 0));
            count_people(&story, 100 * round + i, "touch");
        }
        people_roll(&story.people, STORY_TODAY + 1);
        ask_people(&story, 10 * round + 2);
        while (people_fill(&story.people, &story.agendas)) {
        }
        count_people(&story, round, "fill-a-day");
        people_story_finish(&story);
    }
    assert_int_equal(exceeded, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meetings_cost_no_more_than_before),
        cmocka_unit_test(test_random_requests_cost_no_more_than_before),
        cmocka_unit_test(test_people_cost_no_more_than_before),
    };
    const char *path = getenv("WORK_BOUNDS");

    path = path != NULL ? path : "tests/matcher/work/work.txt";
    writes = argc > 1 && strcmp(argv[1], "--write") == 0;
    bounds = fopen(path, writes ? "w" : "r");
    workspace = malloc(ROOM);
    if (bounds == NULL || workspace == NULL ||
        !match_kernel_force(MATCH_KERNEL_SCALAR)) {
        perror(path);
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(workspace);
    return fclose(bounds) != 0 || failed;
}
