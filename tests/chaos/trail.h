// SPDX-License-Identifier: Apache-2.0

/*
 * trail.h - what one adapter has asked, been told and written into its agenda, in a file
 *
 * Each line is a time and a record of tests/simulation/history.h.  A line is written by
 * one call, so that a process that is killed leaves whole lines.  The events among them
 * are the adapter's agenda: effect and position are the same line.
 *
 * Units       Microseconds of CLOCK_REALTIME, as PostgreSQL dates its commits.
 */
#ifndef TESTS_CHAOS_TRAIL_H
#define TESTS_CHAOS_TRAIL_H

#include "tests/simulation/history.h"

#include <stdbool.h>
#include <stdint.h>

struct trail_line {
    int64_t at_us;
    struct record record;
};

int64_t trail_now_us(void);

/* The number that stands for the 16 bytes of a meeting's id. */
uint64_t trail_meeting(const uint8_t *id);

/* Open the file to write on; -1 when that fails.  What a torn write left is dropped.
 * *@ret_last becomes the last event that was applied, all zeros when there is none. */
int trail_open(const char *path, struct record *ret_last);

/* False when the line is not in the file. */
bool trail_write(int file, int64_t at_us, const struct record *record);

bool trail_parse(const char *line, struct trail_line *ret);

#endif
