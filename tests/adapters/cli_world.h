// SPDX-License-Identifier: Apache-2.0

/*
 * cli_world.h - the program itself, process by process, against a real broker: what it is
 * told, and what it says
 *
 * Anna, Ben, Claire and Léa are free from 8 to 17 on the world's day. Anna's client speaks
 * for Anna, Ben's for Ben and Claire.
 */
#ifndef TESTS_ADAPTERS_CLI_WORLD_H
#define TESTS_ADAPTERS_CLI_WORLD_H

#include "tests/scenario/world.h"

#include <jansson.h>

#define CLI_ANNA "idnps:899700000017"
#define CLI_BEN "idnps:899700000025"
#define CLI_CLAIRE "idnps:899700000033"
#define CLI_LEA "ins-test:260058815400233"

enum { CLI_OUTPUT_BYTES = 1 << 18, CLI_ID_TEXT = 64 };

extern struct world cli_world;

/* What the last run has printed, and complained of. */
extern char cli_output[CLI_OUTPUT_BYTES];
extern char cli_complaint[CLI_OUTPUT_BYTES];

int cli_set_up(void **state);
int cli_tear_down(void **state);

/* Run `entente` with the words up to NULL; returns its exit code. */
int cli_run(const char *word, ...) __attribute__((sentinel));

/* What was printed, as JSON; the caller's. */
json_t *cli_printed(void);

/* The member at a path: "proposal.start", "parties.0.answer"; NULL when there is none. */
const json_t *cli_member(const json_t *json, const char *path);

/* Text at a path of the last JSON printed. */
void cli_assert_said(const char *path, const char *expected);

/* @minute of the world's day, as it is typed; and two of them. */
const char *cli_at(int32_t minute);
const char *cli_window(int32_t from, int32_t until);

/* The id of the meeting that was printed. */
void cli_keep_id(char ret_id[CLI_ID_TEXT]);

/* The client whose settings the next runs use. */
void cli_use(const char *client);
void cli_add_client(const char *name, const char *person, const char *other);

#endif
