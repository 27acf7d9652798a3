// SPDX-License-Identifier: Apache-2.0

/*
 * test_ics_zone.c - the zones of proto/zone.h beside those of glibc
 */
#include "proto/zone.h"
#include "tests/support/rounds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define YEAR_2000 15778080 /* 2000-01-01T00:00Z in minutes */
#define YEAR_2100 68374080
#define WEEK 10080
#define ROOT "/usr/share/zoneinfo"

static int zones_seen;
static int zones_wrong;

/* What glibc says, for the zone that TZ names. */
static int32_t glibc_offset(int32_t minute)
{
    time_t second = (time_t)minute * 60;
    struct tm local;

    assert_non_null(localtime_r(&second, &local));
    return (int32_t)(local.tm_gmtoff / 60);
}

static bool agrees_at(const char *name, int32_t minute)
{
    struct zone_span span;

    if (zone_spans(name, minute, minute + 1, &span, 1) != 1 ||
        span.offset_minutes != glibc_offset(minute)) {
        print_message("%s differs at minute %d: %d, glibc %d\n", name, minute,
                      span.offset_minutes, glibc_offset(minute));
        return false;
    }
    return true;
}

static bool agrees(const char *name)
{
    static struct zone_span spans[1024];

    assert_int_equal(setenv("TZ", name, 1), 0);
    tzset();
    size_t count =
        zone_spans(name, YEAR_2000, YEAR_2100, spans, sizeof spans / sizeof *spans);
    bool good = count > 0;
    for (size_t i = 1; i < count && good; i++) {
        good = agrees_at(name, spans[i].from - 1) && agrees_at(name, spans[i].from);
    }
    const size_t weeks = 5200 / rounds_of(5200);
    for (int32_t minute = YEAR_2000; minute < YEAR_2100 && good;
         minute += (int32_t)weeks * WEEK) {
        good = agrees_at(name, minute);
    }
    return good;
}

static int visit(const char *path, const struct stat *status, int type)
{
    const char *name = path + strlen(ROOT) + 1;

    (void)status;
    if (type == FTW_F && zone_known(name)) {
        zones_seen++;
        zones_wrong += agrees(name) ? 0 : 1;
    }
    return 0;
}

static void every_zone_is_what_glibc_says(void **state)
{
    (void)state;
    assert_int_equal(ftw(ROOT, visit, 16), 0);
    (void)unsetenv("TZ");
    print_message("%d zones compared\n", zones_seen);
    assert_true(zones_seen > 300);
    assert_int_equal(zones_wrong, 0);
}

static void france_overseas_is_there(void **state)
{
    static const struct {
        const char *name;
        int32_t offset;
    } zones[] = {{"Europe/Paris", 60},
                 {"America/Guadeloupe", -240},
                 {"America/Martinique", -240},
                 {"America/Cayenne", -180},
                 {"America/Miquelon", -180},
                 {"Indian/Reunion", 240},
                 {"Indian/Mayotte", 180},
                 {"Pacific/Noumea", 660},
                 {"Pacific/Tahiti", -600},
                 {"Pacific/Wallis", 720},
                 {"UTC", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        struct zone_span span;
        assert_true(zone_known(zones[i].name));
        assert_int_equal(zone_spans(zones[i].name, YEAR_2100 - 1, YEAR_2100, &span, 1),
                         1);
        assert_int_equal(span.offset_minutes, zones[i].offset);
    }
}

static void what_is_no_zone_is_unknown(void **state)
{
    static const char *const names[] = {"",
                                        "Paris",
                                        "europe/paris",
                                        "../UTC",
                                        "/etc/passwd",
                                        "right/UTC",
                                        "posix/UTC",
                                        "Europe",
                                        "Europe/",
                                        "Europe/Nowhere",
                                        "zone.tab",
                                        "tzdata.zi",
                                        "Europe/../UTC",
                                        "W. Europe Standard Time"};
    struct zone_civil civil = {0};
    struct zone_span span;
    int32_t minute = 7;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_false(zone_known(names[i]));
        assert_false(zone_to_civil(names[i], 0, &civil));
        assert_int_equal(zone_spans(names[i], 0, 1, &span, 1), 0);
    }
    assert_false(zone_known(NULL));
    assert_false(zone_parse_time("2026-11-21T09:30", NULL, &minute));
    assert_int_equal(minute, 7);
}

static void spans_follow_each_other(void **state)
{
    struct zone_span spans[4];
    int32_t from = 0;
    int32_t until = 0;

    (void)state;
    assert_true(zone_parse_time("2026-03-01T00:00Z", NULL, &from));
    assert_true(zone_parse_time("2026-11-01T00:00Z", NULL, &until));
    assert_int_equal(zone_spans("Europe/Paris", from, until, spans, 4), 3);
    assert_int_equal(zone_spans("Europe/Paris", from, until, spans, 2), 0);
    assert_int_equal(zone_spans("Europe/Paris", until, from, spans, 4), 0);
    assert_int_equal(spans[0].from, from);
    assert_int_equal(spans[0].offset_minutes, 60);
    assert_int_equal(spans[1].offset_minutes, 120);
    char text[ZONE_TIME_SIZE];
    zone_format_time(spans[1].from, "UTC", text, sizeof text);
    assert_string_equal(text, "2026-03-29T01:00Z");
    zone_format_time(spans[2].from, "Europe/Paris", text, sizeof text);
    assert_string_equal(text, "2026-10-25T02:00+01:00");
    zone_format_time(spans[2].from, "Pacific/Marquesas", text, sizeof text);
    assert_string_equal(text, "2026-10-24T15:30-09:30");
}

/*     01:00Z the clocks jump      02:30 is read as 03:30
 *     01:00Z the clocks go back   02:30 is the first of two */
static void the_gap_and_the_repeated_hour(void **state)
{
    static const struct {
        const char *civil;
        const char *utc;
    } cases[] = {{"2026-03-29T01:59", "2026-03-29T00:59Z"},
                 {"2026-03-29T02:00", "2026-03-29T01:00Z"},
                 {"2026-03-29T02:30", "2026-03-29T01:30Z"},
                 {"2026-03-29T02:59", "2026-03-29T01:59Z"},
                 {"2026-03-29T03:00", "2026-03-29T01:00Z"},
                 {"2026-10-25T01:59", "2026-10-24T23:59Z"},
                 {"2026-10-25T02:00", "2026-10-25T00:00Z"},
                 {"2026-10-25T02:59", "2026-10-25T00:59Z"},
                 {"2026-10-25T03:00", "2026-10-25T02:00Z"},
                 {"2099-07-01T12:00", "2099-07-01T10:00Z"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[ZONE_TIME_SIZE];
        int32_t minute = 0;
        assert_true(zone_parse_time(cases[i].civil, "Europe/Paris", &minute));
        zone_format_time(minute, "UTC", text, sizeof text);
        assert_string_equal(text, cases[i].utc);
    }
}

static void civil_and_back_is_the_same_minute(void **state)
{
    static const char *const names[] = {"Europe/Paris", "Pacific/Apia",
                                        "America/St_Johns", "Australia/Lord_Howe"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (int32_t minute = YEAR_2000; minute < YEAR_2100; minute += 1437) {
            struct zone_civil civil;
            struct zone_civil again;
            int32_t back = 0;
            assert_true(zone_to_civil(names[i], minute, &civil));
            assert_true(zone_from_civil(names[i], &civil, &back));
            assert_true(back <= minute);
            assert_true(zone_to_civil(names[i], back, &again));
            assert_memory_equal(&civil, &again, sizeof civil);
        }
    }
}

static void texts_are_read_strictly(void **state)
{
    static const char *const good[] = {
        "2026-11-21T09:30+01:00", "2026-11-21T09:30:00+0100", "2026-11-21T08:30Z",
        "2026-11-21T08:30:00Z",   "2026-11-21T09:30",         "2026-11-20T22:00-10:30"};
    static const char *const bad[] = {"",
                                      "2026-11-21",
                                      "2026-11-21 09:30",
                                      "2026-11-21T9:30",
                                      "2026-11-21T24:00",
                                      "2026-11-21T09:60",
                                      "2026-11-31T09:30",
                                      "2026-13-01T09:30",
                                      "2026-02-29T09:30",
                                      "2026-11-21T09:30:01",
                                      "2026-11-21T09:30:00.5Z",
                                      "2026-11-21T09:30z",
                                      "2026-11-21T09:30+1",
                                      "2026-11-21T09:30+01:60",
                                      "2026-11-21T09:30Zx",
                                      "+2026-1-21T09:30",
                                      "2019-12-31T23:59Z",
                                      "2101-01-01T00:00Z",
                                      "9999-12-31T23:59Z"};
    int32_t minute = 0;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char text[ZONE_TIME_SIZE];
        assert_true(zone_parse_time(good[i], "Europe/Paris", &minute));
        zone_format_time(minute, "Europe/Paris", text, sizeof text);
        assert_string_equal(text, "2026-11-21T09:30+01:00");
    }
    minute = 5;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(zone_parse_time(bad[i], "Europe/Paris", &minute));
        assert_int_equal(minute, 5);
    }
    assert_true(zone_parse_time("2020-01-01T00:00Z", NULL, &minute));
    assert_int_equal(minute, 26297280);
    assert_true(zone_parse_time("2100-12-31T23:59Z", NULL, &minute));
}

static void weekdays_begin_on_monday(void **state)
{
    struct zone_civil civil;
    int32_t minute = 0;

    (void)state;
    assert_true(zone_parse_time("2026-11-22T23:30Z", NULL, &minute));
    assert_true(zone_to_civil("UTC", minute, &civil));
    assert_int_equal(civil.weekday, 7);
    assert_true(zone_to_civil("Europe/Paris", minute, &civil));
    assert_int_equal(civil.weekday, 1);
    assert_int_equal(civil.day, 23);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_zone_is_what_glibc_says),
        cmocka_unit_test(france_overseas_is_there),
        cmocka_unit_test(what_is_no_zone_is_unknown),
        cmocka_unit_test(spans_follow_each_other),
        cmocka_unit_test(the_gap_and_the_repeated_hour),
        cmocka_unit_test(civil_and_back_is_the_same_minute),
        cmocka_unit_test(texts_are_read_strictly),
        cmocka_unit_test(weekdays_begin_on_monday),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
