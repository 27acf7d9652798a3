// SPDX-License-Identifier: Apache-2.0

/*
 * fair.h - what has to be decided before a command
 *
 * Nothing may depend on how promptly somebody looks at what is due.  A deadline that has
 * passed is seen to first: of the meeting that the command is about, and of every meeting
 * whose hold would be in its way; so an overdue hold blocks nobody.  And who asks for a
 * slot, or waits for one, stands behind all that have waited for the same people longer,
 * or more pressingly.
 *
 * The command then goes round once more, behind what comes first, in the same batch and
 * so in the same transaction.
 */
#ifndef BROKER_FAIR_H
#define BROKER_FAIR_H

#include "broker/batch.h"

/* Must @command wait for its next round?  What comes before it is then in its `first`. */
bool fair_waits(struct batch *batch, struct command *command);

#endif
