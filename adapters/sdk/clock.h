// SPDX-License-Identifier: Apache-2.0

/*
 * clock.h - the SDK's only sources of time and of chance
 *
 * Units       Milliseconds of CLOCK_MONOTONIC: for delays, never for dates.
 */
#ifndef ADAPTERS_SDK_CLOCK_H
#define ADAPTERS_SDK_CLOCK_H

#include <stdint.h>

int64_t clock_now_ms(void);

/* A number in [0, limit), or 0 when @limit is 0.  For jitter only. */
uint32_t clock_chance(uint32_t limit);

#endif
