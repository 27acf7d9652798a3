// SPDX-License-Identifier: Apache-2.0

/*
 * ics_zone.h - what the zone names in one calendar file mean
 *
 * A name is looked for in this order: tzdata (also behind a vendor's prefix, as in
 * "/mozilla.org/20050126_1/Europe/Berlin"); a VTIMEZONE of the file; the X-LIC-LOCATION
 * of that VTIMEZONE; the Windows names.  So a truncated copy of Europe/Paris in the
 * file does no harm, and "Customized Time Zone" is what the file says it is.  Other
 * names are an error: time in an unknown zone is not known to be free.
 *
 * Units       Seconds, see ics_value.h.
 *
 * Ownership   An ics_zones borrows the file and the name of the default zone.
 */
#ifndef ADAPTERS_ICS_ICS_ZONE_H
#define ADAPTERS_ICS_ICS_ZONE_H

#include "adapters/ics/ics_text.h"
#include "adapters/ics/ics_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most time zones that one file may name. */
#define ICS_ZONES_MAX 200

/* One change of offset in a VTIMEZONE. */
struct ics_onset {
    int64_t utc;
    int32_t offset; /* seconds east, from here on */
};

struct ics_zone {
    char *tzid;
    char iana[64]; /* a name of tzdata, or "" where the onsets count */
    struct ics_onset *onsets;
    size_t onset_count;
};

struct ics_zones {
    const struct ics_file *file;
    char floating[64]; /* the zone of dates and of times without a zone */
    int64_t horizon;   /* VTIMEZONEs are expanded up to here */
    struct ics_zone *zones[ICS_ZONES_MAX];
    size_t count;
};

/* A time of the file with the clock it is on.  No zone: UTC if value.is_utc, else
 * floating. */
struct ics_moment {
    struct ics_value_time value;
    const struct ics_zone *zone;
};

/* @floating is a name of tzdata. */
void ics_zones_init(struct ics_zones *zones, const struct ics_file *file,
                    const char *floating, int64_t horizon);
void ics_zones_finish(struct ics_zones *zones);

/* Set *ret_zone to the meaning of @property's TZID: NULL if it has none. */
bool ics_zones_of(struct ics_zones *zones, const struct ics_property *property,
                  const struct ics_zone **ret_zone, struct ics_error *ret_error);

/* Read the whole value of @property as one date or time. */
bool ics_zones_moment(struct ics_zones *zones, const struct ics_property *property,
                      struct ics_moment *ret, struct ics_error *ret_error);

/* The UTC second at which the clock of @moment shows @local.  In a gap and in a
 * repeated hour the rules of zone_from_civil() hold. */
int64_t ics_zones_utc(const struct ics_zones *zones, const struct ics_moment *moment,
                      int64_t local);

#endif
