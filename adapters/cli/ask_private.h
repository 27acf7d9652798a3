// SPDX-License-Identifier: Apache-2.0

/*
 * ask_private.h - the parts of ask.c: each fills in some of a spec
 *
 * Each returns false, with the fault said, when a word cannot be used.
 */
#ifndef ADAPTERS_CLI_ASK_PRIVATE_H
#define ADAPTERS_CLI_ASK_PRIVATE_H

#include "adapters/cli/ask.h"
#include "adapters/cli/match_place.h"
#include "adapters/cli/terms.h"

/* How often @word was said. */
size_t ask_count(const struct words *words, enum word word);

bool ask_code(const struct words *words, enum word word, enum term_kind kind,
              uint32_t *ret);

/* The place of @spec with @key (not kept), which is added to its places unless it is one;
 * NULL without memory.  spec->places has room for ASK_PLACES_MAX. */
enum { ASK_PLACES_MAX = 64 };
const char *ask_place_key(struct link *link, struct entente_spec *spec,
                          const char *key);

/* Options, travel, quorum, series, holidays, certainty (ask_ways.c). */
bool ask_ways(struct link *link, struct entente_spec *spec);

/* The bits of --certainty. */
bool ask_certainty(struct link *link, uint32_t *ret_certainties);

/* "ID,ID,..." or "@FILE" as the members of a pool, @most of them: LIMIT_POOL_MEMBERS, or
 * ASK_PEOPLE_MOST of whom nobody makes one pool (ask_pool.c). */
enum { ASK_PEOPLE_MOST = 100000 };
bool ask_members(struct link *link, enum word word, const char *text, size_t most,
                 struct entente_party *party);

/* "2 of ID,ID,..." as a party (ask_pool.c). */
bool ask_pool(struct link *link, enum word word, const char *text,
              struct entente_party *ret_party);

/* Let members who share their system travel in half the bytes. */
bool ask_fold(struct link *link, struct entente_party *party);

/* The whole of a JSON document, which @word names (ask_json.c). */
bool ask_json(struct link *link, enum word word, const char *file,
              struct entente_spec *spec);

/* The same of a JSON document, and of a party in it (ask_json_rules.c). */
bool ask_json_rules(struct link *link, const struct match_reader *reader,
                    const struct match_place *root, struct entente_spec *spec);
bool ask_json_party_rules(const struct match_reader *reader,
                          const struct match_place *place, struct entente_party *party);

/* Rule, silence, reminders, priority: of the meeting, or of one of its parties, which are
 * there already (ask_rules.c). */
bool ask_rules(struct link *link, struct entente_spec *spec);

#endif
