// SPDX-License-Identifier: Apache-2.0

#include "broker/matter.h"

#include "broker/due.h"

#include <string.h>

enum { MS_PER_MINUTE = 60000 };

static size_t due(const struct entente_meeting *meeting, enum due_reason reason,
                  int64_t at_ms, struct store_due *dues, size_t count)
{
    struct store_due *entry = &dues[count];
    memcpy(entry->meeting.bytes, meeting->id.data, sizeof(entry->meeting.bytes));
    entry->reason = reason;
    entry->at_ms = at_ms;
    return count + 1;
}

/* The first of all @moments that is not 0. */
static int64_t earlier(int64_t moment, int64_t first)
{
    return moment != 0 && (first == 0 || moment < first) ? moment : first;
}

/* Whose agenda diverges has a grace; who said that it is mistaken has as long. */
static size_t owners_dues(const struct entente_meeting *meeting, struct store_due *dues,
                          size_t count)
{
    int64_t grace_end = 0;
    int64_t known_end = 0;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        grace_end = earlier(meeting->spec->parties[i].diverged_until_ms, grace_end);
    }
    for (size_t i = 0; i < meeting->kept->notes_count; i++) {
        int64_t until = meeting->kept->notes[i].known_until_ms;
        known_end = earlier(until > meeting->updated_ms ? until : 0, known_end);
    }
    if (grace_end != 0) {
        count = due(meeting, DUE_GRACE_END, grace_end, dues, count);
    }
    if (known_end != 0) {
        count = due(meeting, DUE_DIVERGENCE, known_end, dues, count);
    }
    return count;
}

size_t matter_dues(const struct entente_meeting *meeting, struct store_due *dues,
                   size_t count)
{
    const struct entente_kept *kept = meeting->kept;
    if (!negotiation_is_over((enum negotiation_state)meeting->state)) {
        count = owners_dues(meeting, dues, count);
    }
    switch ((enum entente_state)meeting->state) {
    case ENTENTE_SEARCHING:
        return due(meeting, DUE_SEARCH_END, meeting->search_until_ms, dues, count);
    case ENTENTE_PROPOSED:
    case ENTENTE_WAITING_ORGANIZER:
        return due(meeting, DUE_ANSWERS_END, meeting->hold_until_ms, dues, count);
    case ENTENTE_MOVING:
        count = due(meeting, DUE_ANSWERS_END, meeting->hold_until_ms, dues, count);
        count = due(meeting, DUE_OLD_TIME, (int64_t)kept->firm_start * MS_PER_MINUTE,
                    dues, count);
        return count;
    case ENTENTE_CONFIRMED:
        return due(meeting, DUE_SLOT_END, (int64_t)kept->firm_end * MS_PER_MINUTE, dues,
                   count);
    case ENTENTE_CANCELLED:
    case ENTENTE_EXPIRED:
    case ENTENTE_DONE:
        return count;
    }
    return count;
}
