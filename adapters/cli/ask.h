// SPDX-License-Identifier: Apache-2.0

/*
 * ask.h - what is asked for, read out of the words of `request` and `search`
 */
#ifndef ADAPTERS_CLI_ASK_H
#define ADAPTERS_CLI_ASK_H

#include "adapters/cli/link.h"

/* The spec that the words describe, in the link's arena.  NULL, and said, when a word
 * cannot be used.  Only the words' form is judged: the rest is the broker's. */
struct entente_spec *ask_spec(struct link *link);

/* A number from 1 to INT32_MAX given to @word; false, and said, when it is none.
 * Without the word *@ret is left alone. */
bool ask_number(const struct words *words, enum word word, uint32_t *ret);

/* The same for a length, a code, a time in @zone. */
bool ask_length(const struct words *words, enum word word, uint32_t *ret_minutes);
bool ask_time(const struct words *words, enum word word, const char *zone,
              int32_t *ret);

/* "NAME, CONTACT" as a party (ask_rules.c). */
bool ask_guest(struct link *link, enum word word, const char *text,
               struct entente_party *ret_party);

/* The meetings after the first: --then FILE, --gap MIN..MAX (ask_rules.c). */
bool ask_sequence(struct link *link, struct entente_request *request);

/* Every --pick, in @zone. */
bool ask_picked(struct link *link, const char *zone, int32_t **ret_picked,
                size_t *ret_count);

/* Every FROM/TO of @word, in the link's arena. */
bool ask_spans(struct link *link, enum word word, const char *zone,
               struct entente_span **ret_spans, size_t *ret_count);

#endif
