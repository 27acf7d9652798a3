// SPDX-License-Identifier: Apache-2.0

/*
 * look.h - what has become of a meeting, and what is due meanwhile
 */
#ifndef TESTS_SCENARIO_LOOK_H
#define TESTS_SCENARIO_LOOK_H

#include "tests/scenario/circle.h"

/* The meeting as @client now sees it; lives until the next call. */
const struct entente_meeting *look_at(struct world_client *client,
                                      const struct entente_meeting *meeting);

/* The party that is @person; there is none: the test fails. */
const struct entente_party *look_for(const struct entente_meeting *meeting,
                                     const char *person);

/* How often @client has been told of the meeting; wait until it has been so often. */
size_t look_events(const struct world_client *client,
                   const struct entente_meeting *meeting);
void look_until_told(const struct world_client *client,
                     const struct entente_meeting *meeting, size_t count);

/* Wait until everything that is due has been seen to. */
void look_until_calm(void);

/* Does anybody see to what is due? */
void look_sweep(bool goes_on);

#endif
