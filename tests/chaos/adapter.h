// SPDX-License-Identifier: Apache-2.0

/*
 * adapter.h - a vendor's program that leads many meetings at once, and can be killed
 *
 *     adapter.c        its life: connect, write down, begin again where the agenda ends
 *     adapter_work.c   what its people do
 */
#ifndef TESTS_CHAOS_ADAPTER_H
#define TESTS_CHAOS_ADAPTER_H

#include "adapters/sdk/client.h"
#include "tests/chaos/chance.h"
#include "tests/simulation/known.h"

#include <stdbool.h>
#include <stdint.h>

enum { KNOWN_MEETINGS = 48 };

struct adapter {
    struct entente_client *client;
    struct chance chance;
    const char *name;
    int64_t number; /* speaks for each person p with p % adapters == number */
    int64_t adapters;
    int64_t people;
    int64_t shift_minutes; /* of the database's clock */
    bool quiet;            /* nothing new is begun: what hangs is brought to an end */
    uint64_t epoch;        /* of request numbers; 0: not connected yet */
    int trail;
    bool stopped;
    struct known known[KNOWN_MEETINGS];
    size_t known_count;
};

/* Submit, and write down that it was asked and how it was answered. */
void adapter_ask(struct adapter *adapter, const struct entente_envelope *envelope);

/* Minutes of the database's clock. */
int64_t adapter_now_ms(const struct adapter *adapter);

void adapter_learn(struct adapter *adapter, const struct entente_meeting *meeting);

/* adapter_work.c */
void work_publish_all(struct adapter *adapter);
void work_act(struct adapter *adapter);
void work_event(struct adapter *adapter, const struct entente_event *event);

#endif
