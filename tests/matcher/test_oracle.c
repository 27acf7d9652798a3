// SPDX-License-Identifier: Apache-2.0

/*
 * The matcher and the oracle, which was written by other means and knows nothing of its
 * code, give the same answer to random requests, whichever kernel is in use.
 *
 *     test_oracle [--rounds N] [--part P] [--explain E] [--round SEED] [--no-shrink]
 *
 * Every round asks every question of agreement.h; but of E rounds one only is explained
 * (all, unless told), and of four one asks whether records say what sources said.  It has
 * a seed of its own: RANDOM_SEED in the environment repeats a run, and --round one round
 * of it.  Of several runs beside each other each takes a part, so that with one
 * RANDOM_SEED their rounds differ.  What disagrees is cut down to the least that does.
 */

#include "tests/matcher/agreement.h"
#include "tests/matcher/shrink_request.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 100000, QUICKER = 20, UNDER_VALGRIND = 200 };

static long rounds = ROUNDS;
static uint64_t one_round;
static uint64_t part;
static uint64_t explained = 1; /* one round of so many */
static bool shrinks = true;
static struct random_request question;

static bool disagrees(struct random_request *r)
{
    return agreement_check(r, AGREE_ON_EVERYTHING) != NULL;
}

static void report(uint64_t seed, const char *complaint)
{
    fprintf(stderr, "--round %llu: %s\n", (unsigned long long)seed, complaint);
    if (shrinks) {
        shrink_request(&question, disagrees);
        fprintf(stderr, "the least that disagrees: %s\n",
                agreement_check(&question, AGREE_ON_EVERYTHING));
        random_request_print(stderr, &question.request);
    }
    fail_msg("the matcher and the oracle disagree");
}

static void play_round(uint64_t seed)
{
    struct dice dice = {seed};
    random_request_draw(&dice, RANDOM_EVERYTHING, &question);

    /* What records say again is no answer of the matcher, and the oracle's work. */
    unsigned what = AGREE_ON_EVERYTHING;
    what &= seed % 4 == 0 || one_round != 0 ? what : ~(unsigned)AGREE_ON_RANGES;
    what &=
        seed % explained == 0 || one_round != 0 ? what : ~(unsigned)AGREE_ON_EXPLAIN;
    const char *complaint = agreement_check(&question, what);
    if (complaint != NULL) {
        report(seed, complaint);
    }
}

static void expect_to_have_seen(void)
{
    const struct agreement_seen *seen = &agreement_seen;
    print_message("%ld rounds: %ld answered (%ld tied, %ld across a clock change, %ld "
                  "with a pool, %ld of another option, %ld series)\n",
                  seen->rounds, seen->answered, seen->tied, seen->changed, seen->pools,
                  seen->others, seen->series);
    print_message("%ld blocked (%ld by four or more), %ld by the quorum, %ld relaxed, "
                  "%ld by record; somebody too far %ld, late %ld, full %ld\n",
                  seen->blocked, seen->large, seen->quorum, seen->relaxed,
                  seen->recorded, seen->far, seen->late, seen->full);
    if (seen->rounds < 10000) {
        return;
    }
    assert_true(seen->answered > seen->rounds / 4);
    assert_true(seen->tied > seen->rounds / 100);
    assert_true(seen->changed > seen->rounds / 20);
    assert_true(seen->pools > seen->rounds / 50);
    assert_true(seen->others > seen->rounds / 200);
    assert_true(seen->series > seen->rounds / 200);
    assert_true(seen->far > seen->rounds / 100);
    assert_true(seen->late > seen->rounds / 200);
    assert_true(seen->full > seen->rounds / 200);
    assert_true(seen->blocked > seen->rounds / 40);
    assert_true(seen->large > seen->rounds / 10000);
    assert_true(seen->quorum > seen->rounds / 400);
    assert_true(seen->relaxed > seen->rounds / 40);
}

static void test_the_matcher_agrees_with_the_oracle(void **state)
{
    (void)state;
    if (one_round != 0) {
        play_round(one_round);
        return;
    }
    const char *given = getenv("RANDOM_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct dice dice = {given != NULL ? strtoull(given, NULL, 10)
                                      : (uint64_t)now.tv_sec * 1000000000U +
                                            (uint64_t)now.tv_nsec};
    print_message("RANDOM_SEED=%llu, part %llu\n", (unsigned long long)dice.state,
                  (unsigned long long)part);
    dice.state += part << 32;

    size_t count = (size_t)rounds;
    if (getenv("ENTENTE_TEST_VALGRIND") != NULL) {
        count = count < UNDER_VALGRIND ? count : UNDER_VALGRIND;
    } else if (getenv("ENTENTE_TEST_QUICK") != NULL) {
        count = count / QUICKER + 1;
    }
    for (size_t round = 0; round < count; round++) {
        play_round(dice_roll(&dice));
    }
    expect_to_have_seen();
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        if (strcmp(argv[i], "--no-shrink") == 0) {
            shrinks = false;
            i--;
            continue;
        }
        if (i + 1 < argc && strcmp(argv[i], "--rounds") == 0) {
            rounds = strtol(argv[i + 1], NULL, 10);
        } else if (i + 1 < argc && strcmp(argv[i], "--part") == 0) {
            part = strtoull(argv[i + 1], NULL, 10);
        } else if (i + 1 < argc && strcmp(argv[i], "--explain") == 0) {
            explained = strtoull(argv[i + 1], NULL, 10);
            explained = explained > 0 ? explained : 1;
        } else if (i + 1 < argc && strcmp(argv[i], "--round") == 0) {
            one_round = strtoull(argv[i + 1], NULL, 10);
        } else {
            fprintf(stderr, "usage: test_oracle [--rounds N] [--part P] "
                            "[--explain E] [--round SEED] [--no-shrink]\n");
            return 2;
        }
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_matcher_agrees_with_the_oracle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
