// SPDX-License-Identifier: Apache-2.0

/*
 * `entente match`: the examples of docs/match.md, and the law that a request in JSON
 * gets the answer that the matcher gives to the same request in memory.
 */

#include "adapters/cli/match.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char *read_whole(FILE *in)
{
    size_t size = 0;
    size_t room = 1 << 20;
    char *text = malloc(room);
    assert_non_null(text);
    size = fread(text, 1, room - 1, in);
    text[size] = '\0';
    return text;
}

static char *read_named(const char *name)
{
    FILE *in = fopen(name, "rb");
    if (in == NULL) {
        fail_msg("%s cannot be read; run this from the top of the tree", name);
    }
    char *text = read_whole(in);
    fclose(in);
    return text;
}

/* Run the command with its standard output in a file; the caller frees the text. */
static char *run_command(const char *option, const char *file, int *ret_code)
{
    char command[] = "match";
    char first[64];
    char second[128];
    char *argv[] = {command, first, second, NULL};
    snprintf(first, sizeof(first), "%s", option);
    snprintf(second, sizeof(second), "%s", file);

    fflush(stdout);
    FILE *caught = tmpfile();
    assert_non_null(caught);
    int kept = dup(STDOUT_FILENO);
    assert_true(kept >= 0);
    assert_true(dup2(fileno(caught), STDOUT_FILENO) >= 0);
    *ret_code = command_match(3, argv);
    fflush(stdout);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    close(kept);
    rewind(caught);
    char *text = read_whole(caught);
    fclose(caught);
    return text;
}

static void expect_same_text(const char *what, const char *want, const char *got)
{
    if (strcmp(want, got) != 0) {
        fail_msg("%s is not as written down; it is now:\n%s", what, got);
    }
}

/* Each example stands in the documentation, and is answered as the documentation says.
 */
static void test_the_examples_of_the_documentation_are_true(void **state)
{
    (void)state;
    static const char *const examples[] = {"team_meeting", "nobody_free"};
    char *document = read_named("docs/match.md");
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        char request_name[128];
        char answer_name[128];
        char drawing_name[128];
        int code;
        snprintf(request_name, sizeof(request_name), "tests/adapters/match/%s.json",
                 examples[i]);
        snprintf(answer_name, sizeof(answer_name),
                 "tests/adapters/match/%s.answer.json", examples[i]);
        snprintf(drawing_name, sizeof(drawing_name),
                 "tests/adapters/match/%s.drawing.txt", examples[i]);
        char *request = read_named(request_name);
        char *want_answer = read_named(answer_name);
        char *want_drawing = read_named(drawing_name);

        char *answer = run_command("--pretty", request_name, &code);
        assert_int_equal(code, MATCH_EXIT_ANSWERED);
        expect_same_text(answer_name, want_answer, answer);
        char *drawing = run_command("--explain", request_name, &code);
        assert_int_equal(code, MATCH_EXIT_ANSWERED);
        expect_same_text(drawing_name, want_drawing, drawing);

        if (strstr(document, request) == NULL || strstr(document, drawing) == NULL) {
            fail_msg("docs/match.md does not show %s as it is", examples[i]);
        }
        free(request);
        free(want_answer);
        free(want_drawing);
        free(answer);
        free(drawing);
    }
    free(document);
}

static void test_every_code_is_in_the_documentation(void **state)
{
    (void)state;
#define MATCH_ERROR(name) #name,
    static const char *const codes[] = {
#include "adapters/cli/match_error.def"
        "BLOCKED",
        "NO_CANDIDATE",
    };
#undef MATCH_ERROR
    char *document = read_named("docs/match.md");
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        char cell[64];
        snprintf(cell, sizeof(cell), "`%s`", codes[i]);
        if (strstr(document, cell) == NULL) {
            fail_msg("docs/match.md does not explain %s", cell);
        }
    }
    free(document);
}

static void test_one_line_is_what_is_printed_unless_asked_otherwise(void **state)
{
    (void)state;
    int code;
    char *text = run_command("--json", "tests/adapters/match/nobody_free.json", &code);
    assert_int_equal(code, MATCH_EXIT_ANSWERED);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    free(text);
}

static void test_a_file_that_is_not_there_is_refused_as_json(void **state)
{
    (void)state;
    static const char *const names[] = {"no/such/file.json", "tests", "\xff\xfe"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int code;
        char *text = run_command("--explain", names[i], &code);
        json_t *answer = json_loads(text, 0, NULL);
        json_t *error = json_object_get(answer, "error");
        assert_int_equal(code, MATCH_EXIT_REFUSED);
        assert_string_equal(json_string_value(json_object_get(error, "code")),
                            "CANNOT_READ");
        json_decref(answer);
        free(text);
    }
}

static void test_help_goes_to_the_standard_output(void **state)
{
    (void)state;
    int code;
    char *text = run_command("--help", "-", &code);
    assert_int_equal(code, MATCH_EXIT_ANSWERED);
    assert_non_null(strstr(text, "Usage: entente match"));
    free(text);
}

static json_t *answer_to(const char *text)
{
    char *quoted = malloc(strlen(text) + 1);
    json_t *answer;
    assert_non_null(quoted);
    for (size_t i = 0; i <= strlen(text); i++) {
        quoted[i] = text[i];
        if (text[i] == '\'') {
            quoted[i] = '"';
        }
    }
    int code = match_answer(quoted, strlen(quoted), &answer);
    if (code != MATCH_EXIT_ANSWERED) {
        char *shown = json_dumps(answer, 0);
        fail_msg("exit %d: %s", code, shown);
    }
    free(quoted);
    return answer;
}

static const char *local_start(const json_t *answer, size_t index)
{
    json_t *slot = json_array_get(json_object_get(answer, "slots"), index);
    return json_string_value(json_object_get(json_object_get(slot, "start"), "local"));
}

/* The order of ranges and claims, and claims that overlap, are no concern of the user.
 */
static void test_ranges_and_claims_may_come_in_any_order(void **state)
{
    (void)state;
    json_t *answer = answer_to(
        "{'zone': 'Europe/Paris', 'duration_minutes': 60, 'wanted': 1,"
        " 'windows': [{'start': '2026-11-23T08:00', 'end': '2026-11-23T18:00'}],"
        " 'parties': [{'name': 'Anna',"
        "  'claims': [{'start': '2026-11-23T11:00', 'end': '2026-11-23T13:00'},"
        "             {'start': '2026-11-23T10:00', 'end': '2026-11-23T12:00'}],"
        "  'sources': [{'coverage': {'start': '2026-11-23T00:00', 'end': "
        "'2026-11-24T00:00'},"
        "   'ranges': [{'start': '2026-11-23T13:00', 'end': '2026-11-23T18:00', "
        "'kind': 'free'},"
        "              {'start': '2026-11-23T13:00', 'end': '2026-11-23T14:30', "
        "'kind': 'busy'},"
        "              {'start': '2026-11-23T09:30', 'end': '2026-11-23T12:00', "
        "'kind': 'free'}]}]}]}");
    assert_string_equal(local_start(answer, 0), "2026-11-23T14:30+01:00");
    json_decref(answer);
}

/* 22:00 to 06:00 is one night: a slot may lie across its midnight. */
static void test_a_night_may_be_one_time_of_day(void **state)
{
    (void)state;
    json_t *answer = answer_to(
        "{'zone': 'Europe/Paris', 'duration_minutes': 480, 'wanted': 5,"
        " 'times_of_day': [{'start': '22:00', 'end': '06:00'}],"
        " 'windows': [{'start': '2026-11-23T00:00', 'end': '2026-11-25T00:00'}],"
        " 'parties': [{'name': 'Anna', 'sources': [{"
        "  'coverage': {'start': '2026-11-23T00:00', 'end': '2026-11-25T00:00'},"
        "  'ranges': [{'start': '2026-11-23T00:00', 'end': '2026-11-25T00:00', 'kind': "
        "'free'}]}]}]}");
    assert_int_equal(json_array_size(json_object_get(answer, "slots")), 1);
    assert_string_equal(local_start(answer, 0), "2026-11-23T22:00+01:00");
    json_decref(answer);
}

static void test_picked_slots_keep_the_notice_and_nothing_else(void **state)
{
    (void)state;
    json_t *answer = answer_to(
        "{'zone': 'Europe/Paris', 'duration_minutes': 30, 'weekdays': ['sunday'],"
        " 'now': '2026-11-23T08:00', 'notice_minutes': 120,"
        " 'picked': ['2026-11-23T09:00', '2026-11-23T10:07', '2026-11-23T15:00'],"
        " 'parties': [{'name': 'Anna', 'sources': [{"
        "  'coverage': {'start': '2026-11-23T00:00', 'end': '2026-11-25T00:00'},"
        "  'ranges': [{'start': '2026-11-23T08:00', 'end': '2026-11-23T12:00', 'kind': "
        "'free'}]}]}]}");
    assert_int_equal(json_integer_value(json_object_get(answer, "candidates")), 2);
    assert_int_equal(json_array_size(json_object_get(answer, "slots")), 1);
    assert_string_equal(local_start(answer, 0), "2026-11-23T10:07+01:00");
    json_decref(answer);
}

static void test_an_answer_without_candidates_blames_nobody(void **state)
{
    (void)state;
    json_t *answer = answer_to(
        "{'duration_minutes': 60, 'weekdays': ['sunday'],"
        " 'windows': [{'start': '2026-11-23T08:00', 'end': '2026-11-23T18:00'}],"
        " 'parties': [{'name': 'Anna'}]}");
    json_t *why_not = json_object_get(answer, "why_not");
    assert_string_equal(json_string_value(json_object_get(why_not, "code")),
                        "NO_CANDIDATE");
    assert_int_equal(json_array_size(json_object_get(why_not, "blocking")), 0);
    assert_int_equal(json_integer_value(json_object_get(answer, "candidates")), 0);
    json_decref(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_examples_of_the_documentation_are_true),
        cmocka_unit_test(test_every_code_is_in_the_documentation),
        cmocka_unit_test(test_one_line_is_what_is_printed_unless_asked_otherwise),
        cmocka_unit_test(test_a_file_that_is_not_there_is_refused_as_json),
        cmocka_unit_test(test_help_goes_to_the_standard_output),
        cmocka_unit_test(test_ranges_and_claims_may_come_in_any_order),
        cmocka_unit_test(test_a_night_may_be_one_time_of_day),
        cmocka_unit_test(test_picked_slots_keep_the_notice_and_nothing_else),
        cmocka_unit_test(test_an_answer_without_candidates_blames_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
