// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg.h"

#include "broker/log.h"
#include "broker/store/store_pg_divergence.h"
#include "broker/store/store_pg_holds.h"
#include "broker/store/store_pg_write.h"

#include <stdlib.h>
#include <string.h>

enum { COMMIT_LIMIT_MS = 10000 };

static const struct pg_statement *const *const writer_statements[] = {
    pg_load_statements,
    pg_refresh_statements,
    pg_write_statements,
    pg_write_meeting_statements,
    pg_write_due_statements,
    pg_write_decision_statements,
    pg_write_trace_statements,
    pg_divergence_load_statements,
    pg_holds_statements,
    pg_divergence_write_statements,
    NULL};
static const struct pg_statement *const *const publisher_statements[] = {
    pg_publish_statements,
    pg_hello_statements,
    pg_heard_statements,
    pg_publish_feed_statements,
    pg_divergence_publish_statements,
    NULL};
static const struct pg_statement *const *const reader_statements[] = {
    pg_read_statements, pg_read_due_statements, pg_read_meetings_statements,
    pg_read_decision_statements, NULL};

static const struct pg_statement *const *const follower_statements[] = {
    pg_follow_statements, pg_refresh_statements, pg_purge_statements, NULL};

enum status store_create(const struct store_settings *settings,
                         struct store **ret_store)
{
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return STATUS_FAILED;
    }
    store->conninfo = strdup(settings->conninfo);
    if (store->conninfo == NULL) {
        free(store);
        return STATUS_FAILED;
    }
    store->seal = settings->seal;
    store->broker = settings->broker;

    int limit_ms =
        settings->commit_timeout_ms > 0 ? settings->commit_timeout_ms : COMMIT_LIMIT_MS;
    for (unsigned i = 0; i < STORE_WRITERS; i++) {
        pg_link_init(&store->writers[i], i == 0 ? "entente writer" : "entente writer 2",
                     store->conninfo, writer_statements, limit_ms);
        store->writers[i].by_key = true;
    }
    pg_link_init(&store->publisher, "entente publisher", store->conninfo,
                 publisher_statements, limit_ms);
    pg_link_init(&store->reader, "entente reader", store->conninfo, reader_statements,
                 limit_ms);
    pg_link_init(&store->follower, "entente follower", store->conninfo,
                 follower_statements, limit_ms);
    store->follower.by_key = true;
    store->follower.listens = true;
    if (settings->beginning != NULL) {
        store->guarded = true;
        store->known = *settings->beginning;
    }
    store->publisher.by_key = true;
    *ret_store = store;
    return STATUS_OK;
}

void store_destroy(struct store *store)
{
    if (store == NULL) {
        return;
    }
    for (unsigned i = 0; i < STORE_WRITERS; i++) {
        pg_link_finish(&store->writers[i]);
    }
    /* The end of the second may have asked the first. */
    pg_link_finish(&store->writers[0]);
    pg_link_finish(&store->publisher);
    pg_link_finish(&store->reader);
    pg_link_finish(&store->follower);
    free(store->conninfo);
    free(store);
}

size_t store_descriptors(struct store *store, struct pollfd *ret, size_t capacity)
{
    const struct pg_link *links[] = {&store->writers[0], &store->writers[1],
                                     &store->publisher, &store->reader,
                                     &store->follower};
    size_t count = 0;
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]) && count < capacity; i++) {
        if (pg_link_descriptor(links[i], &ret[count])) {
            count++;
        }
    }
    return count;
}

void store_step(struct store *store)
{
    for (unsigned i = 0; i < STORE_WRITERS; i++) {
        pg_link_step(&store->writers[i]);
    }
    pg_link_step(&store->publisher);
    pg_link_step(&store->reader);
    pg_link_step(&store->follower);
    pg_follow_step(store);
}

bool store_is_up(const struct store *store)
{
    return pg_link_is_up(&store->writers[0]) && pg_link_is_up(&store->writers[1]) &&
           pg_link_is_up(&store->publisher) && pg_link_is_up(&store->reader) &&
           pg_link_is_up(&store->follower) && store->standing == STORE_SURE;
}

void *pg_ask_create(size_t size, struct store *store, struct pg_link *link,
                    struct arena *arena, void *context)
{
    struct pg_ask *ask = calloc(1, size);
    if (ask == NULL) {
        log_line(LOG_ERROR, "store", "no memory for a question: the broker stops");
        abort();
    }
    ask->store = store;
    ask->arena = arena != NULL ? arena : &link->scratch;
    ask->context = context;
    return ask;
}
