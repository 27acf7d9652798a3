// SPDX-License-Identifier: Apache-2.0

/*
 * say.h - what the program tells people besides its answer
 */
#ifndef ADAPTERS_CLI_SAY_H
#define ADAPTERS_CLI_SAY_H

#include "adapters/sdk/client.h"

#include <stdbool.h>

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1, /* or refused by the broker */
    EXIT_WORDS = 2,
    EXIT_NO_SLOT = 3,
};

/* "entente COMMAND: sentence" on standard error. */
void say_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Say why a call failed: the broker's refusal by its code, in the person's language, or
 * what went wrong on this side.  With @json as an object on standard output.  @asked
 * (may be NULL) has the parties whom a sentence calls spec.parties[N].
 *
 * Returns EXIT_FAILED.
 */
int say_failure(const char *command, struct entente_client *client,
                enum entente_code code, const struct entente_spec *asked, bool json);

/* Put the identifiers of @spec's parties in the place of their paths in @text. */
void say_parties(const struct entente_spec *spec, const char *text, char *ret,
                 size_t size);

/* The sentence of a broker's error in the person's language. */
void say_sentence(const struct entente_error *error, char *ret, size_t size);

/* The same for what the SDK found out on this side, and said as @english. */
void say_local(unsigned code, const char *english, char *ret, size_t size);

#endif
