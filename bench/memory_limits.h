// SPDX-License-Identifier: Apache-2.0

/*
 * memory_limits.h - how fast this machine's memory gives what is in it: the limit of every
 * method
 *
 * Units       Bytes per nanosecond (GB/s) for streams, nanoseconds for single reads.
 */
#ifndef BENCH_MEMORY_LIMITS_H
#define BENCH_MEMORY_LIMITS_H

#include <stddef.h>

struct memory_limits {
    /* One core reading the same block again and again. */
    struct {
        const char *name;
        size_t bytes;
        double gb_s;
    } stream[5];

    /* One core, random places of a block far larger than any cache. */
    double dependent_ns; /* a line whose address is in the line before */
    double line_ns;      /* a line whose address is known early */
    double record_ns;    /* 768 bytes from such a place: the ring of a person */
    double record_2_ns;  /* the same, two cores at once, for one record of each */
    size_t block;
};

/* Takes about @seconds. */
void memory_limits_measure(struct memory_limits *limits, size_t block, double seconds);

/* Stream bandwidth of the smallest block that has @bytes. */
double memory_limits_stream(const struct memory_limits *limits, size_t bytes);

#endif
