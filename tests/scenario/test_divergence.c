// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of agendas that no longer say what was agreed: the owner is asked first, what
 * was agreed stands meanwhile, and too many at once move nothing at all.
 */
#include "tests/scenario/diverge.h"

#include "tests/support/test.h"

#include <string.h>

/* ---- the owner is asked first ------------------------------------------------------
 */

static void test_the_owner_is_asked_first_and_the_claim_stands(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    circle_everybody_is_free();
    uint32_t version = diverge_confirmed(id, &start);
    diverge_ben_is_busy(start + 15, start + 75, NULL);
    const struct entente_meeting *meeting = diverge_told(ben, id, version + 1);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_string_equal(meeting->last_event, "diverged");
    assert_int_equal(meeting->spec->parties[1].diverged, ENTENTE_FOREIGN_BUSY);
    assert_true(meeting->spec->parties[1].diverged_until_ms > 0);
    assert_int_equal(circle_claims(), 2);

    /* Neither Anna nor the organizer has heard of it, nor do they when they look. */
    struct world_client *others[] = {anna, coordinator};
    for (size_t i = 0; i < 2; i++) {
        meeting = diverge_shown(others[i], id);
        assert_int_equal(meeting->version, version);
        assert_string_equal(meeting->last_event, "confirmed");
        assert_null(meeting->last_actor);
        assert_int_equal(meeting->spec->parties[1].diverged, 0);
        assert_int_equal(meeting->spec->parties[1].diverged_until_ms, 0);
        const struct world_event *event = world_last_event(others[i], id);
        assert_true(event == NULL || event->version <= version);
    }

    assert_int_equal(diverge_owner_says(anna, ANNA, ENTENTE_OWNER_KEEPS, id, &meeting),
                     ENTENTE_ERROR_NO_DIVERGENCE);
    assert_int_equal(diverge_owner_says(anna, BEN, ENTENTE_OWNER_KEEPS, id, &meeting),
                     ENTENTE_ERROR_NOT_SPEAKING_FOR);
    assert_int_equal(diverge_owner_says(ben, BEN, ENTENTE_OWNER_KEEPS, id, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->spec->parties[1].diverged, 0);
    assert_int_equal(diverge_owner_says(ben, BEN, ENTENTE_OWNER_KEEPS, id, &meeting),
                     ENTENTE_ERROR_NO_DIVERGENCE);

    /* He has said that he comes: his agenda is told so, nobody else is, and the same busy time
     * again is no news. */
    assert_true(diverge_shown(ben, id)->spec->parties[1].despite_busy);
    assert_false(diverge_shown(anna, id)->spec->parties[1].despite_busy);
    assert_false(diverge_shown(coordinator, id)->spec->parties[1].despite_busy);
    version = diverge_shown(ben, id)->version;
    diverge_ben_is_busy(start + 15, start + 75, NULL);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->version, version);
    world_advance(&world, 300);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->state, ENTENTE_CONFIRMED);
    diverge_call_off(id);
}

static bool is_up_to_date(struct world_client *client, const uint8_t *id,
                          uint32_t version)
{
    struct entente_known known = {.meeting = {(uint8_t *)id, 16}, .version = version};
    const struct entente_reconcile asked = {.known = &known, .known_count = 1};
    const struct entente_reconciled *reconciled = NULL;
    assert_int_equal(
        entente_client_reconcile(client->sdk, &asked, WORLD_PATIENCE_MS, &reconciled),
        ENTENTE_OK);
    return reconciled->differing_count == 0;
}

/* A number that rises without a change would tell, and would make what the organizer says
 * next stale. */
static void test_nobody_else_sees_a_number_rise(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    circle_everybody_is_free();
    uint32_t version = diverge_confirmed(id, &start);
    struct world_client *others[] = {anna, coordinator};
    int64_t updated_ms[2];
    for (size_t i = 0; i < 2; i++) {
        updated_ms[i] = diverge_shown(others[i], id)->updated_ms;
    }
    world_advance(&world, 1);
    diverge_ben_is_busy(start, start + 60, NULL);
    diverge_told(ben, id, version + 1);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(diverge_shown(others[i], id)->version, version);
        assert_int_equal(diverge_shown(others[i], id)->updated_ms, updated_ms[i]);
        assert_true(is_up_to_date(others[i], id, version));
    }
    assert_true(is_up_to_date(ben, id, version + 1));
    assert_false(is_up_to_date(ben, id, version));
    /* Nor by what Ben's agenda says that it has taken. */
    assert_int_equal(diverge_reports(ben, BEN, ENTENTE_UNKNOWN_RESULT, id, version + 1),
                     ENTENTE_OK);
    assert_int_equal(diverge_shown(ben, id)->results[0].version, version + 1);
    assert_int_equal(diverge_shown(coordinator, id)->results[0].version, version);
    const struct entente_meeting *meeting = diverge_shown(coordinator, id);
    int32_t later = world.day + start + 120;
    assert_int_equal(
        circle_decide(coordinator, ENTENTE_MOVE, later, NULL, meeting, &meeting),
        ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    for (size_t i = 0; i < 2; i++) {
        meeting = diverge_told(others[i], id, version + 2);
        assert_true(meeting->updated_ms > updated_ms[i]);
    }
    diverge_call_off(id);
}

static void test_silence_of_the_owner_reopens_the_meeting(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    circle_everybody_is_free();
    uint32_t version = diverge_confirmed(id, &start);
    diverge_ben_is_busy(start, start + 60, NULL);
    diverge_told(ben, id, version + 1);
    world_advance(&world, 119);
    diverge_settle_down();
    assert_int_equal(diverge_shown(coordinator, id)->state, ENTENTE_CONFIRMED);
    world_advance(&world, 2);
    const struct entente_meeting *meeting = diverge_told(coordinator, id, version + 2);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_string_equal(meeting->last_event, "reopened");
    assert_true(meeting->alternatives_count > 0);
    assert_null(meeting->confirmed);
    /* The organizer sees who, and the coded reason; Anna sees who. */
    assert_int_equal(meeting->spec->parties[1].answer, ENTENTE_DECLINE);
    assert_int_equal(meeting->spec->parties[1].answer_reason,
                     ENTENTE_CONFLICT_IN_AGENDA);
    meeting = diverge_shown(anna, id);
    assert_int_equal(meeting->spec->parties[1].answer, ENTENTE_DECLINE);
    assert_int_equal(meeting->spec->parties[1].answer_reason, 0);
    assert_int_equal(meeting->spec->parties[0].answer, ENTENTE_ACCEPT);
    /* Her time is held while the organizer decides, his is not any more. */
    assert_int_equal(circle_claims(), 1);
    int32_t other = diverge_shown(coordinator, id)->alternatives[0].start;
    assert_int_equal(circle_decide(coordinator, ENTENTE_PROPOSE_SLOT, other, NULL,
                                   diverge_shown(coordinator, id), &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    diverge_call_off(id);
}

static void test_what_is_put_right_in_time_is_forgotten(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    circle_everybody_is_free();
    uint32_t version = diverge_confirmed(id, &start);
    diverge_ben_is_busy(start, start + 30, NULL);
    diverge_told(ben, id, version + 1);
    circle_is_free(ben, BEN, 8, 18);
    const struct entente_meeting *meeting = diverge_told(ben, id, version + 2);
    assert_string_equal(meeting->last_event, "divergence-settled");
    assert_int_equal(meeting->spec->parties[1].diverged, 0);
    world_advance(&world, 300);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->state, ENTENTE_CONFIRMED);
    assert_int_equal(diverge_open(), 0);
    diverge_call_off(id);
}

static void test_an_echo_never_counts(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    circle_everybody_is_free();
    uint32_t version = diverge_confirmed(id, &start);
    diverge_ben_is_busy(start, start + 60, id);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->version, version);
    /* Busy up to its very start, and from its very end on. */
    diverge_ben_is_busy(start + 60, start + 120, NULL);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->version, version);
    diverge_ben_is_busy(start + 59, start + 120, NULL);
    diverge_told(ben, id, version + 1);
    diverge_call_off(id);
}

static bool tells_of_it(struct world_client *client, const uint8_t *id)
{
    const struct entente_decision_record *record = NULL;
    const struct entente_explain asked = {.meeting = {(uint8_t *)id, 16}};
    bool found = false;
    assert_int_equal(
        entente_client_explain(client->sdk, &asked, WORLD_PATIENCE_MS, &record),
        ENTENTE_OK);
    for (size_t i = 0; i < record->steps_count; i++) {
        found = found || strcmp(record->steps[i].event, "DIVERGED") == 0;
    }
    return found;
}

static void test_its_record_tells_the_owner_only(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    circle_everybody_is_free();
    uint32_t version = diverge_confirmed(id, &start);
    diverge_ben_is_busy(start, start + 60, NULL);
    diverge_told(ben, id, version + 1);
    assert_true(tells_of_it(ben, id));
    assert_false(tells_of_it(anna, id));
    assert_false(tells_of_it(coordinator, id));
    diverge_call_off(id);
}

static void test_the_owner_moves_it(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    circle_everybody_is_free();
    uint32_t version = diverge_confirmed(id, &start);
    diverge_ben_is_busy(start, start + 60, NULL);
    diverge_told(ben, id, version + 1);
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(diverge_owner_says(ben, BEN, ENTENTE_OWNER_MOVES, id, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->confirmed->start, world.day + start);
    assert_int_not_equal(meeting->proposal->start, world.day + start);
    assert_int_equal(meeting->spec->parties[1].answer, ENTENTE_ACCEPT);
    assert_int_equal(circle_claims(), 4);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(circle_claims(), 2);
    assert_int_equal(diverge_open(), 0);
    diverge_call_off(id);
}

static void test_an_agenda_that_is_mistaken_is_asked_about_later(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    circle_everybody_is_free();
    uint32_t version = diverge_confirmed(id, &start);
    diverge_ben_is_busy(start, start + 60, NULL);
    diverge_told(ben, id, version + 1);
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(diverge_owner_says(ben, BEN, ENTENTE_OWNER_ERROR, id, &meeting),
                     ENTENTE_OK);
    version = meeting->version;
    diverge_ben_is_busy(start, start + 60, NULL);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->version, version);
    /* It was to be put right, and was not. */
    world_advance(&world, 121);
    meeting = diverge_told(ben, id, version + 1);
    assert_int_equal(meeting->spec->parties[1].diverged, ENTENTE_FOREIGN_BUSY);
    diverge_call_off(id);
}

/* ---- events that agendas do not take -----------------------------------------------
 */

static void test_a_refused_event_reopens_the_meeting(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    circle_everybody_is_free();
    uint32_t version = diverge_confirmed(id, &start);
    /* A report about something older says nothing about what was agreed. */
    assert_int_equal(diverge_reports(ben, BEN, ENTENTE_REFUSED, id, version - 1),
                     ENTENTE_OK);
    assert_int_equal(diverge_shown(ben, id)->version, version);
    assert_int_equal(diverge_reports(ben, BEN, ENTENTE_REFUSED, id, version),
                     ENTENTE_OK);
    const struct entente_meeting *meeting = diverge_told(ben, id, version + 1);
    assert_int_equal(meeting->spec->parties[1].diverged, ENTENTE_EVENT_REFUSED);
    /* Said twice is said once. */
    assert_int_equal(diverge_reports(ben, BEN, ENTENTE_REFUSED, id, version),
                     ENTENTE_OK);
    assert_int_equal(diverge_shown(ben, id)->version, version + 1);
    world_advance(&world, 121);
    meeting = diverge_told(coordinator, id, version + 2);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    diverge_call_off(id);
}

static void test_a_deleted_event_that_comes_back(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    circle_everybody_is_free();
    uint32_t version = diverge_confirmed(id, &start);
    assert_int_equal(diverge_reports(ben, BEN, ENTENTE_DELETED_RESULT, id, version),
                     ENTENTE_OK);
    const struct entente_meeting *meeting = diverge_told(ben, id, version + 1);
    assert_int_equal(meeting->spec->parties[1].diverged, ENTENTE_EVENT_DELETED);
    assert_int_equal(diverge_reports(ben, BEN, ENTENTE_APPLIED, id, version + 1),
                     ENTENTE_OK);
    meeting = diverge_shown(ben, id);
    assert_int_equal(meeting->version, version + 2);
    assert_int_equal(meeting->spec->parties[1].diverged, 0);
    world_advance(&world, 300);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->state, ENTENTE_CONFIRMED);
    diverge_call_off(id);
}

/* Who has said that they come although their agenda is busy has not said so of an agenda
 * without the meeting; once they have, it is no news. */
static void test_a_deleted_event_of_who_comes_despite_busy_time(void **state)
{
    (void)state;
    uint8_t id[16];
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(false);
    memcpy(id, meeting->id.data, 16);
    int start = meeting->proposal->start - world.day;
    diverge_ben_is_busy(start, start + 60, NULL);
    diverge_settle_down();
    circle_says(ben, BEN, ENTENTE_ACCEPT, 0, diverge_shown(ben, id));
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, diverge_shown(anna, id));
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    uint32_t version = meeting->version;
    assert_true(diverge_shown(ben, id)->spec->parties[1].despite_busy);
    assert_int_equal(diverge_reports(ben, BEN, ENTENTE_DELETED_RESULT, id, version),
                     ENTENTE_OK);
    meeting = diverge_told(ben, id, version + 1);
    assert_int_equal(meeting->spec->parties[1].diverged, ENTENTE_EVENT_DELETED);
    assert_int_equal(diverge_owner_says(ben, BEN, ENTENTE_OWNER_KEEPS, id, &meeting),
                     ENTENTE_OK);
    version = meeting->version;
    assert_int_equal(diverge_reports(ben, BEN, ENTENTE_DELETED_RESULT, id, version),
                     ENTENTE_OK);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->version, version);
    assert_int_equal(diverge_shown(ben, id)->state, ENTENTE_CONFIRMED);
    diverge_call_off(id);
}

static void test_an_optional_party_whose_agenda_diverges_is_let_go(void **state)
{
    (void)state;
    uint8_t id[16];
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_confirmed(true);
    memcpy(id, meeting->id.data, 16);
    uint32_t version = meeting->version;
    assert_int_equal(diverge_reports(chris, CHRIS, ENTENTE_REFUSED, id, version),
                     ENTENTE_OK);
    diverge_told(chris, id, version + 1);
    world_advance(&world, 121);
    meeting = diverge_told(anna, id, version + 2);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_true(meeting->spec->parties[2].dropped);
    assert_int_equal(meeting->spec->parties[2].answer_reason, 0);
    assert_int_equal(circle_claims(), 2);
    diverge_call_off(id);
}

static void test_busy_time_over_what_was_accepted(void **state)
{
    (void)state;
    uint8_t id[16];
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(false);
    memcpy(id, meeting->id.data, 16);
    int start = meeting->proposal->start - world.day;
    /* Not yet accepted: he is being asked anyway. */
    diverge_ben_is_busy(start, start + 60, NULL);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->version, meeting->version);
    /* He accepts although his own diary is busy: it is his. */
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, diverge_shown(ben, id));
    uint32_t version = meeting->version;
    diverge_ben_is_busy(start, start + 60, NULL);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->version, version);
    /* Then Anna, who had been free. */
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, diverge_shown(anna, id));
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    diverge_settle_down();
    assert_int_equal(diverge_shown(ben, id)->version, meeting->version);
    diverge_call_off(id);

    circle_everybody_is_free();
    meeting = circle_asked(false);
    memcpy(id, meeting->id.data, 16);
    start = meeting->proposal->start - world.day;
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    version = meeting->version;
    diverge_ben_is_busy(start, start + 60, NULL);
    meeting = diverge_told(ben, id, version + 1);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->spec->parties[1].diverged, ENTENTE_FOREIGN_BUSY);
    world_advance(&world, 121);
    meeting = diverge_told(coordinator, id, version + 2);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    diverge_call_off(id);
}

/* The owner is asked about a time that stands; once it does not, there is nothing to say. */
static void test_nothing_is_asked_about_a_time_that_is_given_up(void **state)
{
    (void)state;
    uint8_t id[16];
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(false);
    memcpy(id, meeting->id.data, 16);
    int start = meeting->proposal->start - world.day;
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    uint32_t version = meeting->version;
    diverge_ben_is_busy(start, start + 60, NULL);
    meeting = diverge_told(ben, id, version + 1);
    assert_int_equal(meeting->spec->parties[1].diverged, ENTENTE_FOREIGN_BUSY);
    meeting = circle_says(anna, ANNA, ENTENTE_DECLINE, 0, diverge_shown(anna, id));
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(diverge_shown(ben, id)->spec->parties[1].diverged, 0);
    assert_int_equal(diverge_owner_says(ben, BEN, ENTENTE_OWNER_KEEPS, id, &meeting),
                     ENTENTE_ERROR_NO_DIVERGENCE);
    diverge_call_off(id);
}

/* An older adapter is not expected to say what it has not declared. */
static void test_a_deletion_needs_the_capability(void **state)
{
    (void)state;
    uint8_t id[16];
    int start;
    circle_everybody_is_free();
    uint32_t version = diverge_confirmed(id, &start);
    ben->plain = true;
    world_reconnect(ben);
    assert_int_equal(diverge_reports(ben, BEN, ENTENTE_DELETED_RESULT, id, version),
                     ENTENTE_ERROR_CAPABILITY);
    assert_int_equal(diverge_reports(ben, BEN, ENTENTE_REFUSED, id, version),
                     ENTENTE_OK);
    const struct entente_meeting *meeting = diverge_told(ben, id, version + 1);
    assert_int_equal(meeting->spec->parties[1].diverged, ENTENTE_EVENT_REFUSED);
    ben->plain = false;
    world_reconnect(ben);
    diverge_call_off(id);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_owner_is_asked_first_and_the_claim_stands),
        cmocka_unit_test(test_nobody_else_sees_a_number_rise),
        cmocka_unit_test(test_silence_of_the_owner_reopens_the_meeting),
        cmocka_unit_test(test_what_is_put_right_in_time_is_forgotten),
        cmocka_unit_test(test_an_echo_never_counts),
        cmocka_unit_test(test_its_record_tells_the_owner_only),
        cmocka_unit_test(test_the_owner_moves_it),
        cmocka_unit_test(test_an_agenda_that_is_mistaken_is_asked_about_later),
        cmocka_unit_test(test_a_refused_event_reopens_the_meeting),
        cmocka_unit_test(test_a_deleted_event_that_comes_back),
        cmocka_unit_test(test_a_deleted_event_of_who_comes_despite_busy_time),
        cmocka_unit_test(test_an_optional_party_whose_agenda_diverges_is_let_go),
        cmocka_unit_test(test_busy_time_over_what_was_accepted),
        cmocka_unit_test(test_nothing_is_asked_about_a_time_that_is_given_up),
        cmocka_unit_test(test_a_deletion_needs_the_capability),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
