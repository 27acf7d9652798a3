// SPDX-License-Identifier: Apache-2.0

/*
 * matter.h - what one meeting needs, and moving it from state to state
 *
 * Units       minutes (UTC); now in milliseconds.
 */
#ifndef BROKER_MATTER_H
#define BROKER_MATTER_H

#include "broker/batch.h"

/* The party that is @person, or -1. */
int matter_party(const struct entente_meeting *meeting, int64_t person);

/* Must this party say yes to the current proposal, and has it not yet? */
bool matter_is_awaited(const struct entente_meeting *meeting, size_t party);

/* Is anybody awaited?  @except (-1: nobody) is taken as having answered. */
bool matter_awaits_anybody(const struct entente_meeting *meeting, int except);

bool matter_is_indispensable(const struct entente_meeting *meeting, size_t party);

/* Indispensable, or without this party fewer would attend than the quorum. */
bool matter_is_needed(const struct entente_meeting *meeting, size_t party);

/* What a transition is given beside its row. */
struct step {
    const struct transition *row;
    const struct entente_slot *slot;         /* HOLD */
    int party;                               /* who did it; -1: the organizer or time */
    const struct entente_actor *actor;       /* in any arena: it is copied */
    const struct entente_slot *alternatives; /* ALTERNATIVES */
    size_t alternatives_count;
    uint32_t reason; /* enum entente_reason_code */
};

/* Carry out the row: state, claims, proposal, version, who is to be told.  When a
 * proposal then awaits nobody it is confirmed in the same breath. */
void matter_step(struct batch *batch, struct matter *matter, const struct step *step);

/* What is due for this meeting from now on; appends to @dues, returns the new count. */
size_t matter_dues(const struct entente_meeting *meeting, struct store_due *dues,
                   size_t count);
enum { MATTER_DUES_MAX = 4 };

/* May @client look at this meeting: it asked for it, or speaks for one of its people.
 */
bool matter_is_visible(const struct entente_meeting *meeting,
                       const struct client *client);

#endif
