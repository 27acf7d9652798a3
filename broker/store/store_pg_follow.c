// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_follow.c - the other brokers: is our place still ours, what have they changed
 *
 * All of it on a link of its own, whose connection holds the lock on this broker's
 * number.  Until it has been found that the number is ours and that the database has all
 * that it had acknowledged, no other link is used.
 */
#include "broker/log.h"
#include "broker/store/store_pg.h"
#include "broker/store/store_pg_home.h"
#include "broker/store/store_pg_outage.h"

#include <stdlib.h>
#include <string.h>

enum { CHECK_PAUSE_MS = 100 };

static const struct pg_statement check_place = {
    "check_place",
    "SELECT pg_try_advisory_lock(" PG_NUMBER_LOCK ", $1::int8::int4),"
    "       coalesce(b.incarnation, 0), b.alive,"
    "       (SELECT max(number) FROM generation),"
    "       coalesce((SELECT max(seq) FROM audit WHERE broker = $1::int8), 0),"
    "       coalesce((SELECT max(alive) FROM broker) < " PG_NOW
    "                - interval '10 s', false)"
    "  FROM (SELECT 1) one LEFT JOIN broker b ON b.id = $1::int8"};

static const struct pg_statement check_cursors = {
    "check_cursors",
    "SELECT count(*) FROM unnest($1::int8[], $2::int8[]) AS c (origin, seq)"
    " WHERE c.seq > coalesce((SELECT max(seq) FROM feed WHERE origin = c.origin), 0)"};

/* Where a broker that lives has found all that it had, nobody need suspect a restore. */
static const struct pg_statement put_home = {"put_home", PG_HOME_PUT};

/* A broker that is new begins at 1; those known from the start where they stood then. */
static const struct pg_statement follow_feed = {
    "follow_feed",
    "SELECT o.origin, f.seq, f.kind, f.person, f.client, f.version"
    "  FROM (SELECT id * side AS origin FROM broker, (VALUES (1), (-1)) AS s (side)"
    "         WHERE id <> $1::int8) AS o"
    "  LEFT JOIN unnest($2::int8[], $3::int8[]) AS c (origin, seq)"
    "    ON c.origin = o.origin"
    " CROSS JOIN LATERAL (SELECT seq, kind, person, client, version FROM feed"
    "   WHERE feed.origin = o.origin AND feed.seq > coalesce(c.seq, 0)"
    "   ORDER BY feed.seq LIMIT $4::int4) AS f"
    " ORDER BY 1, 2"};

static const struct pg_statement follow_others = {
    "follow_others",
    "SELECT (SELECT count(*) FROM broker"
    "         WHERE id <> $1::int8 AND alive > " PG_NOW " - interval '15 s'),"
    "       (SELECT max(number) FROM generation)"};

static const struct pg_statement wake_others = {"wake_others",
                                                "SELECT pg_notify('entente', '')"};

static const struct pg_statement read_versions = {
    "read_versions", "SELECT id, version FROM person WHERE id > $1::int8"
                     " ORDER BY id LIMIT $2::int8"};

const struct pg_statement *const pg_follow_statements[] = {
    &check_place,   &check_cursors, &put_home,      &follow_feed,
    &follow_others, &wake_others,   &read_versions, NULL};

static void put_cursors(struct pg_args *args, const struct store_beginning *known)
{
    struct pg_array origins = pg_array_begin(args, PG_INT8, known->cursor_count);
    struct pg_array seqs = pg_array_begin(args, PG_INT8, known->cursor_count);
    for (size_t i = 0; i < known->cursor_count; i++) {
        pg_array_int8(&origins, known->cursors[i].origin);
        pg_array_int8(&seqs, known->cursors[i].seq);
    }
    pg_array_end(&origins);
    pg_array_end(&seqs);
}

/* ---- is this still our place? ------------------------------------------------------
 */

struct check_ask {
    struct pg_ask ask;
    bool is_ours;
    bool is_replaced;
    bool is_older;
    bool was_out; /* nobody has had the database for a while */
};

static enum status check_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct check_ask *ask = (struct check_ask *)job;
    struct pg_args args;
    if (segment > 0) {
        return STATUS_OK;
    }
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, ask->ask.store->broker);
    pg_link_send(link, &check_place, &args);
    pg_args_init(&args, &link->scratch);
    put_cursors(&args, &ask->ask.store->known);
    pg_link_send(link, &check_cursors, &args);
    return STATUS_OK;
}

static enum status check_result(struct pg_job *job,
                                const struct pg_statement *statement,
                                const PGresult *result)
{
    struct check_ask *ask = (struct check_ask *)job;
    const struct store *store = ask->ask.store;
    if (statement == &check_cursors) {
        ask->is_older = ask->is_older || pg_int8(result, 0, 0) > 0;
        return STATUS_OK;
    }
    ask->is_ours = pg_bool(result, 0, 0);
    int64_t incarnation = pg_int8(result, 0, 1);
    int64_t alive_ms = pg_time_ms(result, 0, 2);
    /* Our row has the mark of another start: of a later one, or of one before ours that
     * came back with a backup. */
    bool other = incarnation != store->known.incarnation;
    bool older = alive_ms < store->known.alive_ms ||
                 pg_int8(result, 0, 4) < store->audit_acknowledged;
    ask->is_replaced = other && !older;
    ask->is_older = ask->is_older || older;
    ask->was_out = pg_bool(result, 0, 5);
    return STATUS_OK;
}

/* It is ours; but nobody's silence counts while no broker could hear.  Blocks, as the
 * start of a broker does. */
static enum store_standing come_back(struct store *store, bool was_out)
{
    int64_t outage_ms = 0;
    if (!was_out) {
        return STORE_SURE;
    }
    if (pg_outage_back(store->conninfo, store->broker, &outage_ms) != STATUS_OK) {
        return STORE_UNSURE;
    }
    if (outage_ms > 0) {
        log_line(LOG_WARNING, "store",
                 "no broker had the database for %lld s: leases and deadlines are "
                 "extended",
                 (long long)outage_ms / 1000);
    }
    return STORE_SURE;
}

static enum status home_send(struct pg_job *job, struct pg_link *link, int segment)
{
    (void)job;
    if (segment == 0) {
        pg_link_send_plain(link, &put_home);
    }
    return STATUS_OK;
}

/* In vain it is written by the next one that comes back. */
static void home_finish(struct pg_job *job, enum status status)
{
    (void)status;
    free(job);
}

static void note_home(struct store *store)
{
    struct pg_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->follower, NULL, NULL);
    ask->job = (struct pg_job){.send = home_send, .finish = home_finish};
    pg_link_ask(&store->follower, &ask->job);
}

static void check_finish(struct pg_job *job, enum status status)
{
    struct check_ask *ask = (struct check_ask *)job;
    struct store *store = ask->ask.store;
    store->checking = false;
    store->next_check_ms = pg_link_clock_ms() + CHECK_PAUSE_MS;
    if (status == STATUS_OK) {
        store->standing = ask->is_older      ? STORE_OLDER
                          : ask->is_replaced ? STORE_REPLACED
                          : ask->is_ours     ? come_back(store, ask->was_out)
                                             : STORE_UNSURE;
    }
    if (store->standing == STORE_SURE && store->known.home_known) {
        note_home(store);
    }
    free(ask);
}

void pg_follow_step(struct store *store)
{
    if (!pg_link_is_up(&store->follower)) {
        if (store->standing == STORE_SURE) {
            store->standing = STORE_UNSURE;
        }
        return;
    }
    if (!store->guarded) {
        store->standing = STORE_SURE;
    }
    if (store->standing != STORE_UNSURE || store->checking ||
        pg_link_clock_ms() < store->next_check_ms) {
        return;
    }
    struct check_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->follower, NULL, NULL);
    ask->ask.job = (struct pg_job){
        .send = check_send, .result = check_result, .finish = check_finish};
    store->checking = true;
    pg_link_ask(&store->follower, &ask->ask.job);
}

enum store_standing store_standing(const struct store *store)
{
    return store->standing;
}

/* ---- following ---------------------------------------------------------------------
 */

struct follow_ask {
    struct pg_ask ask;
    store_followed_fn done;
    struct store_followed followed;
    struct store_beginning known; /* as it will be once this has been taken in */
};

static enum status follow_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct follow_ask *ask = (struct follow_ask *)job;
    struct pg_args args;
    if (segment > 0) {
        return STATUS_OK;
    }
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, ask->ask.store->broker);
    put_cursors(&args, &ask->known);
    pg_args_int4(&args, STORE_FOLLOW_PAGE);
    pg_link_send(link, &follow_feed, &args);
    pg_args_init(&args, &link->scratch);
    pg_args_int8(&args, ask->ask.store->broker);
    pg_link_send(link, &follow_others, &args);
    return STATUS_OK;
}

static struct store_cursor *cursor_of(struct store_beginning *known, int64_t origin)
{
    for (size_t i = 0; i < known->cursor_count; i++) {
        if (known->cursors[i].origin == origin) {
            return &known->cursors[i];
        }
    }
    if (known->cursor_count == STORE_ORIGINS) {
        return NULL;
    }
    struct store_cursor *cursor = &known->cursors[known->cursor_count++];
    *cursor = (struct store_cursor){.origin = origin};
    return cursor;
}

static enum status read_changes(struct follow_ask *ask, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    struct store_change *changes = arena_array(ask->ask.arena, count, sizeof(*changes));
    size_t of_origin = 0;
    struct store_cursor *cursor = NULL;
    if (changes == NULL) {
        return STATUS_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t origin = pg_int8(result, (int)i, 0);
        int64_t seq = pg_int8(result, (int)i, 1);
        if (cursor == NULL || cursor->origin != origin) {
            cursor = cursor_of(&ask->known, origin);
            of_origin = 0;
        }
        if (cursor == NULL) {
            log_line(LOG_ERROR, "store", "more brokers than can be followed");
            return STATUS_FAILED;
        }
        ask->followed.gap = ask->followed.gap || seq != cursor->seq + 1;
        cursor->seq = seq;
        of_origin++;
        ask->followed.more = ask->followed.more || of_origin == STORE_FOLLOW_PAGE;
        changes[i] = (struct store_change){
            .kind = (enum store_change_kind)pg_int2(result, (int)i, 2),
            .person = pg_int8(result, (int)i, 3),
            .client = pg_int8(result, (int)i, 4),
            .version = pg_int8(result, (int)i, 5),
        };
    }
    ask->followed.changes = changes;
    ask->followed.count = count;
    return STATUS_OK;
}

static enum status follow_result(struct pg_job *job,
                                 const struct pg_statement *statement,
                                 const PGresult *result)
{
    struct follow_ask *ask = (struct follow_ask *)job;
    if (statement == &follow_feed) {
        return read_changes(ask, result);
    }
    ask->followed.others = (size_t)pg_int8(result, 0, 0);
    ask->followed.generation = pg_int4(result, 0, 1);
    return STATUS_OK;
}

static void follow_finish(struct pg_job *job, enum status status)
{
    struct follow_ask *ask = (struct follow_ask *)job;
    if (status == STATUS_OK) {
        struct store_beginning *known = &ask->ask.store->known;
        memcpy(known->cursors, ask->known.cursors, sizeof(known->cursors));
        known->cursor_count = ask->known.cursor_count;
    }
    ask->done(ask->ask.context, status, status == STATUS_OK ? &ask->followed : NULL);
    free(ask);
}

void store_follow(struct store *store, struct arena *arena, store_followed_fn done,
                  void *context)
{
    struct follow_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->follower, arena, context);
    ask->ask.job = (struct pg_job){
        .send = follow_send, .result = follow_result, .finish = follow_finish};
    ask->done = done;
    ask->known = store->known;
    pg_link_ask(&store->follower, &ask->ask.job);
}

/* ---- everybody's version -----------------------------------------------------------
 */

struct versions_ask {
    struct pg_ask ask;
    int64_t after;
    size_t limit;
    store_versions_fn done;
    struct store_person *people;
    size_t count;
};

static enum status versions_send(struct pg_job *job, struct pg_link *link, int segment)
{
    struct versions_ask *ask = (struct versions_ask *)job;
    if (segment == 0) {
        struct pg_args args;
        pg_args_init(&args, &link->scratch);
        pg_args_int8(&args, ask->after);
        pg_args_int8(&args, (int64_t)ask->limit);
        pg_link_send(link, &read_versions, &args);
    }
    return STATUS_OK;
}

static enum status versions_result(struct pg_job *job,
                                   const struct pg_statement *statement,
                                   const PGresult *result)
{
    struct versions_ask *ask = (struct versions_ask *)job;
    (void)statement;
    size_t count = (size_t)PQntuples(result);
    ask->people = arena_array(ask->ask.arena, count, sizeof(*ask->people));
    for (size_t i = 0; ask->people != NULL && i < count; i++) {
        ask->people[i] = (struct store_person){.person = pg_int8(result, (int)i, 0),
                                               .version = pg_int8(result, (int)i, 1)};
    }
    ask->count = count;
    return ask->people == NULL ? STATUS_FAILED : STATUS_OK;
}

static void versions_finish(struct pg_job *job, enum status status)
{
    struct versions_ask *ask = (struct versions_ask *)job;
    bool ok = status == STATUS_OK;
    ask->done(ask->ask.context, status, ok ? ask->people : NULL, ok ? ask->count : 0);
    free(ask);
}

void store_read_versions(struct store *store, int64_t after, size_t limit,
                         struct arena *arena, store_versions_fn done, void *context)
{
    struct versions_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->follower, arena, context);
    ask->ask.job = (struct pg_job){
        .send = versions_send, .result = versions_result, .finish = versions_finish};
    ask->after = after;
    ask->limit = limit;
    ask->done = done;
    pg_link_ask(&store->follower, &ask->ask.job);
}

/* ---- waking ------------------------------------------------------------------------
 */

static enum status wake_send(struct pg_job *job, struct pg_link *link, int segment)
{
    (void)job;
    if (segment == 0) {
        pg_link_send_plain(link, &wake_others);
    }
    return STATUS_OK;
}

static void wake_finish(struct pg_job *job, enum status status)
{
    /* Who is not woken looks by itself a little later. */
    (void)status;
    free(job);
}

void store_wake(struct store *store)
{
    struct pg_ask *ask =
        pg_ask_create(sizeof(*ask), store, &store->follower, NULL, NULL);
    ask->job = (struct pg_job){.send = wake_send, .finish = wake_finish};
    pg_link_ask(&store->follower, &ask->job);
}

bool store_woken(struct store *store)
{
    bool woken = store->follower.woken;
    store->follower.woken = false;
    return woken;
}
