// SPDX-License-Identifier: Apache-2.0

/*
 * The catalogues as the program uses them: found, complete, and with every place of a
 * sentence kept.
 */
#include "adapters/cli/language.h"
#include "adapters/cli/say.h"
#include "adapters/cli/terms.h"
#include "adapters/cli/times.h"
#include "proto/errors.h"
#include "tests/support/test.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODES = 400 };

static void speak(const char *language)
{
    unsetenv("LANGUAGE");
    setenv("LC_ALL", language, 1);
    language_begin_in(ENTENTE_CATALOGUES);
}

/* Bit n stands for {n}. */
static unsigned places(const char *text)
{
    unsigned found = 0;
    while ((text = strchr(text, '{')) != NULL) {
        if (text[1] >= '0' && text[1] <= '9' && text[2] == '}') {
            found |= 1U << (text[1] - '0');
        }
        text++;
    }
    return found;
}

static void test_french_has_every_error_with_its_places(void **state)
{
    (void)state;
    size_t errors = 0;
    speak("fr_FR.UTF-8");
    for (unsigned code = 1; code < CODES; code++) {
        if (error_retry(code) != 0) {
            const char *english = error_template(code);
            const char *french = gettext(english);
            assert_string_not_equal(french, english);
            assert_int_equal(places(french), places(english));
            errors++;
        }
    }
    assert_true(errors > 50);
}

static void test_english_is_english(void **state)
{
    (void)state;
    static const char *const languages[] = {"C", "en_GB.UTF-8", "de_DE.UTF-8"};
    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
        speak(languages[i]);
        assert_string_equal(term_text(TERM_STATE, ENTENTE_CONFIRMED), "confirmed");
    }
}

static void test_a_machine_without_locales_speaks_french_all_the_same(void **state)
{
    (void)state;
    static const char *const languages[] = {"fr_FR.UTF-8", "fr_BE@euro", "fr"};
    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
        speak(languages[i]);
        assert_string_equal(term_text(TERM_STATE, ENTENTE_CONFIRMED), "confirmée");
    }
}

static void test_a_day_is_said_in_french(void **state)
{
    (void)state;
    char text[TIMES_TEXT];
    int32_t from;
    int32_t until;
    speak("fr_FR.UTF-8");
    assert_true(times_parse("2026-11-24T14:00", "Europe/Paris", &from));
    assert_true(times_parse("2026-11-24T15:00", "Europe/Paris", &until));
    times_say_span(from, until, "Europe/Paris", text, sizeof(text));
    assert_string_equal(text, "mardi 24 novembre 2026, de 14:00 à 15:00");
    assert_true(times_parse("2026-12-01T09:00", "Europe/Paris", &from));
    times_say_day(from, "Europe/Paris", text, sizeof(text));
    assert_string_equal(text, "mardi 1er décembre 2026");
    speak("C");
    times_say_day(from, "Europe/Paris", text, sizeof(text));
    assert_string_equal(text, "Tuesday 1 December 2026");
}

static void test_a_refusal_is_said_in_french_and_keeps_its_parameters(void **state)
{
    (void)state;
    char text[256];
    const char *parameters[] = {"CANCELLED", "7"};
    struct entente_error error = {
        .code = ERROR_CLOSED, .parameters = parameters, .parameters_count = 2};
    speak("fr_FR.UTF-8");
    say_sentence(&error, text, sizeof(text));
    assert_string_equal(text, "La réunion est terminée : annulée (version 7).");
    error.code = 399;
    error.sentence = "Said by a newer broker.";
    say_sentence(&error, text, sizeof(text));
    assert_string_equal(text, "Said by a newer broker.");
}

/* The SDK checks a message before it goes and says so in English. */
static void test_what_the_sdk_refuses_is_said_in_french(void **state)
{
    (void)state;
    char text[256];
    speak("fr_FR.UTF-8");
    say_local(ERROR_OUT_OF_BOUNDS,
              "The field request.spec.duration_minutes is 1500; it must lie between 1 "
              "and 1440.",
              text, sizeof(text));
    assert_string_equal(text, "Le champ request.spec.duration_minutes vaut 1500 ; il "
                              "doit être entre 1 et 1440.");
    say_local(ERROR_OUT_OF_BOUNDS, "Something else.", text, sizeof(text));
    assert_string_equal(text, "Something else.");
}

static void test_a_party_is_named_as_it_was_typed(void **state)
{
    (void)state;
    char text[1024];
    struct entente_identifier anna = {"urn:oid:1.2.250.1.71.4.2.1", "8997"};
    struct entente_party parties[] = {{.identifier = &anna}, {.identifier = NULL}};
    const struct entente_spec spec = {.parties = parties, .parties_count = 2};
    say_parties(&spec, "No agenda is known for party spec.parties[0].", text,
                sizeof(text));
    assert_string_equal(text, "No agenda is known for party idnps:8997.");
    static const char *const unchanged[] = {
        "spec.parties[1]", "spec.parties[2]", "request.spec.parties[0].place",
        "spec.parties[",   "spec.parties[0",  "",
    };
    for (size_t i = 0; i < sizeof(unchanged) / sizeof(unchanged[0]); i++) {
        say_parties(&spec, unchanged[i], text, sizeof(text));
        assert_string_equal(text, unchanged[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_french_has_every_error_with_its_places),
        cmocka_unit_test(test_english_is_english),
        cmocka_unit_test(test_a_machine_without_locales_speaks_french_all_the_same),
        cmocka_unit_test(test_a_day_is_said_in_french),
        cmocka_unit_test(test_a_refusal_is_said_in_french_and_keeps_its_parameters),
        cmocka_unit_test(test_a_party_is_named_as_it_was_typed),
        cmocka_unit_test(test_what_the_sdk_refuses_is_said_in_french),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
