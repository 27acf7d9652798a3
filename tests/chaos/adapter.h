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

#include <stdbool.h>
#include <stdint.h>

enum { KNOWN_MEETINGS = 48, KNOWN_PARTIES = 6 };

/* What it remembers of a meeting, to act on it. */
struct known {
    uint8_t id[16];
    uint32_t version;
    uint32_t state;
    uint32_t proposal;
    int32_t start;
    int32_t alternative;
    bool mine;
    size_t party_count;
    struct {
        int64_t person;
        bool awaited;
        bool diverged;
    } parties[KNOWN_PARTIES];
};

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
