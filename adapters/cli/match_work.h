// SPDX-License-Identifier: Apache-2.0

/*
 * match_work.h - what one match request is answered with, and the memory for it
 *
 * Ownership   The memory is used again for the next request; match_work_finish() frees
 *             it.  A zeroed struct is ready.
 */
#ifndef ADAPTERS_CLI_MATCH_WORK_H
#define ADAPTERS_CLI_MATCH_WORK_H

#include "adapters/cli/match_input.h"
#include "adapters/cli/match_record.h"

struct match_work {
    struct match_result result;
    uint32_t candidates;
    uint32_t feasible;
    bool suits;        /* MATCH_JUDGED: the hard rules hold */
    bool is_explained; /* why is filled in */
    struct match_why why;

    void *workspace;
    size_t workspace_size;
    struct match_records *records; /* compile every agenda; NULL: those that are kept */
};

void match_work_finish(struct match_work *work);

/* Answer @input.  False, with the error stored, without memory or where the matcher
 * refuses. */
bool match_work_run(struct match_work *work, struct match_input *input,
                    struct match_error *ret_error);

#endif
