// SPDX-License-Identifier: Apache-2.0

/*
 * A database that goes back to a backup: what may be done again, and what may not.
 */
#include "proto/message.h"
#include "tests/simulation/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A request is carried out and told, and lost with a backup that comes back. */
static const struct record before_the_restore[] = {
    {.kind = RECORD_SAVED},
    {.kind = RECORD_INVOKE, .client = 101, .epoch = 1, .counter = 1},
    {.kind = RECORD_MEETING, .meeting = 7, .version = 1, .state = ENTENTE_SEARCHING},
    {.kind = RECORD_COMMAND,
     .client = 101,
     .epoch = 1,
     .counter = 1,
     .meeting = 7,
     .version = 1},
    {.kind = RECORD_MEMBER, .client = 101, .meeting = 7},
    {.kind = RECORD_ISSUE,
     .client = 101,
     .epoch = 1,
     .counter = 1,
     .meeting = 7,
     .version = 1},
    {.kind = RECORD_COMMIT},
};

static const char *say_after(const struct record *more, size_t count)
{
    static char said[512];
    struct checker *checker = checker_create();
    const char *last = NULL;
    for (size_t i = 0; i < sizeof(before_the_restore) / sizeof(before_the_restore[0]);
         i++) {
        assert_null(checker_take(checker, &before_the_restore[i]));
    }
    for (size_t i = 0; i < count; i++) {
        assert_null(last);
        last = checker_take(checker, &more[i]);
    }
    snprintf(said, sizeof(said), "%s", last == NULL ? "" : last);
    checker_destroy(checker);
    return said;
}

static const struct record rewound = {.kind = RECORD_REWOUND};

/* Who has had no answer asks again, and it is carried out once more. */
static void test_what_was_lost_is_done_again(void **state)
{
    const struct record more[] = {rewound,
                                  {.kind = RECORD_MEETING,
                                   .meeting = 8,
                                   .version = 1,
                                   .state = ENTENTE_SEARCHING},
                                  {.kind = RECORD_COMMAND,
                                   .client = 101,
                                   .epoch = 1,
                                   .counter = 1,
                                   .meeting = 8,
                                   .version = 1}};
    (void)state;
    assert_string_equal(say_after(more, 3), "");
}

/* An answer that was on its way is no lie; but then nothing is done again. */
static void test_what_was_acknowledged_is_not_done_again(void **state)
{
    const struct record ok = {.kind = RECORD_OK,
                              .client = 101,
                              .epoch = 1,
                              .counter = 1,
                              .meeting = 7,
                              .version = 1};
    struct record command = ok;
    command.kind = RECORD_COMMAND;
    command.meeting = 8;
    const struct record more[] = {rewound,
                                  ok,
                                  {.kind = RECORD_MEETING,
                                   .meeting = 8,
                                   .version = 1,
                                   .state = ENTENTE_SEARCHING},
                                  command};
    (void)state;
    assert_non_null(strstr(say_after(more, 4), "C2 carried out again"));
}

static void test_no_number_is_given_again(void **state)
{
    const struct record version[] = {rewound,
                                     {.kind = RECORD_MEETING,
                                      .meeting = 7,
                                      .version = 1,
                                      .state = ENTENTE_SEARCHING}};
    const struct record number[] = {rewound,
                                    {.kind = RECORD_MEETING,
                                     .meeting = 8,
                                     .version = 1,
                                     .state = ENTENTE_SEARCHING},
                                    {.kind = RECORD_ISSUE,
                                     .client = 101,
                                     .epoch = 1,
                                     .counter = 1,
                                     .meeting = 8,
                                     .version = 1}};
    const struct record unnoticed[] = {{.kind = RECORD_REWOUND, .state = 1},
                                       {.kind = RECORD_HEALED},
                                       {.kind = RECORD_END}};
    (void)state;
    assert_non_null(strstr(say_after(version, 2), "C4 version 1 comes after 1"));
    assert_non_null(strstr(say_after(number, 3), "C5 number 1 is given to two"));
    assert_non_null(strstr(say_after(unnoticed, 3), "C5 nobody has noticed"));
}

/* Before anybody has noticed, events are numbered as those before were.  When they reach what a
 * client has applied, its hello fits again. */
static void test_numbers_that_fit_again_are_beyond_noticing(void **state)
{
    const struct record issue = {.kind = RECORD_ISSUE,
                                 .client = 101,
                                 .epoch = 1,
                                 .counter = 1,
                                 .meeting = 7,
                                 .version = 1};
    const struct record apply = {.kind = RECORD_APPLY,
                                 .client = 101,
                                 .epoch = 1,
                                 .counter = 1,
                                 .meeting = 7,
                                 .version = 1,
                                 .state = ENTENTE_SEARCHING};
    const struct record unnoticed = {.kind = RECORD_REWOUND, .state = 1};
    const struct record *const more[] = {&apply, &unnoticed, &issue};
    struct checker *checker = checker_create();
    (void)state;
    for (size_t i = 0; i < sizeof(before_the_restore) / sizeof(before_the_restore[0]);
         i++) {
        assert_null(checker_take(checker, &before_the_restore[i]));
    }
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        assert_false(checker_is_overtaken(checker));
        assert_null(checker_take(checker, more[i]));
    }
    assert_true(checker_is_overtaken(checker));
    checker_destroy(checker);
}

/* What was numbered in that time is what the database holds: a new numbering tells it. */
static void test_a_new_numbering_tells_what_is_there(void **state)
{
    const struct record told = {.kind = RECORD_APPLY,
                                .client = 101,
                                .epoch = 2,
                                .counter = 1,
                                .meeting = 8,
                                .version = 100001,
                                .state = ENTENTE_SEARCHING};
    struct record lost = told;
    lost.meeting = 7;
    const struct record more[] = {
        {.kind = RECORD_REWOUND, .state = 1},
        {.kind = RECORD_MEETING,
         .meeting = 8,
         .version = 1,
         .state = ENTENTE_SEARCHING},
        {.kind = RECORD_MEMBER, .client = 101, .meeting = 8},
        {.kind = RECORD_ISSUE,
         .client = 101,
         .epoch = 1,
         .counter = 1,
         .meeting = 8,
         .version = 1},
        {.kind = RECORD_RAISED, .meeting = 8, .version = 100001},
        {.kind = RECORD_NUMBERED, .client = 101, .epoch = 2, .state = 1},
        told,
    };
    struct record wrong[7];
    (void)state;
    memcpy(wrong, more, sizeof(wrong));
    wrong[6] = lost;
    assert_string_equal(say_after(more, 7), "");
    assert_non_null(strstr(say_after(wrong, 7), "C5 event 1 tells something else"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_lost_is_done_again),
        cmocka_unit_test(test_what_was_acknowledged_is_not_done_again),
        cmocka_unit_test(test_no_number_is_given_again),
        cmocka_unit_test(test_numbers_that_fit_again_are_beyond_noticing),
        cmocka_unit_test(test_a_new_numbering_tells_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
