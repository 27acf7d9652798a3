// SPDX-License-Identifier: Apache-2.0

#include "proto/zone_date.h"

int64_t zone_date_floor(int64_t value, int64_t by)
{
    int64_t quotient = value / by;

    return (value % by != 0 && value < 0) ? quotient - 1 : quotient;
}

/* Days since 1970-01-01 in the Gregorian calendar; the year begins in March, so that
 * the leap day is its last day. */
int64_t zone_date_to_days(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = zone_date_floor(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

void zone_date_from_days(int64_t days, struct zone_civil *ret)
{
    int64_t shifted = days + 719468;
    int64_t era = zone_date_floor(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) /
        365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;

    ret->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    ret->month = (int)(month < 10 ? month + 3 : month - 9);
    ret->year = (int)(year_of_era + era * 400 + (ret->month <= 2 ? 1 : 0));
    ret->weekday = (int)(((days + 3) % 7 + 7) % 7 + 1);
}

int zone_date_days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}
