// SPDX-License-Identifier: Apache-2.0

/*
 * How it is agreed, as people type it: rule, silence, reminders, guests, meetings that
 * follow each other.
 */
#include "adapters/cli/act.h"
#include "adapters/cli/ask.h"
#include "adapters/cli/words.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct words words;
static struct link the_link;

/* Take the words up to NULL, with a link that is not connected. */
static struct link *say(enum verb verb, char **arguments)
{
    int count = 0;
    while (arguments[count] != NULL) {
        count++;
    }
    assert_int_equal(words_take(&words, verb, count, arguments), WORDS_TAKEN);
    the_link = (struct link){.words = &words};
    arena_init(&the_link.arena, 1 << 22);
    return &the_link;
}

static const struct entente_spec *ask(char **arguments)
{
    return ask_spec(say(VERB_REQUEST, arguments));
}

static void test_a_request_says_how_it_is_agreed(void **state)
{
    (void)state;
    const struct entente_spec *spec = ask((char *[]){"request",
                                                     "--party",
                                                     "idnps:1",
                                                     "--party",
                                                     "idnps:2",
                                                     "--guest",
                                                     "Dr Morel, 01 23 45 67 89",
                                                     "--optional-guest",
                                                     "Eve,eve@example",
                                                     "--window",
                                                     "2026-11-24T08:00/18:00",
                                                     "--rule",
                                                     "organizer-decides",
                                                     "--hold",
                                                     "3",
                                                     "--answer-within",
                                                     "24h",
                                                     "--answer-within",
                                                     "idnps:2=3d",
                                                     "--silence",
                                                     "declines",
                                                     "--silence",
                                                     "idnps:1=accepts",
                                                     "--silence",
                                                     "guest:Dr Morel=organizer",
                                                     "--patient-silence",
                                                     "organizer",
                                                     "--remind",
                                                     "12h",
                                                     "--remind",
                                                     "90",
                                                     "--priority",
                                                     "pressing",
                                                     "--on-withdrawal",
                                                     "cancel",
                                                     NULL});
    assert_non_null(spec);
    assert_int_equal(spec->rule, ENTENTE_ORGANIZER_DECIDES);
    assert_int_equal(spec->held_slots, 3);
    assert_int_equal(spec->answer_minutes, 1440);
    assert_int_equal(spec->parties[1].answer_minutes, 4320);
    assert_int_equal(spec->silence, ENTENTE_SILENCE_DECLINES);
    assert_int_equal(spec->parties[0].silence, ENTENTE_SILENCE_ACCEPTS);
    assert_int_equal(spec->parties[2].kind, ENTENTE_GUEST);
    assert_string_equal(spec->parties[2].name, "Dr Morel");
    assert_string_equal(spec->parties[2].contact, "01 23 45 67 89");
    assert_true(spec->parties[2].ask_if_unknown);
    assert_int_equal(spec->parties[2].silence, ENTENTE_SILENCE_ORGANIZER);
    assert_int_equal(spec->parties[3].importance, ENTENTE_OPTIONAL);
    assert_string_equal(spec->parties[3].contact, "eve@example");
    assert_int_equal(spec->patient_silence, ENTENTE_SILENCE_ORGANIZER);
    assert_int_equal(spec->reminders_count, 2);
    assert_int_equal(spec->reminders[0], 720);
    assert_int_equal(spec->reminders[1], 90);
    assert_int_equal(spec->priority, ENTENTE_PRESSING);
    assert_int_equal(spec->on_withdrawal, ENTENTE_CANCELS);
    arena_finish(&the_link.arena);
}

static void test_words_that_cannot_be_used(void **state)
{
    (void)state;
    static char *wrong[][2] = {
        {"--guest", "Dr Morel"},
        {"--guest", ", 01 23"},
        {"--guest", "Dr Morel, "},
        {"--rule", "majority"},
        {"--hold", "0"},
        {"--silence", "shouts"},
        {"--silence", "idnps:9=declines"},
        {"--silence", "nobody=declines"},
        {"--silence", "idnps:1="},
        {"--patient-silence", "maybe"},
        {"--remind", "soon"},
        {"--answer-within", "0"},
        {"--answer-within", "idnps:1=0"},
        {"--priority", "first"},
        {"--on-withdrawal", "shrug"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_null(
            ask((char *[]){"request", "--party", "idnps:1", "--window",
                           "2026-11-24T08:00/18:00", wrong[i][0], wrong[i][1], NULL}));
        arena_finish(&the_link.arena);
    }
}

static void test_who_comes_instead(void **state)
{
    (void)state;
    struct entente_party *party = NULL;
    assert_true(
        act_substitute(say(VERB_DELEGATE, (char *[]){"delegate", "M", "--substitute",
                                                     "idnps:4", NULL}),
                       &party));
    assert_int_equal(party->kind, ENTENTE_PROFESSIONAL);
    assert_string_equal(party->identifier->value, "4");
    arena_finish(&the_link.arena);
    assert_true(
        act_substitute(say(VERB_DECIDE, (char *[]){"decide", "M", "--substitute-guest",
                                                   "Eve, 0102", NULL}),
                       &party));
    assert_int_equal(party->kind, ENTENTE_GUEST);
    arena_finish(&the_link.arena);
    assert_true(
        act_substitute(say(VERB_DECIDE, (char *[]){"decide", "M", NULL}), &party));
    assert_null(party);
    arena_finish(&the_link.arena);
    assert_false(act_substitute(
        say(VERB_DECIDE, (char *[]){"decide", "M", "--substitute", "idnps:4",
                                    "--substitute-guest", "Eve, 0102", NULL}),
        &party));
    arena_finish(&the_link.arena);
    assert_false(act_substitute(
        say(VERB_DECIDE, (char *[]){"decide", "M", "--substitute", "nobody", NULL}),
        &party));
    arena_finish(&the_link.arena);
}

static void write_file(char *path, const char *text)
{
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    close(descriptor);
}

static void test_meetings_that_follow_each_other(void **state)
{
    (void)state;
    char path[] = "/tmp/entente-then-XXXXXX";
    write_file(path, "{\"duration_minutes\": 30, \"windows\": [{\"start\": "
                     "\"2026-12-01T08:00\", \"end\": \"2026-12-01T18:00\"}], "
                     "\"parties\": [{\"identifier\": \"idnps:2\"}]}");
    struct link *link =
        say(VERB_REQUEST,
            (char *[]){"request", "--party", "idnps:1", "--window",
                       "2026-11-24T08:00/18:00", "--silence", "declines", "--then",
                       path, "--gap", "1d..7d", "--then", path, "--gap", "..7d", NULL});
    struct entente_spec *spec = ask_spec(link);
    struct entente_request request = {.spec = spec};
    assert_non_null(spec);
    assert_true(ask_sequence(link, &request));
    assert_int_equal(request.sequence_count, 2);
    assert_int_equal(request.sequence[0].min_gap_minutes, 1440);
    assert_int_equal(request.sequence[0].max_gap_minutes, 7 * 1440);
    assert_int_equal(request.sequence[1].min_gap_minutes, 0);
    assert_int_equal(request.sequence[1].max_gap_minutes, 7 * 1440);
    assert_int_equal(request.sequence[0].spec->duration_minutes, 30);
    assert_int_equal(request.sequence[0].spec->silence, ENTENTE_SILENCE_DECLINES);
    arena_finish(&link->arena);

    static char *const gaps[] = {"soon", "1d..soon", "1d..0", ".."};
    for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
        link = say(VERB_REQUEST, (char *[]){"request", "--party", "idnps:1", "--window",
                                            "2026-11-24T08:00/18:00", "--then", path,
                                            "--gap", gaps[i], NULL});
        request.spec = ask_spec(link);
        assert_false(ask_sequence(link, &request));
        arena_finish(&link->arena);
    }
    link = say(VERB_REQUEST, (char *[]){"request", "--party", "idnps:1", "--window",
                                        "2026-11-24T08:00/18:00", "--gap", "1d", NULL});
    request.spec = ask_spec(link);
    assert_false(ask_sequence(link, &request));
    arena_finish(&link->arena);
    unlink(path);
}

/* The spec that @text is; NULL when it cannot be used. */
static const struct entente_spec *ask_document(const char *text)
{
    char path[] = "/tmp/entente-rules-XXXXXX";
    write_file(path, text);
    const struct entente_spec *spec = ask((char *[]){"request", "--spec", path, NULL});
    unlink(path);
    return spec;
}

#define WHEN                                                                           \
    "\"duration_minutes\": 30, \"windows\": [{\"start\": \"2026-12-01T08:00\", "       \
    "\"end\": \"2026-12-01T18:00\"}], "
#define WHO "\"parties\": [{\"identifier\": \"idnps:2\"}]"

static void test_the_same_as_json(void **state)
{
    (void)state;
    const struct entente_spec *spec = ask_document(
        "{" WHEN "\"rule\": \"quorum\", \"quorum\": 2, \"silence\": \"organizer\", "
        "\"patient_silence\": \"declines\", \"reminders\": [60, 1440], \"priority\": "
        "\"soon\", \"on_withdrawal\": \"reopen\", \"held_slots\": 2, "
        "\"answer_minutes\": 2000, \"parties\": [{\"identifier\": \"idnps:2\", "
        "\"silence\": \"accepts\", \"answer_minutes\": 90}, {\"kind\": \"guest\", "
        "\"name\": \"Eve\", \"contact\": \"0102\"}]}");
    assert_non_null(spec);
    assert_int_equal(spec->rule, ENTENTE_QUORUM);
    assert_int_equal(spec->silence, ENTENTE_SILENCE_ORGANIZER);
    assert_int_equal(spec->patient_silence, ENTENTE_SILENCE_DECLINES);
    assert_int_equal(spec->reminders_count, 2);
    assert_int_equal(spec->reminders[1], 1440);
    assert_int_equal(spec->priority, ENTENTE_SOON);
    assert_int_equal(spec->on_withdrawal, ENTENTE_REOPEN);
    assert_int_equal(spec->held_slots, 2);
    assert_int_equal(spec->answer_minutes, 2000);
    assert_int_equal(spec->parties[0].silence, ENTENTE_SILENCE_ACCEPTS);
    assert_int_equal(spec->parties[0].answer_minutes, 90);
    assert_true(spec->parties[1].ask_if_unknown);
    arena_finish(&the_link.arena);

    static const char *const wrong[] = {
        "{" WHEN "\"rule\": \"loudest\", " WHO "}",
        "{" WHEN "\"silence\": 3, " WHO "}",
        "{" WHEN "\"held_slots\": 9, " WHO "}",
        "{" WHEN "\"reminders\": 60, " WHO "}",
        "{" WHEN "\"reminders\": [\"60\"], " WHO "}",
        "{" WHEN "\"reminders\": [1,2,3,4,5,6,7,8,9], " WHO "}",
        "{" WHEN "\"parties\": [{\"identifier\": \"idnps:2\", \"silence\": \"\"}]}",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_null(ask_document(wrong[i]));
        arena_finish(&the_link.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_says_how_it_is_agreed),
        cmocka_unit_test(test_words_that_cannot_be_used),
        cmocka_unit_test(test_who_comes_instead),
        cmocka_unit_test(test_meetings_that_follow_each_other),
        cmocka_unit_test(test_the_same_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
