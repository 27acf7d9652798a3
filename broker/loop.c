// SPDX-License-Identifier: Apache-2.0

/*
 * loop.c - one thread, at most two batches in flight
 *
 *     take in what has arrived, bounded
 *     let each lane do what it can
 *     wait for the wire, the database or the clock
 */
#include "broker/broker.h"

#include <poll.h>

enum { FRAMES_AT_ONCE = 512, DESCRIPTORS = 12 };

/* True when something came in. */
static bool take_in(struct broker *broker)
{
    bool any = false;
    for (size_t i = 0; i < FRAMES_AT_ONCE; i++) {
        bool arrived = false;
        struct wire_frame frame;
        if (broker->wire->receive(broker->wire, &arrived, &frame) != STATUS_OK ||
            !arrived) {
            break;
        }
        dispatch_frame(broker, &frame);
        any = true;
    }
    return any;
}

static void let_each_lane_work(struct broker *broker)
{
    store_step(broker->store);
    follower_turn(broker);
    keeper_turn(broker);
    publisher_turn(broker);
    thinker_turn(broker->thinker);
    writer_turn(broker);
    reader_turn(broker);
    deliver_turn(broker);
    store_step(broker->store);
}

static void wait(struct broker *broker)
{
    struct pollfd descriptors[DESCRIPTORS];
    size_t count = broker->wire->descriptors(broker->wire, descriptors, DESCRIPTORS);
    count +=
        store_descriptors(broker->store, descriptors + count, DESCRIPTORS - 1 - count);
    descriptors[count++] =
        (struct pollfd){.fd = thinker_descriptor(broker->thinker), .events = POLLIN};
    poll(descriptors, count, keeper_timeout_ms(broker));
}

bool loop_turn(struct broker *broker)
{
    bool busy = take_in(broker);
    let_each_lane_work(broker);
    if (!busy) {
        keeper_tidy(broker);
    }
    return busy;
}

void loop_run(struct broker *broker)
{
    while (!broker->stop) {
        bool busy = loop_turn(broker);
        /* The wire's descriptor speaks only once: nothing may be left in it. */
        if (!busy && !take_in(broker)) {
            wait(broker);
        }
    }
}
