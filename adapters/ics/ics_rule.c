// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/ics_rule.h"

#include "proto/zone.h"
#include "proto/zone_date.h"

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RULE_TEXT_SIZE 1024
#define COUNT_MAX 1000000
#define INTERVAL_MAX 100000

/* What libical is given: the known parts, without UNTIL. */
struct parts {
    char text[RULE_TEXT_SIZE];
    size_t used;
    unsigned seen; /* one bit for each name below */
    bool has_until;
    struct ics_value_time until;
};

enum part {
    PART_FREQ,
    PART_UNTIL,
    PART_COUNT,
    PART_INTERVAL,
    PART_BYSECOND,
    PART_BYMINUTE,
    PART_BYHOUR,
    PART_BYDAY,
    PART_BYMONTHDAY,
    PART_BYYEARDAY,
    PART_BYWEEKNO,
    PART_BYMONTH,
    PART_BYSETPOS,
    PART_WKST,
    PART_RSCALE,
    PART_SKIP,
    PART_COUNT_OF
};

static const char *const part_names[PART_COUNT_OF] = {
    "FREQ",     "UNTIL", "COUNT",      "INTERVAL",  "BYSECOND", "BYMINUTE",
    "BYHOUR",   "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH",
    "BYSETPOS", "WKST",  "RSCALE",     "SKIP"};

static unsigned bit(enum part part)
{
    return 1u << (unsigned)part;
}

static enum part find_part(const char *text, size_t length)
{
    int i = 0;

    while (i < PART_COUNT_OF && (strlen(part_names[i]) != length ||
                                 strncasecmp(part_names[i], text, length) != 0)) {
        i++;
    }
    return (enum part)i;
}

static bool in_bounds(const char *value, size_t length, long maximum)
{
    char text[12];
    char *end = NULL;

    if (length == 0 || length >= sizeof text) {
        return false;
    }
    memcpy(text, value, length);
    text[length] = '\0';
    long number = strtol(text, &end, 10);
    return *end == '\0' && number >= 1 && number <= maximum;
}

static bool add_part(struct parts *parts, const char *text, size_t length)
{
    const char *equals = memchr(text, '=', length);

    if (equals == NULL) {
        return true;
    }
    enum part part = find_part(text, (size_t)(equals - text));
    const char *value = equals + 1;
    size_t value_length = length - (size_t)(value - text);
    if (part == PART_COUNT_OF) {
        return true;
    }
    if ((parts->seen & bit(part)) != 0 || value_length == 0 ||
        memchr(value, ' ', value_length) != NULL) {
        return false;
    }
    parts->seen |= bit(part);
    if (part == PART_UNTIL) {
        parts->has_until = true;
        return ics_value_parse_time(value, value_length, &parts->until);
    }
    if ((part == PART_COUNT && !in_bounds(value, value_length, COUNT_MAX)) ||
        (part == PART_INTERVAL && !in_bounds(value, value_length, INTERVAL_MAX)) ||
        parts->used + length + 2 > sizeof parts->text) {
        return false;
    }
    int written = snprintf(parts->text + parts->used, sizeof parts->text - parts->used,
                           "%s%.*s", parts->used > 0 ? ";" : "", (int)length, text);
    parts->used += (size_t)written;
    return true;
}

static bool split(const char *text, struct parts *parts)
{
    while (*text != '\0') {
        size_t length = strcspn(text, ";");
        if (!add_part(parts, text, length)) {
            return false;
        }
        text += length + (text[length] == ';' ? 1 : 0);
    }
    return (parts->seen & bit(PART_FREQ)) != 0;
}

/* libical looks for the next time second by second (minute by minute, hour by hour)
 * until the year 2582: a rule below a day that can never be met would keep it busy for
 * minutes. */
static bool may_spin(icalrecurrencetype_frequency frequency, unsigned seen)
{
    unsigned rare = bit(PART_BYMONTHDAY) | bit(PART_BYYEARDAY) | bit(PART_BYWEEKNO) |
                    bit(PART_BYMONTH);
    unsigned clock = bit(PART_BYSECOND) | bit(PART_BYMINUTE);

    if (frequency == ICAL_SECONDLY_RECURRENCE) {
        return (seen & (rare | clock | bit(PART_BYHOUR) | bit(PART_BYDAY))) != 0;
    }
    if (frequency == ICAL_MINUTELY_RECURRENCE) {
        return (seen & rare) != 0 ||
               ((seen & clock) != 0 && (seen & bit(PART_INTERVAL)) != 0);
    }
    return frequency == ICAL_HOURLY_RECURRENCE && (seen & rare) != 0;
}

static struct icaltimetype to_icaltime(const struct ics_value_time *time)
{
    struct icaltimetype result = icaltime_null_time();
    struct zone_civil civil = {0};
    int64_t day = zone_date_floor(time->local, ICS_SECONDS_PER_DAY);
    int of_day = (int)(time->local - day * ICS_SECONDS_PER_DAY);

    zone_date_from_days(day, &civil);
    result.year = civil.year;
    result.month = civil.month;
    result.day = civil.day;
    result.is_date = time->is_date ? 1 : 0;
    if (!time->is_date) {
        result.hour = of_day / 3600;
        result.minute = of_day / 60 % 60;
        result.second = of_day % 60;
    }
    return result;
}

bool ics_rule_begin(const struct ics_property *property,
                    const struct ics_value_time *start, struct ics_rule *ret_rule,
                    struct ics_error *ret_error)
{
    struct parts parts = {0};

    icalerror_set_errors_are_fatal(0);
    if (!split(property->value, &parts)) {
        return ics_error_set(ret_error, property->line,
                             "the recurrence rule is not understood: %.120s",
                             property->value);
    }
    struct icalrecurrencetype recurrence = icalrecurrencetype_from_string(parts.text);
    struct ics_rule rule = {.rscale = recurrence.rscale,
                            .is_date = start->is_date,
                            .has_until = parts.has_until,
                            .until = parts.until,
                            .is_seasonal = recurrence.freq == ICAL_YEARLY_RECURRENCE ||
                                           recurrence.freq == ICAL_MONTHLY_RECURRENCE};
    if (recurrence.freq == ICAL_NO_RECURRENCE) {
        return ics_error_set(ret_error, property->line,
                             "the recurrence rule is not understood: %.120s",
                             property->value);
    }
    bool spins = may_spin(recurrence.freq, parts.seen);
    if (!spins) {
        rule.iterator = icalrecur_iterator_new(recurrence, to_icaltime(start));
    }
    if (rule.iterator == NULL) {
        ics_rule_finish(&rule);
        return ics_error_set(ret_error, property->line,
                             "the recurrence rule is not supported: %.120s",
                             property->value);
    }
    *ret_rule = rule;
    return true;
}

bool ics_rule_next(struct ics_rule *rule, int64_t *ret_local)
{
    struct icaltimetype next = icalrecur_iterator_next(rule->iterator);

    if (icaltime_is_null_time(next)) {
        return false;
    }
    int64_t local = ics_value_from_date(next.year, next.month, next.day);
    if (!rule->is_date) {
        local += next.hour * 3600 + next.minute * 60 + next.second;
    }
    *ret_local = local;
    return true;
}

void ics_rule_finish(struct ics_rule *rule)
{
    if (rule->iterator != NULL) {
        icalrecur_iterator_free(rule->iterator);
    }
    if (rule->rscale != NULL) {
        icalmemory_free_buffer(rule->rscale);
    }
    *rule = (struct ics_rule){0};
}
