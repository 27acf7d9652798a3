// SPDX-License-Identifier: Apache-2.0

/*
 * Where few starts are left and little can be said of anybody, the search ends in brief.c:
 * with the answer that is found from sources, at every midnight, for every grid, with
 * engagements, buffers and notice.
 */
#include "matcher/brief.h"
#include "matcher/record_layout.h"

#include "tests/matcher/random_request.h"
#include "tests/matcher/recorded.h"
#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PARTIES = 9,
    RANGES = 160,
    DAYS = 4,
    STEP = 5,
    ROUNDS = 6000,
    ROOM = 1 << 22,

};

struct meeting {
    struct match_range ranges[PARTIES][RANGES];
    struct match_source sources[PARTIES];
    struct match_party parties[PARTIES];
    struct match_span window;
    struct match_offset offsets[2];
    struct match_option options[2];
    struct match_request request;
};

static struct dice dice;
static void *workspace;

static minute_t steps(int32_t low, int32_t high)
{
    return STEP * dice_between(&dice, low, high);
}

/* One range behind the other, with gaps or without; some overlap what came before. */
static size_t draw_ranges(struct match_range *ranges, bool has_engagements)
{
    minute_t at = steps(-60, 60);
    size_t count = 0;
    bool is_even = dice_chance(&dice, 90);
    bool overlaps = dice_chance(&dice, 5);

    while (count < RANGES && at < DAYS * MINUTES_PER_DAY) {
        struct match_range *range = &ranges[count];

        *range = (struct match_range){.start = at,
                                      .end = at + steps(1, 40),
                                      .kind = MATCH_FREE,
                                      .certainty = MATCH_DECLARED};
        if (dice_chance(&dice, 30)) {
            range->certainty =
                (uint8_t)dice_between(&dice, MATCH_DECLARED, MATCH_TYPICAL);
        }
        range->preference = (uint8_t)dice_between(&dice, MATCH_NEUTRAL, MATCH_AVOID);
        if (has_engagements && dice_chance(&dice, 20)) {
            range->kind = dice_chance(&dice, 60) ? MATCH_BUSY : MATCH_TENTATIVE;
            range->end = range->start + steps(1, 12);
        }
        range->end += is_even ? 0 : dice_between(&dice, 0, 4);
        at = overlaps && dice_chance(&dice, 10) ? at + STEP : range->end;
        at += dice_chance(&dice, 60) ? steps(0, 30) : 0;
        count++;
    }
    return count;
}

static void draw_party(struct meeting *meeting, size_t i)
{
    struct match_source *source = &meeting->sources[i];
    bool has_engagements = dice_chance(&dice, 20);

    *source = (struct match_source){
        .coverage = {dice_chance(&dice, 80) ? -MINUTES_PER_DAY : steps(0, 60),
                     DAYS * MINUTES_PER_DAY + (dice_chance(&dice, 80) ? 600 : -3000)},
        .ranges = meeting->ranges[i],
        .range_count = draw_ranges(meeting->ranges[i], has_engagements),
        .notice = dice_chance(&dice, 10) ? dice_between(&dice, 1, 3000) : 0,
        .daily_cap = dice_chance(&dice, 10) ? 1 : 0};
    meeting->parties[i] = (struct match_party){
        .importance = MATCH_INDISPENSABLE,
        .id = i + 1,
        .person = {.id = (uint64_t)1 << 40 | i, /* has a record: recorded.c */
                   .sources = source,
                   .source_count = 1},
        .modality = (uint8_t)(dice_chance(&dice, 10) ? dice_between(&dice, 1, 9) : 0),
        .place = (uint16_t)(dice_chance(&dice, 10) ? 1 : 0),
        .buffer_before = dice_chance(&dice, 10) ? dice_between(&dice, 1, 90) : 0,
        .buffer_after = dice_chance(&dice, 10) ? dice_between(&dice, 1, 90) : 0,
    };
}

/* Clocks are turned by half an hour now and then, and at any minute. */
static void draw_clock(struct meeting *meeting)
{
    struct match_request *request = &meeting->request;

    meeting->offsets[0] = (struct match_offset){0, 30 * dice_between(&dice, -24, 26)};
    meeting->offsets[1] =
        (struct match_offset){dice_between(&dice, 1, DAYS * MINUTES_PER_DAY),
                              meeting->offsets[0].offset_minutes + 60};
    request->offsets = meeting->offsets;
    request->offset_count = (size_t)dice_between(&dice, 0, 2);
}

static void draw(struct meeting *meeting)
{
    static const int32_t grids[] = {0, 5, 5, 10, 15, 30, 60, 25, 7};
    struct match_request *request = &meeting->request;

    *request = (struct match_request){
        .duration = dice_chance(&dice, 90) ? steps(1, 15) : dice_between(&dice, 1, 99),
        .grid = grids[dice_between(&dice, 0, 8)],
        .windows = &meeting->window,
        .window_count = 1,
        .earliest = dice_chance(&dice, 20) ? dice_between(&dice, 0, 4000) : 0,
        .now = dice_between(&dice, -500, 500),
        .has_target = dice_chance(&dice, 60),
        .target = dice_between(&dice, -8, DAYS) * MINUTES_PER_DAY,
        .certainties = dice_chance(&dice, 80) ? 0 : (uint8_t)dice_between(&dice, 2, 15),
        .purposes = dice_chance(&dice, 90) ? 0 : 2,
        .tentative =
            dice_chance(&dice, 80) ? MATCH_TENTATIVE_EXCLUDED : MATCH_TENTATIVE_SOFT,
        .options = meeting->options,
        .option_count =
            (size_t)(dice_chance(&dice, 20) ? dice_between(&dice, 1, 2) : 0),
        .quorum = dice_chance(&dice, 95) ? 0 : (uint32_t)dice_between(&dice, 1, 4),
        .urgent = dice_chance(&dice, 5),
        .weekdays = dice_chance(&dice, 95) ? 0 : 31,
        .parties = meeting->parties,
        .party_count = (size_t)dice_between(&dice, 1, PARTIES),
        .wanted = (size_t)dice_between(&dice, 1, 12),
        .apart = dice_chance(&dice, 50) ? 0 : dice_between(&dice, 1, 90),
    };
    meeting->window.start = dice_between(&dice, -200, 2 * MINUTES_PER_DAY);
    meeting->window.end =
        meeting->window.start + dice_between(&dice, 200, 2 * MINUTES_PER_DAY);
    meeting->options[0] = (struct match_option){(uint8_t)dice_between(&dice, 0, 9), 0};
    meeting->options[1] = (struct match_option){1, 1};
    draw_clock(meeting);
    for (size_t i = 0; i < request->party_count; i++) {
        draw_party(meeting, i);
    }
}

/* Whether the search by record ends in brief.c. */
static bool is_brief(const struct match_request *request)
{
    static struct match_result result;
    struct sieve_left left;

    sieve_find_left(request, &left);
    return left.is_asked && !left.is_nothing && brief_search(request, &left, &result);
}

static bool are_all_recorded(const struct match_request *request)
{
    for (size_t i = 0; i < request->party_count; i++) {
        if (request->parties[i].person.record == NULL) {
            return false;
        }
    }
    return true;
}

static void test_few_starts_are_answered_as_sources_are(void **state)
{
    static struct meeting meeting;
    static struct match_result expected;
    static struct match_result result;
    size_t brief = 0;
    size_t answered = 0;
    size_t more = 0;
    (void)state;

    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        draw(&meeting);
        const struct match_request *recorded = recorded_request(&meeting.request);

        assert_non_null(recorded);
        recorded_use_kernel(round % recorded_kernel_count());
        assert_int_equal(match_search(&meeting.request, workspace, ROOM, &expected),
                         MATCH_OK);
        assert_int_equal(match_search(recorded, workspace, ROOM, &result), MATCH_OK);
        assert_int_equal(result.count, expected.count);
        assert_memory_equal(result.slots, expected.slots,
                            result.count * sizeof(result.slots[0]));
        if (are_all_recorded(recorded) && is_brief(recorded)) {
            brief++;
            answered += result.count > 0;
            more += result.count > 2;
        }
    }
    recorded_use_best_kernel();
    print_message("%zu of %zu in brief, %zu with slots, %zu with some\n", brief,
                  rounds_of(ROUNDS), answered, more);
    assert_true(answered > rounds_of(ROUNDS) / 10);
    assert_true(more > rounds_of(ROUNDS) / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_starts_are_answered_as_sources_are),
    };
    const char *given = getenv("RANDOM_SEED");

    dice.state = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)dice.state);
    workspace = malloc(ROOM);
    int failed = workspace == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
    free(workspace);
    return failed;
}
