// SPDX-License-Identifier: Apache-2.0

/*
 * `entente match` on many requests: a line for each, whatever is wrong with another one.
 */

#include "adapters/cli/match_session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define AGENDA(start, end)                                                             \
    "'sources': [{'coverage': {'start': '2026-11-01T00:00Z', 'end': "                  \
    "'2026-12-01T00:00Z'}, 'ranges': [{'start': '2026-11-23T" start                    \
    "Z', 'end': '2026-11-23T" end "Z', 'kind': 'free'}]}]"
#define WINDOW                                                                         \
    "'duration_minutes': 60, 'wanted': 1, 'windows': [{'start': "                      \
    "'2026-11-23T08:00Z', 'end': '2026-11-23T18:00Z'}]"

static const char anna[] =
    "{" WINDOW ", 'parties': [{'name': 'Anna', " AGENDA("09:00", "12:00") "}]}";

/* A stream, read from a file, and its answers by line. */
struct stream {
    char text[8192];
    size_t size;
    json_t *answers[16];
    size_t count;
    int code;
};

static void add(struct stream *stream, const char *line)
{
    for (; *line != '\0'; line++) {
        assert_true(stream->size < sizeof(stream->text) - 2);
        stream->text[stream->size] = *line;
        if (*line == '\'') {
            stream->text[stream->size] = '"';
        }
        stream->size++;
    }
    stream->text[stream->size++] = '\n';
}

static int forget(void **state)
{
    struct stream *stream = *state;
    for (size_t i = 0; i < stream->count; i++) {
        json_decref(stream->answers[i]);
    }
    return 0;
}

static int begin(void **state)
{
    static struct stream stream;
    memset(&stream, 0, sizeof(stream));
    *state = &stream;
    return 0;
}

/* Send the standard output of the command into a file, and read its lines. */
static void run(struct stream *stream, bool lines)
{
    FILE *in = tmpfile();
    FILE *caught = tmpfile();
    assert_non_null(in);
    assert_non_null(caught);
    assert_int_equal(fwrite(stream->text, 1, stream->size, in), stream->size);
    assert_int_equal(fflush(in), 0);
    assert_int_equal(lseek(fileno(in), 0, SEEK_SET), 0);

    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    assert_true(dup2(fileno(caught), STDOUT_FILENO) >= 0);
    struct match_session *session = match_session_new(MATCH_RECORDS_KEPT);
    stream->code = match_stream(session, fileno(in), MATCH_ONE_LINE, lines);
    match_session_free(session);
    fflush(stdout);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    close(kept);

    static char line[1 << 16];
    rewind(caught);
    while (fgets(line, sizeof(line), caught) != NULL) {
        assert_true(stream->count < 16);
        stream->answers[stream->count] = json_loads(line, 0, NULL);
        assert_non_null(stream->answers[stream->count]);
        stream->count++;
    }
    fclose(caught);
    fclose(in);
}

static const char *start_of(const json_t *answer)
{
    json_t *slot = json_array_get(json_object_get(answer, "slots"), 0);
    return json_string_value(json_object_get(json_object_get(slot, "start"), "utc"));
}

static void expect_error(const json_t *answer, const char *code, int line)
{
    json_t *error = json_object_get(answer, "error");
    assert_non_null(error);
    assert_string_equal(json_string_value(json_object_get(error, "code")), code);
    assert_int_equal(json_integer_value(json_object_get(error, "line")), line);
}

static void test_each_line_has_its_answer_in_order(void **state)
{
    struct stream *stream = *state;
    add(stream, anna);
    add(stream,
        "{" WINDOW ", 'parties': [{'name': 'Ben', " AGENDA("14:00", "16:00") "}]}");
    add(stream, anna);
    run(stream, false);
    assert_int_equal(stream->code, MATCH_EXIT_ANSWERED);
    assert_int_equal(stream->count, 3);
    assert_string_equal(start_of(stream->answers[0]), "2026-11-23T09:00Z");
    assert_string_equal(start_of(stream->answers[1]), "2026-11-23T14:00Z");
    assert_string_equal(start_of(stream->answers[2]), "2026-11-23T09:00Z");
}

static void test_a_bad_line_is_told_and_stops_nothing(void **state)
{
    struct stream *stream = *state;
    add(stream, anna);
    add(stream, "");
    add(stream, "{'durations': 5}");
    add(stream, "{ not json");
    add(stream, anna);
    run(stream, false);
    assert_int_equal(stream->code, MATCH_EXIT_REFUSED);
    assert_int_equal(stream->count, 4);
    expect_error(stream->answers[1], "UNKNOWN_FIELD", 3);
    expect_error(stream->answers[2], "MALFORMED", 4);
    assert_string_equal(start_of(stream->answers[3]), "2026-11-23T09:00Z");
}

static void test_a_broken_first_line_is_one_line_of_several(void **state)
{
    struct stream *stream = *state;
    add(stream, "{'windows': [");
    add(stream, anna);
    run(stream, false);
    assert_int_equal(stream->code, MATCH_EXIT_REFUSED);
    assert_int_equal(stream->count, 2);
    expect_error(stream->answers[0], "MALFORMED", 1);
    assert_string_equal(start_of(stream->answers[1]), "2026-11-23T09:00Z");
}

static void test_one_document_may_take_many_lines(void **state)
{
    struct stream *stream = *state;
    add(stream, "");
    add(stream, "{" WINDOW ",");
    add(stream, " 'parties': [{'name': 'Anna', " AGENDA("09:00", "12:00") "}]");
    add(stream, "}");
    run(stream, false);
    assert_int_equal(stream->code, MATCH_EXIT_ANSWERED);
    assert_int_equal(stream->count, 1);
    assert_string_equal(start_of(stream->answers[0]), "2026-11-23T09:00Z");
}

/* A party on a line of its own, with the brackets of all that is still open. */
static void test_the_last_line_may_look_like_a_document(void **state)
{
    struct stream *stream = *state;
    add(stream, "{" WINDOW ", 'parties': [");
    add(stream, "{'name': 'Anna', " AGENDA("09:00", "12:00") "}]}");
    run(stream, false);
    assert_int_equal(stream->code, MATCH_EXIT_ANSWERED);
    assert_int_equal(stream->count, 1);
    assert_string_equal(start_of(stream->answers[0]), "2026-11-23T09:00Z");
}

static void test_the_last_line_needs_no_end(void **state)
{
    struct stream *stream = *state;
    add(stream, anna);
    add(stream, anna);
    stream->size--;
    run(stream, true);
    assert_int_equal(stream->code, MATCH_EXIT_ANSWERED);
    assert_int_equal(stream->count, 2);
}

static void test_nothing_is_no_request(void **state)
{
    struct stream *stream = *state;
    run(stream, false);
    assert_int_equal(stream->code, MATCH_EXIT_REFUSED);
    assert_int_equal(stream->count, 1);
}

static void test_agendas_are_kept_for_the_lines_after_them(void **state)
{
    struct stream *stream = *state;
    add(stream,
        "{'agendas': [{'name': 'Anna', " AGENDA(
            "09:00", "12:00") "},"
                              "{'name': 'Ben', " AGENDA("10:00", "16:00") "}]}");
    add(stream, "{" WINDOW ", 'parties': [{'name': 'A', 'agenda': 'Anna'}, {'name': "
                "'P', 'kind': 'pool', 'members': ['Ben']}]}");
    add(stream, "{'agendas': [{'name': 'Ben', " AGENDA("11:00", "16:00") "}]}");
    add(stream, "{" WINDOW ", 'parties': [{'name': 'A', 'agenda': 'Anna'}, {'name': "
                "'P', 'kind': 'pool', 'members': ['Ben']}]}");
    add(stream, "{" WINDOW ", 'parties': [{'name': 'A', 'agenda': 'Carla'}]}");
    run(stream, false);
    assert_int_equal(stream->code, MATCH_EXIT_REFUSED);
    assert_int_equal(stream->count, 5);
    assert_int_equal(json_integer_value(json_object_get(stream->answers[0], "kept")),
                     2);
    assert_string_equal(start_of(stream->answers[1]), "2026-11-23T10:00Z");
    assert_int_equal(json_integer_value(json_object_get(stream->answers[2], "kept")),
                     2);
    assert_string_equal(start_of(stream->answers[3]), "2026-11-23T11:00Z");
    expect_error(stream->answers[4], "UNKNOWN_VALUE", 5);
}

static void test_those_who_are_kept_can_be_found(void **state)
{
    struct stream *stream = *state;
    add(stream,
        "{'agendas': [{'name': 'Anna', " AGENDA(
            "09:00", "12:00") "},"
                              "{'name': 'Ben', " AGENDA("10:00", "16:00") "}]}");
    add(stream, "{'find': {'start': '2026-11-23T11:00Z'}, 'duration_minutes': 60}");
    add(stream, "{'find': {'start': '2026-11-23T11:07Z'}, 'duration_minutes': 60}");
    add(stream, "{'find': {'day': '2026-11-23'}, 'duration_minutes': 60, "
                "'grid_minutes': 60}");
    add(stream, "{'find': {'start': '2026-11-23T11:00Z'}, 'duration_minutes': 60, "
                "'people': [{'name': 'Carla', " AGENDA("10:00", "16:00") "}]}");
    run(stream, false);
    assert_int_equal(stream->code, MATCH_EXIT_ANSWERED);
    static const int free_ones[] = {2, 1};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            json_integer_value(json_object_get(stream->answers[i + 1], "free")),
            free_ones[i]);
    }
    json_t *people = json_object_get(stream->answers[2], "people");
    assert_string_equal(json_string_value(json_array_get(people, 0)), "Ben");
    json_t *starts = json_object_get(stream->answers[3], "starts");
    assert_int_equal(json_array_size(starts), 7); /* 9 to 15 */
    json_t *second = json_array_get(starts, 1);
    assert_int_equal(json_integer_value(json_object_get(second, "free")), 2);
    assert_int_equal(json_integer_value(json_object_get(stream->answers[4], "asked")),
                     1);
}

/* The day on which the clocks are put back has an hour more, the other one less. */
static void test_a_day_ends_at_its_own_midnight(void **state)
{
    struct stream *stream = *state;
    static const char *const days[] = {"2026-10-25", "2026-03-29"};
    static const size_t hours[] = {25, 23};
    static const char *const last[] = {"2026-10-25T22:00Z", "2026-03-29T21:00Z"};
    for (size_t i = 0; i < 2; i++) {
        char line[512];
        snprintf(
            line, sizeof(line),
            "{'find': {'day': '%s'}, 'zone': 'Europe/Paris', "
            "'duration_minutes': 60, 'grid_minutes': 60, 'people': [{'name': "
            "'Anna', 'sources': [{'coverage': {'start': '2026-01-01T00:00', 'end': "
            "'2026-12-31T00:00'}, 'ranges': [{'kind': 'free', 'start': "
            "'2026-01-01T00:00', 'end': '2026-12-31T00:00'}]}]}]}",
            days[i]);
        add(stream, line);
    }
    run(stream, false);
    assert_int_equal(stream->code, MATCH_EXIT_ANSWERED);
    for (size_t i = 0; i < 2; i++) {
        json_t *starts = json_object_get(stream->answers[i], "starts");
        assert_int_equal(json_array_size(starts), hours[i]);
        json_t *start = json_array_get(starts, hours[i] - 1);
        assert_string_equal(
            json_string_value(json_object_get(json_object_get(start, "start"), "utc")),
            last[i]);
    }
}

/* What is drawn of the answer to @request; the caller frees it. */
static char *draw(const char *request)
{
    struct match_session *session = match_session_new(MATCH_RECORDS_KEPT);
    char *drawn = NULL;
    size_t size = 0;
    FILE *drawing = open_memstream(&drawn, &size);
    json_t *answer = NULL;

    assert_non_null(session);
    assert_non_null(drawing);
    assert_int_equal(
        match_session_answer(session, request, strlen(request), 0, drawing, &answer),
        MATCH_EXIT_ANSWERED);
    fclose(drawing);
    json_decref(answer);
    match_session_free(session);
    return drawn;
}

static void test_who_is_free_is_drawn_as_lines(void **state)
{
    static const char request[] =
        "{\"find\": {\"day\": \"2026-11-23\"}, \"duration_minutes\": 60, "
        "\"grid_minutes\": 60, \"people\": [{\"name\": \"Anna\", \"sources\": "
        "[{\"coverage\": {\"start\": \"2026-11-01T00:00\", \"end\": "
        "\"2026-12-01T00:00\"}, \"ranges\": [{\"kind\": \"free\", \"start\": "
        "\"2026-11-23T09:00\", \"end\": \"2026-11-23T11:00\"}]}]}]}";
    (void)state;
    char *drawn = draw(request);
    assert_string_equal(drawn, "60 minutes, free of 1:\n"
                               "  2026-11-23T09:00Z  1\n"
                               "  2026-11-23T10:00Z  1\n");
    free(drawn);
}

static void test_a_judged_series_is_drawn_with_all_its_times(void **state)
{
    static const char request[] =
        "{\"judge\": \"2026-11-23T10:30\", \"duration_minutes\": 60, \"series\": "
        "{\"every\": \"week\", \"times\": 2}, \"parties\": [{\"name\": \"Anna\", "
        "\"sources\": [{\"coverage\": {\"start\": \"2026-11-01T00:00\", \"end\": "
        "\"2026-12-31T00:00\"}}]}]}";
    (void)state;
    char *drawn = draw(request);
    assert_non_null(strstr(drawn, "this start does not suit\n"));
    assert_non_null(strstr(drawn, "again at 2026-11-30T10:30Z\n"));
    free(drawn);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_line_has_its_answer_in_order),
        TEST(test_a_bad_line_is_told_and_stops_nothing),
        TEST(test_a_broken_first_line_is_one_line_of_several),
        TEST(test_one_document_may_take_many_lines),
        TEST(test_the_last_line_may_look_like_a_document),
        TEST(test_the_last_line_needs_no_end),
        TEST(test_nothing_is_no_request),
        TEST(test_agendas_are_kept_for_the_lines_after_them),
        TEST(test_those_who_are_kept_can_be_found),
        TEST(test_a_day_ends_at_its_own_midnight),
        cmocka_unit_test(test_who_is_free_is_drawn_as_lines),
        cmocka_unit_test(test_a_judged_series_is_drawn_with_all_its_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
