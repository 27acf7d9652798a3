// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/ics_rule.h"

#include "adapters/ics/ics_recur.h"
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
    bool gregorian;
    struct ics_recur_rule rule;
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

static bool take_number(const char **text, const char *end, int *ret)
{
    char digits[12];
    char *stop = NULL;
    size_t length = 0;

    while (*text + length < end && length < sizeof digits - 1 &&
           strchr("+-0123456789", (*text)[length]) != NULL) {
        digits[length] = (*text)[length];
        length++;
    }
    digits[length] = '\0';
    *ret = (int)strtol(digits, &stop, 10);
    *text += length;
    return length > 0 && *stop == '\0';
}

/* Two letters and, for BYDAY, a number before them. */
static bool take_weekday(const char **text, const char *end, int *ret)
{
    static const char names[] = "MOTUWETHFRSASU";
    int ordinal = 0;

    if (*text < end && strchr("+-0123456789", **text) != NULL &&
        (!take_number(text, end, &ordinal) || ordinal == 0 || abs(ordinal) > 53)) {
        return false;
    }
    for (int i = 0; i < 7 && end - *text >= 2; i++) {
        if (strncasecmp(*text, names + (size_t)i * 2, 2) == 0) {
            *text += 2;
            *ret = ordinal * 8 + i + 1;
            return true;
        }
    }
    return false;
}

/* 1,-1,15 with every number (or, for a list that counts from the end, its amount) in
 * lowest..highest. */
static bool parse_list(const char *text, size_t length, enum part part, int lowest,
                       int highest, struct ics_recur_list *list)
{
    const char *end = text + length;
    bool from_end = part == PART_BYMONTHDAY || part == PART_BYYEARDAY ||
                    part == PART_BYWEEKNO || part == PART_BYSETPOS;

    while (text < end) {
        int number = 0;
        bool good = part == PART_BYDAY ? take_weekday(&text, end, &number)
                                       : take_number(&text, end, &number);
        int amount = from_end ? abs(number) : number;
        if (!good || list->count == ICS_RECUR_LIST_MAX ||
            (part != PART_BYDAY && (amount < lowest || amount > highest)) ||
            (text < end && *text != ',')) {
            return false;
        }
        list->items[list->count++] = (int16_t)number;
        text += text < end ? 1 : 0;
    }
    return list->count > 0;
}

static bool parse_frequency(const char *text, size_t length,
                            enum ics_recur_frequency *ret)
{
    static const char *const names[] = {"SECONDLY", "MINUTELY", "HOURLY", "DAILY",
                                        "WEEKLY",   "MONTHLY",  "YEARLY"};

    for (int i = 0; i < 7; i++) {
        if (strlen(names[i]) == length && strncasecmp(names[i], text, length) == 0) {
            *ret = (enum ics_recur_frequency)i;
            return true;
        }
    }
    return false;
}

static bool parse_value(struct ics_recur_rule *rule, enum part part, const char *value,
                        size_t length)
{
    const char *at = value;
    int number = 0;

    switch (part) {
    case PART_FREQ:
        return parse_frequency(value, length, &rule->frequency);
    case PART_COUNT:
    case PART_INTERVAL:
        if (!in_bounds(value, length, part == PART_COUNT ? COUNT_MAX : INTERVAL_MAX)) {
            return false;
        }
        *(part == PART_COUNT ? &rule->count : &rule->interval) =
            strtol(value, NULL, 10);
        return true;
    case PART_WKST:
        if (!take_weekday(&at, value + length, &number) || number < 1) {
            return false;
        }
        rule->week_start = number & 7;
        return true;
    case PART_BYSECOND:
        return parse_list(value, length, part, 0, 60, &rule->seconds);
    case PART_BYMINUTE:
        return parse_list(value, length, part, 0, 59, &rule->minutes);
    case PART_BYHOUR:
        return parse_list(value, length, part, 0, 23, &rule->hours);
    case PART_BYDAY:
        return parse_list(value, length, part, 0, 0, &rule->weekdays);
    case PART_BYMONTHDAY:
        return parse_list(value, length, part, 1, 31, &rule->monthdays);
    case PART_BYYEARDAY:
        return parse_list(value, length, part, 1, 366, &rule->yeardays);
    case PART_BYWEEKNO:
        return parse_list(value, length, part, 1, 53, &rule->weeks);
    case PART_BYMONTH:
        return parse_list(value, length, part, 1, 12, &rule->months);
    case PART_BYSETPOS:
        return parse_list(value, length, part, 1, 366, &rule->positions);
    case PART_UNTIL:
    case PART_RSCALE:
    case PART_SKIP:
    case PART_COUNT_OF:
        break;
    }
    return true;
}

/* True if one of the parts is @wanted or, with @prefix, begins with it. */
static bool has_part(const char *text, const char *wanted, bool prefix)
{
    size_t length = strlen(wanted);

    while (*text != '\0') {
        size_t part = strcspn(text, ";");
        if (strncasecmp(text, wanted, length) == 0 && (prefix || part == length)) {
            return true;
        }
        text += part + (text[part] == ';' ? 1 : 0);
    }
    return false;
}

/* Months may be "5L" in other calendars, where libical knows what that means. */
static bool is_gregorian(const char *text)
{
    return !has_part(text, "RSCALE=", true) ||
           (has_part(text, "RSCALE=GREGORIAN", false) &&
            (!has_part(text, "SKIP=", true) || has_part(text, "SKIP=OMIT", false)));
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
    if (parts->used + length + 2 > sizeof parts->text ||
        (parts->gregorian && !parse_value(&parts->rule, part, value, value_length))) {
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

/* Other calendars than the Gregorian, and months that are skipped to a neighbour. */
static bool begin_by_libical(const struct parts *parts,
                             const struct ics_value_time *start, struct ics_rule *rule)
{
    icalerror_set_errors_are_fatal(0);
    struct icalrecurrencetype recurrence = icalrecurrencetype_from_string(parts->text);

    rule->rscale = recurrence.rscale;
    rule->is_seasonal = false;
    /* Below a day libical may search for centuries. */
    if (recurrence.freq != ICAL_DAILY_RECURRENCE &&
        recurrence.freq != ICAL_WEEKLY_RECURRENCE &&
        recurrence.freq != ICAL_MONTHLY_RECURRENCE &&
        recurrence.freq != ICAL_YEARLY_RECURRENCE) {
        return false;
    }
    rule->iterator = icalrecur_iterator_new(recurrence, to_icaltime(start));
    return rule->iterator != NULL;
}

bool ics_rule_begin(const struct ics_property *property,
                    const struct ics_value_time *start, struct ics_rule *ret_rule,
                    struct ics_error *ret_error)
{
    struct parts parts = {.gregorian = is_gregorian(property->value),
                          .rule = {.interval = 1, .week_start = 1}};

    if (!split(property->value, &parts)) {
        return ics_error_set(ret_error, property->line,
                             "the recurrence rule is not understood: %.120s",
                             property->value);
    }
    struct ics_rule rule = {.is_date = start->is_date,
                            .has_until = parts.has_until,
                            .until = parts.until,
                            .is_seasonal = parts.rule.frequency >= ICS_RECUR_MONTHLY};
    bool good =
        !start->is_date || parts.rule.frequency >= ICS_RECUR_DAILY || !parts.gregorian;
    if (good && parts.gregorian) {
        rule.recur = ics_recur_create(&parts.rule, start);
        good = rule.recur != NULL;
    } else if (good) {
        good = begin_by_libical(&parts, start, &rule);
    }
    if (!good) {
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
    if (rule->recur != NULL) {
        return ics_recur_next(rule->recur, ret_local);
    }
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
    ics_recur_destroy(rule->recur);
    if (rule->iterator != NULL) {
        icalrecur_iterator_free(rule->iterator);
    }
    if (rule->rscale != NULL) {
        icalmemory_free_buffer(rule->rscale);
    }
    *rule = (struct ics_rule){0};
}
