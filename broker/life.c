// SPDX-License-Identifier: Apache-2.0

/*
 * life.c - the part of broker.h that begins and ends what lies between the edges
 *
 * The process (main.c) and the simulation (tests/simulation) begin and end the same
 * broker; only seal, store and wire are given by whoever runs it.
 */
#include "broker/broker.h"

#include "broker/log.h"
#include "broker/take_in.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- the index ahead of the loop ---------------------------------------------------
 */

struct loading {
    struct broker *broker;
    bool failed;
};

static void take_person(void *context, const struct store_person_row *row)
{
    struct loading *loading = context;
    loading->failed = !take_in_person(loading->broker->index, row) || loading->failed;
}

static void take_client(void *context, const struct store_client *row)
{
    struct loading *loading = context;
    if (!clients_put(&loading->broker->clients, row) ||
        !index_heard(loading->broker->index, row->id, row->heard_ms)) {
        loading->failed = true;
    }
}

static void take_source(void *context, const struct store_source *row)
{
    struct loading *loading = context;
    loading->failed = !take_in_source(loading->broker->index, row) || loading->failed;
}

static void take_claim(void *context, const struct store_claim *row)
{
    struct loading *loading = context;
    loading->failed = !take_in_claim(loading->broker->index, row) || loading->failed;
}

static void take_clock(void *context, int64_t now_ms)
{
    struct loading *loading = context;
    broker_heard_clock(loading->broker, now_ms);
    loading->broker->people_since_ms = now_ms;
}

/* The index, and the store that goes on from there. */
static bool load(struct broker *broker, const struct store_settings *store)
{
    struct loading loading = {.broker = broker};
    const struct store_visitor visitor = {
        .context = &loading,
        .person = take_person,
        .client = take_client,
        .source = take_source,
        .claim = take_claim,
        .clock = take_clock,
    };
    struct store_beginning beginning = {0};
    struct store_settings settings = *store;
    settings.beginning = &beginning;
    int64_t began_ms = broker_mono_ms();
    int64_t outage_ms = 0;
    enum status status = store_start(&settings, &visitor, &outage_ms);
    if (status != STATUS_OK || loading.failed) {
        log_line(LOG_ERROR, "main", "start: %s%s", status_text(status),
                 status == STATUS_BAD_SCHEMA ? "; see entente migrate --help" : "");
        return false;
    }
    log_line(LOG_INFO, "main", "%zu people, %zu agendas loaded in %" PRId64 " ms",
             index_people(broker->index), index_sources(broker->index),
             broker_mono_ms() - began_ms);
    if (outage_ms > 0) {
        log_line(LOG_WARNING, "main",
                 "no broker lived for %" PRId64 " s: leases and deadlines are extended",
                 outage_ms / 1000);
    }
    follower_begin(broker, beginning.generation);
    return store_create(&settings, &broker->store) == STATUS_OK;
}

/* ---- begin and end -----------------------------------------------------------------
 */

bool life_begin(struct broker *broker, const struct store_settings *store)
{
    broker->index = index_create();
    if (broker->index == NULL || !load(broker, store) ||
        proposer_create(broker->index, &broker->proposer) != STATUS_OK ||
        proposer_create(broker->index, &broker->thinking) != STATUS_OK ||
        thinker_create(&broker->thinker) != STATUS_OK) {
        return false;
    }
    arena_init(&broker->publish_arena, BROKER_BATCH_BYTES);
    writer_begin(broker);
    return true;
}

static void drain(struct queue *queue)
{
    struct command *command;
    while ((command = queue_pop(queue)) != NULL) {
        command_destroy(command);
    }
}

void life_end(struct broker *broker)
{
    /* The store calls back for what is under way, so it goes first. */
    store_destroy(broker->store);
    session_finish(broker);
    follower_end(broker);
    thinker_destroy(broker->thinker);
    publisher_finish(broker);
    drain(&broker->commands);
    drain(&broker->questions);
    drain(&broker->to_read);
    size_t cursor = 0;
    struct session *session;
    while ((session = map_next(&broker->sessions, &cursor)) != NULL) {
        free(session);
    }
    map_finish(&broker->sessions);
    map_finish(&broker->by_client);
    if (broker->wire != NULL) {
        broker->wire->destroy(broker->wire);
    }
    proposer_destroy(broker->proposer);
    proposer_destroy(broker->thinking);
    clients_finish(&broker->clients);
    index_destroy(broker->index);
    writer_end(broker);
    arena_finish(&broker->publish_arena);
    free(broker->suspects);
}
