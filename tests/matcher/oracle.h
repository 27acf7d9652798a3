// SPDX-License-Identifier: Apache-2.0

/*
 * oracle.h - the answers of matcher/slot.h and explain.h again, minute by minute and the
 * slow way
 *
 * The oracle shares no code with the matcher and knows no interval algebra: it paints one
 * byte per person and minute, judges every start with every option by looking at every
 * minute of it, and reads all answers off these judgements.  Where the two disagree, one
 * of them has misread a header of matcher/.
 *
 * Ownership   oracle_open() allocates, oracle_close() frees.  The request must outlive
 *             its oracle.
 */
#ifndef TESTS_MATCHER_ORACLE_H
#define TESTS_MATCHER_ORACLE_H

#include "matcher/explain.h"

/* One start with one option. */
struct oracle_slot {
    struct match_slot slot; /* chosen_at: into the oracle's chosen members */
    bool complete;          /* there is every occurrence of the series */
    bool all_come;          /* every indispensable party */
    bool feasible;
};

/* A request, with every candidate judged. */
struct oracle {
    const struct match_request *request;
    size_t candidates;
    size_t options; /* at least one */
    size_t feasible;
    minute_t *starts;
    struct oracle_slot *slots; /* by candidate, then by option */
    uint16_t *chosen;
    size_t chosen_count;
    size_t chosen_room;
};

/* @request is one that the matcher accepts: the oracle checks nothing. */
void oracle_open(const struct match_request *request, struct oracle *ret_oracle);

/* The same, but with @start as the only candidate, and in any case one. */
void oracle_open_at(const struct match_request *request, minute_t start,
                    struct oracle *ret_oracle);

/* The same, but with the candidates of @other, which @request has, too. */
void oracle_open_like(const struct oracle *other, const struct match_request *request,
                      struct oracle *ret_oracle);

void oracle_close(struct oracle *oracle);

/* Whether the hard rules of @request hold for a slot whose parties are judged. */
bool oracle_suits(const struct match_request *request, const struct oracle_slot *slot);

/* The best slots, best first: at most wanted of them in @ret_slots. */
size_t oracle_search(const struct oracle *oracle,
                     const struct oracle_slot *ret_slots[MATCH_SLOTS_MAX]);

/* The nearest to @wanted, nearest first. */
size_t oracle_nearest(const struct oracle *oracle, minute_t wanted,
                      const struct oracle_slot *ret_slots[MATCH_SLOTS_MAX]);

/* The order of merit: negative if @a is better. */
int oracle_compare(const struct match_request *request, const struct match_slot *a,
                   const struct match_slot *b);

/* What explain.h says.  The blocking set is left empty if it has four members or more:
 * then blocking_is_exact is false and quorum_blocks is, too. */
void oracle_explain(const struct oracle *oracle, const struct match_leeway *leeway,
                    struct match_why *ret_why);

/* True if the @count members are distinct indispensable parties, and with every option
 * at every candidate at least one of them cannot come. */
bool oracle_blocks(const struct oracle *oracle, const uint8_t *members, size_t count);

#endif
