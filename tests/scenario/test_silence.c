// SPDX-License-Identifier: Apache-2.0

/*
 * Who does not answer in time, and who is reminded before that.  Anna, Ben and Chris are
 * free from eight to six; Dora and Emil, of one clinic, are a pool.
 */
#include "tests/scenario/look.h"
#include "tests/scenario/rules.h"
#include "tests/scenario/seek.h"

#include "tests/support/test.h"

#include <signal.h>
#include <string.h>

#define DORA "idnps:899700000004"
#define EMIL "idnps:899700000005"

enum { MINUTE_MS = 60000 };

static struct world_client *clinic;

static int set_up(void **state)
{
    circle_set_up(state);
    clinic =
        world_add_client(&world, "clinic", false, (const char *[]){DORA, EMIL, NULL});
    return 0;
}

static void is_free(struct world_client *client, const char *person, bool tacit)
{
    const struct entente_range day = seek_range(480, 1080, ENTENTE_FREE);
    const struct entente_publish like = {.tacit_acceptance = tacit};
    seek_publish(client, person, &day, 1, &like);
}

/* Anna and Ben have accepted, Chris (@optional) has an hour to answer and is silent. */
static const struct entente_meeting *chris_is_silent(bool optional, uint32_t silence)
{
    struct entente_spec *spec = rules_begin();
    spec->parties[2].importance = optional ? ENTENTE_OPTIONAL : ENTENTE_INDISPENSABLE;
    spec->parties[2].answer_minutes = 60;
    spec->parties[2].silence = silence;
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    return meeting;
}

static void test_everybody_has_a_deadline_of_their_own(void **state)
{
    (void)state;
    struct entente_spec *spec = rules_begin();
    spec->answer_minutes = 600;
    spec->parties[1].answer_minutes = 60;
    struct circle_kept kept;
    const struct entente_meeting *meeting = rules_asked();
    int64_t anna_by = look_for(meeting, ANNA)->answer_by_ms;
    int64_t ben_by = look_for(meeting, BEN)->answer_by_ms;
    assert_int_equal(anna_by - ben_by, INT64_C(540) * MINUTE_MS);
    assert_int_equal(meeting->proposal->answer_by_ms, anna_by);
    const struct entente_meeting *asked = circle_keep(meeting, &kept);
    world_advance(&world, 59);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, asked);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    /* Nothing was said of silence: it ends the matter, at Ben's own time. */
    world_advance(&world, 2);
    circle_learns(ben, asked, ENTENTE_EXPIRED);
    assert_int_equal(circle_claims(), 0);
}

static void test_nobody_is_asked_beyond_the_start(void **state)
{
    (void)state;
    struct entente_spec *spec = rules_begin();
    spec->answer_minutes = 60 * 24 * 60;
    const struct entente_meeting *meeting = rules_asked();
    int64_t start_ms = (int64_t)meeting->proposal->start * MINUTE_MS;
    assert_int_equal(look_for(meeting, ANNA)->answer_by_ms, start_ms);
    assert_int_equal(meeting->hold_until_ms, start_ms);
    circle_called_off(meeting);
}

static void test_silence_that_counts_as_a_no(void **state)
{
    (void)state;
    struct circle_kept kept;
    const struct entente_meeting *asked =
        circle_keep(chris_is_silent(true, ENTENTE_SILENCE_DECLINES), &kept);
    world_advance(&world, 61);
    circle_learns(coordinator, asked, ENTENTE_CONFIRMED);
    const struct entente_meeting *meeting = look_at(coordinator, asked);
    const struct entente_party *chris_now = look_for(meeting, CHRIS);
    assert_int_equal(chris_now->answer, ENTENTE_DECLINE);
    assert_true(chris_now->tacit && chris_now->dropped);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(asked);

    asked = circle_keep(chris_is_silent(false, ENTENTE_SILENCE_DECLINES), &kept);
    world_advance(&world, 61);
    circle_learns(coordinator, asked, ENTENTE_WAITING_ORGANIZER);
    assert_string_equal(look_at(coordinator, asked)->last_event, "declined");
    circle_called_off(asked);
}

/* The hold would be over with the last deadline: it goes on for the organizer. */
static void test_a_no_at_the_last_moment_leaves_time_to_decide(void **state)
{
    (void)state;
    struct circle_kept kept;
    struct entente_spec *spec = rules_begin();
    spec->answer_minutes = 60;
    spec->silence = ENTENTE_SILENCE_DECLINES;
    const struct entente_meeting *asked = circle_keep(rules_asked(), &kept);
    int64_t over_ms = look_at(coordinator, asked)->hold_until_ms;
    world_advance(&world, 61);
    circle_learns(coordinator, asked, ENTENTE_WAITING_ORGANIZER);
    const struct entente_meeting *meeting = look_at(coordinator, asked);
    assert_string_equal(meeting->last_event, "declined");
    assert_true(meeting->hold_until_ms >= over_ms + INT64_C(60) * MINUTE_MS);
    world_advance(&world, 61);
    circle_learns(coordinator, asked, ENTENTE_EXPIRED);
    assert_int_equal(circle_claims(), 0);
}

static void test_silence_that_counts_as_a_yes(void **state)
{
    (void)state;
    struct circle_kept kept;
    struct entente_spec *spec = rules_begin();
    spec->parties[2].silence = ENTENTE_SILENCE_ACCEPTS;
    spec->answer_minutes = 60;
    spec->parties_count = 3;
    is_free(chris, CHRIS, true);
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    const struct entente_meeting *asked = circle_keep(meeting, &kept);
    world_advance(&world, 61);
    circle_learns(chris, asked, ENTENTE_CONFIRMED);
    meeting = look_at(coordinator, asked);
    assert_int_equal(look_for(meeting, CHRIS)->answer, ENTENTE_ACCEPT);
    assert_true(look_for(meeting, CHRIS)->tacit);
    assert_false(look_for(meeting, ANNA)->tacit);
    assert_int_equal(circle_claims(), 3);
    circle_called_off(asked);
}

static void test_nobody_accepts_by_silence_whose_agenda_has_become_busy(void **state)
{
    (void)state;
    struct circle_kept kept;
    struct entente_spec *spec = rules_begin();
    spec->parties[2].silence = ENTENTE_SILENCE_ACCEPTS;
    spec->answer_minutes = 60;
    is_free(chris, CHRIS, true);
    const struct entente_meeting *meeting = rules_asked();
    int from = meeting->proposal->start - world.day;
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    const struct entente_meeting *asked = circle_keep(meeting, &kept);
    const struct entente_range ranges[] = {
        seek_range(from, from + 30, ENTENTE_BUSY),
        seek_range(from + 60, from + 120, ENTENTE_FREE)};
    const struct entente_publish like = {.tacit_acceptance = true};
    seek_publish(chris, CHRIS, ranges, 2, &like);
    world_advance(&world, 61);
    circle_learns(coordinator, asked, ENTENTE_WAITING_ORGANIZER);
    meeting = look_at(coordinator, asked);
    assert_string_equal(meeting->last_event, "silent");
    assert_int_equal(look_for(meeting, CHRIS)->answer, 0);
    circle_called_off(asked);
}

static void test_nobody_accepts_by_silence_who_has_not_agreed_to_it(void **state)
{
    (void)state;
    struct circle_kept kept;
    const struct entente_meeting *asked =
        circle_keep(chris_is_silent(true, ENTENTE_SILENCE_ACCEPTS), &kept);
    int64_t until = pg_database_number(
        world.database, "SELECT extract(epoch FROM max(hold_until))::int8 FROM meeting"
                        " WHERE state = 2");
    world_advance(&world, 61);
    circle_learns(coordinator, asked, ENTENTE_WAITING_ORGANIZER);
    const struct entente_meeting *meeting = look_at(coordinator, asked);
    assert_string_equal(meeting->last_event, "silent");
    assert_int_equal(look_for(meeting, CHRIS)->answer, 0);
    assert_true(meeting->alternatives_count > 0);
    /* The hold goes on, so that there is time to decide. */
    assert_true(meeting->hold_until_ms / 1000 > until);
    assert_int_equal(circle_claims(), 3);
    assert_int_equal(
        circle_decide(coordinator, ENTENTE_WITHOUT_PARTY, 0, CHRIS, meeting, &meeting),
        ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    circle_called_off(meeting);
}

/* Of two agendas one has not agreed: whoever looks there has not been told. */
static void test_one_agenda_that_has_not_agreed_is_enough(void **state)
{
    (void)state;
    struct circle_kept kept;
    struct entente_spec *spec = rules_begin();
    const struct entente_range day = seek_range(480, 1080, ENTENTE_FREE);
    const struct entente_publish other = {.source = "second"};
    is_free(chris, CHRIS, true);
    seek_publish(chris, CHRIS, &day, 1, &other);
    spec->answer_minutes = 60;
    spec->silence = ENTENTE_SILENCE_ACCEPTS;
    const struct entente_meeting *meeting = rules_asked();
    const struct entente_meeting *asked = circle_keep(meeting, &kept);
    world_advance(&world, 61);
    circle_learns(coordinator, asked, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(look_for(look_at(coordinator, asked), CHRIS)->answer, 0);
    circle_called_off(asked);
}

/* ---- pools -------------------------------------------------------------------------
 */

/* Anna and one of Ben, Dora and Emil, all free at the same hour. */
static const struct entente_meeting *
one_of_three(struct seek *seek, struct entente_identifier members[3], uint32_t silence)
{
    const struct entente_meeting *meeting = NULL;
    is_free(anna, ANNA, false);
    is_free(ben, BEN, false);
    is_free(clinic, DORA, false);
    is_free(clinic, EMIL, false);
    seek_begin(seek, (const char *[]){ANNA, BEN, NULL});
    members[0] = world_identifier(BEN);
    members[1] = world_identifier(DORA);
    members[2] = world_identifier(EMIL);
    seek->parties[1] = (struct entente_party){.kind = ENTENTE_POOL,
                                              .members = members,
                                              .members_count = 3,
                                              .pool_size = 1,
                                              .answer_minutes = 60,
                                              .silence = silence};
    assert_int_equal(world_request(coordinator, &seek->spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    return circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
}

static const struct entente_party *last_of(const struct entente_meeting *meeting)
{
    return &meeting->spec->parties[meeting->spec->parties_count - 1];
}

static struct world_client *who_speaks(const struct entente_party *party)
{
    struct entente_identifier who = world_identifier(BEN);
    return strcmp(party->identifier->value, who.value) == 0 ? ben : clinic;
}

static const char *name_of(const struct entente_party *party)
{
    static const char *const all[] = {BEN, DORA, EMIL};
    for (size_t i = 0; i < 3; i++) {
        struct entente_identifier who = world_identifier(all[i]);
        if (strcmp(party->identifier->value, who.value) == 0) {
            return all[i];
        }
    }
    return "?";
}

static void test_who_of_a_pool_declines_is_replaced(void **state)
{
    (void)state;
    struct seek seek;
    struct entente_identifier members[3];
    struct circle_kept kept;
    const struct entente_meeting *meeting =
        one_of_three(&seek, members, ENTENTE_SILENCE_SUBSTITUTES);
    const struct entente_meeting *asked = circle_keep(meeting, &kept);
    int32_t start = meeting->proposal->start;
    const char *first = name_of(last_of(meeting));
    struct world_client *speaks = who_speaks(last_of(meeting));
    meeting = circle_says(speaks, first, ENTENTE_DECLINE, 0, asked);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_string_equal(meeting->last_event, "substituted");
    assert_int_equal(meeting->proposal->number, kept.proposal.number);
    assert_int_equal(meeting->proposal->start, start);
    assert_int_equal(meeting->spec->parties_count, 3);
    assert_true(meeting->spec->parties[1].dropped);
    assert_int_equal(last_of(meeting)->replaces, 2);
    assert_int_equal(last_of(meeting)->from_pool, 1);
    assert_string_not_equal(name_of(last_of(meeting)), first);
    /* Anna has said yes, and that stands. */
    assert_int_equal(look_for(meeting, ANNA)->answer, ENTENTE_ACCEPT);
    assert_int_equal(circle_claims(), 2);

    const char *second = name_of(last_of(meeting));
    meeting =
        circle_says(who_speaks(last_of(meeting)), second, ENTENTE_DECLINE, 0, asked);
    const char *third = name_of(last_of(meeting));
    assert_string_not_equal(third, first);
    assert_string_not_equal(third, second);
    meeting =
        circle_says(who_speaks(last_of(meeting)), third, ENTENTE_ACCEPT, 0, asked);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, start);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(asked);
}

/* That the last step was somebody's silence. */
static void silence_is_told(const struct entente_meeting *meeting)
{
    const struct entente_decision_record *record = NULL;
    const struct entente_explain explain = {.meeting = meeting->id,
                                            .after = meeting->version - 1};
    assert_int_equal(
        entente_client_explain(coordinator->sdk, &explain, WORLD_PATIENCE_MS, &record),
        ENTENTE_OK);
    assert_int_equal(record->steps_count, 1);
    assert_non_null(record->steps[0].said);
    assert_int_equal(record->steps[0].said->answer, ENTENTE_DECLINE);
    assert_true(record->steps[0].said->tacit);
}

static void replaced_until_nobody_is_left(uint32_t silence, const char *last_event)
{
    struct seek seek;
    struct entente_identifier members[3];
    struct circle_kept kept;
    const struct entente_meeting *meeting = one_of_three(&seek, members, silence);
    const struct entente_meeting *asked = circle_keep(meeting, &kept);
    int64_t first_by = last_of(meeting)->answer_by_ms;
    for (size_t others = 1; others < 3; others++) {
        world_advance(&world, 61);
        look_until_calm();
        meeting = look_at(coordinator, asked);
        assert_int_equal(meeting->state, ENTENTE_PROPOSED);
        assert_int_equal(meeting->spec->parties_count, 2 + others);
        assert_true(last_of(meeting)->answer_by_ms > first_by);
        assert_true(meeting->spec->parties[others].tacit);
        silence_is_told(meeting);
        assert_int_equal(look_for(meeting, ANNA)->answer, ENTENTE_ACCEPT);
        assert_int_equal(circle_claims(), 2);
    }
    world_advance(&world, 61);
    circle_learns(coordinator, asked, ENTENTE_WAITING_ORGANIZER);
    assert_string_equal(look_at(coordinator, asked)->last_event, last_event);
    circle_called_off(asked);
}

static void test_who_of_a_pool_is_silent_is_replaced_until_nobody_is_left(void **state)
{
    (void)state;
    replaced_until_nobody_is_left(ENTENTE_SILENCE_SUBSTITUTES, "silent");
}

/* A no of the pool is replaced, whether it is said or not. */
static void test_silence_that_counts_as_a_no_is_replaced_too(void **state)
{
    (void)state;
    replaced_until_nobody_is_left(ENTENTE_SILENCE_DECLINES, "declined");
}

static void test_no_substitute_is_taken_who_cannot_come(void **state)
{
    (void)state;
    struct seek seek;
    struct entente_identifier members[3];
    struct circle_kept kept;
    const struct entente_meeting *meeting =
        one_of_three(&seek, members, ENTENTE_SILENCE_SUBSTITUTES);
    const struct entente_meeting *asked = circle_keep(meeting, &kept);
    const char *first = name_of(last_of(meeting));
    struct world_client *speaks = who_speaks(last_of(meeting));
    /* The others are busy meanwhile. */
    const struct entente_range late = seek_range(900, 1080, ENTENTE_FREE);
    const char *const all[] = {BEN, DORA, EMIL};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(all[i], first) != 0) {
            seek_publish(i == 0 ? ben : clinic, all[i], &late, 1, NULL);
        }
    }
    meeting = circle_says(speaks, first, ENTENTE_DECLINE, 0, asked);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(meeting->spec->parties_count, 2);
    circle_called_off(asked);
}

/* ---- outages -----------------------------------------------------------------------
 */

static bool has_just_lived(void *context)
{
    (void)context;
    return pg_database_number(world.database,
                              "SELECT count(*) FROM broker WHERE alive >"
                              " clock_timestamp() + (SELECT shift FROM test_clock)"
                              " - interval '1 minute'") == 1;
}

/* The time in which nobody could say anything is not time in which somebody was silent. */
static void test_nobody_accepts_because_the_broker_was_down(void **state)
{
    (void)state;
    struct circle_kept kept;
    struct entente_spec *spec = rules_begin();
    spec->parties_count = 2;
    spec->answer_minutes = 60;
    spec->silence = ENTENTE_SILENCE_ACCEPTS;
    is_free(ben, BEN, true);
    const struct entente_meeting *meeting = rules_asked();
    int64_t by_ms = look_for(meeting, BEN)->answer_by_ms;
    const struct entente_meeting *asked = circle_keep(meeting, &kept);
    circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, asked);
    assert_true(world_until(&world, has_just_lived, NULL));
    world_stop_broker(&world, SIGKILL);
    world_advance(&world, 180);
    world_start_broker(&world, NULL);
    meeting = look_at(coordinator, asked);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    int64_t later_ms = look_for(meeting, BEN)->answer_by_ms;
    assert_in_range(later_ms - by_ms, INT64_C(170) * MINUTE_MS,
                    INT64_C(181) * MINUTE_MS);
    assert_int_equal(meeting->hold_until_ms, later_ms);
    world_advance(&world, 62);
    circle_learns(coordinator, asked, ENTENTE_CONFIRMED);
    assert_true(look_for(look_at(coordinator, asked), BEN)->tacit);
    circle_called_off(asked);
}

/* Ben's program was away while the hold ended: all that it hears is how it ended. */
static void test_whoever_comes_back_late_is_not_asked_any_more(void **state)
{
    (void)state;
    struct circle_kept kept;
    rules_begin()->parties_count = 2;
    entente_client_destroy(ben->sdk);
    ben->sdk = NULL;
    const struct entente_meeting *asked = circle_keep(rules_asked(), &kept);
    size_t told = look_events(ben, asked);
    look_sweep(false);
    world_advance(&world, INT64_C(49) * HOUR);
    world_reconnect(ben);
    look_sweep(true);
    circle_learns(ben, asked, ENTENTE_EXPIRED);
    for (size_t i = told; i < ben->event_count; i++) {
        if (memcmp(ben->events[i].meeting, asked->id.data, 16) == 0) {
            assert_int_equal(ben->events[i].state, ENTENTE_EXPIRED);
        }
    }
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everybody_has_a_deadline_of_their_own),
        cmocka_unit_test(test_nobody_is_asked_beyond_the_start),
        cmocka_unit_test(test_silence_that_counts_as_a_no),
        cmocka_unit_test(test_silence_that_counts_as_a_yes),
        cmocka_unit_test(test_nobody_accepts_by_silence_whose_agenda_has_become_busy),
        cmocka_unit_test(test_a_no_at_the_last_moment_leaves_time_to_decide),
        cmocka_unit_test(test_nobody_accepts_by_silence_who_has_not_agreed_to_it),
        cmocka_unit_test(test_one_agenda_that_has_not_agreed_is_enough),
        cmocka_unit_test(test_who_of_a_pool_declines_is_replaced),
        cmocka_unit_test(test_who_of_a_pool_is_silent_is_replaced_until_nobody_is_left),
        cmocka_unit_test(test_silence_that_counts_as_a_no_is_replaced_too),
        cmocka_unit_test(test_no_substitute_is_taken_who_cannot_come),
        cmocka_unit_test(test_nobody_accepts_because_the_broker_was_down),
        cmocka_unit_test(test_whoever_comes_back_late_is_not_asked_any_more),
    };
    return cmocka_run_group_tests(tests, set_up, circle_tear_down);
}
