// SPDX-License-Identifier: Apache-2.0

/*
 * clock.c - the part of broker.h that knows time: the database's, carried on by ours
 */
#include "broker/broker.h"

#include <time.h>

int64_t broker_mono_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t broker_now_ms(const struct broker *broker)
{
    return broker->now_at_ms + (broker_mono_ms() - broker->now_mono_ms);
}

void broker_heard_clock(struct broker *broker, int64_t now_ms)
{
    broker->now_at_ms = now_ms;
    broker->now_mono_ms = broker_mono_ms();
    /* Before the database has told the time there is none to have started at. */
    if (broker->started_ms == 0) {
        broker->started_ms = now_ms;
    }
}
