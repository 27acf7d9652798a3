// SPDX-License-Identifier: Apache-2.0

/*
 * The table is small enough to check completely, so these tests state what must hold
 * for every row and every path rather than walking a few examples.
 */
#include "broker/negotiation.h"

#include "tests/support/test.h"

#include <stdbool.h>
#include <string.h>

enum { STATES = DONE + 1, EVENTS = OLD_TIME_ARRIVED + 1 };

static void test_a_pair_appears_at_most_once(void **state)
{
    (void)state;
    size_t count;
    const struct transition *table = negotiation_table(&count);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(negotiation_find(table[i].from, table[i].event), &table[i]);
    }
}

/* Held while proposed, firm while confirmed, both while moving; the organizer decides
 * with the hold still there.  If this fails, some path claims time for nobody, or
 * confirms what was never held. */
static void test_claims_follow_the_state(void **state)
{
    (void)state;
    static const bool held_in[STATES] = {
        [PROPOSED] = true, [MOVING] = true, [WAITING_ORGANIZER] = true};
    static const bool firm_in[STATES] = {
        [CONFIRMED] = true, [MOVING] = true, [DONE] = true};
    size_t count;
    const struct transition *table = negotiation_table(&count);
    for (size_t i = 0; i < count; i++) {
        const struct transition *row = &table[i];
        bool held = held_in[row->from];
        bool firm = firm_in[row->from];
        if (row->effects & HOLD) {
            held = true;
        }
        if (row->effects & RELEASE_HELD) {
            assert_true(held);
            held = false;
        }
        if ((row->effects & RELEASE_FIRM) != 0) {
            assert_true(firm);
            firm = false;
        }
        if (row->effects & MAKE_FIRM) {
            assert_true(held);
            assert_false(firm);
            held = false;
            firm = true;
        }
        assert_int_equal(held, held_in[row->to]);
        assert_int_equal(firm, firm_in[row->to]);
    }
}

static void test_an_end_has_no_way_out(void **state)
{
    (void)state;
    for (int from = CANCELLED; from <= DONE; from++) {
        assert_true(negotiation_is_over((enum negotiation_state)from));
        for (int event = SLOT_FOUND; event < EVENTS; event++) {
            assert_null(negotiation_find((enum negotiation_state)from,
                                         (enum negotiation_event)event));
        }
    }
}

static void reach(enum negotiation_state from, bool reached[STATES])
{
    size_t count;
    const struct transition *table = negotiation_table(&count);
    bool more = true;
    memset(reached, 0, STATES * sizeof(*reached));
    reached[from] = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < count; i++) {
            if (reached[table[i].from] && !reached[table[i].to]) {
                reached[table[i].to] = true;
                more = true;
            }
        }
    }
}

static void test_every_state_is_reached_and_reaches_an_end(void **state)
{
    (void)state;
    bool reached[STATES];
    reach(NOTHING_YET, reached);
    for (int to = SEARCHING; to < STATES; to++) {
        assert_true(reached[to]);
    }
    for (int from = NOTHING_YET; from < STATES; from++) {
        reach((enum negotiation_state)from, reached);
        assert_true(reached[CANCELLED] || reached[EXPIRED] || reached[DONE]);
    }
}

/* Silence ends everything: each state that waits for people has its own deadline. */
static void test_no_state_waits_for_ever(void **state)
{
    (void)state;
    static const enum negotiation_state waiting[] = {SEARCHING, PROPOSED, MOVING,
                                                     WAITING_ORGANIZER};
    for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++) {
        assert_non_null(negotiation_find(waiting[i], TIME_OVER));
        assert_non_null(negotiation_find(waiting[i], CANCEL));
    }
    assert_non_null(negotiation_find(CONFIRMED, SLOT_ENDED));
}

static void test_an_ending_is_never_silent(void **state)
{
    (void)state;
    size_t count;
    const struct transition *table = negotiation_table(&count);
    for (size_t i = 0; i < count; i++) {
        const struct transition *row = &table[i];
        assert_true((row->effects & (ASK | ANNOUNCE | TELL_ORGANIZER | REFUSE)) != 0);
        bool claims_end = (row->effects & (RELEASE_HELD | RELEASE_FIRM)) != 0;
        /* Whoever gives time back is told so. */
        assert_true(!claims_end || (row->effects & (ANNOUNCE | ASK)) != 0);
    }
}

static void test_rounds_are_bounded_wherever_a_shift_is_possible(void **state)
{
    (void)state;
    assert_non_null(negotiation_find(PROPOSED, ROUNDS_USED));
    assert_non_null(negotiation_find(MOVING, ROUNDS_USED));
    for (int from = NOTHING_YET; from < STATES; from++) {
        const struct transition *found =
            negotiation_find((enum negotiation_state)from, SHIFT_FOUND);
        const struct transition *none =
            negotiation_find((enum negotiation_state)from, SHIFT_NONE);
        assert_int_equal(found == NULL, none == NULL);
    }
}

static void test_every_name_is_there(void **state)
{
    (void)state;
    size_t count;
    const struct transition *table = negotiation_table(&count);
    for (size_t i = 0; i < count; i++) {
        assert_string_not_equal(negotiation_state_name(table[i].to), "?");
        assert_string_not_equal(negotiation_event_name(table[i].event), "?");
        assert_true(strlen(table[i].why) > 10);
        assert_true(strlen(table[i].code) > 3);
    }
    assert_string_equal(negotiation_event_name((enum negotiation_event)0), "?");
    assert_string_equal(negotiation_state_name((enum negotiation_state)99), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pair_appears_at_most_once),
        cmocka_unit_test(test_claims_follow_the_state),
        cmocka_unit_test(test_an_end_has_no_way_out),
        cmocka_unit_test(test_every_state_is_reached_and_reaches_an_end),
        cmocka_unit_test(test_no_state_waits_for_ever),
        cmocka_unit_test(test_an_ending_is_never_silent),
        cmocka_unit_test(test_rounds_are_bounded_wherever_a_shift_is_possible),
        cmocka_unit_test(test_every_name_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
