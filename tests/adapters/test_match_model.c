// SPDX-License-Identifier: Apache-2.0

/*
 * `entente match` on everything that a request can ask for beyond people and windows:
 * small stories, each with one answer that anybody can work out.
 */

#include "adapters/cli/match.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COVERAGE "'coverage': {'start': '2026-11-01T00:00', 'end': '2027-03-01T00:00'}"
#define HOURS(day, from, until)                                                        \
    "{'start': '2026-" day "T" from "', 'end': '2026-" day "T" until "'"
#define FREE(day, from, until) HOURS(day, from, until) ", 'kind': 'free'}"
#define SOURCE(ranges) "{" COVERAGE ", 'ranges': [" ranges "]}"
#define PERSON(name, ranges) "{'name': '" name "', 'sources': [" SOURCE(ranges) "]}"
#define ASK(more)                                                                      \
    "{'zone': 'Europe/Paris', 'duration_minutes': 60, 'wanted': 1, " more "}"
#define WINDOW(day, from, until) "'windows': [" HOURS(day, from, until) "}]"

static json_t *answer_to(const char *text)
{
    char *quoted = strdup(text);
    json_t *answer;
    assert_non_null(quoted);
    for (char *c = quoted; *c != '\0'; c++) {
        if (*c == '\'') {
            *c = '"';
        }
    }
    int code = match_answer(quoted, strlen(quoted), &answer);
    if (code != MATCH_EXIT_ANSWERED) {
        fail_msg("exit %d: %s", code, json_dumps(answer, 0));
    }
    free(quoted);
    return answer;
}

static json_t *slot_of(const json_t *answer)
{
    return json_array_get(json_object_get(answer, "slots"), 0);
}

static void expect_start(const json_t *answer, const char *local)
{
    const char *got = json_string_value(
        json_object_get(json_object_get(slot_of(answer), "start"), "local"));
    if (local == NULL) {
        assert_null(got);
    } else {
        assert_non_null(got);
        assert_string_equal(got, local);
    }
}

static void expect_text(const json_t *object, const char *key, const char *want)
{
    const char *got = json_string_value(json_object_get(object, key));
    assert_non_null(got);
    assert_string_equal(got, want);
}

static void test_any_two_of_a_pool_come(void **state)
{
    (void)state;
    json_t *answer = answer_to(ASK(WINDOW(
        "11-23", "08:00",
        "18:00") ", 'parties': [{'name': 'Nurses', "
                 "'kind': 'pool', 'needed': 2, 'members': "
                 "[" PERSON("Anna", FREE("11-23", "09:00", "12:00")) "," PERSON(
                     "Ben", FREE("11-23", "13:00",
                                 "16:00")) "," PERSON("Carla", FREE("11-23", "11:00",
                                                                    "14:"
                                                                    "00")) "]}]"));
    expect_start(answer, "2026-11-23T11:00+01:00");
    json_t *pool = json_array_get(json_object_get(slot_of(answer), "pools"), 0);
    json_t *chosen = json_object_get(pool, "chosen");
    assert_int_equal(json_array_size(chosen), 2);
    assert_string_equal(json_string_value(json_array_get(chosen, 0)), "Anna");
    assert_string_equal(json_string_value(json_array_get(chosen, 1)), "Carla");
    assert_int_equal(json_integer_value(json_object_get(slot_of(answer), "heads")), 2);
    json_decref(answer);
}

static void test_the_way_to_meet_is_the_first_that_is_offered(void **state)
{
    (void)state;
    json_t *answer = answer_to(ASK(WINDOW(
        "11-23", "08:00",
        "12:00") ", 'options': [{'modality': 'on_site', 'place': 'Lyon'}, {'modality': "
                 "'video'}], 'parties': [" PERSON(
                     "Anna", HOURS("11-23", "08:00", "12:00") ", 'kind': 'free', "
                                                              "'modalities': "
                                                              "['video']}") "]"));
    expect_start(answer, "2026-11-23T08:00+01:00");
    expect_text(json_object_get(slot_of(answer), "option"), "modality", "video");
    json_decref(answer);
}

/* Anna is in Bron until ten, half an hour away. */
static void test_who_is_elsewhere_has_to_travel(void **state)
{
    (void)state;
    json_t *answer = answer_to(ASK(
        WINDOW("11-23", "08:00",
               "18:00") ", 'options': [{'modality': 'on_site', 'place': 'Lyon'}], "
                        "'travel': [{'from': 'Lyon', 'to': 'Bron', 'minutes': 30}], "
                        "'parties': [" PERSON(
                            "Anna",
                            FREE("11-23", "08:00", "11:30") "," HOURS(
                                "11-23", "08:00", "10:00") ", 'kind': 'busy', 'place': "
                                                           "'Bron'}") "]"));
    expect_start(answer, "2026-11-23T10:30+01:00");
    json_decref(answer);
}

static void test_a_quorum_that_is_not_met_is_told(void **state)
{
    (void)state;
    json_t *answer = answer_to(
        ASK(WINDOW("11-23", "08:00", "18:00") ", 'quorum': 2, 'parties': [" PERSON(
            "Anna", FREE("11-23", "08:00",
                         "12:00")) ", {'name': 'Ben', 'importance': 'optional'}]"));
    json_t *why_not = json_object_get(answer, "why_not");
    expect_start(answer, NULL);
    expect_text(why_not, "code", "QUORUM");
    json_t *relaxation = json_array_get(json_object_get(why_not, "relaxations"), 0);
    expect_text(relaxation, "kind", "smaller_quorum");
    assert_int_equal(json_integer_value(json_object_get(relaxation, "needed")), 1);
    json_decref(answer);
}

/* Armistice Day, and Good Friday at Strasbourg. */
static void test_public_holidays_of_a_region(void **state)
{
    (void)state;
    static const struct {
        const char *holidays;
        const char *day;
        bool is_open;
    } cases[] = {
        {"true", "2026-11-11", true},     {"false", "2026-11-11", false},
        {"false", "2026-04-03", true},    {"'FR-67'", "2026-04-03", false},
        {"'FR-RE'", "2026-12-20", false}, {"false", "2026-12-20", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1024];
        snprintf(text, sizeof(text),
                 "{'zone': 'Europe/Paris', 'duration_minutes': 60, "
                 "'public_holidays': %s, 'windows': [{'start': '%sT08:00', 'end': "
                 "'%sT12:00'}], 'parties': [{'name': 'Anna', 'sources': [{'coverage': "
                 "{'start': '2026-01-01T00:00', 'end': '2027-01-01T00:00'}, 'ranges': "
                 "[{'start': '2026-01-01T00:00', 'end': '2027-01-01T00:00', 'kind': "
                 "'free'}]}]}]}",
                 cases[i].holidays, cases[i].day, cases[i].day);
        json_t *answer = answer_to(text);
        assert_int_equal(json_array_size(json_object_get(answer, "slots")) > 0,
                         cases[i].is_open);
        json_decref(answer);
    }
}

static void test_a_series_is_free_each_time(void **state)
{
    (void)state;
    json_t *answer = answer_to(
        ASK(WINDOW("11-23", "08:00",
                   "18:00") ", 'series': {'every': 'week', 'times': 3}, 'parties': "
                            "[" PERSON("Anna", FREE("11-23", "08:00", "12:00") "," FREE(
                                                   "11-30", "09:00",
                                                   "12:00") "," FREE("12-07", "10:00",
                                                                     "11:00")) "]"));
    expect_start(answer, "2026-11-23T10:00+01:00");
    json_t *starts = json_object_get(slot_of(answer), "occurrences");
    assert_int_equal(json_array_size(starts), 3);
    expect_text(json_array_get(starts, 2), "local", "2026-12-07T10:00+01:00");
    json_decref(answer);
}

static void test_tentative_time_may_be_used(void **state)
{
    (void)state;
    static const char people[] = "'parties': [" PERSON(
        "Anna", FREE("11-23", "08:00", "10:00") "," HOURS(
                    "11-23", "08:00", "10:00") ", 'kind': 'tentative'}") "]";
    char text[2048];
    snprintf(text, sizeof(text), ASK(WINDOW("11-23", "08:00", "18:00") ", %s"), people);
    json_t *answer = answer_to(text);
    expect_start(answer, NULL);
    json_decref(answer);
    snprintf(text, sizeof(text),
             ASK(WINDOW("11-23", "08:00", "18:00") ", 'tentative': 'soft', %s"),
             people);
    answer = answer_to(text);
    expect_start(answer, "2026-11-23T08:00+01:00");
    json_t *merit = json_object_get(slot_of(answer), "merit");
    assert_int_equal(json_integer_value(json_object_get(merit, "typical")), 1);
    json_decref(answer);
}

/* Anna takes one meeting a day and wants to know two hours before. */
static void test_notice_and_daily_cap_of_a_source(void **state)
{
    (void)state;
    json_t *answer = answer_to(
        ASK("'windows': [{'start': '2026-11-23T08:00', 'end': '2026-11-25T18:00'}], "
            "'now': '2026-11-24T08:00', 'parties': [{'name': 'Anna',"
            " 'claims': [" HOURS(
                "11-23", "10:00",
                "11:00") "}], 'sources': [{" COVERAGE
                         ", 'daily_cap': 1, 'notice_minutes': 120, 'ranges': [" FREE(
                             "11-23", "08:00", "18:00") "," FREE("11-24", "08:00",
                                                                 "18:00") "]}]}]"));
    expect_start(answer, "2026-11-24T10:00+01:00");
    json_decref(answer);
}

static void test_a_patient_who_is_absent_blocks_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *presence;
        const char *start;
        size_t absent;
    } cases[] = {{"hard", NULL, 0},
                 {"soft", "2026-11-23T08:00+01:00", 1},
                 {"absent", "2026-11-23T08:00+01:00", 0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[2048];
        snprintf(text, sizeof(text),
                 ASK(WINDOW("11-23", "08:00", "18:00") ", 'parties': [" PERSON(
                     "Anna", FREE("11-23", "08:00",
                                  "12:00")) ", {'name': 'Zoe', "
                                            "'kind': 'patient', 'presence': '%s'}]"),
                 cases[i].presence);
        json_t *answer = answer_to(text);
        expect_start(answer, cases[i].start);
        assert_int_equal(json_array_size(json_object_get(slot_of(answer), "absent")),
                         cases[i].absent);
        json_decref(answer);
    }
}

static void test_one_start_is_judged_and_others_lie_near_it(void **state)
{
    (void)state;
    static const char people[] =
        "'parties': [" PERSON("Anna", FREE("11-23", "08:00", "12:00")) "]";
    char text[2048];
    snprintf(text, sizeof(text), ASK("'judge': '2026-11-23T11:10', %s"), people);
    json_t *answer = answer_to(text);
    assert_false(json_is_true(json_object_get(answer, "suits")));
    json_t *absent = json_array_get(json_object_get(slot_of(answer), "absent"), 0);
    expect_text(absent, "reason", "not_offered");
    json_decref(answer);
    snprintf(text, sizeof(text), ASK("'judge': '2026-11-23T10:52', %s"), people);
    answer = answer_to(text);
    assert_true(json_is_true(json_object_get(answer, "suits")));
    json_decref(answer);
    snprintf(
        text, sizeof(text),
        ASK(WINDOW("11-23", "08:00", "18:00") ", 'nearest': '2026-11-23T15:00', %s"),
        people);
    answer = answer_to(text);
    expect_start(answer, "2026-11-23T11:00+01:00");
    json_decref(answer);
}

/* Touching ranges are one time; a minute is enough for a minute; a day may be whole. */
static void test_the_edges_of_time(void **state)
{
    (void)state;
    json_t *answer =
        answer_to(ASK(WINDOW("11-23", "08:00", "18:00") ", 'parties': [" PERSON(
            "Anna",
            FREE("11-23", "09:30", "10:00") "," FREE("11-23", "10:00", "10:30")) "]"));
    expect_start(answer, "2026-11-23T09:30+01:00");
    json_decref(answer);
    answer = answer_to(
        "{'duration_minutes': 1, 'grid_minutes': 1, 'windows': [{'start': "
        "'2026-11-23T23:59Z', 'end': '2026-11-24T00:01Z'}], 'parties': [{'name': "
        "'Anna', 'sources': [{'coverage': {'start': '2026-11-24T00:00Z', 'end': "
        "'2026-11-24T00:01Z'}, 'ranges': [{'start': '2026-11-24T00:00Z', 'end': "
        "'2026-11-24T00:01Z', 'kind': 'free'}]}]}]}");
    assert_int_equal(json_array_size(json_object_get(answer, "slots")), 1);
    expect_text(json_object_get(slot_of(answer), "start"), "utc", "2026-11-24T00:00Z");
    json_decref(answer);
    answer = answer_to(
        "{'zone': 'Europe/Paris', 'duration_minutes': 1440, 'grid_minutes': 1440, "
        "'windows': [{'start': '2026-11-22T12:00', 'end': '2026-11-26T12:00'}], "
        "'parties': [{'name': 'Anna', 'sources': [{'coverage': {'start': "
        "'2026-11-01T00:00', 'end': '2026-12-01T00:00'}, 'ranges': [{'start': "
        "'2026-11-24T00:00', 'end': '2026-11-27T00:00', 'kind': 'free'}]}]}]}");
    expect_start(answer, "2026-11-24T00:00+01:00");
    json_decref(answer);
}

/* What lies beyond the coverage is unknown, also in the middle of a window. */
static void test_a_window_may_cross_the_end_of_what_is_known(void **state)
{
    (void)state;
    json_t *answer = answer_to(
        "{'duration_minutes': 60, 'windows': [{'start': '2026-11-23T08:00Z', 'end': "
        "'2026-11-23T18:00Z'}], 'parties': [{'name': 'Anna', 'sources': [{'coverage': "
        "{'start': '2026-11-01T00:00Z', 'end': '2026-11-23T09:30Z'}, 'ranges': "
        "[{'start': '2026-11-23T09:00Z', 'end': '2026-11-23T18:00Z', 'kind': "
        "'free'}]}]}]}");
    json_t *why_not = json_object_get(answer, "why_not");
    expect_start(answer, NULL);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(why_not, "unknown"), 0)),
        "Anna");
    json_decref(answer);
}

/* Anna can come on Monday and Tuesday; of Ben only the Tuesday is known. */
static json_t *anna_and_ben(const char *asked, const char *bens_tuesday)
{
    char text[2048];
    snprintf(
        text, sizeof(text),
        ASK("'target': '2026-11-24T00:00', 'windows': [{'start': '2026-11-23T09:00', "
            "'end': '2026-11-24T12:00'}], 'parties': [{'name': 'Anna', "
            "'sources': [%s]}, {'name': 'Ben', 'ask_if_unknown': %s, 'sources': "
            "[{'coverage': {'start': '2026-11-24T00:00', 'end': '2026-11-25T00:00'}, "
            "'ranges': [%s]}]}]"),
        SOURCE(FREE("11-23", "09:00", "10:00") ", " FREE("11-24", "11:00", "12:00")),
        asked, bens_tuesday);
    return answer_to(text);
}

static void test_who_is_not_known_to_be_free_may_be_asked(void **state)
{
    (void)state;
    json_t *answer = anna_and_ben("true", FREE("11-24", "11:00", "12:00"));
    expect_start(answer, "2026-11-24T11:00+01:00");
    assert_null(json_object_get(slot_of(answer), "asked"));
    json_decref(answer);

    answer = anna_and_ben("true", "");
    expect_start(answer, "2026-11-23T09:00+01:00");
    json_t *names = json_object_get(slot_of(answer), "asked");
    json_t *merit = json_object_get(slot_of(answer), "merit");
    assert_int_equal(json_array_size(names), 1);
    assert_string_equal(json_string_value(json_array_get(names, 0)), "Ben");
    assert_int_equal(json_integer_value(json_object_get(merit, "asked")), 1);
    json_decref(answer);

    answer = anna_and_ben("false", "");
    expect_start(answer, NULL);
    json_decref(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_two_of_a_pool_come),
        cmocka_unit_test(test_the_way_to_meet_is_the_first_that_is_offered),
        cmocka_unit_test(test_who_is_elsewhere_has_to_travel),
        cmocka_unit_test(test_a_quorum_that_is_not_met_is_told),
        cmocka_unit_test(test_public_holidays_of_a_region),
        cmocka_unit_test(test_a_series_is_free_each_time),
        cmocka_unit_test(test_tentative_time_may_be_used),
        cmocka_unit_test(test_notice_and_daily_cap_of_a_source),
        cmocka_unit_test(test_a_patient_who_is_absent_blocks_nothing),
        cmocka_unit_test(test_one_start_is_judged_and_others_lie_near_it),
        cmocka_unit_test(test_the_edges_of_time),
        cmocka_unit_test(test_a_window_may_cross_the_end_of_what_is_known),
        cmocka_unit_test(test_who_is_not_known_to_be_free_may_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
