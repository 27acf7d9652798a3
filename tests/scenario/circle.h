// SPDX-License-Identifier: Apache-2.0

/*
 * circle.h - Anna, Ben, Chris and the coordinator: the words of the negotiation's
 * stories
 *
 * Each speaks through a vendor of their own.  Anna and Ben are indispensable, Chris is
 * optional where he is invited; the coordinator is no party.
 */
#ifndef TESTS_SCENARIO_CIRCLE_H
#define TESTS_SCENARIO_CIRCLE_H

#include "tests/scenario/world.h"

enum { HOUR = 60, DAY = 1440 };

#define ANNA "idnps:899700000001"
#define BEN "idnps:899700000002"
#define CHRIS "idnps:899700000003"

extern struct world world;
extern struct world_client *coordinator;
extern struct world_client *anna;
extern struct world_client *ben;
extern struct world_client *chris;

int circle_set_up(void **state);
int circle_tear_down(void **state);
void circle_is_free(struct world_client *client, const char *person, int from,
                    int until);
void circle_everybody_is_free(void);
enum entente_code circle_ask(bool with_chris, int64_t search_until_ms,
                             const struct entente_meeting **ret_meeting);
const struct entente_meeting *circle_asked(bool with_chris);
const struct entente_meeting *circle_says(struct world_client *client,
                                          const char *person, uint32_t kind,
                                          int32_t counter,
                                          const struct entente_meeting *meeting);
const struct entente_meeting *circle_confirmed(bool with_chris);
/* What an answer needs of @meeting, which itself is gone with the client's next call. */
struct circle_kept {
    uint8_t id[16];
    struct entente_proposal proposal;
    struct entente_meeting meeting;
};
const struct entente_meeting *circle_keep(const struct entente_meeting *meeting,
                                          struct circle_kept *ret_kept);
enum entente_code circle_cancel(struct world_client *client, const char *person,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting);
void circle_called_off(const struct entente_meeting *meeting);
enum entente_code circle_decide(struct world_client *client, uint32_t decision,
                                int32_t start, const char *without,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting);
void circle_learns(const struct world_client *client,
                   const struct entente_meeting *meeting, uint32_t state);
int64_t circle_claims(void);

#endif
