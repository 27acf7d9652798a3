// SPDX-License-Identifier: Apache-2.0

/*
 * zone_date.h - the arithmetic of the Gregorian calendar, for zone.c and zone_file.c
 *
 * Units       Days since 1970-01-01.  Months are 1..12, days 1..31.  The calendar is
 * extended backwards without end.
 *
 * Threads     No shared state.
 */
#ifndef PROTO_ZONE_DATE_H
#define PROTO_ZONE_DATE_H

#include "proto/zone.h"

#include <stdint.h>

/* @value / @by, rounded towards minus infinity.  @by is positive. */
int64_t zone_date_floor(int64_t value, int64_t by);

/* Cannot fail: a day past the end of its month runs on into the next. */
int64_t zone_date_to_days(int64_t year, int month, int day);

/* Write year, month, day and weekday of @ret; its hour and minute are left alone. */
void zone_date_from_days(int64_t days, struct zone_civil *ret);

int zone_date_days_in_month(int year, int month);

#endif
