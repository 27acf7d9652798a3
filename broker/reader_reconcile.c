// SPDX-License-Identifier: Apache-2.0

/*
 * reader_reconcile.c - is what a client knows of its meetings still so?
 *
 * After a long absence a digest settles it; where it differs the client sends its list, a
 * page at a time, and is told of every meeting in it that it knows wrongly, not at all, or
 * without need.
 */
#include "broker/reader_internal.h"

#include "broker/matter.h"
#include "broker/view.h"
#include "proto/limits.h"

#include <stdlib.h>
#include <string.h>

enum {
    RECONCILE_PAGE = 128,
    RECONCILE_MOST = 200000, /* meetings of one client that are not over */
    KNOWN_BYTES = 20,        /* id, version */
    ID_BYTES = 16,
};

struct reconciling {
    struct broker *broker;
    struct command *command;
    struct arena arena; /* of one page */
    struct store_list list;
    uint8_t *held; /* what is held here, KNOWN_BYTES each */
    size_t count;
    size_t capacity;
};

static void finish(struct reconciling *reconciling)
{
    reader_finish(reconciling->broker, reconciling->command);
    arena_finish(&reconciling->arena);
    free(reconciling->held);
    free(reconciling);
}

static bool hold(struct reconciling *reconciling, const struct entente_meeting *meeting)
{
    if (reconciling->count == reconciling->capacity) {
        size_t capacity =
            reconciling->capacity == 0 ? RECONCILE_PAGE : reconciling->capacity * 2;
        uint8_t *held = reconciling->count >= RECONCILE_MOST
                            ? NULL
                            : realloc(reconciling->held, capacity * KNOWN_BYTES);
        if (held == NULL) {
            return false;
        }
        reconciling->held = held;
        reconciling->capacity = capacity;
    }
    uint8_t *known = reconciling->held + reconciling->count++ * KNOWN_BYTES;
    uint32_t version = view_version(meeting, reconciling->command->client);
    memcpy(known, meeting->id.data, ID_BYTES);
    for (int i = 0; i < 4; i++) {
        known[ID_BYTES + i] = (uint8_t)(version >> (24 - 8 * i));
    }
    return true;
}

static uint32_t version_of(const uint8_t *known)
{
    uint32_t version = 0;
    for (int i = 0; i < 4; i++) {
        version = version << 8 | known[ID_BYTES + i];
    }
    return version;
}

/* ---- what differs ------------------------------------------------------------------
 */

static void differs(struct entente_reconciled *reconciled, const uint8_t *id,
                    uint32_t version)
{
    if (reconciled->differing_count == LIMIT_RECONCILE) {
        reconciled->more = true;
        return;
    }
    reconciled->differing[reconciled->differing_count++] = (struct entente_known){
        .meeting = {(uint8_t *)id, ID_BYTES}, .version = version};
}

/* Both lists are sorted: one walk. */
static void walk(const struct reconciling *reconciling,
                 const struct entente_reconcile *asked,
                 struct entente_reconciled *reconciled)
{
    size_t i = 0;
    size_t j = 0;
    while (i < reconciling->count || j < asked->known_count) {
        const uint8_t *held = reconciling->held + i * KNOWN_BYTES;
        int order = i == reconciling->count ? 1
                    : j == asked->known_count
                        ? -1
                        : memcmp(held, asked->known[j].meeting.data, ID_BYTES);
        if (order > 0) {
            differs(reconciled, asked->known[j].meeting.data, 0);
        } else if (order < 0 || version_of(held) != asked->known[j].version) {
            differs(reconciled, held, version_of(held));
        }
        i += order <= 0 ? 1 : 0;
        j += order >= 0 ? 1 : 0;
    }
}

static void tell(struct reconciling *reconciling)
{
    const struct entente_reconcile *asked = reconciling->command->envelope->reconcile;
    struct entente_reconciled reconciled = {0};
    struct entente_envelope envelope = {.body = ENTENTE_RECONCILED,
                                        .reconciled = &reconciled};
    arena_reset(&reconciling->arena);
    reconciled.differing = arena_array(&reconciling->arena, LIMIT_RECONCILE,
                                       sizeof(*reconciled.differing));
    uint8_t digest[SEAL_HASH_SIZE];
    const struct seal_piece piece = {reconciling->held,
                                     reconciling->count * KNOWN_BYTES};
    if (reconciled.differing == NULL ||
        seal_hash(&piece, reconciling->count > 0 ? 1 : 0, digest) != STATUS_OK) {
        reader_refuse(reconciling->broker, reconciling->command, ERROR_OVERLOADED,
                      NULL);
        return;
    }
    if (asked->digest.size > 0) {
        reconciled.equal = memcmp(digest, asked->digest.data, sizeof(digest)) == 0;
    } else {
        walk(reconciling, asked, &reconciled);
        reconciled.equal = reconciled.differing_count == 0;
    }
    reader_answer(reconciling->broker, reconciling->command, &envelope);
}

/* ---- what is held ------------------------------------------------------------------
 */

/* Does the page that the client sent end before @id? */
static bool is_beyond(const struct entente_reconcile *asked, const uint8_t *id)
{
    return asked->digest.size == 0 && !asked->last && asked->known_count > 0 &&
           memcmp(asked->known[asked->known_count - 1].meeting.data, id, ID_BYTES) < 0;
}

static void got(void *context, enum status status,
                struct entente_meeting *const *meetings, size_t count)
{
    struct reconciling *reconciling = context;
    struct command *command = reconciling->command;
    const struct entente_reconcile *asked = command->envelope->reconcile;
    bool goes_on = count == reconciling->list.limit;
    bool fits = true;
    if (status != STATUS_OK) {
        reader_refuse(reconciling->broker, command, ERROR_UNAVAILABLE, NULL);
        finish(reconciling);
        return;
    }
    for (size_t i = 0; i < count && fits; i++) {
        if (is_beyond(asked, meetings[i]->id.data)) {
            goes_on = false;
            break;
        }
        if (matter_is_visible(meetings[i], command->client)) {
            fits = hold(reconciling, meetings[i]);
        }
    }
    if (!fits) {
        reader_refuse(reconciling->broker, command, ERROR_OVERLOADED, NULL);
        finish(reconciling);
    } else if (goes_on) {
        memcpy(reconciling->list.after.bytes, meetings[count - 1]->id.data, ID_BYTES);
        reconciling->list.has_after = true;
        arena_reset(&reconciling->arena);
        store_read_list(reconciling->broker->store, &reconciling->list,
                        &reconciling->arena, got, reconciling);
    } else {
        tell(reconciling);
        finish(reconciling);
    }
}

void reader_reconcile(struct broker *broker, struct command *command)
{
    const struct entente_reconcile *asked = command->envelope->reconcile;
    struct reconciling *reconciling = calloc(1, sizeof(*reconciling));
    if (reconciling == NULL) {
        reader_refuse(broker, command, ERROR_OVERLOADED, NULL);
        reader_finish(broker, command);
        return;
    }
    reconciling->broker = broker;
    reconciling->command = command;
    arena_init(&reconciling->arena, BROKER_BATCH_BYTES);
    reconciling->list = (struct store_list){
        .client = command->client->id,
        .has_after = asked->after.size == ID_BYTES,
        .limit = RECONCILE_PAGE,
    };
    if (reconciling->list.has_after) {
        memcpy(reconciling->list.after.bytes, asked->after.data, ID_BYTES);
    }
    store_read_list(broker->store, &reconciling->list, &reconciling->arena, got,
                    reconciling);
}
