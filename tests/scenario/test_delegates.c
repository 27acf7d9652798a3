// SPDX-License-Identifier: Apache-2.0

/*
 * Stories of who sends somebody else.  The coordinator asks for an hour of Anna and Ben;
 * Ben sends Chris.  All are free from eight to six on three days, unless a story says
 * otherwise.
 */
#include "tests/scenario/rules.h"

#include "tests/support/test.h"

#include <string.h>

#define DORA "idnps:899700000004"

static struct entente_spec *begin(void)
{
    struct entente_spec *spec = rules_begin();
    spec->parties_count = 2;
    return spec;
}

static enum entente_code sends(struct world_client *client, const char *person,
                               struct entente_party *substitute,
                               const struct entente_meeting *meeting,
                               const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who = world_identifier(person);
    struct rules_answer says = {.kind = ENTENTE_DELEGATE,
                                .channel = ENTENTE_OWN_SOFTWARE,
                                .substitute = substitute};
    return rules_say(client, &who, &says, meeting, ret_meeting);
}

static const struct entente_meeting *sends_chris(const struct entente_meeting *meeting)
{
    struct entente_identifier who = world_identifier(CHRIS);
    struct entente_party substitute = world_party(&who, false);
    assert_int_equal(sends(ben, BEN, &substitute, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->spec->parties_count, 3);
    assert_int_equal(meeting->spec->parties[2].replaces, 2);
    assert_int_equal(meeting->spec->parties[1].answer, ENTENTE_DELEGATE);
    return meeting;
}

static void test_somebody_else_comes_at_the_same_time(void **state)
{
    (void)state;
    begin();
    const struct entente_meeting *meeting = rules_asked();
    int32_t start = meeting->proposal->start;
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = sends_chris(meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_string_equal(meeting->last_event, "delegated");
    assert_int_equal(meeting->proposal->start, start);
    assert_int_equal(meeting->spec->parties[0].answer, ENTENTE_ACCEPT);
    assert_true(meeting->spec->parties[1].dropped);
    assert_int_equal(circle_claims(), 2);
    circle_learns(ben, meeting, ENTENTE_PROPOSED);
    circle_learns(chris, meeting, ENTENTE_PROPOSED);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_what_is_agreed_stays_until_the_other_one_accepts(void **state)
{
    (void)state;
    begin();
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    int32_t start = meeting->confirmed->start;
    meeting = sends_chris(meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->proposal->start, start);
    assert_int_equal(meeting->spec->parties[0].answer, ENTENTE_ACCEPT);
    assert_false(meeting->spec->parties[1].dropped);
    meeting = circle_says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_true(meeting->spec->parties[1].attends);
    assert_int_equal(meeting->spec->parties[1].answer, ENTENTE_ACCEPT);
    assert_true(meeting->spec->parties[2].dropped);
    assert_int_equal(circle_claims(), 2);
    assert_int_equal(world_overlaps(&world), 0);
    circle_called_off(meeting);

    begin();
    meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    meeting = sends_chris(meeting);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_true(meeting->spec->parties[1].dropped);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

/* Agreed at *@ret_start, and Anna asks for three hours later. */
static const struct entente_meeting *is_being_moved(int32_t *ret_start)
{
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    *ret_start = meeting->confirmed->start;
    meeting = circle_says(anna, ANNA, ENTENTE_SHIFT, *ret_start + 3 * HOUR, meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    return meeting;
}

static void test_sending_somebody_to_the_new_time_of_a_move(void **state)
{
    (void)state;
    begin();
    int32_t start;
    const struct entente_meeting *meeting = is_being_moved(&start);
    meeting = sends_chris(meeting);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_int_equal(meeting->proposal->start, start + 3 * HOUR);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_string_equal(meeting->last_event, "moved");
    assert_int_equal(circle_claims(), 2);
    assert_true(meeting->spec->parties[1].dropped);
    circle_called_off(meeting);

    /* And when nothing comes of it, Ben is expected as before. */
    begin();
    meeting = is_being_moved(&start);
    meeting = sends_chris(meeting);
    meeting = circle_says(chris, CHRIS, ENTENTE_DECLINE, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, start);
    assert_true(meeting->spec->parties[1].attends);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

/* The organizer's order that Chris comes in Ben's place; it lasts until the next one. */
static struct entente_decide *chris_for_ben(const struct entente_meeting *meeting)
{
    static struct entente_identifier who[3];
    static struct entente_actor actor;
    static struct entente_party substitute;
    static struct entente_decide decide;
    who[0] = world_identifier(ANNA);
    who[1] = world_identifier(BEN);
    who[2] = world_identifier(CHRIS);
    actor = (struct entente_actor){.who = &who[0], .channel = ENTENTE_CONSOLE};
    substitute = world_party(&who[2], false);
    decide = (struct entente_decide){.meeting = meeting->id,
                                     .version = meeting->version,
                                     .decision = ENTENTE_REPLACE_PARTY,
                                     .party = &who[1],
                                     .substitute = &substitute,
                                     .actor = &actor};
    return &decide;
}

static enum entente_code replaces_ben(const struct entente_meeting *meeting,
                                      const struct entente_meeting **ret_meeting)
{
    const struct entente_envelope envelope = {.body = ENTENTE_DECIDE,
                                              .decide = chris_for_ben(meeting)};
    return world_call(coordinator, &envelope, ret_meeting);
}

static struct entente_preview_result preview(struct world_client *client,
                                             const struct entente_preview *asked)
{
    const struct entente_preview_result *result = NULL;
    assert_int_equal(
        entente_client_preview(client->sdk, asked, WORLD_PATIENCE_MS, &result),
        ENTENTE_OK);
    return *result;
}

/* Ben has declined nothing, and is no loss: Chris comes for him, who is no party yet. */
static void shows_chris_for_ben(const struct entente_preview_result *result)
{
    assert_int_equal(result->code, 0);
    assert_int_equal(result->lost_count, 0);
    assert_int_equal(result->asked_again_count, 0);
    assert_true(result->replaced_count == 1 && result->replaced[0] == 1);
    assert_int_equal(result->joined_count, 1);
    assert_int_equal(result->joined[0].replaces, 2);
    assert_string_equal(result->joined[0].identifier->value,
                        world_identifier(CHRIS).value);
    for (size_t i = 0; i < result->slots_count; i++) {
        assert_int_equal(result->slots[i].absent_count, 0);
    }
}

/* Before and after it is agreed, by Ben and by the organizer. */
static void test_who_would_come_instead_is_shown_before(void **state)
{
    (void)state;
    struct circle_kept kept;
    begin();
    const struct entente_meeting *meeting = circle_keep(rules_asked(), &kept);
    struct entente_preview_result result = preview(
        coordinator, &(struct entente_preview){.decide = chris_for_ben(meeting)});
    shows_chris_for_ben(&result);
    assert_int_equal(result.state, ENTENTE_PROPOSED);

    struct entente_decide *decide = chris_for_ben(meeting);
    struct entente_actor actor = {.who = decide->party,
                                  .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_answer sends_him = {.meeting = meeting->id,
                                       .proposal = meeting->proposal->number,
                                       .party = decide->party,
                                       .kind = ENTENTE_DELEGATE,
                                       .substitute = decide->substitute,
                                       .actor = &actor};
    result = preview(ben, &(struct entente_preview){.answer = &sends_him});
    shows_chris_for_ben(&result);

    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_keep(circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting), &kept);
    result = preview(coordinator,
                     &(struct entente_preview){.decide = chris_for_ben(meeting)});
    shows_chris_for_ben(&result);
    assert_int_equal(result.state, ENTENTE_MOVING);
    assert_int_equal(result.slots_count, 1);

    /* Once Chris accepts Ben does not come any more, and nobody new comes. */
    assert_int_equal(replaces_ben(meeting, &meeting), ENTENTE_OK);
    meeting = circle_keep(meeting, &kept);
    struct entente_answer yes = {.meeting = meeting->id,
                                 .proposal = meeting->proposal->number,
                                 .party = decide->substitute->identifier,
                                 .kind = ENTENTE_ACCEPT,
                                 .actor = &actor};
    actor.who = yes.party;
    result = preview(chris, &(struct entente_preview){.answer = &yes});
    assert_int_equal(result.state, ENTENTE_CONFIRMED);
    assert_int_equal(result.joined_count, 0);
    assert_int_equal(result.lost_count, 0);
    circle_called_off(meeting);
}

/* Ben is told that somebody else comes, and of nothing that comes after that. */
static void sees_nothing_of(struct world_client *client,
                            const struct entente_meeting *meeting)
{
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    struct entente_get get = {.meeting = {id, sizeof(id)}};
    struct entente_explain explain = {.meeting = get.meeting};
    struct entente_identifier who = world_identifier(BEN);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_answer answer = {.meeting = get.meeting,
                                    .proposal = 1,
                                    .party = &who,
                                    .kind = ENTENTE_ACCEPT,
                                    .actor = &actor};
    struct entente_preview tries = {.answer = &answer};
    const struct entente_envelope envelopes[] = {
        {.body = ENTENTE_GET, .get = &get},
        {.body = ENTENTE_EXPLAIN, .explain = &explain},
        {.body = ENTENTE_PREVIEW, .preview = &tries},
    };
    for (size_t i = 0; i < sizeof(envelopes) / sizeof(envelopes[0]); i++) {
        const struct entente_meeting *shown = NULL;
        assert_int_equal(world_call(client, &envelopes[i], &shown),
                         ENTENTE_ERROR_UNKNOWN_MEETING);
    }
    const struct entente_meeting *shown = NULL;
    const struct entente_envelope says = {.body = ENTENTE_ANSWER, .answer = &answer};
    assert_int_equal(world_call(client, &says, &shown), ENTENTE_ERROR_NOT_A_PARTY);
    assert_null(shown);
    const struct entente_meeting_list *list = NULL;
    assert_int_equal(entente_client_list(client->sdk,
                                         &(struct entente_list){.all = true},
                                         WORLD_PATIENCE_MS, &list),
                     ENTENTE_OK);
    for (size_t i = 0; i < list->meetings_count; i++) {
        assert_memory_not_equal(list->meetings[i].id.data, id, sizeof(id));
    }
}

/* The organizer sends Chris to the new time in Ben's place: Ben is left with it. */
static void test_somebody_else_comes_to_the_new_time(void **state)
{
    (void)state;
    begin();
    int32_t start;
    const struct entente_meeting *meeting = is_being_moved(&start);
    assert_int_equal(replaces_ben(meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_MOVING);
    assert_string_equal(meeting->last_event, "replacing");
    assert_int_equal(meeting->proposal->start, start + 3 * HOUR);
    assert_false(meeting->spec->parties[1].dropped);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, start + 3 * HOUR);
    assert_true(meeting->spec->parties[1].dropped);
    assert_int_equal(circle_claims(), 2);
    struct circle_kept kept;
    meeting = circle_keep(meeting, &kept);
    sees_nothing_of(ben, meeting);
    circle_called_off(meeting);
}

static void test_who_cannot_come_is_not_sent(void **state)
{
    (void)state;
    begin();
    const struct entente_meeting *meeting = rules_asked();
    uint32_t version = meeting->version;
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_party substitute = world_party(&who, false);
    assert_int_equal(sends(ben, BEN, &substitute, meeting, &meeting),
                     ENTENTE_ERROR_BAD_SUBSTITUTE);
    who = world_identifier(DORA);
    assert_int_equal(sends(ben, BEN, &substitute, meeting, &meeting),
                     ENTENTE_ERROR_BAD_SUBSTITUTE);
    circle_is_free(chris, CHRIS, 16, 18);
    who = world_identifier(CHRIS);
    assert_int_equal(sends(ben, BEN, &substitute, meeting, &meeting),
                     ENTENTE_ERROR_NO_SLOT);
    assert_int_equal(sends(anna, BEN, &substitute, meeting, &meeting),
                     ENTENTE_ERROR_NOT_SPEAKING_FOR);
    assert_int_equal(meeting->version, version);
    assert_int_equal(meeting->spec->parties_count, 2);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

static void test_a_guest_is_sent(void **state)
{
    (void)state;
    begin();
    const struct entente_meeting *meeting = rules_asked();
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    struct entente_party smith = {.kind = ENTENTE_GUEST,
                                  .name = "Mr Smith",
                                  .contact = "smith@example.org",
                                  .ask_if_unknown = true};
    assert_int_equal(sends(ben, BEN, &smith, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    struct entente_identifier who = {IDENTIFIER_GUEST, "Mr Smith"};
    struct rules_answer yes = {.kind = ENTENTE_ACCEPT, .channel = ENTENTE_TELEPHONE};
    assert_int_equal(rules_say(coordinator, &who, &yes, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(circle_claims(), 1);
    circle_called_off(meeting);
}

static void test_somebody_else_goes_on_with_the_poll(void **state)
{
    (void)state;
    begin()->held_slots = 3;
    const struct entente_meeting *meeting = rules_asked();
    int32_t second = meeting->proposal->candidates[1].start;
    struct entente_graded only = {.start = second, .grade = ENTENTE_GRADE_YES};
    struct entente_identifier who = world_identifier(ANNA);
    struct rules_answer says = {.kind = ENTENTE_ACCEPT,
                                .channel = ENTENTE_OWN_SOFTWARE,
                                .grades = &only,
                                .grades_count = 1};
    assert_int_equal(rules_say(anna, &who, &says, meeting, &meeting), ENTENTE_OK);
    meeting = sends_chris(meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->candidates_count, 3);
    assert_int_equal(meeting->spec->parties[0].grades_count, 1);
    assert_int_equal(circle_claims(), 6);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, second);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);
}

/* Of the candidates those stay at which Chris can come, as long as it is one of them. */
static void test_what_does_not_suit_the_other_one_leaves_the_poll(void **state)
{
    (void)state;
    begin()->held_slots = 3;
    const struct entente_meeting *meeting = rules_asked();
    int32_t second = meeting->proposal->candidates[1].start;
    const struct entente_range hour = {
        .start = second, .end = second + HOUR, .kind = ENTENTE_FREE};
    assert_int_equal(world_publish(chris, CHRIS, &hour, 1), ENTENTE_OK);
    meeting = sends_chris(meeting);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    assert_int_equal(meeting->proposal->candidates_count, 1);
    assert_int_equal(meeting->proposal->candidates[0].start, second);
    assert_int_equal(circle_claims(), 2);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    assert_int_equal(meeting->confirmed->start, second);
    assert_int_equal(circle_claims(), 2);
    circle_called_off(meeting);

    begin()->held_slots = 3;
    meeting = rules_asked();
    struct entente_identifier who = world_identifier(CHRIS);
    struct entente_party substitute = world_party(&who, false);
    assert_int_equal(world_publish(chris, CHRIS, NULL, 0), ENTENTE_OK);
    assert_int_equal(sends(ben, BEN, &substitute, meeting, &meeting),
                     ENTENTE_ERROR_NO_SLOT);
    assert_int_equal(circle_claims(), 6);
    circle_called_off(meeting);
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_somebody_else_comes_at_the_same_time),
        cmocka_unit_test(test_what_is_agreed_stays_until_the_other_one_accepts),
        cmocka_unit_test(test_sending_somebody_to_the_new_time_of_a_move),
        cmocka_unit_test(test_somebody_else_comes_to_the_new_time),
        cmocka_unit_test(test_who_would_come_instead_is_shown_before),
        cmocka_unit_test(test_who_cannot_come_is_not_sent),
        cmocka_unit_test(test_a_guest_is_sent),
        cmocka_unit_test(test_somebody_else_goes_on_with_the_poll),
        cmocka_unit_test(test_what_does_not_suit_the_other_one_leaves_the_poll),
    };
    return cmocka_run_group_tests(tests, circle_set_up, circle_tear_down);
}
