// SPDX-License-Identifier: Apache-2.0

/*
 * matter_internal.h - shared by matter*.c, and nobody else
 *
 * matter.c         one step through the table
 * matter_rule.c    who has a say, who is awaited, who is needed
 * matter_poll.c    several slots held together
 * matter_effect.c  what a row's effects do to the meeting
 * matter_claim.c   what the meeting then claims of its people
 * matter_due.c     when it wants to be looked at
 * matter_owner.c   what the owner of an agenda knows; who comes in whose place
 */
#ifndef BROKER_MATTER_INTERNAL_H
#define BROKER_MATTER_INTERNAL_H

#include "broker/matter.h"

/* matter_rule.c: what follows by itself from what has been said; 0: somebody is awaited. */
enum negotiation_event matter_follow_up(const struct entente_meeting *meeting);

/* matter_poll.c: hold all the slots of @step, if they are several.  False when memory is
 * used up. */
bool matter_poll_open(struct batch *batch, struct entente_meeting *meeting,
                      const struct step *step);
void matter_poll_close(struct entente_meeting *meeting);

/* What follows from the grades; 0: somebody is awaited. */
enum negotiation_event matter_poll_follow_up(const struct entente_meeting *meeting);

/* The candidate that starts then (0: the best) is the proposal, the only one from now on. */
void matter_poll_pick(struct entente_meeting *meeting, int32_t start);

/* Is it known that @party cannot come at @slot? */
bool matter_poll_is_absent(const struct entente_slot *slot, size_t party);

/* matter_effect.c: who attends at @slot, as far as the search knows. */
void matter_set_attendance(struct entente_meeting *meeting,
                           const struct entente_slot *slot);

/* matter_effect.c: everything that the row changes, but state, version and claims. */
void matter_take_effects(struct batch *batch, struct matter *matter,
                         const struct step *step);

/* matter_owner.c: what was agreed at another time than the agendas have shown is new to
 * them, and who has been replaced gives the place up for good; who was to come in
 * somebody's place does not; a party will not come, and may be asked again; what had been
 * agreed is held for those who still come, while somebody decides. */
void matter_agree(struct matter *matter);
void matter_unseat(struct matter *matter);
void matter_stay_away(const struct batch *batch, struct entente_meeting *meeting,
                      const struct step *step);
void matter_hold_firm(const struct batch *batch, struct entente_meeting *meeting);

/* matter_claim.c: the claims that the meeting now has on each of its people. */
void matter_claim(struct batch *batch, struct matter *matter);

/* ---- matter_said.c ----------------------------------------------------------------
 */

/* What was said by whoever takes @step, which has not been taken yet. */
struct entente_said matter_said(const struct batch *batch,
                                const struct entente_meeting *meeting,
                                const struct step *step);

/* It has been taken: keep with it what the event alone does not say. */
void matter_note_said(struct batch *batch, struct matter *matter,
                      const struct step *step, struct entente_said *said);

#endif
