// SPDX-License-Identifier: Apache-2.0

/*
 * The matcher and the oracle, which was written by other means and knows nothing of its
 * code, give the same answer to random requests.
 *
 *     test_oracle [--rounds N]
 *
 * RANDOM_SEED in the environment repeats a run.
 */

#include "tests/matcher/oracle.h"
#include "tests/matcher/random_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { ROUNDS = 100000 };

static long rounds = ROUNDS;

/* What the rounds were like: a test that never meets an answer shows little. */
static struct {
    long answered; /* at least one slot */
    long tied;     /* the best two differ by nothing but their start */
    long blocked;  /* empty, with parties to blame */
    long large;    /* ... four of them or more: beyond what is exact */
    long changed;  /* across a clock change */
} seen;

/* One question at a time, so that a mismatch anywhere can show it whole. */
static struct random_request question;
static uint64_t run_seed;
static long run_round;

__attribute__((format(printf, 1, 2))) static void disagree(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "RANDOM_SEED=%llu round %ld: ", (unsigned long long)run_seed,
            run_round);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    random_request_print(stderr, &question.request);
    fail_msg("the matcher and the oracle disagree");
}

static void compare_number(const char *what, int64_t want, int64_t got)
{
    if (want != got) {
        disagree("%s: the oracle says %lld, the matcher %lld", what, (long long)want,
                 (long long)got);
    }
}

static void compare_slot(const struct match_slot *want, const struct match_slot *got)
{
    compare_number("start", want->start, got->start);
    compare_number("end", want->end, got->end);
    for (size_t p = 0; p < question.request.party_count; p++) {
        compare_number("reason", want->reason[p], got->reason[p]);
    }
    compare_number("date_band", want->merit.date_band, got->merit.date_band);
    compare_number("optional_present", want->merit.optional_present,
                   got->merit.optional_present);
    compare_number("typical", want->merit.typical, got->merit.typical);
    compare_number("inferred", want->merit.inferred, got->merit.inferred);
    compare_number("preferred", want->merit.preferred, got->merit.preferred);
    compare_number("avoid", want->merit.avoid, got->merit.avoid);
    compare_number("civil_day", want->merit.civil_day, got->merit.civil_day);
    compare_number("unusable", want->merit.unusable, got->merit.unusable);
}

static void compare_blocking(const struct oracle_answer *want,
                             const struct match_why *got)
{
    if (want->smallest_blocking == 0) {
        compare_number("blocking_count", 0, (int64_t)got->blocking_count);
        return;
    }
    size_t size = got->blocking_count < 4 ? got->blocking_count : 4;
    compare_number("size of the blocking set", (int64_t)want->smallest_blocking,
                   (int64_t)size);
    if (!oracle_blocks(&question.request, got->blocking, got->blocking_count)) {
        disagree("the %zu blocking parties do not block", got->blocking_count);
    }
    /* A set of four is the smallest, too, if none of three exists. */
    if (got->blocking_count != 4) {
        compare_number("blocking_is_exact", got->blocking_count < 4,
                       got->blocking_is_exact);
    }
}

static void compare_results(const struct oracle_answer *want,
                            const struct match_result *got, const struct match_why *why)
{
    compare_number("candidates", want->why.candidates, why->candidates);
    compare_number("feasible", want->why.feasible, why->feasible);
    for (size_t p = 0; p < question.request.party_count; p++) {
        const struct match_blame *blame = &want->why.blame[p];
        compare_number("blame.busy", blame->busy, why->blame[p].busy);
        compare_number("blame.unknown", blame->unknown, why->blame[p].unknown);
        compare_number("blame.not_offered", blame->not_offered,
                       why->blame[p].not_offered);
    }
    compare_number("count", (int64_t)want->result.count, (int64_t)got->count);
    for (size_t i = 0; i < got->count; i++) {
        compare_slot(&want->result.slots[i], &got->slots[i]);
    }
    compare_blocking(want, why);
}

/* The slots of an answer are in the order of merit, which match_compare must know, too.
 */
static void check_compare(const struct match_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        for (size_t j = 0; j < result->count; j++) {
            int order =
                match_compare(&question.request, &result->slots[i], &result->slots[j]);
            compare_number("match_compare", i < j ? -1 : i > j,
                           order < 0 ? -1 : order > 0);
        }
    }
}

static void judge_one(minute_t start, void *memory, size_t size)
{
    struct match_slot want;
    static struct match_result judged;
    bool want_feasible;
    bool got_feasible;

    oracle_judge(&question.request, start, &want, &want_feasible);
    enum match_status status =
        match_judge(&question.request, start, 0, memory, size, &judged, &got_feasible);
    compare_number("status of match_judge", MATCH_OK, status);
    compare_slot(&want, &judged.slots[0]);
    compare_number("feasible of match_judge", want_feasible, got_feasible);
}

/* The same bytes again, whatever was in the memory before; nothing at all without room.
 */
static void search_again(void *memory, size_t size, const struct match_result *before)
{
    static struct match_result again;
    memset(&again, 0x5a, sizeof(again));
    memset(memory, 0x5a, size);
    if (size > 0) {
        compare_number("status without room", MATCH_NO_ROOM,
                       match_search(&question.request, memory, size - 1, &again));
        compare_number("first byte without room", 0x5a, *(unsigned char *)&again);
    }
    compare_number("status again", MATCH_OK,
                   match_search(&question.request, memory, size, &again));
    const void *bytes_before = before->slots;
    const void *bytes_again = again.slots;
    compare_number("count again", (int64_t)before->count, (int64_t)again.count);
    if (memcmp(bytes_before, bytes_again, again.count * sizeof(again.slots[0])) != 0) {
        disagree("the same request gave other bytes the second time");
    }
}

static void count_what_was_seen(const struct match_result *result,
                                const struct match_why *why)
{
    if (result->count > 0) {
        seen.answered++;
    }
    if (result->count > 1) {
        struct match_merit first = result->slots[0].merit;
        struct match_merit second = result->slots[1].merit;
        first.unusable /= 15;
        second.unusable /= 15;
        seen.tied += memcmp(&first, &second, sizeof(first)) == 0;
    }
    seen.blocked += why->blocking_count > 0;
    seen.large += why->blocking_count > 3;
    seen.changed += question.crosses_clock_change;
}

static void play_round(struct dice *dice)
{
    static struct oracle_answer want;
    static struct match_result got;
    static struct match_why why;
    static const struct match_leeway none;
    const struct match_request *request = &question.request;

    random_request_draw(dice, &question);
    size_t size = match_workspace_size(request);
    void *memory = malloc(size > 0 ? size : 1);
    assert_non_null(memory);

    oracle_search(request, &want);
    memset(&got, 0xa5, sizeof(got));
    compare_number("status", MATCH_OK, match_search(request, memory, size, &got));
    compare_number("status of match_explain", MATCH_OK,
                   match_explain(request, &none, memory, size, &why));
    compare_results(&want, &got, &why);
    check_compare(&got);

    judge_one(dice_between(dice, question.from - 100, question.until + 100), memory,
              size);
    judge_one(dice_between(dice, question.from - 20000, question.until + 20000), memory,
              size);
    if (got.count > 0) {
        judge_one(got.slots[got.count - 1].start, memory, size);
    }
    if (run_round % 16 == 0) {
        search_again(memory, size, &got);
    }
    count_what_was_seen(&got, &why);
    free(memory);
}

static void test_the_matcher_agrees_with_the_oracle(void **state)
{
    (void)state;
    const char *given = getenv("RANDOM_SEED");
    if (given != NULL) {
        run_seed = strtoull(given, NULL, 10);
    } else {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        run_seed = (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
    }
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)run_seed);

    struct dice dice = {run_seed};
    for (run_round = 0; run_round < rounds; run_round++) {
        play_round(&dice);
    }
    print_message("%ld rounds: %ld answered, %ld of them with a tie, %ld blocked, "
                  "%ld of them by four or more, %ld across a clock change\n",
                  rounds, seen.answered, seen.tied, seen.blocked, seen.large,
                  seen.changed);
    if (rounds >= 10000) {
        assert_true(seen.answered > rounds / 4);
        assert_true(seen.tied > rounds / 100);
        assert_true(seen.blocked > rounds / 10);
        assert_true(seen.large > rounds / 1000);
        assert_true(seen.changed > rounds / 6);
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--rounds") == 0) {
        rounds = strtol(argv[2], NULL, 10);
    } else if (argc != 1) {
        fprintf(stderr, "usage: test_oracle [--rounds N]\n");
        return 2;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_matcher_agrees_with_the_oracle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
