// SPDX-License-Identifier: Apache-2.0

/*
 * run.h - what every command over the wire does the same way: words, link, answer
 */
#ifndef ADAPTERS_CLI_RUN_H
#define ADAPTERS_CLI_RUN_H

#include "adapters/cli/link.h"

/* Take the words, open the link, carry out @work, close the link; the exit code. */
int run_linked(enum verb verb, int argc, char **argv, int (*work)(struct link *link));

/* Answer with @meeting: JSON, or its summary with the drawing when @drawn. */
int run_answer(struct link *link, const struct entente_meeting *meeting);

#endif
