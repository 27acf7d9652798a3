// SPDX-License-Identifier: Apache-2.0

/*
 * times.h - times and lengths as people type and read them
 *
 * Units       As in message.h: UTC minutes, half-open ranges.
 */
#ifndef ADAPTERS_CLI_TIMES_H
#define ADAPTERS_CLI_TIMES_H

#include "proto/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TIMES_TEXT = 128 };

/* 2026-11-24T14:00, with or without an offset, or 2026-11-24: its first minute.  Without
 * an offset it must be a time that the clocks of @zone show once. */
bool times_parse(const char *text, const char *zone, int32_t *ret);

/* Why times_parse() of a text that is a time says no: the clocks of @zone skip it, or
 * show it twice.  NULL where that is not the reason. */
const char *times_trouble(const char *text, const char *zone);

/* FROM/TO, both as above, TO after FROM; TO may be a time of day, 16:00, of FROM's
 * day. */
bool times_parse_span(const char *text, const char *zone, struct entente_span *ret);

/* 60, 90m, 90min, 48h, 1h30, 2d: minutes, at most ten years. */
bool times_parse_length(const char *text, uint32_t *ret_minutes);

/* 08:00-19:00 */
bool times_parse_hours(const char *text, struct entente_interval *ret);

/* mon-fri or mon,wed,fri, in English or French: bit 0 is Monday. */
bool times_parse_weekdays(const char *text, uint32_t *ret_bits);

/* Where @zone is NULL it is the wire's default.
 *
 * "Tuesday 24 November 2026, 14:00 to 15:00"; with @until on another day or 0, only the
 * start. */
void times_say_span(int32_t from, int32_t until, const char *zone, char *ret,
                    size_t size);

/* "Tuesday 24 November 2026" */
void times_say_day(int32_t minute, const char *zone, char *ret, size_t size);

#endif
