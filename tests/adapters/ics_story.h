// SPDX-License-Identifier: Apache-2.0

/*
 * ics_story.h - small calendars in tests: read them, and compare what was understood
 *
 * Times in the calendars are in November 2026 (Paris is at +01:00) unless a story says
 * otherwise.
 */
#ifndef TESTS_ADAPTERS_ICS_STORY_H
#define TESTS_ADAPTERS_ICS_STORY_H

#include "adapters/ics/agenda_read.h"
#include "proto/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int32_t at(const char *text)
{
    int32_t minute = 0;

    if (!zone_parse_time(text, "Europe/Paris", &minute)) {
        fail_msg("not a time: %s", text);
    }
    return minute;
}

static inline struct agenda_options november(void)
{
    return (struct agenda_options){.zone = "Europe/Paris",
                                   .from = at("2026-11-01T00:00"),
                                   .until = at("2026-12-01T00:00"),
                                   .policy = AGENDA_POLICY_ADAPTER};
}

static inline struct agenda read_with(const struct agenda_options *options,
                                      const char *body)
{
    static char text[65536];
    struct agenda agenda = {0};
    struct ics_error error = {0};

    (void)snprintf(text, sizeof text, "BEGIN:VCALENDAR\nVERSION:2.0\n%sEND:VCALENDAR\n",
                   body);
    if (!agenda_read(text, strlen(text), options, &agenda, &error)) {
        fail_msg("line %u: %s", error.line, error.text);
    }
    return agenda;
}

static inline struct agenda read_body(const char *body)
{
    struct agenda_options options = november();

    return read_with(&options, body);
}

/* One line per span, on the clock of Paris, without year and offset. */
static inline void assert_spans(const struct span_list *list, const char *expected)
{
    char text[4096] = "";
    size_t used = 0;

    for (size_t i = 0; i < list->count; i++) {
        char start[ZONE_TIME_SIZE];
        char end[ZONE_TIME_SIZE];
        zone_format_time(list->items[i].start, "Europe/Paris", start, sizeof start);
        zone_format_time(list->items[i].end, "Europe/Paris", end, sizeof end);
        used += (size_t)snprintf(text + used, sizeof text - used, "%.11s-%.11s\n",
                                 start + 5, end + 5);
        assert_true(used < sizeof text);
    }
    assert_string_equal(text, expected);
}

static inline void assert_busy(const char *body, const char *expected)
{
    struct agenda agenda = read_body(body);

    assert_spans(&agenda.busy, expected);
    agenda_finish(&agenda);
}

static inline void assert_refused(const char *body, unsigned line, const char *part)
{
    static char text[65536];
    struct agenda_options options = november();
    struct agenda agenda = {0};
    struct ics_error error = {0};

    (void)snprintf(text, sizeof text, "BEGIN:VCALENDAR\nVERSION:2.0\n%sEND:VCALENDAR\n",
                   body);
    assert_false(agenda_read(text, strlen(text), &options, &agenda, &error));
    if (error.line != line || strstr(error.text, part) == NULL) {
        fail_msg("line %u: %s", error.line, error.text);
    }
}

#define EVENT(lines) "BEGIN:VEVENT\n" lines "END:VEVENT\n"

#endif
