// SPDX-License-Identifier: Apache-2.0

/*
 * How people agree, as they type it: polls, guests, answers by telephone, substitutes,
 * and the organizer's decisions after that.
 */
#include "tests/adapters/cli_world.h"

#include <string.h>

/* cmocka's header asks for these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char meeting[CLI_ID_TEXT];

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

int main(void)
{
    int missing = pg_database_missing();
    if (missing != 0) {
        return missing;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_poll),
        cmocka_unit_test(test_a_guest_and_an_answer_by_telephone),
        cmocka_unit_test(test_a_guest_who_does_not_come),
        cmocka_unit_test(test_the_organizer_decides),
    };
    return cmocka_run_group_tests(tests, cli_set_up, cli_tear_down);
}
