// SPDX-License-Identifier: Apache-2.0

/*
 * batch_collect.c - the part of batch.h that says what has to be written
 */
#include "broker/batch.h"

#include "broker/matter.h"
#include "broker/view.h"

#include <string.h>

/* Lists under construction. */
struct collection {
    struct batch *batch;
    struct store_claim *removed;
    struct store_claim *added;
    struct store_meeting_change *meetings;
    struct store_due *dues;
    struct store_command *commands;
    struct store_decision *decisions;
    struct store_outbox *outbox;
    size_t outbox_capacity;
    struct store_changes changes;
};

static bool contains(const struct index_hold *holds, size_t count,
                     struct index_hold hold)
{
    for (size_t i = 0; i < count; i++) {
        if (holds[i].span.start == hold.span.start &&
            holds[i].span.end == hold.span.end && holds[i].place == hold.place) {
            return true;
        }
    }
    return false;
}

static struct store_claim row_of(const struct batch *batch,
                                 const struct claim_before *of, struct index_hold hold)
{
    struct store_claim row = {.person = of->person,
                              .start = hold.span.start,
                              .end = hold.span.end,
                              .place = index_place_key(batch->index, hold.place)};
    memcpy(row.meeting.bytes, of->meeting, sizeof(row.meeting.bytes));
    return row;
}

/* The net difference, however often a claim changed inside the batch. */
static bool collect_claims(struct collection *to)
{
    struct batch *batch = to->batch;
    to->removed = arena_array(&batch->arena, batch->before_count * INDEX_CLAIMS_MAX,
                              sizeof(*to->removed));
    to->added = arena_array(&batch->arena, batch->before_count * INDEX_CLAIMS_MAX,
                            sizeof(*to->added));
    if (to->removed == NULL || to->added == NULL) {
        return false;
    }
    for (size_t i = 0; i < batch->before_count; i++) {
        const struct claim_before *before = &batch->before[i];
        struct index_hold after[INDEX_CLAIMS_MAX];
        size_t count = index_claims(batch->index, before->person, before->meeting,
                                    after, INDEX_CLAIMS_MAX);
        for (size_t j = 0; j < before->count; j++) {
            if (!contains(after, count, before->holds[j])) {
                to->removed[to->changes.claims_removed_count++] =
                    row_of(batch, before, before->holds[j]);
            }
        }
        for (size_t j = 0; j < count; j++) {
            if (!contains(before->holds, before->count, after[j])) {
                to->added[to->changes.claims_added_count++] =
                    row_of(batch, before, after[j]);
            }
        }
    }
    return true;
}

static bool add_event(struct collection *to, int64_t client,
                      const struct entente_meeting *meeting)
{
    struct store_id id;
    uint32_t version = view_version(meeting, clients_by_id(to->batch->clients, client));
    memcpy(id.bytes, meeting->id.data, sizeof(id.bytes));
    for (size_t i = 0; i < to->changes.outbox_count; i++) {
        if (to->outbox[i].client == client &&
            memcmp(to->outbox[i].meeting.bytes, id.bytes, sizeof(id.bytes)) == 0) {
            to->outbox[i].version = version;
            return true;
        }
    }
    void *list = to->outbox;
    struct store_outbox *row = batch_grow(to->batch, &list, &to->changes.outbox_count,
                                          &to->outbox_capacity, sizeof(*row));
    if (row == NULL) {
        return false;
    }
    to->outbox = list;
    *row = (struct store_outbox){.client = client, .meeting = id, .version = version};
    return true;
}

/* Everybody who speaks for the party of a meeting learns of it. */
static bool tell_party(struct collection *to, const struct entente_meeting *meeting,
                       size_t party)
{
    size_t count = 0;
    int64_t person = meeting->kept->people[party];
    const int64_t *ids = clients_of_person(to->batch->clients, person, &count);
    for (size_t i = 0; i < count; i++) {
        const struct client *client = clients_by_id(to->batch->clients, ids[i]);
        bool may = client != NULL && !client->revoked &&
                   client_speaks_for(client, person) &&
                   (client->sandbox || meeting->spec->subject == NULL);
        if (may && !add_event(to, client->id, meeting)) {
            return false;
        }
    }
    return true;
}

static bool collect_events(struct collection *to, const struct matter *matter)
{
    const struct entente_meeting *meeting = matter->meeting;
    if (matter->tell_organizer && !add_event(to, meeting->kept->organizer, meeting)) {
        return false;
    }
    for (size_t i = 0; i < meeting->kept->people_count; i++) {
        bool reminded = (matter->remind & (UINT64_C(1) << i)) != 0;
        bool dropped_before = meeting->spec->parties[i].dropped &&
                              (matter->just_dropped & (UINT64_C(1) << i)) == 0;
        if ((matter->tell_parties || reminded) && meeting->kept->people[i] != 0 &&
            !dropped_before && !tell_party(to, meeting, i)) {
            return false;
        }
    }
    for (size_t i = 0; matter->tell_owners != 0 && i < meeting->kept->people_count;
         i++) {
        if ((matter->tell_owners & (UINT64_C(1) << i)) != 0 &&
            !tell_party(to, meeting, i)) {
            return false;
        }
    }
    return true;
}

/* What @matter has gone through, for whoever asks why.  False: memory is used up. */
static bool collect_decisions(struct collection *to, const struct matter *matter)
{
    for (size_t i = 0; i < matter->path_count; i++) {
        const struct passed *passed = &matter->path[i];
        struct store_decision *row = &to->decisions[to->changes.decision_count++];
        *row = (struct store_decision){
            .version = passed->version,
            .event = passed->row->event,
            .came_from = passed->row->from,
            .went_to = passed->row->to,
            .client = passed->client,
            .channel = passed->channel,
            .party = (uint32_t)(passed->party + 1),
            .proposal = passed->proposal,
            .start = passed->during.start,
            .end = passed->during.end,
            .option = passed->option,
            .searched = passed->kept.searched,
            .matcher = passed->kept.searched ? MATCH_RULES : 0,
            .evidence = passed->kept.evidence,
        };
        memcpy(row->meeting.bytes, matter->meeting->id.data,
               sizeof(row->meeting.bytes));
        if (passed->said != NULL &&
            !codec_encode_said(passed->said, &to->batch->arena, &row->said)) {
            return false;
        }
    }
    return true;
}

/* One byte for each event. */
static bool write_path(struct arena *arena, const struct matter *matter,
                       struct entente_bytes *ret_path)
{
    uint8_t *bytes = arena_alloc(arena, matter->path_count + 1);
    if (bytes == NULL) {
        return false;
    }
    for (size_t i = 0; i < matter->path_count; i++) {
        bytes[i] = (uint8_t)matter->path[i].row->event;
    }
    *ret_path = (struct entente_bytes){.data = bytes, .size = matter->path_count};
    return true;
}

/* Is nothing of it due at another time than before?  What has come due is written anew in
 * any case, and so is whatever waits. */
static bool keeps_dues(const struct batch *batch, const struct matter *matter,
                       const struct store_due *dues, size_t count)
{
    if (matter->base_version == 0 || matter->meeting->state == ENTENTE_SEARCHING ||
        count != matter->due_count_before) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (dues[i].reason != matter->dues_before[i].reason ||
            dues[i].at_ms != matter->dues_before[i].at_ms ||
            dues[i].at_ms <= batch->now_ms) {
            return false;
        }
    }
    for (const struct command *c = batch->commands; c != NULL; c = c->next) {
        if (c->client == NULL &&
            memcmp(c->due.meeting.bytes, matter->meeting->id.data, 16) == 0) {
            return false;
        }
    }
    return true;
}

static void collect_dues(struct collection *to, const struct matter *matter,
                         struct store_meeting_change *change)
{
    size_t before = to->changes.due_count;
    size_t count = matter_dues(matter->meeting, to->dues, before);
    change->keeps_dues =
        keeps_dues(to->batch, matter, to->dues + before, count - before);
    to->changes.due_count = change->keeps_dues ? before : count;
}

static bool collect_meetings(struct collection *to)
{
    struct batch *batch = to->batch;
    to->meetings =
        arena_array(&batch->arena, batch->matter_count, sizeof(*to->meetings));
    to->dues = arena_array(
        &batch->arena, (batch->matter_count + batch->due_done_count) * MATTER_DUES_MAX,
        sizeof(*to->dues));
    size_t steps = 0;
    for (size_t i = 0; i < batch->matter_count; i++) {
        steps += batch->matters[i].path_count;
    }
    to->decisions = arena_array(&batch->arena, steps, sizeof(*to->decisions));
    if (to->meetings == NULL || to->dues == NULL || to->decisions == NULL) {
        return false;
    }
    for (size_t i = 0; i < batch->matter_count; i++) {
        const struct matter *matter = &batch->matters[i];
        if (!matter->changed) {
            continue;
        }
        struct entente_bytes path;
        if (!write_path(&batch->arena, matter, &path) ||
            !collect_decisions(to, matter)) {
            return false;
        }
        struct store_meeting_change *change =
            &to->meetings[to->changes.meeting_count++];
        *change = (struct store_meeting_change){
            .base_version = matter->base_version,
            .meeting = matter->meeting,
            .path = path,
            .waits = matter->meeting->state == ENTENTE_SEARCHING,
            .sweeps = matter->had_past,
        };
        collect_dues(to, matter, change);
        if (!collect_events(to, matter)) {
            return false;
        }
    }
    return true;
}

/* What was looked at too early comes again at its moment. */
static void collect_dues_again(struct collection *to)
{
    struct batch *batch = to->batch;
    for (size_t i = 0; i < batch->due_done_count; i++) {
        const struct store_due *done = &batch->dues_done[i];
        const struct matter *matter = batch_matter(batch, done->meeting.bytes);
        struct store_due dues[MATTER_DUES_MAX];
        if (matter == NULL || matter->changed) {
            continue;
        }
        size_t count = matter_dues(matter->meeting, dues, 0);
        for (size_t j = 0; j < count; j++) {
            if (dues[j].reason == done->reason && dues[j].at_ms > batch->now_ms) {
                to->dues[to->changes.due_count++] = dues[j];
            }
        }
    }
}

static bool collect_commands(struct collection *to)
{
    size_t count = 0;
    for (const struct command *c = to->batch->commands; c != NULL; c = c->next) {
        count++;
    }
    to->commands = arena_array(&to->batch->arena, count, sizeof(*to->commands));
    if (to->commands == NULL) {
        return false;
    }
    for (const struct command *c = to->batch->commands; c != NULL; c = c->next) {
        if (c->recorded && !c->again && !c->failed) {
            struct store_command *row = &to->commands[to->changes.command_count++];
            *row = (struct store_command){
                .key = c->key, .meeting = c->meeting, .version = c->version};
            memcpy(row->digest, c->digest, sizeof(row->digest));
        }
    }
    return true;
}

/* One line per change, for the chain: ids, versions and events, nothing that identifies
 * a patient. */
static bool collect_audit(struct collection *to)
{
    size_t capacity = to->changes.meeting_count * 128;
    char *text = arena_alloc(&to->batch->arena, capacity + 1);
    size_t size = 0;
    if (text == NULL) {
        return false;
    }
    for (size_t i = 0; i < to->changes.meeting_count; i++) {
        const struct entente_meeting *meeting = to->meetings[i].meeting;
        char id[37];
        codec_format_id(meeting->id, id);
        int wrote =
            snprintf(text + size, capacity - size, "%s v%u %s %s channel=%u\n", id,
                     meeting->version,
                     negotiation_state_name((enum negotiation_state)meeting->state),
                     meeting->last_event,
                     meeting->last_actor == NULL ? 0 : meeting->last_actor->channel);
        size += wrote > 0 ? (size_t)wrote : 0;
    }
    to->changes.audit = (struct entente_bytes){(const uint8_t *)text, size};
    return true;
}

bool batch_collect(struct batch *batch, struct store_changes *ret_changes)
{
    struct collection to = {.batch = batch};
    if (!collect_claims(&to) || !collect_meetings(&to) || !collect_commands(&to) ||
        !collect_audit(&to) || batch->exhausted) {
        return false;
    }
    collect_dues_again(&to);
    to.changes.now_ms = batch->now_ms;
    to.changes.claims_removed = to.removed;
    to.changes.claims_added = to.added;
    to.changes.meetings = to.meetings;
    to.changes.dues = to.dues;
    to.changes.decisions = to.decisions;
    to.changes.commands = to.commands;
    to.changes.outbox = to.outbox;
    to.changes.acks = batch->acks;
    to.changes.ack_count = batch->ack_count;
    to.changes.results = batch->results;
    to.changes.result_count = batch->result_count;
    to.changes.divergences = batch->divergences;
    to.changes.divergence_count = batch->divergence_count;
    to.changes.trips = batch->trips;
    to.changes.trip_count = batch->trip_count;
    to.changes.dues_done = batch->dues_done;
    to.changes.dues_done_count = batch->due_done_count;
    *ret_changes = to.changes;
    return true;
}
