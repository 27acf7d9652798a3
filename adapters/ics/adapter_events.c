// SPDX-License-Identifier: Apache-2.0

/*
 * adapter_events.c - the broker's side: events into files, results back, then the
 *                    acknowledgement
 *
 * Each agenda takes its events in their order, and one whose file cannot be written
 * holds only itself up.  An event is acknowledged when it stands in every file that it
 * concerns and the broker has recorded every result: what has not been acknowledged
 * comes again, to the next process too, and is then found in the file.
 */
#include "adapters/ics/adapter_state.h"
#include "adapters/ics/apply.h"

#include "proto/codec.h"
#include "proto/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BACK_OFF_MIN_MS = 500, BACK_OFF_MAX_MS = 30000, MS_PER_SECOND = 1000 };

/* ---- results -----------------------------------------------------------------------
 */

/* A result on its way.  The event may be forgotten before it is answered. */
struct report {
    struct adapter *adapter;
    struct entente_position position;
    size_t agenda;
};

static void on_reported(void *context, enum entente_code code,
                        const struct entente_envelope *reply)
{
    struct report *report = context;
    struct adapter *adapter = report->adapter;
    struct inbox_event *entry = inbox_find(&adapter->inbox, report->position);

    (void)reply;
    if (entry != NULL && code != ENTENTE_ERROR_STOPPED) {
        entry->stages[report->agenda] = INBOX_DONE;
        if (code != ENTENTE_OK) {
            adapter_say(&adapter->agendas[report->agenda],
                        "the broker refused the result of event %" PRIu64 ": %s",
                        report->position.sequence, entente_code_name(code));
        }
    }
    free(report);
}

static enum entente_code send_result(struct adapter_agenda *agenda,
                                     const struct inbox_event *entry,
                                     enum entente_result_kind kind, uint32_t reason,
                                     const char *comment, struct report *report)
{
    const struct entente_meeting *meeting = entry->event.meeting;
    struct entente_event_result result = {
        .sequence = entry->position.sequence,
        .meeting = meeting->id,
        .version = meeting->version,
        .source = agenda->config->key,
        .kind = kind,
        .reason = reason,
        .comment = comment,
    };
    const struct entente_envelope envelope = {.body = ENTENTE_EVENT_RESULT,
                                              .event_result = &result};

    return entente_client_submit(agenda->adapter->client, &envelope,
                                 report != NULL ? on_reported : NULL, report, NULL);
}

/* Tell the broker.  False if that has to be tried again. */
static bool report_result(struct adapter_agenda *agenda, struct inbox_event *entry,
                          enum entente_result_kind kind, uint32_t reason,
                          const char *comment)
{
    struct report *report = calloc(1, sizeof *report);

    if (report == NULL) {
        return false;
    }
    *report = (struct report){agenda->adapter, entry->position, agenda->number};
    if (send_result(agenda, entry, kind, reason, comment, report) != ENTENTE_OK) {
        free(report);
        return false;
    }
    entry->stages[agenda->number] = INBOX_REPORTED;
    return true;
}

/* ---- applying ----------------------------------------------------------------------
 */

static void say_meeting(const struct adapter_agenda *agenda,
                        const struct inbox_event *entry, const char *what)
{
    const struct entente_meeting *meeting = entry->event.meeting;
    char id[37];

    codec_format_id(meeting->id, id);
    adapter_say(agenda, "meeting %s version %" PRIu32 ": %s", id, meeting->version,
                what);
}

static void put_off(struct adapter_agenda *agenda)
{
    int64_t longer = agenda->back_off_ms * 2;

    agenda->back_off_ms = longer < BACK_OFF_MIN_MS   ? BACK_OFF_MIN_MS
                          : longer > BACK_OFF_MAX_MS ? BACK_OFF_MAX_MS
                                                     : longer;
    agenda->apply_again_ms = adapter_mono_ms() + agenda->back_off_ms;
}

/* The file is as it was.  The event waits, and those behind it. */
static void failed(struct adapter_agenda *agenda, struct inbox_event *entry,
                   const struct ics_error *error)
{
    char text[sizeof agenda->trouble];

    if (error->line > 0) {
        (void)snprintf(text, sizeof text,
                       "%s, line %u: %s; an event waits and is tried again",
                       agenda->config->file, error->line, error->text);
    } else {
        (void)snprintf(text, sizeof text, "%s: %s; an event waits and is tried again",
                       agenda->config->file, error->text);
    }
    adapter_complain(agenda, text);
    if (agenda->doubtful != entry->position.sequence &&
        send_result(agenda, entry, ENTENTE_UNKNOWN_RESULT, ENTENTE_OTHER_REASON,
                    "The calendar file cannot be read or written now.",
                    NULL) == ENTENTE_OK) {
        agenda->doubtful = entry->position.sequence;
    }
    put_off(agenda);
}

static void succeeded(struct adapter_agenda *agenda, struct inbox_event *entry,
                      enum apply_outcome outcome)
{
    agenda->back_off_ms = 0;
    agenda->apply_again_ms = 0;
    if (outcome == APPLY_WRITTEN) {
        say_meeting(agenda, entry, "written");
        /* The watch says so too, unless it could not be set up. */
        agenda->changed = true;
        agenda->trouble[0] = '\0';
    } else if (agenda->adapter->mode.verbose) {
        say_meeting(agenda, entry, "stands in the file already");
    }
    if (!report_result(agenda, entry, ENTENTE_APPLIED, 0, NULL)) {
        put_off(agenda);
    }
}

static void apply_one(struct adapter_agenda *agenda, struct inbox_event *entry)
{
    const struct apply_job job = {
        .agenda = agenda->config,
        .meeting = entry->event.meeting,
        .position = entry->position,
        .issued = agenda->adapter->issued,
        .now = adapter_wall_ms() / MS_PER_SECOND,
    };
    struct ics_error error = {0};

    switch (apply_event(&job, &error)) {
    case APPLY_NOTHING:
        entry->stages[agenda->number] = INBOX_DONE;
        break;
    case APPLY_WRITTEN:
        succeeded(agenda, entry, APPLY_WRITTEN);
        break;
    case APPLY_STANDS:
        succeeded(agenda, entry, APPLY_STANDS);
        break;
    case APPLY_CONFLICT:
        say_meeting(agenda, entry, "refused, something else stands at that time");
        if (!report_result(agenda, entry, ENTENTE_REFUSED, ENTENTE_CONFLICT_IN_AGENDA,
                           NULL)) {
            put_off(agenda);
        }
        break;
    case APPLY_FAILED:
        failed(agenda, entry, &error);
        break;
    }
}

static void apply_waiting(struct adapter_agenda *agenda)
{
    const struct adapter *adapter = agenda->adapter;

    if (agenda->apply_again_ms > adapter_mono_ms()) {
        return;
    }
    for (struct inbox_event *entry = adapter->inbox.first; entry != NULL;
         entry = entry->next) {
        if (entry->stages[agenda->number] != INBOX_WAITING) {
            continue;
        }
        apply_one(agenda, entry);
        if (entry->stages[agenda->number] == INBOX_WAITING) {
            return;
        }
    }
}

void adapter_apply(struct adapter *adapter)
{
    for (size_t i = 0; i < adapter->agenda_count; i++) {
        apply_waiting(&adapter->agendas[i]);
    }
    uint64_t passed = inbox_pass(&adapter->inbox, adapter->agenda_count);
    if (passed != 0) {
        adapter->passed.sequence = passed;
        (void)entente_client_applied(adapter->client, passed);
    }
}

/* ---- the start ---------------------------------------------------------------------
 */

/*
 * The least of what the files record: a file that lacks an event, because it is new or
 * was restored, gets it.  A process that died may have written events whose results
 * were not recorded; it had no more of them than the broker's credit.  An event too
 * much is found in the file and only reported again.
 */
struct entente_position adapter_position(const struct config *config)
{
    struct entente_position least = {0};

    for (size_t i = 0; i < config->agenda_count; i++) {
        struct entente_position one = apply_position(config->agendas[i].file);
        if (i == 0 || (one.epoch == least.epoch && one.sequence < least.sequence)) {
            least = one;
        } else if (one.epoch != least.epoch) {
            return (struct entente_position){0};
        }
    }
    if (least.sequence <= LIMIT_CREDIT_EVENTS) {
        return (struct entente_position){0};
    }
    least.sequence -= LIMIT_CREDIT_EVENTS;
    return least;
}
