// SPDX-License-Identifier: Apache-2.0

/*
 * agenda_write.h - put a meeting into a calendar file, and touch nothing else
 *
 * Only two things in the file are ours: the VEVENT of a meeting (UID
 * "<meeting>@entente" or X-ENTENTE-MEETING) and the calendar property
 * X-ENTENTE-POSITION.  All other bytes of the new file are those of the old one, in the
 * same order, with the same line ends.  An alarm that somebody has set on our event
 * stays.
 *
 * Units       Minutes since 1970-01-01T00:00Z; now in seconds.
 *
 * Ownership   Everything passed in is borrowed.
 */
#ifndef ADAPTERS_ICS_AGENDA_WRITE_H
#define ADAPTERS_ICS_AGENDA_WRITE_H

#include "adapters/ics/ics_text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The title of an event where nothing else is allowed or known. */
#define AGENDA_NEUTRAL_TITLE "Réunion"

struct agenda_meeting {
    const char *id;  /* letters, digits and "-_.", shorter than AGENDA_MEETING_SIZE */
    int32_t version; /* from 1, rises with every change */
    bool cancelled;
    int32_t start;
    int32_t end;
    const char *summary;     /* NULL: the neutral title */
    const char *description; /* these may be NULL: then there is no such line */
    const char *location;
    const char *url;
    const char *categories; /* one category */
};

/* The new bytes of a file, allocated with malloc(). */
struct agenda_content {
    char *bytes;
    size_t size;
};

enum agenda_write_result {
    AGENDA_WRITE_DONE,
    AGENDA_WRITE_NOT_NEEDED, /* the file already says this, or something newer */
    AGENDA_WRITE_FAILED,     /* nothing was changed; the error says why */
};

/*
 * Make the new content of a calendar file from its @size old @bytes.
 *
 * @meeting is written unless the file has this version of it or a later one; NULL
 * writes none. SEQUENCE is the version, or one more than the file's if that is higher.
 * A cancelled meeting that is not in the file is not written.  @position,
 * "epoch:sequence", is recorded unless the file has it or a later one; NULL records
 * none.  No bytes at all count as an empty calendar.
 *
 * On AGENDA_WRITE_DONE the caller frees ret_content->bytes; else it is untouched.
 */
enum agenda_write_result agenda_write_make(const char *bytes, size_t size,
                                           const struct agenda_meeting *meeting,
                                           const char *position, int64_t now,
                                           struct agenda_content *ret_content,
                                           struct ics_error *ret_error);

#endif
