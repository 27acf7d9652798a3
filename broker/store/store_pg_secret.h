// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_secret.h - which parts of a meeting are sealed at rest
 *
 * Sealed are: the reason in plain words, the patient concerned and their name, what
 * identifies the patient, representatives and guests wherever it stands (parties,
 * actors, whom somebody represents), and the addresses of places, one of which may be
 * the patient's home.
 *
 * The secret parts travel as a fragment: a meeting with only these fields set and its
 * arrays of parties and places as long as the meeting's.
 */
#ifndef BROKER_STORE_STORE_PG_SECRET_H
#define BROKER_STORE_STORE_PG_SECRET_H

#include "proto/arena.h"
#include "proto/message.h"

#include <stdbool.h>

/* Divide @meeting in two; both share what they do not change with it.  False when the
 * arena is used up. */
bool pg_secret_split(const struct entente_meeting *meeting, struct arena *arena,
                     struct entente_meeting **ret_open,
                     struct entente_meeting **ret_secret);

/* Put the fragment back into @meeting.  False when they do not fit each other. */
bool pg_secret_merge(struct entente_meeting *meeting,
                     const struct entente_meeting *secret);

#endif
