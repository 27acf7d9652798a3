// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of whoever asks how a meeting has come about: every step is there, each search
 * gives the same answer when it is made again, and nobody is told who is free when.
 */
#include "tests/scenario/circle.h"

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

enum { PATIENCE_MS = 20000 };

static enum entente_code ask(struct world_client *client,
                             const struct entente_meeting *meeting, uint32_t after,
                             const struct entente_decision_record **ret_record)
{
    const struct entente_explain explain = {
        .meeting = meeting->id, .after = after, .replay = true};
    return entente_client_explain(client->sdk, &explain, PATIENCE_MS, ret_record);
}

static const struct entente_decision_record *told(const struct entente_meeting *meeting,
                                                  uint32_t after)
{
    const struct entente_decision_record *record = NULL;
    assert_int_equal(ask(coordinator, meeting, after, &record), ENTENTE_OK);
    return record;
}

static void is_step(const struct entente_decision_step *step, uint32_t version,
                    const char *event, uint32_t to, uint32_t replay)
{
    assert_int_equal(step->version, version);
    assert_string_equal(step->event, event);
    assert_int_equal(step->to, to);
    assert_int_equal(step->replay, replay);
    assert_true(step->lawful);
}

static void test_each_step_is_told_and_made_again(void **state)
{
    (void)state;
    struct circle_kept kept;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(false);
    int32_t first = meeting->proposal->start;
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, first + 2 * HOUR, meeting);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_keep(meeting, &kept);

    const struct entente_decision_record *record = told(meeting, 0);
    assert_int_equal(record->steps_count, 4);
    assert_false(record->more);
    is_step(&record->steps[0], 1, "SLOT_FOUND", ENTENTE_PROPOSED,
            ENTENTE_REPLAYED_ALIKE);
    is_step(&record->steps[1], 2, "ACCEPTED", ENTENTE_PROPOSED, ENTENTE_NOT_REPLAYED);
    is_step(&record->steps[2], 3, "SHIFT_FOUND", ENTENTE_PROPOSED,
            ENTENTE_REPLAYED_ALIKE);
    is_step(&record->steps[3], 4, "ALL_ACCEPTED", ENTENTE_CONFIRMED,
            ENTENTE_NOT_REPLAYED);
    assert_int_equal(record->steps[0].from, 0);
    assert_int_equal(record->steps[0].proposal->start, first);
    assert_int_equal(record->steps[2].proposal->start, first + 2 * HOUR);
    assert_int_equal(record->steps[2].proposal->number, 2);
    assert_int_equal(record->steps[1].party, 1);
    assert_int_equal(record->steps[2].party, 2);
    assert_string_equal(record->steps[2].client, ben->name);
    assert_int_equal(record->steps[2].channel, ENTENTE_OWN_SOFTWARE);
    assert_int_equal(record->steps[0].digest.size, 32);
    assert_int_equal(record->steps[1].digest.size, 0);

    /* What was said: the request nothing, a yes, a counter-slot, and the last yes. */
    assert_null(record->steps[0].said);
    assert_int_equal(record->steps[1].said->answer, ENTENTE_ACCEPT);
    assert_int_equal(record->steps[2].said->answer, ENTENTE_SHIFT);
    assert_int_equal(record->steps[2].said->counter_start, first + 2 * HOUR);
    assert_int_equal(record->steps[3].said->answer, ENTENTE_ACCEPT);

    /* From where the last page ended. */
    record = told(meeting, 3);
    assert_int_equal(record->steps_count, 1);
    is_step(&record->steps[0], 4, "ALL_ACCEPTED", ENTENTE_CONFIRMED,
            ENTENTE_NOT_REPLAYED);
    circle_called_off(meeting);
}

/* That it was the coordinator who wrote down what Chris said stands in the record, and in
 * the meeting for everybody who sees it; what Ben's own program says is no such thing. */
static void test_who_has_left_by_telephone_is_said(void **state)
{
    (void)state;
    struct circle_kept kept;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_keep(circle_confirmed(true), &kept);
    assert_int_equal(circle_cancel(coordinator, CHRIS, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_true(meeting->spec->parties[2].recorded);
    meeting = &kept.meeting;
    assert_int_equal(circle_cancel(ben, BEN, meeting, &meeting), ENTENTE_OK);
    assert_false(meeting->spec->parties[1].recorded);

    const struct entente_decision_record *record =
        told(&kept.meeting, kept.meeting.version);
    assert_int_equal(record->steps_count, 2);
    assert_string_equal(record->steps[0].event, "OPTIONAL_WITHDREW");
    assert_int_equal(record->steps[0].said->answer, ENTENTE_DECLINE);
    assert_true(record->steps[0].said->recorded);
    assert_int_equal(record->steps[1].said->answer, ENTENTE_DECLINE);
    assert_false(record->steps[1].said->recorded);
    circle_called_off(&kept.meeting);
}

/* What has changed in the agendas since then changes nothing about what was decided. */
static void test_it_comes_out_alike_though_nobody_is_free_any_more(void **state)
{
    (void)state;
    struct circle_kept kept;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_keep(circle_asked(true), &kept);
    circle_is_free(anna, ANNA, 0, 1);
    circle_is_free(ben, BEN, 0, 1);
    circle_is_free(chris, CHRIS, 0, 1);
    const struct entente_decision_record *record = told(meeting, 0);
    is_step(&record->steps[0], 1, "SLOT_FOUND", ENTENTE_PROPOSED,
            ENTENTE_REPLAYED_ALIKE);
    circle_called_off(meeting);
}

/* The time that was given back is no step's proposal. */
static void test_the_end_of_a_meeting_is_told_too(void **state)
{
    (void)state;
    struct circle_kept kept;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_keep(circle_asked(false), &kept);
    circle_called_off(meeting);
    const struct entente_decision_record *record = told(meeting, 0);
    assert_int_equal(record->steps_count, 2);
    is_step(&record->steps[1], 2, "CANCEL", ENTENTE_CANCELLED, ENTENTE_NOT_REPLAYED);
    assert_null(record->steps[1].proposal);
}

static void test_altered_evidence_does_not_pass(void **state)
{
    (void)state;
    struct circle_kept kept;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_keep(circle_asked(false), &kept);
    pg_database_run(world.database,
                    "UPDATE decision SET evidence = set_byte(evidence,"
                    " octet_length(evidence) - 20,"
                    " get_byte(evidence, octet_length(evidence) - 20) # 1)"
                    " WHERE evidence IS NOT NULL");
    const struct entente_decision_record *record = told(meeting, 0);
    is_step(&record->steps[0], 1, "SLOT_FOUND", ENTENTE_PROPOSED,
            ENTENTE_EVIDENCE_ALTERED);
    pg_database_run(world.database,
                    "UPDATE decision SET evidence = NULL WHERE evidence IS NOT NULL");
    record = told(meeting, 0);
    is_step(&record->steps[0], 1, "SLOT_FOUND", ENTENTE_PROPOSED, ENTENTE_NOT_KEPT);
    circle_called_off(meeting);
}

/* What was said is sealed, each step's in its own place. */
static void test_altered_words_do_not_pass(void **state)
{
    (void)state;
    struct circle_kept kept;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_asked(false);
    int32_t first = meeting->proposal->start;
    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, first + 2 * HOUR, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_SHIFT, first + 3 * HOUR, meeting);
    meeting = circle_keep(meeting, &kept);
    assert_int_equal(told(meeting, 0)->steps[2].said->counter_start, first + 3 * HOUR);
    pg_database_run(world.database,
                    "UPDATE decision d SET said = o.said FROM decision o"
                    " WHERE d.meeting = o.meeting AND d.version = 2 AND o.version = 3"
                    "   AND d.meeting = (SELECT max(id::text)::uuid FROM meeting)");
    const struct entente_decision_record *record = told(meeting, 0);
    assert_null(record->steps[1].said);
    assert_int_equal(record->steps[1].replay, ENTENTE_EVIDENCE_ALTERED);
    assert_int_equal(record->steps[2].said->counter_start, first + 3 * HOUR);
    circle_called_off(meeting);
}

static void test_who_has_no_part_in_it_learns_nothing(void **state)
{
    (void)state;
    struct circle_kept kept;
    const struct entente_decision_record *record = NULL;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_keep(circle_asked(false), &kept);
    assert_int_equal(ask(chris, meeting, 0, &record), ENTENTE_ERROR_UNKNOWN_MEETING);
    assert_int_equal(ask(anna, meeting, 0, &record), ENTENTE_OK);
    circle_called_off(meeting);
}

/* However long it has gone on, it is told a page at a time. */
static void test_a_very_long_story_is_told_in_pages(void **state)
{
    (void)state;
    enum { STEPS = 1200 };
    struct circle_kept kept;
    uint32_t after = 0;
    size_t steps = 0;
    circle_everybody_is_free();
    const struct entente_meeting *meeting = circle_keep(circle_asked(false), &kept);
    pg_database_run(world.database,
                    "INSERT INTO decision SELECT d.meeting, n, d.at, 2, 2, 2, d.client,"
                    " d.channel, 0, 1, d.during, 0, true, d.matcher,"
                    " decode(repeat('00', 65000), 'hex')"
                    "  FROM decision d, generate_series(2, %d) n WHERE version = 1"
                    "   AND meeting = (SELECT max(id::text)::uuid FROM meeting)",
                    STEPS);
    const struct entente_decision_record *record = NULL;
    do {
        record = told(meeting, after);
        assert_int_equal(record->steps[0].version, after + 1);
        steps += record->steps_count;
        after = record->steps[record->steps_count - 1].version;
    } while (record->more);
    assert_int_equal(steps, STEPS);
    pg_database_run(world.database, "DELETE FROM decision WHERE version > 1");
    circle_called_off(meeting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_step_is_told_and_made_again),
        cmocka_unit_test(test_who_has_left_by_telephone_is_said),
        cmocka_unit_test(test_it_comes_out_alike_though_nobody_is_free_any_more),
        cmocka_unit_test(test_the_end_of_a_meeting_is_told_too),
        cmocka_unit_test(test_altered_evidence_does_not_pass),
        cmocka_unit_test(test_altered_words_do_not_pass),
        cmocka_unit_test(test_who_has_no_part_in_it_learns_nothing),
        cmocka_unit_test(test_a_very_long_story_is_told_in_pages),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
