// SPDX-License-Identifier: Apache-2.0

/*
 * match_session.h - requests answered one after the other, with the memory of the last
 *
 * Ownership   A session owns the agendas that were given to be kept.
 */
#ifndef ADAPTERS_CLI_MATCH_SESSION_H
#define ADAPTERS_CLI_MATCH_SESSION_H

#include "adapters/cli/match.h"
#include "adapters/cli/match_output.h"

#include <stdio.h>

enum match_records_use {
    MATCH_RECORDS_KEPT, /* of agendas that are given once for many requests */
    MATCH_RECORDS_ALL,
    MATCH_RECORDS_NONE,
};

struct match_session;

/* NULL without memory. */
struct match_session *match_session_new(enum match_records_use use);
void match_session_free(struct match_session *session);

/* Answer a request of @size bytes, which stands in line @line of a stream (0: it stands
 * alone).  The drawing goes to @drawing where it is given.  *ret_answer is a new
 * reference to the answer or to the error, or NULL without memory.  Returns the exit
 * code. */
int match_session_answer(struct match_session *session, const char *bytes, size_t size,
                         size_t line, FILE *drawing, json_t **ret_answer);

/* What happened before a request could be looked at. */
int match_session_refuse(enum match_error_code code, const char *sentence, size_t line,
                         json_t **ret_answer);

/* Answer the stream or the single request of @in, print the answers, and return the exit
 * code: the worst of all.  @lines: a stream, even if it does not look like one. */
int match_stream(struct match_session *session, int in, enum match_shape shape,
                 bool lines);

#endif
