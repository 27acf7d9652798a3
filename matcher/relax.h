// SPDX-License-Identifier: Apache-2.0

/*
 * relax.h - what could be asked for instead, by asking for it
 *
 * Threads     No shared state.
 */
#ifndef MATCHER_RELAX_H
#define MATCHER_RELAX_H

#include "matcher/explain.h"

/* Find the relaxations of explain.h for @why, of which candidates and feasible are known.
 * The workspace has match_workspace_size() bytes for @request; a changed request that
 * would need more is counted piece by piece. */
void relax_find(const struct match_request *request, const struct match_leeway *leeway,
                void *workspace, size_t workspace_size, struct match_why *why);

#endif
