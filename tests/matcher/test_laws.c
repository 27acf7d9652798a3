// SPDX-License-Identifier: Apache-2.0

/*
 * Laws of the search on random requests: what must not change the answer does not, and
 * what must not make it worse does not.  RANDOM_SEED in the environment repeats a run.
 */
#include "tests/matcher/random_request.h"
#include "tests/matcher/story.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 4000, ROUNDS_SLOW = 100, ROOM = 1 << 18 };

static struct random_request question;
static struct match_result answer;
static struct match_result other;
static struct match_result judged;
static struct match_why answer_why;
static struct match_why other_why;
static uint64_t workspace[ROOM];
static struct dice dice;
static int rounds = ROUNDS;

static void explain(const struct match_request *request, struct match_why *ret_why)
{
    static const struct match_leeway none;
    assert_int_equal(
        match_explain(request, &none, workspace, sizeof(workspace), ret_why), MATCH_OK);
}

static void search(const struct match_request *request, struct match_result *ret_result)
{
    assert_true(match_workspace_size(request) <= sizeof(workspace));
    enum match_status status =
        match_search(request, workspace, sizeof(workspace), ret_result);
    assert_string_equal(match_status_text(status), match_status_text(MATCH_OK));
}

static void expect_same(size_t size, const void *a, const void *b, const char *why)
{
    if (memcmp(a, b, size) != 0) {
        random_request_print(stderr, &question.request);
        fail_msg("%s", why);
    }
}

static void expect_same_slots(const char *why)
{
    expect_same(sizeof(answer.count), &answer.count, &other.count, why);
    expect_same(answer.count * sizeof(answer.slots[0]), answer.slots, other.slots, why);
}

static void test_the_same_request_gives_the_same_bytes(void **state)
{
    (void)state;
    for (int round = 0; round < rounds; round++) {
        random_request_draw(&dice, &question);
        memset(workspace, 0, sizeof(workspace[0]) * 4096);
        memset(&answer, 0, sizeof(answer));
        search(&question.request, &answer);
        memset(workspace, 0xff, sizeof(workspace[0]) * 4096);
        memset(&other, 0xff, sizeof(other));
        search(&question.request, &other);
        expect_same_slots("the same request, another answer");
    }
}

static void test_the_order_of_parties_changes_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < rounds; round++) {
        struct match_party parties[RANDOM_PARTIES];
        size_t place[RANDOM_PARTIES]; /* where the party with this index went */

        random_request_draw(&dice, &question);
        size_t count = question.request.party_count;
        for (size_t i = 0; i < count; i++) {
            question.parties[i].id = 100 + i;
        }
        search(&question.request, &answer);
        explain(&question.request, &answer_why);
        for (size_t i = 0; i < count; i++) {
            place[i] = i;
        }
        for (size_t i = count; i > 1; i--) {
            size_t j = (size_t)dice_between(&dice, 0, (int32_t)i - 1);
            size_t kept = place[i - 1];
            place[i - 1] = place[j];
            place[j] = kept;
        }
        for (size_t i = 0; i < count; i++) {
            parties[place[i]] = question.parties[i];
        }
        question.request.parties = parties;
        search(&question.request, &other);
        explain(&question.request, &other_why);

        /* Back into the old order. */
        struct match_result back = other;
        struct match_why why = other_why;
        for (size_t i = 0; i < count; i++) {
            why.blame[i] = other_why.blame[place[i]];
            for (size_t j = 0; j < other.count; j++) {
                back.slots[j].reason[i] = other.slots[j].reason[place[i]];
            }
        }
        for (size_t i = 0; i < other_why.blocking_count; i++) {
            why.blocking[i] = (uint8_t)(parties[other_why.blocking[i]].id - 100);
        }
        assert_int_equal(answer.count, other.count);
        expect_same(answer.count * sizeof(answer.slots[0]), answer.slots, back.slots,
                    "the order of parties matters");
        expect_same(sizeof(why), &answer_why, &why, "the order of parties matters");
    }
}

/* Cut every range of a source that is long enough at a random minute. */
static size_t split(const struct match_source *source, struct match_range *ret_ranges)
{
    size_t count = 0;

    for (size_t i = 0; i < source->range_count; i++) {
        struct match_range left = source->ranges[i];
        struct match_range right = source->ranges[i];
        if (left.end - left.start > 1) {
            left.end = dice_between(&dice, left.start + 1, left.end - 1);
            right.start = left.end;
            ret_ranges[count++] = right;
        }
        ret_ranges[count++] = left;
    }
    return count;
}

static int compare_ranges(const void *a, const void *b)
{
    const struct match_range *x = a;
    const struct match_range *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return x->end < y->end ? -1 : x->end > y->end;
}

static void test_splitting_ranges_changes_nothing(void **state)
{
    (void)state;
    static struct match_range halves[RANDOM_PARTIES][RANDOM_SOURCES][2 * RANDOM_RANGES];

    for (int round = 0; round < rounds; round++) {
        random_request_draw(&dice, &question);
        search(&question.request, &answer);
        for (size_t i = 0; i < question.request.party_count; i++) {
            for (size_t j = 0; j < question.parties[i].person.source_count; j++) {
                struct match_source *source = &question.sources[i][j];
                size_t count = split(source, halves[i][j]);
                qsort(halves[i][j], count, sizeof(halves[i][j][0]), compare_ranges);
                source->ranges = halves[i][j];
                source->range_count = count;
            }
        }
        search(&question.request, &other);
        expect_same_slots("splitting ranges matters");
    }
}

static void test_another_source_of_one_agenda_changes_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < rounds; round++) {
        struct match_source sources[RANDOM_SOURCES + 1];

        /* A party may be given the same source twice. */
        random_request_draw(&dice, &question);
        search(&question.request, &answer);
        struct match_party *party = &question.parties[0];
        if (party->person.source_count == 0) {
            continue;
        }
        memcpy(sources, party->person.sources,
               party->person.source_count * sizeof(sources[0]));
        sources[party->person.source_count] = sources[0];
        party->person.sources = sources;
        party->person.source_count++;
        search(&question.request, &other);
        expect_same_slots("a source given twice matters");
    }
}

/* Everybody loses a buffer, a claim or an engagement, or offers more. */
static void give_time(size_t party)
{
    struct match_party *p = &question.parties[party];
    struct match_range *ranges = question.ranges[party][0];
    size_t count =
        p->person.source_count > 0 ? question.sources[party][0].range_count : 0;

    p->buffer_before = 0;
    p->buffer_after /= 2;
    p->person.claim_count /= 2;
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].kind != MATCH_FREE && dice_between(&dice, 0, 1) == 0) {
            ranges[i].kind = MATCH_FREE;
            ranges[i].certainty = MATCH_DECLARED;
            ranges[i].preference = MATCH_NEUTRAL;
            ranges[i].purposes = 0;
        }
    }
}

static void test_more_free_time_never_loses_a_slot(void **state)
{
    (void)state;
    for (int round = 0; round < rounds; round++) {
        random_request_draw(&dice, &question);
        search(&question.request, &answer);
        explain(&question.request, &answer_why);
        for (size_t i = 0; i < question.request.party_count; i++) {
            give_time(i);
        }
        explain(&question.request, &other_why);
        assert_int_equal(other_why.candidates, answer_why.candidates);
        assert_true(other_why.feasible >= answer_why.feasible);
        for (size_t i = 0; i < answer.count; i++) {
            bool feasible = false;
            enum match_status status =
                match_judge(&question.request, answer.slots[i].start, 0, workspace,
                            sizeof(workspace), &judged, &feasible);
            assert_int_equal(status, MATCH_OK);
            assert_true(feasible);
            for (size_t j = 0; j < question.request.party_count; j++) {
                assert_true(answer.slots[i].reason[j] != MATCH_ATTENDS ||
                            judged.slots[0].reason[j] == MATCH_ATTENDS);
            }
        }
    }
}

static void test_a_found_slot_is_judged_as_it_was_found(void **state)
{
    (void)state;
    for (int round = 0; round < rounds; round++) {
        random_request_draw(&dice, &question);
        search(&question.request, &answer);
        for (size_t i = 0; i < answer.count; i++) {
            bool feasible = false;
            enum match_status status =
                match_judge(&question.request, answer.slots[i].start, 0, workspace,
                            sizeof(workspace), &judged, &feasible);
            assert_int_equal(status, MATCH_OK);
            assert_true(feasible);
            expect_same(sizeof(judged.slots[0]), &judged.slots[0], &answer.slots[i],
                        "judged differently");
        }
    }
}

/* 64 people with 10,000 ranges each, 400 days, every minute a candidate. */
static void test_the_largest_request_is_answered(void **state)
{
    (void)state;
    enum { RANGES = 10000, DAYS = MATCH_WINDOW_DAYS_MAX, PITCH = DAYS * 1440 / RANGES };
    static struct match_range ranges[2][RANGES];
    static struct match_source sources[2];
    static struct match_party parties[MATCH_PARTIES_MAX];
    static const struct match_span window = {0, DAYS * 1440};
    struct match_request request = {
        .duration = 10,
        .grid = 1,
        .windows = &window,
        .window_count = 1,
        .parties = parties,
        .party_count = MATCH_PARTIES_MAX,
        .wanted = MATCH_SLOTS_MAX,
    };

    /* Everybody is free for 40 minutes in 57; every other one begins later. */
    for (int i = 0; i < 2 * RANGES; i++) {
        struct match_range *range = &ranges[i % 2][i / 2];
        range->start = i / 2 * PITCH + i % 2 * 15;
        range->end = range->start + 40;
        range->kind = MATCH_FREE;
        range->certainty = (uint8_t)(MATCH_DECLARED + i / 2 % 3);
        range->preference = (uint8_t)(i / 2 % 2);
    }
    for (size_t i = 0; i < MATCH_PARTIES_MAX; i++) {
        sources[i % 2] = (struct match_source){.coverage = {0, DAYS * 1440},
                                               .ranges = ranges[i % 2],
                                               .range_count = RANGES};
        parties[i] = (struct match_party){
            .importance = i < 32 ? MATCH_INDISPENSABLE : MATCH_OPTIONAL,
            .id = i,
            .person = {.sources = &sources[i % 2], .source_count = 1},
        };
    }
    size_t size = match_workspace_size(&request);
    assert_true(size < 32u << 20);
    void *memory = malloc(size);
    assert_int_equal(match_search(&request, memory, size, &answer), MATCH_OK);
    static const struct match_leeway none;
    assert_int_equal(match_explain(&request, &none, memory, size, &answer_why),
                     MATCH_OK);
    free(memory);

    /* All have 25 minutes in common, which is 16 starts in every 57 minutes. */
    assert_int_equal(answer_why.candidates, DAYS * 1440 - 10 + 1);
    assert_int_equal(answer_why.feasible, 16 * RANGES);
    assert_int_equal(answer.count, MATCH_SLOTS_MAX);
    assert_int_equal(answer.slots[0].merit.optional_present, 32);
    assert_int_equal(answer.slots[0].merit.date_band, 0);
}

static int set_up(void **state)
{
    (void)state;
    const char *given = getenv("RANDOM_SEED");
    dice.state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    if (getenv("ENTENTE_TEST_VALGRIND")) {
        rounds = ROUNDS_SLOW;
    }
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)dice.state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_request_gives_the_same_bytes),
        cmocka_unit_test(test_the_order_of_parties_changes_nothing),
        cmocka_unit_test(test_splitting_ranges_changes_nothing),
        cmocka_unit_test(test_another_source_of_one_agenda_changes_nothing),
        cmocka_unit_test(test_more_free_time_never_loses_a_slot),
        cmocka_unit_test(test_a_found_slot_is_judged_as_it_was_found),
        cmocka_unit_test(test_the_largest_request_is_answered),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
