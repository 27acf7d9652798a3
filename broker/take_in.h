// SPDX-License-Identifier: Apache-2.0

/*
 * take_in.h - rows of the store into the index: at the start, and whenever a person is
 *             found to be older here than there
 *
 * Failure     False when memory is used up.
 */
#ifndef BROKER_TAKE_IN_H
#define BROKER_TAKE_IN_H

#include "broker/index.h"
#include "broker/must_check.h"
#include "broker/store/store.h"

MUST_CHECK bool take_in_person(struct index *index, const struct store_person_row *row);
MUST_CHECK bool take_in_source(struct index *index, const struct store_source *row);

/* Beside the claims that the meeting has on this person already. */
MUST_CHECK bool take_in_claim(struct index *index, const struct store_claim *row);

/* In place of all that is known of this person. */
MUST_CHECK bool take_in_availability(struct index *index,
                                     const struct store_availability *row);

#endif
