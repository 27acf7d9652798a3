// SPDX-License-Identifier: Apache-2.0

/*
 * ics_value.h - dates, times, durations and offsets as a calendar file writes them
 *
 * Units       Seconds.  A local time is the number of seconds from 1970-01-01T00:00 to
 * it on its own clock, whatever the zone of that clock; a UTC time is the same number
 *             for the clock of UTC.
 */
#ifndef ADAPTERS_ICS_ICS_VALUE_H
#define ADAPTERS_ICS_ICS_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ICS_SECONDS_PER_DAY 86400

struct ics_value_time {
    int64_t local;
    bool is_date;
    bool is_utc;
};

/* Days are nominal (a day in March may have 23 hours), the rest is exact. */
struct ics_value_duration {
    int64_t days;
    int64_t seconds;
};

/* Read the @length bytes 20260131, 20260131T093000 or 20260131T093000Z, of the years 1
 * to 9999. A leap second counts as the second before it. */
bool ics_value_parse_time(const char *text, size_t length, struct ics_value_time *ret);

/* Read a duration such as P1D, PT1H30M or -P2W.  A T with nothing behind it is
 * tolerated. */
bool ics_value_parse_duration(const char *text, size_t length,
                              struct ics_value_duration *ret);

/* Read +0100 or -023000, in seconds. */
bool ics_value_parse_offset(const char *text, int32_t *ret);

int64_t ics_value_from_date(int year, int month, int day);

/* The first second of the day of @local. */
int64_t ics_value_day(int64_t local);

/* Write "20260131" or "20260131T093000" and a NUL. */
void ics_value_format(int64_t local, bool is_date, char buffer[17]);

#endif
