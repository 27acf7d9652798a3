// SPDX-License-Identifier: Apache-2.0

/*
 * minute.h - the unit of time
 *
 * Units       A minute_t counts minutes since 1970-01-01T00:00Z.  Ranges are half-open:
 *             [start, end) contains start and does not contain end.
 */
#ifndef MATCHER_MINUTE_H
#define MATCHER_MINUTE_H

#include <stdint.h>

typedef int32_t minute_t;

enum { MINUTES_PER_DAY = 1440 };

#endif
