// SPDX-License-Identifier: Apache-2.0

/*
 * A request for some of many people, and for enough of those invited: who is chosen takes
 * part like everybody else, and nobody hears of the others.
 */
#include "tests/scenario/seek.h"

#include "tests/support/test.h"

#include <string.h>

#define DORA "idnps:899700000004"
#define EMIL "idnps:899700000005"

static struct world_client *clinic;

static int set_up(void **state)
{
    circle_set_up(state);
    clinic =
        world_add_client(&world, "clinic", false, (const char *[]){DORA, EMIL, NULL});
    return 0;
}

static void is_free(struct world_client *client, const char *person, int32_t from,
                    int32_t until)
{
    const struct entente_range day = seek_range(from, until, ENTENTE_FREE);
    seek_publish(client, person, &day, 1, NULL);
}

/* Anna and @size of Ben, Dora and Emil. */
static void begin(struct seek *seek, struct entente_identifier members[3],
                  uint32_t size)
{
    seek_begin(seek, (const char *[]){ANNA, BEN, NULL});
    members[0] = world_identifier(BEN);
    members[1] = world_identifier(DORA);
    members[2] = world_identifier(EMIL);
    seek->parties[1] = (struct entente_party){.kind = ENTENTE_POOL,
                                              .members = members,
                                              .members_count = 3,
                                              .pool_size = size};
}

static bool is(const struct entente_party *party, const char *person)
{
    struct entente_identifier who = world_identifier(person);
    return party->kind == ENTENTE_PROFESSIONAL && party->identifier != NULL &&
           strcmp(party->identifier->value, who.value) == 0;
}

static void test_who_is_chosen_is_asked_and_held(void **state)
{
    (void)state;
    is_free(anna, ANNA, 480, 600);
    is_free(ben, BEN, 540, 600);
    is_free(clinic, DORA, 480, 540);
    is_free(clinic, EMIL, 900, 960);
    struct entente_identifier members[3];
    struct seek seek;
    struct circle_kept kept;
    const struct entente_meeting *meeting = NULL;
    begin(&seek, members, 1);
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->start, world.day + 480);
    assert_int_equal(meeting->spec->parties_count, 2);
    assert_true(is(&meeting->spec->parties[1], DORA));
    assert_int_equal(meeting->spec->parties[1].members_count, 0);
    assert_int_equal(circle_claims(), 2);
    const struct entente_meeting *shown = circle_keep(meeting, &kept);

    /* Who was not chosen has no part in it. */
    assert_int_equal(world_answer(ben, shown, BEN, ENTENTE_ACCEPT, 0, &meeting),
                     ENTENTE_ERROR_UNKNOWN_MEETING);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, shown);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = circle_says(clinic, DORA, ENTENTE_ACCEPT, 0, shown);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);

    /* The next one takes another hour and another member. */
    struct circle_kept next;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->proposal->start, world.day + 540);
    assert_true(is(&meeting->spec->parties[1], BEN));
    const struct entente_meeting *second = circle_keep(meeting, &next);
    assert_int_equal(world_overlaps(&world), 0);
    circle_called_off(second);
    circle_called_off(shown);
}

static void test_several_of_a_pool_become_parties(void **state)
{
    (void)state;
    is_free(anna, ANNA, 480, 600);
    is_free(ben, BEN, 540, 600);
    is_free(clinic, DORA, 480, 600);
    is_free(clinic, EMIL, 540, 600);
    struct entente_identifier members[3];
    struct seek seek;
    struct circle_kept kept;
    const struct entente_meeting *meeting = NULL;
    begin(&seek, members, 3);
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->proposal->start, world.day + 540);
    assert_int_equal(meeting->spec->parties_count, 4);
    assert_true(is(&meeting->spec->parties[1], BEN));
    assert_true(is(&meeting->spec->parties[2], DORA));
    assert_true(is(&meeting->spec->parties[3], EMIL));
    assert_int_equal(circle_claims(), 4);
    const struct entente_meeting *shown = circle_keep(meeting, &kept);
    circle_called_off(shown);
}

static void test_a_pool_waits_until_one_of_it_is_free(void **state)
{
    (void)state;
    is_free(anna, ANNA, 480, 540);
    is_free(ben, BEN, 540, 600);
    is_free(clinic, DORA, 600, 660);
    is_free(clinic, EMIL, 600, 660);
    struct entente_identifier members[3];
    struct seek seek;
    const struct entente_meeting *meeting = NULL;
    begin(&seek, members, 1);
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    assert_non_null(meeting->why_not);
    assert_true(meeting->why_not->blocking_count > 0);
    /* Whose agendas are waited for is shown to nobody. */
    assert_int_equal(meeting->spec->parties[1].kind, ENTENTE_POOL);
    assert_int_equal(meeting->spec->parties[1].members_count, 0);
    assert_int_equal(circle_claims(), 0);
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    const struct entente_meeting waiting = {.id = {id, sizeof(id)}};

    is_free(clinic, EMIL, 480, 540);
    circle_learns(clinic, &waiting, ENTENTE_PROPOSED);
    circle_learns(anna, &waiting, ENTENTE_PROPOSED);
    assert_int_equal(circle_claims(), 2);
    assert_null(world_last_event(ben, id));
    circle_called_off(&waiting);
}

static void test_a_pool_that_may_stay_away_is_not_asked_again(void **state)
{
    (void)state;
    is_free(anna, ANNA, 480, 600);
    is_free(ben, BEN, 540, 600);
    is_free(clinic, DORA, 720, 780);
    is_free(clinic, EMIL, 720, 780);
    struct entente_identifier members[3];
    struct seek seek;
    struct circle_kept kept;
    const struct entente_meeting *meeting = NULL;
    begin(&seek, members, 2);
    seek.parties[1].importance = ENTENTE_OPTIONAL;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->proposal->start, world.day + 480);
    assert_false(meeting->spec->parties[1].attends);
    assert_int_equal(meeting->spec->parties[1].members_count, 0);
    assert_int_equal(circle_claims(), 1);
    const struct entente_meeting *shown = circle_keep(meeting, &kept);
    meeting = circle_says(anna, ANNA, ENTENTE_SHIFT, world.day + 540, shown);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, world.day + 540);
    assert_int_equal(circle_claims(), 1);
    circle_called_off(shown);
}

static void test_a_no_that_breaks_the_quorum_is_for_the_organizer(void **state)
{
    (void)state;
    is_free(anna, ANNA, 480, 540);
    is_free(ben, BEN, 480, 540);
    is_free(chris, CHRIS, 480, 540);
    is_free(clinic, DORA, 480, 540);
    struct seek seek;
    struct circle_kept kept;
    const struct entente_meeting *meeting = NULL;
    seek_begin(&seek, (const char *[]){ANNA, BEN, CHRIS, DORA, NULL});
    for (size_t i = 1; i < 4; i++) {
        seek.parties[i].importance = ENTENTE_OPTIONAL;
    }
    seek.spec.quorum = 3;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    const struct entente_meeting *shown = circle_keep(meeting, &kept);
    meeting = circle_says(ben, BEN, ENTENTE_DECLINE, 0, shown);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = circle_says(chris, CHRIS, ENTENTE_DECLINE, 0, shown);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    circle_called_off(shown);
}

/* Who is from a pool and cannot come to the new time of a move is replaced there from it. */
static void test_a_pool_sends_another_one_to_the_new_time(void **state)
{
    (void)state;
    struct entente_identifier members[3];
    struct seek seek;
    const struct entente_meeting *meeting = NULL;
    is_free(anna, ANNA, 480, 720);
    is_free(ben, BEN, 480, 720);
    is_free(clinic, DORA, 600, 720);
    is_free(clinic, EMIL, 900, 960);
    begin(&seek, members, 1);
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_true(is(&meeting->spec->parties[1], BEN));
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    meeting = circle_says(anna, ANNA, ENTENTE_SHIFT, world.day + 660, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    meeting = circle_says(ben, BEN, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->spec->parties_count, 3);
    assert_int_equal(meeting->spec->parties[2].replaces, 2);
    meeting = circle_says(clinic, DORA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, world.day + 660);
    assert_true(meeting->spec->parties[1].dropped);
    assert_int_equal(circle_claims(), 2);
    assert_int_equal(world_overlaps(&world), 0);
    circle_called_off(meeting);
}

/* And in a poll: the candidates stay at which that one can come. */
static void test_a_pool_sends_another_one_into_a_poll(void **state)
{
    (void)state;
    struct entente_identifier members[3];
    struct seek seek;
    const struct entente_meeting *meeting = NULL;
    is_free(anna, ANNA, 480, 720);
    is_free(ben, BEN, 480, 720);
    is_free(clinic, DORA, 660, 720);
    is_free(clinic, EMIL, 900, 960);
    begin(&seek, members, 1);
    seek.spec.held_slots = 4;
    assert_int_equal(world_request(coordinator, &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->proposal->candidates_count, 4);
    meeting = circle_says(ben, BEN, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_string_equal(meeting->last_event, "substituted");
    assert_int_equal(meeting->proposal->candidates_count, 1);
    assert_int_equal(meeting->proposal->candidates[0].start, world.day + 660);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(clinic, DORA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, world.day + 660);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

/* One of the three who has agreed. */
static const struct entente_meeting *with_one_of_three(struct seek *seek,
                                                       struct entente_identifier *who)
{
    const struct entente_meeting *meeting = NULL;
    is_free(anna, ANNA, 480, 720);
    is_free(ben, BEN, 480, 720);
    is_free(clinic, DORA, 480, 720);
    is_free(clinic, EMIL, 480, 720);
    begin(seek, who, 1);
    assert_int_equal(world_request(coordinator, &seek->spec, &meeting), ENTENTE_OK);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    return meeting;
}

static const char *seated(const struct entente_meeting *meeting, size_t party)
{
    const struct entente_party *who = &meeting->spec->parties[party];
    return is(who, BEN) ? BEN : is(who, DORA) ? DORA : EMIL;
}

static struct world_client *speaker(const char *person)
{
    return strcmp(person, BEN) == 0 ? ben : clinic;
}

/*
 *     first    accepts ... withdraws                 withdraws again: nothing new
 *     second                asked ... withdraws, too
 *     third                           asked ... withdraws, too: nobody is left
 */
static void test_who_withdrew_does_not_come_because_others_do_not(void **state)
{
    (void)state;
    struct seek seek;
    struct entente_identifier members[3];
    const struct entente_meeting *meeting = with_one_of_three(&seek, members);
    const char *first = seated(meeting, 1);
    meeting = circle_says(speaker(first), first, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(circle_cancel(speaker(first), first, meeting, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    const char *second = seated(meeting, 2);
    uint32_t version = meeting->version;
    assert_int_equal(circle_cancel(speaker(first), first, meeting, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->version, version);
    meeting = circle_says(speaker(first), first, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->version, version);

    assert_int_equal(circle_cancel(speaker(second), second, meeting, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    const char *third = seated(meeting, 3);
    assert_int_equal(circle_cancel(speaker(third), third, meeting, &meeting),
                     ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(circle_claims(), 1);
    assert_false(meeting->spec->parties[1].attends);
    assert_true(meeting->spec->parties[3].dropped);
    circle_called_off(meeting);
}

/* The third one comes: neither of those before does. */
static void test_the_substitute_of_a_substitute_comes(void **state)
{
    (void)state;
    struct seek seek;
    struct entente_identifier members[3];
    const struct entente_meeting *meeting = with_one_of_three(&seek, members);
    for (size_t party = 1; party < 3; party++) {
        const char *who = seated(meeting, party);
        if (party == 1) {
            meeting = circle_says(speaker(who), who, ENTENTE_ACCEPT, 0, meeting);
        }
        assert_int_equal(circle_cancel(speaker(who), who, meeting, &meeting),
                         ENTENTE_OK);
        assert_int_equal(meeting->state, ENTENTE_MOVING);
    }
    const char *third = seated(meeting, 3);
    meeting = circle_says(speaker(third), third, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_true(meeting->spec->parties[1].dropped);
    assert_true(meeting->spec->parties[2].dropped);
    assert_true(meeting->spec->parties[3].attends);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_chosen_is_asked_and_held),
        cmocka_unit_test(test_several_of_a_pool_become_parties),
        cmocka_unit_test(test_a_pool_waits_until_one_of_it_is_free),
        cmocka_unit_test(test_a_pool_that_may_stay_away_is_not_asked_again),
        cmocka_unit_test(test_a_no_that_breaks_the_quorum_is_for_the_organizer),
        cmocka_unit_test(test_a_pool_sends_another_one_to_the_new_time),
        cmocka_unit_test(test_a_pool_sends_another_one_into_a_poll),
        cmocka_unit_test(test_who_withdrew_does_not_come_because_others_do_not),
        cmocka_unit_test(test_the_substitute_of_a_substitute_comes),
    };
    return cmocka_run_group_tests(tests, set_up, circle_tear_down);
}
