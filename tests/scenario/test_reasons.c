// SPDX-License-Identifier: Apache-2.0

/*
 * Who is told why somebody does not come, and which times would suit them: the organizer, who
 * has to find another way, and who speaks for that person.  Nobody else, wherever they look.
 *
 * The hospital asks Dr Dora, Eve, Fred, a guest and the patient, Zoe.  Each has a client of
 * their own; the guest has none.  The operator has no part in any meeting.
 */
#include "proto/identifier.h"
#include "tests/scenario/look.h"
#include "tests/scenario/seek.h"

#include "tests/support/test.h"

#include <string.h>

#define DORA "idnps:899700000004"
#define EVE "idnps:899700000005"
#define FRED "idnps:899700000006"
#define ZOE "ins-test:285017300000000"

enum { PATIENCE_MS = 20000, PEOPLE = 4 };
enum { OF_DORA, OF_EVE, OF_FRED, OF_ZOE, OF_GUEST, PARTIES };

static const char *const people[PEOPLE] = {DORA, EVE, FRED, ZOE};
static struct world_client
    *clients[PEOPLE]; /* Dora's is the hospital's, which organizes */
static struct world_client *operator_client;
static struct seek seek;
static struct circle_kept asked;

static int set_up(void **state)
{
    static const char *const names[PEOPLE] = {"hospital", "eve", "fred", "mes"};
    circle_set_up(state);
    for (size_t i = 0; i < PEOPLE; i++) {
        clients[i] =
            world_add_client(&world, names[i], true, (const char *[]){people[i], NULL});
    }
    operator_client =
        world_add_client(&world, "operator", true, (const char *[]){NULL});
    pg_database_run(world.database,
                    "UPDATE client SET is_operator = true WHERE name = 'operator'");
    return 0;
}

/* Everybody is free from eight to six, and asked for an hour. */
static void everybody_is_asked(uint32_t on_withdrawal)
{
    const struct entente_meeting *meeting = NULL;
    const struct entente_range day = seek_range(8 * HOUR, 18 * HOUR, ENTENTE_FREE);
    for (size_t i = 0; i < PEOPLE; i++) {
        seek_publish(clients[i], people[i], &day, 1, NULL);
    }
    seek_begin(&seek, (const char *[]){DORA, EVE, FRED, ZOE, NULL});
    seek.parties[OF_FRED].importance = ENTENTE_OPTIONAL;
    seek.parties[OF_ZOE].kind = ENTENTE_PATIENT;
    seek.parties[OF_GUEST] = (struct entente_party){.kind = ENTENTE_GUEST,
                                                    .importance = ENTENTE_OPTIONAL,
                                                    .name = "Dr Morel",
                                                    .contact = "01 23 45 67 89"};
    seek.spec.parties_count = PARTIES;
    seek.spec.subject = &seek.who[OF_ZOE];
    seek.spec.patient_presence = ENTENTE_SOFT;
    seek.spec.patient_must_accept = true;
    seek.spec.on_withdrawal = on_withdrawal;
    assert_int_equal(world_request(clients[OF_DORA], &seek.spec, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    circle_keep(meeting, &asked);
}

/* ---- what they say -----------------------------------------------------------------
 */

/* The answer of @party, bound to the proposal that is shown now. */
static void says(struct world_client *client, size_t party,
                 const struct entente_answer *words)
{
    const struct entente_meeting *meeting = look_at(clients[OF_DORA], &asked.meeting);
    struct entente_identifier guest = {.system = IDENTIFIER_GUEST, .value = "Dr Morel"};
    struct entente_identifier who =
        party == OF_GUEST ? guest : world_identifier(people[party]);
    struct entente_identifier actor_who =
        party == OF_GUEST ? world_identifier(DORA) : who;
    struct entente_actor actor = {.who = &actor_who,
                                  .channel = party == OF_GUEST ? ENTENTE_TELEPHONE
                                                               : ENTENTE_OWN_SOFTWARE};
    struct entente_answer answer = *words;
    answer.meeting = asked.meeting.id;
    answer.proposal = meeting->proposal->number;
    answer.party = &who;
    answer.actor = &actor;
    const struct entente_envelope envelope = {.body = ENTENTE_ANSWER,
                                              .answer = &answer};
    assert_int_equal(world_call(client, &envelope, &meeting), ENTENTE_OK);
}

static void declines(struct world_client *client, size_t party, uint32_t reason)
{
    says(client, party,
         &(struct entente_answer){.kind = ENTENTE_DECLINE, .reason = reason});
}

static void everybody_accepts(void)
{
    const struct entente_answer yes = {.kind = ENTENTE_ACCEPT};
    for (size_t i = 0; i < PEOPLE; i++) {
        says(clients[i], i, &yes);
    }
}

/* ---- where they look ---------------------------------------------------------------
 */

static uint32_t listed(struct world_client *client, size_t party)
{
    const struct entente_list list = {.all = true};
    const struct entente_meeting_list *found = NULL;
    assert_int_equal(entente_client_list(client->sdk, &list, PATIENCE_MS, &found),
                     ENTENTE_OK);
    for (size_t i = 0; i < found->meetings_count; i++) {
        if (memcmp(found->meetings[i].id.data, asked.id, sizeof(asked.id)) == 0) {
            return found->meetings[i].spec->parties[party].answer_reason;
        }
    }
    fail_msg("the meeting is not in the list");
    return 0;
}

/* What is told of the step that @party has taken last; NULL: nothing. */
static const struct entente_said *explained(struct world_client *client, size_t party)
{
    const struct entente_explain explain = {.meeting = asked.meeting.id};
    const struct entente_decision_record *record = NULL;
    const struct entente_said *said = NULL;
    assert_int_equal(
        entente_client_explain(client->sdk, &explain, PATIENCE_MS, &record),
        ENTENTE_OK);
    for (size_t i = 0; i < record->steps_count; i++) {
        said = record->steps[i].party == party + 1 ? record->steps[i].said : said;
    }
    assert_non_null(said);
    return said;
}

/* Beside the slots that are told with it, as with whatever else. */
static uint32_t beside_alternatives(struct world_client *client, size_t party)
{
    const struct entente_meeting *meeting = look_at(client, &asked.meeting);
    for (size_t i = 0; i < meeting->alternatives_count; i++) {
        const struct entente_slot *slot = &meeting->alternatives[i];
        for (size_t j = 0; j < slot->absent_count; j++) {
            /* Who has said no is told as just that. */
            assert_true(slot->absent[j].party != party ||
                        slot->absent[j].absence == ENTENTE_HAS_DECLINED);
        }
    }
    return meeting->spec->parties[party].answer_reason;
}

/* @client is told @reason of @party by get, by list and by explain, or (0) by none. */
static void is_told(struct world_client *client, size_t party, uint32_t reason)
{
    assert_int_equal(
        look_at(client, &asked.meeting)->spec->parties[party].answer_reason, reason);
    assert_int_equal(beside_alternatives(client, party), reason);
    assert_int_equal(listed(client, party), reason);
    assert_int_equal(explained(client, party)->reason, reason);
    assert_int_equal(explained(client, party)->answer, ENTENTE_DECLINE);
}

/* For which parties @client has ever been told in an event why they do not come. */
static uint64_t heard(const struct world_client *client)
{
    uint64_t reasons = 0;
    for (size_t i = 0; i < client->event_count; i++) {
        const struct world_event *event = &client->events[i];
        if (memcmp(event->meeting, asked.id, sizeof(asked.id)) == 0) {
            reasons |= event->reasons;
        }
    }
    return reasons;
}

static void learns_nothing(struct world_client *client)
{
    const struct entente_meeting *meeting = NULL;
    const struct entente_explain explain = {.meeting = asked.meeting.id};
    const struct entente_decision_record *record = NULL;
    const struct entente_list list = {.all = true};
    const struct entente_meeting_list *found = NULL;
    assert_int_equal(
        entente_client_get(client->sdk, asked.meeting.id, PATIENCE_MS, &meeting),
        ENTENTE_ERROR_UNKNOWN_MEETING);
    assert_int_equal(
        entente_client_explain(client->sdk, &explain, PATIENCE_MS, &record),
        ENTENTE_ERROR_UNKNOWN_MEETING);
    assert_int_equal(entente_client_list(client->sdk, &list, PATIENCE_MS, &found),
                     ENTENTE_OK);
    assert_int_equal(found->meetings_count, 0);
}

/* ---- the stories -------------------------------------------------------------------
 */

/*
 *     who says why      hospital   Eve    Fred   Zoe's   operator
 *     Eve, ill            told     told     -      -        no meeting at all
 *     Zoe, in hospital    told      -       -     told
 *     the guest           told      -       -      -
 */
static void test_why_somebody_says_no_is_for_the_organizer_and_for_them(void **state)
{
    (void)state;
    everybody_is_asked(0);
    declines(clients[OF_DORA], OF_GUEST, ENTENTE_ON_LEAVE);
    declines(clients[OF_ZOE], OF_ZOE, ENTENTE_HOSPITALIZED);
    declines(clients[OF_EVE], OF_EVE, ENTENTE_ILL);
    is_told(clients[OF_DORA], OF_EVE, ENTENTE_ILL);
    is_told(clients[OF_DORA], OF_ZOE, ENTENTE_HOSPITALIZED);
    is_told(clients[OF_DORA], OF_GUEST, ENTENTE_ON_LEAVE);
    is_told(clients[OF_FRED], OF_EVE, 0);
    is_told(clients[OF_FRED], OF_ZOE, 0);
    is_told(clients[OF_FRED], OF_GUEST, 0);
    assert_true(explained(clients[OF_FRED], OF_GUEST)->recorded);
    is_told(clients[OF_EVE], OF_EVE, ENTENTE_ILL);
    is_told(clients[OF_EVE], OF_ZOE, 0);
    learns_nothing(
        clients[OF_ZOE]); /* it goes on without her, and that is not hers to see */
    learns_nothing(operator_client);
    circle_cancel(clients[OF_DORA], NULL, &asked.meeting,
                  &(const struct entente_meeting *){NULL});
    circle_learns(clients[OF_DORA], &asked.meeting, ENTENTE_CANCELLED);
    circle_learns(clients[OF_FRED], &asked.meeting, ENTENTE_CANCELLED);
    circle_learns(clients[OF_EVE], &asked.meeting, ENTENTE_CANCELLED);
    assert_int_equal(heard(clients[OF_DORA]),
                     1 << OF_EVE | 1 << OF_ZOE | 1 << OF_GUEST);
    assert_int_equal(heard(clients[OF_EVE]), 1 << OF_EVE);
    assert_int_equal(heard(clients[OF_FRED]), 0);
    assert_int_equal(heard(clients[OF_ZOE]) & ~(UINT64_C(1) << OF_ZOE), 0);
}

/* Which times would suit somebody says when they are free: for the same two. */
static void
test_the_times_that_would_suit_are_for_the_organizer_and_for_them(void **state)
{
    (void)state;
    everybody_is_asked(0);
    struct entente_span range = {world.day + 14 * HOUR, world.day + 16 * HOUR};
    says(clients[OF_EVE], OF_EVE,
         &(struct entente_answer){
             .kind = ENTENTE_SHIFT, .ranges = &range, .ranges_count = 1});
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct entente_said *said = explained(clients[i], OF_EVE);
        bool may = i == OF_DORA || i == OF_EVE;
        assert_int_equal(said->answer, ENTENTE_SHIFT);
        assert_int_equal(said->ranges_count, may ? 1 : 0);
        assert_true(!may || memcmp(&said->ranges[0], &range, sizeof(range)) == 0);
    }
    int32_t start = world.day + 10 * HOUR;
    says(clients[OF_FRED], OF_FRED,
         &(struct entente_answer){.kind = ENTENTE_SHIFT, .counter_start = start});
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct entente_said *said = explained(clients[i], OF_FRED);
        bool may = i == OF_DORA || i == OF_FRED;
        assert_int_equal(said->answer, ENTENTE_SHIFT);
        assert_int_equal(said->counter_start, may ? start : 0);
    }
    circle_cancel(clients[OF_DORA], NULL, &asked.meeting,
                  &(const struct entente_meeting *){NULL});
}

static void withdraws(size_t party, uint32_t reason)
{
    struct entente_identifier who = world_identifier(people[party]);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_cancel cancel = {
        .meeting = asked.meeting.id, .party = &who, .reason = reason, .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_CANCEL,
                                              .cancel = &cancel};
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(world_call(clients[party], &envelope, &meeting), ENTENTE_OK);
}

/* Eve, who is needed, falls ill, and without her it is off: that it is off is for all. */
static void test_a_cancellation_does_not_say_whose_illness_it_was(void **state)
{
    (void)state;
    everybody_is_asked(ENTENTE_CANCELS);
    everybody_accepts();
    withdraws(OF_EVE, ENTENTE_ILL);
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct entente_meeting *meeting = look_at(clients[i], &asked.meeting);
        bool may = i == OF_DORA || i == OF_EVE;
        assert_int_equal(meeting->state, ENTENTE_CANCELLED);
        assert_int_equal(meeting->reason, 0);
        is_told(clients[i], OF_EVE, may ? ENTENTE_ILL : 0);
        circle_learns(clients[i], &asked.meeting, ENTENTE_CANCELLED);
        assert_int_equal(world_last_event(clients[i], asked.id)->reason, 0);
        assert_int_equal(heard(clients[i]), may ? 1 << OF_EVE : 0);
    }
}

/* Why the organizer calls it off is said to everybody. */
static void test_why_the_organizer_calls_it_off_is_for_all(void **state)
{
    (void)state;
    everybody_is_asked(0);
    struct entente_identifier who = world_identifier(DORA);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_cancel cancel = {.meeting = asked.meeting.id,
                                    .reason = ENTENTE_NO_LONGER_NEEDED,
                                    .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_CANCEL,
                                              .cancel = &cancel};
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(world_call(clients[OF_DORA], &envelope, &meeting), ENTENTE_OK);
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct entente_explain explain = {.meeting = asked.meeting.id};
        const struct entente_decision_record *record = NULL;
        assert_int_equal(look_at(clients[i], &asked.meeting)->reason,
                         ENTENTE_NO_LONGER_NEEDED);
        assert_int_equal(
            entente_client_explain(clients[i]->sdk, &explain, PATIENCE_MS, &record),
            ENTENTE_OK);
        assert_int_equal(record->steps[record->steps_count - 1].said->reason,
                         ENTENTE_NO_LONGER_NEEDED);
    }
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_why_somebody_says_no_is_for_the_organizer_and_for_them),
        cmocka_unit_test(
            test_the_times_that_would_suit_are_for_the_organizer_and_for_them),
        cmocka_unit_test(test_a_cancellation_does_not_say_whose_illness_it_was),
        cmocka_unit_test(test_why_the_organizer_calls_it_off_is_for_all),
    };
    return cmocka_run_group_tests(tests, set_up, circle_tear_down);
}
