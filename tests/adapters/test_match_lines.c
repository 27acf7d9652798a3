// SPDX-License-Identifier: Apache-2.0

/*
 * What lines `entente match` takes: however they end, however long, however many.
 */
#include "adapters/cli/match_session.h"
#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

enum { MANY = 100000, QUICKER = 20 };

static const char request[] =
    "{\"duration_minutes\": 60, \"wanted\": 1, \"windows\": [{\"start\": "
    "\"2026-11-23T08:00Z\", \"end\": \"2026-11-23T18:00Z\"}], \"parties\": [{\"name\": "
    "\"Anna\", \"sources\": [{\"coverage\": {\"start\": \"2026-11-01T00:00Z\", "
    "\"end\": "
    "\"2026-12-01T00:00Z\"}, \"ranges\": [{\"start\": \"2026-11-23T09:00Z\", \"end\": "
    "\"2026-11-23T12:00Z\", \"kind\": \"free\"}]}]}]}";

static struct {
    FILE *in;
    FILE *out;
    int code;
} stream;

static int begin(void **state)
{
    (void)state;
    stream.in = tmpfile();
    stream.out = tmpfile();
    return stream.in == NULL || stream.out == NULL;
}

static int finish(void **state)
{
    (void)state;
    fclose(stream.in);
    fclose(stream.out);
    return 0;
}

/* Answer what stands in stream.in; the answers then stand in stream.out. */
static void run(void)
{
    assert_int_equal(fflush(stream.in), 0);
    assert_int_equal(lseek(fileno(stream.in), 0, SEEK_SET), 0);
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    assert_true(dup2(fileno(stream.out), STDOUT_FILENO) >= 0);
    struct match_session *session = match_session_new(MATCH_RECORDS_KEPT);
    stream.code = match_stream(session, fileno(stream.in), MATCH_ONE_LINE, true);
    match_session_free(session);
    fflush(stdout);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    close(kept);
    rewind(stream.out);
}

/* The code of the next answer: "" if it is no refusal, NULL if there is none. */
static const char *next_code(int *ret_line)
{
    static char line[1 << 16];
    static char code[64];
    if (fgets(line, sizeof(line), stream.out) == NULL) {
        return NULL;
    }
    json_t *answer = json_loads(line, 0, NULL);
    assert_non_null(answer);
    const json_t *error = json_object_get(answer, "error");
    const char *text = json_string_value(json_object_get(error, "code"));
    snprintf(code, sizeof(code), "%s", text != NULL ? text : "");
    *ret_line = (int)json_integer_value(json_object_get(error, "line"));
    json_decref(answer);
    return code;
}

static void expect_answers(size_t count)
{
    int line = 0;
    for (size_t i = 0; i < count; i++) {
        const char *code = next_code(&line);
        assert_non_null(code);
        assert_string_equal(code, "");
    }
    assert_null(next_code(&line));
    assert_int_equal(stream.code, MATCH_EXIT_ANSWERED);
}

static void test_lines_end_as_they_do_on_windows(void **state)
{
    (void)state;
    fprintf(stream.in, "%s\r\n\r\n%s\r\n", request, request);
    run();
    expect_answers(2);
}

static void test_blank_lines_are_counted_and_not_answered(void **state)
{
    (void)state;
    int line = 0;
    fprintf(stream.in, "\n  \n%s\n\t\n\n{}\n\n\n", request);
    run();
    assert_string_equal(next_code(&line), "");
    assert_string_equal(next_code(&line), "FIELD_MISSING");
    assert_int_equal(line, 6);
    assert_null(next_code(&line));
    assert_int_equal(stream.code, MATCH_EXIT_REFUSED);
}

static void test_only_blank_lines_are_nothing(void **state)
{
    (void)state;
    fputs("\n\r\n \n", stream.in);
    run();
    expect_answers(0);
}

static void test_the_last_line_may_end_with_the_file(void **state)
{
    (void)state;
    fprintf(stream.in, "%s\n%s", request, request);
    run();
    expect_answers(2);
}

static void pad(size_t bytes)
{
    static char spaces[1 << 16];
    memset(spaces, ' ', sizeof(spaces));
    for (size_t left = bytes; left > 0;) {
        size_t now = left < sizeof(spaces) ? left : sizeof(spaces);
        assert_int_equal(fwrite(spaces, 1, now, stream.in), now);
        left -= now;
    }
}

/* As long as may be, and a byte too long; the lines after it are answered. */
static void test_a_line_that_is_too_long_is_told_and_passed_over(void **state)
{
    (void)state;
    int line = 0;
    size_t rest = MATCH_INPUT_BYTES_MAX - strlen(request);

    fputs(request, stream.in);
    pad(rest);
    fprintf(stream.in, "\n%s", request);
    pad(rest + 1);
    fprintf(stream.in, "\n%s\n%s", request, request);
    pad(3 * (size_t)MATCH_INPUT_BYTES_MAX);
    fprintf(stream.in, "\n%s\n", request);
    run();
    assert_string_equal(next_code(&line), "");
    assert_string_equal(next_code(&line), "TOO_LARGE");
    assert_int_equal(line, 2);
    assert_string_equal(next_code(&line), "");
    assert_string_equal(next_code(&line), "TOO_LARGE");
    assert_int_equal(line, 4);
    assert_string_equal(next_code(&line), "");
    assert_null(next_code(&line));
}

static void test_a_hundred_thousand_lines(void **state)
{
    (void)state;
    size_t count = rounds_of(MANY);
    count = getenv("ENTENTE_TEST_QUICK") != NULL ? count / QUICKER + 1 : count;
    for (size_t i = 0; i < count; i++) {
        fprintf(stream.in, "%s\n", request);
    }
    run();
    expect_answers(count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines_end_as_they_do_on_windows, begin,
                                        finish),
        cmocka_unit_test_setup_teardown(test_blank_lines_are_counted_and_not_answered,
                                        begin, finish),
        cmocka_unit_test_setup_teardown(test_only_blank_lines_are_nothing, begin,
                                        finish),
        cmocka_unit_test_setup_teardown(test_the_last_line_may_end_with_the_file, begin,
                                        finish),
        cmocka_unit_test_setup_teardown(
            test_a_line_that_is_too_long_is_told_and_passed_over, begin, finish),
        cmocka_unit_test_setup_teardown(test_a_hundred_thousand_lines, begin, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
