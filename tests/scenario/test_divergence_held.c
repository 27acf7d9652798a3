// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of agendas that become busy over a time that is not agreed yet: the new time of
 * a move, what is held for a room, and what was agreed without waiting for somebody.
 */
#include "tests/scenario/diverge.h"
#include "tests/scenario/rules.h"

#include "tests/support/test.h"

#include <string.h>

/* Chris is not waited for, has not answered, and has become busy: he is asked as soon as
 * it is agreed without him. */
static void test_who_was_not_awaited_is_asked_once_it_is_agreed(void **state)
{
    (void)state;
    uint8_t id[16];
    circle_everybody_is_free();
    struct entente_spec *spec = rules_begin();
    spec->parties_count = 3;
    spec->parties[2].importance = ENTENTE_OPTIONAL;
    spec->rule = ENTENTE_ALL_INDISPENSABLE;
    const struct entente_meeting *meeting = rules_asked();
    memcpy(id, meeting->id.data, 16);
    int start = meeting->proposal->start - world.day;
    uint32_t version = meeting->version;
    const struct entente_range busy = {.start = world.day + start,
                                       .end = world.day + start + 60,
                                       .kind = ENTENTE_BUSY};
    assert_int_equal(world_publish(chris, CHRIS, &busy, 1), ENTENTE_OK);
    diverge_settle_down();
    assert_int_equal(diverge_shown(chris, id)->version, version);
    circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, diverge_shown(anna, id));
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, diverge_shown(ben, id));
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    meeting = diverge_told(chris, id, meeting->version + 1);
    assert_int_equal(meeting->spec->parties[2].diverged, ENTENTE_FOREIGN_BUSY);
    world_advance(&world, 121);
    meeting = diverge_told(anna, id, meeting->version + 1);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_true(meeting->spec->parties[2].dropped);
    diverge_call_off(id);
}

/* A room says nothing for itself, so that its agenda speaks for it. */
static void test_a_room_that_is_taken_while_it_is_only_held(void **state)
{
    (void)state;
    uint8_t id[16];
    circle_everybody_is_free();
    struct entente_spec *spec = rules_begin();
    spec->parties_count = 3;
    spec->parties[2].kind = ENTENTE_RESOURCE;
    spec->parties[2].importance = ENTENTE_INDISPENSABLE;
    const struct entente_meeting *meeting = rules_asked();
    memcpy(id, meeting->id.data, 16);
    uint32_t version = meeting->version;
    const struct entente_range busy = {.start = meeting->proposal->start,
                                       .end = meeting->proposal->end,
                                       .kind = ENTENTE_BUSY};
    assert_int_equal(world_publish(chris, CHRIS, &busy, 1), ENTENTE_OK);
    meeting = diverge_told(chris, id, version + 1);
    assert_int_equal(meeting->spec->parties[2].diverged, ENTENTE_FOREIGN_BUSY);
    world_advance(&world, 121);
    meeting = diverge_told(coordinator, id, version + 2);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(meeting->spec->parties[2].answer_reason,
                     ENTENTE_CONFLICT_IN_AGENDA);
    diverge_call_off(id);
}

/* ---- while it is being moved -------------------------------------------------------
 */

/* A confirmed meeting of Anna and Ben that Ben would rather have at @to: he has accepted
 * the new time, Anna has not answered.  Its version. */
static uint32_t moving(uint8_t id[16], int to, int *ret_start)
{
    diverge_confirmed(id, ret_start);
    const struct entente_meeting *meeting =
        circle_says(ben, BEN, ENTENTE_SHIFT, world.day + to, diverge_shown(ben, id));
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->proposal->start, world.day + to);
    assert_int_equal(circle_claims(), 4);
    return meeting->version;
}

static void test_busy_time_over_the_new_time_of_a_move(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    const int to = DAY + 14 * HOUR;
    circle_everybody_is_free();
    uint32_t version = moving(id, to, &start);
    diverge_ben_is_busy(to + 15, to + 45, NULL);
    const struct entente_meeting *meeting = diverge_told(ben, id, version + 1);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_string_equal(meeting->last_event, "diverged");
    assert_int_equal(meeting->spec->parties[1].diverged, ENTENTE_NEW_TIME_BUSY);
    assert_int_equal(diverge_shown(anna, id)->spec->parties[1].diverged, 0);
    assert_int_equal(circle_claims(), 4);

    /* Without a word the new time is given up, and everything stays as it was. */
    world_advance(&world, 121);
    meeting = diverge_told(coordinator, id, version + 2);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_string_equal(meeting->last_event, "kept");
    assert_int_equal(meeting->confirmed->start, world.day + start);
    assert_int_equal(meeting->spec->parties[1].answer, ENTENTE_ACCEPT);
    assert_int_equal(diverge_shown(ben, id)->spec->parties[1].diverged, 0);
    assert_int_equal(circle_claims(), 2);
    assert_int_equal(diverge_open(), 0);
    diverge_call_off(id);
}

static void test_the_owner_keeps_to_the_new_time(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    const int to = DAY + 14 * HOUR;
    circle_everybody_is_free();
    uint32_t version = moving(id, to, &start);
    diverge_ben_is_busy(to, to + 60, NULL);
    const struct entente_meeting *meeting = diverge_told(ben, id, version + 1);
    assert_int_equal(diverge_owner_says(ben, BEN, ENTENTE_OWNER_KEEPS, id, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->spec->parties[1].diverged, 0);
    /* Then the old one, which stands until Anna has agreed to the new. */
    diverge_ben_is_busy(start, start + 60, NULL);
    meeting = diverge_told(ben, id, version + 3);
    assert_int_equal(meeting->spec->parties[1].diverged, ENTENTE_FOREIGN_BUSY);
    assert_int_equal(diverge_owner_says(ben, BEN, ENTENTE_OWNER_KEEPS, id, &meeting),
                     ENTENTE_OK);
    /* He has said it of both, and is asked about neither again. */
    version = meeting->version;
    diverge_ben_is_busy(start, to + 60, NULL);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->version, version);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, diverge_shown(anna, id));
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, world.day + to);
    version = meeting->version;
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->version, version);
    diverge_call_off(id);
}

static void test_the_owner_needs_yet_another_new_time(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    const int to = DAY + 14 * HOUR;
    circle_everybody_is_free();
    uint32_t version = moving(id, to, &start);
    diverge_ben_is_busy(to, to + 60, NULL);
    const struct entente_meeting *meeting = diverge_told(ben, id, version + 1);
    assert_int_equal(diverge_owner_says(ben, BEN, ENTENTE_OWNER_MOVES, id, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->confirmed->start, world.day + start);
    assert_int_not_equal(meeting->proposal->start, world.day + start);
    assert_int_not_equal(meeting->proposal->start, world.day + to);
    assert_int_equal(meeting->spec->parties[1].answer, ENTENTE_ACCEPT);
    assert_int_equal(meeting->spec->parties[1].diverged, 0);
    assert_int_equal(circle_claims(), 4);
    diverge_call_off(id);
}

/* Agreed while he is still being asked: it is the time that stands now. */
static void test_a_new_time_that_is_agreed_while_its_owner_is_asked(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    const int to = DAY + 14 * HOUR;
    circle_everybody_is_free();
    uint32_t version = moving(id, to, &start);
    diverge_ben_is_busy(to, to + 60, NULL);
    diverge_told(ben, id, version + 1);
    const struct entente_meeting *meeting =
        circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, diverge_shown(anna, id));
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    meeting = diverge_shown(ben, id);
    assert_int_equal(meeting->spec->parties[1].diverged, ENTENTE_FOREIGN_BUSY);
    version = meeting->version;
    world_advance(&world, 121);
    meeting = diverge_told(coordinator, id, version + 1);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_string_equal(meeting->last_event, "reopened");
    diverge_call_off(id);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_was_not_awaited_is_asked_once_it_is_agreed),
        cmocka_unit_test(test_a_room_that_is_taken_while_it_is_only_held),
        cmocka_unit_test(test_busy_time_over_the_new_time_of_a_move),
        cmocka_unit_test(test_the_owner_keeps_to_the_new_time),
        cmocka_unit_test(test_the_owner_needs_yet_another_new_time),
        cmocka_unit_test(test_a_new_time_that_is_agreed_while_its_owner_is_asked),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
