// SPDX-License-Identifier: Apache-2.0

#include "broker/matter.h"

#include "broker/due.h"

#include <string.h>

enum {
    MS_PER_MINUTE = 60000,
    DEFAULT_ANSWER_MINUTES = 2880,
    /* Of the moments of the default schedule none is nearer than this to anything. */
    NO_REMINDER_MS = 10 * MS_PER_MINUTE,
};

static int64_t earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

static int64_t later(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

/* Nobody is asked about a time that has come. */
static int64_t before_start(const struct entente_meeting *meeting, int64_t until_ms)
{
    const struct entente_proposal *proposal = meeting->proposal;
    int32_t start = proposal->start;
    for (size_t i = 0; i < proposal->candidates_count; i++) {
        start = proposal->candidates[i].start < start ? proposal->candidates[i].start
                                                      : start;
    }
    return earlier(until_ms, (int64_t)start * MS_PER_MINUTE);
}

static int64_t time_to_answer_ms(uint32_t minutes, uint32_t otherwise)
{
    uint32_t given = minutes != 0     ? minutes
                     : otherwise != 0 ? otherwise
                                      : DEFAULT_ANSWER_MINUTES;
    return (int64_t)given * MS_PER_MINUTE;
}

/* ---- until when --------------------------------------------------------------------
 */

static int64_t asked_ms_of(const struct entente_meeting *meeting, size_t party)
{
    const struct entente_kept *kept = meeting->kept;
    return party < kept->asked_ms_count ? kept->asked_ms[party] : 0;
}

static void note_asked(struct batch *batch, struct entente_meeting *meeting,
                       size_t party)
{
    struct entente_kept *kept = meeting->kept;
    size_t count = meeting->spec->parties_count;
    if (kept->asked_ms_count < count) {
        int64_t *asked_ms = arena_array(&batch->arena, count, sizeof(*asked_ms));
        if (asked_ms == NULL) {
            batch->exhausted = true;
            return;
        }
        for (size_t i = 0; i < kept->asked_ms_count; i++) {
            asked_ms[i] = kept->asked_ms[i];
        }
        kept->asked_ms = asked_ms;
        kept->asked_ms_count = count;
    }
    kept->asked_ms[party] = batch->now_ms;
}

void matter_ask(struct batch *batch, struct entente_meeting *meeting, size_t i)
{
    struct entente_party *party = &meeting->spec->parties[i];
    int64_t given_ms =
        time_to_answer_ms(party->answer_minutes, meeting->spec->answer_minutes);
    note_asked(batch, meeting, i);
    party->answer_by_ms = before_start(meeting, batch->now_ms + given_ms);
    party->reminded = 0;
    party->tacit = false;
}

int64_t matter_answer_by(const struct entente_meeting *meeting, size_t party)
{
    int64_t own_ms = meeting->spec->parties[party].answer_by_ms;
    return own_ms != 0 ? own_ms : meeting->proposal->answer_by_ms;
}

void matter_ask_all(struct batch *batch, struct entente_meeting *meeting)
{
    int64_t until_ms = 0;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        if (matter_is_awaited(meeting, i)) {
            matter_ask(batch, meeting, i);
            until_ms = later(until_ms, matter_answer_by(meeting, i));
        }
    }
    if (until_ms == 0) {
        int64_t given_ms = time_to_answer_ms(0, meeting->spec->answer_minutes);
        until_ms = before_start(meeting, batch->now_ms + given_ms);
    }
    meeting->proposal->answer_by_ms = until_ms;
    meeting->hold_until_ms = until_ms;
    meeting->kept->reminded_ms = batch->now_ms;
}

void matter_ask_also(struct batch *batch, struct entente_meeting *meeting, size_t party)
{
    matter_ask(batch, meeting, party);
    int64_t until_ms = later(meeting->hold_until_ms, matter_answer_by(meeting, party));
    meeting->proposal->answer_by_ms = until_ms;
    meeting->hold_until_ms = until_ms;
}

void matter_ask_organizer(struct batch *batch, struct entente_meeting *meeting,
                          bool extend)
{
    int64_t given_ms = time_to_answer_ms(0, meeting->spec->answer_minutes);
    meeting->kept->organizer_asked_ms = batch->now_ms;
    meeting->kept->reminded_ms = batch->now_ms;
    if (extend) {
        int64_t until_ms = before_start(meeting, batch->now_ms + given_ms);
        meeting->hold_until_ms = later(meeting->hold_until_ms, until_ms);
    }
}

/* ---- reminders ---------------------------------------------------------------------
 */

/* Without a schedule: at half and at an eighth of the time given. */
static size_t number_of_reminders(const struct entente_spec *spec)
{
    return spec->reminders_count > 0 ? spec->reminders_count : 2;
}

/* The moment of one reminder; 0: there is none. */
static int64_t reminder_at(const struct entente_spec *spec, size_t number,
                           int64_t asked_ms, int64_t by_ms)
{
    int64_t given_ms = by_ms - asked_ms;
    int64_t left_ms = number == 0 ? given_ms / 2 : given_ms / 8;
    if (spec->reminders_count > 0) {
        left_ms = (int64_t)spec->reminders[number] * MS_PER_MINUTE;
        return left_ms == 0 || left_ms >= given_ms ? 0 : by_ms - left_ms;
    }
    return left_ms < NO_REMINDER_MS ? 0 : by_ms - left_ms;
}

/* The first moment behind @after_ms at which who was asked at @asked_ms, and has until
 * @by_ms, is reminded; 0: none. */
static int64_t next_of(const struct entente_spec *spec, int64_t asked_ms, int64_t by_ms,
                       int64_t after_ms)
{
    int64_t next_ms = 0;
    for (size_t i = 0; asked_ms != 0 && i < number_of_reminders(spec); i++) {
        int64_t at_ms = reminder_at(spec, i, asked_ms, by_ms);
        if (at_ms > after_ms && at_ms > asked_ms && (next_ms == 0 || at_ms < next_ms)) {
            next_ms = at_ms;
        }
    }
    return next_ms;
}

int64_t matter_reminder_of(const struct entente_meeting *meeting, size_t party)
{
    if (!matter_is_awaited(meeting, party)) {
        return 0;
    }
    return next_of(meeting->spec, asked_ms_of(meeting, party),
                   matter_answer_by(meeting, party), meeting->kept->reminded_ms);
}

int64_t matter_reminder(const struct entente_meeting *meeting)
{
    int64_t next_ms = 0;
    switch ((enum entente_state)meeting->state) {
    case ENTENTE_PROPOSED:
    case ENTENTE_MOVING:
        for (size_t i = 0; i < meeting->spec->parties_count; i++) {
            int64_t at_ms = matter_reminder_of(meeting, i);
            next_ms = at_ms != 0 && (next_ms == 0 || at_ms < next_ms) ? at_ms : next_ms;
        }
        return next_ms;
    case ENTENTE_WAITING_ORGANIZER:
        return next_of(meeting->spec, meeting->kept->organizer_asked_ms,
                       meeting->hold_until_ms, meeting->kept->reminded_ms);
    case ENTENTE_SEARCHING:
    case ENTENTE_CONFIRMED:
    case ENTENTE_CANCELLED:
    case ENTENTE_EXPIRED:
    case ENTENTE_DONE:
        return 0;
    }
    return 0;
}

/* ---- what is due -------------------------------------------------------------------
 */

static size_t due(const struct entente_meeting *meeting, enum due_reason reason,
                  int64_t at_ms, struct store_due *dues, size_t count)
{
    struct store_due *entry = &dues[count];
    memcpy(entry->meeting.bytes, meeting->id.data, sizeof(entry->meeting.bytes));
    entry->reason = reason;
    entry->at_ms = at_ms;
    return count + 1;
}

/* Whose agenda diverges has a grace; who said that it is mistaken has as long. */
static size_t owners_dues(const struct entente_meeting *meeting, struct store_due *dues,
                          size_t count)
{
    enum { MOMENTS = 4 };
    size_t last = count + MOMENTS;
    for (size_t i = 0; i < meeting->spec->parties_count && count < last; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        if (party->diverged != 0) {
            count = due(meeting, DUE_GRACE_END, party->diverged_until_ms, dues, count);
        }
    }
    for (size_t i = 0; i < meeting->kept->notes_count && count < last; i++) {
        int64_t until = meeting->kept->notes[i].known_until_ms;
        if (until > meeting->updated_ms) {
            count = due(meeting, DUE_DIVERGENCE, until, dues, count);
        }
    }
    return count;
}

/* Who is asked and who is reminded have moments of their own, before the hold ends. */
static size_t dues_of_answers(const struct entente_meeting *meeting,
                              struct store_due *dues, size_t count)
{
    int64_t first_ms = meeting->hold_until_ms;
    int64_t reminder_ms = matter_reminder(meeting);
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        if (meeting->state != ENTENTE_WAITING_ORGANIZER &&
            matter_is_awaited(meeting, i)) {
            first_ms = earlier(first_ms, matter_answer_by(meeting, i));
        }
    }
    count = due(meeting, DUE_ANSWERS_END, meeting->hold_until_ms, dues, count);
    if (first_ms < meeting->hold_until_ms) {
        count = due(meeting, DUE_SILENCE, first_ms, dues, count);
    }
    if (reminder_ms != 0) {
        count = due(meeting, DUE_REMINDER, reminder_ms, dues, count);
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
        return dues_of_answers(meeting, dues, count);
    case ENTENTE_MOVING:
        count = dues_of_answers(meeting, dues, count);
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

static bool is_deadline(uint32_t reason)
{
    return reason == DUE_SEARCH_END || reason == DUE_ANSWERS_END ||
           reason == DUE_SLOT_END || reason == DUE_OLD_TIME || reason == DUE_SILENCE;
}

bool matter_is_overdue(const struct entente_meeting *meeting, int64_t now_ms,
                       struct store_due *ret_due)
{
    struct store_due dues[MATTER_DUES_MAX];
    size_t count = matter_dues(meeting, dues, 0);
    for (size_t i = 0; i < count; i++) {
        if (is_deadline(dues[i].reason) && dues[i].at_ms <= now_ms) {
            *ret_due = dues[i];
            return true;
        }
    }
    return false;
}
