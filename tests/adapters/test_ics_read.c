// SPDX-License-Identifier: Apache-2.0

/*
 * test_ics_read.c - what small calendars say, one rule of docs/ics.md each
 */
#include "tests/adapters/ics_story.h"

#include "adapters/ics/freebusy.h"
#include "adapters/ics/windows_zones.h"

/* --- when --- */

static void seconds_are_rounded_outward(void **state)
{
    (void)state;
    assert_busy(EVENT("DTSTART:20261110T080059Z\nDTEND:20261110T083001Z\n"),
                "11-10T09:00-11-10T09:31\n");
}

static void a_day_lasts_a_day_also_when_the_clocks_change(void **state)
{
    struct agenda_options options = november();

    (void)state;
    options.from = at("2026-10-01T00:00");
    struct agenda agenda = read_with(
        &options, EVENT("DTSTART;VALUE=DATE:20261025\n") EVENT(
                      "DTSTART;VALUE=DATE:20261110\nDTEND;VALUE=DATE:20261112\n"));
    assert_spans(&agenda.busy, "10-25T00:00-10-26T00:00\n11-10T00:00-11-12T00:00\n");
    assert_int_equal(agenda.busy.items[0].end - agenda.busy.items[0].start, 25 * 60);
    agenda_finish(&agenda);
}

static void without_an_end_a_time_takes_nothing(void **state)
{
    (void)state;
    assert_busy(EVENT("DTSTART:20261110T080000Z\n"), "");
    assert_busy(EVENT("DTSTART:20261110T080000Z\nDURATION:PT45M\n"),
                "11-10T09:00-11-10T09:45\n");
}

static void zones_of_every_kind_are_understood(void **state)
{
    (void)state;
    assert_busy(
        EVENT("DTSTART;TZID=Romance Standard Time:20261110T090000\nDURATION:PT1H\n"),
        "11-10T09:00-11-10T10:00\n");
    assert_busy(
        EVENT("DTSTART;TZID=/mozilla.org/20050126_1/Indian/Reunion:20261110T090000\n"
              "DURATION:PT1H\n"),
        "11-10T06:00-11-10T07:00\n");
    assert_busy(
        EVENT("DTSTART;TZID=\"America/Guadeloupe\":20261110T090000\nDURATION:PT1H\n"),
        "11-10T14:00-11-10T15:00\n");
    assert_busy(EVENT("DTSTART:20261110T090000\nDURATION:PT1H\n"),
                "11-10T09:00-11-10T10:00\n");
    assert_busy("X-WR-TIMEZONE:Pacific/Noumea\n" EVENT(
                    "DTSTART:20261110T090000\nDURATION:PT1H\n"),
                "11-09T23:00-11-10T00:00\n");
    assert_string_equal(windows_zones_iana("w. europe standard time"), "Europe/Berlin");
    assert_null(windows_zones_iana("Paris"));
}

static void a_zone_of_the_file_is_what_the_file_says(void **state)
{
    (void)state;
    assert_busy(
        "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\n"
        "BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0500\n"
        "TZOFFSETTO:+0400\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\n"
        "BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0400\n"
        "TZOFFSETTO:+0500\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\n"
        "END:VTIMEZONE\n" EVENT(
            "DTSTART;TZID=Customized Time Zone:20261110T090000\nDURATION:PT1H\n"),
        "11-10T06:00-11-10T07:00\n");
}

static void every_windows_zone_is_in_tzdata(void **state)
{
    static const char *const names[] = {"Romance Standard Time",
                                        "W. Europe Standard Time",
                                        "GMT Standard Time",
                                        "SA Western Standard Time",
                                        "SA Eastern Standard Time",
                                        "Hawaiian Standard Time",
                                        "Mauritius Standard Time",
                                        "Central Pacific Standard Time",
                                        "Saint Pierre Standard Time",
                                        "UTC",
                                        "UTC+12",
                                        "E. Africa Standard Time"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *iana = windows_zones_iana(names[i]);
        assert_non_null(iana);
        assert_true(zone_known(iana));
    }
}

/* --- how often --- */

static void a_series_follows_the_clock_on_the_wall(void **state)
{
    struct agenda_options options = november();

    (void)state;
    options.from = at("2026-10-20T00:00");
    options.until = at("2026-11-03T00:00");
    struct agenda agenda =
        read_with(&options, EVENT("DTSTART;TZID=Europe/Paris:20200107T090000\n"
                                  "DURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=TU\n"));
    assert_spans(&agenda.busy, "10-20T09:00-10-20T10:00\n10-27T09:00-10-27T10:00\n");
    agenda_finish(&agenda);
}

static void exceptions_are_taken_out_by_time_and_by_day(void **state)
{
    (void)state;
    assert_busy(EVENT("DTSTART;TZID=Europe/Paris:20261102T090000\nDURATION:PT1H\n"
                      "RRULE:FREQ=DAILY;COUNT=6\n"
                      "EXDATE;VALUE=DATE:20261103\n"
                      "EXDATE:20261104T080000Z,20261105T080000Z\n"
                      "EXDATE;TZID=Europe/Paris:20261106T090000\n"),
                "11-02T09:00-11-02T10:00\n11-07T09:00-11-07T10:00\n");
}

static void dates_can_be_added_with_a_length_of_their_own(void **state)
{
    (void)state;
    assert_busy(EVENT("DTSTART:20261102T080000Z\nDURATION:PT1H\n"
                      "RDATE;VALUE=PERIOD:20261103T080000Z/PT2H,"
                      "20261104T080000Z/20261104T083000Z\n"
                      "RDATE:20261105T080000Z\n"),
                "11-02T09:00-11-02T10:00\n11-03T09:00-11-03T11:00\n"
                "11-04T09:00-11-04T09:30\n11-05T09:00-11-05T10:00\n");
}

static void one_time_of_a_series_can_be_moved_or_cancelled(void **state)
{
    (void)state;
    assert_busy(
        EVENT("UID:a\nDTSTART:20261102T080000Z\nDURATION:PT1H\n"
              "RRULE:FREQ=DAILY;COUNT=4\n")
            EVENT("UID:a\nRECURRENCE-ID:20261103T080000Z\n"
                  "DTSTART:20261103T140000Z\nDURATION:PT30M\n")
                EVENT("UID:a\nRECURRENCE-ID;TZID=Europe/Paris:20261104T090000\n"
                      "DTSTART:20261104T080000Z\nDURATION:PT1H\nSTATUS:CANCELLED\n"),
        "11-02T09:00-11-02T10:00\n11-03T15:00-11-03T15:30\n"
        "11-05T09:00-11-05T10:00\n");
}

static void all_that_follows_can_be_moved(void **state)
{
    (void)state;
    assert_busy(EVENT("UID:a\nDTSTART:20261102T080000Z\nDURATION:PT1H\n"
                      "RRULE:FREQ=DAILY;COUNT=4\n")
                    EVENT("UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261104T080000Z\n"
                          "DTSTART:20261104T100000Z\nDURATION:PT2H\n"),
                "11-02T09:00-11-02T10:00\n11-03T09:00-11-03T10:00\n"
                "11-04T11:00-11-04T13:00\n11-05T11:00-11-05T13:00\n");
}

static void the_higher_sequence_wins(void **state)
{
    (void)state;
    assert_busy(
        EVENT("UID:a\nSEQUENCE:2\nDTSTART:20261102T080000Z\nDURATION:PT1H\n")
            EVENT("UID:a\nSEQUENCE:1\nDTSTART:20261103T080000Z\nDURATION:PT1H\n"),
        "11-02T09:00-11-02T10:00\n");
    /* Two that claim to be the same and equally new: busy is the safe reading. */
    assert_busy(EVENT("UID:a\nDTSTART:20261102T080000Z\nDURATION:PT1H\n")
                    EVENT("UID:a\nDTSTART:20261103T080000Z\nDURATION:PT1H\n"),
                "11-02T09:00-11-02T10:00\n11-03T09:00-11-03T10:00\n");
}

/* --- how it counts --- */

static void what_is_free_or_tentative(void **state)
{
    (void)state;
    struct agenda agenda = read_body(
        EVENT("DTSTART:20261102T080000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT\n")
            EVENT("DTSTART:20261103T080000Z\nDURATION:PT1H\nSTATUS:CANCELLED\n")
                EVENT("DTSTART:20261104T080000Z\nDURATION:PT1H\n"
                      "X-MICROSOFT-CDO-BUSYSTATUS:FREE\n")
                    EVENT("DTSTART:20261105T080000Z\nDURATION:PT1H\nSTATUS:TENTATIVE\n")
                        EVENT("DTSTART:20261106T080000Z\nDURATION:PT1H\n"
                              "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\n")
                            EVENT("DTSTART:20261109T080000Z\nDURATION:PT1H\n"
                                  "X-MICROSOFT-CDO-BUSYSTATUS:OOF\n"));
    assert_spans(&agenda.busy, "11-09T09:00-11-09T10:00\n");
    assert_spans(&agenda.tentative,
                 "11-05T09:00-11-05T10:00\n11-06T09:00-11-06T10:00\n");
    agenda_finish(&agenda);
}

static void the_owners_answer_counts(void **state)
{
    struct agenda_options options = november();

    (void)state;
    options.owner = "mailto:anne@exemple.fr";
    struct agenda agenda = read_with(
        &options, EVENT("DTSTART:20261102T080000Z\nDURATION:PT1H\n"
                        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:paul@exemple.fr\n"
                        "ATTENDEE;PARTSTAT=DECLINED:MAILTO:anne@exemple.fr\n")
                      EVENT("DTSTART:20261103T080000Z\nDURATION:PT1H\n"
                            "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:anne@exemple.fr\n")
                          EVENT("DTSTART:20261104T080000Z\nDURATION:PT1H\n"
                                "ATTENDEE;PARTSTAT=DECLINED:mailto:paul@exemple.fr\n"));
    assert_spans(&agenda.busy, "11-04T09:00-11-04T10:00\n");
    assert_spans(&agenda.tentative, "11-03T09:00-11-03T10:00\n");
    agenda_finish(&agenda);
}

static void messages_are_not_events(void **state)
{
    (void)state;
    assert_busy("METHOD:REPLY\n" EVENT("DTSTART:20261102T080000Z\nDURATION:PT1H\n"),
                "");
    assert_busy("METHOD:CANCEL\n" EVENT("DTSTART:20261102T080000Z\nDURATION:PT1H\n"),
                "");
    assert_busy("METHOD:REQUEST\n" EVENT("DTSTART:20261102T080000Z\nDURATION:PT1H\n"),
                "11-02T09:00-11-02T10:00\n");
}

static void our_own_event_is_not_a_foreign_one(void **state)
{
    static const char body[] =
        EVENT("UID:m1@entente\nDTSTART:20261102T080000Z\nDTEND:20261102T090000Z\n"
              "X-ENTENTE-MEETING:m1\nX-ENTENTE-VERSION:3\n");
    struct agenda_options options = november();

    (void)state;
    struct agenda agenda = read_body(body);
    assert_int_equal(agenda.busy.count, 0);
    assert_int_equal(agenda.own_count, 1);
    assert_string_equal(agenda.own[0].meeting, "m1");
    assert_int_equal(agenda.own[0].version, 3);
    assert_int_equal(agenda.own[0].start, at("2026-11-02T09:00"));
    agenda_finish(&agenda);
    options.policy = AGENDA_POLICY_EVENTS;
    agenda = read_with(&options, body);
    assert_spans(&agenda.busy, "11-02T09:00-11-02T10:00\n");
    agenda_finish(&agenda);
}

/* --- VFREEBUSY and VAVAILABILITY --- */

static void a_free_busy_answer_speaks_about_its_own_range(void **state)
{
    (void)state;
    struct agenda agenda =
        read_body("BEGIN:VFREEBUSY\nDTSTART:20261105T000000Z\nDTEND:20261110T000000Z\n"
                  "FREEBUSY:20261106T080000Z/PT1H,20261106T090000Z/20261106T093000Z\n"
                  "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261107T080000Z/PT1H\n"
                  "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261108T080000Z/PT1H\n"
                  "FREEBUSY;FBTYPE=FREE:20261109T080000Z/PT1H\n"
                  "FREEBUSY;FBTYPE=X-LUNCH:20261109T110000Z/PT1H\n"
                  "END:VFREEBUSY\n");
    assert_spans(&agenda.busy, "11-06T09:00-11-06T10:30\n11-09T12:00-11-09T13:00\n");
    assert_spans(&agenda.tentative, "11-07T09:00-11-07T10:00\n");
    assert_spans(&agenda.unavailable, "11-08T09:00-11-08T10:00\n");
    assert_spans(&agenda.free, "11-09T09:00-11-09T10:00\n");
    assert_int_equal(agenda.covered_from, at("2026-11-05T01:00"));
    assert_int_equal(agenda.covered_until, at("2026-11-10T01:00"));
    agenda_finish(&agenda);
}

/*     general   Mon 9-17 (no priority)      special   the whole 9th: 10-11 only
 * (priority 1)  */
static void the_more_important_availability_wins(void **state)
{
    struct agenda_options options = november();

    (void)state;
    options.from = at("2026-11-02T00:00");
    options.until = at("2026-11-10T00:00");
    struct agenda agenda = read_with(
        &options, "BEGIN:VAVAILABILITY\nUID:g\n"
                  "BEGIN:AVAILABLE\nUID:g1\nDTSTART;TZID=Europe/Paris:20200106T090000\n"
                  "DTEND;TZID=Europe/Paris:20200106T170000\nRRULE:FREQ=WEEKLY\n"
                  "END:AVAILABLE\nEND:VAVAILABILITY\n"
                  "BEGIN:VAVAILABILITY\nUID:s\nPRIORITY:1\n"
                  "DTSTART;TZID=Europe/Paris:20261109T000000\n"
                  "DTEND;TZID=Europe/Paris:20261110T000000\n"
                  "BEGIN:AVAILABLE\nUID:s1\nDTSTART;TZID=Europe/Paris:20261109T100000\n"
                  "DURATION:PT1H\nEND:AVAILABLE\nEND:VAVAILABILITY\n");
    assert_spans(&agenda.free, "11-02T09:00-11-02T17:00\n11-09T10:00-11-09T11:00\n");
    assert_spans(&agenda.unavailable,
                 "11-02T00:00-11-02T09:00\n11-02T17:00-11-09T10:00\n"
                 "11-09T11:00-11-10T00:00\n");
    agenda_finish(&agenda);
}

/* --- working hours --- */

static void free_time_is_working_hours_minus_what_is_busy(void **state)
{
    struct freebusy_hours hours = {0};
    struct freebusy freebusy = {0};
    struct agenda_options options = november();

    (void)state;
    options.from = at("2026-11-06T00:00"); /* a Friday */
    options.until = at("2026-11-10T00:00");
    struct agenda agenda =
        read_with(&options, EVENT("DTSTART:20261106T100000Z\nDURATION:PT2H\n")
                                EVENT("DTSTART:20261109T130000Z\nDURATION:PT1H\n"
                                      "STATUS:TENTATIVE\n"));
    assert_true(freebusy_parse_hours("Mon-Fri 09:00-12:30,14:00-18:00; sam 22:00-24:00",
                                     &hours));
    assert_true(freebusy_make(&agenda, &hours, "Europe/Paris", &freebusy));
    assert_spans(&freebusy.inferred,
                 "11-06T09:00-11-06T11:00\n11-06T14:00-11-06T18:00\n"
                 "11-07T22:00-11-08T00:00\n"
                 "11-09T09:00-11-09T12:30\n11-09T15:00-11-09T18:00\n");
    assert_int_equal(freebusy.declared.count, 0);
    freebusy_finish(&freebusy);
    agenda_finish(&agenda);
}

static void working_hours_follow_the_clock_on_the_wall(void **state)
{
    struct freebusy_hours hours = {0};
    struct freebusy freebusy = {0};
    struct agenda_options options = november();

    (void)state;
    options.from = at("2026-10-25T00:00");
    options.until = at("2026-10-26T00:00");
    struct agenda agenda = read_with(&options, "");
    assert_true(freebusy_parse_hours("Sun 00:00-24:00", &hours));
    assert_true(freebusy_make(&agenda, &hours, "Europe/Paris", &freebusy));
    assert_int_equal(freebusy.inferred.count, 1);
    assert_int_equal(freebusy.inferred.items[0].end - freebusy.inferred.items[0].start,
                     25 * 60);
    freebusy_finish(&freebusy);
    agenda_finish(&agenda);
}

static void bad_hours_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "Mon",
                                      "Mon 9:00-12:00",
                                      "Mon 12:00-09:00",
                                      "Mon 09:00-24:01",
                                      "Foo 09:00-12:00",
                                      "Mon 09:00-12:00,",
                                      "Mon-Fri 09:00-12:00 x",
                                      "Mon 09:60-12:00"};
    struct freebusy_hours hours = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(freebusy_parse_hours(bad[i], &hours));
    }
    assert_int_equal(hours.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seconds_are_rounded_outward),
        cmocka_unit_test(a_day_lasts_a_day_also_when_the_clocks_change),
        cmocka_unit_test(without_an_end_a_time_takes_nothing),
        cmocka_unit_test(zones_of_every_kind_are_understood),
        cmocka_unit_test(a_zone_of_the_file_is_what_the_file_says),
        cmocka_unit_test(every_windows_zone_is_in_tzdata),
        cmocka_unit_test(a_series_follows_the_clock_on_the_wall),
        cmocka_unit_test(exceptions_are_taken_out_by_time_and_by_day),
        cmocka_unit_test(dates_can_be_added_with_a_length_of_their_own),
        cmocka_unit_test(one_time_of_a_series_can_be_moved_or_cancelled),
        cmocka_unit_test(all_that_follows_can_be_moved),
        cmocka_unit_test(the_higher_sequence_wins),
        cmocka_unit_test(what_is_free_or_tentative),
        cmocka_unit_test(the_owners_answer_counts),
        cmocka_unit_test(messages_are_not_events),
        cmocka_unit_test(our_own_event_is_not_a_foreign_one),
        cmocka_unit_test(a_free_busy_answer_speaks_about_its_own_range),
        cmocka_unit_test(the_more_important_availability_wins),
        cmocka_unit_test(free_time_is_working_hours_minus_what_is_busy),
        cmocka_unit_test(working_hours_follow_the_clock_on_the_wall),
        cmocka_unit_test(bad_hours_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
