// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/ics_recur.h"

#include "proto/zone.h"
#include "proto/zone_date.h"

#include <stdlib.h>
#include <string.h>

#define LAST_YEAR 2500
#define IDLE_PERIODS_MAX 500000
#define DAYS_MAX 366

struct ics_recur {
    struct ics_recur_rule rule;
    int64_t start;
    int64_t unit; /* the current period, counted in its own kind */
    int64_t bases[DAYS_MAX];
    size_t base_count;
    int32_t *offsets; /* within a day, an hour, a minute: the same in every period */
    size_t offset_count;
    size_t picked[ICS_RECUR_LIST_MAX]; /* by BYSETPOS: indices into the set */
    size_t picked_count;
    size_t at; /* the next of the set, or of picked */
    int64_t given;
    int64_t seconds_per_unit; /* of a frequency below a week */
    bool begun;
};

/* --- which days --- */

static bool has(const struct ics_recur_list *list, int64_t number)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == number) {
            return true;
        }
    }
    return false;
}

static bool passes(const struct ics_recur_list *list, int64_t number)
{
    return list->count == 0 || has(list, number);
}

/* @number counts from 1; a list may also count from the end of @total. */
static bool passes_both(const struct ics_recur_list *list, int64_t number,
                        int64_t total)
{
    return list->count == 0 || has(list, number) || has(list, number - total - 1);
}

static int days_in_year(int year)
{
    return zone_date_days_in_month(year, 2) == 29 ? 366 : 365;
}

/* The day on which week 1 of @year begins: the first with four of its days in the year.
 */
static int64_t first_week(int year, int week_start)
{
    struct zone_civil civil = {0};
    int64_t new_year = zone_date_to_days(year, 1, 1);

    zone_date_from_days(new_year, &civil);
    int into = (civil.weekday - week_start + 7) % 7;
    return into <= 3 ? new_year - into : new_year + 7 - into;
}

static bool passes_week(const struct ics_recur_rule *rule, int year, int64_t day)
{
    if (rule->weeks.count == 0) {
        return true;
    }
    int owner = year;
    if (day < first_week(year, rule->week_start)) {
        owner = year - 1;
    } else if (day >= first_week(year + 1, rule->week_start)) {
        owner = year + 1;
    }
    int64_t first = first_week(owner, rule->week_start);
    int64_t total = (first_week(owner + 1, rule->week_start) - first) / 7;
    return passes_both(&rule->weeks, (day - first) / 7 + 1, total);
}

static bool passes_weekday(const struct ics_recur_rule *rule,
                           const struct zone_civil *civil, int day_of_year)
{
    bool in_month = rule->frequency == ICS_RECUR_MONTHLY || rule->months.count > 0;
    bool ordinals = rule->frequency >= ICS_RECUR_MONTHLY;
    int number = in_month ? civil->day : day_of_year;
    int total = in_month ? zone_date_days_in_month(civil->year, civil->month)
                         : days_in_year(civil->year);

    if (rule->weekdays.count == 0) {
        return true;
    }
    for (size_t i = 0; i < rule->weekdays.count; i++) {
        int weekday = rule->weekdays.items[i] & 7;
        int ordinal = (rule->weekdays.items[i] - weekday) / 8;
        if (weekday == civil->weekday &&
            (ordinal == 0 || !ordinals || ordinal == (number - 1) / 7 + 1 ||
             ordinal == -((total - number) / 7 + 1))) {
            return true;
        }
    }
    return false;
}

static bool passes_day(const struct ics_recur_rule *rule, int64_t day)
{
    struct zone_civil civil = {0};

    zone_date_from_days(day, &civil);
    int day_of_year = (int)(day - zone_date_to_days(civil.year, 1, 1)) + 1;
    return passes(&rule->months, civil.month) &&
           passes_both(&rule->monthdays, civil.day,
                       zone_date_days_in_month(civil.year, civil.month)) &&
           passes_both(&rule->yeardays, day_of_year, days_in_year(civil.year)) &&
           passes_weekday(rule, &civil, day_of_year) &&
           passes_week(rule, civil.year, day);
}

/* --- one period --- */

static void add_days(struct ics_recur *recur, int64_t first, int64_t end)
{
    for (int64_t day = first; day < end; day++) {
        if (passes_day(&recur->rule, day)) {
            recur->bases[recur->base_count++] = day * ICS_SECONDS_PER_DAY;
        }
    }
}

static void add_month(struct ics_recur *recur, int year, int month)
{
    int64_t first = zone_date_to_days(year, month, 1);

    if (passes(&recur->rule.months, month)) {
        add_days(recur, first, first + zone_date_days_in_month(year, month));
    }
}

/* A period below a day: one base if its day, hour and minute pass; else *ret_skip is a
 * second before which nothing can pass. */
static void add_clock_period(struct ics_recur *recur, int64_t base, int64_t *ret_skip)
{
    const struct ics_recur_rule *rule = &recur->rule;
    int64_t day = zone_date_floor(base, ICS_SECONDS_PER_DAY);
    int64_t of_day = base - day * ICS_SECONDS_PER_DAY;

    *ret_skip = base;
    if (!passes_day(rule, day)) {
        *ret_skip = (day + 1) * ICS_SECONDS_PER_DAY;
    } else if (!passes(&rule->hours, of_day / 3600)) {
        *ret_skip = base - of_day % 3600 + 3600;
    } else if (rule->frequency <= ICS_RECUR_MINUTELY &&
               !passes(&rule->minutes, of_day / 60 % 60)) {
        *ret_skip = base - of_day % 60 + 60;
    } else if (rule->frequency > ICS_RECUR_SECONDLY ||
               passes(&rule->seconds, of_day % 60)) {
        recur->bases[recur->base_count++] = base;
    }
}

/* Fill the bases of the current period, and set *ret_unit to the next one to look at.
 */
static void fill_period(struct ics_recur *recur, int64_t *ret_unit)
{
    int64_t unit = recur->unit;
    int64_t interval = recur->rule.interval;
    int64_t skip = 0;

    recur->base_count = 0;
    *ret_unit = unit + interval;
    switch (recur->rule.frequency) {
    case ICS_RECUR_YEARLY:
        for (int month = 1; month <= 12; month++) {
            add_month(recur, (int)unit, month);
        }
        break;
    case ICS_RECUR_MONTHLY:
        add_month(recur, (int)zone_date_floor(unit, 12),
                  (int)(unit - zone_date_floor(unit, 12) * 12) + 1);
        break;
    case ICS_RECUR_WEEKLY:
        /* Units of a week are days, so that a step is seven of them. */
        add_days(recur, unit, unit + 7);
        *ret_unit = unit + 7 * interval;
        break;
    case ICS_RECUR_DAILY:
        add_days(recur, unit, unit + 1);
        break;
    case ICS_RECUR_HOURLY:
    case ICS_RECUR_MINUTELY:
    case ICS_RECUR_SECONDLY:
        add_clock_period(recur, unit * recur->seconds_per_unit, &skip);
        int64_t missing = zone_date_floor(skip + recur->seconds_per_unit - 1,
                                          recur->seconds_per_unit) -
                          unit;
        if (missing > interval) {
            *ret_unit = unit + (missing + interval - 1) / interval * interval;
        }
        break;
    }
}

static int compare_size(const void *a, const void *b)
{
    size_t first = *(const size_t *)a;
    size_t second = *(const size_t *)b;

    return first < second ? -1 : first > second ? 1 : 0;
}

static void pick(struct ics_recur *recur)
{
    const struct ics_recur_list *positions = &recur->rule.positions;
    int64_t total = (int64_t)(recur->base_count * recur->offset_count);
    size_t kept = 0;

    recur->picked_count = 0;
    for (size_t i = 0; i < positions->count; i++) {
        int64_t index = positions->items[i] > 0 ? positions->items[i] - 1
                                                : total + positions->items[i];
        if (index >= 0 && index < total) {
            recur->picked[recur->picked_count++] = (size_t)index;
        }
    }
    if (recur->picked_count == 0) {
        return;
    }
    qsort(recur->picked, recur->picked_count, sizeof *recur->picked, compare_size);
    for (size_t i = 1; i < recur->picked_count; i++) {
        if (recur->picked[i] != recur->picked[kept]) {
            recur->picked[++kept] = recur->picked[i];
        }
    }
    recur->picked_count = kept + 1;
}

/* The next time of the current period, whether or not it is before the start. */
static bool next_in_period(struct ics_recur *recur, int64_t *ret_local)
{
    bool by_position = recur->rule.positions.count > 0;
    size_t total =
        by_position ? recur->picked_count : recur->base_count * recur->offset_count;

    if (recur->at >= total) {
        return false;
    }
    size_t index = by_position ? recur->picked[recur->at] : recur->at;
    recur->at++;
    *ret_local = recur->bases[index / recur->offset_count] +
                 recur->offsets[index % recur->offset_count];
    return true;
}

static bool is_too_late(const struct ics_recur *recur)
{
    int64_t end = zone_date_to_days(LAST_YEAR, 1, 1);

    switch (recur->rule.frequency) {
    case ICS_RECUR_YEARLY:
        return recur->unit >= LAST_YEAR;
    case ICS_RECUR_MONTHLY:
        return recur->unit >= (int64_t)LAST_YEAR * 12;
    case ICS_RECUR_WEEKLY:
    case ICS_RECUR_DAILY:
        return recur->unit >= end;
    case ICS_RECUR_HOURLY:
    case ICS_RECUR_MINUTELY:
    case ICS_RECUR_SECONDLY:
        return recur->unit >= end * (ICS_SECONDS_PER_DAY / recur->seconds_per_unit);
    }
    return true;
}

bool ics_recur_next(struct ics_recur *recur, int64_t *ret_local)
{
    int64_t local = 0;

    if (recur->rule.count > 0 && recur->given == recur->rule.count) {
        return false;
    }
    for (int idle = 0; idle < IDLE_PERIODS_MAX; idle++) {
        while (recur->begun && next_in_period(recur, &local)) {
            if (local >= recur->start) {
                recur->given++;
                *ret_local = local;
                return true;
            }
        }
        if (is_too_late(recur)) {
            return false;
        }
        int64_t next = 0;
        fill_period(recur, &next);
        pick(recur);
        recur->unit = next;
        recur->at = 0;
        recur->begun = true;
    }
    return false;
}

/* --- the beginning --- */

static void take_from_start(struct ics_recur_list *list, int number)
{
    list->items[0] = (int16_t)number;
    list->count = 1;
}

/* What the rule leaves open is as in DTSTART. */
static void complete(struct ics_recur_rule *rule, const struct zone_civil *start,
                     int of_day)
{
    bool has_day = rule->monthdays.count > 0 || rule->yeardays.count > 0 ||
                   rule->weekdays.count > 0;

    if (rule->frequency == ICS_RECUR_YEARLY && !has_day && rule->weeks.count == 0 &&
        rule->months.count == 0) {
        take_from_start(&rule->months, start->month);
    }
    if (rule->frequency >= ICS_RECUR_MONTHLY && !has_day) {
        if (rule->weeks.count > 0) {
            take_from_start(&rule->weekdays, start->weekday);
        } else {
            take_from_start(&rule->monthdays, start->day);
        }
    }
    if (rule->frequency == ICS_RECUR_WEEKLY && rule->weekdays.count == 0) {
        take_from_start(&rule->weekdays, start->weekday);
    }
    if (rule->frequency >= ICS_RECUR_DAILY && rule->hours.count == 0) {
        take_from_start(&rule->hours, of_day / 3600);
    }
    if (rule->frequency >= ICS_RECUR_HOURLY && rule->minutes.count == 0) {
        take_from_start(&rule->minutes, of_day / 60 % 60);
    }
    if (rule->frequency >= ICS_RECUR_MINUTELY && rule->seconds.count == 0) {
        take_from_start(&rule->seconds, of_day % 60);
    }
}

static bool is_open(const struct ics_recur_list *list, bool expands, int number)
{
    return expands ? has(list, number) : number == 0;
}

/* All times of a period of the rule's kind, as seconds from its beginning. */
static bool fill_offsets(struct ics_recur *recur)
{
    const struct ics_recur_rule *rule = &recur->rule;
    bool hours = rule->frequency >= ICS_RECUR_DAILY;
    bool minutes = rule->frequency >= ICS_RECUR_HOURLY;
    bool seconds = rule->frequency >= ICS_RECUR_MINUTELY;
    size_t capacity = (hours ? rule->hours.count : 1) *
                      (minutes ? rule->minutes.count : 1) *
                      (seconds ? rule->seconds.count : 1);

    recur->offsets = calloc(capacity, sizeof *recur->offsets);
    if (recur->offsets == NULL) {
        return false;
    }
    for (int32_t minute = 0; minute < 24 * 60; minute++) {
        bool open = is_open(&rule->hours, hours, minute / 60) &&
                    is_open(&rule->minutes, minutes, minute % 60);
        for (int32_t second = 0; second < 60 && open; second++) {
            if (is_open(&rule->seconds, seconds, second)) {
                recur->offsets[recur->offset_count++] = minute * 60 + second;
            }
        }
    }
    return true;
}

static int64_t first_unit(const struct ics_recur *recur, const struct zone_civil *start)
{
    int64_t day = zone_date_floor(recur->start, ICS_SECONDS_PER_DAY);

    switch (recur->rule.frequency) {
    case ICS_RECUR_YEARLY:
        return start->year;
    case ICS_RECUR_MONTHLY:
        return (int64_t)start->year * 12 + start->month - 1;
    case ICS_RECUR_WEEKLY:
        return day - (start->weekday - recur->rule.week_start + 7) % 7;
    case ICS_RECUR_DAILY:
        return day;
    case ICS_RECUR_HOURLY:
    case ICS_RECUR_MINUTELY:
    case ICS_RECUR_SECONDLY:
        return zone_date_floor(recur->start, recur->seconds_per_unit);
    }
    return day;
}

struct ics_recur *ics_recur_create(const struct ics_recur_rule *rule,
                                   const struct ics_value_time *start)
{
    struct ics_recur *recur = calloc(1, sizeof *recur);
    struct zone_civil civil = {0};
    int64_t day = zone_date_floor(start->local, ICS_SECONDS_PER_DAY);

    if (recur == NULL) {
        return NULL;
    }
    recur->rule = *rule;
    recur->start = start->local;
    recur->seconds_per_unit = rule->frequency == ICS_RECUR_HOURLY     ? 3600
                              : rule->frequency == ICS_RECUR_MINUTELY ? 60
                                                                      : 1;
    zone_date_from_days(day, &civil);
    if (start->is_date) {
        recur->rule.hours.count = 0; /* a date has no time that a rule could name */
        recur->rule.minutes.count = 0;
        recur->rule.seconds.count = 0;
    }
    complete(&recur->rule, &civil, (int)(start->local - day * ICS_SECONDS_PER_DAY));
    if (!fill_offsets(recur)) {
        free(recur);
        return NULL;
    }
    recur->unit = first_unit(recur, &civil);
    return recur;
}

void ics_recur_destroy(struct ics_recur *recur)
{
    if (recur != NULL) {
        free(recur->offsets);
        free(recur);
    }
}
