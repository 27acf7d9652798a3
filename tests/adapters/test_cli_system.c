// SPDX-License-Identifier: Apache-2.0

/*
 * The program itself, process by process: what a coordinator types, and what a script
 * reads.
 */
#include "tests/scenario/world.h"

#include "proto/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka's header asks for these before itself. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

#define ANNA "idnps:899700000017"
#define BEN "idnps:899700000025"
#define CLAIRE "idnps:899700000033"
#define LEA "ins-test:260058815400233"

enum { WORDS_MAX = 48, OUTPUT_BYTES = 1 << 18 };

extern char **environ;

static struct world world;
static char output[OUTPUT_BYTES];
static char complaint[OUTPUT_BYTES];
static char meeting_id[64];

/* Run `entente` with the words up to NULL; what it prints goes into the buffers. */
static int run(const char *word, ...)
{
    char paths[2][256];
    char *buffers[] = {output, complaint};
    const char *words[WORDS_MAX] = {"entente", word};
    posix_spawn_file_actions_t actions;
    va_list list;
    pid_t pid;
    int state = 0;
    size_t count = 2;
    va_start(list, word);
    while ((word = va_arg(list, const char *)) != NULL && count < WORDS_MAX - 1) {
        words[count++] = word;
    }
    va_end(list);
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 2; i++) {
        snprintf(paths[i], sizeof(paths[i]), "%s/std%d", world.folder, i);
        posix_spawn_file_actions_addopen(&actions, i + 1, paths[i],
                                         O_WRONLY | O_CREAT | O_TRUNC, 0600);
    }
    assert_int_equal(
        posix_spawn(&pid, ENTENTE_PROGRAM, &actions, NULL, (char **)words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(pid, &state, 0), pid);
    assert_true(WIFEXITED(state));
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(paths[i], "r");
        assert_non_null(file);
        buffers[i][fread(buffers[i], 1, OUTPUT_BYTES - 1, file)] = '\0';
        fclose(file);
    }
    return WEXITSTATUS(state);
}

/* What was printed, as JSON; the caller's. */
static json_t *printed(void)
{
    json_error_t error;
    json_t *json = json_loads(output, 0, &error);
    if (json == NULL) {
        print_error("%s\n%s\n%s\n", error.text, output, complaint);
    }
    assert_non_null(json);
    return json;
}

/* Text at a path of the last JSON printed: "proposal.start", "parties.0.answer". */
static void assert_said(const char *path, const char *expected)
{
    char copy[128];
    json_t *json = printed();
    json_t *at = json;
    snprintf(copy, sizeof(copy), "%s", path);
    char *rest = copy;
    for (char *part = strtok_r(copy, ".", &rest); part != NULL;
         part = strtok_r(NULL, ".", &rest)) {
        at = json_is_array(at) ? json_array_get(at, strtoul(part, NULL, 10))
                               : json_object_get(at, part);
    }
    const char *text = json_string_value(at);
    if (text == NULL || strcmp(text, expected) != 0) {
        print_error("%s is %s, not %s\n%s\n", path, text == NULL ? "(nothing)" : text,
                    expected, output);
    }
    assert_non_null(text);
    assert_string_equal(text, expected);
    json_decref(json);
}

/* @minute of the world's day, as it is typed. */
static const char *at(int32_t minute)
{
    static char texts[8][ZONE_TIME_SIZE];
    static size_t next;
    char *text = texts[next++ % 8];
    zone_format_time(world.day + minute, "Europe/Paris", text, ZONE_TIME_SIZE);
    return text;
}

static const char *window(int32_t from, int32_t until)
{
    static char text[2 * ZONE_TIME_SIZE];
    snprintf(text, sizeof(text), "%s/%s", at(from), at(until));
    return text;
}

static void keep_id(void)
{
    json_t *json = printed();
    const char *id = json_string_value(json_object_get(json, "id"));
    assert_non_null(id);
    snprintf(meeting_id, sizeof(meeting_id), "%s", id);
    json_decref(json);
}

static void use(const char *client)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s.ini", world.folder, client);
    setenv("ENTENTE_CLIENT", path, 1);
}

static void add_client(const char *name, const char *person, const char *other)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s.ini", world.folder, name);
    assert_int_equal(run("client", "add", name, "--sandbox", "--operator",
                         "--speaks-for", person, "--speaks-for", other, "--write-to",
                         path, "--endpoint", world.endpoint, NULL),
                     0);
}

static int set_up(void **state)
{
    (void)state;
    static const char *people[] = {ANNA, BEN, CLAIRE, LEA, NULL};
    unsetenv("LC_ALL");
    setenv("LC_ALL", "C", 1);
    unsetenv("NO_COLOR");
    world_create(&world);
    struct world_client *agendas = world_add_client(&world, "agendas", true, people);
    for (size_t i = 0; people[i] != NULL; i++) {
        struct entente_range free = {.start = world.day + 8 * 60,
                                     .end = world.day + 17 * 60,
                                     .kind = ENTENTE_FREE};
        assert_int_equal(world_publish(agendas, people[i], &free, 1), ENTENTE_OK);
    }
    add_client("anna", ANNA, ANNA);
    add_client("ben", BEN, CLAIRE);
    use("anna");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_destroy(&world);
    return 0;
}

static void test_one_meeting_from_request_to_cancellation(void **state)
{
    (void)state;
    assert_int_equal(run("request", "--as", ANNA, "--party", ANNA, "--party", BEN,
                         "--party", CLAIRE, "--patient", LEA, "--for", "60", "--window",
                         window(9 * 60, 17 * 60), "--reason", "pansement", "--nature",
                         "care-team", "--json", NULL),
                     0);
    keep_id();
    assert_said("state", "proposed");
    assert_said("proposal.start", at(9 * 60));
    assert_said("reason", "pansement");
    assert_said("nature", "care_team");
    assert_said("parties.0.answer", "accept");
    assert_said("parties.3.kind", "patient");

    use("ben");
    assert_int_equal(
        run("shift", meeting_id, "--as", BEN, "--to", at(11 * 60), "--json", NULL), 0);
    assert_said("state", "proposed");
    assert_said("proposal.start", at(11 * 60));

    /* Ben named the time; Anna asked for another one, and is asked like Claire. */
    use("anna");
    assert_int_equal(run("accept", meeting_id, "--as", ANNA, "--json", NULL), 0);
    use("ben");
    assert_int_equal(
        run("accept", meeting_id, "--as", CLAIRE, "--proposal", "1", "--json", NULL),
        1);
    assert_said("error.name", "STALE");
    assert_int_equal(run("show", meeting_id, "--width", "90", NULL), 0);
    assert_non_null(strstr(output, "Still awaited: " CLAIRE));
    assert_int_equal(run("accept", meeting_id, "--as", CLAIRE, "--json", NULL), 0);
    assert_int_equal(run("show", meeting_id, "--wait-for", "confirmed", "--timeout",
                         "20", "--json", NULL),
                     0);
    assert_said("state", "confirmed");
    assert_said("confirmed.start", at(11 * 60));

    use("anna");
    assert_int_equal(run("show", meeting_id, "--width", "100", NULL), 0);
    assert_non_null(strstr(output, "is confirmed"));
    assert_non_null(strstr(output, "===="));
    assert_non_null(strstr(output, "^^^^"));
    assert_null(strstr(output, "\033"));

    assert_int_equal(run("list", "--state", "confirmed", "--json", NULL), 0);
    assert_said("meetings.0.id", meeting_id);

    assert_int_equal(run("cancel", meeting_id, "--as", ANNA, "--because",
                         "no_longer_needed", "--json", NULL),
                     0);
    assert_said("state", "cancelled");
    assert_said("cancel_reason", "no_longer_needed");
    assert_int_equal(run("cancel", meeting_id, "--as", ANNA, "--json", NULL), 1);
    assert_said("error.name", "CLOSED");
}

static void test_nobody_waits_for_what_does_not_come(void **state)
{
    (void)state;
    use("anna");
    assert_int_equal(
        run("show", meeting_id, "--wait-for", "confirmed", "--timeout", "1", NULL), 1);
    assert_non_null(strstr(complaint, "cancelled"));
}

static void test_the_organizer_goes_on_without_somebody(void **state)
{
    (void)state;
    use("anna");
    assert_int_equal(run("request", "--as", ANNA, "--party", ANNA, "--party", BEN,
                         "--patient", LEA, "--patient-presence", "soft", "--pick",
                         at(14 * 60), "--json", NULL),
                     0);
    keep_id();
    use("ben");
    assert_int_equal(run("decline", meeting_id, "--as", BEN, "--because", "on_leave",
                         "--json", NULL),
                     0);
    assert_said("state", "waiting_organizer");
    use("anna");
    assert_int_equal(run("decide", meeting_id, "--without", BEN, "--json", NULL), 0);
    assert_said("proposal.start", at(14 * 60));
    assert_int_equal(run("accept", meeting_id, "--as", ANNA, "--json", NULL), 0);
    assert_said("state", "confirmed");
}

static void test_search_holds_nothing_and_says_when_there_is_none(void **state)
{
    (void)state;
    use("anna");
    assert_int_equal(run("search", "--party", ANNA, "--party", BEN, "--window",
                         window(8 * 60, 12 * 60), "--slots", "2", "--json", NULL),
                     0);
    assert_said("slots.0.start", at(8 * 60));
    assert_said("slots.1.start", at(9 * 60));
    assert_int_equal(run("search", "--party", ANNA, "--window",
                         window(18 * 60, 20 * 60), "--json", NULL),
                     3);
    assert_said("why_not.blocking.0", ANNA);
    assert_int_equal(
        run("search", "--party", ANNA, "--window", window(18 * 60, 20 * 60), NULL), 3);
    assert_non_null(strstr(output, "possible starts"));
}

/* Options, pools and all that, searched by a real broker. */
static void test_a_search_for_more_than_people(void **state)
{
    (void)state;
    use("anna");
    assert_int_equal(run("search", "--party", ANNA, "--pool",
                         "Duo=any 1 of " BEN "," CLAIRE, "--option", "on-site@Lyon",
                         "--option", "video", "--quorum", "2", "--urgent", "--window",
                         window(8 * 60, 12 * 60), "--slots", "1", "--json", NULL),
                     0);
    assert_said("slots.0.start", at(8 * 60));
    assert_said("slots.0.option.modality", "on_site");
    assert_said("slots.0.option.place", "Lyon");
    assert_said("slots.0.attending.0", ANNA);
    assert_said("slots.0.attending.1", "Duo");
    assert_said("slots.0.chosen.0.party", "Duo");
    assert_int_equal(run("search", "--party", ANNA, "--pool",
                         "Duo=2 of " BEN "," CLAIRE, "--window",
                         window(8 * 60, 12 * 60), "--slots", "1", NULL),
                     0);
    assert_non_null(strstr(output, "Duo: " BEN ", " CLAIRE));
    assert_int_equal(run("search", "--party", ANNA, "--near", at(13 * 60 + 7),
                         "--window", window(8 * 60, 17 * 60), "--slots", "1", "--json",
                         NULL),
                     0);
    assert_said("slots.0.start", at(13 * 60));
}

static void test_what_would_help_is_said(void **state)
{
    (void)state;
    use("anna");
    assert_int_equal(run("search", "--party", ANNA, "--party", BEN, "--quorum", "3",
                         "--window", window(9 * 60, 12 * 60), "--json", NULL),
                     3);
    assert_said("why_not.relaxations.0.kind", "smaller_quorum");
    assert_int_equal(run("search", "--party", ANNA, "--for", "90", "--window",
                         window(16 * 60, 18 * 60), NULL),
                     3);
    assert_non_null(strstr(output, "What would help:"));
    assert_non_null(strstr(output, "shorter by 30 min"));
}

static void test_limits_of_a_request_have_their_codes(void **state)
{
    (void)state;
    use("anna");
    assert_int_equal(run("search", "--party", ANNA, "--grid", "7", "--window",
                         window(9 * 60, 12 * 60), "--json", NULL),
                     1);
    assert_said("error.name", "GRID_UNEVEN");
    assert_int_equal(run("search", "--pool", "3 of " ANNA "," BEN, "--window",
                         window(9 * 60, 12 * 60), "--json", NULL),
                     1);
    assert_said("error.name", "POOL_TOO_SMALL");
    assert_int_equal(run("search", "--party", ANNA, "--no-holidays=FR-99", "--window",
                         window(9 * 60, 12 * 60), "--json", NULL),
                     1);
    assert_said("error.name", "BAD_HOLIDAY_REGION");
    assert_int_equal(run("search", "--party", ANNA, "--every", "week", "--times", "65",
                         "--window", window(9 * 60, 12 * 60), "--json", NULL),
                     1);
    assert_said("error.name", "SERIES_TOO_LONG");
    assert_int_equal(run("search", "--party", ANNA, "--for", "4h", "--window",
                         window(9 * 60, 12 * 60), "--json", NULL),
                     1);
    assert_said("error.name", "WINDOW_TOO_SHORT");
}

static void test_free_time_and_figures(void **state)
{
    (void)state;
    use("anna");
    assert_int_equal(
        run("free", BEN, "--from", at(0), "--to", at(12 * 60), "--json", NULL), 0);
    assert_said("person", BEN);
    assert_said("free.0.start", at(8 * 60));
    assert_int_equal(run("status", "--all", "--json", NULL), 0);
    json_t *json = printed();
    assert_int_equal(json_integer_value(json_object_get(json, "sources")), 4);
    json_decref(json);
    assert_int_equal(run("status", NULL), 0);
    assert_non_null(strstr(output, "undelivered events"));
}

static void test_a_search_for_now_only_ends_at_once(void **state)
{
    (void)state;
    use("anna");
    assert_int_equal(run("request", "--as", ANNA, "--party", ANNA, "--window",
                         window(18 * 60, 20 * 60), "--search-for", "0", "--json", NULL),
                     0);
    assert_said("state", "expired");
}

static void test_who_is_not_known_to_be_free_may_be_asked(void **state)
{
    (void)state;
    use("anna");
    /* Of nobody's evening anything is known. */
    assert_int_equal(run("search", "--party", ANNA, "--ask", BEN, "--window",
                         window(16 * 60, 40 * 60), "--json", NULL),
                     0);
    assert_said("slots.0.start", at(16 * 60));
    assert_int_equal(
        run("search", "--ask", BEN, "--pick", at(70 * 24 * 60), "--json", NULL), 0);
    assert_said("slots.0.asked.0", BEN);
    assert_int_equal(run("search", "--ask", BEN, "--pick", at(70 * 24 * 60), NULL), 0);
    assert_non_null(strstr(output, BEN " is asked; nobody knows"));
}

static void test_a_series_as_calendars_write_it(void **state)
{
    (void)state;
    use("anna");
    assert_int_equal(run("search", "--party", ANNA, "--window", window(8 * 60, 17 * 60),
                         "--recurrence", "FREQ=WEEKLY;COUNT=1", "--json", NULL),
                     0);
    assert_int_equal(run("search", "--party", ANNA, "--window", window(8 * 60, 17 * 60),
                         "--recurrence", "FREQ=DAILY;COUNT=2", "--json", NULL),
                     1);
    assert_said("error.name", "BAD_RECURRENCE");
    assert_int_equal(run("search", "--party", ANNA, "--window", window(8 * 60, 17 * 60),
                         "--recurrence", "FREQ=WEEKLY;COUNT=2", "--every", "week",
                         "--times", "2", NULL),
                     2);
}

static void test_who_of_many_can_come(void **state)
{
    (void)state;
    use("anna");
    assert_int_equal(run("who", ANNA "," BEN ",idnps:899700000099", "--from",
                         at(16 * 60), "--to", at(18 * 60), "--grid", "60", "--json",
                         NULL),
                     0);
    assert_said("starts.0.start", at(16 * 60));
    assert_said("starts.0.free.0", ANNA);
    assert_said("starts.0.free.1", BEN);
    assert_said("starts.1.start", at(17 * 60));
    assert_said("unknown.0", "idnps:899700000099");
    assert_int_equal(run("who", ANNA "," BEN, "--from", at(16 * 60), NULL), 0);
    assert_non_null(strstr(output, "2 of 2  " ANNA ", " BEN));
    assert_int_equal(run("who", "mine", "--from", at(16 * 60), "--json", NULL), 0);
    assert_int_equal(run("who", ANNA, NULL), 2);
    assert_int_equal(run("who", "nobody", "--from", at(16 * 60), NULL), 2);
    assert_int_equal(run("who", ANNA, "--from", at(0), "--to", at(30 * 60), NULL), 2);
    assert_non_null(strstr(complaint, "at most 96"));
}

static void test_wrong_words_and_strangers(void **state)
{
    (void)state;
    use("anna");
    assert_int_equal(run("accept", "--as", ANNA, NULL), 2);
    assert_int_equal(run("accept", "nonsense", "--as", ANNA, NULL), 2);
    assert_int_equal(run("nonsense", NULL), 2);
    assert_int_equal(
        run("request", "--as", ANNA, "--party", ANNA, "--window", "tomorrow", NULL), 2);
    assert_int_equal(run("search", "--party", ANNA, "--window",
                         "2026-10-25T02:30/2026-10-26T00:00", NULL),
                     2);
    assert_non_null(strstr(complaint, "2026-10-25T02:30+01:00"));
    assert_int_equal(run("accept", meeting_id, "--as", BEN, "--json", NULL), 1);
    assert_said("error.name", "NOT_SPEAKING_FOR");
    assert_int_equal(run("request", "--as", ANNA, "--party", ANNA, "--party",
                         "idnps:899700000041", "--window", window(9 * 60, 17 * 60),
                         "--search-for", "10", NULL),
                     1);
    assert_non_null(strstr(complaint, "idnps:899700000041. (UNKNOWN_PERSON, 160)"));
    unsetenv("ENTENTE_CLIENT");
    assert_int_equal(run("list", NULL), 2);
    assert_int_equal(run("list", "--client", "/nowhere.ini", NULL), 1);
}

static void test_sentences_are_french_where_french_is_asked_for(void **state)
{
    (void)state;
    use("anna");
    setenv("LC_ALL", "fr_FR.UTF-8", 1);
    assert_int_equal(run("show", "0192f4c1-7d1e-7abc-8def-0123456789ab", NULL), 1);
    setenv("LC_ALL", "C", 1);
    assert_non_null(strstr(complaint, "réunion"));
    assert_non_null(strstr(complaint, "UNKNOWN_MEETING, 180"));
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
        cmocka_unit_test(test_wrong_words_and_strangers),
        cmocka_unit_test(test_sentences_are_french_where_french_is_asked_for),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
