// SPDX-License-Identifier: Apache-2.0

/*
 * test_errors.c - codes, names and sentences of every refusal
 */
#include "proto/errors.h"
#include "proto/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ERROR(name, number, retry, sentence) (number),
static const unsigned codes[] = {
#include "proto/errors.def"
};
#undef ERROR

enum { CODES = sizeof(codes) / sizeof(codes[0]) };

static void codes_are_given_once_and_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < CODES; i++) {
        assert_true(codes[i] >= 100);
        assert_true(i == 0 || codes[i] > codes[i - 1]);
        assert_int_equal(error_by_name(error_name(codes[i])), codes[i]);
        assert_true(error_retry(codes[i]) >= RETRY_NEVER);
        assert_true(error_retry(codes[i]) <= RETRY_RENEW);
    }
}

static void every_sentence_has_its_places_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < CODES; i++) {
        const char *sentence = error_template(codes[i]);
        size_t size = strlen(sentence);
        char place[4] = "{0}";

        assert_true(size > 10 && sentence[size - 1] == '.');
        assert_true((sentence[0] >= 'A' && sentence[0] <= 'Z') || sentence[0] == '{');
        /* Parameter n is only given where n - 1 is, too. */
        bool given = true;
        for (int digit = '0'; digit <= '9'; digit++) {
            place[1] = (char)digit;
            bool stands = strstr(sentence, place) != NULL;
            assert_true(given || !stands);
            assert_true(!stands || digit - '0' < LIMIT_ERROR_PARAMETERS);
            given = stands;
        }
    }
}

static void parameters_take_their_places(void **state)
{
    static const char *const parameters[] = {"publish.ranges", "3", "400"};
    char text[200];

    (void)state;
    error_sentence(ERROR_RANGE_TOO_LONG, NULL, parameters, 3, text, sizeof(text));
    assert_string_equal(text, "Range 3 of publish.ranges is longer than 400 days.");
    error_sentence(ERROR_RANGE_TOO_LONG, NULL, parameters, 2, text, sizeof(text));
    assert_string_equal(text, "Range 3 of publish.ranges is longer than ? days.");
    error_sentence(ERROR_STALE, "{1}/{0} {x} {", parameters, 2, text, sizeof(text));
    assert_string_equal(text, "3/publish.ranges {x} {");
    error_sentence(ERROR_STALE, "{0}", NULL, 0, text, sizeof(text));
    assert_string_equal(text, "?");
}

/* A parameter is text, never a pattern. */
static void parameters_are_not_read_again(void **state)
{
    static const char *const parameters[] = {"{1}", "%s"};
    char text[100];

    (void)state;
    error_sentence(0, "{0} {1}", parameters, 2, text, sizeof(text));
    assert_string_equal(text, "{1} %s");
}

static void a_short_buffer_gets_whole_characters(void **state)
{
    static const char *const parameters[] = {"aé€🙂"};
    static const char *const expected[] = {
        "", "a", "a", "aé", "aé", "aé", "aé€", "aé€", "aé€", "aé€", "aé€🙂"};

    (void)state;
    for (size_t room = 0; room < sizeof(expected) / sizeof(expected[0]); room++) {
        char text[16];
        memset(text, 'x', sizeof(text));
        error_sentence(0, "{0}", parameters, 1, text, room + 1);
        assert_string_equal(text, expected[room]);
        memset(text, 'x', sizeof(text));
        error_sentence(0, parameters[0], NULL, 0, text, room + 1);
        assert_string_equal(text, expected[room]);
    }
    char untouched = 'x';
    error_sentence(ERROR_STALE, NULL, NULL, 0, &untouched, 0);
    assert_int_equal(untouched, 'x');
}

static void unknown_codes_are_said_to_be_unknown(void **state)
{
    (void)state;
    assert_string_equal(error_name(99999), "UNKNOWN_ERROR");
    assert_int_equal(error_by_name("NO_SUCH_ERROR"), 0);
    assert_int_equal(error_by_name(NULL), 0);
    assert_non_null(error_template(99999));
    assert_int_equal(error_retry(99999), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_given_once_and_in_order),
        cmocka_unit_test(every_sentence_has_its_places_in_order),
        cmocka_unit_test(parameters_take_their_places),
        cmocka_unit_test(parameters_are_not_read_again),
        cmocka_unit_test(a_short_buffer_gets_whole_characters),
        cmocka_unit_test(unknown_codes_are_said_to_be_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
