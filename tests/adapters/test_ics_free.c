// SPDX-License-Identifier: Apache-2.0

/*
 * test_ics_free.c - `entente free --file`: exit codes, and JSON that a program can read
 */
#include "adapters/ics/free_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16

static char path[] = "/tmp/test_ics_free.XXXXXX";
static json_t *printed; /* what the last run has printed to stdout, if that is JSON */

/* Run the command with the words of @line; FILE stands for the test's calendar. */
static int run(const char *line)
{
    char words[512];
    char *argv[ARGUMENTS_MAX + 1] = {NULL};
    int argc = 0;
    char *save = NULL;
    FILE *output = tmpfile();
    int old = dup(STDOUT_FILENO);

    assert_non_null(output);
    (void)snprintf(words, sizeof words, "free %s", line);
    for (char *word = strtok_r(words, " ", &save); word != NULL && argc < ARGUMENTS_MAX;
         word = strtok_r(NULL, " ", &save)) {
        argv[argc++] = strcmp(word, "FILE") == 0 ? path : word;
    }
    (void)fflush(stdout);
    assert_true(dup2(fileno(output), STDOUT_FILENO) >= 0);
    int code = command_free_file(argc, argv);
    (void)fflush(stdout);
    assert_true(dup2(old, STDOUT_FILENO) >= 0);
    (void)close(old);
    rewind(output);
    json_decref(printed);
    printed = json_loadf(output, 0, NULL);
    (void)fclose(output);
    return code;
}

static void put(const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const char *text_at(const char *list, size_t i, size_t j)
{
    return json_string_value(
        json_array_get(json_array_get(json_object_get(printed, list), i), j));
}

static void what_is_understood_is_printed(void **state)
{
    (void)state;
    put("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261124T090030Z\nDURATION:PT1H\n"
        "END:VEVENT\nEND:VCALENDAR\n");
    assert_int_equal(run("--file FILE --from 2026-11-24 --to 2026-11-25 --json "
                         "--occurrences --hours Tue9:00-12:00"),
                     2);
    assert_int_equal(run("--file FILE --from 2026-11-24 --to 20261125T000000Z --json "
                         "--occurrences --zone UTC"),
                     0);
    assert_string_equal(text_at("busy", 0, 0), "20261124T090000Z");
    assert_string_equal(text_at("busy", 0, 1), "20261124T100100Z");
    assert_string_equal(text_at("own", 0, 0) == NULL ? "" : "own", "");
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(printed, "occurrences"), 0)),
        "20261124T090030Z");
    assert_int_equal(run("--file FILE --from 2026-11-24T10:00+01:00 --to 2026-11-25"),
                     0);
}

static void what_is_not_understood_names_its_line(void **state)
{
    (void)state;
    put("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:noon \xc3\xa9\xc3\xa9\nEND:VEVENT\n"
        "END:VCALENDAR\n");
    assert_int_equal(run("--file FILE --from 2026-11-24 --to 2026-11-25 --json"), 1);
    const json_t *error = json_object_get(printed, "error");
    assert_string_equal(json_string_value(json_object_get(error, "code")),
                        "FILE_NOT_UNDERSTOOD");
    assert_int_equal(json_integer_value(json_object_get(error, "line")), 3);
    put("BEGIN:VCALENDAR\nX\xc3:\xe9\xe9\nEND:VCALENDAR\n");
    assert_int_equal(run("--file FILE --from 2026-11-24 --to 2026-11-25 --json"), 1);
    assert_non_null(json_object_get(printed, "error"));
    assert_int_equal(
        run("--file /nowhere/a.ics --from 2026-11-24 --to 2026-11-25 --json"), 1);
    error = json_object_get(printed, "error");
    assert_string_equal(json_string_value(json_object_get(error, "code")),
                        "FILE_UNREADABLE");
}

static void wrong_arguments_are_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "--file FILE",
        "--file FILE --from 2026-11-24",
        "--file FILE --from 2026-11-24 --to 2026-11-24",
        "--file FILE --from 2026-11-31 --to 2026-12-24",
        "--file FILE --from 1900-01-01 --to 2026-12-24",
        "--file FILE --from 2026-11-24 --to 2026-11-25 --zone Paris",
        "--file FILE --from 2026-11-24 --to 2026-11-25 --policy mine",
        "--file FILE --from 2026-11-24 --to 2026-11-25 --frm",
        "--file FILE --from 2026-11-24 --to 2026-11-25 more",
        "--file FILE --from 2026-11-24T10:00:30 --to 2026-11-25",
        "--file FILE --from 2026-11-24T10:00+25:00 --to 2026-11-25"};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (run(lines[i]) != 2) {
            fail_msg("accepted: %s", lines[i]);
        }
    }
    assert_int_equal(run("--help"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_understood_is_printed),
        cmocka_unit_test(what_is_not_understood_names_its_line),
        cmocka_unit_test(wrong_arguments_are_refused),
    };
    int descriptor = mkstemp(path);

    if (descriptor < 0) {
        return 1;
    }
    (void)close(descriptor);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(printed);
    (void)unlink(path);
    return failed;
}
