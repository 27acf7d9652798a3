// SPDX-License-Identifier: Apache-2.0

/*
 * apply.h - from an event to the calendar file, once
 *
 * The file is the memory: it holds the version of each meeting and, changed by the same
 * rename, the position of the last event that was written into it or was found there.
 *
 * Ownership   Everything passed in is borrowed.
 */
#ifndef ADAPTERS_ICS_APPLY_H
#define ADAPTERS_ICS_APPLY_H

#include "adapters/ics/config.h"
#include "adapters/ics/ics_text.h"
#include "adapters/sdk/client.h"

#include <stdint.h>

enum apply_outcome {
    APPLY_NOTHING,  /* this event is nothing to the agenda */
    APPLY_WRITTEN,  /* the file has changed */
    APPLY_STANDS,   /* the file says so already */
    APPLY_CONFLICT, /* somebody has put something else there: nothing was written */
    APPLY_FAILED,   /* the error says why; the old file is intact; try again */
};

struct apply_job {
    const struct config_agenda *agenda;
    const struct entente_meeting *meeting;
    struct entente_position position; /* of the event */
    uint64_t issued; /* the broker has issued no event behind this one: a file's
                        position that is higher is not believed */
    int64_t now;     /* seconds */
};

/* Bring the agenda's file to what the event says about its person. */
enum apply_outcome apply_event(const struct apply_job *job,
                               struct ics_error *ret_error);

/* What the file @path records; a zeroed position if it cannot be read or has none. */
struct entente_position apply_position(const char *path);

/* The party of @meeting whose agenda it is, or NULL. */
const struct entente_party *apply_party(const struct config_agenda *agenda,
                                        const struct entente_meeting *meeting);

/* Whether @meeting stands in the file, not as cancelled.  False: the file cannot be read
 * or understood. */
bool apply_stands(const struct config_agenda *agenda,
                  const struct entente_meeting *meeting, bool *ret_stands);

#endif
