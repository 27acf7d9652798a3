// SPDX-License-Identifier: Apache-2.0

/*
 * propose_internal.h - shared by propose.c and propose_free.c, and nobody else
 */
#ifndef BROKER_PROPOSE_INTERNAL_H
#define BROKER_PROPOSE_INTERNAL_H

#include "broker/propose.h"
#include "matcher/explain.h"

struct proposer {
    const struct index *index;
    void *workspace;
    size_t workspace_size;
    struct match_result result; /* too large for the stack */
    struct match_why why;
};

#endif
