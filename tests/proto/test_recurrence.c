// SPDX-License-Identifier: Apache-2.0

/*
 * test_recurrence.c - the part of an RRULE that a series can say, and what is said of the
 * rest
 */
#include "proto/recurrence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_what_a_series_can_say(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct recurrence means;
    } rules[] = {
        {"FREQ=WEEKLY;COUNT=6", {6, ENTENTE_WEEKLY, 0, 0, 0, false}},
        {"RRULE:FREQ=WEEKLY;COUNT=6", {6, ENTENTE_WEEKLY, 0, 0, 0, false}},
        {"COUNT=1;FREQ=WEEKLY", {1, ENTENTE_WEEKLY, 0, 0, 0, false}},
        {"freq=weekly;interval=1;count=2;wkst=su", {2, ENTENTE_WEEKLY, 0, 0, 0, false}},
        {"FREQ=WEEKLY;INTERVAL=2;COUNT=64", {64, ENTENTE_FORTNIGHTLY, 0, 0, 0, false}},
        {"FREQ=WEEKLY;COUNT=6;BYDAY=MO", {6, ENTENTE_WEEKLY, 1, 0, 0, false}},
        {"FREQ=WEEKLY;COUNT=6;BYDAY=su", {6, ENTENTE_WEEKLY, 64, 0, 0, false}},
        {"FREQ=MONTHLY;COUNT=3;BYDAY=1TU", {3, ENTENTE_MONTHLY, 2, 1, 0, false}},
        {"FREQ=MONTHLY;COUNT=3;BYDAY=-1TU",
         {3, ENTENTE_MONTHLY, 2, RECURRENCE_LAST, 0, false}},
        {"FREQ=WEEKLY;UNTIL=20261218", {0, ENTENTE_WEEKLY, 0, 0, 20805, false}},
        {"until=20261218t225959z;freq=weekly",
         {0, ENTENTE_WEEKLY, 0, 0, 20805 * 1440 + 22 * 60 + 59, true}},
        {"BYDAY=4fr;FREQ=MONTHLY;COUNT=9999", {9999, ENTENTE_MONTHLY, 16, 4, 0, false}},
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct recurrence got;
        const char *why = "";
        if (!recurrence_read(rules[i].text, &got, &why)) {
            fail_msg("%s: %s", rules[i].text, why);
        }
        assert_int_equal(got.occurrences, rules[i].means.occurrences);
        assert_int_equal(got.step, rules[i].means.step);
        assert_int_equal(got.weekdays, rules[i].means.weekdays);
        assert_int_equal(got.nth, rules[i].means.nth);
        assert_int_equal(got.until, rules[i].means.until);
        assert_int_equal(got.until_is_moment, rules[i].means.until_is_moment);
    }
}

static void test_what_it_cannot_say_is_told_with_what_would_be_right(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } rules[] = {
        {"every week", "COUNT=6"},
        {"", "COUNT=6"},
        {"FREQ=WEEKLY;COUNT=", "COUNT=6"},
        {"FREQ=WEEKLY;", "COUNT=6"},
        {"=WEEKLY;COUNT=6", "COUNT=6"},
        {"FREQ=WEEKLY", "COUNT is needed"},
        {"FREQ=WEEKLY;COUNT=0", "COUNT is needed"},
        {"FREQ=WEEKLY;COUNT=-1", "COUNT is needed"},
        {"FREQ=WEEKLY;COUNT=6x", "COUNT is needed"},
        {"FREQ=WEEKLY;COUNT=10000", "COUNT is needed"},
        {"FREQ=WEEKLY;COUNT=99999999999999999999", "COUNT is needed"},
        {"FREQ=WEEKLY;COUNT=6;UNTIL=20270101", "not both"},
        {"FREQ=WEEKLY;UNTIL=2027", "UNTIL=20261218"},
        {"FREQ=WEEKLY;UNTIL=20270230", "UNTIL=20261218"},
        {"FREQ=WEEKLY;UNTIL=20270101T000000", "UNTIL=20261218"},
        {"FREQ=WEEKLY;UNTIL=20270101T250000Z", "UNTIL=20261218"},
        {"FREQ=WEEKLY;UNTIL=20270101X000000Z", "UNTIL=20261218"},
        {"COUNT=6", "FREQ=WEEKLY"},
        {"FREQ=DAILY;COUNT=6", "FREQ=MONTHLY"},
        {"FREQ=YEARLY;COUNT=6", "FREQ=MONTHLY"},
        {"FREQ=WEEKLY;INTERVAL=3;COUNT=6", "INTERVAL=2"},
        {"FREQ=WEEKLY;INTERVAL=0;COUNT=6", "INTERVAL=2"},
        {"FREQ=MONTHLY;INTERVAL=2;COUNT=6;BYDAY=1MO", "INTERVAL=2"},
        {"FREQ=WEEKLY;COUNT=6;COUNT=6", "once"},
        {"FREQ=WEEKLY;COUNT=6;BYDAY=MO,WE", "one weekday"},
        {"FREQ=WEEKLY;COUNT=6;BYDAY=MO,TU,WE,TH,FR,SA,SU,MO,TU,WE,TH,FR",
         "one weekday"},
        {"FREQ=WEEKLY;COUNT=6;BYDAY=2MO", "BYDAY is a weekday"},
        {"FREQ=WEEKLY;COUNT=6;BYDAY=XX", "BYDAY is a weekday"},
        {"FREQ=MONTHLY;COUNT=6", "second Tuesday"},
        {"FREQ=MONTHLY;COUNT=6;BYDAY=TU", "second Tuesday"},
        {"FREQ=MONTHLY;COUNT=6;BYDAY=-2TU", "second Tuesday"},
        {"FREQ=MONTHLY;COUNT=6;BYDAY=-1", "BYDAY is a weekday"},
        {"FREQ=WEEKLY;COUNT=6;BYDAY=-1TU", "BYDAY is a weekday"},
        {"FREQ=MONTHLY;COUNT=6;BYDAY=5TU", "second Tuesday"},
        {"FREQ=MONTHLY;COUNT=6;BYDAY=2", "BYDAY is a weekday"},
        {"FREQ=MONTHLY;COUNT=6;BYDAY=2MO,3MO", "one weekday"},
        {"FREQ=MONTHLY;COUNT=6;BYMONTHDAY=15", "only FREQ"},
        {"FREQ=WEEKLY;COUNT=6;BYHOUR=9", "only FREQ"},
        {"FREQ=WEEKLY;COUNT=6;WKST=8", "WKST"},
        {"FREQ=WEEKLYWEEKLYWEEKLYWEEKLYWEEKLYWEEKLY;COUNT=6", "too long"},
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct recurrence got = {.occurrences = 77};
        const char *why = "";
        assert_false(recurrence_read(rules[i].text, &got, &why));
        if (strstr(why, rules[i].says) == NULL) {
            fail_msg("\"%s\": %s", rules[i].text, why);
        }
        assert_int_equal(got.occurrences, 77);
    }
}

static void test_the_days_on_which_it_may_begin(void **state)
{
    (void)state;
    enum { TUESDAY_1_DECEMBER_2026 = 20788 };
    const struct recurrence second = {6, ENTENTE_MONTHLY, 2, 2, 0, false};
    const struct recurrence any = {6, ENTENTE_WEEKLY, 0, 0, 0, false};
    for (int32_t day = 0; day < 31; day++) {
        assert_int_equal(recurrence_admits(&second, TUESDAY_1_DECEMBER_2026 + day),
                         day == 7);
        assert_true(recurrence_admits(&any, TUESDAY_1_DECEMBER_2026 + day));
    }
    /* Before 1970 the calendar goes on backwards: 13 January 1970 was a second Tuesday. */
    assert_true(recurrence_admits(&second, 12));
    assert_false(recurrence_admits(&second, 12 - 7));
    assert_true(recurrence_admits(&second, -23)); /* 9 December 1969 */
}

static void test_a_series_by_text_or_by_fields(void **state)
{
    (void)state;
    struct entente_spec spec = {0};
    assert_int_equal(recurrence_of(&spec).occurrences, 1);
    assert_int_equal(recurrence_of(&spec).step, ENTENTE_WEEKLY);
    spec.occurrences = 3;
    spec.step = ENTENTE_MONTHLY;
    assert_int_equal(recurrence_of(&spec).occurrences, 3);
    assert_int_equal(recurrence_of(&spec).step, ENTENTE_MONTHLY);
    assert_int_equal(recurrence_of(&spec).weekdays, 0);
    spec = (struct entente_spec){.recurrence = "FREQ=WEEKLY;COUNT=4;BYDAY=WE"};
    assert_int_equal(recurrence_of(&spec).occurrences, 4);
    assert_int_equal(recurrence_of(&spec).weekdays, 4);
}

/* From Tuesday, the first of December 2026, for eight days. */
static void test_how_many_there_are_until_a_day(void **state)
{
    (void)state;
    enum { DAY = 1440, FIRST = 20788 * DAY };
    static const struct {
        const char *rule;
        size_t rank;
        uint32_t occurrences; /* 0: there is no such run */
        int first;            /* days after the first */
        int last;
    } runs[] = {
        {"FREQ=WEEKLY;UNTIL=20261215", 0, 3, 0, 0},
        {"FREQ=WEEKLY;UNTIL=20261215", 1, 2, 1, 7},
        {"FREQ=WEEKLY;UNTIL=20261215", 2, 0, 0, 0},
        {"FREQ=WEEKLY;UNTIL=20261214", 0, 2, 0, 6},
        {"FREQ=WEEKLY;UNTIL=20261214", 1, 1, 7, 7},
        {"FREQ=WEEKLY;UNTIL=20261214T233000Z", 0, 3, 0, 0}, /* in Paris the next day */
        {"FREQ=WEEKLY;UNTIL=20261130", 0, 0, 0, 0},
        {"FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231;BYDAY=TU", 0, 3, 0, 0},
        {"FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231;BYDAY=TU", 1, 2, 7, 7},
        {"FREQ=MONTHLY;UNTIL=20270331;BYDAY=1TU", 0, 4, 0, 0},
        {"FREQ=MONTHLY;UNTIL=20270331;BYDAY=-1TU", 0, 0, 0, 0},
        {"FREQ=WEEKLY;UNTIL=20991231", 0, 65, 0, 7}, /* so many or more */
    };
    struct entente_span window = {FIRST + 8 * 60, FIRST + 7 * DAY + 9 * 60};
    struct entente_spec spec = {
        .windows = &window, .windows_count = 1, .duration_minutes = 60};
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        struct recurrence_run run = {0};
        spec.recurrence = runs[i].rule;
        bool found = recurrence_run(&spec, runs[i].rank, &run);
        if (found != (runs[i].occurrences > 0) ||
            run.occurrences != runs[i].occurrences) {
            fail_msg("%s, %zu: %u", runs[i].rule, runs[i].rank,
                     (unsigned)run.occurrences);
        }
        if (found) {
            assert_int_equal(run.from, FIRST - 60 + runs[i].first * DAY);
            assert_int_equal(run.until, FIRST - 60 + (runs[i].last + 1) * DAY);
        }
    }
    spec.zone = "Nowhere/At_All";
    struct recurrence_run run;
    assert_false(recurrence_run(&spec, 0, &run));
}

static void test_a_series_is_written_as_it_is_read(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY;COUNT=3;INTERVAL=2;BYDAY=TU",
        "FREQ=MONTHLY;COUNT=3;BYDAY=2FR", "FREQ=MONTHLY;COUNT=3;BYDAY=-1SU"};
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct recurrence series;
        const char *why;
        char text[RECURRENCE_TEXT];
        assert_true(recurrence_read(rules[i], &series, &why));
        recurrence_write(&series, series.occurrences, text, sizeof(text));
        assert_string_equal(text, rules[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_series_can_say),
        cmocka_unit_test(test_how_many_there_are_until_a_day),
        cmocka_unit_test(test_a_series_is_written_as_it_is_read),
        cmocka_unit_test(test_what_it_cannot_say_is_told_with_what_would_be_right),
        cmocka_unit_test(test_the_days_on_which_it_may_begin),
        cmocka_unit_test(test_a_series_by_text_or_by_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
