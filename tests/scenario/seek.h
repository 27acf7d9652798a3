// SPDX-License-Identifier: Apache-2.0

/*
 * seek.h - the words of the stories about searches: who says what of their time, and what
 * is looked for
 *
 * Everybody of circle.h, and more people of one clinic.  Times are minutes after the
 * world's day; seek_publish() replaces what the person's only agenda has said.
 */
#ifndef TESTS_SCENARIO_SEEK_H
#define TESTS_SCENARIO_SEEK_H

#include "tests/scenario/circle.h"

enum { SEEK_PARTIES = 8, SEEK_RANGES = 64 };

/* One search, to be changed before it is asked. */
struct seek {
    struct entente_identifier who[SEEK_PARTIES];
    struct entente_party parties[SEEK_PARTIES];
    struct entente_span window;
    struct entente_spec spec;
    struct entente_search search;
};

/* An hour of these people ("idnps:...", NULL at the end), the first three days. */
void seek_begin(struct seek *seek, const char *const *people);

/* The refusal's code, or ENTENTE_OK and the result, which lives until the next call. */
enum entente_code seek_ask(struct seek *seek,
                           const struct entente_search_result **ret_result);

/* The result; anything else fails the test. */
const struct entente_search_result *seek_found(struct seek *seek);

/* The starts found are exactly these, after the world's day. */
void seek_starts(const struct entente_search_result *result, const int32_t *starts,
                 size_t count);

/* [from, until) after the world's day. */
struct entente_range seek_range(int32_t from, int32_t until, uint32_t kind);

/* Publish for @person; what is not said in @like: 60 days of coverage, the person as the
 * key of the source, a week's lease. */
void seek_publish(struct world_client *client, const char *person,
                  const struct entente_range *ranges, size_t count,
                  const struct entente_publish *like);

/* The relaxation of this kind, or NULL. */
const struct entente_relaxation *
seek_relaxation(const struct entente_search_result *result, uint32_t kind);

#endif
