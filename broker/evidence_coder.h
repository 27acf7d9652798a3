// SPDX-License-Identifier: Apache-2.0

/*
 * evidence_coder.h - one walk over a search that either writes it or reads it
 *
 * What is written and what is read cannot differ, because the same lines do both: each
 * number is passed through the coder, which writes it, or gives the one that was written.
 *
 * Ownership   Lists that are read live in the coder's arena.
 */
#ifndef BROKER_EVIDENCE_CODER_H
#define BROKER_EVIDENCE_CODER_H

#include "matcher/request.h"
#include "proto/arena.h"

struct coder {
    struct arena *arena;
    bool writes;
    uint8_t *bytes;
    size_t size;
    size_t at;
    size_t promised; /* elements of the lists read so far */
    bool broken;     /* no room to write, or these bytes cannot be read */
    bool exhausted;  /* the arena is used up */
};

/* The number that was written, or @value after writing it; 0 once something is wrong. */
int64_t coder_pass(struct coder *coder, int64_t value);

/* The same for a number that is likely to be near to @base, which is known. */
int64_t coder_near(struct coder *coder, int64_t value, int64_t base);

/* Pass the length of a list.  Reading: room for so many elements of @size bytes; writing:
 * NULL, and *count stays. */
void *coder_list(struct coder *coder, size_t *count, size_t size);

/* What is read must be so. */
void coder_insist(struct coder *coder, bool must_be);

bool coder_is_good(const struct coder *coder);

/* evidence_people.c.  Written from @spans, or read into the arena. */
const struct match_span *
evidence_pass_spans(struct coder *coder, const struct match_span *spans, size_t *count);

/* One party, a pool's members included; what lies beyond @reach is left out. */
void evidence_pass_party(struct coder *coder, const struct match_span *reach,
                         struct match_party *party);

#endif
