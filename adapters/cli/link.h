// SPDX-License-Identifier: Apache-2.0

/*
 * link.h - one command's connection to the broker
 *
 * Ownership   A link owns its client and its arena; what is kept with link_keep() and
 *             what terms are read into the arena lives until link_close().
 */
#ifndef ADAPTERS_CLI_LINK_H
#define ADAPTERS_CLI_LINK_H

#include "adapters/cli/words.h"
#include "adapters/sdk/client.h"
#include "proto/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct link {
    const struct words *words;
    struct entente_client *client;
    struct arena arena;
    int64_t now_ms;          /* the broker's, when it said welcome */
    int64_t end_ms;          /* of patience, on the monotonic clock */
    uint32_t search_minutes; /* from now on, to the search deadline; 0: as it is */
    uint32_t asked_slots;    /* what --spec says of a search; 0, false: nothing */
    int32_t asked_near;
    bool asked_explain;
    const struct entente_spec *asked; /* to name parties in a refusal; or NULL */
    bool json;
    bool has_complained; /* that the broker is not there */
};

/* Make the client that the words name; it connects with the first call, so that wrong
 * words are found without a broker.  On failure says why and sets *@ret_exit; the link
 * needs link_close() in either case. */
bool link_open(struct link *link, const struct words *words, int *ret_exit);
void link_close(struct link *link);

/* Wait for the broker's welcome, which sets now_ms. */
bool link_connect(struct link *link, int *ret_exit);

/* What is left of the patience, at least 1. */
int link_patience_ms(const struct link *link);

/* Say that the last call failed with @code; returns the exit code. */
int link_failed(struct link *link, enum entente_code code);

/* A copy that outlives the next call, with its zone filled in.  Ends the program's
 * command with NULL when memory is used up. */
struct entente_meeting *link_keep(struct link *link,
                                  const struct entente_meeting *meeting);

/* The meeting that the words name, kept.  NULL, said, and *@ret_exit set otherwise. */
struct entente_meeting *link_get(struct link *link, int *ret_exit);

/* ---- words that name people --------------------------------------------------------
 */

/* The identifier @text in the arena; NULL, said as a fault of @word, when it is none.
 */
struct entente_identifier *link_identifier(struct link *link, enum word word,
                                           const char *text);

/* The actor: --as, or @standing (may be NULL) where that is not given; NULL and said
 * when there is none. */
struct entente_actor *link_actor(struct link *link,
                                 struct entente_identifier *standing);

/* The id of the meeting that the words name, in the arena; false and said otherwise. */
bool link_meeting_id(struct link *link, struct entente_bytes *ret_id);

#endif
