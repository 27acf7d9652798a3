// SPDX-License-Identifier: Apache-2.0

/*
 * adapter.h - the running process: several calendar files, one connection
 *
 *     file ──watch──▶ offer ──publish──▶ broker
 *     file ◀──apply──── inbox ◀──events──── broker
 *
 * Logging     One line on stderr for each thing that happens, without a word of what
 *             stands in the files.
 *
 * Threads     One.
 */
#ifndef ADAPTERS_ICS_ADAPTER_H
#define ADAPTERS_ICS_ADAPTER_H

#include "adapters/ics/config.h"

#include <stdbool.h>

struct adapter_mode {
    bool once;    /* publish, apply what waits, end */
    bool verbose; /* log what changes nothing, too */
};

/* Serve until SIGTERM or SIGINT.  Returns the exit code of the program. */
int adapter_run(const struct config *config, struct adapter_mode mode);

#endif
