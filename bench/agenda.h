// SPDX-License-Identifier: Apache-2.0

/*
 * agenda.h - what the vendors' programs of the measurements say
 */
#ifndef BENCH_AGENDA_H
#define BENCH_AGENDA_H

#include "adapters/sdk/client.h"

#include <stddef.h>
#include <stdint.h>

struct agenda_ranges {
    struct entente_range *data;
    size_t count;
};

/* Publish the ranges of number @person, covering @coverage.  *@unanswered counts one
 * more until that is durable; it must live that long.  Ends the program when the broker
 * refuses. */
void agenda_submit(struct entente_client *client, uint32_t person,
                   const struct entente_span *coverage,
                   const struct agenda_ranges *ranges, size_t *unanswered);

/* The same, and wait until it is durable. */
void agenda_publish(struct entente_client *client, uint32_t person,
                    const struct entente_span *coverage,
                    const struct agenda_ranges *ranges);

struct agenda_meeting {
    uint8_t id[16];
    uint32_t state;
    uint32_t proposal;
};

/* What a reply says of its meeting. */
struct agenda_meeting agenda_read(const struct entente_meeting *meeting);

enum { AGENDA_PARTIES_MAX = 6 };

/* The parts of one request for a meeting. */
struct agenda_request {
    char values[AGENDA_PARTIES_MAX][24];
    struct entente_identifier who[AGENDA_PARTIES_MAX];
    struct entente_party parties[AGENDA_PARTIES_MAX];
    struct entente_span window;
    struct entente_spec spec;
    struct entente_actor actor;
    struct entente_request request;
};

/* 30 minutes of @count people, from number @person on, in @window; the first asks.  The
 * parts point at each other: they stay where they are. */
void agenda_request(struct agenda_request *ret, uint32_t person, uint32_t count,
                    const struct entente_span *window);

/* Ask for a meeting of @count people and wait; ends the program unless it is PROPOSED. */
struct agenda_meeting agenda_propose(struct entente_client *client, uint32_t person,
                                     uint32_t count, const struct entente_span *window);

/* Number @person accepts what is proposed; ends the program when the broker refuses. */
struct agenda_meeting agenda_accept(struct entente_client *client, uint32_t person,
                                    const struct agenda_meeting *meeting);

/* The same for number @person calling it off. */
void agenda_cancel(struct entente_client *client, uint32_t person,
                   const struct agenda_meeting *meeting);

#endif
