// SPDX-License-Identifier: Apache-2.0

/*
 * test_ics_write.c - a meeting goes into a calendar, and nothing else changes
 */
#include "adapters/ics/agenda_read.h"
#include "adapters/ics/agenda_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW 1795000000 /* 2026-11-18 */
#define NINE 29917980  /* 2026-11-19T09:00Z in minutes */

static const char outlook[] =
    "BEGIN:VCALENDAR\r\n"
    "PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r\n"
    "VERSION:2.0\r\n"
    "BEGIN:VEVENT\r\n"
    "UID:040000008200E00074C5\r\n"
    "DTSTART:20261120T080000Z\r\n"
    "DTEND:20261120T090000Z\r\n"
    "SUMMARY:Réunion de service\\, salle 2 avec un titre qui est très lon\r\n"
    " g\r\n"
    "END:VEVENT\r\n"
    "END:VCALENDAR\r\n";

static struct agenda_meeting meeting_at(int32_t version, int32_t start)
{
    return (struct agenda_meeting){
        .id = "m-42", .version = version, .start = start, .end = start + 60};
}

static char *write_text(const char *old, const struct agenda_meeting *meeting,
                        const char *position)
{
    struct ics_error error = {0};
    struct agenda_content content = {0};
    enum agenda_write_result result =
        agenda_write_make(old, strlen(old), meeting, position, NOW, &content, &error);

    if (result != AGENDA_WRITE_DONE) {
        fail_msg("result %d, %s", (int)result, error.text);
    }
    /* Not strndup(): under strict checks its argument has to end with a NUL. */
    char *text = calloc(content.size + 1, 1);
    assert_non_null(text);
    memcpy(text, content.bytes, content.size);
    free(content.bytes);
    return text;
}

static void assert_not_needed(const char *old, const struct agenda_meeting *meeting,
                              const char *position)
{
    struct ics_error error = {0};
    struct agenda_content content = {0};

    assert_int_equal(
        agenda_write_make(old, strlen(old), meeting, position, NOW, &content, &error),
        AGENDA_WRITE_NOT_NEEDED);
    assert_null(content.bytes);
}

static int count_of(const char *text, const char *part)
{
    int count = 0;

    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

/* Cut what stands from @begin to the end of the next @end. */
static void cut(char *text, const char *begin, const char *end)
{
    char *from = strstr(text, begin);

    assert_non_null(from);
    char *until = strstr(from, end);
    assert_non_null(until);
    until += strlen(end);
    memmove(from, until, strlen(until) + 1);
}

static void read_back(const char *text, struct agenda *ret)
{
    struct ics_error error = {0};
    struct agenda_options options = {
        .zone = "Europe/Paris", .from = NINE - 1440, .until = NINE + 14400};

    if (!agenda_read(text, strlen(text), &options, ret, &error)) {
        fail_msg("line %u: %s", error.line, error.text);
    }
}

/* --- stories --- */

static void a_confirmed_meeting_is_added_and_nothing_else_changes(void **state)
{
    struct agenda_meeting meeting = meeting_at(1, NINE);
    struct agenda agenda = {0};

    (void)state;
    char *text = write_text(outlook, &meeting, "3:17");
    assert_int_equal(count_of(text, "UID:m-42@entente\r\n"), 1);
    assert_int_equal(count_of(text, "DTSTART:20261119T090000Z\r\n"), 1);
    assert_int_equal(count_of(text, "STATUS:CONFIRMED\r\n"), 1);
    assert_int_equal(count_of(text, "SUMMARY:Réunion\r\n"), 1);
    assert_int_equal(count_of(text, "X-ENTENTE-POSITION:3:17\r\n"), 1);
    assert_int_equal(count_of(text, "\n"), count_of(text, "\r\n"));
    read_back(text, &agenda);
    assert_int_equal(agenda.own_count, 1);
    assert_string_equal(agenda.own[0].meeting, "m-42");
    assert_int_equal(agenda.own[0].version, 1);
    assert_int_equal(agenda.own[0].start, NINE);
    assert_int_equal(agenda.own[0].end, NINE + 60);
    assert_string_equal(agenda.position, "3:17");
    assert_int_equal(agenda.busy.count, 1); /* the foreign one only */
    agenda_finish(&agenda);
    cut(text, "X-ENTENTE-POSITION", "\r\n");
    cut(text, "BEGIN:VEVENT\r\nUID:m-42", "END:VEVENT\r\n");
    assert_string_equal(text, outlook);
    free(text);
}

static void a_moved_meeting_keeps_its_uid_and_its_place(void **state)
{
    struct agenda_meeting first = meeting_at(1, NINE);
    struct agenda_meeting moved = meeting_at(4, NINE + 1440);

    (void)state;
    char *text = write_text(outlook, &first, NULL);
    char *again = write_text(text, &moved, NULL);
    assert_int_equal(count_of(again, "UID:m-42@entente"), 1);
    assert_int_equal(count_of(again, "DTSTART:20261120T090000Z"), 1);
    assert_int_equal(count_of(again, "SEQUENCE:4\r\n"), 1);
    assert_not_needed(again, &moved, NULL);
    assert_not_needed(again, &first, NULL);
    cut(again, "BEGIN:VEVENT\r\nUID:m-42", "END:VEVENT\r\n");
    assert_string_equal(again, outlook);
    free(text);
    free(again);
}

static void the_sequence_rises_even_where_a_program_has_raised_it(void **state)
{
    struct agenda_meeting first = meeting_at(1, NINE);
    struct agenda_meeting second = meeting_at(2, NINE + 30);

    (void)state;
    char *text = write_text(outlook, &first, NULL);
    char *sequence = strstr(text, "SEQUENCE:1");
    assert_non_null(sequence);
    sequence[9] = '8';
    char *again = write_text(text, &second, NULL);
    assert_int_equal(count_of(again, "SEQUENCE:9\r\n"), 1);
    free(text);
    free(again);
}

static void a_cancelled_meeting_stays_as_cancelled(void **state)
{
    struct agenda_meeting first = meeting_at(1, NINE);
    struct agenda_meeting cancelled = meeting_at(2, NINE);
    struct agenda agenda = {0};

    (void)state;
    cancelled.cancelled = true;
    assert_not_needed(outlook, &cancelled, NULL);
    char *text = write_text(outlook, &first, NULL);
    char *again = write_text(text, &cancelled, NULL);
    assert_int_equal(count_of(again, "STATUS:CANCELLED\r\n"), 1);
    assert_int_equal(count_of(again, "SEQUENCE:2\r\n"), 1);
    read_back(again, &agenda);
    assert_int_equal(agenda.own_count, 1);
    assert_true(agenda.own[0].cancelled);
    agenda_finish(&agenda);
    free(text);
    free(again);
}

static void an_alarm_on_our_event_survives_a_move(void **state)
{
    static const char alarm[] =
        "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nEND:VALARM\n";
    struct agenda_meeting first = meeting_at(1, NINE);
    struct agenda_meeting moved = meeting_at(2, NINE + 1440);
    char with_alarm[4096];

    (void)state;
    char *text =
        write_text("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", &first, NULL);
    assert_int_equal(count_of(text, "\r"), 0);
    char *end = strstr(text, "END:VEVENT");
    assert_non_null(end);
    (void)snprintf(with_alarm, sizeof with_alarm, "%.*s%s%s", (int)(end - text), text,
                   alarm, end);
    char *again = write_text(with_alarm, &moved, NULL);
    assert_int_equal(count_of(again, alarm), 1);
    assert_int_equal(count_of(again, "DTSTART:20261120T090000Z\n"), 1);
    free(text);
    free(again);
}

static void a_copied_event_is_one_again(void **state)
{
    struct agenda_meeting first = meeting_at(1, NINE);
    struct agenda_meeting moved = meeting_at(2, NINE + 1440);
    char twice[8192];

    (void)state;
    char *text = write_text(outlook, &first, NULL);
    char *begin = strstr(text, "BEGIN:VEVENT\r\nUID:m-42");
    char *end = strstr(begin, "END:VCALENDAR");
    (void)snprintf(twice, sizeof twice, "%.*s%s", (int)(end - text), text, begin);
    assert_int_equal(count_of(twice, "UID:m-42@entente"), 2);
    char *again = write_text(twice, &moved, NULL);
    assert_int_equal(count_of(again, "UID:m-42@entente"), 1);
    cut(again, "BEGIN:VEVENT\r\nUID:m-42", "END:VEVENT\r\n");
    assert_string_equal(again, outlook);
    free(text);
    free(again);
}

static void the_position_only_rises(void **state)
{
    (void)state;
    char *text = write_text(outlook, NULL, "3:17");
    assert_not_needed(text, NULL, "3:17");
    assert_not_needed(text, NULL, "3:16");
    assert_not_needed(text, NULL, "2:99");
    char *again = write_text(text, NULL, "4:1");
    assert_int_equal(count_of(again, "X-ENTENTE-POSITION:4:1\r\n"), 1);
    assert_int_equal(count_of(again, "X-ENTENTE-POSITION"), 1);
    free(text);
    free(again);
}

static void an_empty_file_becomes_a_calendar(void **state)
{
    struct agenda_meeting meeting = meeting_at(1, NINE);

    (void)state;
    char *text = write_text("", &meeting, "1:1");
    assert_int_equal(strncmp(text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", 30), 0);
    assert_int_equal(count_of(text, "END:VCALENDAR\r\n"), 1);
    free(text);
}

static void long_and_strange_texts_are_folded_and_escaped(void **state)
{
    struct agenda_meeting meeting = meeting_at(1, NINE);
    struct ics_file file = {0};
    struct ics_error error = {0};

    (void)state;
    meeting.description =
        "Coordination; ville-hôpital, à préparer :\nélément \\ un\x01 "
        "ééééééééééééééééééééééééééééééééééééééééééééééééééééééé";
    meeting.url = "https://exemple.fr/r/42?a=1;b=2";
    char *text = write_text(outlook, &meeting, NULL);
    for (const char *line = text; *line != '\0';) {
        const char *end = strstr(line, "\r\n");
        assert_non_null(end);
        assert_true(end - line <= 75);
        line = end + 2;
    }
    assert_true(ics_text_parse(text, strlen(text), &file, &error));
    bool seen = false;
    for (size_t i = 0; i < file.property_count; i++) {
        if (strcmp(file.properties[i].name, "DESCRIPTION") == 0) {
            assert_non_null(strstr(file.properties[i].value,
                                   "Coordination\\; ville-hôpital\\, à préparer :\\n"
                                   "élément \\\\ un  ééé"));
            seen = true;
        }
    }
    assert_true(seen);
    ics_text_finish(&file);
    free(text);
}

static void bad_meetings_are_refused(void **state)
{
    struct ics_error error = {0};
    struct agenda_content content = {0};

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct agenda_meeting meeting = meeting_at(1, NINE);
        if (i == 0) {
            meeting.id = "a\r\nATTENDEE:b";
        } else if (i == 1) {
            meeting.end = meeting.start;
        } else if (i == 2) {
            meeting.version = 0;
        } else if (i == 3) {
            meeting.summary = "latin-1 \xe9";
        } else {
            meeting.id = "";
        }
        assert_int_equal(agenda_write_make(outlook, strlen(outlook), &meeting, NULL,
                                           NOW, &content, &error),
                         AGENDA_WRITE_FAILED);
    }
    assert_int_equal(agenda_write_make(outlook, strlen(outlook), NULL, "1:2\r\nX:", NOW,
                                       &content, &error),
                     AGENDA_WRITE_FAILED);
    assert_int_equal(agenda_write_make(outlook, strlen(outlook) - 20, NULL, "1:2", NOW,
                                       &content, &error),
                     AGENDA_WRITE_FAILED);
    assert_null(content.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_confirmed_meeting_is_added_and_nothing_else_changes),
        cmocka_unit_test(a_moved_meeting_keeps_its_uid_and_its_place),
        cmocka_unit_test(the_sequence_rises_even_where_a_program_has_raised_it),
        cmocka_unit_test(a_cancelled_meeting_stays_as_cancelled),
        cmocka_unit_test(an_alarm_on_our_event_survives_a_move),
        cmocka_unit_test(a_copied_event_is_one_again),
        cmocka_unit_test(the_position_only_rises),
        cmocka_unit_test(an_empty_file_becomes_a_calendar),
        cmocka_unit_test(long_and_strange_texts_are_folded_and_escaped),
        cmocka_unit_test(bad_meetings_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
