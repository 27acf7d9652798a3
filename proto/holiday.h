// SPDX-License-Identifier: Apache-2.0

/*
 * holiday.h - the public holidays of France, region by region, for both ends of the wire
 *
 * Regions     Codes of ISO 3166-2 (or, for the overseas ones, the two letters of ISO
 *             3166-1 after "FR-"):
 *
 *             FR                     and FR-01 .. FR-95, FR-2A, FR-2B: the eleven days of
 *                                    the Code du travail, L3133-1
 *             FR-57 FR-67 FR-68      Moselle and Alsace: Good Friday and 26 December too
 *             FR-6AE                 (L3134-13).  The law knows Good Friday only where the
 *                                    commune has a Protestant or a shared church; which
 *                                    have one is not known here, and it counts everywhere
 *             FR-971 FR-GP           Guadeloupe, 27 May (L3422-2, as all to FR-BL)
 *             FR-972 FR-MQ           Martinique, 22 May
 *             FR-973 FR-GF           Guyane, 10 June
 *             FR-974 FR-RE           La Reunion, 20 December
 *             FR-976 FR-YT           Mayotte, 27 April
 *             FR-MF                  Saint-Martin, 28 May; until 2018, 27 May.  The law
 *                                    said 27 May; the prefecture has declared the 28th
 *                                    since 2019 (circular of 2018)
 *             FR-BL                  Saint-Barthelemy, 9 October
 *             FR-PM                  Saint-Pierre-et-Miquelon: the eleven
 *             FR-NC                  Nouvelle-Caledonie: 24 September (Accord
 *                                    interprofessionnel territorial, article 74)
 *             FR-PF                  Polynesie francaise: 5 March, Good Friday, and 29
 *                                    June until 2025, 20 November from 2026 on (loi du
 *                                    pays adopted on 6 May 2025)
 *             FR-WF                  Wallis-et-Futuna: 28 April and 29 July, the day of
 *                                    law 61-814
 *
 *             The texts that make holidays of the two days of Wallis-et-Futuna, and of 5
 *             March and Good Friday in Polynesia, have not been seen; published calendars
 *             agree on them.
 *
 *             Not here are days that only usage knows: the feasts of Islam at Mayotte,
 *             Victor Schoelcher's day, carnival, All Souls' Day.
 *
 * Units       Days since 1970-01-01, on the civil clock of the place.
 *
 * Invariant   The years 1900 to 2200 have holidays, all by the rules of today but for the
 *             two dated ones above.
 *
 * Threads     No shared state.
 */
#ifndef PROTO_HOLIDAY_H
#define PROTO_HOLIDAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HOLIDAY_FIRST_YEAR = 1900,
    HOLIDAY_LAST_YEAR = 2200,
    HOLIDAY_MOST_IN_A_YEAR = 14,
};

/* The regions that are known, in words for a reader: "FR, FR-01 to FR-95, ...". */
#define HOLIDAY_REGIONS                                                                \
    "FR, FR-01 to FR-95, FR-2A, FR-2B, FR-6AE, FR-971 to FR-974, FR-976, FR-BL, "      \
    "FR-GF, "                                                                          \
    "FR-GP, FR-MF, FR-MQ, FR-NC, FR-PF, FR-PM, FR-RE, FR-WF, FR-YT"

/* True if @region is a code above, in capitals; NULL and "" are "FR". */
bool holiday_known(const char *region);

/*
 * Store the public holidays of @region from @first_day to @last_day, both included, in
 * @ret_days: ascending, each once, at most @capacity.  Returns how many there are; more
 * than @capacity means that not all were stored.  0 if the region is not known.
 */
size_t holiday_days(const char *region, int32_t first_day, int32_t last_day,
                    int32_t *ret_days, size_t capacity);

/* Easter Sunday of @year, in HOLIDAY_FIRST_YEAR .. HOLIDAY_LAST_YEAR. */
int32_t holiday_easter(int year);

#endif
