// SPDX-License-Identifier: Apache-2.0

/*
 * The table is small enough to check completely, so these tests state what must hold
 * for every row and every path rather than walking a few examples.
 */
#include "broker/negotiation.h"

#include "tests/support/test.h"

#include <stdbool.h>
#include <string.h>

enum { STATES = DONE + 1, EVENTS = 64, PATH = 12 }; /* more events than there are */

static void test_a_pair_appears_at_most_once(void **state)
{
    (void)state;
    size_t count;
    const struct transition *table = negotiation_table(&count);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(negotiation_find(table[i].from, table[i].event), &table[i]);
    }
}

/* What a meeting claims. */
struct claims {
    bool held;
    bool firm;
};

static const struct claims claims_in[STATES] = {
    [PROPOSED] = {.held = true},
    [WAITING_ORGANIZER] = {.held = true},
    [CONFIRMED] = {.firm = true},
    [DONE] = {.firm = true},
    [MOVING] = {.held = true, .firm = true},
};

/* Carry the row's effects out on nothing but the claims. */
static struct claims take(struct claims claims, const struct transition *row)
{
    unsigned effects = row->effects;
    if (effects & HOLD) {
        claims.held = true;
    }
    if (effects & RELEASE_HELD) {
        assert_true(claims.held);
        claims.held = false;
    }
    if (effects & RELEASE_FIRM) {
        assert_true(claims.firm);
        claims.firm = false;
    }
    if (effects & MAKE_FIRM) {
        /* What was never held is not confirmed, and what is agreed is not lost. */
        assert_true(claims.held);
        assert_false(claims.firm);
        claims = (struct claims){.firm = true};
    }
    if (effects & FIRM_TO_HELD) {
        /* What had been agreed is not given up before somebody has decided. */
        assert_true(claims.firm);
        assert_false(claims.held);
        claims = (struct claims){.held = true};
    }
    return claims;
}

/* Held while proposed, firm while confirmed, both while moving; the organizer decides
 * with the hold still there.  If this fails, some row claims time for nobody, or
 * confirms what was never held. */
static void test_claims_follow_the_state_over_every_row(void **state)
{
    (void)state;
    size_t count;
    const struct transition *table = negotiation_table(&count);
    for (size_t i = 0; i < count; i++) {
        struct claims after = take(claims_in[table[i].from], &table[i]);
        assert_int_equal(after.held, claims_in[table[i].to].held);
        assert_int_equal(after.firm, claims_in[table[i].to].firm);
    }
}

/* What has happened on a path, as far as the laws of paths need it. */
struct walk {
    enum negotiation_state state;
    struct claims claims;
    bool proposed;
    bool agreed;
    size_t length;
    unsigned event; /* the last one tried from here */
};

static void check_walk(const struct walk *walk, const struct transition *row)
{
    assert_int_equal(walk->claims.held, claims_in[walk->state].held);
    assert_int_equal(walk->claims.firm, claims_in[walk->state].firm);
    /* Nothing is agreed that was never proposed, and nothing moves that was not agreed. */
    assert_true(walk->state != CONFIRMED || (walk->proposed && walk->agreed));
    assert_true(walk->state != MOVING || walk->agreed);
    assert_true(walk->state != DONE || walk->agreed);
    /* Whoever was asked hears the end of it. */
    bool asked = walk->proposed && (walk->state == CANCELLED || walk->state == EXPIRED);
    assert_true(!asked || (row->effects & (ANNOUNCE | TELL_ORGANIZER)) != 0);
    assert_true(!negotiation_is_over(walk->state) || !walk->claims.held);
}

/* Every path of PATH steps from the first state on, its prefixes included.  Paths that
 * have come to the same place with the same past go on alike and are walked once. */
static void test_claims_follow_the_state_on_every_path(void **state)
{
    (void)state;
    static bool seen[PATH + 1][STATES][2][2];
    struct walk stack[PATH + 1] = {{.state = NOTHING_YET}};
    size_t depth = 0;
    size_t steps = 0;
    for (;;) {
        struct walk *here = &stack[depth];
        const struct transition *row = NULL;
        while (row == NULL && depth < PATH && ++here->event < EVENTS) {
            row = negotiation_find(here->state, (enum negotiation_event)here->event);
        }
        if (row == NULL) {
            if (depth == 0) {
                break;
            }
            depth--;
            continue;
        }
        struct walk next = {.state = row->to,
                            .claims = take(here->claims, row),
                            .proposed = here->proposed || (row->effects & HOLD) != 0,
                            .agreed = here->agreed || (row->effects & MAKE_FIRM) != 0};
        check_walk(&next, row);
        steps++;
        bool *was = &seen[depth + 1][next.state][next.proposed][next.agreed];
        if (!*was) {
            *was = true;
            stack[++depth] = next;
        }
    }
    assert_true(steps > 100);
}

/* A refusal changes nothing. */
static void test_a_refusing_row_stays_where_it_is(void **state)
{
    (void)state;
    size_t count;
    const struct transition *table = negotiation_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (table[i].effects & REFUSE) {
            assert_int_equal(table[i].effects, REFUSE);
            assert_int_equal(table[i].from, table[i].to);
        }
    }
}

/* A hold is asked about, or it is nobody's; who is dropped learns of it. */
static void test_whoever_is_held_is_asked(void **state)
{
    (void)state;
    size_t count;
    const struct transition *table = negotiation_table(&count);
    for (size_t i = 0; i < count; i++) {
        unsigned effects = table[i].effects;
        assert_true((effects & HOLD) == 0 || (effects & (ASK | ANNOUNCE)) != 0);
        assert_true((effects & DROP_PARTY) == 0 ||
                    (effects & (ASK | ANNOUNCE | TELL_ORGANIZER)) != 0);
        assert_true((effects & MAKE_FIRM) == 0 || (effects & ANNOUNCE) != 0);
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
        assert_true((row->effects &
                     (ASK | ANNOUNCE | TELL_ORGANIZER | REFUSE | ASK_OWNER)) != 0);
        bool claims_end = (row->effects & (RELEASE_HELD | RELEASE_FIRM)) != 0;
        /* Whoever gives time back is told so. */
        assert_true(!claims_end || (row->effects & (ANNOUNCE | ASK)) != 0);
    }
}

/* The owner of an agenda that diverges is asked before anybody else hears of it, and
 * the claim stands meanwhile. */
static void test_a_divergence_changes_nothing_for_the_others(void **state)
{
    (void)state;
    static const enum negotiation_event events[] = {DIVERGED, DIVERGENCE_SETTLED};
    for (int from = NOTHING_YET; from < STATES; from++) {
        for (size_t i = 0; i < 2; i++) {
            const struct transition *row =
                negotiation_find((enum negotiation_state)from, events[i]);
            assert_true(row == NULL || row->to == row->from);
            assert_true(row == NULL || row->effects == ASK_OWNER);
        }
        bool asks = negotiation_find((enum negotiation_state)from, DIVERGED) != NULL;
        bool settles =
            negotiation_find((enum negotiation_state)from, DIVERGENCE_SETTLED) != NULL;
        assert_int_equal(asks, settles);
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
        for (unsigned bit = 0; bit < EFFECT_BITS; bit++) {
            if (table[i].effects & 1u << bit) {
                assert_non_null(negotiation_effect_name(1u << bit));
            }
        }
    }
    assert_string_equal(negotiation_event_name((enum negotiation_event)0), "?");
    assert_string_equal(negotiation_state_name((enum negotiation_state)99), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pair_appears_at_most_once),
        cmocka_unit_test(test_claims_follow_the_state_over_every_row),
        cmocka_unit_test(test_claims_follow_the_state_on_every_path),
        cmocka_unit_test(test_a_refusing_row_stays_where_it_is),
        cmocka_unit_test(test_whoever_is_held_is_asked),
        cmocka_unit_test(test_an_end_has_no_way_out),
        cmocka_unit_test(test_every_state_is_reached_and_reaches_an_end),
        cmocka_unit_test(test_no_state_waits_for_ever),
        cmocka_unit_test(test_an_ending_is_never_silent),
        cmocka_unit_test(test_a_divergence_changes_nothing_for_the_others),
        cmocka_unit_test(test_rounds_are_bounded_wherever_a_shift_is_possible),
        cmocka_unit_test(test_every_name_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
