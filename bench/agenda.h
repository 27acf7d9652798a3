// SPDX-License-Identifier: Apache-2.0

/*
 * agenda.h - what the vendors' programs of the measurements say
 */
#ifndef BENCH_AGENDA_H
#define BENCH_AGENDA_H

#include "adapters/sdk/client.h"

#include <stddef.h>
#include <stdint.h>

/* Publish the ranges of number @person, covering [from, until), and wait until that is
 * durable.  Ends the program when it is refused. */
void agenda_publish(struct entente_client *client, uint32_t person,
                    const struct entente_span *coverage, struct entente_range *ranges,
                    size_t count);

struct agenda_meeting {
    uint8_t id[16];
    uint32_t state;
    uint32_t proposal;
};

/* What a reply says of its meeting. */
struct agenda_meeting agenda_read(const struct entente_meeting *meeting);

/* The parts of one request for a meeting of two people. */
struct agenda_request {
    char values[2][24];
    struct entente_identifier who[2];
    struct entente_party parties[2];
    struct entente_span window;
    struct entente_spec spec;
    struct entente_actor actor;
    struct entente_request request;
};

/* 30 minutes of numbers @person and @person + 1 in @window; the first asks.  The parts
 * point at each other: they stay where they are. */
void agenda_request(struct agenda_request *ret, uint32_t person,
                    const struct entente_span *window);

#endif
