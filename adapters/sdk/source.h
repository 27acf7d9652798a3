// SPDX-License-Identifier: Apache-2.0

/*
 * source.h - one published agenda, and the copy of it that a resync is served from
 *
 * Ownership   A source owns its name and its copy.
 */
#ifndef ADAPTERS_SDK_SOURCE_H
#define ADAPTERS_SDK_SOURCE_H

#include "adapters/sdk/client.h"

#include "proto/arena.h"

struct source {
    char *name;
    uint64_t epoch; /* 0: not published by this process */
    uint64_t sequence;
    unsigned snapshots;           /* on their way */
    bool wants_epoch;             /* to be published again after the next welcome */
    struct arena memory;          /* of kept */
    struct entente_publish *kept; /* the whole source as last published, or NULL */
};

/* NULL without memory. */
struct source *source_create(const char *name);
void source_destroy(struct source *source);

/* Keep a copy of @publication: a snapshot takes the place of the last one, a delta is
 * worked into it.  False without memory, or when the source would have more than
 * LIMIT_SOURCE_RANGES ranges; then the old copy is still there. */
bool source_keep(struct source *source, const struct entente_publish *publication);

/* How many ranges the source would have with @delta. */
size_t source_count_with(const struct source *source,
                         const struct entente_publish *delta);

void source_forget(struct source *source);

#endif
