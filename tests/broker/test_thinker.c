// SPDX-License-Identifier: Apache-2.0

/*
 * The other thread: what is given is thought once, in order, and done on the loop's thread.
 */
#include "broker/thinker.h"
#include "tests/support/test.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

enum { COUNT = 1000, PATIENCE_MS = 30000 };

struct sum {
    struct thought thought; /* first */
    int number;
    int twice;
    bool is_done;
};

static struct sum sums[COUNT];
static int next_thought;
static int next_done;
static int in_vain;
static int mistakes;
static pthread_t loop;

static void think(struct thought *thought)
{
    struct sum *sum = (struct sum *)thought;
    /* An assertion would leave the wrong thread. */
    mistakes += sum->number != next_thought ? 1 : 0;
    mistakes += pthread_equal(pthread_self(), loop) ? 1 : 0;
    next_thought++;
    sum->twice = 2 * sum->number;
}

static void done(struct thought *thought)
{
    struct sum *sum = (struct sum *)thought;
    assert_false(sum->is_done);
    assert_true(pthread_equal(pthread_self(), loop));
    assert_int_equal(sum->number, next_done);
    sum->is_done = true;
    next_done++;
    in_vain += thought->in_vain ? 1 : 0;
}

static struct thinker *begin(void)
{
    struct thinker *thinker = NULL;
    loop = pthread_self();
    next_thought = next_done = in_vain = mistakes = 0;
    assert_int_equal(thinker_create(&thinker), STATUS_OK);
    for (int i = 0; i < COUNT; i++) {
        sums[i] = (struct sum){.thought = {.think = think, .done = done}, .number = i};
    }
    return thinker;
}

static void test_everything_is_thought_once_and_in_order(void **state)
{
    (void)state;
    struct thinker *thinker = begin();
    int given = 0;
    thinker_turn(thinker);
    while (next_done < COUNT) {
        for (int i = 0; i < 7 && given < COUNT; i++) {
            thinker_give(thinker, &sums[given++].thought);
        }
        struct pollfd descriptor = {.fd = thinker_descriptor(thinker),
                                    .events = POLLIN};
        assert_int_equal(poll(&descriptor, 1, PATIENCE_MS), 1);
        thinker_turn(thinker);
        assert_int_equal(thinker_count(thinker), given - next_done);
    }
    assert_int_equal(in_vain, 0);
    assert_int_equal(mistakes, 0);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(sums[i].twice, 2 * i);
    }
    thinker_destroy(thinker);
}

/* A loop that turns for other reasons takes an answer before it is told of it. */
static void test_nobody_is_woken_for_what_is_finished(void **state)
{
    (void)state;
    struct thinker *thinker = begin();
    for (int i = 0; i < COUNT; i++) {
        thinker_give(thinker, &sums[i].thought);
        while (thinker_count(thinker) > 0) {
            thinker_turn(thinker);
        }
        struct pollfd descriptor = {.fd = thinker_descriptor(thinker),
                                    .events = POLLIN};
        assert_int_equal(poll(&descriptor, 1, 0), 0);
    }
    thinker_destroy(thinker);
}

static void test_what_is_not_answered_at_the_end_was_thought_in_vain(void **state)
{
    (void)state;
    struct thinker *thinker = begin();
    for (int i = 0; i < COUNT; i++) {
        thinker_give(thinker, &sums[i].thought);
    }
    thinker_destroy(thinker);
    assert_int_equal(next_done, COUNT);
    assert_int_equal(in_vain, COUNT);
    assert_in_range(next_thought, 0, COUNT);
    thinker_destroy(NULL);
}

/* ---- whose turn it is -------------------------------------------------------------- */

enum { GREEDY = 1, MODEST = 2, GREEDY_COUNT = 20 };

struct turn {
    struct thought thought; /* first */
    pthread_mutex_t *gate;  /* what it waits for */
};

static char order[GREEDY_COUNT + 4];
static size_t ordered;

static void take_turn(struct thought *thought)
{
    const struct turn *turn = (const struct turn *)thought;
    pthread_mutex_lock(turn->gate);
    order[ordered++] = thought->whose == GREEDY ? 'g' : 'm';
    pthread_mutex_unlock(turn->gate);
}

static void turn_done(struct thought *thought)
{
    (void)thought;
    next_done++;
}

static void test_who_asks_for_much_takes_turns_with_others(void **state)
{
    (void)state;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct turn turns[GREEDY_COUNT + 3];
    struct thinker *thinker = begin();
    memset(order, 0, sizeof(order));
    ordered = 0;
    pthread_mutex_lock(&gate);
    for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
        turns[i] = (struct turn){.thought = {.think = take_turn, .done = turn_done},
                                 .gate = &gate};
        turns[i].thought.whose = i < GREEDY_COUNT ? GREEDY : MODEST;
        thinker_give(thinker, &turns[i].thought);
    }
    assert_int_equal(thinker_count_of(thinker, MODEST), 3);
    assert_in_range(thinker_count_of(thinker, GREEDY), GREEDY_COUNT - 1, GREEDY_COUNT);
    pthread_mutex_unlock(&gate);
    while (next_done < GREEDY_COUNT + 3) {
        struct pollfd descriptor = {.fd = thinker_descriptor(thinker),
                                    .events = POLLIN};
        assert_int_equal(poll(&descriptor, 1, PATIENCE_MS), 1);
        thinker_turn(thinker);
    }
    /* The thread may have taken one before the second was given: a turn more for it. */
    const char *from = order + (order[1] == 'g' && order[2] == 'm' ? 1 : 0);
    assert_memory_equal(from, "gmgmgmg", 7);
    assert_null(strchr(from + 7, 'm'));
    assert_int_equal(thinker_count_of(thinker, GREEDY), 0);
    thinker_destroy(thinker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_is_thought_once_and_in_order),
        cmocka_unit_test(test_nobody_is_woken_for_what_is_finished),
        cmocka_unit_test(test_what_is_not_answered_at_the_end_was_thought_in_vain),
        cmocka_unit_test(test_who_asks_for_much_takes_turns_with_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
