// SPDX-License-Identifier: Apache-2.0

/*
 * deliver.c - the part of broker.h that tells clients what has been committed
 *
 * After a reconnect and after a restart the same thing happens: the client's outbox is
 * read from where its session stands, within its credit.  After a commit, who has been
 * told everything before is told what the batch has issued, straight from memory.
 *
 * Nobody is asked after the fact: a meeting whose deadline has passed is seen to first,
 * and its event is the one that says so.
 */
#include "broker/broker.h"

#include "broker/matter.h"
#include "broker/view.h"
#include "proto/limits.h"

#include <stdlib.h>
#include <string.h>

struct delivery {
    struct broker *broker;
    uint32_t peer;
    struct store_page page;
    struct arena arena;
};

enum {
    /* One is read, one is sent, and two are on their way or being applied. */
    EVENTS_PAGE = LIMIT_CREDIT_EVENTS / 4,
    CROWDED_MS = 20, /* for so long a page waits until there is credit for all of it */
    AGAIN_MS = 50,   /* until events that were held back are read again */
    FULL_MS = 200,   /* until events that a full queue had no room for are */
    PATIENCE_MS = 5000, /* and no longer: others of the client's events wait, too */
};

/* False when memory is used up, or the client's queue is full: it is sent later. */
static bool send_event(struct broker *broker, struct session *session,
                       const struct store_event *row, struct arena *arena)
{
    const struct entente_meeting *shown =
        view_meeting(row->meeting, session->client, arena);
    struct entente_event event = {
        .sequence = row->sequence,
        .epoch = session->event_epoch,
        .meeting = (struct entente_meeting *)shown,
    };
    if (shown == NULL) {
        return false;
    }
    const struct entente_envelope envelope = {
        .version = ENTENTE_PROTOCOL_VERSION, .body = ENTENTE_EVENT, .event = &event};
    if (!speak_if_room(broker, session->peer, &envelope, arena)) {
        session->again_ms = broker_mono_ms() + FULL_MS;
        return false;
    }
    return true;
}

/* Would this ask for an answer that is not awaited any more? */
static bool is_held_back(struct broker *broker, struct session *session,
                         const struct entente_meeting *meeting)
{
    struct store_due due;
    int64_t mono_ms = broker_mono_ms();
    bool asks = meeting->state == ENTENTE_PROPOSED ||
                meeting->state == ENTENTE_MOVING ||
                meeting->state == ENTENTE_WAITING_ORGANIZER;
    if (!asks || !matter_is_overdue(meeting, broker_now_ms(broker), &due)) {
        session->held_back_ms = 0;
        return false;
    }
    if (session->held_back_ms == 0) {
        session->held_back_ms = mono_ms;
    }
    if (mono_ms - session->held_back_ms >= PATIENCE_MS) {
        return false;
    }
    session->again_ms = mono_ms + AGAIN_MS;
    session->dirty = true;
    keeper_due_now(broker);
    return true;
}

/* Whether the conversation is still the one for which it was read. */
static bool is_for(const struct delivery *delivery, const struct session *session)
{
    return session != NULL && session->client->id == delivery->page.client &&
           session->event_epoch == delivery->page.epoch;
}

static void got_events(void *context, enum status status,
                       const struct store_event *events, size_t count);

static void read_for(struct broker *broker, struct session *session, uint64_t after,
                     size_t limit)
{
    struct delivery *delivery = calloc(1, sizeof(*delivery));
    if (delivery == NULL) {
        return;
    }
    delivery->broker = broker;
    delivery->peer = session->peer;
    delivery->page = (struct store_page){.client = session->client->id,
                                         .epoch = session->event_epoch,
                                         .after = after,
                                         .limit = limit};
    arena_init(&delivery->arena, BROKER_BATCH_BYTES);
    session->dirty = false;
    session->reading = true;
    store_read_events(broker->store, &delivery->page, &delivery->arena, got_events,
                      delivery);
}

/* The page behind one that is about to be sent is read meanwhile, if there will be credit
 * for all of it.  Where that one then stops half-way the other is of no use. */
static void read_ahead(struct broker *broker, struct session *session, uint64_t last)
{
    uint64_t waiting = last - session->acked;
    if (!session->dirty && waiting + EVENTS_PAGE <= LIMIT_CREDIT_EVENTS) {
        read_for(broker, session, last, EVENTS_PAGE);
    }
}

static void got_events(void *context, enum status status,
                       const struct store_event *events, size_t count)
{
    struct delivery *delivery = context;
    struct broker *broker = delivery->broker;
    struct session *session = session_of_peer(broker, delivery->peer);
    bool same = is_for(delivery, session);
    bool follows = same && delivery->page.after == session->sent;
    if (same) {
        session->reading = false;
        session->dirty = session->dirty || !follows;
        /* Too large together?  Then fewer of them. */
        session->page = status == STATUS_FAILED ? (delivery->page.limit + 1) / 2 : 0;
    }
    if (follows && status == STATUS_OK && count == EVENTS_PAGE) {
        read_ahead(broker, session, events[count - 1].sequence);
    }
    same = follows;
    for (size_t i = 0; same && status == STATUS_OK && i < count; i++) {
        if (is_held_back(broker, session, events[i].meeting)) {
            break;
        }
        if (!send_event(broker, session, &events[i], &delivery->arena)) {
            session->dirty = true;
            break;
        }
        /* Sending may have ended the session. */
        session = session_of_peer(broker, delivery->peer);
        same = is_for(delivery, session);
        if (same) {
            session->sent = events[i].sequence;
        }
    }
    if (same) {
        session->dirty = session->dirty || status != STATUS_OK ||
                         (count == delivery->page.limit && !session->reading);
    }
    arena_finish(&delivery->arena);
    free(delivery);
}

/* For how many events there is credit.  Whoever acknowledges one at a time would have one
 * at a time read; but a client may keep the last ones back, too, for as long as it likes. */
static size_t room_of(struct session *session, int64_t mono_ms)
{
    uint64_t waiting = session->sent - session->acked;
    size_t room =
        waiting >= LIMIT_CREDIT_EVENTS ? 0 : LIMIT_CREDIT_EVENTS - (size_t)waiting;
    size_t page = session->page == 0 ? EVENTS_PAGE : session->page;
    if (room >= page) {
        session->crowded_ms = 0;
        return page;
    }
    if (session->crowded_ms == 0) {
        session->crowded_ms = mono_ms;
    }
    return mono_ms - session->crowded_ms >= CROWDED_MS ? room : 0;
}

void deliver_turn(struct broker *broker)
{
    if (!store_is_up(broker->store)) {
        return;
    }
    int64_t mono_ms = broker_mono_ms();
    size_t cursor = 0;
    struct session *session;
    while ((session = map_next(&broker->sessions, &cursor)) != NULL) {
        if (session->wants_events && session->dirty && !session->reading &&
            session->again_ms <= mono_ms) {
            size_t room = room_of(session, mono_ms);
            if (room > 0) {
                read_for(broker, session, session->sent, room);
            }
        }
    }
}

/* ---- straight from a batch ---------------------------------------------------------
 */

static size_t issued_to(const struct store_changes *changes, int64_t client)
{
    size_t count = 0;
    for (size_t i = 0; i < changes->outbox_count; i++) {
        count += changes->outbox[i].client == client ? 1 : 0;
    }
    return count;
}

/* Has it been told everything up to these @count events, which it has credit for? */
static bool is_up_to_date(const struct session *session,
                          const struct store_issued *issued, size_t count)
{
    return session->wants_events && !session->dirty && !session->reading &&
           session->again_ms <= broker_mono_ms() &&
           session->event_epoch == issued->epoch && issued->last >= count &&
           session->sent == issued->last - count &&
           session->sent - session->acked + count <= LIMIT_CREDIT_EVENTS;
}

/* As an event would show it; NULL: it has results, which have not been loaded. */
static const struct entente_meeting *unreported(struct batch *batch,
                                                const struct store_id *meeting)
{
    const struct matter *matter = batch_matter(batch, meeting->bytes);
    for (size_t i = 0; matter != NULL && i < batch->loaded->reported_count; i++) {
        if (memcmp(&batch->loaded->reported[i], meeting, sizeof(*meeting)) == 0) {
            return NULL;
        }
    }
    for (size_t i = 0; matter != NULL && i < batch->result_count; i++) {
        if (memcmp(&batch->results[i].meeting, meeting, sizeof(*meeting)) == 0) {
            return NULL;
        }
    }
    return matter == NULL ? NULL : matter->meeting;
}

/* Send what was issued to this session; false: the rest has to be read. */
static bool send_issued(struct writing *writing, struct session *session,
                        const struct store_issued *issued)
{
    struct broker *broker = writing->broker;
    struct batch *batch = &writing->batch;
    const struct store_changes *changes = writing->changes;
    uint32_t peer = session->peer;
    int64_t client = session->client->id;
    struct store_event event = {.sequence = session->sent};
    for (size_t i = 0; i < changes->outbox_count; i++) {
        if (changes->outbox[i].client != client) {
            continue;
        }
        event.sequence++;
        event.meeting = unreported(batch, &changes->outbox[i].meeting);
        if (event.meeting == NULL || is_held_back(broker, session, event.meeting) ||
            !send_event(broker, session, &event, &batch->arena)) {
            return false;
        }
        /* Sending may have ended the session. */
        session = session_of_peer(broker, peer);
        if (session == NULL || session->client->id != issued->client) {
            return true;
        }
        session->sent = event.sequence;
    }
    return true;
}

void deliver_to(struct broker *broker, struct writing *writing)
{
    const struct store_changes *changes = writing->changes;
    const struct store_written *written = &writing->written;
    for (size_t i = 0; i < changes->outbox_count && written->issued_count == 0; i++) {
        struct session *session = session_of_client(broker, changes->outbox[i].client);
        if (session != NULL) {
            session->dirty = true;
        }
    }
    for (size_t i = 0; i < written->issued_count; i++) {
        const struct store_issued *issued = &written->issued[i];
        struct session *session = session_of_client(broker, issued->client);
        size_t count = issued_to(changes, issued->client);
        if (session == NULL || count == 0) {
            continue;
        }
        if (!is_up_to_date(session, issued, count) ||
            !send_issued(writing, session, issued)) {
            session = session_of_client(broker, issued->client);
            if (session != NULL) {
                session->dirty = true;
            }
        }
    }
}

void deliver_to_all(struct broker *broker)
{
    size_t cursor = 0;
    struct session *session;
    while ((session = map_next(&broker->sessions, &cursor)) != NULL) {
        session->dirty = true;
    }
}
