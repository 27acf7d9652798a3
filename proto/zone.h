// SPDX-License-Identifier: Apache-2.0

/*
 * zone.h - the one place that knows time zones, for both ends of the wire
 *
 * The rules come from the system's tzdata (compiled files below /usr/share/zoneinfo, or
 * below $TZDIR), so that an update of that package is an update of Entente.  The files
 * are read here and not through libical: for the years 2000 to 2100 its expansion of
 * the same files differs from glibc in 21 of 598 zones (America/St_Johns by 23 hours a
 * year from 2038 on).  The tests compare this file with glibc for every zone.
 *
 * Units       Minutes since 1970-01-01T00:00Z in int32_t.  Offsets are minutes east of
 * UTC. Offsets with seconds (before 1972) are rounded to the nearest minute.
 *
 * Invariant   Rules are expanded to the end of the year 2199; later times keep the last
 * offset.
 *
 * Ownership   Names are borrowed for the call.  The expanded zones stay in memory until
 * the process ends: at most one copy of each of the about 600 names.
 *
 * Threads     One thread at a time: the cache has no lock.
 */
#ifndef PROTO_ZONE_H
#define PROTO_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest zone name that is looked up, without the NUL. */
#define ZONE_NAME_MAX 63

/* The room that zone_format_time() needs, with the NUL. */
#define ZONE_TIME_SIZE 32

/* From @from on (until the next span) local time is UTC plus @offset_minutes. */
struct zone_span {
    int32_t from;
    int32_t offset_minutes;
};

struct zone_civil {
    int year;    /* 1..4000 */
    int month;   /* 1..12 */
    int day;     /* 1..31 */
    int hour;    /* 0..23 */
    int minute;  /* 0..59 */
    int weekday; /* 1 Monday .. 7 Sunday; written by zone_to_civil, never read */
};

/* True if @name is "UTC" or the name of a zone in the system's tzdata, in its exact
 * spelling. NULL, paths, "posix/..." and "right/..." are not names. */
bool zone_known(const char *name);

/*
 * Store in @ret the offsets of zone @name that apply somewhere in [from, until), in
 * order. The first span begins at @from, the others at their transition.
 *
 * Returns how many there are; 0, with @ret untouched, if the zone is unknown, the range
 * is empty or @capacity is too small.  A zone changes at most a few times a year.
 */
size_t zone_spans(const char *name, int32_t from, int32_t until, struct zone_span *ret,
                  size_t capacity);

/* Store in *ret what the clocks of zone @name show at @minute.  False if the zone is
 * unknown or the year is not in 1..4000. */
bool zone_to_civil(const char *name, int32_t minute, struct zone_civil *ret);

/*
 * Store in *ret the minute at which the clocks of zone @name show @civil.
 *
 * A time that the clocks show twice means the first of the two.  A time that they skip
 * is read with the offset that applied before the gap, so that 02:30 becomes 03:30 on
 * the day in March when 02:00 becomes 03:00.  Both rules are those of RFC 5545,
 * section 3.3.5.
 *
 * False if the zone is unknown or @civil is not a date and time of day.
 */
bool zone_from_civil(const char *name, const struct zone_civil *civil, int32_t *ret);

/*
 * Read an ISO 8601 date and time: 2026-11-21T09:30, with or without seconds, which must
 * be 00, followed by Z, by an offset (+01:00 or +0100), or by nothing: then it is a
 * time in @zone, under the rules of zone_from_civil().
 *
 * False, with *ret_minute untouched, for any other text, an unknown @zone, or a time
 * that is not in 2020-01-01T00:00Z .. 2100-12-31T23:59Z.  @zone may be NULL where the
 * text must say it.
 */
bool zone_parse_time(const char *text, const char *zone, int32_t *ret_minute);

/* How the clocks of a zone show a time that was written without an offset. */
enum zone_fit {
    ZONE_ONCE = 0,
    ZONE_SKIPPED = 1, /* never: they are put forward over it */
    ZONE_TWICE = 2,   /* they are put back */
};

/*
 * Tell how the clocks of @zone show @text, of which zone_parse_time() made @minute.
 * Unless that is once, store the offsets, in minutes, of the two moments that may be
 * meant: those before and after the change.  A text with an offset is always once.
 */
enum zone_fit zone_fit(const char *text, const char *zone, int32_t minute,
                       int ret_offsets[2]);

/* Write @minute as zone_parse_time() reads it, on the clock of @zone, with the offset:
 * "2026-11-21T09:30+01:00", or with Z where @zone is "UTC", NULL or unknown.  @size
 * should be ZONE_TIME_SIZE; a shorter buffer gets a shorter, terminated text. */
void zone_format_time(int32_t minute, const char *zone, char *buffer, size_t size);

#endif
