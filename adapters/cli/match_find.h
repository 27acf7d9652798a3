// SPDX-License-Identifier: Apache-2.0

/*
 * match_find.h - which of many people are free (matcher/people.h)
 *
 * Ownership   A finder keeps the rows of those whose agendas are kept, until they or the
 *             days change; match_finder_finish() frees them.  A zeroed one is ready.
 */
#ifndef ADAPTERS_CLI_MATCH_FIND_H
#define ADAPTERS_CLI_MATCH_FIND_H

#include "adapters/cli/match_input.h"
#include "matcher/people.h"

#include <stdio.h>

struct match_finder {
    struct people *people; /* NULL: none built */
    void *blocks;
    const struct match_keep *keep; /* of whom; NULL: of those in one request */
    size_t version;                /* of what is kept */
};

void match_finder_finish(struct match_finder *finder);

/* Read a request with "find". */
bool match_find_read(struct match_input *input, struct match_reader *reader,
                     const struct match_place *root);

/* Answer it.  False with the error stored. */
bool match_find_answer(struct match_finder *finder, const struct match_input *input,
                       json_t **ret_answer, struct match_error *ret_error);

/* What was answered, as lines for people. */
bool match_find_draw(FILE *file, const json_t *answer);

#endif
