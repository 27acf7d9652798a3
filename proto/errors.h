// SPDX-License-Identifier: Apache-2.0

/*
 * errors.h - the stable codes of every refusal, and their English sentences
 *
 * The list itself is errors.def.
 */
#ifndef PROTO_ERRORS_H
#define PROTO_ERRORS_H

#include <stddef.h>

enum retry { RETRY_NEVER = 1, RETRY_LATER = 2, RETRY_RENEW = 3 };

#define ERROR(name, number, retry, sentence) ERROR_##name = (number),
enum error_code {
    ERROR_NONE = 0,
#include "proto/errors.def"
};
#undef ERROR

/* "STALE" for ERROR_STALE; "UNKNOWN_ERROR" for a number this program does not know. */
const char *error_name(unsigned code);

/* The number of the error called @name ("STALE"), or 0. */
unsigned error_by_name(const char *name);

/* The sentence with its {0} places still in it.  Never NULL. */
const char *error_template(unsigned code);

/* 0 for a code this program does not know. */
enum retry error_retry(unsigned code);

/* Write the sentence of @code with @parameters put in its places into @buffer, always
 * ending it with a NUL; what does not fit is cut between characters.  A missing
 * parameter shows as "?".  @template_text NULL means error_template(code). */
void error_sentence(unsigned code, const char *template_text,
                    const char *const *parameters, size_t parameter_count, char *buffer,
                    size_t buffer_size);

#endif
