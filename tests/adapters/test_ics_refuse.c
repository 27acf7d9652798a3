// SPDX-License-Identifier: Apache-2.0

/*
 * test_ics_refuse.c - calendars that are refused, hostile or damaged
 */
#include "tests/adapters/ics_story.h"
#include "tests/support/rounds.h"

/* --- refusals --- */

static void a_time_that_is_not_understood_refuses_the_file(void **state)
{
    (void)state;
    assert_refused(EVENT("SUMMARY:x\nDTSTART:20261131T080000Z\n"), 5, "DTSTART");
    assert_refused(EVENT("DTSTART;TZID=Nowhere/Middle:20261110T080000\n"), 4,
                   "Nowhere");
    assert_refused(EVENT("SUMMARY:x\n"), 3, "no DTSTART");
    assert_refused(EVENT("DTSTART:20261110T080000Z\nDTEND:20261110T070000Z\n"), 5,
                   "before");
    assert_refused(EVENT("DTSTART:20261110T080000Z\nDURATION:1H\n"), 5, "DURATION");
    assert_refused(EVENT("DTSTART:20261110T080000Z\nRRULE:FREQ=OFTEN\n"), 5, "rule");
    assert_refused(EVENT("DTSTART:20261110T080000Z\nEXDATE:tomorrow\n"), 5, "EXDATE");
    assert_refused("BEGIN:VFREEBUSY\nFREEBUSY:20261110T080000Z\nEND:VFREEBUSY\n", 4,
                   "period");
    assert_refused("BEGIN:VEVENT\nDTSTART:20261110T080000Z\n", 5, "still open");
    assert_refused("hello\n", 3, "not a property");
}

/* Rules that would keep a naive reader busy for minutes give DTSTART, and that soon. */
static void rules_that_are_never_met_end(void **state)
{
    static const char *const rules[] = {
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",   "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYYEARDAY=366;BYMONTH=1",   "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=DAILY;BYMONTHDAY=31;BYMONTH=4",    "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2"};

    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char body[512];
        (void)snprintf(body, sizeof body,
                       "BEGIN:VEVENT\nDTSTART:20261110T080000Z\nDURATION:PT1H\n"
                       "RRULE:%s\nEND:VEVENT\n",
                       rules[i]);
        struct agenda agenda = read_body(body);
        assert_spans(&agenda.busy, "11-10T09:00-11-10T10:00\n");
        agenda_finish(&agenda);
    }
    assert_refused(EVENT("DTSTART:20201110T080000Z\nRRULE:FREQ=SECONDLY\n"), 5,
                   "more than");
}

static void too_many_ranges_are_refused(void **state)
{
    struct agenda_options options = november();
    struct agenda agenda = {0};
    struct ics_error error = {0};
    static const char minutely[] = "BEGIN:VCALENDAR\n" EVENT(
        "DTSTART:20261101T080000Z\nDURATION:PT1M\n"
        "RRULE:FREQ=MINUTELY;INTERVAL=2;COUNT=%d\n") "END:VCALENDAR\n";
    char text[512];

    (void)state;
    (void)snprintf(text, sizeof text, minutely, 10000);
    assert_true(agenda_read(text, strlen(text), &options, &agenda, &error));
    assert_int_equal(agenda.busy.count, 10000);
    agenda_finish(&agenda);
    (void)snprintf(text, sizeof text, minutely, 10001);
    assert_false(agenda_read(text, strlen(text), &options, &agenda, &error));
    assert_non_null(strstr(error.text, "more than 10000 ranges"));
}

static void hostile_bytes_are_refused(void **state)
{
    static const char deep[] = "BEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\n"
                               "BEGIN:A\nBEGIN:A\nBEGIN:A\n";
    struct agenda_options options = november();
    struct agenda agenda = {0};
    struct ics_error error = {0};

    (void)state;
    assert_false(agenda_read(deep, strlen(deep), &options, &agenda, &error));
    assert_int_equal(error.line, 9);
    assert_false(
        agenda_read("BEGIN:VCALENDAR\nX:a\0b\n", 22, &options, &agenda, &error));
    assert_int_equal(error.line, 2);
    char *large = calloc(1, ICS_FILE_SIZE_MAX + 1);
    assert_non_null(large);
    assert_false(agenda_read(large, ICS_FILE_SIZE_MAX + 1, &options, &agenda, &error));
    assert_non_null(strstr(error.text, "16 MiB"));
    free(large);
    options.zone = "Nowhere";
    assert_false(agenda_read("", 0, &options, &agenda, &error));
}

/* Cut, and flip bytes of, a calendar with a bit of everything: no crash, and a line. */
static void damaged_calendars_do_no_harm(void **state)
{
    static const char whole[] =
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-TIMEZONE:Europe/Paris\r\n"
        "BEGIN:VTIMEZONE\r\nTZID:Z\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\n"
        "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;"
        "BYMONTH=10\r\n"
        "END:STANDARD\r\nEND:VTIMEZONE\r\n"
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Z:20261102T090000\r\nDURATION:PT1H\r\n"
        "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261220T000000Z\r\nEXDATE;TZID=Z:"
        "20261104T090000\r\n"
        "RDATE;VALUE=PERIOD:20261107T080000Z/PT2H\r\nSUMMARY:long\r\n "
        "er\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Z:"
        "20261109T090000\r\n"
        "DTSTART;TZID=Z:20261109T100000\r\nDTEND;TZID=Z:20261109T110000\r\nEND:"
        "VEVENT\r\n"
        "BEGIN:VFREEBUSY\r\nFREEBUSY:20261106T080000Z/PT1H\r\nEND:VFREEBUSY\r\n"
        "BEGIN:VAVAILABILITY\r\nBEGIN:AVAILABLE\r\nDTSTART:"
        "20261102T080000Z\r\nDURATION:PT8H\r\n"
        "RRULE:FREQ=DAILY;COUNT=5\r\nEND:AVAILABLE\r\nEND:VAVAILABILITY\r\nEND:"
        "VCALENDAR\r\n";
    const char *given = getenv("RANDOM_SEED");
    uint32_t seed = given != NULL ? (uint32_t)strtoul(given, NULL, 10) : 20261121;
    uint32_t random = seed;
    struct agenda_options options = november();
    char text[sizeof whole];

    (void)state;
    print_message("RANDOM_SEED=%u\n", seed);
    for (size_t i = 0; i < rounds_of(2500); i++) {
        struct agenda agenda = {0};
        struct ics_error error = {0};
        size_t size = sizeof whole - 1;
        memcpy(text, whole, sizeof whole);
        if (i < sizeof whole) {
            size = i;
        } else {
            for (int j = 0; j < 3; j++) {
                random = random * 1664525u + 1013904223u;
                text[(random >> 8) % size] = (char)(random % 96u + 32u);
            }
        }
        if (agenda_read(text, size, &options, &agenda, &error)) {
            agenda_finish(&agenda);
        } else {
            assert_true(error.line > 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_that_is_not_understood_refuses_the_file),
        cmocka_unit_test(rules_that_are_never_met_end),
        cmocka_unit_test(too_many_ranges_are_refused),
        cmocka_unit_test(hostile_bytes_are_refused),
        cmocka_unit_test(damaged_calendars_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
