// SPDX-License-Identifier: Apache-2.0

/*
 * match.h - `entente match`: the slot search alone, on JSON (docs/match.md)
 */
#ifndef ADAPTERS_CLI_MATCH_H
#define ADAPTERS_CLI_MATCH_H

#include <jansson.h>
#include <stddef.h>

enum {
    MATCH_EXIT_ANSWERED = 0, /* an empty answer is one */
    MATCH_EXIT_FAILED = 1,   /* no memory, or the answer could not be written */
    MATCH_EXIT_REFUSED = 2,  /* a request or the command line is wrong */
};

/* How answers are printed. */
enum match_shape { MATCH_ONE_LINE, MATCH_PRETTY, MATCH_DRAWING };

/* The command.  argv[0] is "match".  Returns the exit code. */
int command_match(int argc, char **argv);

/* Answer a request of @size bytes.  *ret_answer is a new reference to the answer or to
 * the error, or NULL without memory; returns the exit code. */
int match_answer(const char *bytes, size_t size, json_t **ret_answer);

#endif
