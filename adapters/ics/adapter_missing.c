// SPDX-License-Identifier: Apache-2.0

/*
 * adapter_missing.c - what was written and is not there any more: people take meetings
 *                     out of their calendars
 *
 * The adapter has no memory of its own: what it has once applied stands in the broker's
 * list of the meetings, also for the process that comes after it.  So the list is asked
 * for at the start, and whenever a file has lost a meeting; what was applied, lies ahead
 * and does not stand in the file is reported as deleted.  The broker asks the owner then.
 * What comes back by itself (an import is made good) is reported as applied again.
 */
#include "adapters/ics/adapter_state.h"
#include "adapters/ics/apply.h"
#include "adapters/ics/offer.h"

#include "proto/codec.h"

#include <stdlib.h>
#include <string.h>

enum { ID_BYTES = 16, MS_PER_MINUTE = 60000 };

/* ---- what stands in a file ---------------------------------------------------------
 */

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, ID_BYTES);
}

void adapter_note_standing(struct adapter_agenda *agenda, const struct offer *offer)
{
    uint8_t(*standing)[ID_BYTES] = calloc(offer->count + 1, sizeof *standing);
    size_t count = 0;

    if (standing == NULL) {
        return;
    }
    for (size_t i = 0; i < offer->count; i++) {
        if (offer->ranges[i].meeting.size == ID_BYTES) {
            memcpy(standing[count++], offer->ranges[i].meeting.data, ID_BYTES);
        }
    }
    qsort(standing, count, sizeof *standing, compare_ids);
    if (agenda->adapter->missing && count > 0) {
        agenda->adapter->look = true; /* something may have come back */
    }
    for (size_t i = 0; i < agenda->standing_count; i++) {
        if (bsearch(agenda->standing[i], standing, count, sizeof *standing,
                    compare_ids) == NULL) {
            agenda->adapter->look = true;
        }
    }
    free(agenda->standing);
    agenda->standing = standing;
    agenda->standing_count = count;
}

/* ---- what should stand there -------------------------------------------------------
 */

/* An event of the meeting is still to be applied there: it may bring it back. */
static bool is_waiting(const struct adapter_agenda *agenda,
                       const struct entente_meeting *meeting)
{
    for (const struct inbox_event *entry = agenda->adapter->inbox.first; entry != NULL;
         entry = entry->next) {
        if (entry->stages[agenda->number] != INBOX_DONE &&
            memcmp(entry->event.meeting->id.data, meeting->id.data, ID_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

/* Was this the last that the agenda has reported of the meeting? */
static bool was_reported(const struct adapter_agenda *agenda,
                         const struct entente_meeting *meeting,
                         enum entente_result_kind kind)
{
    const char *client = entente_client_name(agenda->adapter->client);

    for (size_t i = 0; i < meeting->results_count; i++) {
        const struct entente_result *result = &meeting->results[i];
        if (result->kind == kind && result->client != NULL && result->source != NULL &&
            strcmp(result->client, client) == 0 &&
            strcmp(result->source, agenda->config->key) == 0) {
            return true;
        }
    }
    return false;
}

static bool lies_ahead(const struct adapter_agenda *agenda,
                       const struct entente_meeting *meeting)
{
    const struct entente_party *party = apply_party(agenda->config, meeting);

    return party != NULL && party->attends && !party->dropped &&
           meeting->confirmed != NULL &&
           (int64_t)meeting->confirmed->start * MS_PER_MINUTE > adapter_wall_ms();
}

static bool should_stand(const struct adapter_agenda *agenda,
                         const struct entente_meeting *meeting)
{
    return apply_party(agenda->config, meeting)->diverged == 0 &&
           was_reported(agenda, meeting, ENTENTE_APPLIED);
}

static void report(struct adapter_agenda *agenda, const struct entente_meeting *meeting,
                   enum entente_result_kind kind)
{
    struct entente_event_result result = {
        .meeting = meeting->id,
        .version = meeting->version,
        .source = agenda->config->key,
        .kind = kind,
    };
    const struct entente_envelope envelope = {.body = ENTENTE_EVENT_RESULT,
                                              .event_result = &result};
    if (entente_client_submit(agenda->adapter->client, &envelope, NULL, NULL, NULL) !=
        ENTENTE_OK) {
        agenda->adapter->look = true;
    }
}

static void examine(struct adapter_agenda *agenda,
                    const struct entente_meeting *meeting)
{
    bool stands = true;
    char id[37];

    if (!agenda->good || !lies_ahead(agenda, meeting) ||
        !apply_stands(agenda->config, meeting, &stands)) {
        return;
    }
    codec_format_id(meeting->id, id);
    if (was_reported(agenda, meeting, ENTENTE_DELETED_RESULT)) {
        agenda->adapter->missing = agenda->adapter->missing || !stands;
        if (stands) {
            adapter_say(agenda, "meeting %s version %u: stands there again", id,
                        (unsigned)meeting->version);
            report(agenda, meeting, ENTENTE_APPLIED);
        }
        return;
    }
    if (stands || !should_stand(agenda, meeting)) {
        return;
    }
    if (is_waiting(agenda, meeting)) {
        /* It came while the list was under way: to be seen when it has been applied. */
        agenda->adapter->look = true;
        return;
    }
    agenda->adapter->missing = true;
    adapter_say(agenda, "meeting %s version %u: taken out by its owner", id,
                (unsigned)meeting->version);
    report(agenda, meeting, ENTENTE_DELETED_RESULT);
}

/* ---- the list ----------------------------------------------------------------------
 */

static void ask(struct adapter *adapter, struct entente_bytes after);

static void on_list(void *context, enum entente_code code,
                    const struct entente_envelope *reply)
{
    struct adapter *adapter = context;

    adapter->looking = false;
    if (code != ENTENTE_OK || reply->body != ENTENTE_MEETING_LIST) {
        return;
    }
    const struct entente_meeting_list *list = reply->meeting_list;
    for (size_t i = 0; i < list->meetings_count; i++) {
        const struct entente_meeting *meeting = &list->meetings[i];
        for (size_t j = 0; meeting->spec != NULL && j < adapter->agenda_count; j++) {
            examine(&adapter->agendas[j], meeting);
        }
    }
    if (list->more && list->meetings_count > 0) {
        ask(adapter, list->meetings[list->meetings_count - 1].id);
    }
}

static void ask(struct adapter *adapter, struct entente_bytes after)
{
    struct entente_list list = {.state = ENTENTE_CONFIRMED, .after = after};
    const struct entente_envelope envelope = {.body = ENTENTE_LIST, .list = &list};

    adapter->looking = entente_client_submit(adapter->client, &envelope, on_list,
                                             adapter, NULL) == ENTENTE_OK;
}

void adapter_look_for_missing(struct adapter *adapter)
{
    /* An older broker would not understand what there is to say. */
    bool settled = adapter->connected && adapter->inbox.first == NULL &&
                   entente_client_may_report_deletion(adapter->client);

    for (size_t i = 0; i < adapter->agenda_count; i++) {
        settled = settled && !adapter->agendas[i].changed;
    }
    if (adapter->look && !adapter->looking && settled) {
        adapter->look = false;
        adapter->missing = false;
        ask(adapter, (struct entente_bytes){0});
    }
}

void adapter_forget_standing(struct adapter *adapter)
{
    for (size_t i = 0; adapter->agendas != NULL && i < adapter->agenda_count; i++) {
        free(adapter->agendas[i].standing);
    }
}
