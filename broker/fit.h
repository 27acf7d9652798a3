// SPDX-License-Identifier: Apache-2.0

/*
 * fit.h - what is said is made to fit into a frame
 *
 * A meeting grows by answers, reports of agendas and alternatives; a list has as many
 * elements as there are.  Neither may keep a message from being sent.
 */
#ifndef BROKER_FIT_H
#define BROKER_FIT_H

#include "broker/must_check.h"
#include "proto/codec.h"

/*
 * Write @envelope as a frame.  Where it is too large, what matters least is left out:
 * of a meeting first the comments of its reports, then the reports, alternatives and
 * reasons, who comes to each slot of a poll, what is said about answers, texts, in the end
 * all that was asked for; of a list its second half, again and again.  A page of a record
 * always fits.  @envelope is not changed.  False when the arena is used up.
 */
MUST_CHECK bool fit_encode(const struct entente_envelope *envelope, struct arena *arena,
                           struct entente_bytes *ret_frame);

#endif
