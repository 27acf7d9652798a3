// SPDX-License-Identifier: Apache-2.0

/*
 * matter_internal.h - shared by matter*.c, and nobody else
 *
 * matter.c         one step through the table
 * matter_rule.c    who has a say, who is awaited, who is needed
 * matter_effect.c  what a row's effects do to the meeting
 * matter_claim.c   what the meeting then claims of its people
 * matter_due.c     when it wants to be looked at
 */
#ifndef BROKER_MATTER_INTERNAL_H
#define BROKER_MATTER_INTERNAL_H

#include "broker/matter.h"

/* matter_rule.c: is this party's yes ever waited for? */
bool matter_has_a_say(const struct entente_spec *spec,
                      const struct entente_party *party);

/* matter_effect.c: everything that the row changes, but state, version and claims. */
void matter_take_effects(struct batch *batch, struct matter *matter,
                         const struct step *step);

/* matter_claim.c: the claims that the meeting now has on each of its people. */
void matter_claim(struct batch *batch, struct matter *matter);

#endif
