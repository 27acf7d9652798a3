// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_read_meetings.c - meetings with their results: by id, by client, as events
 */
#include "broker/store/store_pg.h"
#include "broker/store/store_pg_comment.h"
#include "broker/store/store_pg_meeting.h"
#include "proto/limits.h"

#include <stdlib.h>
#include <string.h>

static const struct pg_statement read_meetings = {
    "read_meetings",
    "SELECT id, body, sealed FROM meeting WHERE id = ANY ($1::uuid[]) ORDER BY id"};

static const struct pg_statement read_events = {
    "read_events", "SELECT o.seq, m.id, m.body, m.sealed"
                   "  FROM outbox o JOIN meeting m ON m.id = o.meeting"
                   " WHERE o.recipient = $1::int8 AND o.seq > $2::int8"
                   "   AND EXISTS (SELECT FROM recipient"
                   "                WHERE client = $1::int8 AND epoch = $4::int8)"
                   " ORDER BY o.seq LIMIT $3::int8"};

/* A state names its meetings whether they are over or not. */
#define LIST_FILTER                                                                    \
    "   AND CASE WHEN $2::int4 <> 0 THEN state = $2::int4"                             \
    "            ELSE $3::bool OR state <= 5 END"                                      \
    "   AND (NOT $4::bool OR id > $5::uuid)"

/* One index for each half: read together, they would be a walk over all meetings. */
static const struct pg_statement read_list = {
    "read_list",
    "WITH spoken_for AS MATERIALIZED ("
    "  SELECT id FROM meeting"
    "   WHERE people && ARRAY(SELECT person FROM speaks_for WHERE client = "
    "$1::int8)" LIST_FILTER "), asked_for AS MATERIALIZED ("
    "  SELECT id FROM meeting WHERE organizer = $1::int8" LIST_FILTER
    "   ORDER BY id LIMIT $6::int8)"
    "SELECT id, body, sealed FROM meeting"
    " WHERE id = ANY (ARRAY(SELECT id FROM (SELECT id FROM asked_for"
    "                         UNION SELECT id FROM spoken_for) AS both_halves"
    "                        ORDER BY id LIMIT $6::int8))"
    " ORDER BY id"};

#define RESULTS_OF(meetings)                                                           \
    "SELECT r.meeting, c.name, r.source, r.version, r.kind, r.reason, r.comment,"      \
    "       r.client"                                                                  \
    "  FROM result r JOIN client c ON c.id = r.client"                                 \
    " WHERE r.meeting = ANY (" meetings ") ORDER BY r.meeting, r.at DESC, c.name,"     \
    "       r.source"

static const struct pg_statement read_results = {"read_results",
                                                 RESULTS_OF("$1::uuid[]")};

/* Sent with read_events, so that a page is one journey.  This one may see results that came
 * in between, and misses those of an event that has been given up in between. */
static const struct pg_statement read_event_results = {
    "read_event_results",
    RESULTS_OF("ARRAY(SELECT o.meeting FROM outbox o"
               "       WHERE o.recipient = $1::int8 AND o.seq > $2::int8"
               "       ORDER BY o.seq LIMIT $3::int8)")};

const struct pg_statement *const pg_read_meetings_statements[] = {
    &read_meetings, &read_events, &read_list, &read_results, &read_event_results, NULL};

struct meetings_ask {
    struct pg_ask ask;
    const struct store_id *ids; /* asked for */
    size_t id_count;
    const struct store_list *list; /* or this */
    store_meetings_fn done;
    struct store_page page; /* or events */
    store_events_fn events_done;

    struct entente_meeting **meetings; /* found */
    uint64_t *sequences;               /* of events */
    size_t count;
};

/* ---- what is asked -----------------------------------------------------------------
 */

static void send_ids(struct meetings_ask *ask, struct pg_link *link)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array ids = pg_array_begin(&args, PG_UUID, ask->id_count);
    for (size_t i = 0; i < ask->id_count; i++) {
        pg_array_uuid(&ids, ask->ids[i].bytes);
    }
    pg_array_end(&ids);
    pg_link_send(link, &read_meetings, &args);
}

static void send_list(const struct store_list *list, struct pg_link *link)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, list->client);
    pg_args_int4(&args, (int32_t)list->state);
    pg_args_bool(&args, list->all);
    pg_args_bool(&args, list->has_after);
    pg_args_uuid(&args, list->after.bytes);
    pg_args_int8(&args, (int64_t)list->limit);
    pg_link_send(link, &read_list, &args);
}

static void send_events(struct meetings_ask *ask, struct pg_link *link,
                        const struct pg_statement *statement)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, ask->page.client);
    pg_args_int8(&args, (int64_t)ask->page.after);
    pg_args_int8(&args, (int64_t)ask->page.limit);
    if (statement == &read_events) {
        pg_args_int8(&args, (int64_t)ask->page.epoch);
    }
    pg_link_send(link, statement, &args);
}

static void send_results(struct meetings_ask *ask, struct pg_link *link)
{
    struct pg_args args;
    pg_args_init(&args, &link->scratch);
    struct pg_array ids = pg_array_begin(&args, PG_UUID, ask->count);
    for (size_t i = 0; i < ask->count; i++) {
        pg_array_uuid(&ids, ask->meetings[i]->id.data);
    }
    pg_array_end(&ids);
    pg_link_send(link, &read_results, &args);
}

static enum status meetings_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct meetings_ask *ask = (struct meetings_ask *)job;
    if (segment == 1 && ask->count > 0 && ask->events_done == NULL) {
        send_results(ask, link);
    }
    if (segment != 0) {
        return STATUS_OK;
    }
    if (ask->events_done != NULL) {
        send_events(ask, link, &read_events);
        send_events(ask, link, &read_event_results);
    } else if (ask->list != NULL) {
        send_list(ask->list, link);
    } else {
        send_ids(ask, link);
    }
    return STATUS_OK;
}

/* ---- what is found -----------------------------------------------------------------
 */

static enum status take_meetings(struct meetings_ask *ask, const PGresult *result)
{
    struct arena *arena = ask->ask.arena;
    bool are_events = ask->events_done != NULL;
    size_t count = (size_t)PQntuples(result);
    ask->meetings = arena_array(arena, count, sizeof(struct entente_meeting *));
    ask->sequences = arena_array(arena, are_events ? count : 0, sizeof(uint64_t));
    if (ask->meetings == NULL || ask->sequences == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        int row = (int)i;
        enum status status = pg_meeting_read(
            ask->ask.store, result, row, are_events ? 1 : 0, arena, &ask->meetings[i]);
        if (status != STATUS_OK) {
            return status;
        }
        if (are_events) {
            ask->sequences[i] = (uint64_t)pg_int8(result, row, 0);
        }
    }
    ask->count = count;
    return STATUS_OK;
}

static enum status take_result(struct meetings_ask *ask, const PGresult *result,
                               int row, struct entente_result *ret)
{
    struct arena *arena = ask->ask.arena;
    uint8_t meeting[16];
    pg_uuid(result, row, 0, meeting);
    *ret = (struct entente_result){
        .client = arena_text(arena, pg_text(result, row, 1)),
        .source = arena_text(arena, pg_text(result, row, 2)),
        .version = (uint32_t)pg_int4(result, row, 3),
        .kind = (uint32_t)pg_int2(result, row, 4),
        .reason = (uint32_t)pg_int2(result, row, 5),
    };
    if (ret->client == NULL || ret->source == NULL) {
        return STATUS_FAILED;
    }
    const struct pg_comment_row comment_row = {meeting, pg_int8(result, row, 7),
                                               ret->source};
    return pg_comment_open(ask->ask.store, &comment_row, pg_text(result, row, 6), arena,
                           &ret->comment);
}

/* The rows of one meeting stand together; the newest first, and no more than may be
 * shown. */
static enum status take_results(struct meetings_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    struct entente_result *results =
        arena_array(ask->ask.arena, count, sizeof(*results));
    if (results == NULL) {
        return STATUS_FAILED;
    }
    for (size_t first = 0, last = 0; first < count; first = last) {
        uint8_t id[16];
        pg_uuid(result, (int)first, 0, id);
        for (last = first; last < count; last++) {
            uint8_t other[16];
            pg_uuid(result, (int)last, 0, other);
            if (memcmp(id, other, sizeof(id)) != 0) {
                break;
            }
            enum status status = take_result(ask, result, (int)last, &results[last]);
            if (status != STATUS_OK) {
                return status;
            }
        }
        for (size_t i = 0; i < ask->count; i++) {
            if (memcmp(ask->meetings[i]->id.data, id, sizeof(id)) == 0) {
                ask->meetings[i]->results = &results[first];
                ask->meetings[i]->results_count =
                    last - first > LIMIT_RESULTS ? LIMIT_RESULTS : last - first;
            }
        }
    }
    return STATUS_OK;
}

static enum status meetings_result(struct pg_job *job,
                                   const struct pg_statement *statement,
                                   const PGresult *result)
{
    struct meetings_ask *ask = (struct meetings_ask *)job;
    return statement == &read_results || statement == &read_event_results
               ? take_results(ask, result)
               : take_meetings(ask, result);
}

static void meetings_finish(struct pg_job *job, enum status status)
{
    struct meetings_ask *ask = (struct meetings_ask *)job;
    bool ok = status == STATUS_OK;
    ask->done(ask->ask.context, status, ok ? ask->meetings : NULL, ok ? ask->count : 0);
    free(ask);
}

static void events_finish(struct pg_job *job, enum status status)
{
    struct meetings_ask *ask = (struct meetings_ask *)job;
    struct store_event *events = NULL;
    if (status == STATUS_OK) {
        events = arena_array(ask->ask.arena, ask->count, sizeof(*events));
        status = events == NULL ? STATUS_FAILED : STATUS_OK;
    }
    if (status != STATUS_OK) {
        ask->events_done(ask->ask.context, status, NULL, 0);
        free(ask);
        return;
    }
    for (size_t i = 0; i < ask->count; i++) {
        events[i].sequence = ask->sequences[i];
        events[i].meeting = ask->meetings[i];
    }
    ask->events_done(ask->ask.context, status, events, ask->count);
    free(ask);
}

static struct meetings_ask *create(struct store *store, struct arena *arena,
                                   void *context)
{
    struct meetings_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->reader, arena, context);
    ask->ask.job = (struct pg_job){
        .send = meetings_send, .result = meetings_result, .finish = meetings_finish};
    return ask;
}

void store_read_meetings(struct store *store, const struct store_id *ids, size_t count,
                         struct arena *arena, store_meetings_fn done, void *context)
{
    struct meetings_ask *ask = create(store, arena, context);
    ask->ids = ids;
    ask->id_count = count;
    ask->done = done;
    pg_link_ask(&store->reader, &ask->ask.job);
}

void store_read_list(struct store *store, const struct store_list *list,
                     struct arena *arena, store_meetings_fn done, void *context)
{
    struct meetings_ask *ask = create(store, arena, context);
    ask->list = list;
    ask->done = done;
    pg_link_ask(&store->reader, &ask->ask.job);
}

void store_read_events(struct store *store, const struct store_page *page,
                       struct arena *arena, store_events_fn done, void *context)
{
    struct meetings_ask *ask = create(store, arena, context);
    ask->ask.job.finish = events_finish;
    ask->page = *page;
    ask->events_done = done;
    pg_link_ask(&store->reader, &ask->ask.job);
}
