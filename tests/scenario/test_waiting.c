// SPDX-License-Identifier: Apache-2.0

/*
 * Who waits for a slot, and who gets it.  Anna has one free hour, and more people want it
 * than it has room for.
 */
#include "tests/scenario/look.h"
#include "tests/scenario/seek.h"
#include "tests/scenario/world_hang.h"

#include "tests/support/test.h"

#include <signal.h>
#include <string.h>

enum { MANY = 12 };

static struct entente_identifier who;
static struct entente_party party;
static struct entente_span window;
static struct entente_spec spec;

/* One hour of Anna, the only one that she has. */
static void begin(void)
{
    const struct entente_range hour = seek_range(480, 540, ENTENTE_FREE);
    seek_publish(anna, ANNA, &hour, 1, NULL);
    who = world_identifier(ANNA);
    party = world_party(&who, false);
    window = (struct entente_span){world.day, world.day + DAY};
    spec = world_spec(&party, 1, &window);
    spec.zone = "UTC";
}

/* A meeting of which only the id is known. */
struct known {
    uint8_t id[16];
    struct entente_proposal proposal;
    struct entente_meeting meeting;
};

static void remember(const struct entente_meeting *meeting, struct known *ret)
{
    memcpy(ret->id, meeting->id.data, sizeof(ret->id));
    ret->proposal.number = meeting->proposal == NULL ? 0 : meeting->proposal->number;
    ret->meeting = (struct entente_meeting){.id = {ret->id, sizeof(ret->id)},
                                            .proposal = &ret->proposal};
}

static void ask(uint32_t priority, uint32_t state, struct known *ret)
{
    const struct entente_meeting *meeting = NULL;
    spec.priority = priority;
    assert_int_equal(world_request(coordinator, &spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, state);
    remember(meeting, ret);
}

static uint32_t state_of(const struct known *known)
{
    return look_at(coordinator, &known->meeting)->state;
}

static void test_the_most_pressing_then_the_oldest_gets_the_slot(void **state)
{
    (void)state;
    struct known holder;
    struct known old;
    struct known young;
    struct known soon;
    struct known pressing;
    begin();
    ask(0, ENTENTE_PROPOSED, &holder);
    ask(ENTENTE_ROUTINE, ENTENTE_SEARCHING, &old);
    ask(0, ENTENTE_SEARCHING, &young);
    ask(ENTENTE_SOON, ENTENTE_SEARCHING, &soon);
    ask(ENTENTE_PRESSING, ENTENTE_SEARCHING, &pressing);
    struct known *const order[] = {&holder, &pressing, &soon, &old, &young};
    for (size_t i = 0; i + 1 < 5; i++) {
        circle_called_off(&order[i]->meeting);
        circle_learns(anna, &order[i + 1]->meeting, ENTENTE_PROPOSED);
        look_until_calm();
        for (size_t j = i + 2; j < 5; j++) {
            assert_int_equal(state_of(order[j]), ENTENTE_SEARCHING);
        }
        assert_int_equal(circle_claims(), 1);
    }
    circle_called_off(&young.meeting);
}

static void test_of_many_exactly_the_right_one_gets_it(void **state)
{
    (void)state;
    struct known holder;
    struct known waiting[MANY];
    begin();
    ask(0, ENTENTE_PROPOSED, &holder);
    for (size_t i = 0; i < MANY; i++) {
        ask(i == 7 ? ENTENTE_SOON : 0, ENTENTE_SEARCHING, &waiting[i]);
    }
    /* The agenda gives a second hour: one of them has it, and one only. */
    const struct entente_range hours[] = {seek_range(480, 540, ENTENTE_FREE),
                                          seek_range(600, 660, ENTENTE_FREE)};
    seek_publish(anna, ANNA, hours, 2, NULL);
    circle_learns(anna, &waiting[7].meeting, ENTENTE_PROPOSED);
    circle_called_off(&holder.meeting);
    circle_learns(anna, &waiting[0].meeting, ENTENTE_PROPOSED);
    look_until_calm();
    for (size_t i = 1; i < MANY; i++) {
        assert_int_equal(state_of(&waiting[i]),
                         i == 7 ? ENTENTE_PROPOSED : ENTENTE_SEARCHING);
    }
    assert_int_equal(world_overlaps(&world), 0);
    for (size_t i = MANY; i > 0; i--) {
        circle_called_off(&waiting[i - 1].meeting);
    }
}

/* ---- nobody passes by --------------------------------------------------------------
 */

static void send(struct world_client *client, const struct entente_envelope *envelope)
{
    assert_int_equal(entente_client_submit(client->sdk, envelope, NULL, NULL, NULL),
                     ENTENTE_OK);
}

/* Called off and asked for in one breath: whoever asks now stands behind who has waited. */
static void test_a_newcomer_does_not_overtake(void **state)
{
    (void)state;
    struct known holder;
    struct known waiting;
    begin();
    ask(0, ENTENTE_PROPOSED, &holder);
    ask(0, ENTENTE_SEARCHING, &waiting);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_cancel cancel = {.meeting = holder.meeting.id,
                                    .reason = ENTENTE_NO_LONGER_NEEDED,
                                    .actor = &actor};
    const struct entente_envelope gives_up = {.body = ENTENTE_CANCEL,
                                              .cancel = &cancel};
    send(coordinator, &gives_up);
    struct known newcomer;
    ask(0, ENTENTE_SEARCHING, &newcomer);
    circle_learns(anna, &waiting.meeting, ENTENTE_PROPOSED);
    circle_called_off(&newcomer.meeting);
    circle_called_off(&waiting.meeting);
}

static void test_nor_while_nobody_sees_to_what_is_due(void **state)
{
    (void)state;
    struct known holder;
    struct known waiting;
    struct known newcomer;
    begin();
    ask(0, ENTENTE_PROPOSED, &holder);
    ask(0, ENTENTE_SEARCHING, &waiting);
    look_sweep(false);
    circle_called_off(&holder.meeting);
    ask(0, ENTENTE_SEARCHING, &newcomer);
    assert_int_equal(state_of(&waiting), ENTENTE_PROPOSED);
    look_sweep(true);
    circle_called_off(&newcomer.meeting);
    circle_called_off(&waiting.meeting);
}

static void test_who_is_more_pressing_may_pass(void **state)
{
    (void)state;
    struct known holder;
    struct known waiting;
    struct known newcomer;
    begin();
    ask(0, ENTENTE_PROPOSED, &holder);
    ask(0, ENTENTE_SEARCHING, &waiting);
    look_sweep(false);
    circle_called_off(&holder.meeting);
    ask(ENTENTE_PRESSING, ENTENTE_PROPOSED, &newcomer);
    look_sweep(true);
    look_until_calm();
    assert_int_equal(state_of(&waiting), ENTENTE_SEARCHING);
    circle_called_off(&newcomer.meeting);
    circle_learns(anna, &waiting.meeting, ENTENTE_PROPOSED);
    circle_called_off(&waiting.meeting);
}

/* Nobody says anything: each in turn has the slot for as long as there was to answer. */
static void test_a_hold_that_ends_is_for_the_next_one(void **state)
{
    (void)state;
    struct known turn[3];
    begin();
    spec.answer_minutes = 30;
    ask(0, ENTENTE_PROPOSED, &turn[0]);
    ask(0, ENTENTE_SEARCHING, &turn[1]);
    ask(0, ENTENTE_SEARCHING, &turn[2]);
    for (size_t i = 0; i < 2; i++) {
        world_advance(&world, 31);
        circle_learns(coordinator, &turn[i].meeting, ENTENTE_EXPIRED);
        circle_learns(anna, &turn[i + 1].meeting, ENTENTE_PROPOSED);
        look_until_calm();
        assert_int_equal(circle_claims(), 1);
    }
    circle_called_off(&turn[2].meeting);
}

/* What one broker gives back is not for whoever comes by at the other. */
static void test_nobody_overtakes_at_another_broker(void **state)
{
    (void)state;
    struct known holder;
    struct known waiting;
    const struct entente_meeting *meeting = NULL;
    world_start_another(&world, 2);
    struct world_client *stranger =
        world_add_client(&world, "stranger", false, (const char *[]){BEN, NULL});
    world_hang_on(stranger, 2);
    begin();
    ask(0, ENTENTE_PROPOSED, &holder);
    ask(0, ENTENTE_SEARCHING, &waiting);
    look_sweep(false);
    circle_called_off(&holder.meeting);
    struct entente_identifier other = world_identifier(BEN);
    spec.organizer = &other;
    assert_int_equal(world_request(stranger, &spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    assert_int_equal(state_of(&waiting), ENTENTE_PROPOSED);
    assert_int_equal(world_overlaps(&world), 0);
    look_sweep(true);
    circle_called_off(&waiting.meeting);
    world_stop_another(&world, 2, SIGTERM);
}

/* ---- what has passed ---------------------------------------------------------------
 */

static void test_an_overdue_hold_blocks_nobody(void **state)
{
    (void)state;
    struct known forgotten;
    struct known next;
    begin();
    spec.answer_minutes = 30;
    ask(0, ENTENTE_PROPOSED, &forgotten);
    look_sweep(false);
    world_advance(&world, 31);
    ask(0, ENTENTE_PROPOSED, &next);
    assert_int_equal(state_of(&forgotten), ENTENTE_EXPIRED);
    assert_int_equal(circle_claims(), 1);
    assert_int_equal(world_overlaps(&world), 0);
    look_sweep(true);
    circle_learns(anna, &forgotten.meeting, ENTENTE_EXPIRED);
    circle_called_off(&next.meeting);
}

static void test_a_yes_after_the_deadline_is_too_late(void **state)
{
    (void)state;
    struct known late;
    const struct entente_meeting *shown = NULL;
    begin();
    spec.answer_minutes = 30;
    ask(0, ENTENTE_PROPOSED, &late);
    look_sweep(false);
    world_advance(&world, 31);
    assert_int_equal(world_answer(anna, &late.meeting, ANNA, ENTENTE_ACCEPT, 0, &shown),
                     ENTENTE_ERROR_CLOSED);
    assert_int_equal(shown->state, ENTENTE_EXPIRED);
    assert_int_equal(circle_claims(), 0);
    look_sweep(true);
}

static void test_nothing_is_proposed_after_the_search_deadline(void **state)
{
    (void)state;
    struct known holder;
    struct known waiting;
    begin();
    ask(0, ENTENTE_PROPOSED, &holder);
    int64_t now_ms = pg_database_number(
        world.database, "SELECT (extract(epoch FROM clock_timestamp()"
                        " + coalesce((SELECT shift FROM test_clock), interval '0'))"
                        " * 1000)::int8");
    spec.search_until_ms = now_ms + INT64_C(3600000);
    ask(0, ENTENTE_SEARCHING, &waiting);
    world_advance(&world, 61);
    circle_learns(coordinator, &waiting.meeting, ENTENTE_EXPIRED);
    circle_called_off(&holder.meeting);
    look_until_calm();
    assert_int_equal(circle_claims(), 0);
    assert_int_equal(state_of(&waiting), ENTENTE_EXPIRED);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_most_pressing_then_the_oldest_gets_the_slot),
        cmocka_unit_test(test_of_many_exactly_the_right_one_gets_it),
        cmocka_unit_test(test_a_newcomer_does_not_overtake),
        cmocka_unit_test(test_nor_while_nobody_sees_to_what_is_due),
        cmocka_unit_test(test_who_is_more_pressing_may_pass),
        cmocka_unit_test(test_a_hold_that_ends_is_for_the_next_one),
        cmocka_unit_test(test_an_overdue_hold_blocks_nobody),
        cmocka_unit_test(test_a_yes_after_the_deadline_is_too_late),
        cmocka_unit_test(test_nothing_is_proposed_after_the_search_deadline),
        cmocka_unit_test(test_nobody_overtakes_at_another_broker),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
