// SPDX-License-Identifier: Apache-2.0

/*
 * The program itself, process by process: what a coordinator types, and what a script
 * reads.
 */
#include "tests/adapters/cli_world.h"

#include <stdlib.h>
#include <string.h>

/* cmocka's header asks for these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char meeting_id[CLI_ID_TEXT];

static void keep_id(void)
{
    cli_keep_id(meeting_id);
}

static void test_one_meeting_from_request_to_cancellation(void **state)
{
    (void)state;
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_BEN, "--party", CLI_CLAIRE, "--patient",
                             CLI_LEA, "--for", "60", "--window",
                             cli_window(9 * 60, 17 * 60), "--reason", "pansement",
                             "--nature", "care-team", "--json", NULL),
                     0);
    keep_id();
    cli_assert_said("state", "proposed");
    cli_assert_said("proposal.start", cli_at(9 * 60));
    cli_assert_said("reason", "pansement");
    cli_assert_said("nature", "care_team");
    cli_assert_said("parties.0.answer", "accept");
    cli_assert_said("parties.3.kind", "patient");

    cli_use("ben");
    assert_int_equal(cli_run("shift", meeting_id, "--as", CLI_BEN, "--to",
                             cli_at(11 * 60), "--json", NULL),
                     0);
    cli_assert_said("state", "proposed");
    cli_assert_said("proposal.start", cli_at(11 * 60));

    /* Ben named the time; Anna asked for another one, and is asked like Claire. */
    cli_use("anna");
    assert_int_equal(cli_run("accept", meeting_id, "--as", CLI_ANNA, "--json", NULL),
                     0);
    cli_use("ben");
    assert_int_equal(cli_run("accept", meeting_id, "--as", CLI_CLAIRE, "--proposal",
                             "1", "--json", NULL),
                     1);
    cli_assert_said("error.name", "STALE");
    assert_int_equal(cli_run("show", meeting_id, "--width", "90", NULL), 0);
    assert_non_null(strstr(cli_output, "Still awaited: " CLI_CLAIRE));
    assert_int_equal(cli_run("accept", meeting_id, "--as", CLI_CLAIRE, "--json", NULL),
                     0);
    assert_int_equal(cli_run("show", meeting_id, "--wait-for", "confirmed", "--timeout",
                             "20", "--json", NULL),
                     0);
    cli_assert_said("state", "confirmed");
    cli_assert_said("confirmed.start", cli_at(11 * 60));

    cli_use("anna");
    assert_int_equal(cli_run("show", meeting_id, "--width", "100", NULL), 0);
    assert_non_null(strstr(cli_output, "is confirmed"));
    assert_non_null(strstr(cli_output, "===="));
    assert_non_null(strstr(cli_output, "^^^^"));
    assert_null(strstr(cli_output, "\033"));

    assert_int_equal(cli_run("list", "--state", "confirmed", "--json", NULL), 0);
    cli_assert_said("meetings.0.id", meeting_id);

    assert_int_equal(cli_run("cancel", meeting_id, "--as", CLI_ANNA, "--because",
                             "no_longer_needed", "--json", NULL),
                     0);
    cli_assert_said("state", "cancelled");
    cli_assert_said("cancel_reason", "no_longer_needed");
    assert_int_equal(cli_run("cancel", meeting_id, "--as", CLI_ANNA, "--json", NULL),
                     1);
    cli_assert_said("error.name", "CLOSED");
}

static void test_nobody_waits_for_what_does_not_come(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(
        cli_run("show", meeting_id, "--wait-for", "confirmed", "--timeout", "1", NULL),
        1);
    assert_non_null(strstr(cli_complaint, "cancelled"));
}

static void test_the_organizer_goes_on_without_somebody(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_BEN, "--patient", CLI_LEA,
                             "--patient-presence", "soft", "--pick", cli_at(14 * 60),
                             "--json", NULL),
                     0);
    keep_id();
    cli_use("ben");
    assert_int_equal(cli_run("decline", meeting_id, "--as", CLI_BEN, "--because",
                             "on_leave", "--json", NULL),
                     0);
    cli_assert_said("state", "waiting_organizer");
    cli_use("anna");
    assert_int_equal(
        cli_run("decide", meeting_id, "--without", CLI_BEN, "--json", NULL), 0);
    cli_assert_said("proposal.start", cli_at(14 * 60));
    assert_int_equal(cli_run("accept", meeting_id, "--as", CLI_ANNA, "--json", NULL),
                     0);
    cli_assert_said("state", "confirmed");
}

static void test_search_holds_nothing_and_says_when_there_is_none(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--party", CLI_BEN,
                             "--window", cli_window(8 * 60, 12 * 60), "--slots", "2",
                             "--json", NULL),
                     0);
    cli_assert_said("slots.0.start", cli_at(8 * 60));
    cli_assert_said("slots.1.start", cli_at(9 * 60));
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--window",
                             cli_window(18 * 60, 20 * 60), "--json", NULL),
                     3);
    cli_assert_said("why_not.blocking.0", CLI_ANNA);
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--window",
                             cli_window(18 * 60, 20 * 60), NULL),
                     3);
    assert_non_null(strstr(cli_output, "possible starts"));
}

/* Options, pools and all that, searched by a real broker. */
static void test_a_search_for_more_than_people(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--pool",
                             "Duo=any 1 of " CLI_BEN "," CLI_CLAIRE, "--option",
                             "on-site@Lyon", "--option", "video", "--quorum", "2",
                             "--urgent", "--window", cli_window(8 * 60, 12 * 60),
                             "--slots", "1", "--json", NULL),
                     0);
    cli_assert_said("slots.0.start", cli_at(8 * 60));
    cli_assert_said("slots.0.option.modality", "on_site");
    cli_assert_said("slots.0.option.place", "Lyon");
    cli_assert_said("slots.0.attending.0", CLI_ANNA);
    cli_assert_said("slots.0.attending.1", "Duo");
    cli_assert_said("slots.0.chosen.0.party", "Duo");
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--pool",
                             "Duo=2 of " CLI_BEN "," CLI_CLAIRE, "--window",
                             cli_window(8 * 60, 12 * 60), "--slots", "1", NULL),
                     0);
    assert_non_null(strstr(cli_output, "Duo: " CLI_BEN ", " CLI_CLAIRE));
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--near",
                             cli_at(13 * 60 + 7), "--window",
                             cli_window(8 * 60, 17 * 60), "--slots", "1", "--json",
                             NULL),
                     0);
    cli_assert_said("slots.0.start", cli_at(13 * 60));
}

static void test_what_would_help_is_said(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--party", CLI_BEN,
                             "--quorum", "3", "--window", cli_window(9 * 60, 12 * 60),
                             "--json", NULL),
                     3);
    cli_assert_said("why_not.relaxations.0.kind", "smaller_quorum");
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--for", "90", "--window",
                             cli_window(16 * 60, 18 * 60), NULL),
                     3);
    assert_non_null(strstr(cli_output, "What would help:"));
    assert_non_null(strstr(cli_output, "shorter by 30 min"));
}

static void test_limits_of_a_request_have_their_codes(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--grid", "7", "--window",
                             cli_window(9 * 60, 12 * 60), "--json", NULL),
                     1);
    cli_assert_said("error.name", "GRID_UNEVEN");
    assert_int_equal(cli_run("search", "--pool", "3 of " CLI_ANNA "," CLI_BEN,
                             "--window", cli_window(9 * 60, 12 * 60), "--json", NULL),
                     1);
    cli_assert_said("error.name", "POOL_TOO_SMALL");
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--no-holidays=FR-99",
                             "--window", cli_window(9 * 60, 12 * 60), "--json", NULL),
                     1);
    cli_assert_said("error.name", "BAD_HOLIDAY_REGION");
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--every", "week",
                             "--times", "65", "--window", cli_window(9 * 60, 12 * 60),
                             "--json", NULL),
                     1);
    cli_assert_said("error.name", "SERIES_TOO_LONG");
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--for", "4h", "--window",
                             cli_window(9 * 60, 12 * 60), "--json", NULL),
                     1);
    cli_assert_said("error.name", "WINDOW_TOO_SHORT");
}

static void test_free_time_and_figures(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("free", CLI_BEN, "--from", cli_at(0), "--to",
                             cli_at(12 * 60), "--json", NULL),
                     0);
    cli_assert_said("person", CLI_BEN);
    cli_assert_said("free.0.start", cli_at(8 * 60));
    assert_int_equal(cli_run("status", "--all", "--json", NULL), 0);
    json_t *json = cli_printed();
    assert_int_equal(json_integer_value(json_object_get(json, "sources")), 4);
    json_decref(json);
    assert_int_equal(cli_run("status", NULL), 0);
    assert_non_null(strstr(cli_output, "undelivered events"));
}

static void test_a_search_for_now_only_ends_at_once(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--window", cli_window(18 * 60, 20 * 60), "--search-for",
                             "0", "--json", NULL),
                     3);
    cli_assert_said("state", "expired");
}

static void test_who_is_not_known_to_be_free_may_be_asked(void **state)
{
    (void)state;
    cli_use("anna");
    /* Of nobody's evening anything is known. */
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--ask", CLI_BEN,
                             "--window", cli_window(16 * 60, 40 * 60), "--json", NULL),
                     0);
    cli_assert_said("slots.0.start", cli_at(16 * 60));
    assert_int_equal(cli_run("search", "--ask", CLI_BEN, "--pick", cli_at(70 * 24 * 60),
                             "--json", NULL),
                     0);
    cli_assert_said("slots.0.asked.0", CLI_BEN);
    assert_int_equal(
        cli_run("search", "--ask", CLI_BEN, "--pick", cli_at(70 * 24 * 60), NULL), 0);
    assert_non_null(strstr(cli_output, CLI_BEN " is asked; nobody knows"));
}

static void test_a_series_as_calendars_write_it(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--window",
                             cli_window(8 * 60, 17 * 60), "--recurrence",
                             "FREQ=WEEKLY;COUNT=1", "--json", NULL),
                     0);
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--window",
                             cli_window(8 * 60, 17 * 60), "--recurrence",
                             "FREQ=DAILY;COUNT=2", "--json", NULL),
                     1);
    cli_assert_said("error.name", "BAD_RECURRENCE");
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--window",
                             cli_window(8 * 60, 17 * 60), "--recurrence",
                             "FREQ=WEEKLY;COUNT=2", "--every", "week", "--times", "2",
                             NULL),
                     2);
}

static void test_who_of_many_can_come(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("who", CLI_ANNA "," CLI_BEN ",idnps:899700000099",
                             "--from", cli_at(16 * 60), "--to", cli_at(18 * 60),
                             "--grid", "60", "--json", NULL),
                     0);
    cli_assert_said("starts.0.start", cli_at(16 * 60));
    cli_assert_said("starts.0.free.0", CLI_ANNA);
    cli_assert_said("starts.0.free.1", CLI_BEN);
    cli_assert_said("starts.1.start", cli_at(17 * 60));
    cli_assert_said("unknown.0", "idnps:899700000099");
    assert_int_equal(
        cli_run("who", CLI_ANNA "," CLI_BEN, "--from", cli_at(16 * 60), NULL), 0);
    assert_non_null(strstr(cli_output, "2 of 2  " CLI_ANNA ", " CLI_BEN));
    assert_int_equal(cli_run("who", "mine", "--from", cli_at(16 * 60), "--json", NULL),
                     0);
    assert_int_equal(cli_run("who", CLI_ANNA, NULL), 2);
    assert_int_equal(cli_run("who", "nobody", "--from", cli_at(16 * 60), NULL), 2);
    assert_int_equal(
        cli_run("who", CLI_ANNA, "--from", cli_at(0), "--to", cli_at(30 * 60), NULL),
        2);
    assert_non_null(strstr(cli_complaint, "at most 96"));
}

/* A list of @count lines: Ben first, Anna last, strangers between them, one of another
 * system in the middle if it is mixed.  As a word: "@FILE". */
static const char *a_list(size_t count, bool is_mixed)
{
    static char word[256];
    snprintf(word, sizeof(word), "@%s/people-%zu", cli_world.folder, count);
    FILE *out = fopen(word + 1, "w");
    assert_non_null(out);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || i + 1 == count) {
            fprintf(out, "%s\n", i == 0 ? CLI_BEN : CLI_ANNA);
        } else if (is_mixed && i == count / 2) {
            fprintf(out, "resource:room-%zu\n", i);
        } else {
            fprintf(out, "idnps:8996%08zu\n", i);
        }
    }
    assert_int_equal(fclose(out), 0);
    return word;
}

/* More than go into a frame are asked about part by part. */
static void test_who_of_thousands_can_come(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("who", a_list(9001, false), "--from", cli_at(16 * 60),
                             "--to", cli_at(18 * 60), "--grid", "60", "--json", NULL),
                     0);
    cli_assert_said("starts.0.free.0", CLI_BEN);
    cli_assert_said("starts.0.free.1", CLI_ANNA);
    cli_assert_said("unknown.0", "idnps:899600000001");
    json_t *told = cli_printed();
    assert_int_equal(json_integer_value(json_object_get(told, "asked_about")), 9001);
    assert_int_equal(json_array_size(json_object_get(told, "unknown")), 8999);
    assert_int_equal(json_array_size(cli_member(told, "starts.0.free")), 2);
    assert_int_equal(json_array_size(cli_member(told, "starts.1.free")), 0);
    json_decref(told);
    assert_int_equal(
        cli_run("who", a_list(1300, true), "--from", cli_at(16 * 60), NULL), 0);
    assert_non_null(strstr(cli_output, "2 of 1300  " CLI_BEN ", " CLI_ANNA));
    assert_int_equal(
        cli_run("who", a_list(100001, false), "--from", cli_at(16 * 60), NULL), 2);
    assert_non_null(strstr(cli_complaint, "at most 100000 people"));
}

static void test_wrong_words_and_strangers(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("accept", "--as", CLI_ANNA, NULL), 2);
    assert_int_equal(cli_run("accept", "nonsense", "--as", CLI_ANNA, NULL), 2);
    assert_int_equal(cli_run("nonsense", NULL), 2);
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--window", "tomorrow", NULL),
                     2);
    assert_int_equal(cli_run("search", "--party", CLI_ANNA, "--window",
                             "2026-10-25T02:30/2026-10-26T00:00", NULL),
                     2);
    assert_non_null(strstr(cli_complaint, "2026-10-25T02:30+01:00"));
    assert_int_equal(cli_run("accept", meeting_id, "--as", CLI_BEN, "--json", NULL), 1);
    cli_assert_said("error.name", "NOT_SPEAKING_FOR");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", "idnps:899700000041", "--window",
                             cli_window(9 * 60, 17 * 60), "--search-for", "10", NULL),
                     1);
    assert_non_null(strstr(cli_complaint, "idnps:899700000041. (UNKNOWN_PERSON, 160)"));
    unsetenv("ENTENTE_CLIENT");
    assert_int_equal(cli_run("list", NULL), 2);
    assert_int_equal(cli_run("list", "--client", "/nowhere.ini", NULL), 1);
}

static void test_sentences_are_french_where_french_is_asked_for(void **state)
{
    (void)state;
    cli_use("anna");
    setenv("LC_ALL", "fr_FR.UTF-8", 1);
    assert_int_equal(cli_run("show", "0192f4c1-7d1e-7abc-8def-0123456789ab", NULL), 1);
    setenv("LC_ALL", "C", 1);
    assert_non_null(strstr(cli_complaint, "réunion"));
    assert_non_null(strstr(cli_complaint, "UNKNOWN_MEETING, 180"));
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_meeting_from_request_to_cancellation),
        cmocka_unit_test(test_nobody_waits_for_what_does_not_come),
        cmocka_unit_test(test_the_organizer_goes_on_without_somebody),
        cmocka_unit_test(test_search_holds_nothing_and_says_when_there_is_none),
        cmocka_unit_test(test_a_search_for_more_than_people),
        cmocka_unit_test(test_what_would_help_is_said),
        cmocka_unit_test(test_limits_of_a_request_have_their_codes),
        cmocka_unit_test(test_free_time_and_figures),
        cmocka_unit_test(test_a_search_for_now_only_ends_at_once),
        cmocka_unit_test(test_who_is_not_known_to_be_free_may_be_asked),
        cmocka_unit_test(test_a_series_as_calendars_write_it),
        cmocka_unit_test(test_who_of_many_can_come),
        cmocka_unit_test(test_who_of_thousands_can_come),
        cmocka_unit_test(test_wrong_words_and_strangers),
        cmocka_unit_test(test_sentences_are_french_where_french_is_asked_for),
    };
    return cmocka_run_group_tests(tests, cli_set_up, cli_tear_down);
}
