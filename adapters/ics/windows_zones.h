// SPDX-License-Identifier: Apache-2.0

/*
 * windows_zones.h - the names that Outlook and Exchange give to time zones
 *
 * The pairs are the facts of CLDR's windowsZones table for territory 001: one
 * representative zone for each Windows name.
 */
#ifndef ADAPTERS_ICS_WINDOWS_ZONES_H
#define ADAPTERS_ICS_WINDOWS_ZONES_H

/* The name in tzdata for Windows zone @name ("Romance Standard Time" gives
 * "Europe/Paris"), or NULL.  Points at constant memory. */
const char *windows_zones_iana(const char *name);

#endif
