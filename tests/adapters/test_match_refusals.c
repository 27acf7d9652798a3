// SPDX-License-Identifier: Apache-2.0

/*
 * Whatever is wrong with a match request, the answer is a code, a sentence and the path
 * of the fault.  Each row puts one wrong thing into a request that is right.
 */

#include "adapters/cli/match.h"
#include "adapters/cli/match_input.h"
#include "matcher/request.h"
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

/* Where the wrong thing goes. */
enum level { ROOT, WINDOW, PARTY, SOURCE, RANGE };

static const struct {
    enum level level;
    const char *fields; /* put into the object of that level; null takes a field away */
    const char *code;
    const char *path;
} faults[] = {
    /* What is not there, or not known. */
    { ROOT,   "{'durations_minutes': 60}",            "UNKNOWN_FIELD",  "$.durations_minutes" },
    { ROOT,   "{'dur\\u00e9e': 60}",                  "UNKNOWN_FIELD",  "$['dur\xc3\xa9" "e']" },
    { ROOT,   "{'duration_minutes': null}",           "FIELD_MISSING",  "$.duration_minutes" },
    { ROOT,   "{'windows': null}",                    "FIELD_MISSING",  "$.windows" },
    { ROOT,   "{'windows': []}",                      "FIELD_MISSING",  "$.windows" },
    { ROOT,   "{'notice_minutes': 60}",               "FIELD_MISSING",  "$.now" },
    { WINDOW, "{'end': null}",                        "FIELD_MISSING",  "$.windows[0].end" },
    { WINDOW, "{'until': 1}",                         "UNKNOWN_FIELD",  "$.windows[0].until" },
    { PARTY,  "{'name': null}",                       "FIELD_MISSING",  "$.parties[0].name" },
    { PARTY,  "{'buffer': 5}",                        "UNKNOWN_FIELD",  "$.parties[0].buffer" },
    { SOURCE, "{'coverage': null}",                   "FIELD_MISSING",  "$.parties[0].sources[0].coverage" },
    { SOURCE, "{'range': []}",                        "UNKNOWN_FIELD",  "$.parties[0].sources[0].range" },
    { RANGE,  "{'kind': null}",                       "FIELD_MISSING",  "$.parties[0].sources[0].ranges[0].kind" },
    { RANGE,  "{'start': null}",                      "FIELD_MISSING",  "$.parties[0].sources[0].ranges[0].start" },
    { RANGE,  "{'certainties': 1}",                   "UNKNOWN_FIELD",  "$.parties[0].sources[0].ranges[0].certainties" },

    /* Not of the kind that is wanted. */
    { ROOT,   "{'duration_minutes': '60'}",           "WRONG_TYPE",     "$.duration_minutes" },
    { ROOT,   "{'duration_minutes': 60.5}",           "WRONG_TYPE",     "$.duration_minutes" },
    { ROOT,   "{'zone': 1}",                          "WRONG_TYPE",     "$.zone" },
    { ROOT,   "{'windows': {}}",                      "WRONG_TYPE",     "$.windows" },
    { ROOT,   "{'windows': ['2026']}",                "WRONG_TYPE",     "$.windows[0]" },
    { ROOT,   "{'parties': 'Anna'}",                  "WRONG_TYPE",     "$.parties" },
    { ROOT,   "{'parties': [null]}",                  "WRONG_TYPE",     "$.parties[0]" },
    { ROOT,   "{'weekdays': 'monday'}",               "WRONG_TYPE",     "$.weekdays" },
    { ROOT,   "{'weekdays': [1]}",                    "WRONG_TYPE",     "$.weekdays[0]" },
    { ROOT,   "{'target': 20261123}",                 "WRONG_TYPE",     "$.target" },
    { SOURCE, "{'stale': 'yes'}",                     "WRONG_TYPE",     "$.parties[0].sources[0].stale" },
    { RANGE,  "{'purposes': [7]}",                    "WRONG_TYPE",     "$.parties[0].sources[0].ranges[0].purposes[0]" },

    /* Out of bounds. */
    { ROOT,   "{'duration_minutes': 0}",              "OUT_OF_BOUNDS",  "$.duration_minutes" },
    { ROOT,   "{'duration_minutes': 1500}",           "OUT_OF_BOUNDS",  "$.duration_minutes" },
    { ROOT,   "{'duration_minutes': -9223372036854775808}", "OUT_OF_BOUNDS", "$.duration_minutes" },
    { ROOT,   "{'grid_minutes': 0}",                  "OUT_OF_BOUNDS",  "$.grid_minutes" },
    { ROOT,   "{'wanted': 65}",                       "OUT_OF_BOUNDS",  "$.wanted" },
    { ROOT,   "{'wanted': 0}",                        "OUT_OF_BOUNDS",  "$.wanted" },
    { ROOT,   "{'apart_minutes': -1}",                "OUT_OF_BOUNDS",  "$.apart_minutes" },
    { ROOT,   "{'weekdays': []}",                     "OUT_OF_BOUNDS",  "$.weekdays" },
    { ROOT,   "{'certainties': []}",                  "OUT_OF_BOUNDS",  "$.certainties" },
    { ROOT,   "{'times_of_day': []}",                 "OUT_OF_BOUNDS",  "$.times_of_day" },
    { PARTY,  "{'buffer_before_minutes': 1441}",      "OUT_OF_BOUNDS",  "$.parties[0].buffer_before_minutes" },
    { PARTY,  "{'buffer_after_minutes': -1}",         "OUT_OF_BOUNDS",  "$.parties[0].buffer_after_minutes" },
    { PARTY,  "{'id': -1}",                           "OUT_OF_BOUNDS",  "$.parties[0].id" },

    /* Words. */
    { ROOT,   "{'weekdays': ['lundi']}",              "UNKNOWN_VALUE",  "$.weekdays[0]" },
    { ROOT,   "{'certainties': ['declared', 'sure']}", "UNKNOWN_VALUE", "$.certainties[1]" },
    { PARTY,  "{'importance': 'Optional'}",           "UNKNOWN_VALUE",  "$.parties[0].importance" },
    { PARTY,  "{'kind': 'doctor'}",                   "UNKNOWN_VALUE",  "$.parties[0].kind" },
    { RANGE,  "{'kind': 'out'}",                      "UNKNOWN_VALUE",  "$.parties[0].sources[0].ranges[0].kind" },
    { RANGE,  "{'certainty': 'likely'}",              "UNKNOWN_VALUE",  "$.parties[0].sources[0].ranges[0].certainty" },
    { RANGE,  "{'preference': 'good'}",               "UNKNOWN_VALUE",  "$.parties[0].sources[0].ranges[0].preference" },
    { PARTY,  "{'name': ''}",                         "BAD_TEXT",       "$.parties[0].name" },
    { PARTY,  "{'name': 'An\\u001b[31mna'}",          "BAD_TEXT",       "$.parties[0].name" },
    { RANGE,  "{'purposes': ['']}",                   "BAD_TEXT",       "$.parties[0].sources[0].ranges[0].purposes[0]" },

    /* Time. */
    { ROOT,   "{'zone': 'Europe/Pariss'}",            "BAD_ZONE",       "$.zone" },
    { ROOT,   "{'zone': '../../etc/passwd'}",         "BAD_ZONE",       "$.zone" },
    { ROOT,   "{'now': 'now'}",                       "BAD_TIME",       "$.now" },
    { ROOT,   "{'target': '2026-02-30'}",             "BAD_TIME",       "$.target" },
    { ROOT,   "{'times_of_day': [{'start': '8:00', 'end': '18:00'}]}", "BAD_TIME", "$.times_of_day[0].start" },
    { ROOT,   "{'times_of_day': [{'start': '08:00', 'end': '24:01'}]}", "BAD_TIME", "$.times_of_day[0].end" },
    { ROOT,   "{'times_of_day': [{'start': '08:00'}]}", "FIELD_MISSING", "$.times_of_day[0].end" },
    { ROOT,   "{'times_of_day': [{'start': '08:00', 'end': '08:00'}]}", "RANGE_EMPTY", "$.times_of_day[0]" },
    { ROOT,   "{'times_of_day': [{'start': '08:00', 'end': '09:00', 'day': 1}]}", "UNKNOWN_FIELD", "$.times_of_day[0].day" },
    { WINDOW, "{'start': '2026-11-23'}",              "BAD_TIME",       "$.windows[0].start" },
    { WINDOW, "{'start': '2026-11-23T08:00:30'}",     "BAD_TIME",       "$.windows[0].start" },
    { WINDOW, "{'start': '1999-11-23T08:00Z'}",       "BAD_TIME",       "$.windows[0].start" },
    { WINDOW, "{'start': '2026-11-23T18:00'}",        "RANGE_EMPTY",    "$.windows[0]" },
    { WINDOW, "{'start': '2026-11-23T19:00'}",        "RANGE_REVERSED", "$.windows[0]" },
    { WINDOW, "{'end': '2028-11-23T19:00'}",          "RANGE_TOO_LONG", "$.windows[0]" },
    { RANGE,  "{'end': '2026-11-23T09:00'}",          "RANGE_EMPTY",    "$.parties[0].sources[0].ranges[0]" },
    { RANGE,  "{'end': '2026-11-23T08:00'}",          "RANGE_REVERSED", "$.parties[0].sources[0].ranges[0]" },
    { RANGE,  "{'end': '2028-11-23T08:00'}",          "RANGE_TOO_LONG", "$.parties[0].sources[0].ranges[0]" },
    { PARTY,  "{'claims': [{'start': '2026-11-23T10:00', 'end': '2026-11-23T10:00'}]}", "RANGE_EMPTY", "$.parties[0].claims[0]" },
    { SOURCE, "{'coverage': {'start': '2026-11-23T10:00', 'end': '2026-11-22T10:00'}}", "RANGE_REVERSED", "$.parties[0].sources[0].coverage" },

    /* People. */
    { ROOT,   "{'parties': []}",                      "NO_PARTY",       "$.parties" },
    { ROOT,   "{'parties': null}",                    "NO_PARTY",       "$.parties" },
    { ROOT,   "{'parties': [{'name': 'Anna'}, {'name': 'Ben'}, {'name': 'Anna'}]}", "PARTY_TWICE", "$.parties[2].name" },
    { ROOT,   "{'picked': ['2026-11-23T09:00']}",     "FIELD_CONFLICT", "$.picked" },
    { ROOT,   "{'windows': null, 'picked': ['2026-11-23T09:00', '2028-11-23T09:00']}", "WINDOW_TOO_LONG", "$.picked" },

    /* What the later model brings. */
    { ROOT,   "{'modalities': ['video']}",            "NOT_YET",        "$.modalities" },
    { ROOT,   "{'places': ['room 1']}",               "NOT_YET",        "$.places" },
    { ROOT,   "{'options': [{}]}",                    "NOT_YET",        "$.options" },
    { ROOT,   "{'pools': [{'of': 3}]}",               "NOT_YET",        "$.pools" },
    { ROOT,   "{'quorum': 0}",                        "NOT_YET",        "$.quorum" },
    { ROOT,   "{'urgent': true}",                     "NOT_YET",        "$.urgent" },
    { ROOT,   "{'travel': [{}]}",                     "NOT_YET",        "$.travel" },
    { ROOT,   "{'public_holidays': false}",           "NOT_YET",        "$.public_holidays" },
    { ROOT,   "{'series': {'every': 'week'}}",        "NOT_YET",        "$.series" },
    { PARTY,  "{'kind': 'pool'}",                     "NOT_YET",        "$.parties[0].kind" },
    { PARTY,  "{'members': ['Ben']}",                 "NOT_YET",        "$.parties[0].members" },
    { PARTY,  "{'modalities': ['video']}",            "NOT_YET",        "$.parties[0].modalities" },
    { RANGE,  "{'places': ['here']}",                 "NOT_YET",        "$.parties[0].sources[0].ranges[0].places" },
    { RANGE,  "{'audience': ['circle']}",             "NOT_YET",        "$.parties[0].sources[0].ranges[0].audience" },
};

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
    { ROOT,   "{'urgent': false, 'quorum': null, 'places': [], 'travel': {}}" },
    { ROOT,   "{'target': '2026-11-30', 'now': '2026-11-20T08:00Z', 'notice_minutes': 0}" },
    { ROOT,   "{'purposes': [], 'certainties': ['declared', 'typical'], 'apart_minutes': 1}" },
    { ROOT,   "{'times_of_day': [{'start': '00:00', 'end': '24:00'}]}" },
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
    json_t *value = json_loads(quoted, 0, NULL);
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
    assert_in_range(strlen(sentence), 15, 500);
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
    expect_limit(ROOT, "times_of_day", "{'start': '08:00', 'end': '18:00'}",
                 MATCH_TIMES_OF_DAY_MAX, "TOO_MANY_TIMES", "$.times_of_day");
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
        cmocka_unit_test(test_five_nights_are_ten_times_of_day),
        cmocka_unit_test(test_sixty_five_parties_are_too_many),
        cmocka_unit_test(test_a_thirty_third_purpose_is_too_many),
        cmocka_unit_test(test_the_windows_together_span_at_most_400_days),
        cmocka_unit_test(test_more_than_sixteen_mebibytes_are_not_looked_at),
        cmocka_unit_test(test_a_long_name_is_shown_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
