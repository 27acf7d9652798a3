// SPDX-License-Identifier: Apache-2.0

/*
 * How people agree, as they type it: polls, guests, answers by telephone, substitutes,
 * and the organizer's decisions after that.
 */
#include "tests/adapters/cli_world.h"

#include <stdio.h>
#include <string.h>

/* cmocka's header asks for these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char meeting[CLI_ID_TEXT];

enum { WEEK = 7 * 1440 };

/* Everybody is free from 8 to 17, this week and the two after. */
static void publish_weeks(struct world_client *agendas, const char *person)
{
    struct entente_range weeks[3];
    for (int32_t i = 0; i < 3; i++) {
        int32_t day = cli_world.day + i * WEEK;
        weeks[i] = (struct entente_range){
            .start = day + 8 * 60, .end = day + 17 * 60, .kind = ENTENTE_FREE};
    }
    assert_int_equal(world_publish(agendas, person, weeks, 3), ENTENTE_OK);
}

/* Before any other story, whose meetings would be in its way. */
static int set_up(void **state)
{
    assert_int_equal(cli_set_up(state), 0);
    publish_weeks(&cli_world.clients[0], CLI_ANNA);
    publish_weeks(&cli_world.clients[0], CLI_BEN);
    publish_weeks(&cli_world.clients[0], CLI_CLAIRE);
    return 0;
}

/* Two slots are held together; the one that suits both is agreed. */
static void test_a_poll(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_BEN, "--hold", "2", "--pick",
                             cli_at(9 * 60), "--pick", cli_at(11 * 60), "--json", NULL),
                     0);
    cli_keep_id(meeting);
    cli_assert_said("state", "proposed");
    cli_assert_said("proposal.candidates.0.start", cli_at(9 * 60));
    cli_assert_said("proposal.candidates.1.start", cli_at(11 * 60));
    assert_int_equal(cli_run("grade", meeting, "--as", CLI_ANNA, "--if-need-be", "1",
                             "--yes", "2", "--json", NULL),
                     0);
    cli_assert_said("parties.0.grades.1.grade", "yes");
    assert_int_equal(cli_run("show", meeting, NULL), 0);
    assert_non_null(strstr(cli_output, "Held together"));
    assert_non_null(strstr(cli_output, "if need be: " CLI_ANNA));
    assert_int_equal(cli_run("grade", meeting, "--as", CLI_ANNA, NULL), 2);
    assert_int_equal(cli_run("grade", meeting, "--as", CLI_ANNA, "--yes", "3", NULL),
                     2);
    cli_use("ben");
    assert_int_equal(cli_run("grade", meeting, "--as", CLI_BEN, "--yes",
                             cli_at(11 * 60), "--no", "1", "--json", NULL),
                     0);
    cli_assert_said("state", "confirmed");
    cli_assert_said("confirmed.start", cli_at(11 * 60));

    /* It is too late then, and not the words that are wrong. */
    assert_int_equal(cli_run("grade", meeting, "--as", CLI_BEN, "--yes", "2", NULL), 1);
    assert_non_null(strstr(cli_complaint, "needs no grade"));
}

/* What the organizer sees of an answer is nobody else's. */
static void test_who_does_not_come_and_why(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_BEN, "--party", CLI_CLAIRE, "--pick",
                             cli_at(15 * 60), "--json", NULL),
                     0);
    cli_keep_id(meeting);
    cli_use("ben");
    assert_int_equal(
        cli_run("decline", meeting, "--as", CLI_BEN, "--because", "ill", NULL), 0);
    assert_non_null(strstr(cli_output, "Does not come: " CLI_BEN " ("));
    cli_use("anna");
    assert_int_equal(cli_run("show", meeting, NULL), 0);
    assert_non_null(strstr(cli_output, "Does not come: " CLI_BEN " ("));
    assert_non_null(strstr(cli_output, "Has not answered: " CLI_CLAIRE));
    assert_int_equal(cli_run("explain", meeting, "--json", NULL), 0);
    cli_assert_said("rule", "every_professional");
    cli_assert_said("steps.1.said.answer", "decline");
    cli_assert_said("steps.1.said.reason", "ill");
    assert_int_equal(cli_run("explain", meeting, NULL), 0);
    assert_non_null(strstr(cli_output, "Rule: "));
    assert_non_null(strstr(cli_output, "  Said: declined (ill)\n"));
    assert_int_equal(cli_run("cancel", meeting, "--as", CLI_ANNA, NULL), 0);
}

static void test_a_guest_and_an_answer_by_telephone(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_BEN, "--guest", "Dr Morel, 01 23 45 67 89",
                             "--pick", cli_at(13 * 60), "--json", NULL),
                     0);
    cli_keep_id(meeting);
    cli_assert_said("parties.2.kind", "guest");
    cli_assert_said("parties.2.contact", "01 23 45 67 89");
    assert_int_equal(cli_run("accept", meeting, "--as", CLI_ANNA, "--on-behalf-of",
                             "guest:Dr Morel", "--by", "telephone", "--json", NULL),
                     0);
    cli_assert_said("parties.2.answer", "accept");
    cli_assert_said("parties.2.channel", "telephone");
    assert_int_equal(cli_run("accept", meeting, "--as", CLI_ANNA, "--on-behalf-of",
                             CLI_BEN, "--by", "telephone", "--json", NULL),
                     0);
    cli_assert_said("state", "confirmed");
    assert_int_equal(cli_run("show", meeting, NULL), 0);
    assert_non_null(strstr(cli_output, "Guests, without an agenda here: Dr Morel"));
    assert_non_null(strstr(cli_output, "Answer recorded by the organizer: " CLI_BEN));
    assert_int_equal(cli_run("explain", meeting, NULL), 0);
    assert_non_null(strstr(cli_output, "Dr Morel (guest), anna"));
    assert_non_null(strstr(cli_output, "recorded by the organizer on their behalf"));
}

/* A guest is named in every decision as in an answer. */
static void test_a_guest_who_does_not_come(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_BEN, "--guest", "Dr Morel, 01 23 45 67 89",
                             "--pick", cli_at(12 * 60), "--json", NULL),
                     0);
    cli_keep_id(meeting);
    assert_int_equal(cli_run("decline", meeting, "--as", CLI_ANNA, "--on-behalf-of",
                             "guest:01 23 45 67 89", "--by", "telephone", "--because",
                             "ill", "--json", NULL),
                     0);
    cli_assert_said("state", "waiting_organizer");
    assert_int_equal(
        cli_run("decide", meeting, "--without", "guest:Dr Morel", "--json", NULL), 0);
    cli_assert_said("state", "proposed");
    assert_int_equal(cli_run("accept", meeting, "--as", CLI_ANNA, "--on-behalf-of",
                             "guest:Nobody", "--by", "telephone", "--json", NULL),
                     1);
    cli_assert_said("error.name", "NOT_A_PARTY");
    assert_int_equal(cli_run("cancel", meeting, "--as", CLI_ANNA, NULL), 0);
}

static void says_no_by_telephone(const char *person)
{
    assert_int_equal(cli_run("decline", meeting, "--as", CLI_ANNA, "--on-behalf-of",
                             person, "--by", "telephone", "--because", "on_leave",
                             "--json", NULL),
                     0);
}

/* When all of a pool have said no, nobody who was replaced is said to come at the times
 * that the organizer is offered. */
static void test_a_pool_that_is_used_up(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA, "--pool",
                             "Nurses=any 1 of " CLI_BEN "," CLI_CLAIRE, "--window",
                             cli_window(8 * 60, 17 * 60), "--json", NULL),
                     0);
    cli_keep_id(meeting);
    json_t *asked = cli_printed();
    const char *first = json_string_value(cli_member(asked, "parties.1.identifier"));
    const char *second = strcmp(first, CLI_BEN) == 0 ? CLI_CLAIRE : CLI_BEN;
    says_no_by_telephone(first);
    cli_assert_said("state", "proposed");
    says_no_by_telephone(second);
    cli_assert_said("state", "waiting_organizer");
    json_t *left = cli_printed();
    const json_t *comes = cli_member(left, "alternatives.0.attending");
    assert_int_equal(json_array_size(comes), 2);
    cli_assert_said("alternatives.0.attending.1", second);
    json_decref(left);
    json_decref(asked);
    assert_int_equal(cli_run("cancel", meeting, "--as", CLI_ANNA, NULL), 0);
}

static void test_the_organizer_decides(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_BEN, "--rule", "organizer-decides",
                             "--window", cli_window(14 * 60, 17 * 60), "--json", NULL),
                     0);
    cli_keep_id(meeting);
    cli_assert_said("rule", "organizer_decides");
    cli_use("ben");
    assert_int_equal(
        cli_run("shift", meeting, "--as", CLI_BEN, "--not-this-one", "--json", NULL),
        0);
    cli_assert_said("state", "proposed");
    assert_int_equal(cli_run("accept", meeting, "--as", CLI_BEN, "--json", NULL), 0);
    cli_use("anna");
    assert_int_equal(cli_run("decide", meeting, "--confirm", "--json", NULL), 0);
    cli_assert_said("state", "confirmed");
    assert_int_equal(cli_run("decide", meeting, "--confirm", "--move", NULL), 2);
    assert_int_equal(cli_run("decide", meeting, NULL), 2);
    assert_int_equal(cli_run("decide", meeting, "--without", CLI_BEN, "--slot",
                             cli_at(9 * 60), NULL),
                     2);
}

static void test_a_series_and_its_record(void **state)
{
    char series[CLI_ID_TEXT];
    (void)state;
    publish_weeks(&cli_world.clients[0], CLI_ANNA);
    publish_weeks(&cli_world.clients[0], CLI_CLAIRE);
    cli_use("anna");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_CLAIRE, "--every", "week", "--times", "3",
                             "--for", "30", "--window",
                             cli_window(16 * 60 + 30, 17 * 60), "--preview", NULL),
                     0);
    assert_non_null(strstr(cli_output, "Nothing has been changed."));
    assert_non_null(strstr(cli_output, "Meeting 3: proposed, "));
    assert_null(strstr(cli_output, "common time"));
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_CLAIRE, "--every", "week", "--times", "3",
                             "--for", "30", "--window",
                             cli_window(16 * 60 + 30, 17 * 60), "--json", NULL),
                     0);
    cli_keep_id(meeting);
    cli_assert_said("state", "proposed");
    json_t *json = cli_printed();
    json_t *place = json_object_get(json, "in_series");
    assert_int_equal(json_integer_value(json_object_get(place, "number")), 1);
    assert_int_equal(json_integer_value(json_object_get(place, "count")), 3);
    snprintf(series, sizeof(series), "%s",
             json_string_value(json_object_get(place, "id")));
    json_decref(json);
    assert_int_equal(cli_run("list", "--of-series", series, "--json", NULL), 0);
    json = cli_printed();
    assert_int_equal(json_array_size(json_object_get(json, "meetings")), 3);
    json_decref(json);
    assert_int_equal(cli_run("list", "--of-series", "nonsense", NULL), 2);
    cli_use("ben");
    assert_int_equal(
        cli_run("accept", meeting, "--as", CLI_CLAIRE, "--series", "--json", NULL), 0);
    cli_assert_said("state", "confirmed");
    cli_use("anna");
    assert_int_equal(
        cli_run("list", "--of-series", series, "--state", "confirmed", "--json", NULL),
        0);
    json = cli_printed();
    assert_int_equal(json_array_size(json_object_get(json, "meetings")), 3);
    json_decref(json);
    assert_int_equal(
        cli_run("list", "--of-series", series, "--state", "searching", "--json", NULL),
        0);
    json = cli_printed();
    assert_int_equal(json_array_size(json_object_get(json, "meetings")), 0);
    json_decref(json);
    assert_int_equal(cli_run("show", meeting, NULL), 0);
    assert_non_null(strstr(cli_output, "Meeting 1 of 3 of the series "));

    assert_int_equal(cli_run("explain", meeting, "--replay", "--json", NULL), 0);
    cli_assert_said("steps.0.to", "proposed");
    cli_assert_said("steps.0.replay", "alike");
    assert_int_equal(cli_run("explain", meeting, NULL), 0);
    assert_non_null(strstr(cli_output, "proposed -> confirmed"));
}

/* One more hour of everybody's, on a day of its own: an agreed meeting of Anna and Ben. */
static void agree(int32_t minute)
{
    cli_use("anna");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_BEN, "--pick", cli_at(minute), "--json",
                             NULL),
                     0);
    cli_keep_id(meeting);
    cli_use("ben");
    assert_int_equal(cli_run("accept", meeting, "--as", CLI_BEN, "--json", NULL), 0);
    cli_assert_said("state", "confirmed");
}

static void test_somebody_else_comes(void **state)
{
    (void)state;
    cli_use("anna");
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_BEN, "--pick", cli_at(10 * 60), "--json",
                             NULL),
                     0);
    cli_keep_id(meeting);
    cli_use("ben");
    assert_int_equal(cli_run("delegate", meeting, "--as", CLI_BEN, NULL), 2);
    assert_int_equal(cli_run("delegate", meeting, "--as", CLI_BEN, "--substitute",
                             CLI_CLAIRE, "--json", NULL),
                     0);
    cli_assert_said("state", "proposed");
    cli_assert_said("parties.2.identifier", CLI_CLAIRE);
    assert_int_equal(cli_run("accept", meeting, "--as", CLI_CLAIRE, "--json", NULL), 0);
    cli_assert_said("state", "confirmed");
    assert_int_equal(cli_run("show", meeting, NULL), 0);
    assert_non_null(strstr(cli_output, CLI_CLAIRE " in the place of " CLI_BEN));
}

static void test_what_a_move_would_break_is_shown_first(void **state)
{
    (void)state;
    agree(WEEK + 12 * 60);
    cli_use("anna");
    assert_int_equal(cli_run("decide", meeting, "--move", "--slot",
                             cli_at(WEEK + 14 * 60), "--preview", "--json", NULL),
                     0);
    cli_assert_said("preview.state", "moving");
    cli_assert_said("preview.slots.0.start", cli_at(WEEK + 14 * 60));
    assert_int_equal(cli_run("decide", meeting, "--move", "--slot",
                             cli_at(WEEK + 20 * 60), "--preview", NULL),
                     1);
    assert_non_null(strstr(cli_output, "It would be refused"));
    assert_int_equal(cli_run("show", meeting, "--json", NULL), 0);
    cli_assert_said("state", "confirmed");
    assert_int_equal(cli_run("decide", meeting, "--move", "--slot",
                             cli_at(WEEK + 14 * 60), "--json", NULL),
                     0);
    cli_assert_said("state", "moving");
    cli_assert_said("confirmed.start", cli_at(WEEK + 12 * 60));
    cli_use("ben");
    assert_int_equal(cli_run("accept", meeting, "--as", CLI_BEN, "--json", NULL), 0);
    cli_assert_said("state", "confirmed");
    cli_assert_said("confirmed.start", cli_at(WEEK + 14 * 60));
}

static void test_one_is_replaced_after_confirmation(void **state)
{
    (void)state;
    agree(WEEK + 10 * 60);
    cli_use("anna");
    assert_int_equal(cli_run("decide", meeting, "--replace", CLI_BEN, "--substitute",
                             CLI_CLAIRE, "--preview", NULL),
                     0);
    assert_non_null(
        strstr(cli_output, "Would come: " CLI_CLAIRE " in the place of " CLI_BEN "\n"));
    assert_null(strstr(cli_output, "declined"));
    assert_null(strstr(cli_output, "Would not come"));
    assert_int_equal(cli_run("decide", meeting, "--replace", CLI_BEN, "--substitute",
                             CLI_CLAIRE, "--preview", "--json", NULL),
                     0);
    cli_assert_said("preview.replaced.0", CLI_BEN);
    cli_assert_said("preview.joined.0", CLI_CLAIRE);
    assert_int_equal(cli_run("decide", meeting, "--replace", CLI_BEN, "--substitute",
                             CLI_CLAIRE, "--json", NULL),
                     0);
    cli_assert_said("state", "moving");
    cli_use("ben");
    assert_int_equal(cli_run("accept", meeting, "--as", CLI_CLAIRE, "--json", NULL), 0);
    cli_assert_said("state", "confirmed");
    cli_assert_said("confirmed.start", cli_at(WEEK + 10 * 60));
    assert_int_equal(
        cli_run("owner", meeting, "--as", CLI_CLAIRE, "--keeps", "--json", NULL), 1);
    cli_assert_said("error.name", "NO_DIVERGENCE");
    assert_int_equal(cli_run("owner", meeting, "--as", CLI_CLAIRE, NULL), 2);
}

static void test_what_has_changed_is_told(void **state)
{
    char path[256];
    (void)state;
    cli_use("anna");
    snprintf(path, sizeof(path), "%s/known", cli_world.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "# one that has moved on, one that is not ours\n%s 1\n"
            "0192f4c1-7d1e-7abc-8def-0123456789ab 3\n",
            meeting);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(cli_run("reconcile", "--known", path, "--json", NULL), 0);
    json_t *json = cli_printed();
    assert_true(json_is_false(json_object_get(json, "equal")));
    assert_true(json_array_size(json_object_get(json, "differing")) >= 2);
    json_decref(json);
    assert_int_equal(cli_run("reconcile", "--known", path, NULL), 0);
    assert_non_null(strstr(cli_output, "is over, or not this client's any more"));
    assert_int_equal(cli_run("reconcile", "--digest", "12", NULL), 2);
    assert_int_equal(cli_run("reconcile", NULL), 2);
    assert_int_equal(cli_run("reconcile", "--known", "/nowhere", NULL), 2);
}

/* The second meeting is a week or two after the first. */
static void test_meetings_that_follow_each_other(void **state)
{
    char path[256];
    (void)state;
    cli_use("anna");
    snprintf(path, sizeof(path), "%s/then.json", cli_world.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "{\"duration_minutes\": 30, \"windows\": [{\"start\": \"%s\", \"end\": "
            "\"%s\"}], \"parties\": [{\"identifier\": \"" CLI_ANNA "\"}, "
            "{\"identifier\": \"" CLI_CLAIRE "\"}]}",
            cli_at(8 * 60), cli_at(15 * 1440));
    assert_int_equal(fclose(file), 0);
    assert_int_equal(cli_run("request", "--as", CLI_ANNA, "--party", CLI_ANNA,
                             "--party", CLI_CLAIRE, "--for", "30", "--window",
                             cli_window(8 * 60, 17 * 60), "--then", path, "--gap",
                             "6d..8d", "--json", NULL),
                     0);
    cli_assert_said("state", "proposed");
    json_t *json = cli_printed();
    json_t *place = json_object_get(json, "in_series");
    assert_int_equal(json_integer_value(json_object_get(place, "count")), 2);
    json_decref(json);

    /* Two days later it would be too close to the second one. */
    cli_keep_id(meeting);
    assert_int_equal(cli_run("decide", meeting, "--move", "--slot",
                             cli_at(4 * 1440 + 9 * 60), "--preview", "--json", NULL),
                     1);
    json = cli_printed();
    json_t *gap = json_array_get(
        json_object_get(json_object_get(json, "preview"), "broken_gaps"), 0);
    assert_int_equal(json_integer_value(json_object_get(gap, "number")), 2);
    assert_int_equal(json_integer_value(json_object_get(gap, "min_gap_minutes")),
                     6 * 1440);
    json_decref(json);
    cli_assert_said("preview.meetings.0.refusal.name", "NO_SLOT");
    assert_int_equal(cli_run("decide", meeting, "--move", "--slot",
                             cli_at(4 * 1440 + 9 * 60), "--preview", NULL),
                     1);
    assert_non_null(strstr(cli_output, "minutes after meeting 1; at least 8640 are "
                                       "wanted, at most 11520."));
}

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_series_and_its_record),
        cmocka_unit_test(test_a_poll),
        cmocka_unit_test(test_who_does_not_come_and_why),
        cmocka_unit_test(test_a_guest_and_an_answer_by_telephone),
        cmocka_unit_test(test_a_guest_who_does_not_come),
        cmocka_unit_test(test_a_pool_that_is_used_up),
        cmocka_unit_test(test_the_organizer_decides),
        cmocka_unit_test(test_somebody_else_comes),
        cmocka_unit_test(test_what_a_move_would_break_is_shown_first),
        cmocka_unit_test(test_one_is_replaced_after_confirmation),
        cmocka_unit_test(test_what_has_changed_is_told),
        cmocka_unit_test(test_meetings_that_follow_each_other),
    };
    return cmocka_run_group_tests(tests, set_up, cli_tear_down);
}
