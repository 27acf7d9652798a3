// SPDX-License-Identifier: Apache-2.0
#include "proto/holiday.h"

#include "proto/zone_date.h"

#include <string.h>

/* Places that have days of their own; bits. */
enum place {
    MAINLAND = 1 << 0,
    EAST = 1 << 1, /* Alsace and Moselle */
    GUADELOUPE = 1 << 2,
    MARTINIQUE = 1 << 3,
    GUYANE = 1 << 4,
    REUNION = 1 << 5,
    MAYOTTE = 1 << 6,
    SAINT_MARTIN = 1 << 7,
    SAINT_BARTHELEMY = 1 << 8,
    CALEDONIE = 1 << 9,
    POLYNESIE = 1 << 10,
    WALLIS = 1 << 11,
    EVERYWHERE = (1 << 12) - 1,
};

static const struct {
    const char *code;
    enum place place;
} regions[] = {
    {"FR", MAINLAND},
    {"FR-2A", MAINLAND},
    {"FR-2B", MAINLAND},
    {"FR-57", EAST},
    {"FR-67", EAST},
    {"FR-68", EAST},
    {"FR-6AE", EAST},
    {"FR-971", GUADELOUPE},
    {"FR-GP", GUADELOUPE},
    {"FR-972", MARTINIQUE},
    {"FR-MQ", MARTINIQUE},
    {"FR-973", GUYANE},
    {"FR-GF", GUYANE},
    {"FR-974", REUNION},
    {"FR-RE", REUNION},
    {"FR-976", MAYOTTE},
    {"FR-YT", MAYOTTE},
    {"FR-MF", SAINT_MARTIN},
    {"FR-BL", SAINT_BARTHELEMY},
    {"FR-PM", MAINLAND},
    {"FR-NC", CALEDONIE},
    {"FR-PF", POLYNESIE},
    {"FR-WF", WALLIS},
};

/* Whose days are which, in no order. */
static const struct rule {
    int month; /* 0: day is counted from Easter Sunday on */
    int day;
    int places;
    int first_year; /* 0: always */
    int last_year;  /* 0: for ever */
} rules[] = {
    {1, 1, EVERYWHERE, 0, 0},
    {0, -2, EAST | POLYNESIE, 0, 0}, /* Good Friday */
    {0, 1, EVERYWHERE, 0, 0},        /* Easter Monday */
    {0, 39, EVERYWHERE, 0, 0},       /* Ascension */
    {0, 50, EVERYWHERE, 0, 0},       /* Whit Monday */
    {5, 1, EVERYWHERE, 0, 0},
    {5, 8, EVERYWHERE, 0, 0},
    {7, 14, EVERYWHERE, 0, 0},
    {8, 15, EVERYWHERE, 0, 0},
    {11, 1, EVERYWHERE, 0, 0},
    {11, 11, EVERYWHERE, 0, 0},
    {12, 25, EVERYWHERE, 0, 0},
    {12, 26, EAST, 0, 0},

    /* The end of slavery. */
    {4, 27, MAYOTTE, 0, 0},
    {5, 22, MARTINIQUE, 0, 0},
    {5, 27, GUADELOUPE, 0, 0},
    {5, 27, SAINT_MARTIN, 0, 2018},
    {5, 28, SAINT_MARTIN, 2019, 0},
    {6, 10, GUYANE, 0, 0},
    {10, 9, SAINT_BARTHELEMY, 0, 0},
    {12, 20, REUNION, 0, 0},

    {3, 5, POLYNESIE, 0, 0},      /* the Gospel arrives */
    {6, 29, POLYNESIE, 0, 2025},  /* autonomy */
    {11, 20, POLYNESIE, 2026, 0}, /* Matari'i */
    {4, 28, WALLIS, 0, 0},        /* Saint Pierre Chanel */
    {7, 29, WALLIS, 0, 0},        /* the territory */
    {9, 24, CALEDONIE, 0, 0},     /* citizenship */
};

enum { RULE_COUNT = sizeof(rules) / sizeof(rules[0]) };

/* 0 if there is no such region. */
static int place_of(const char *region)
{
    if (region == NULL || region[0] == '\0') {
        return MAINLAND;
    }
    for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
        if (strcmp(regions[i].code, region) == 0) {
            return (int)regions[i].place;
        }
    }
    if (strlen(region) != strlen("FR-00") || strncmp(region, "FR-", 3) != 0) {
        return 0;
    }
    for (size_t i = 3; i < 5; i++) {
        if (region[i] < '0' || region[i] > '9') {
            return 0;
        }
    }
    int number = (region[3] - '0') * 10 + (region[4] - '0');
    /* Corsica is 2A and 2B. */
    return number >= 1 && number <= 95 && number != 20 ? MAINLAND : 0;
}

bool holiday_known(const char *region)
{
    return place_of(region) != 0;
}

int32_t holiday_easter(int year)
{
    int golden = year % 19;
    int century = year / 100;

    /* Days from 21 March to the full moon of the church: it returns every 19 years, but
     * for the leap days that centuries leave out, and the moon's own drift. */
    int moon =
        (19 * golden + century - century / 4 - (8 * century + 13) / 25 + 15) % 30;
    /* It is never later than 18 April, nor twice on one day within nineteen years. */
    if (moon == 29 || (moon == 28 && golden > 10)) {
        moon--;
    }
    int64_t full = zone_date_to_days(year, 3, 21) + moon;

    /* The Sunday after it; 1970-01-01 was a Thursday. */
    int64_t weekday = (full + 3) - zone_date_floor(full + 3, 7) * 7;
    return (int32_t)(full + 7 - (weekday + 1) % 7);
}

/* The days of one year, in order. */
static size_t days_of_year(int place, int year, int32_t ret_days[static RULE_COUNT])
{
    int32_t easter = holiday_easter(year);
    size_t count = 0;

    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = &rules[i];
        if (!(rule->places & place) || year < rule->first_year ||
            (rule->last_year != 0 && year > rule->last_year)) {
            continue;
        }
        int32_t day = rule->month == 0
                          ? easter + rule->day
                          : (int32_t)zone_date_to_days(year, rule->month, rule->day);
        size_t at = count;
        for (; at > 0 && ret_days[at - 1] > day; at--) {
            ret_days[at] = ret_days[at - 1];
        }
        ret_days[at] = day;
        count++;
    }
    return count;
}

size_t holiday_days(const char *region, int32_t first_day, int32_t last_day,
                    int32_t *ret_days, size_t capacity)
{
    int place = place_of(region);
    struct zone_civil first;
    struct zone_civil last;
    int32_t days[RULE_COUNT];
    int32_t before = INT32_MIN; /* Ascension and another day may be the same */
    size_t count = 0;

    if (place == 0 || first_day > last_day) {
        return 0;
    }
    zone_date_from_days(first_day, &first);
    zone_date_from_days(last_day, &last);
    int from = first.year > HOLIDAY_FIRST_YEAR ? first.year : HOLIDAY_FIRST_YEAR;
    int until = last.year < HOLIDAY_LAST_YEAR ? last.year : HOLIDAY_LAST_YEAR;

    for (int year = from; year <= until; year++) {
        size_t in_year = days_of_year(place, year, days);
        for (size_t i = 0; i < in_year; i++) {
            if (days[i] < first_day || days[i] > last_day || days[i] == before) {
                continue;
            }
            before = days[i];
            if (count < capacity) {
                ret_days[count] = days[i];
            }
            count++;
        }
    }
    return count;
}
