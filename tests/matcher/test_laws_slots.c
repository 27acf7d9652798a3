// SPDX-License-Identifier: Apache-2.0

/*
 * Laws of the slots that a search finds: more time is no loss, nobody is named who is not
 * free, and a week later the same is found a week later.  RANDOM_SEED in the environment
 * repeats a run.
 */
#include "tests/matcher/laws.h"
#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

enum { WEEK = 7 * MINUTES_PER_DAY };

/* Everybody loses a buffer, a claim, an engagement or a limit, or offers more. */
static void give_time(void)
{
    size_t party = 0;
    size_t member = 0;
    struct match_person *person;
    for (size_t p = 0; p < question.request.party_count; p++) {
        question.parties[p].buffer_before = 0;
        question.parties[p].buffer_after /= 2;
    }
    while ((person = laws_next_person(&party, &member)) != NULL) {
        person->claim_count /= 2;
    }
    for (size_t s = 0; s < question.sources_used; s++) {
        question.sources[s].notice /= 2;
        question.sources[s].daily_cap = 0;
    }
    for (size_t i = 0; i < question.ranges_used; i++) {
        struct match_range *range = &question.ranges[i];
        if (range->kind != MATCH_FREE && dice_chance(&dice, 50)) {
            memset(&range->kind, 0,
                   sizeof(*range) - offsetof(struct match_range, kind));
            range->kind = MATCH_FREE;
            range->certainty = MATCH_DECLARED;
        }
    }
}

static void expect_no_worse(void)
{
    const struct match_slot *was = &before.result.slots[0];
    const struct match_slot *is = &after.result.slots[0];
    if (after.result.count == 0) {
        laws_fail("more free time loses every slot");
    }
    if (is->merit.date_band > was->merit.date_band) {
        laws_fail("more free time makes the date worse");
    }
    if (is->merit.date_band < was->merit.date_band) {
        return;
    }
    if (question.request.urgent
            ? is->start > was->start
            : is->merit.optional_present < was->merit.optional_present) {
        laws_fail("more free time makes the best slot worse");
    }
}

static void test_more_free_time_never_loses_a_slot(void **state)
{
    (void)state;
    static struct match_result judged;
    static uint16_t chosen[LAWS_CHOSEN];
    for (size_t round = 0; round < rounds_of(LAWS_ROUNDS); round++) {
        laws_draw();
        laws_search(&question.request, &before);
        laws_explain(&question.request, &before);
        give_time();
        laws_search(&question.request, &after);
        laws_explain(&question.request, &after);
        assert_int_equal(after.why.candidates, before.why.candidates);
        assert_true(after.why.feasible >= before.why.feasible);
        if (before.result.count > 0) {
            expect_no_worse();
        }
        size_t size = match_workspace_size(&question.request);
        void *workspace = malloc(size + 1);
        for (size_t i = 0; i < before.result.count; i++) {
            const struct match_slot *slot = &before.result.slots[i];
            bool feasible = false;
            judged.chosen = chosen;
            judged.chosen_capacity = LAWS_CHOSEN;
            assert_int_equal(match_judge(&question.request, slot->start, slot->option,
                                         workspace, size, &judged, &feasible),
                             MATCH_OK);
            assert_true(feasible);
            for (size_t p = 0; p < question.request.party_count; p++) {
                assert_true(slot->reason[p] != MATCH_ATTENDS ||
                            judged.slots[0].reason[p] == MATCH_ATTENDS);
            }
        }
        free(workspace);
    }
}

static void expect_free(const struct match_person *person,
                        const struct match_party *party, minute_t start, minute_t end,
                        bool asked)
{
    bool soft = question.request.tentative == MATCH_TENTATIVE_SOFT;
    assert_true(asked || person->source_count > 0);
    for (size_t s = 0; s < person->source_count; s++) {
        const struct match_source *source = &person->sources[s];
        assert_true(asked ||
                    (source->coverage.start <= start && end <= source->coverage.end));
        for (size_t i = 0; i < source->range_count; i++) {
            const struct match_range *range = &source->ranges[i];
            if (range->kind == MATCH_BUSY ||
                (range->kind == MATCH_TENTATIVE && !soft)) {
                assert_true(range->end + party->buffer_before <= start ||
                            range->start - party->buffer_after >= end);
            }
        }
    }
    for (size_t c = 0; c < person->claim_count; c++) {
        assert_true(person->claims[c].end + party->buffer_before <= start ||
                    person->claims[c].start - party->buffer_after >= end);
    }
}

static void expect_party_free(const struct match_slot *slot, size_t index, size_t party)
{
    const struct match_party *p = &question.parties[party];
    if (!laws_attends(&before, index, party)) {
        assert_int_equal(p->importance, MATCH_OPTIONAL);
        return;
    }
    if (p->member_count == 0) {
        bool asked = (slot->asked >> party & 1) != 0;
        assert_true(!asked || p->ask_if_unknown);
        expect_free(&p->person, p, slot->start, slot->end, asked);
        return;
    }
    for (size_t n = 0; n < p->needed; n++) {
        expect_free(&p->members[laws_chosen(&before, index, party)[n]], p, slot->start,
                    slot->end, false);
    }
}

static void test_a_slot_is_free_for_everyone_whom_it_names(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(LAWS_ROUNDS); round++) {
        laws_draw();
        laws_search(&question.request, &before);
        for (size_t i = 0; i < before.result.count; i++) {
            for (size_t p = 0; p < question.request.party_count; p++) {
                expect_party_free(&before.result.slots[i], i, p);
            }
        }
    }
}

static void test_slots_start_apart_and_best_first(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(LAWS_ROUNDS); round++) {
        laws_draw();
        const struct match_request *request = &question.request;
        laws_search(request, &before);
        int32_t apart = request->apart > 0 ? request->apart : request->duration;
        assert_true(before.result.count <= request->wanted);
        for (size_t i = 1; i < before.result.count; i++) {
            const struct match_slot *slot = &before.result.slots[i];
            assert_true(match_compare(request, slot - 1, slot) < 0);
            for (size_t j = 0; j < i; j++) {
                assert_true(abs(slot->start - before.result.slots[j].start) >= apart);
            }
        }
    }
}

/* Everything a week later.  The lots that pools draw hang on the day, and the day of a
 * month does, so there are no lots and no months here. */
static void shift_by_a_week(void)
{
    struct random_request *q = &question;
    for (size_t i = 0; i < q->request.window_count; i++) {
        q->windows[i].start += WEEK;
        q->windows[i].end += WEEK;
    }
    for (size_t i = 0; i < q->request.picked_count; i++) {
        q->picked[i] += WEEK;
    }
    for (size_t i = 0; i < q->request.offset_count; i++) {
        q->offsets[i].from += WEEK;
    }
    for (size_t i = 0; i < q->request.closed_day_count; i++) {
        q->closed_days[i] += 7;
    }
    q->request.earliest += WEEK;
    q->request.now += WEEK;
    q->request.target += WEEK;
    for (size_t i = 0; i < q->sources_used; i++) {
        q->sources[i].coverage.start += WEEK;
        q->sources[i].coverage.end += WEEK;
    }
    for (size_t i = 0; i < q->ranges_used; i++) {
        q->ranges[i].start += WEEK;
        q->ranges[i].end += WEEK;
    }
    for (size_t i = 0; i < q->claims_used; i++) {
        q->claims[i].start += WEEK;
        q->claims[i].end += WEEK;
    }
}

static void test_a_week_later_the_answer_is_a_week_later(void **state)
{
    (void)state;
    for (size_t round = 0; round < rounds_of(LAWS_ROUNDS); round++) {
        laws_draw();
        if (question.request.step >= MATCH_MONTHLY) {
            question.request.step = MATCH_WEEKLY;
        }
        for (size_t i = 0; i < question.people_used; i++) {
            question.people[i].load = (uint32_t)i;
        }
        laws_search(&question.request, &before);
        shift_by_a_week();
        laws_search(&question.request, &after);
        for (size_t i = 0; i < after.result.count; i++) {
            after.result.slots[i].start -= WEEK;
            after.result.slots[i].end -= WEEK;
            after.result.slots[i].merit.civil_day -= 7;
        }
        laws_expect_same(&question.request, NULL, "a week later, another answer");
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
    assert_true(match_workspace_size(&request) < 96u << 20);
    laws_search(&request, &before);
    laws_explain(&request, &before);

    /* All have 25 minutes in common, which is 16 starts in every 57 minutes. */
    assert_int_equal(before.why.candidates, DAYS * 1440 - 10 + 1);
    assert_int_equal(before.why.feasible, 16 * RANGES);
    assert_int_equal(before.result.count, MATCH_SLOTS_MAX);
    assert_int_equal(before.result.slots[0].merit.optional_present, 32);
    assert_int_equal(before.result.slots[0].merit.date_band, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_free_time_never_loses_a_slot),
        cmocka_unit_test(test_a_slot_is_free_for_everyone_whom_it_names),
        cmocka_unit_test(test_slots_start_apart_and_best_first),
        cmocka_unit_test(test_a_week_later_the_answer_is_a_week_later),
        cmocka_unit_test(test_the_largest_request_is_answered),
    };
    return cmocka_run_group_tests(tests, laws_set_up, NULL);
}
