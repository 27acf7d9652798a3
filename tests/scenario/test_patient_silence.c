// SPDX-License-Identifier: Apache-2.0

/*
 * A patient who does not answer: what that means is said for patients alone, and is never
 * a yes.  Dr Dora has agreed to accept by silence; the box speaks for her and the patient.
 */
#include "tests/scenario/look.h"
#include "tests/scenario/seek.h"

#include "tests/support/test.h"

#define DORA "idnps:899700000004"
#define ZOE "ins-test:285017300000000"

static struct world_client *box;
static struct seek seek;

static int set_up(void **state)
{
    circle_set_up(state);
    box = world_add_client(&world, "box", true, (const char *[]){DORA, ZOE, NULL});
    return 0;
}

static void is_free(const char *person, bool tacit)
{
    const struct entente_range day = seek_range(480, 1080, ENTENTE_FREE);
    const struct entente_publish like = {.tacit_acceptance = tacit};
    seek_publish(box, person, &day, 1, &like);
}

/* Dora and Zoe, both of whom agreed, have an hour to say yes; neither says anything. */
static const struct entente_meeting *nobody_answers(uint32_t presence, uint32_t silence,
                                                    struct circle_kept *kept)
{
    const struct entente_meeting *meeting = NULL;
    is_free(DORA, true);
    is_free(ZOE, true);
    seek_begin(&seek, (const char *[]){DORA, ZOE, NULL});
    seek.parties[1].kind = ENTENTE_PATIENT;
    seek.spec.subject = &seek.who[1];
    seek.spec.patient_presence = presence;
    seek.spec.patient_must_accept = true;
    seek.spec.silence = ENTENTE_SILENCE_ACCEPTS;
    seek.spec.patient_silence = silence;
    seek.spec.answer_minutes = 60;
    assert_int_equal(world_request(box, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    const struct entente_meeting *asked = circle_keep(meeting, kept);
    world_advance(&world, 61);
    look_until_calm();
    return asked;
}

static void call_off(const struct entente_meeting *asked)
{
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(circle_cancel(box, NULL, asked, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CANCELLED);
}

static void test_a_patients_silence_is_never_a_yes(void **state)
{
    (void)state;
    struct circle_kept kept;
    const struct entente_meeting *asked = nobody_answers(ENTENTE_HARD, 0, &kept);
    const struct entente_meeting *meeting = look_at(box, asked);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_true(look_for(meeting, DORA)->tacit);
    assert_int_equal(look_for(meeting, DORA)->answer, ENTENTE_ACCEPT);
    assert_int_equal(look_for(meeting, ZOE)->answer, 0);

    /* The record says that it was silence, and of Zoe that she has said nothing. */
    const struct entente_explain explain = {.meeting = asked->id};
    const struct entente_decision_record *record = NULL;
    assert_int_equal(entente_client_explain(box->sdk, &explain, 20000, &record),
                     ENTENTE_OK);
    assert_int_equal(record->steps_count, 3);
    assert_int_equal(record->steps[1].party, 1);
    assert_int_equal(record->steps[1].said->answer, ENTENTE_ACCEPT);
    assert_true(record->steps[1].said->tacit);
    assert_int_equal(record->steps[2].party, 2);
    assert_null(record->steps[2].said);
    call_off(asked);
}

static void test_a_patients_silence_ends_it_where_that_is_said(void **state)
{
    (void)state;
    struct circle_kept kept;
    const struct entente_meeting *asked =
        nobody_answers(ENTENTE_HARD, ENTENTE_SILENCE_EXPIRES, &kept);
    assert_int_equal(look_at(box, asked)->state, ENTENTE_EXPIRED);
    assert_int_equal(circle_claims(), 0);
}

static void test_without_a_patient_who_need_not_come(void **state)
{
    (void)state;
    struct circle_kept kept;
    const struct entente_meeting *asked =
        nobody_answers(ENTENTE_SOFT, ENTENTE_SILENCE_DECLINES, &kept);
    const struct entente_meeting *meeting = look_at(box, asked);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_true(look_for(meeting, ZOE)->dropped);
    assert_int_equal(circle_claims(), 1);
    call_off(asked);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_patients_silence_is_never_a_yes),
        cmocka_unit_test(test_a_patients_silence_ends_it_where_that_is_said),
        cmocka_unit_test(test_without_a_patient_who_need_not_come),
    };
    return cmocka_run_group_tests(tests, set_up, circle_tear_down);
}
