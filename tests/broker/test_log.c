// SPDX-License-Identifier: Apache-2.0

#include "broker/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int kept_stderr = -1;
static FILE *caught = NULL;

/* From here on, what is logged goes to a file. */
static int catch_stderr(void **state)
{
    (void)state;
    kept_stderr = dup(STDERR_FILENO);
    caught = tmpfile();
    log_set_level(LOG_INFO);
    return caught != NULL && dup2(fileno(caught), STDERR_FILENO) >= 0 ? 0 : -1;
}

static int give_stderr_back(void **state)
{
    (void)state;
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
    return fclose(caught);
}

static const char *caught_text(void)
{
    static char text[8192];

    rewind(caught);
    text[fread(text, 1, sizeof(text) - 1, caught)] = '\0';
    return text;
}

/* "dddd-dd-ddTdd:dd:dd.dddZ" */
static bool begins_with_a_moment(const char *line)
{
    static const char shape[] = "0000-00-00T00:00:00.000Z ";

    for (size_t i = 0; shape[i] != '\0'; i++) {
        bool is_digit = line[i] >= '0' && line[i] <= '9';
        if (shape[i] == '0' ? !is_digit : line[i] != shape[i]) {
            return false;
        }
    }
    return true;
}

static void test_one_line_per_event(void **state)
{
    (void)state;
    log_line(LOG_INFO, "loop", "batch of %d committed", 12);
    log_line(LOG_WARNING, "wire", "%s", "odd");
    const char *text = caught_text();
    assert_true(begins_with_a_moment(text));
    assert_memory_equal(text + 25, "info  loop: batch of 12 committed\n", 34);
    assert_true(begins_with_a_moment(text + 59));
    assert_string_equal(text + 84, "warn  wire: odd\n");
}

static void test_lower_levels_are_dropped(void **state)
{
    (void)state;
    log_line(LOG_DEBUG, "loop", "not by default");
    assert_string_equal(caught_text(), "");
    log_set_level(LOG_ERROR);
    log_line(LOG_WARNING, "loop", "not now");
    assert_string_equal(caught_text(), "");
    log_line(LOG_ERROR, "loop", "always");
    assert_non_null(strstr(caught_text(), " error loop: always\n"));
    log_set_level(LOG_DEBUG);
    log_line(LOG_DEBUG, "loop", "on demand");
    assert_non_null(strstr(caught_text(), " debug loop: on demand\n"));
}

static void test_nobody_forges_a_line(void **state)
{
    (void)state;
    log_line(LOG_INFO, "wire", "%s",
             "a\nb\r\x1b[2Jc\td\x7f"
             "e\xc2\x9b"
             "f\xc3\xa9");
    assert_string_equal(caught_text() + 25, "info  wire: a?b??[2Jc?d?e??f\xc3\xa9\n");
}

static void test_long_lines_are_cut_and_say_so(void **state)
{
    char long_text[5000];

    (void)state;
    memset(long_text, 'x', sizeof(long_text));
    long_text[sizeof(long_text) - 1] = '\0';
    for (size_t size = 900; size < 1100; size++) {
        log_line(LOG_INFO, "wire", "%.*s", (int)size, long_text);
    }
    log_line(LOG_INFO, long_text, "%s", long_text);
    rewind(caught);
    char line[4096];
    int lines = 0;
    int cut = 0;
    while (fgets(line, sizeof(line), caught) != NULL) {
        lines++;
        assert_true(begins_with_a_moment(line));
        assert_true(strlen(line) <= 1024);
        cut += strstr(line, "x...\n") != NULL;
    }
    assert_int_equal(lines, 201);
    assert_true(cut > 50 && cut < 201);
}

static void test_errno_is_left_alone(void **state)
{
    (void)state;
    errno = ENOTTY;
    log_line(LOG_INFO, "wire", "%s", strerror(ENOENT));
    assert_int_equal(errno, ENOTTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_line_per_event, catch_stderr,
                                        give_stderr_back),
        cmocka_unit_test_setup_teardown(test_lower_levels_are_dropped, catch_stderr,
                                        give_stderr_back),
        cmocka_unit_test_setup_teardown(test_nobody_forges_a_line, catch_stderr,
                                        give_stderr_back),
        cmocka_unit_test_setup_teardown(test_long_lines_are_cut_and_say_so,
                                        catch_stderr, give_stderr_back),
        cmocka_unit_test_setup_teardown(test_errno_is_left_alone, catch_stderr,
                                        give_stderr_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
