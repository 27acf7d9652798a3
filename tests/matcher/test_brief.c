// SPDX-License-Identifier: Apache-2.0

/*
 * Where few starts are left and little can be said of anybody, the search ends in brief.c:
 * with the answer that is found from sources, at every midnight, for every grid, with
 * engagements, buffers and notice.  With pools, optional parties, claims and travel it ends
 * in few.c.
 */
#include "matcher/brief.h"
#include "matcher/few.h"
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
    MEMBERS = 12,
    PEOPLE = PARTIES * MEMBERS,
    CLAIMS = 3,
    SOME = 12, /* slots that are wanted at most */
    RANGES = 160,
    DAYS = 4,
    STEP = 5,
    ROUNDS = 6000,
    ROOM = 1 << 22,

};

struct meeting {
    bool is_whole;   /* the whole model */
    bool is_crowded; /* all pools are as large as they can be */
    struct match_range ranges[PEOPLE][RANGES];
    struct match_source sources[PEOPLE];
    struct match_span claims[PEOPLE][CLAIMS];
    uint16_t claim_places[PEOPLE][CLAIMS];
    struct match_person members[PARTIES][MEMBERS];
    struct match_party parties[PARTIES];
    struct match_leg legs[2];
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

/* Who has other meetings has them one after the other, here or there. */
static void draw_claims(struct meeting *meeting, size_t number,
                        struct match_person *person)
{
    minute_t at = steps(0, 200);

    person->claims = meeting->claims[number];
    person->claim_places =
        dice_chance(&dice, 80) ? meeting->claim_places[number] : NULL;
    person->claim_count = (size_t)dice_between(&dice, 1, CLAIMS);
    for (size_t i = 0; i < person->claim_count; i++) {
        minute_t end = at + steps(1, 12);

        meeting->claims[number][i] = (struct match_span){at, end};
        meeting->claim_places[number][i] = (uint16_t)dice_between(&dice, 0, 2);
        at = end + steps(0, 200);
    }
}

static struct match_person draw_person(struct meeting *meeting, size_t number)
{
    struct match_source *source = &meeting->sources[number];
    bool has_engagements = dice_chance(&dice, meeting->is_whole ? 5 : 20);

    *source = (struct match_source){
        .coverage = {dice_chance(&dice, 80) ? -MINUTES_PER_DAY : steps(0, 60),
                     DAYS * MINUTES_PER_DAY + (dice_chance(&dice, 80) ? 600 : -3000)},
        .ranges = meeting->ranges[number],
        .range_count = draw_ranges(meeting->ranges[number], has_engagements),
        .notice = dice_chance(&dice, 10) ? dice_between(&dice, 1, 3000) : 0,
        .daily_cap = dice_chance(&dice, meeting->is_whole ? 1 : 10) ? 1 : 0};
    struct match_person person = {.id = (uint64_t)1 << 40 | number, /* has a record:
                                                                       recorded.c */
                                  .sources = source,
                                  .source_count = 1,
                                  .load = (uint32_t)dice_between(&dice, 0, 1)};
    if (meeting->is_whole && dice_chance(&dice, 50)) {
        draw_claims(meeting, number, &person);
    }
    return person;
}

static void draw_pool(struct meeting *meeting, size_t i)
{
    struct match_party *party = &meeting->parties[i];

    party->person = (struct match_person){0};
    party->members = meeting->members[i];
    party->member_count =
        (size_t)(meeting->is_crowded ? MEMBERS : dice_between(&dice, 1, MEMBERS / 3));
    party->needed = 1 + (size_t)(party->member_count > 1 && dice_chance(&dice, 5));
    for (size_t j = 0; j < party->member_count; j++) {
        meeting->members[i][j] = draw_person(meeting, i * MEMBERS + j);
    }
}

static void draw_party(struct meeting *meeting, size_t i)
{
    meeting->parties[i] = (struct match_party){
        .importance = MATCH_INDISPENSABLE,
        .id = i + 1,
        .person = draw_person(meeting, i * MEMBERS),
        .modality = (uint8_t)(dice_chance(&dice, 10) ? dice_between(&dice, 1, 9) : 0),
        .place = (uint16_t)(dice_chance(&dice, 10) ? 1 : 0),
        .buffer_before = dice_chance(&dice, 10) ? dice_between(&dice, 1, 90) : 0,
        .buffer_after = dice_chance(&dice, 10) ? dice_between(&dice, 1, 90) : 0,
    };
    if (meeting->is_whole && i > 0 && dice_chance(&dice, 50)) {
        draw_pool(meeting, i);
    }
    if (meeting->is_whole &&
        dice_chance(&dice, i == 0                                 ? 5
                           : meeting->parties[i].member_count > 0 ? 3
                                                                  : 60)) {
        meeting->parties[i].importance = MATCH_OPTIONAL;
    }
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

static void draw(struct meeting *meeting, bool is_whole)
{
    static const int32_t grids[] = {0, 5, 5, 10, 15, 30, 60, 25, 7};
    struct match_request *request = &meeting->request;

    meeting->is_whole = is_whole;
    meeting->is_crowded = dice_chance(&dice, 5);
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
        .wanted = (size_t)dice_between(&dice, 1, SOME),
        .apart = dice_chance(&dice, 50) ? 0 : dice_between(&dice, 1, 90),
    };
    meeting->window.start = dice_between(&dice, -200, 2 * MINUTES_PER_DAY);
    meeting->window.end =
        meeting->window.start + dice_between(&dice, 200, 2 * MINUTES_PER_DAY);
    meeting->options[0] = (struct match_option){(uint8_t)dice_between(&dice, 0, 9), 0};
    meeting->options[1] = (struct match_option){1, 1};
    if (is_whole) {
        meeting->options[1].place = (uint16_t)dice_between(&dice, 0, 2);
        meeting->options[0].place = (uint16_t)dice_between(&dice, 0, 2);
        meeting->legs[0] = (struct match_leg){1, 2, dice_between(&dice, 1, 200)};
        meeting->legs[1] = (struct match_leg){2, 1, dice_between(&dice, 1, 200)};
        request->legs = meeting->legs;
        request->leg_count = (size_t)dice_between(&dice, 0, 2);
        request->option_count = (size_t)(dice_chance(&dice, 20) ? 0 : 2);
        request->duration = dice_chance(&dice, 2) ? steps(55, 60) : request->duration;
    }
    draw_clock(meeting);
    for (size_t i = 0; i < request->party_count; i++) {
        draw_party(meeting, i);
    }
}

/* Whether the search by record ends in brief.c. */
static bool is_brief(const struct match_request *request)
{
    static struct match_result result;
    struct check_crowd crowd;
    struct sieve_left left;

    assert_int_equal(check_limits(request, &crowd), MATCH_OK);
    sieve_find_left(request, &crowd, &left);
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

/* What begin.c answers alone wants no memory; all else wants it. */
static void expect_no_more_memory_than_wanted(const struct match_request *request,
                                              const struct match_result *expected)
{
    static struct match_result result;
    struct search search;

    assert_int_equal(search_begin_sieved(request, workspace, ROOM, &search, &result),
                     MATCH_OK);
    bool is_over = search.is_over;
    assert_int_equal(match_search(request, NULL, 0, &result),
                     is_over ? MATCH_OK : MATCH_NO_ROOM);
    if (is_over) {
        assert_int_equal(result.count, expected->count);
        assert_memory_equal(result.slots, expected->slots,
                            result.count * sizeof(result.slots[0]));
    }
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
        draw(&meeting, false);
        const struct match_request *recorded = recorded_request(&meeting.request);

        assert_non_null(recorded);
        recorded_use_kernel(round % recorded_kernel_count());
        assert_int_equal(match_search(&meeting.request, workspace, ROOM, &expected),
                         MATCH_OK);
        assert_int_equal(match_search(recorded, workspace, ROOM, &result), MATCH_OK);
        assert_int_equal(result.count, expected.count);
        assert_memory_equal(result.slots, expected.slots,
                            result.count * sizeof(result.slots[0]));
        expect_no_more_memory_than_wanted(recorded, &expected);
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

/* Whoever has a record has no sources, and a pool has no record of its own. */
static void test_a_record_beside_something_else_is_looked_at(void **state)
{
    static struct meeting meeting;
    struct match_party parties[MATCH_PARTIES_MAX];
    static struct match_result result;
    const struct match_source source = {.coverage = {0, 1}};
    const struct match_person member = {.id = 1};
    (void)state;

    draw(&meeting, false);
    struct match_request request = *recorded_request(&meeting.request);
    memcpy(parties, request.parties, request.party_count * sizeof(parties[0]));
    request.parties = parties;
    const struct match_party party = {.importance = MATCH_INDISPENSABLE,
                                      .person.record = parties[0].person.record};
    assert_non_null(party.person.record);

    parties[0] = party;
    parties[0].person.sources = &source;
    parties[0].person.source_count = 1;
    assert_int_equal(match_search(&request, workspace, ROOM, &result),
                     MATCH_BAD_RANGES);
    parties[0] = party;
    parties[0].members = &member;
    parties[0].member_count = 1;
    parties[0].needed = 2;
    assert_int_equal(match_search(&request, workspace, ROOM, &result), MATCH_BAD_POOL);
}

/* Whether few.c answers a search by record. */
static bool is_few(const struct match_request *request, struct match_result *result)
{
    struct search search;
    enum match_status status =
        search_begin_sieved(request, workspace, ROOM, &search, result);

    assert_int_equal(status, MATCH_OK);
    return !search.is_over && search.list.count > 0 && search.is_quick &&
           few_run(&search, result);
}

static void test_few_starts_of_the_whole_model_are_answered_as_sources_are(void **state)
{
    static struct meeting meeting;
    static uint16_t chosen[2][PARTIES * 2 * SOME];
    static struct match_result expected;
    static struct match_result result;
    size_t few = 0;
    size_t answered = 0;
    size_t with_pools = 0;
    (void)state;

    expected.chosen = chosen[0];
    result.chosen = chosen[1];
    expected.chosen_capacity = sizeof(chosen[0]) / sizeof(chosen[0][0]);
    result.chosen_capacity = expected.chosen_capacity;
    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        draw(&meeting, true);
        const struct match_request *recorded = recorded_request(&meeting.request);

        assert_non_null(recorded);
        recorded_use_kernel(round % recorded_kernel_count());
        assert_int_equal(match_search(&meeting.request, workspace, ROOM, &expected),
                         MATCH_OK);
        assert_int_equal(match_search(recorded, workspace, ROOM, &result), MATCH_OK);
        assert_int_equal(result.count, expected.count);
        assert_memory_equal(result.slots, expected.slots,
                            result.count * sizeof(result.slots[0]));
        assert_memory_equal(chosen[1], chosen[0],
                            match_chosen_bound(recorded) / recorded->wanted *
                                result.count * sizeof(chosen[0][0]));
        if (is_few(recorded, &result)) {
            few++;
            answered += result.count > 0;
            with_pools += result.count > 1 && match_chosen_bound(recorded) > 0;
        }
    }
    recorded_use_best_kernel();
    print_message("%zu of %zu are few, %zu with slots, %zu with some and a pool\n", few,
                  rounds_of(ROUNDS), answered, with_pools);
    assert_true(answered > rounds_of(ROUNDS) / 50);
    assert_true(with_pools > rounds_of(ROUNDS) / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_starts_are_answered_as_sources_are),
        cmocka_unit_test(test_a_record_beside_something_else_is_looked_at),
        cmocka_unit_test(
            test_few_starts_of_the_whole_model_are_answered_as_sources_are),
    };
    const char *given = getenv("RANDOM_SEED");

    dice.state = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)dice.state);
    workspace = malloc(ROOM);
    int failed = workspace == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
    free(workspace);
    return failed;
}
