// SPDX-License-Identifier: Apache-2.0

#include "adapters/sdk/clock.h"

#include <sys/random.h>
#include <time.h>

int64_t clock_now_ms(void)
{
    struct timespec now;
    /* CLOCK_MONOTONIC exists on every system this is built for. */
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint32_t clock_chance(uint32_t limit)
{
    uint32_t number = 0;

    if (limit == 0) {
        return 0;
    }
    /* Without randomness there is no jitter, which is only less polite. */
    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != (ssize_t)sizeof number) {
        number = 0;
    }
    return number % limit;
}
