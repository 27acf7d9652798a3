// SPDX-License-Identifier: Apache-2.0

/*
 * rules.h - the words of the stories about rules and polls, beside those of circle.h
 */
#ifndef TESTS_SCENARIO_RULES_H
#define TESTS_SCENARIO_RULES_H

#include "proto/identifier.h"
#include "tests/scenario/circle.h"

/* Everybody is free, and this would be asked: an hour of Anna, Ben and, optional, Chris. */
struct entente_spec *rules_begin(void);

/* Ask for it; rules_asked(): and it is proposed. */
enum entente_code rules_ask(const struct entente_meeting **ret_meeting);
const struct entente_meeting *rules_asked(void);

/* What an answer says beyond its kind. */
struct rules_answer {
    uint32_t kind;
    uint32_t channel;
    struct entente_graded *grades;
    size_t grades_count;
    struct entente_party *substitute;
};
enum entente_code rules_say(struct world_client *client,
                            struct entente_identifier *party,
                            const struct rules_answer *says,
                            const struct entente_meeting *meeting,
                            const struct entente_meeting **ret_meeting);
const struct entente_meeting *rules_not_this_one(struct world_client *client,
                                                 const char *person,
                                                 const struct entente_meeting *meeting);

/* The organizer's word; @start 0: what is held, or the best. */
enum entente_code rules_confirm(struct world_client *client, int32_t start,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting);
enum entente_code rules_search_on(struct entente_span *window, /* NULL: as before */
                                  const struct entente_meeting *meeting,
                                  const struct entente_meeting **ret_meeting);
enum entente_code rules_move(int32_t start, const struct entente_meeting *meeting,
                             const struct entente_meeting **ret_meeting);
enum entente_code rules_without(struct entente_identifier *party,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting);

#endif
