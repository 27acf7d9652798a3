// SPDX-License-Identifier: Apache-2.0

/*
 * Laws of the decision rules: for meetings drawn at random, what follows by itself, which
 * event an answer is, and which of several candidates stays are what the rules say in plain
 * words.  RANDOM_SEED in the environment repeats a run.
 */
#include "broker/matter_internal.h"
#include "proto/limits.h"

#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 6, STARTS = 4, ROUNDS = 60000 };

static uint64_t state_of_chance;

static uint32_t chance(uint32_t below)
{
    assert(below > 0);
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return (uint32_t)(state_of_chance >> 33) % below;
}

/* One meeting with everything it points at. */
struct drawn {
    struct entente_party parties[MOST];
    int64_t people[MOST];
    struct entente_spec spec;
    struct entente_kept kept;
    struct entente_proposal proposal;
    struct entente_slot slots[STARTS];
    struct entente_attendance absent[STARTS][MOST];
    struct entente_span spans[STARTS];
    struct entente_graded grades[MOST][STARTS];
    struct entente_meeting meeting;
};

static void draw_party(struct drawn *drawn, size_t i)
{
    static const uint32_t kinds[] = {ENTENTE_PROFESSIONAL,   ENTENTE_PROFESSIONAL,
                                     ENTENTE_PROFESSIONAL,   ENTENTE_PATIENT,
                                     ENTENTE_REPRESENTATIVE, ENTENTE_GUEST,
                                     ENTENTE_RESOURCE};
    static const uint32_t answers[] = {0, ENTENTE_ACCEPT, ENTENTE_ACCEPT,
                                       ENTENTE_SHIFT};
    struct entente_party *party = &drawn->parties[i];
    *party = (struct entente_party){
        .kind = kinds[chance(7)],
        .importance = 1 + chance(2),
        .dropped = chance(8) == 0,
        .answer = answers[chance(4)],
    };
    party->ask_if_unknown = party->kind == ENTENTE_GUEST && chance(2) == 0;
    party->asked = party->ask_if_unknown;
    party->attends = !party->dropped && chance(6) != 0;
    /* Some have answered an older proposal. */
    party->answer_proposal = party->answer == 0 ? 0 : 6 + (chance(4) != 0);
    drawn->people[i] = party->kind == ENTENTE_GUEST ? 0 : (int64_t)i + 1;
}

static void draw(struct drawn *drawn)
{
    memset(drawn, 0, sizeof(*drawn));
    size_t count = 1 + chance(MOST);
    for (size_t i = 0; i < count; i++) {
        draw_party(drawn, i);
    }
    drawn->spec = (struct entente_spec){
        .parties = drawn->parties,
        .parties_count = count,
        .rule = chance(5),
        .patient_presence = chance(4),
        .patient_must_accept = chance(2) == 0,
    };
    drawn->spec.quorum = drawn->spec.rule == ENTENTE_QUORUM ? 1 + chance(MOST)
                                                            : chance(2) * chance(MOST);
    drawn->kept = (struct entente_kept){.people = drawn->people,
                                        .people_count = count,
                                        .held_start = 100,
                                        .held_end = 160};
    drawn->proposal = (struct entente_proposal){.number = 7, .start = 100, .end = 160};
    drawn->meeting = (struct entente_meeting){
        .state = chance(2) == 0 ? ENTENTE_PROPOSED : ENTENTE_MOVING,
        .spec = &drawn->spec,
        .kept = &drawn->kept,
        .proposal = &drawn->proposal,
    };
}

/* Several slots, at some of which some cannot come, and what has been said of them. */
static void draw_poll(struct drawn *drawn)
{
    draw(drawn);
    drawn->meeting.state = ENTENTE_PROPOSED;
    drawn->proposal.candidates = drawn->slots;
    drawn->proposal.candidates_count = 2 + chance(STARTS - 1);
    drawn->kept.candidates = drawn->spans;
    drawn->kept.candidates_count = drawn->proposal.candidates_count;
    for (size_t i = 0; i < drawn->proposal.candidates_count; i++) {
        struct entente_slot *slot = &drawn->slots[i];
        *slot = (struct entente_slot){.start = 100 + (int32_t)i * 100,
                                      .end = 160 + (int32_t)i * 100,
                                      .absent = drawn->absent[i]};
        drawn->spans[i] = (struct entente_span){slot->start, slot->end};
        for (size_t j = 0; j < drawn->spec.parties_count; j++) {
            if (!matter_is_indispensable(&drawn->meeting, j) && chance(5) == 0) {
                drawn->absent[i][slot->absent_count++] = (struct entente_attendance){
                    .party = (uint32_t)j, .absence = ENTENTE_IS_BUSY};
            }
        }
    }
    for (size_t j = 0; j < drawn->spec.parties_count; j++) {
        struct entente_party *party = &drawn->parties[j];
        if (party->answer == ENTENTE_ACCEPT && chance(3) != 0) {
            party->grades = drawn->grades[j];
            party->grades_count =
                1 + chance((uint32_t)drawn->proposal.candidates_count);
            for (size_t i = 0; i < party->grades_count; i++) {
                party->grades[i] = (struct entente_graded){
                    .start = drawn->slots[i].start, .grade = 1 + chance(3)};
            }
        }
    }
}

/* ---- in plain words ----------------------------------------------------------------
 */

static bool comes(const struct drawn *drawn, size_t i)
{
    return drawn->parties[i].attends && !drawn->parties[i].dropped;
}

static bool said_yes(const struct drawn *drawn, size_t i)
{
    return drawn->parties[i].answer == ENTENTE_ACCEPT &&
           drawn->parties[i].answer_proposal == 7;
}

static bool is_asked(const struct drawn *drawn, size_t i)
{
    const struct entente_party *party = &drawn->parties[i];
    bool patients =
        party->kind == ENTENTE_PATIENT || party->kind == ENTENTE_REPRESENTATIVE;
    return party->asked || party->kind == ENTENTE_PROFESSIONAL ||
           (patients && drawn->spec.patient_must_accept);
}

/* Have those accepted whom the rule wants? */
static bool is_agreed(const struct drawn *drawn)
{
    uint32_t heads = 0;
    for (size_t i = 0; i < drawn->spec.parties_count; i++) {
        const struct entente_party *party = &drawn->parties[i];
        bool must = matter_is_indispensable(&drawn->meeting, i);
        bool wanted = drawn->spec.rule == ENTENTE_QUORUM ||
                              drawn->spec.rule == ENTENTE_ALL_INDISPENSABLE
                          ? must
                          : true;
        if (comes(drawn, i) && is_asked(drawn, i) && wanted && !said_yes(drawn, i)) {
            return false;
        }
        bool present =
            said_yes(drawn, i) || (!is_asked(drawn, i) && party->kind != ENTENTE_GUEST);
        heads += comes(drawn, i) && present && party->kind != ENTENTE_RESOURCE ? 1 : 0;
    }
    return drawn->spec.rule != ENTENTE_QUORUM || heads >= drawn->spec.quorum;
}

/* ---- one slot ----------------------------------------------------------------------
 */

static void test_what_follows_is_what_the_rule_says(void **state)
{
    (void)state;
    struct drawn drawn;
    for (size_t round = rounds_of(ROUNDS); round > 0; round--) {
        draw(&drawn);
        bool moving = drawn.meeting.state == ENTENTE_MOVING;
        bool organizer = drawn.spec.rule == ENTENTE_ORGANIZER_DECIDES;
        enum negotiation_event wanted = !is_agreed(&drawn) ? 0
                                        : !organizer       ? ALL_ACCEPTED
                                        : moving           ? 0
                                                           : READY;
        assert_int_equal(matter_follow_up(&drawn.meeting), wanted);
        assert_true(wanted == 0 ||
                    negotiation_find((enum negotiation_state)drawn.meeting.state,
                                     wanted) != NULL);
        drawn.meeting.state = ENTENTE_WAITING_ORGANIZER;
        assert_int_equal(matter_follow_up(&drawn.meeting), 0);
    }
}

/* Whoever is named by an event before the answer is right about what is there after it. */
static void test_an_answer_is_the_event_that_it_makes(void **state)
{
    (void)state;
    struct drawn drawn;
    for (size_t round = rounds_of(ROUNDS); round > 0; round--) {
        draw(&drawn);
        size_t who = chance((uint32_t)drawn.spec.parties_count);
        if (!comes(&drawn, who)) {
            continue;
        }
        enum negotiation_event yes = matter_accept_event(&drawn.meeting, (int)who);
        enum negotiation_event no = matter_decline_event(&drawn.meeting, (int)who);
        assert_non_null(
            negotiation_find((enum negotiation_state)drawn.meeting.state, yes));
        assert_non_null(
            negotiation_find((enum negotiation_state)drawn.meeting.state, no));
        struct drawn after = drawn;
        after.spec.parties = after.parties;
        after.meeting.spec = &after.spec;
        after.parties[who].answer = ENTENTE_ACCEPT;
        after.parties[who].answer_proposal = 7;
        if (yes == ALL_ACCEPTED || yes == READY) {
            assert_int_equal(matter_follow_up(&after.meeting), yes);
        } else {
            assert_int_equal(yes, ACCEPTED);
            assert_int_equal(matter_follow_up(&after.meeting), 0);
        }
        after.parties[who].dropped = true;
        if (no == OPTIONAL_DECLINED_LAST) {
            assert_int_equal(matter_follow_up(&after.meeting), ALL_ACCEPTED);
        } else if (no == OPTIONAL_DECLINED) {
            assert_false(matter_is_needed(&drawn.meeting, who));
            assert_true(matter_follow_up(&after.meeting) != ALL_ACCEPTED);
        }
    }
}

/* One more yes never makes less of what has been agreed. */
static void test_a_yes_never_hurts(void **state)
{
    (void)state;
    struct drawn drawn;
    for (size_t round = rounds_of(ROUNDS); round > 0; round--) {
        draw(&drawn);
        bool before = matter_awaits_anybody(&drawn.meeting, -1);
        size_t who = chance((uint32_t)drawn.spec.parties_count);
        bool with_it = matter_awaits_anybody(&drawn.meeting, (int)who);
        assert_true(before || !with_it);
        drawn.parties[who].answer = ENTENTE_ACCEPT;
        drawn.parties[who].answer_proposal = 7;
        bool after = matter_awaits_anybody(&drawn.meeting, -1);
        assert_true(before || !after);
        /* Counted beforehand is counted right, of those who come. */
        assert_true(!comes(&drawn, who) || after == with_it);
    }
}

static void test_late_answers_are_taken_as_such(void **state)
{
    (void)state;
    struct drawn drawn;
    for (size_t round = rounds_of(ROUNDS / 10); round > 0; round--) {
        draw(&drawn);
        drawn.meeting.state = ENTENTE_CONFIRMED;
        int who = (int)chance((uint32_t)drawn.spec.parties_count);
        assert_int_equal(matter_accept_event(&drawn.meeting, who), LATE_ACCEPTED);
        assert_int_equal(matter_follow_up(&drawn.meeting), 0);
        bool needed = matter_is_needed(&drawn.meeting, (size_t)who);
        assert_int_equal(matter_decline_event(&drawn.meeting, who),
                         needed ? DECLINED : OPTIONAL_WITHDREW);
        /* Who has not said yes is not what a quorum of yeses stands on. */
        if (drawn.spec.rule == ENTENTE_QUORUM && !said_yes(&drawn, (size_t)who)) {
            assert_int_equal(needed,
                             matter_is_indispensable(&drawn.meeting, (size_t)who));
        }
    }
}

/* ---- several slots -----------------------------------------------------------------
 */

/* 0: nothing said. */
static uint32_t grade(const struct drawn *drawn, size_t i, size_t slot)
{
    const struct entente_party *party = &drawn->parties[i];
    if (!said_yes(drawn, i)) {
        return 0;
    }
    if (party->grades_count == 0) {
        return ENTENTE_GRADE_YES;
    }
    return slot < party->grades_count ? party->grades[slot].grade : ENTENTE_GRADE_NO;
}

static bool knows_absence(const struct drawn *drawn, size_t i, size_t slot)
{
    for (size_t j = 0; j < drawn->slots[slot].absent_count; j++) {
        if (drawn->absent[slot][j].party == i) {
            return true;
        }
    }
    return false;
}

static bool suits(const struct drawn *drawn, size_t slot, uint32_t *ret_worth)
{
    uint32_t heads = 0;
    uint32_t glad = 0;
    for (size_t i = 0; i < drawn->spec.parties_count; i++) {
        bool no =
            knows_absence(drawn, i, slot) || grade(drawn, i, slot) == ENTENTE_GRADE_NO;
        if (!comes(drawn, i)) {
            continue;
        }
        if (no && matter_is_indispensable(&drawn->meeting, i)) {
            return false;
        }
        bool sure = grade(drawn, i, slot) != 0 || !is_asked(drawn, i);
        bool head = drawn->parties[i].kind != ENTENTE_RESOURCE &&
                    (sure || drawn->spec.rule != ENTENTE_QUORUM);
        heads += !no && head ? 1 : 0;
        glad += !no && grade(drawn, i, slot) == ENTENTE_GRADE_YES ? 1 : 0;
    }
    *ret_worth = heads * (MOST + 1) + glad;
    return heads >= drawn->spec.quorum;
}

static void test_the_best_candidate_is_the_best(void **state)
{
    (void)state;
    struct drawn drawn;
    for (size_t round = rounds_of(ROUNDS); round > 0; round--) {
        draw_poll(&drawn);
        const struct entente_slot *best = matter_poll_best(&drawn.meeting);
        int32_t wanted = 0;
        uint32_t most = 0;
        for (size_t i = 0; i < drawn.proposal.candidates_count; i++) {
            uint32_t worth = 0;
            if (suits(&drawn, i, &worth) && (wanted == 0 || worth > most)) {
                wanted = drawn.slots[i].start;
                most = worth;
            }
        }
        assert_int_equal(best == NULL ? 0 : best->start, wanted);
    }
}

static void test_a_poll_is_decided_only_on_what_suits(void **state)
{
    (void)state;
    struct drawn drawn;
    for (size_t round = rounds_of(ROUNDS); round > 0; round--) {
        draw_poll(&drawn);
        enum negotiation_event event = matter_follow_up(&drawn.meeting);
        const struct entente_slot *best = matter_poll_best(&drawn.meeting);
        assert_true(event != POLL_DECIDED || best != NULL);
        assert_true(event != POLL_EMPTY || best == NULL);
        bool organizer = drawn.spec.rule == ENTENTE_ORGANIZER_DECIDES;
        assert_true(event != READY || organizer);
        assert_true(!organizer || event == READY || event == 0);
        assert_true(event == 0 || negotiation_find(PROPOSED, event) != NULL);
        for (size_t i = 0; i < drawn.spec.parties_count && event != 0; i++) {
            /* Nobody who must come is passed over. */
            assert_false(matter_is_awaited(&drawn.meeting, i) &&
                         matter_is_indispensable(&drawn.meeting, i));
        }
        assert_int_equal(
            matter_accept_event(&drawn.meeting,
                                (int)chance((uint32_t)drawn.spec.parties_count)),
            GRADED);
    }
}

static void test_what_stays_is_the_only_one(void **state)
{
    (void)state;
    struct drawn drawn;
    for (size_t round = rounds_of(ROUNDS); round > 0; round--) {
        draw_poll(&drawn);
        size_t which = chance((uint32_t)drawn.proposal.candidates_count);
        struct drawn before = drawn;
        matter_poll_pick(&drawn.meeting, drawn.slots[which].start);
        assert_int_equal(drawn.proposal.candidates_count, 0);
        assert_int_equal(drawn.kept.candidates_count, 0);
        assert_int_equal(drawn.proposal.start, before.slots[which].start);
        assert_int_equal(drawn.kept.held_start, before.slots[which].start);
        assert_int_equal(drawn.kept.held_end, before.slots[which].end);
        for (size_t i = 0; i < drawn.spec.parties_count; i++) {
            bool no = knows_absence(&before, i, which) ||
                      grade(&before, i, which) == ENTENTE_GRADE_NO;
            assert_true(!no || !drawn.parties[i].attends);
            assert_true(!drawn.parties[i].dropped || !drawn.parties[i].attends);
        }
    }
}

int main(void)
{
    const char *given = getenv("RANDOM_SEED");
    state_of_chance =
        given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761U;
    state_of_chance |= 1;
    printf("RANDOM_SEED=%llu\n", (unsigned long long)state_of_chance);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_follows_is_what_the_rule_says),
        cmocka_unit_test(test_an_answer_is_the_event_that_it_makes),
        cmocka_unit_test(test_a_yes_never_hurts),
        cmocka_unit_test(test_late_answers_are_taken_as_such),
        cmocka_unit_test(test_the_best_candidate_is_the_best),
        cmocka_unit_test(test_a_poll_is_decided_only_on_what_suits),
        cmocka_unit_test(test_what_stays_is_the_only_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
