// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of the negotiation table through a real broker, one or more per row.  Anna
 * and Ben are indispensable, Chris is optional where he is invited; all are free from
 * eight to six on three days, unless a story says otherwise.  The coordinator asks.
 */
#include "tests/scenario/world.h"

#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { HOUR = 60, DAY = 1440 };

#define ANNA "idnps:899700000001"
#define BEN "idnps:899700000002"
#define CHRIS "idnps:899700000003"

static struct world world;
static struct world_client *coordinator;
static struct world_client *anna;
static struct world_client *ben;
static struct world_client *chris;

static int set_up(void **state)
{
    (void)state;
    world_create(&world);
    coordinator = world_add_client(&world, "coordinator", false, NULL);
    anna = world_add_client(&world, "anna", false, (const char *[]){ANNA, NULL});
    ben = world_add_client(&world, "ben", false, (const char *[]){BEN, NULL});
    chris = world_add_client(&world, "chris", false, (const char *[]){CHRIS, NULL});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_destroy(&world);
    return 0;
}

/* ---- words of the stories ----------------------------------------------------------
 */

static void is_free(struct world_client *client, const char *person, int from,
                    int until)
{
    struct entente_range days[3];
    for (int i = 0; i < 3; i++) {
        days[i] = (struct entente_range){.start = world.day + i * DAY + from * HOUR,
                                         .end = world.day + i * DAY + until * HOUR,
                                         .kind = ENTENTE_FREE};
    }
    assert_int_equal(world_publish(client, person, days, 3), ENTENTE_OK);
}

static void everybody_is_free(void)
{
    is_free(anna, ANNA, 8, 18);
    is_free(ben, BEN, 8, 18);
    is_free(chris, CHRIS, 8, 18);
}

/* Ask for an hour of Anna, Ben and, if invited, Chris. */
static enum entente_code ask(bool with_chris, int64_t search_until_ms,
                             const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who[] = {world_identifier(ANNA), world_identifier(BEN),
                                       world_identifier(CHRIS)};
    struct entente_party parties[] = {world_party(&who[0], false),
                                      world_party(&who[1], false),
                                      world_party(&who[2], true)};
    struct entente_span window = {world.day, world.day + 3 * DAY};
    struct entente_spec spec = world_spec(parties, with_chris ? 3 : 2, &window);
    spec.search_until_ms = search_until_ms;
    return world_request(coordinator, &spec, ret_meeting);
}

static const struct entente_meeting *asked(bool with_chris)
{
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(ask(with_chris, 0, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    return meeting;
}

static const struct entente_meeting *says(struct world_client *client,
                                          const char *person, uint32_t kind,
                                          int32_t counter,
                                          const struct entente_meeting *meeting)
{
    assert_int_equal(world_answer(client, meeting, person, kind, counter, &meeting),
                     ENTENTE_OK);
    return meeting;
}

static const struct entente_meeting *confirmed(bool with_chris)
{
    const struct entente_meeting *meeting = asked(with_chris);
    meeting = says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    if (with_chris) {
        meeting = says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    }
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    return meeting;
}

static enum entente_code cancel(struct world_client *client, const char *person,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who = world_identifier(person == NULL ? ANNA : person);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_TELEPHONE};
    struct entente_cancel order = {.meeting = meeting->id,
                                   .party = person == NULL ? NULL : &who,
                                   .reason = ENTENTE_NO_LONGER_NEEDED,
                                   .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_CANCEL, .cancel = &order};
    return world_call(client, &envelope, ret_meeting);
}

static void called_off(const struct entente_meeting *meeting)
{
    assert_int_equal(cancel(coordinator, NULL, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CANCELLED);
}

static enum entente_code decide(struct world_client *client, uint32_t decision,
                                int32_t start, const char *without,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who = world_identifier(without == NULL ? ANNA : without);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_CONSOLE};
    struct entente_decide order = {.meeting = meeting->id,
                                   .version = meeting->version,
                                   .decision = decision,
                                   .start = start,
                                   .party = without == NULL ? NULL : &who,
                                   .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_DECIDE, .decide = &order};
    return world_call(client, &envelope, ret_meeting);
}

struct hope {
    const struct world_client *client;
    uint8_t meeting[16];
    uint32_t state;
};

static bool has_come_true(void *context)
{
    const struct hope *hope = context;
    const struct world_event *last = world_last_event(hope->client, hope->meeting);
    return last != NULL && last->state == hope->state;
}

static void learns(const struct world_client *client,
                   const struct entente_meeting *meeting, uint32_t state)
{
    struct hope hope = {.client = client, .state = state};
    memcpy(hope.meeting, meeting->id.data, sizeof(hope.meeting));
    if (!world_until(&world, has_come_true, &hope)) {
        fail_msg("%s never learnt of state %u", client->name, state);
    }
}

static int64_t claims(void)
{
    return pg_database_number(world.database, "SELECT count(*) FROM claim");
}

/* ---- searching ---------------------------------------------------------------------
 */

static void test_nothing_suits_until_somebody_publishes(void **state)
{
    (void)state;
    is_free(anna, ANNA, 8, 10);
    is_free(ben, BEN, 14, 18);
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(ask(false, 0, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    assert_int_equal(meeting->why_not->feasible, 0);
    assert_true(meeting->why_not->blocking_count > 0);
    struct entente_meeting kept = *meeting;
    uint8_t id[16];
    memcpy(id, meeting->id.data, 16);
    kept.id.data = id;

    is_free(ben, BEN, 9, 11);
    learns(anna, &kept, ENTENTE_PROPOSED);
    learns(coordinator, &kept, ENTENTE_PROPOSED);
    assert_int_equal(claims(), 2);
    called_off(&kept);
}

static void test_a_release_makes_a_slot_possible(void **state)
{
    (void)state;
    is_free(anna, ANNA, 8, 9);
    is_free(ben, BEN, 8, 18);
    struct entente_meeting kept[3];
    uint8_t ids[4][16];
    const struct entente_meeting *meeting = NULL;
    /* Three mornings of one hour: three meetings fill them, the fourth waits. */
    for (int i = 0; i < 4; i++) {
        assert_int_equal(ask(false, 0, &meeting), ENTENTE_OK);
        memcpy(ids[i], meeting->id.data, 16);
        if (i < 3) {
            assert_int_equal(meeting->state, ENTENTE_PROPOSED);
            kept[i] = *meeting;
            kept[i].id.data = ids[i];
        }
    }
    assert_int_equal(meeting->state, ENTENTE_SEARCHING);
    struct entente_meeting fourth = {.id = {ids[3], 16}};
    called_off(&kept[1]);
    learns(anna, &fourth, ENTENTE_PROPOSED);
    assert_int_equal(world_overlaps(&world), 0);
    called_off(&kept[0]);
    called_off(&kept[2]);
    called_off(&fourth);
}

static void test_a_search_ends_at_its_deadline(void **state)
{
    (void)state;
    is_free(anna, ANNA, 8, 10);
    is_free(ben, BEN, 14, 18);
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(ask(false, INT64_C(1600000000000), &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_EXPIRED);
    assert_true(meeting->why_not->blocking_count > 0);
}

/* ---- proposed ----------------------------------------------------------------------
 */

static void test_an_optional_party_declines(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = asked(true);
    assert_int_equal(claims(), 3);
    meeting = says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_true(meeting->spec->parties[2].dropped);
    assert_int_equal(claims(), 2);
    called_off(meeting);
}

static void test_the_last_answer_is_an_optional_partys_no(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = asked(true);
    meeting = says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    meeting = says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(claims(), 2);
    called_off(meeting);
}

static void test_the_organizer_goes_on_without_a_party(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = asked(true);
    int32_t start = meeting->proposal->start;
    meeting = says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    meeting = says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    meeting = says(anna, ANNA, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_true(meeting->alternatives_count > 0);
    assert_int_equal(claims(), 3); /* the hold is kept to its end */
    assert_int_equal(decide(ben, ENTENTE_WITHOUT_PARTY, 0, ANNA, meeting, &meeting),
                     ENTENTE_ERROR_NOT_THE_ORGANIZER);
    assert_int_equal(
        decide(coordinator, ENTENTE_WITHOUT_PARTY, 0, ANNA, meeting, &meeting),
        ENTENTE_OK);
    /* The time did not change: nobody who accepted is asked again. */
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, start);
    assert_int_equal(claims(), 2);
    learns(anna, meeting, ENTENTE_CONFIRMED);
    called_off(meeting);
}

static void test_no_other_slot_then_the_organizer_offers_one(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = asked(false);
    /* Seven in the evening suits nobody. */
    meeting = says(anna, ANNA, ENTENTE_SHIFT, world.day + 19 * HOUR, meeting);
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_true(meeting->alternatives_count > 0);
    int32_t other = world.day + 16 * HOUR;
    assert_int_equal(
        decide(coordinator, ENTENTE_PROPOSE_SLOT, other, NULL, meeting, &meeting),
        ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->start, other);
    assert_int_equal(claims(), 2);
    called_off(meeting);
}

static void test_rounds_are_bounded(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = asked(false);
    int shifts = 0;
    while (meeting->state == ENTENTE_PROPOSED && shifts < 20) {
        int32_t other = world.day + (9 + shifts) * HOUR;
        meeting = says(shifts % 2 == 0 ? anna : ben, shifts % 2 == 0 ? ANNA : BEN,
                       ENTENTE_SHIFT, other, meeting);
        shifts++;
    }
    assert_int_equal(meeting->state, ENTENTE_WAITING_ORGANIZER);
    assert_int_equal(shifts, 5); /* the sixth round is the organizer's */
    assert_true(meeting->alternatives_count > 0);
    called_off(meeting);
}

static void test_silence_means_expired(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = asked(false);
    meeting = says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    world_advance(&world, INT64_C(47) * HOUR);
    meeting = says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    world_advance(&world, INT64_C(2) * HOUR);
    learns(anna, meeting, ENTENTE_EXPIRED);
    learns(ben, meeting, ENTENTE_EXPIRED);
    learns(coordinator, meeting, ENTENTE_EXPIRED);
    assert_int_equal(claims(), 0);
}

/* ---- confirmed, moving -------------------------------------------------------------
 */

static void test_a_move_that_is_agreed(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = confirmed(false);
    int32_t old = meeting->confirmed->start;
    /* By half an hour: the new time overlaps the old one of the same meeting. */
    meeting = says(ben, BEN, ENTENTE_SHIFT, old + 30, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->confirmed->start, old);
    assert_int_equal(claims(), 4);
    meeting = says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_string_equal(meeting->last_event, "moved");
    assert_int_equal(meeting->confirmed->start, old + 30);
    assert_int_equal(claims(), 2);
    called_off(meeting);
}

static void test_a_move_that_is_declined_or_forgotten(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = confirmed(true);
    int32_t old = meeting->confirmed->start;
    meeting = says(ben, BEN, ENTENTE_SHIFT, old + 2 * HOUR, meeting);
    assert_int_equal(claims(), 6);
    meeting = says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_string_equal(meeting->last_event, "kept");
    assert_int_equal(meeting->confirmed->start, old);
    assert_int_equal(claims(), 3);

    meeting = says(ben, BEN, ENTENTE_SHIFT, old + 2 * HOUR, meeting);
    meeting = says(anna, ANNA, ENTENTE_SHIFT, old + 3 * HOUR, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(claims(), 6);
    world_advance(&world, INT64_C(49) * HOUR);
    learns(coordinator, meeting, ENTENTE_CONFIRMED);
    assert_int_equal(claims(), 3);
    called_off(meeting);
}

static void test_no_other_time_leaves_a_confirmed_meeting_alone(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = confirmed(false);
    uint32_t version = meeting->version;
    const struct entente_meeting *shown = meeting;
    assert_int_equal(
        world_answer(ben, meeting, BEN, ENTENTE_SHIFT, world.day + 19 * HOUR, &shown),
        ENTENTE_ERROR_NO_SLOT);
    assert_true(shown->alternatives_count > 0);
    assert_int_equal(shown->version, version);
    assert_int_equal(shown->state, ENTENTE_CONFIRMED);
    called_off(shown);
}

static void test_withdrawing_and_calling_off(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = confirmed(true);
    assert_int_equal(cancel(chris, CHRIS, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(claims(), 2);
    learns(chris, meeting, ENTENTE_CONFIRMED);
    /* A party's own no ends a confirmed meeting only when it cannot do without. */
    assert_int_equal(cancel(anna, ANNA, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CANCELLED);
    assert_int_equal(claims(), 0);
    learns(ben, meeting, ENTENTE_CANCELLED);

    meeting = asked(false);
    assert_int_equal(cancel(anna, ANNA, meeting, &meeting),
                     ENTENTE_ERROR_NOT_THE_ORGANIZER);
    struct entente_meeting kept = *meeting;
    called_off(&kept);
}

/* ---- refused -----------------------------------------------------------------------
 */

static void test_answers_that_come_too_late_or_from_strangers(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = asked(false);
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    struct entente_proposal first = *meeting->proposal;
    struct entente_meeting stale = {.id = {id, 16}, .proposal = &first};
    meeting = says(anna, ANNA, ENTENTE_SHIFT, world.day + 11 * HOUR, meeting);
    assert_int_equal(meeting->proposal->number, 2);

    const struct entente_meeting *shown = NULL;
    assert_int_equal(world_answer(ben, &stale, BEN, ENTENTE_ACCEPT, 0, &shown),
                     ENTENTE_ERROR_STALE);
    assert_int_equal(shown->proposal->number, 2);
    first.number = 2;
    /* Chris has no part in it and learns nothing, not even that it exists. */
    assert_int_equal(world_answer(chris, &stale, CHRIS, ENTENTE_ACCEPT, 0, &shown),
                     ENTENTE_ERROR_UNKNOWN_MEETING);
    assert_int_equal(world_answer(ben, &stale, ANNA, ENTENTE_ACCEPT, 0, &shown),
                     ENTENTE_ERROR_NOT_SPEAKING_FOR);
    called_off(&stale);
    assert_int_equal(world_answer(ben, &stale, BEN, ENTENTE_ACCEPT, 0, &shown),
                     ENTENTE_ERROR_CLOSED);
    assert_int_equal(shown->state, ENTENTE_CANCELLED);
}

static void test_the_slot_ends(void **state)
{
    (void)state;
    everybody_is_free();
    const struct entente_meeting *meeting = confirmed(false);
    world_advance(&world, INT64_C(9) * DAY);
    learns(coordinator, meeting, ENTENTE_DONE);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_suits_until_somebody_publishes),
        cmocka_unit_test(test_a_release_makes_a_slot_possible),
        cmocka_unit_test(test_a_search_ends_at_its_deadline),
        cmocka_unit_test(test_an_optional_party_declines),
        cmocka_unit_test(test_the_last_answer_is_an_optional_partys_no),
        cmocka_unit_test(test_the_organizer_goes_on_without_a_party),
        cmocka_unit_test(test_no_other_slot_then_the_organizer_offers_one),
        cmocka_unit_test(test_rounds_are_bounded),
        cmocka_unit_test(test_silence_means_expired),
        cmocka_unit_test(test_a_move_that_is_agreed),
        cmocka_unit_test(test_a_move_that_is_declined_or_forgotten),
        cmocka_unit_test(test_no_other_time_leaves_a_confirmed_meeting_alone),
        cmocka_unit_test(test_withdrawing_and_calling_off),
        cmocka_unit_test(test_answers_that_come_too_late_or_from_strangers),
        cmocka_unit_test(test_the_slot_ends),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
