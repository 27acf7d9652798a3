// SPDX-License-Identifier: Apache-2.0

/*
 * weeks.h - the words of the stories about series: an hour of Anna and Ben, week after week
 */
#ifndef TESTS_SCENARIO_WEEKS_H
#define TESTS_SCENARIO_WEEKS_H

#include "tests/scenario/circle.h"

enum { WEEK = 7 * DAY, WEEKS = 4 };

/* The id of the series that was asked for last. */
extern uint8_t weeks_series[16];

/* What is asked for instead of so many weeks, if anything, and in how many days it begins. */
extern const char *weeks_recurrence;
extern int weeks_window_days;

/* Anna and Ben are free from nine to noon on the same day of so many weeks, but Ben not in
 * week @without (0: in all; the first one is 1). */
void weeks_are_free(int without);

enum entente_code weeks_ask(uint32_t occurrences,
                            const struct entente_meeting **ret_meeting);

/* And it is one. */
const struct entente_meeting *weeks_asked(uint32_t occurrences);

/* All meetings of the series, in order; they live until the client's next call. */
const struct entente_meeting_list *weeks_listed(struct world_client *client);

/* Every one is in this state. */
void weeks_all_are(uint32_t state);

/* One answer to all of them. */
enum entente_code weeks_say(struct world_client *client, const char *person,
                            uint32_t kind, const struct entente_meeting **ret_meeting);

/* The organizer calls all of it off, and nothing is claimed any more. */
void weeks_call_off(void);

#endif
