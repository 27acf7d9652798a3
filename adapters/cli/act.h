// SPDX-License-Identifier: Apache-2.0

/*
 * act.h - what the commands that change a meeting have in common
 */
#ifndef ADAPTERS_CLI_ACT_H
#define ADAPTERS_CLI_ACT_H

#include "adapters/cli/link.h"

/* --because; false and said when it is no reason. */
bool act_reason(const struct words *words, uint32_t *ret);

/* --substitute or --substitute-guest as a party; NULL where neither is said.  False and
 * said when it cannot be used. */
bool act_substitute(struct link *link, struct entente_party **ret_substitute);

/* Who is meant: on whose behalf it is done, or else who does it. */
struct entente_identifier *act_meant(const struct entente_actor *actor);

bool act_same(const struct entente_identifier *a, const struct entente_identifier *b);

/* Who acts when nobody is named: the organizer, or else the first party. */
struct entente_identifier *act_standing(const struct entente_meeting *meeting);

#endif
