// SPDX-License-Identifier: Apache-2.0

/*
 * match_input.h - a match request, read from JSON and checked
 *
 * Ownership   match_input_read() fills what the caller gives and match_input_finish()
 *             frees what it points at; both accept a zeroed struct.  It must not be
 * copied: the request points into it.
 */
#ifndef ADAPTERS_CLI_MATCH_INPUT_H
#define ADAPTERS_CLI_MATCH_INPUT_H

#include "adapters/cli/match_place.h"
#include "matcher/request.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    MATCH_INPUT_BYTES_MAX = 16 * 1024 * 1024,
    MATCH_INPUT_RANGES_MAX = 10000, /* of one source */
    MATCH_INPUT_CLAIMS_MAX = 10000, /* of one party */
    MATCH_INPUT_SOURCES_MAX = 64,   /* of one party */
    MATCH_INPUT_PURPOSES_MAX = 32,  /* different ones in one document */
    MATCH_INPUT_OFFSETS_MAX = 1024, /* a zone changes at most a few times a year */
};

struct match_input {
    struct match_request request;
    const char *zone;
    const char *names[MATCH_PARTIES_MAX]; /* by party index; all different */

    /* What the request points at. */
    struct match_span windows[MATCH_WINDOWS_MAX];
    minute_t picked[MATCH_WINDOWS_MAX];
    struct match_offset offsets[MATCH_INPUT_OFFSETS_MAX];
    struct match_party parties[MATCH_PARTIES_MAX];

    const char *purposes[MATCH_INPUT_PURPOSES_MAX]; /* bit i of a set is purposes[i] */
    size_t purpose_count;
    json_t *document;                /* lends the texts */
    struct match_input_block *first; /* memory, one block per list */
};

/* Read @size bytes of JSON.  False with *ret_error if the request is not one; @input
 * can be finished either way. */
bool match_input_read(struct match_input *input, const char *bytes, size_t size,
                      struct match_error *ret_error);

void match_input_finish(struct match_input *input);

/* For match_input_party.c: memory that lives as long as @input, zeroed; NULL if there
 * is none left, with the error stored. */
void *match_input_allocate(struct match_input *input, const struct match_reader *reader,
                           const struct match_place *place, size_t count, size_t size);

/* The bits of a list of purposes, which are numbered as they appear. */
bool match_input_purposes(struct match_input *input, const struct match_reader *reader,
                          const struct match_place *place, uint32_t *ret_purposes);

/* Read "parties" of @root: match_input_party.c. */
bool match_input_parties(struct match_input *input, const struct match_reader *reader,
                         const struct match_place *root);

#endif
