// SPDX-License-Identifier: Apache-2.0

/*
 * match_output.h - the answer of a match request, as JSON or as a drawing
 *
 * Ownership   What returns a json_t * returns a new reference, or NULL without memory.
 */
#ifndef ADAPTERS_CLI_MATCH_OUTPUT_H
#define ADAPTERS_CLI_MATCH_OUTPUT_H

#include "adapters/cli/match_input.h"
#include "adapters/cli/match_work.h"

#include <jansson.h>
#include <stdio.h>

json_t *match_output_answer(const struct match_input *input,
                            const struct match_work *work);

/* @line is that of the stream; 0: there is none. */
json_t *match_output_error(const struct match_error *error, size_t line);

/* Draw the slots, or the windows where there is none, as one line of time per party.
 * False without memory. */
bool match_output_draw(FILE *out, const struct match_input *input,
                       const struct match_work *work);

/* For match_output_why.c and match_draw.c. */
json_t *match_output_time(const struct match_input *input, minute_t minute);
json_t *match_output_why(const struct match_input *input,
                         const struct match_work *work);
const char *match_output_reason(enum match_reason reason);

/* One sentence for each, without the final stop: "without Anna: 12 starts, first ...". */
void match_output_relaxation(const struct match_input *input,
                             const struct match_relaxation *relaxation, char *buffer,
                             size_t size);

/* "video", "on_site at Lyon", "any". */
void match_output_option(const struct match_input *input, struct match_option option,
                         char *buffer, size_t size);

#endif
