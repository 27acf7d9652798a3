// SPDX-License-Identifier: Apache-2.0

/*
 * diverge.h - the words of the stories in which an agenda contradicts what was agreed,
 * beside those of circle.h
 */
#ifndef TESTS_SCENARIO_DIVERGE_H
#define TESTS_SCENARIO_DIVERGE_H

#include "tests/scenario/circle.h"

const struct entente_meeting *diverge_shown(struct world_client *client,
                                            const uint8_t *id);

/* Ben's agenda, day by day: free from 8 to 18, and busy from @from to @until, which is an
 * echo of @meeting if given. */
void diverge_ben_is_busy(int from, int until, const uint8_t *meeting);

/* The meeting as @client sees it once it has been told of @version. */
const struct entente_meeting *diverge_told(struct world_client *client,
                                           const uint8_t *id, uint32_t version);

/* Everything that is due has been looked at. */
void diverge_settle_down(void);

enum entente_code diverge_owner_says(struct world_client *client, const char *person,
                                     uint32_t decision, const uint8_t *id,
                                     const struct entente_meeting **ret_meeting);

enum entente_code diverge_reports(struct world_client *client, const char *person,
                                  uint32_t kind, const uint8_t *id, uint32_t version);

/* A confirmed meeting of Anna and Ben; its id, and its start from world.day on. */
uint32_t diverge_confirmed(uint8_t id[16], int *ret_start);

void diverge_call_off(const uint8_t *id);

int64_t diverge_open(void);

#endif
