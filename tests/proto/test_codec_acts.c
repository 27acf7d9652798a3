// SPDX-License-Identifier: Apache-2.0

/*
 * test_codec_acts.c - the rules of answers, decisions, previews and reconciliations
 */
#include "tests/proto/story.h"

#include "proto/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct entente_bytes early = {(const uint8_t *)"0123456789abcdef", 16};
static const struct entente_bytes late = {(const uint8_t *)"1123456789abcdef", 16};

static void expect(struct story *story, enum entente_body tag, void *body,
                   unsigned code, const char *first, const char *second)
{
    story_expect(story_say(story, tag, body, NULL), code, first, second);
}

static void who_delegates_names_one_person(void **state)
{
    struct story *story = *state;
    struct entente_answer *answer = &story->answer;
    struct entente_party substitute = {.kind = ENTENTE_PROFESSIONAL,
                                       .identifier = &story->people[4]};

    answer->substitute = &substitute;
    expect(story, ENTENTE_ANSWER, answer, ERROR_FIELD_CONFLICT, "answer.kind",
           "answer.substitute");
    answer->kind = ENTENTE_DELEGATE;
    expect(story, ENTENTE_ANSWER, answer, ERROR_NONE, NULL, NULL);
    substitute.identifier = NULL;
    expect(story, ENTENTE_ANSWER, answer, ERROR_FIELD_MISSING,
           "answer.substitute.identifier", NULL);
    substitute.kind = ENTENTE_GUEST;
    substitute.name = "Paul";
    expect(story, ENTENTE_ANSWER, answer, ERROR_FIELD_MISSING,
           "answer.substitute.contact", NULL);
    substitute.contact = "0102030405";
    expect(story, ENTENTE_ANSWER, answer, ERROR_NONE, NULL, NULL);
    substitute.silence = ENTENTE_SILENCE_ACCEPTS;
    expect(story, ENTENTE_ANSWER, answer, ERROR_FIELD_CONFLICT,
           "answer.substitute.kind", "answer.substitute.silence");
    substitute.kind = ENTENTE_POOL;
    expect(story, ENTENTE_ANSWER, answer, ERROR_FIELD_CONFLICT, "answer.substitute",
           "answer.substitute.kind");
    substitute = (struct entente_party){.kind = ENTENTE_REPRESENTATIVE,
                                        .identifier = &story->people[4]};
    expect(story, ENTENTE_ANSWER, answer, ERROR_FIELD_MISSING,
           "answer.substitute.represents", NULL);
    substitute.represents = &story->people[5];
    substitute.pool_size = 2;
    expect(story, ENTENTE_ANSWER, answer, ERROR_FIELD_CONFLICT,
           "answer.substitute.kind", "answer.substitute.members");
    answer->substitute = NULL;
    expect(story, ENTENTE_ANSWER, answer, ERROR_FIELD_MISSING, "answer.substitute",
           NULL);
}

static void nobody_answers_with_the_name_of_a_substitute(void **state)
{
    struct story *story = *state;
    struct entente_envelope *envelope = NULL;
    struct entente_party substitute = {.kind = ENTENTE_PROFESSIONAL,
                                       .identifier = &story->people[4],
                                       .answer = ENTENTE_ACCEPT,
                                       .attends = true,
                                       .recorded = true,
                                       .tacit = true,
                                       .from_pool = 1};

    story->answer.kind = ENTENTE_DELEGATE;
    story->answer.substitute = &substitute;
    story_expect(story_say(story, ENTENTE_ANSWER, &story->answer, &envelope),
                 ERROR_NONE, NULL, NULL);
    const struct entente_party *heard = envelope->answer->substitute;
    assert_int_equal(heard->answer, 0);
    assert_false(heard->attends || heard->recorded || heard->tacit);
    assert_int_equal(heard->from_pool, 0);
}

static void each_candidate_is_graded_once(void **state)
{
    struct story *story = *state;
    struct entente_answer *answer = &story->answer;
    struct entente_graded grades[LIMIT_HELD_SLOTS + 1] = {
        {MONDAY, ENTENTE_GRADE_YES}, {MONDAY + 60, ENTENTE_GRADE_IF_NEED_BE}};

    answer->grades = grades;
    answer->grades_count = 2;
    expect(story, ENTENTE_ANSWER, answer, ERROR_NONE, NULL, NULL);
    grades[1].start = MONDAY;
    expect(story, ENTENTE_ANSWER, answer, ERROR_FIELD_CONFLICT, "answer.grades[0]",
           "answer.grades[1]");
    grades[1] = (struct entente_graded){MONDAY + 60, 7};
    expect(story, ENTENTE_ANSWER, answer, ERROR_UNKNOWN_VALUE, "answer.grades[1].grade",
           "7");
    answer->kind = ENTENTE_DECLINE;
    grades[1].grade = ENTENTE_GRADE_NO;
    expect(story, ENTENTE_ANSWER, answer, ERROR_FIELD_CONFLICT, "answer.kind",
           "answer.grades");
    answer->kind = ENTENTE_ACCEPT;
    for (int32_t i = 0; i <= LIMIT_HELD_SLOTS; i++) {
        grades[i] = (struct entente_graded){MONDAY + 60 * i, ENTENTE_GRADE_YES};
    }
    answer->grades_count = LIMIT_HELD_SLOTS + 1;
    expect(story, ENTENTE_ANSWER, answer, ERROR_TOO_MANY, "answer.grades", "9");
}

/* The decision of a full message, and the field that it may not have. */
static void a_decision_has_no_more_than_it_needs(void **state)
{
    struct story *story = *state;
    struct entente_decide *decide = &story->decide;
    struct entente_party substitute = {.kind = ENTENTE_PROFESSIONAL,
                                       .identifier = &story->people[4]};
    int32_t picked[] = {MONDAY + 30};

    decide->substitute = &substitute;
    expect(story, ENTENTE_DECIDE, decide, ERROR_FIELD_CONFLICT, "decide.decision",
           "decide.substitute");
    decide->substitute = NULL;
    decide->series = true;
    expect(story, ENTENTE_DECIDE, decide, ERROR_FIELD_CONFLICT, "decide.decision",
           "decide.series");
    decide->series = false;
    decide->windows = story->windows;
    decide->windows_count = 1;
    expect(story, ENTENTE_DECIDE, decide, ERROR_FIELD_CONFLICT, "decide.decision",
           "decide.windows");
    decide->decision = ENTENTE_MOVE;
    expect(story, ENTENTE_DECIDE, decide, ERROR_FIELD_CONFLICT, "decide.start",
           "decide.windows");
    decide->start = 0;
    expect(story, ENTENTE_DECIDE, decide, ERROR_NONE, NULL, NULL);
    decide->picked = picked;
    decide->picked_count = 1;
    expect(story, ENTENTE_DECIDE, decide, ERROR_FIELD_CONFLICT, "decide.windows",
           "decide.picked");
    decide->windows_count = 0;
    expect(story, ENTENTE_DECIDE, decide, ERROR_NONE, NULL, NULL);
    decide->picked_count = 0;
    expect(story, ENTENTE_DECIDE, decide, ERROR_FIELD_MISSING, "decide.start", NULL);
    decide->decision = ENTENTE_SEARCH_ON;
    decide->search_until_ms = 1;
    expect(story, ENTENTE_DECIDE, decide, ERROR_NONE, NULL, NULL);
    decide->decision = ENTENTE_CONFIRM;
    expect(story, ENTENTE_DECIDE, decide, ERROR_FIELD_CONFLICT, "decide.decision",
           "decide.search_until_ms");
    decide->search_until_ms = 0;
    decide->start = MONDAY;
    expect(story, ENTENTE_DECIDE, decide, ERROR_NONE, NULL, NULL);
}

static void who_is_replaced_and_by_whom_is_said(void **state)
{
    struct story *story = *state;
    struct entente_decide *decide = &story->decide;
    struct entente_party substitute = {.kind = ENTENTE_PATIENT,
                                       .identifier = &story->people[4]};

    decide->decision = ENTENTE_REPLACE_PARTY;
    decide->start = 0;
    expect(story, ENTENTE_DECIDE, decide, ERROR_FIELD_MISSING, "decide.party", NULL);
    decide->party = &story->people[1];
    expect(story, ENTENTE_DECIDE, decide, ERROR_FIELD_MISSING, "decide.substitute",
           NULL);
    decide->substitute = &substitute;
    expect(story, ENTENTE_DECIDE, decide, ERROR_FIELD_CONFLICT, "decide.substitute",
           "decide.substitute.kind");
    substitute.kind = ENTENTE_PROFESSIONAL;
    expect(story, ENTENTE_DECIDE, decide, ERROR_NONE, NULL, NULL);
}

static void one_thing_is_previewed_and_checked_like_the_thing_itself(void **state)
{
    struct story *story = *state;
    struct entente_preview preview = {0};
    struct entente_cancel cancel = {.meeting = early, .actor = &story->actor};

    expect(story, ENTENTE_PREVIEW, &preview, ERROR_FIELD_MISSING, "preview.decide",
           NULL);
    preview.answer = &story->answer;
    expect(story, ENTENTE_PREVIEW, &preview, ERROR_NONE, NULL, NULL);
    preview.cancel = &cancel;
    expect(story, ENTENTE_PREVIEW, &preview, ERROR_FIELD_CONFLICT, "preview.answer",
           "preview.cancel");
    preview.answer = NULL;
    expect(story, ENTENTE_PREVIEW, &preview, ERROR_NONE, NULL, NULL);
    preview.request = &story->request;
    expect(story, ENTENTE_PREVIEW, &preview, ERROR_FIELD_CONFLICT, "preview.cancel",
           "preview.request");
    preview.cancel = NULL;
    expect(story, ENTENTE_PREVIEW, &preview, ERROR_NONE, NULL, NULL);
    preview.request = NULL;
    preview.decide = &story->decide;
    story->decide.start = 0;
    expect(story, ENTENTE_PREVIEW, &preview, ERROR_FIELD_MISSING,
           "preview.decide.start", NULL);
}

static void what_is_known_is_listed_in_order_or_by_its_digest(void **state)
{
    struct story *story = *state;
    struct entente_known known[2] = {{early, 3}, {late, 1}};
    struct entente_reconcile reconcile = {0};
    uint8_t digest[32] = {1};

    expect(story, ENTENTE_RECONCILE, &reconcile, ERROR_FIELD_MISSING,
           "reconcile.digest", NULL);
    reconcile.digest = (struct entente_bytes){digest, 31};
    expect(story, ENTENTE_RECONCILE, &reconcile, ERROR_BAD_IDENTIFIER,
           "reconcile.digest", "a digest has 32 bytes");
    reconcile.digest.size = 32;
    expect(story, ENTENTE_RECONCILE, &reconcile, ERROR_NONE, NULL, NULL);
    reconcile.known = known;
    reconcile.known_count = 2;
    expect(story, ENTENTE_RECONCILE, &reconcile, ERROR_FIELD_CONFLICT,
           "reconcile.digest", "reconcile.known");
    reconcile.digest.size = 0;
    expect(story, ENTENTE_RECONCILE, &reconcile, ERROR_NONE, NULL, NULL);
    reconcile.after = early;
    expect(story, ENTENTE_RECONCILE, &reconcile, ERROR_RANGES_UNSORTED,
           "reconcile.known", "0");
    reconcile.after = (struct entente_bytes){0};
    known[1].meeting = early;
    expect(story, ENTENTE_RECONCILE, &reconcile, ERROR_RANGES_UNSORTED,
           "reconcile.known", "1");
    reconcile.known_count = 0;
    reconcile.last = true;
    expect(story, ENTENTE_RECONCILE, &reconcile, ERROR_NONE, NULL, NULL);
}

static void linked_meetings_are_checked_like_the_first(void **state)
{
    struct story *story = *state;
    struct entente_spec second = story->spec;
    struct entente_linked linked[1] = {
        {.spec = &second, .min_gap_minutes = 60, .max_gap_minutes = 30}};

    story->request.sequence = linked;
    story->request.sequence_count = 1;
    expect(story, ENTENTE_REQUEST, &story->request, ERROR_FIELD_CONFLICT,
           "request.sequence[0].min_gap_minutes",
           "request.sequence[0].max_gap_minutes");
    linked[0].max_gap_minutes = 0;
    expect(story, ENTENTE_REQUEST, &story->request, ERROR_NONE, NULL, NULL);
    second.windows_count = 0;
    expect(story, ENTENTE_REQUEST, &story->request, ERROR_FIELD_MISSING,
           "request.sequence[0].spec.windows", NULL);
    linked[0].spec = NULL;
    expect(story, ENTENTE_REQUEST, &story->request, ERROR_FIELD_MISSING,
           "request.sequence[0].spec", NULL);
}

static void silence_says_nothing_that_cannot_be(void **state)
{
    struct story *story = *state;
    struct entente_spec *spec = &story->spec;
    uint32_t reminders[] = {60, 2880};

    spec->patient_silence = ENTENTE_SILENCE_ACCEPTS;
    expect(story, ENTENTE_REQUEST, &story->request, ERROR_FIELD_CONFLICT,
           "request.spec.patient_silence", "request.spec.subject");
    spec->patient_silence = ENTENTE_SILENCE_ORGANIZER;
    spec->reminders = reminders;
    spec->reminders_count = 2;
    expect(story, ENTENTE_REQUEST, &story->request, ERROR_FIELD_CONFLICT,
           "request.spec.reminders[1]", "request.spec.answer_minutes");
    spec->parties[0].answer_minutes = 2881;
    expect(story, ENTENTE_REQUEST, &story->request, ERROR_NONE, NULL, NULL);
    reminders[1] = 60;
    expect(story, ENTENTE_REQUEST, &story->request, ERROR_FIELD_CONFLICT,
           "request.spec.reminders[0]", "request.spec.reminders[1]");
    reminders[1] = 0;
    expect(story, ENTENTE_REQUEST, &story->request, ERROR_FIELD_CONFLICT,
           "request.spec.reminders[1]", "request.spec.reminders");
    spec->reminders_count = 1;
    reminders[0] = 0;
    expect(story, ENTENTE_REQUEST, &story->request, ERROR_NONE, NULL, NULL);
    spec->parties[0] = (struct entente_party){.kind = ENTENTE_GUEST,
                                              .name = "Paul",
                                              .contact = "0102030405",
                                              .silence = ENTENTE_SILENCE_ACCEPTS};
    expect(story, ENTENTE_REQUEST, &story->request, ERROR_FIELD_CONFLICT,
           "request.spec.parties[0].kind", "request.spec.parties[0].silence");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_set_up, story_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_delegates_names_one_person),
        TEST(nobody_answers_with_the_name_of_a_substitute),
        TEST(each_candidate_is_graded_once),
        TEST(a_decision_has_no_more_than_it_needs),
        TEST(who_is_replaced_and_by_whom_is_said),
        TEST(one_thing_is_previewed_and_checked_like_the_thing_itself),
        TEST(what_is_known_is_listed_in_order_or_by_its_digest),
        TEST(linked_meetings_are_checked_like_the_first),
        TEST(silence_says_nothing_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
