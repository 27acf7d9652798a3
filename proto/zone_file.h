// SPDX-License-Identifier: Apache-2.0

/*
 * zone_file.h - one compiled file of tzdata (RFC 8536), expanded to its changes of
 * offset
 *
 * Units       As in zone.h.
 *
 * Ownership   The caller frees zone_rules.spans.
 *
 * Threads     No shared state; reads the environment variable TZDIR.
 */
#ifndef PROTO_ZONE_FILE_H
#define PROTO_ZONE_FILE_H

#include "proto/zone.h"

#include <stdbool.h>
#include <stddef.h>

struct zone_rules {
    size_t count;            /* at least 1 */
    struct zone_span *spans; /* the first begins at INT32_MIN */
};

/* Read the file of zone @name, which must be a plain name (see zone_known).  False,
 * with *ret_rules untouched, if there is no such file or it is not one of version 2 or
 * later. "UTC" needs no file. */
bool zone_file_load(const char *name, struct zone_rules *ret_rules);

#endif
