// SPDX-License-Identifier: Apache-2.0

/*
 * match_output.h - the answer of a match request, as JSON or as a drawing
 *
 * Ownership   What returns a json_t * returns a new reference, or NULL without memory.
 */
#ifndef ADAPTERS_CLI_MATCH_OUTPUT_H
#define ADAPTERS_CLI_MATCH_OUTPUT_H

#include "adapters/cli/match_input.h"
#include "matcher/explain.h"

#include <jansson.h>
#include <stdio.h>

json_t *match_output_answer(const struct match_input *input,
                            const struct match_result *result,
                            const struct match_why *why);

json_t *match_output_error(const struct match_error *error);

/* Draw the slots, or the windows where there is none, as one line of time per party.
 * False without memory. */
bool match_output_draw(FILE *out, const struct match_input *input,
                       const struct match_result *result, const struct match_why *why);

#endif
