// SPDX-License-Identifier: Apache-2.0

/*
 * divergence.h - what agendas could contradict, and what has diverged lately: counted,
 * written, tripped
 *
 * What the batch itself finds counts at once.
 */
#ifndef BROKER_DIVERGENCE_H
#define BROKER_DIVERGENCE_H

#include "broker/matter.h"

/* What the meeting claims of @party at the time that is agreed, or of which the party has
 * said that they come; with @kind NEW_TIME_BUSY, at the time that is to take its place.
 * False: nothing that an agenda could contradict, or the time has come. */
bool divergence_span(const struct batch *batch, const struct entente_meeting *meeting,
                     size_t party, uint32_t kind, struct entente_span *ret_span);

/* Which agenda of theirs has something else then; NULL: none, or its owner knows. */
const struct index_source *divergence_busy(const struct batch *batch,
                                           const struct entente_meeting *meeting,
                                           size_t party, uint32_t kind,
                                           struct entente_span *ret_span);

/* May one more owner of @client's agendas be asked?  One too many trips the breaker. */
bool divergence_may_ask(struct batch *batch, int64_t client);
bool divergence_has_tripped(const struct batch *batch, int64_t client);

/* What had been written of this person and meeting before the batch; or NULL. */
const struct store_divergence *divergence_row(const struct batch *batch,
                                              const struct entente_meeting *meeting,
                                              int64_t person);

/* @kind 0: it is settled. */
void divergence_write(struct batch *batch, const struct entente_meeting *meeting,
                      size_t party, int64_t client, uint32_t kind, bool held_back);

#endif
