// SPDX-License-Identifier: Apache-2.0

/*
 * Whatever is wrong with a match request, the answer is a code, a sentence and the path
 * of the fault.  Each row puts one wrong thing into a request that is right.
 */

#include "adapters/cli/match.h"
#include "adapters/cli/match_input.h"
#include "matcher/request.h"
#include "tests/adapters/match_faults.h"
#include "tests/support/rounds.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* clang-format off */
static const char good[] =
    "{'zone': 'Europe/Paris', 'duration_minutes': 60,"
    " 'windows': [{'start': '2026-11-23T08:00', 'end': '2026-11-23T18:00'}],"
    " 'parties': [{'name': 'Anna', 'sources': [{"
    "  'coverage': {'start': '2026-11-01T00:00Z', 'end': '2026-12-01T00:00Z'},"
    "  'ranges': [{'start': '2026-11-23T09:00', 'end': '2026-11-23T12:00', 'kind': 'free'}]}]}]}";

/* Documents that are not even objects of ours. */
static const struct {
    const char *text;
    const char *code;
} broken[] = {
    { "",                                       "MALFORMED" },
    { "{",                                      "MALFORMED" },
    { "nothing",                                "MALFORMED" },
    { "{'zone': 'UTC'} x",                      "MALFORMED" },
    { "{'zone': 'U\\u0000TC'}",                 "MALFORMED" },
    { "{'zone': '\xff\xfe'}",                   "MALFORMED" },
    { "{'wanted': 99999999999999999999}",       "MALFORMED" },
    { "{'zone': 'UTC', 'zone': 'UTC'}",         "DUPLICATE_FIELD" },
    { "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]",     "TOO_DEEP" },
    { "[]",                                     "WRONG_TYPE" },
    { "{'a\\\\': '[[[[[[[[[[[[[[[[[[[['}",      "UNKNOWN_FIELD" },
};

/* What asks for nothing may be said. */
static const struct {
    enum level level;
    const char *fields;
} harmless[] = {
    { ROOT,   "{'urgent': false, 'quorum': null, 'places': [], 'travel': []}" },
    { ROOT,   "{'target': '2026-11-30', 'now': '2026-11-20T08:00Z', 'notice_minutes': 0}" },
    { ROOT,   "{'purposes': [], 'certainties': ['declared', 'typical'], 'apart_minutes': 1}" },
    { ROOT,   "{'times_of_day': [{'start': '00:00', 'end': '24:00'}]}" },
    { ROOT,   "{'options': [{}], 'public_holidays': true, 'series': null, 'tentative': 'excluded', 'leeway': false}" },
    { ROOT,   "{'pools': [], 'quorum': 1, 'series': {'times': 1}, 'explain': true, 'windows': [{'start': '2026-11-23T00:00', 'end': '2026-11-24T00:00'}], 'wanted': 64, 'nearest': '2026-11-23T09:00', 'grid_minutes': 60}" },
    { WINDOW, "{'start': '2026-10-25T02:30+02:00', 'end': '2026-11-28T00:00'}" },
    { WINDOW, "{'start': '2026-10-25T02:30+01:00', 'end': '2026-11-28T00:00'}" },
    { PARTY,  "{'kind': 'patient', 'presence': 'hard', 'structure': '690000001'}" },
    { RANGE,  "{'audience': ['professionals', 'public'], 'modalities': ['video'], 'place': 'Lyon'}" },
    { PARTY,  "{'kind': 'patient', 'id': 7, 'importance': 'indispensable'}" },
    { SOURCE, "{'name': 'Agenda', 'stale': false}" },
    { RANGE,  "{'purposes': ['meeting'], 'certainty': 'declared', 'preference': 'avoid'}" },
};
/* clang-format on */

static char *with_quotes(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    assert_non_null(copy);
    for (size_t i = 0; i < size; i++) {
        copy[i] = text[i];
        if (text[i] == '\'') {
            copy[i] = '"';
        }
    }
    return copy;
}

static json_t *load(const char *text)
{
    char *quoted = with_quotes(text);
    json_t *value = json_loads(quoted, JSON_DECODE_ANY, NULL);
    free(quoted);
    assert_non_null(value);
    return value;
}

static json_t *at_level(json_t *document, enum level level)
{
    json_t *party = json_array_get(json_object_get(document, "parties"), 0);
    json_t *source = json_array_get(json_object_get(party, "sources"), 0);
    switch (level) {
    case ROOT:
        return document;
    case WINDOW:
        return json_array_get(json_object_get(document, "windows"), 0);
    case PARTY:
        return party;
    case SOURCE:
        return source;
    case RANGE:
        return json_array_get(json_object_get(source, "ranges"), 0);
    }
    return NULL;
}

static json_t *good_but_for(enum level level, const char *fields)
{
    json_t *document = load(good);
    json_t *wrong = load(fields);
    assert_int_equal(json_object_update(at_level(document, level), wrong), 0);
    json_decref(wrong);
    return document;
}

/* Answer @text, expect the refusal, free nothing of the caller's. */
static void expect_refusal(const char *text, size_t size, const char *code,
                           const char *path)
{
    json_t *answer;
    int exit_code = match_answer(text, size, &answer);
    json_t *error = json_object_get(answer, "error");
    const char *got_code = json_string_value(json_object_get(error, "code"));
    const char *got_path = json_string_value(json_object_get(error, "path"));
    const char *sentence = json_string_value(json_object_get(error, "sentence"));

    if (exit_code != MATCH_EXIT_REFUSED || got_code == NULL || got_path == NULL ||
        strcmp(got_code, code) != 0 || strcmp(got_path, path) != 0) {
        fail_msg("want %s at %s, got exit %d, %s at %s (%s) for %.300s", code, path,
                 exit_code, got_code != NULL ? got_code : "no code",
                 got_path != NULL ? got_path : "no path",
                 sentence != NULL ? sentence : "no sentence", text);
    }
    assert_non_null(sentence);
    assert_in_range(strlen(sentence), 15, 511);
    assert_int_equal(sentence[strlen(sentence) - 1], '.');
    json_decref(answer);
}

static void expect_refused_document(json_t *document, const char *code,
                                    const char *path)
{
    char *text = json_dumps(document, 0);
    assert_non_null(text);
    expect_refusal(text, strlen(text), code, path);
    free(text);
    json_decref(document);
}

static void test_each_fault_has_its_code_and_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        expect_refused_document(good_but_for(faults[i].level, faults[i].fields),
                                faults[i].code, faults[i].path);
    }
}

static void test_what_is_no_request_is_refused_as_a_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        char *text = with_quotes(broken[i].text);
        bool in_a_field = strcmp(broken[i].code, "UNKNOWN_FIELD") == 0;
        expect_refusal(text, strlen(text), broken[i].code,
                       in_a_field ? "$['a\\']" : "$");
        free(text);
    }
}

static void test_what_asks_for_nothing_new_is_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        json_t *document = good_but_for(harmless[i].level, harmless[i].fields);
        json_t *answer;
        char *text = json_dumps(document, 0);
        assert_int_equal(match_answer(text, strlen(text), &answer),
                         MATCH_EXIT_ANSWERED);
        assert_true(json_array_size(json_object_get(answer, "slots")) > 0);
        json_decref(answer);
        json_decref(document);
        free(text);
    }
}

/* A request cut anywhere is refused, and nothing worse happens. */
static void test_every_beginning_of_a_request_is_refused(void **state)
{
    (void)state;
    char *text = with_quotes(good);
    for (size_t size = 0; size < strlen(good); size += 2500 / rounds_of(2500)) {
        char *part = malloc(size + 1);
        assert_non_null(part);
        memcpy(part, text, size);
        part[size] = '\0';
        expect_refusal(part, size, "MALFORMED", "$");
        free(part);
    }
    free(text);
}

/* @count copies of the element that is there. */
static void multiply(json_t *list, size_t count)
{
    while (json_array_size(list) < count) {
        json_array_append(list, json_array_get(list, 0));
    }
}

static void expect_limit(enum level level, const char *key, const char *element,
                         size_t most, const char *code, const char *path)
{
    for (size_t extra = 0; extra < 2; extra++) {
        json_t *document = load(good);
        json_t *list = json_array();
        json_array_append_new(list, load(element));
        multiply(list, most + extra);
        json_object_set_new(at_level(document, level), key, list);
        if (extra == 1) {
            expect_refused_document(document, code, path);
            continue;
        }
        json_t *answer;
        char *text = json_dumps(document, 0);
        assert_int_equal(match_answer(text, strlen(text), &answer),
                         MATCH_EXIT_ANSWERED);
        json_decref(answer);
        json_decref(document);
        free(text);
    }
}

static void test_limits_are_kept_to_the_last_one(void **state)
{
    (void)state;
    static const char span[] =
        "{'start': '2026-11-23T08:00', 'end': '2026-11-23T18:00'}";
    expect_limit(ROOT, "windows", span, MATCH_WINDOWS_MAX, "TOO_MANY_WINDOWS",
                 "$.windows");
    expect_limit(PARTY, "claims", span, MATCH_INPUT_CLAIMS_MAX, "TOO_MANY_CLAIMS",
                 "$.parties[0].claims");
    expect_limit(PARTY, "sources", "{'stale': true}", MATCH_INPUT_SOURCES_MAX,
                 "TOO_MANY_SOURCES", "$.parties[0].sources");
    expect_limit(
        SOURCE, "ranges",
        "{'start': '2026-11-23T08:00', 'end': '2026-11-23T18:00', 'kind': 'busy'}",
        MATCH_INPUT_RANGES_MAX, "TOO_MANY_RANGES", "$.parties[0].sources[0].ranges");
    expect_limit(ROOT, "options", "{'modality': 'video'}", MATCH_OPTIONS_MAX,
                 "TOO_MANY_OPTIONS", "$.options");
    expect_limit(ROOT, "modalities", "'video'", MATCH_OPTIONS_MAX, "TOO_MANY_OPTIONS",
                 "$.modalities");
    expect_limit(ROOT, "times_of_day", "{'start': '08:00', 'end': '18:00'}",
                 MATCH_TIMES_OF_DAY_MAX, "TOO_MANY_TIMES", "$.times_of_day");
}

/* As many as are allowed, each with a name of their own, and one more; of all of them no
 * more than there can be are wanted. */
static void test_people_are_looked_for_among_so_many(void **state)
{
    (void)state;
    static const char who[] = "{'zone': 'Europe/Paris', 'duration_minutes': 60,"
                              " 'find': {'day': '2026-11-24'}, 'people': []}";
    json_t *document = load(who);
    json_t *people = json_object_get(document, "people");
    for (int i = 0; i < MATCH_INPUT_PEOPLE_MAX; i++) {
        char name[32];
        snprintf(name, sizeof(name), "person %d", i);
        json_array_append_new(people, json_pack("{s:s}", "name", name));
    }
    json_t *answer;
    char *text = json_dumps(document, 0);
    assert_int_equal(match_answer(text, strlen(text), &answer), MATCH_EXIT_ANSWERED);
    assert_int_equal(json_integer_value(json_object_get(answer, "asked")),
                     MATCH_INPUT_PEOPLE_MAX);
    json_decref(answer);
    free(text);
    json_array_append_new(people, json_pack("{s:s}", "name", "one more"));
    expect_refused_document(document, "TOO_MANY_PEOPLE", "$.people");
    document = load(who);
    json_object_set_new(document, "wanted", json_integer(MATCH_INPUT_PEOPLE_MAX + 1));
    expect_refused_document(document, "TOO_MANY_PEOPLE", "$.wanted");
}

static void test_five_nights_are_ten_times_of_day(void **state)
{
    (void)state;
    json_t *document = load(good);
    json_t *list = json_array();
    json_array_append_new(list, load("{'start': '22:00', 'end': '06:00'}"));
    multiply(list, 5);
    json_object_set_new(document, "times_of_day", list);
    expect_refused_document(document, "TOO_MANY_TIMES", "$.times_of_day[4]");
}

static void test_sixty_five_parties_are_too_many(void **state)
{
    (void)state;
    for (size_t count = MATCH_PARTIES_MAX; count <= MATCH_PARTIES_MAX + 1; count++) {
        json_t *document = load(good);
        json_t *parties = json_object_get(document, "parties");
        for (size_t i = json_array_size(parties); i < count; i++) {
            char name[32];
            snprintf(name, sizeof(name), "party %zu", i);
            json_array_append_new(parties, json_pack("{s:s}", "name", name));
        }
        if (count > MATCH_PARTIES_MAX) {
            expect_refused_document(document, "TOO_MANY_PARTIES", "$.parties");
            continue;
        }
        json_t *answer;
        char *text = json_dumps(document, 0);
        assert_int_equal(match_answer(text, strlen(text), &answer),
                         MATCH_EXIT_ANSWERED);
        json_decref(answer);
        json_decref(document);
        free(text);
    }
}

/* @count different texts, called "name 0" and so on, each made by @format. */
static json_t *different(const char *format, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        char text[128];
        char name[32];
        snprintf(name, sizeof(name), "name %zu", i);
        const char *hole = strchr(format, '*');
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(hole - format), format, name,
                 hole + 1);
        json_array_append_new(list, load(text));
    }
    return list;
}

static void expect_answered(json_t *document)
{
    json_t *answer;
    char *text = json_dumps(document, 0);
    if (match_answer(text, strlen(text), &answer) != MATCH_EXIT_ANSWERED) {
        fail_msg("%s", json_dumps(answer, 0));
    }
    json_decref(answer);
    json_decref(document);
    free(text);
}

static void test_places_legs_and_pools_have_a_last_one_too(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        json_t *places = load(good);
        json_object_set_new(places, "places",
                            different("'*'", MATCH_INPUT_PLACES_MAX + extra));
        json_t *legs = load(good);
        json_object_set_new(legs, "travel",
                            different("{'from': 'here', 'to': '*', 'minutes': 5}",
                                      extra == 0 ? 1023 : MATCH_LEGS_MAX / 2 + 1));
        json_t *pool = load(good);
        json_t *party = load("{'name': 'Pool', 'kind': 'pool', 'needed': 2}");
        json_object_set_new(party, "members",
                            different("{'name': '*'}", MATCH_POOL_MAX + extra));
        json_array_append_new(json_object_get(pool, "parties"), party);
        if (extra == 0) {
            expect_answered(places);
            expect_answered(legs);
            expect_answered(pool);
        } else {
            expect_refused_document(places, "TOO_MANY_PLACES", "$.places");
            expect_refused_document(legs, "TOO_MANY_LEGS", "$.travel");
            expect_refused_document(pool, "POOL_TOO_LARGE", "$.parties[1].members");
        }
    }
}

static void test_parties_and_pools_are_64_together(void **state)
{
    (void)state;
    json_t *document = load(good);
    json_object_set_new(
        document, "pools",
        different("{'name': '*', 'members': [{'name': 'of *'}]}", MATCH_PARTIES_MAX));
    expect_refused_document(document, "TOO_MANY_PARTIES", "$.pools");
}

static void test_the_sentence_names_both_offsets(void **state)
{
    (void)state;
    static const char *const offsets[] = {"+02:00", "+01:00"};
    json_t *document = good_but_for(
        WINDOW, "{'start': '2026-10-25T02:30', 'end': '2026-11-28T00:00'}");
    json_t *answer;
    char *text = json_dumps(document, 0);
    match_answer(text, strlen(text), &answer);
    const char *sentence = json_string_value(
        json_object_get(json_object_get(answer, "error"), "sentence"));
    for (size_t i = 0; i < 2; i++) {
        char way_out[64];
        snprintf(way_out, sizeof(way_out), "2026-10-25T02:30%s", offsets[i]);
        assert_non_null(strstr(sentence, way_out));
    }
    json_decref(answer);
    json_decref(document);
    free(text);
}

static void test_a_thirty_third_purpose_is_too_many(void **state)
{
    (void)state;
    json_t *document = load(good);
    json_t *list = json_array();
    for (int i = 0; i < MATCH_INPUT_PURPOSES_MAX; i++) {
        char name[32];
        snprintf(name, sizeof(name), "purpose %d", i);
        json_array_append_new(list, json_string(name));
    }
    json_object_set_new(document, "purposes", list);
    json_object_set_new(at_level(document, RANGE), "purposes",
                        load("['purpose 3', 'one more']"));
    expect_refused_document(document, "TOO_MANY_PURPOSES",
                            "$.parties[0].sources[0].ranges[0].purposes[1]");
}

static void test_the_windows_together_span_at_most_400_days(void **state)
{
    (void)state;
    json_t *document = load(good);
    json_array_append_new(
        json_object_get(document, "windows"),
        load("{'start': '2027-12-28T07:00', 'end': '2027-12-28T08:00'}"));
    char *text = json_dumps(document, 0);
    json_t *answer;
    assert_int_equal(match_answer(text, strlen(text), &answer), MATCH_EXIT_ANSWERED);
    json_decref(answer);
    free(text);

    json_array_append_new(
        json_object_get(document, "windows"),
        load("{'start': '2027-12-28T07:00', 'end': '2027-12-28T08:01'}"));
    expect_refused_document(document, "WINDOW_TOO_LONG", "$.windows");
}

static void test_more_than_sixteen_mebibytes_are_not_looked_at(void **state)
{
    (void)state;
    size_t size = (size_t)MATCH_INPUT_BYTES_MAX + 1;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, ' ', size);
    expect_refusal(text, size, "TOO_LARGE", "$");
    expect_refusal(text, size - 1, "MALFORMED", "$");
    free(text);
}

static void test_a_long_name_is_shown_short(void **state)
{
    (void)state;
    char name[512];
    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    json_t *document = load(good);
    json_object_set_new(at_level(document, PARTY), "name", json_string(name));
    expect_refused_document(document, "TEXT_TOO_LONG", "$.parties[0].name");

    document = load(good);
    json_object_set_new(at_level(document, RANGE), name, json_true());
    char path[128];
    snprintf(path, sizeof(path), "$.parties[0].sources[0].ranges[0]['%.64s...']", name);
    expect_refused_document(document, "UNKNOWN_FIELD", path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_fault_has_its_code_and_path),
        cmocka_unit_test(test_what_is_no_request_is_refused_as_a_whole),
        cmocka_unit_test(test_what_asks_for_nothing_new_is_answered),
        cmocka_unit_test(test_every_beginning_of_a_request_is_refused),
        cmocka_unit_test(test_limits_are_kept_to_the_last_one),
        cmocka_unit_test(test_people_are_looked_for_among_so_many),
        cmocka_unit_test(test_five_nights_are_ten_times_of_day),
        cmocka_unit_test(test_sixty_five_parties_are_too_many),
        cmocka_unit_test(test_places_legs_and_pools_have_a_last_one_too),
        cmocka_unit_test(test_parties_and_pools_are_64_together),
        cmocka_unit_test(test_the_sentence_names_both_offsets),
        cmocka_unit_test(test_a_thirty_third_purpose_is_too_many),
        cmocka_unit_test(test_the_windows_together_span_at_most_400_days),
        cmocka_unit_test(test_more_than_sixteen_mebibytes_are_not_looked_at),
        cmocka_unit_test(test_a_long_name_is_shown_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
