// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of calendar files that their owners know better: somebody takes a meeting out, is
 * asked, and says what holds; or names a time at which the file is busy.
 */
#include "tests/scenario/ics_world.h"

#include "tests/support/test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static struct ics_world ics;

static int set_up(void **state)
{
    (void)state;
    ics_world_create(&ics, 3600, NULL);
    ics_world_start(&ics);
    ics_world_await_known(&ics, ANNA, ics.world.day, true);
    ics_world_await_known(&ics, BEN, ics.world.day, true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ics_world_destroy(&ics);
    return 0;
}

/* Anna deletes what was written last. */
static void delete_last(void)
{
    char *text = ics_world_read(ics.anna);
    char *event = text;
    for (char *next = strstr(text, "BEGIN:VEVENT"); next != NULL;
         next = strstr(next + 1, "BEGIN:VEVENT")) {
        event = next;
    }
    assert_true(event != text);
    char *end = strstr(event, "END:VEVENT\r\n");
    assert_non_null(end);
    end += strlen("END:VEVENT\r\n");
    memmove(event, end, strlen(end) + 1);
    ics_world_write(ics.anna, text);
    free(text);
}

/* A meeting of both that stands in both files. */
static void agree(int day, uint8_t ret_id[16])
{
    const struct entente_meeting *meeting =
        ics_world_confirm(&ics, ics_world_propose(&ics, day, 10, ret_id));
    struct entente_meeting agreed = *meeting;
    agreed.id.data = ret_id;
    ics_world_await_report(&ics, &agreed, "anna", ENTENTE_APPLIED, 0);
    ics_world_await_report(&ics, &agreed, "ben", ENTENTE_APPLIED, 0);
    ics_world_await_line(&ics, ics.anna, ret_id, "STATUS:CONFIRMED");
}

static const struct entente_meeting *say(const uint8_t *id,
                                         enum entente_owner_decision decision)
{
    const struct entente_meeting *meeting = NULL;
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_owner_answer answer = {
        .meeting = {id, 16}, .party = &who, .decision = decision, .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_OWNER_ANSWER,
                                              .owner_answer = &answer};
    assert_int_equal(world_call(ics.desk, &envelope, &meeting), ENTENTE_OK);
    return meeting;
}

/* The event does not come back behind Anna's back; when she keeps the meeting it does. */
static void test_who_keeps_the_meeting_has_it_again(void **state)
{
    uint8_t id[16];
    (void)state;
    agree(1, id);
    delete_last();
    ics_world_await_diverged(&ics, id, ANNA, ENTENTE_EVENT_DELETED);
    assert_false(ics_world_has(ics.anna, id, NULL));
    assert_true(ics_world_has(ics.ben, id, "STATUS:CONFIRMED"));
    assert_int_equal(say(id, ENTENTE_OWNER_KEEPS)->state, ENTENTE_CONFIRMED);
    ics_world_await_line(&ics, ics.anna, id, "STATUS:CONFIRMED");
    ics_world_await_diverged(&ics, id, ANNA, 0);
}

/* Nobody was there to see it: the next process asks the broker what should be there. */
static void test_what_is_deleted_meanwhile_is_noticed(void **state)
{
    uint8_t id[16];
    (void)state;
    agree(2, id);
    assert_int_equal(ics_world_stop(&ics, SIGTERM), 0);
    delete_last();
    assert_int_equal(ics_world_once(&ics), 0);
    ics_world_await_diverged(&ics, id, ANNA, ENTENTE_EVENT_DELETED);
    assert_false(ics_world_has(ics.anna, id, NULL));
    ics_world_start(&ics);
    assert_int_equal(say(id, ENTENTE_OWNER_ERROR)->state, ENTENTE_CONFIRMED);
    ics_world_await_line(&ics, ics.anna, id, "STATUS:CONFIRMED");
}

/* An import has lost it, and the next one brings it back: nobody needs to say anything. */
static void test_what_comes_back_by_itself_is_settled(void **state)
{
    uint8_t id[16];
    (void)state;
    agree(3, id);
    char *before = ics_world_read(ics.anna);
    delete_last();
    ics_world_await_diverged(&ics, id, ANNA, ENTENTE_EVENT_DELETED);
    ics_world_write(ics.anna, before);
    free(before);
    ics_world_await_diverged(&ics, id, ANNA, 0);
    assert_true(ics_world_has(ics.anna, id, "STATUS:CONFIRMED"));
}

/* One's own diary is negotiable: Anna names exactly the time at which she is busy herself, and
 * has the meeting beside it.  Ben does not learn why. */
static void test_who_names_their_own_busy_time_has_both(void **state)
{
    const int32_t eleven = ics.world.day + 5 * 1440 + 11 * 60;
    uint8_t id[16];
    (void)state;
    ics_world_add_event(ics.anna, "own-9", eleven);
    ics_world_await_free(&ics, ANNA, eleven, false);
    const struct entente_meeting *meeting = ics_world_propose(&ics, 5, 10, id);
    assert_int_equal(
        world_answer(ics.desk, meeting, ANNA, ENTENTE_SHIFT, eleven, &meeting),
        ENTENTE_OK);
    assert_int_equal(meeting->proposal->start, eleven);
    ics_world_confirm(&ics, meeting);
    ics_world_await_line(&ics, ics.ben, id, "STATUS:CONFIRMED");
    ics_world_await_line(&ics, ics.anna, id, "STATUS:CONFIRMED");
    ics_world_await_result(&ics, id, "anna", ENTENTE_APPLIED, 0);
    assert_int_equal(ics_world_count(ics.anna, "UID:own-9"), 1);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_names_their_own_busy_time_has_both),
        cmocka_unit_test(test_who_keeps_the_meeting_has_it_again),
        cmocka_unit_test(test_what_is_deleted_meanwhile_is_noticed),
        cmocka_unit_test(test_what_comes_back_by_itself_is_settled),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
