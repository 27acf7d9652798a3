// SPDX-License-Identifier: Apache-2.0

/*
 * test_holiday.c - public holidays: the years that everybody can look up, what differs
 * between regions, and Easter by another way of reckoning
 */
#include "tests/support/test.h"

#include "proto/holiday.h"
#include "proto/zone_date.h"

#include <stdio.h>
#include <string.h>

enum { ROOM = 64 };

static int32_t day(int year, int month, int day_of_month)
{
    return (int32_t)zone_date_to_days(year, month, day_of_month);
}

/* The holidays of a year, as "01-01 04-01 ...". */
static void print_year(const char *region, int year, char *ret_text, size_t size)
{
    int32_t days[ROOM];
    size_t count = holiday_days(region, day(year, 1, 1), day(year, 12, 31), days, ROOM);
    size_t used = 0;

    assert_true(count <= ROOM);
    ret_text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        struct zone_civil civil;
        zone_date_from_days(days[i], &civil);
        assert_int_equal(civil.year, year);
        used += (size_t)snprintf(ret_text + used, size - used, "%s%02d-%02d",
                                 i == 0 ? "" : " ", civil.month, civil.day);
    }
}

static bool is_holiday(const char *region, int32_t wanted)
{
    return holiday_days(region, wanted, wanted, NULL, 0) == 1;
}

/* As printed on calendars. */
static void test_the_years_to_come(void **state)
{
    static const struct {
        int year;
        const char *days;
    } years[] = {
        {2024, "01-01 04-01 05-01 05-08 05-09 05-20 07-14 08-15 11-01 11-11 12-25"},
        {2025, "01-01 04-21 05-01 05-08 05-29 06-09 07-14 08-15 11-01 11-11 12-25"},
        {2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"},
        {2027, "01-01 03-29 05-01 05-06 05-08 05-17 07-14 08-15 11-01 11-11 12-25"},
        {2028, "01-01 04-17 05-01 05-08 05-25 06-05 07-14 08-15 11-01 11-11 12-25"},
        {2029, "01-01 04-02 05-01 05-08 05-10 05-21 07-14 08-15 11-01 11-11 12-25"},
        {2030, "01-01 04-22 05-01 05-08 05-30 06-10 07-14 08-15 11-01 11-11 12-25"},
    };
    char text[256];
    (void)state;

    for (size_t i = 0; i < sizeof(years) / sizeof(years[0]); i++) {
        static const char *const regions[] = {
            "FR", "", NULL, "FR-75", "FR-01", "FR-95", "FR-2A", "FR-2B", "FR-PM"};
        for (size_t j = 0; j < sizeof(regions) / sizeof(regions[0]); j++) {
            print_year(regions[j], years[i].year, text, sizeof(text));
            assert_string_equal(text, years[i].days);
        }
    }
}

/* Ascension and 8 May may be one day: then there is one holiday less. */
static void test_two_holidays_on_one_day(void **state)
{
    char text[256];
    (void)state;

    print_year("FR", 2008, text, sizeof(text));
    assert_string_equal(text,
                        "01-01 03-24 05-01 05-08 05-12 07-14 08-15 11-01 11-11 12-25");
}

static void test_what_regions_have_besides(void **state)
{
    static const struct {
        const char *regions[4];
        const char *more[4]; /* in 2026 */
    } rows[] = {
        {{"FR-57", "FR-67", "FR-68", "FR-6AE"}, {"04-03", "12-26"}},
        {{"FR-971", "FR-GP"}, {"05-27"}},
        {{"FR-972", "FR-MQ"}, {"05-22"}},
        {{"FR-973", "FR-GF"}, {"06-10"}},
        {{"FR-974", "FR-RE"}, {"12-20"}},
        {{"FR-976", "FR-YT"}, {"04-27"}},
        {{"FR-MF"}, {"05-28"}},
        {{"FR-BL"}, {"10-09"}},
        {{"FR-NC"}, {"09-24"}},
        {{"FR-PF"}, {"03-05", "04-03", "11-20"}},
        {{"FR-WF"}, {"04-28", "07-29"}},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t j = 0; j < 4 && rows[i].regions[j] != NULL; j++) {
            const char *region = rows[i].regions[j];
            size_t more = 0;
            char text[256];
            print_year(region, 2026, text, sizeof(text));
            for (; more < 4 && rows[i].more[more] != NULL; more++) {
                assert_non_null(strstr(text, rows[i].more[more]));
            }
            /* The eleven, and no more than that. */
            int32_t days[ROOM];
            assert_int_equal(
                holiday_days(region, day(2026, 1, 1), day(2026, 12, 31), days, ROOM),
                11 + more);
            assert_true(holiday_known(region));
        }
    }
}

static void test_rules_that_have_a_date(void **state)
{
    (void)state;

    assert_true(is_holiday("FR-MF", day(2018, 5, 27)));
    assert_false(is_holiday("FR-MF", day(2018, 5, 28)));
    assert_false(is_holiday("FR-MF", day(2019, 5, 27)));
    assert_true(is_holiday("FR-MF", day(2019, 5, 28)));
    assert_true(is_holiday("FR-PF", day(2025, 6, 29)));
    assert_false(is_holiday("FR-PF", day(2025, 11, 20)));
    assert_false(is_holiday("FR-PF", day(2026, 6, 29)));
    assert_true(is_holiday("FR-PF", day(2026, 11, 20)));
}

static void test_regions_that_are_not_known(void **state)
{
    static const char *const names[] = {
        "fr",     "FR-00", "FR-20", "FR-96",  "FR-99",  "FR-1",  "FR-012", "FR-",
        "FR-7A",  "FR-A7", "FR-2C", "FR-975", "FR-GES", "DE",    "FR ",    "France",
        "FR-67 ", "GP",    "-FR",   "FR_67",  "FR-6:",  "FR-:6",
    };
    int32_t days[ROOM];
    (void)state;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_false(holiday_known(names[i]));
        assert_int_equal(
            holiday_days(names[i], day(2026, 1, 1), day(2026, 12, 31), days, ROOM), 0);
    }
    for (int number = 1; number <= 95; number++) {
        char name[8];
        snprintf(name, sizeof(name), "FR-%02d", number);
        assert_true(holiday_known(name) == (number != 20));
    }
}

static void test_from_the_first_day_to_the_last(void **state)
{
    int32_t days[ROOM];
    (void)state;

    assert_int_equal(holiday_days("FR", day(2026, 5, 1), day(2026, 5, 8), days, ROOM),
                     2);
    assert_int_equal(days[0], day(2026, 5, 1));
    assert_int_equal(days[1], day(2026, 5, 8));
    assert_int_equal(holiday_days("FR", day(2026, 5, 2), day(2026, 5, 7), days, ROOM),
                     0);
    assert_int_equal(holiday_days("FR", day(2026, 5, 8), day(2026, 5, 1), days, ROOM),
                     0);
    assert_int_equal(holiday_days("FR", day(2025, 12, 1), day(2026, 1, 31), days, ROOM),
                     2);
    assert_int_equal(days[1], day(2026, 1, 1));

    /* More than there is room for: those that fit, and how many there are. */
    days[2] = 77;
    assert_int_equal(holiday_days("FR", day(2026, 1, 1), day(2026, 12, 31), days, 2),
                     11);
    assert_int_equal(days[1], day(2026, 4, 6));
    assert_int_equal(days[2], 77);
}

static void test_the_ends_of_the_calendar(void **state)
{
    int32_t days[ROOM];
    (void)state;

    assert_int_equal(holiday_days("FR", INT32_MIN, day(1900, 1, 1), days, ROOM), 1);
    assert_int_equal(days[0], day(1900, 1, 1));
    assert_int_equal(holiday_days("FR", day(2200, 12, 25), INT32_MAX, days, ROOM), 1);
    assert_int_equal(days[0], day(2200, 12, 25));
    assert_int_equal(holiday_days("FR", INT32_MIN, day(1899, 12, 31), days, ROOM), 0);
    assert_int_equal(holiday_days("FR", day(2201, 1, 1), INT32_MAX, days, ROOM), 0);
    for (int year = HOLIDAY_FIRST_YEAR; year <= HOLIDAY_LAST_YEAR; year++) {
        assert_true(holiday_days("FR-PF", day(year, 1, 1), day(year, 12, 31), days,
                                 ROOM) <= HOLIDAY_MOST_IN_A_YEAR);
    }
}

/* The reckoning of Meeus, Jones and Butcher, which knows no full moon. */
static int32_t easter_by_butcher(int year)
{
    int a = year % 19;
    int b = year / 100;
    int c = year % 100;
    int g = (8 * b + 13) / 25;
    int h = (19 * a + b - b / 4 - g + 15) % 30;
    int m = (a + 11 * h) / 319;
    int r = (2 * (b % 4) + 2 * (c / 4) - c % 4 - h + m + 32) % 7;
    int month = (h - m + r + 90) / 25;
    return day(year, month, (h - m + r + month + 19) % 32);
}

static void test_easter(void **state)
{
    static const int known[][3] = {
        {1900, 4, 15}, {1913, 3, 23}, {1943, 4, 25}, {1954, 4, 18}, {1961, 4, 2},
        {1981, 4, 19}, {2000, 4, 23}, {2008, 3, 23}, {2011, 4, 24}, {2024, 3, 31},
        {2025, 4, 20}, {2026, 4, 5},  {2038, 4, 25}, {2049, 4, 18}, {2076, 4, 19},
        {2100, 3, 28}, {2200, 4, 6},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        assert_int_equal(holiday_easter(known[i][0]),
                         day(known[i][0], known[i][1], known[i][2]));
    }
    for (int year = HOLIDAY_FIRST_YEAR; year <= HOLIDAY_LAST_YEAR; year++) {
        assert_int_equal(holiday_easter(year), easter_by_butcher(year));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_years_to_come),
        cmocka_unit_test(test_two_holidays_on_one_day),
        cmocka_unit_test(test_what_regions_have_besides),
        cmocka_unit_test(test_rules_that_have_a_date),
        cmocka_unit_test(test_regions_that_are_not_known),
        cmocka_unit_test(test_from_the_first_day_to_the_last),
        cmocka_unit_test(test_the_ends_of_the_calendar),
        cmocka_unit_test(test_easter),
    };
    return cmocka_run_group_tests_name("holiday", tests, NULL, NULL);
}
