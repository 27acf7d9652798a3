// SPDX-License-Identifier: Apache-2.0

/*
 * match_keep.h - agendas that are read once and used by many requests of a stream
 *
 * Ownership   A keep owns the documents that its agendas come from, until it is freed.
 */
#ifndef ADAPTERS_CLI_MATCH_KEEP_H
#define ADAPTERS_CLI_MATCH_KEEP_H

#include "adapters/cli/match_input.h"

/* NULL without memory.  @with_records: searches use compiled agendas (record.h). */
struct match_keep *match_keep_new(bool with_records);
void match_keep_free(struct match_keep *keep);

/* Take @input, which is malloc'ed and asks to keep agendas, and what it has read; a name
 * that was given before now stands for the new agenda.  False without memory: then
 * @input is still the caller's. */
bool match_keep_take(struct match_keep *keep, struct match_input *input);

/* The agenda of that name, or NULL; @keep may be NULL. */
const struct match_somebody *match_keep_find(const struct match_keep *keep,
                                             const char *name);

/* Another number whenever somebody is new or changed. */
size_t match_keep_version(const struct match_keep *keep);

size_t match_keep_count(const struct match_keep *keep);
const struct match_somebody *match_keep_at(const struct match_keep *keep, size_t index);

/* Begin @texts with those that its agendas have numbered. */
void match_keep_texts(const struct match_keep *keep, struct match_texts *ret_texts);

#endif
