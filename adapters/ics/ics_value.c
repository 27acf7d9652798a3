// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/ics_value.h"

#include "proto/zone.h"
#include "proto/zone_date.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* @count digits at @text as a number, or -1. */
static int digits(const char *text, size_t count)
{
    int value = 0;

    for (size_t i = 0; i < count; i++) {
        if (!isdigit((unsigned char)text[i])) {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

int64_t ics_value_from_date(int year, int month, int day)
{
    return zone_date_to_days(year, month, day) * ICS_SECONDS_PER_DAY;
}

int64_t ics_value_day(int64_t local)
{
    return zone_date_floor(local, ICS_SECONDS_PER_DAY) * ICS_SECONDS_PER_DAY;
}

bool ics_value_parse_time(const char *text, size_t length, struct ics_value_time *ret)
{
    if (length == 9 && text[8] == 'Z') {
        length = 8; /* Google writes such dates in RDATE */
    }
    if (length != 8 && length != 15 && !(length == 16 && text[15] == 'Z')) {
        return false;
    }
    int year = digits(text, 4);
    int month = digits(text + 4, 2);
    int day = digits(text + 6, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1 ||
        day > zone_date_days_in_month(year, month)) {
        return false;
    }
    struct ics_value_time value = {.local = ics_value_from_date(year, month, day),
                                   .is_date = length == 8,
                                   .is_utc = length == 16};
    if (!value.is_date) {
        int hour = digits(text + 9, 2);
        int minute = digits(text + 11, 2);
        int second = digits(text + 13, 2);
        if (text[8] != 'T' || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
            second < 0 || second > 60) {
            return false;
        }
        value.local += hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
    }
    *ret = value;
    return true;
}

/* A number of at most 9 digits and its unit. */
static bool take_part(const char **text, const char *end, int64_t *ret_number,
                      char *ret_unit)
{
    const char *at = *text;
    int64_t number = 0;

    while (at < end && isdigit((unsigned char)*at) && at - *text < 9) {
        number = number * 10 + (*at++ - '0');
    }
    if (at == *text || at == end) {
        return false;
    }
    *ret_number = number;
    *ret_unit = *at;
    *text = at + 1;
    return true;
}

bool ics_value_parse_duration(const char *text, size_t length,
                              struct ics_value_duration *ret)
{
    const char *at = text;
    const char *end = text + length;
    struct ics_value_duration value = {0};
    int sign = 1;
    bool in_time = false;
    size_t parts = 0;

    if (at < end && (*at == '+' || *at == '-')) {
        sign = *at++ == '-' ? -1 : 1;
    }
    if (at == end || *at++ != 'P') {
        return false;
    }
    while (at < end) {
        int64_t number = 0;
        char unit = '\0';
        if (*at == 'T' && !in_time) {
            in_time = true;
            at++;
            continue;
        }
        if (!take_part(&at, end, &number, &unit)) {
            return false;
        }
        parts++;
        if (!in_time && (unit == 'W' || unit == 'D')) {
            value.days += sign * number * (unit == 'W' ? 7 : 1);
        } else if (in_time && (unit == 'H' || unit == 'M' || unit == 'S')) {
            value.seconds += sign * number *
                             (unit == 'H'   ? 3600
                              : unit == 'M' ? 60
                                            : 1);
        } else {
            return false;
        }
    }
    *ret = value;
    return parts > 0;
}

bool ics_value_parse_offset(const char *text, int32_t *ret)
{
    size_t length = strlen(text);

    if ((length != 5 && length != 7) || (text[0] != '+' && text[0] != '-')) {
        return false;
    }
    int hours = digits(text + 1, 2);
    int minutes = digits(text + 3, 2);
    int seconds = length == 7 ? digits(text + 5, 2) : 0;
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 ||
        seconds > 59) {
        return false;
    }
    *ret = (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

void ics_value_format(int64_t local, bool is_date, char buffer[17])
{
    struct zone_civil civil = {0};
    int64_t day = zone_date_floor(local, ICS_SECONDS_PER_DAY);
    int of_day = (int)(local - day * ICS_SECONDS_PER_DAY);
    char text[64];

    zone_date_from_days(day, &civil);
    if (is_date) {
        (void)snprintf(text, sizeof text, "%04d%02d%02d", civil.year, civil.month,
                       civil.day);
    } else {
        (void)snprintf(text, sizeof text, "%04d%02d%02dT%02d%02d%02d", civil.year,
                       civil.month, civil.day, of_day / 3600, of_day / 60 % 60,
                       of_day % 60);
    }
    text[16] = '\0';
    memcpy(buffer, text, 17);
}
