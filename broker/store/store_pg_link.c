// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_link.h"

#include "broker/log.h"
#include "broker/store/store_pg_connect.h"

#include <assert.h>
#include <string.h>
#include <time.h>

const struct pg_statement pg_begin = {"begin", "BEGIN ISOLATION LEVEL READ COMMITTED"};
const struct pg_statement pg_commit = {"commit", "COMMIT"};
const struct pg_statement pg_rollback = {"rollback", "ROLLBACK"};
const struct pg_statement pg_replan = {"replan", "DISCARD PLANS"};

enum {
    BACKOFF_FIRST_MS = 50,
    BACKOFF_MAX_MS = 5000,
    SCRATCH_QUOTA = 1 << 30,
    REPLAN_FIRST = 4,
    REPLAN_FACTOR = 4,
    REPLAN_LAST = 1 << 20,
};

int64_t pg_link_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pg_link_init(struct pg_link *link, const char *name, const char *conninfo,
                  const struct pg_statement *const *const *statements, int limit_ms)
{
    *link = (struct pg_link){
        .name = name,
        .conninfo = conninfo,
        .statements = statements,
        .limit_ms = limit_ms,
        .backoff_ms = BACKOFF_FIRST_MS,
    };
    link->last = &link->first;
    arena_init(&link->scratch, SCRATCH_QUOTA);
}

void pg_link_ask(struct pg_link *link, struct pg_job *job)
{
    job->next = NULL;
    *link->last = job;
    link->last = &job->next;
}

static void end_job(struct pg_link *link, enum status status)
{
    struct pg_job *job = link->job;
    assert(job != NULL);
    link->job = NULL;
    link->rolling_back = false;
    job->finish(job, status);
}

/* Those that were asked before this call; what their callbacks ask waits for the next
 * step, so that a caller who asks again at once does not keep us here. */
static void refuse_queued(struct pg_link *link)
{
    struct pg_job *job = link->first;
    link->first = NULL;
    link->last = &link->first;
    while (job != NULL) {
        struct pg_job *next = job->next;
        job->finish(job, STATUS_UNAVAILABLE);
        job = next;
    }
}

/* Close the connection; @why is for the log, NULL when it was asked for. */
static void lose(struct pg_link *link, const char *why)
{
    /* While a failed job is rolled back its own status is the better answer: the server
     * rolls back by itself. */
    enum status status = link->rolling_back ? link->status
                         : link->committing ? STATUS_UNKNOWN
                                            : STATUS_UNAVAILABLE;
    if (why != NULL) {
        log_line(LOG_WARNING, "store", "%s: %s; next attempt in %d ms", link->name, why,
                 link->backoff_ms);
    }
    PQfinish(link->connection);
    link->connection = NULL;
    link->state = PG_LINK_DOWN;
    link->retry_ms = pg_link_clock_ms() + link->backoff_ms;
    link->backoff_ms *= 2;
    if (link->backoff_ms > BACKOFF_MAX_MS) {
        link->backoff_ms = BACKOFF_MAX_MS;
    }
    link->deadline_ms = 0;
    link->sent_count = 0;
    link->answered_count = 0;
    link->in_flight = false;
    link->flush = false;
    link->broken = false;
    link->committing = false;
    link->warned = false;
    link->transaction = false;
    if (link->job != NULL) {
        end_job(link, status);
    }
}

void pg_link_finish(struct pg_link *link)
{
    if (link->connection != NULL) {
        lose(link, NULL);
    }
    refuse_queued(link);
    arena_finish(&link->scratch);
}

/* ---- sending -----------------------------------------------------------------------
 */

static void note_sent(struct pg_link *link, const struct pg_statement *statement)
{
    link->sent[link->sent_count++] = statement;
    if (statement == &pg_commit) {
        link->committing = true;
        link->warned = false;
    }
}

void pg_link_send(struct pg_link *link, const struct pg_statement *statement,
                  const struct pg_args *args)
{
    assert(link->sent_count < PG_LINK_SEGMENT);
    if (args->failed) {
        log_line(LOG_ERROR, "store", "%s: too much for one statement (%s)", link->name,
                 statement->name);
        link->status = STATUS_FAILED;
        return;
    }
    if (PQsendQueryPrepared(link->connection, statement->name, args->count,
                            args->values, args->lengths, args->formats, 1) != 1) {
        link->broken = true;
        return;
    }
    note_sent(link, statement);
}

void pg_link_send_plain(struct pg_link *link, const struct pg_statement *statement)
{
    struct pg_args none = {0};
    pg_link_send(link, statement, &none);
}

static void flush(struct pg_link *link)
{
    int left = PQflush(link->connection);
    link->flush = left == 1;
    if (left < 0) {
        link->broken = true;
    }
}

void pg_link_push(struct pg_link *link)
{
    if (!link->broken) {
        flush(link);
    }
}

static void sync(struct pg_link *link)
{
    if (PQpipelineSync(link->connection) != 1) {
        link->broken = true;
        return;
    }
    link->in_flight = true;
    link->deadline_ms = pg_link_clock_ms() + link->limit_ms;
    flush(link);
}

/* A plan that was made while a table was empty must not outlive its youth: plans are
 * made anew after the 4th, 16th, 64th, ... job of a connection. */
static void replan_when_due(struct pg_link *link)
{
    if (!link->by_key || ++link->jobs < link->replan_jobs || link->transaction ||
        link->replan_jobs > REPLAN_LAST) {
        return;
    }
    link->replan_jobs *= REPLAN_FACTOR;
    pg_link_send_plain(link, &pg_replan);
}

/* The next segment of the job, or its end. */
static void go_on(struct pg_link *link)
{
    link->sent_count = 0;
    link->answered_count = 0;
    if (link->segment == 0) {
        replan_when_due(link);
    }
    if (link->status == STATUS_OK) {
        enum status status = link->job->send(link->job, link, link->segment++);
        if (status != STATUS_OK) {
            link->status = status;
        }
    }
    if (link->broken) {
        return;
    }
    if (link->sent_count > 0) {
        sync(link);
        return;
    }
    if (link->status != STATUS_OK && link->transaction && !link->rolling_back) {
        link->rolling_back = true;
        pg_link_send_plain(link, &pg_rollback);
        if (!link->broken) {
            sync(link);
        }
        return;
    }
    end_job(link, link->status);
}

static void begin_job(struct pg_link *link)
{
    struct pg_job *job = link->first;
    link->first = job->next;
    if (link->first == NULL) {
        link->last = &link->first;
    }
    link->job = job;
    link->segment = 0;
    link->status = STATUS_OK;
    arena_reset(&link->scratch);
    if (job->in_transaction && !link->transaction) {
        /* The transaction went away with its connection. */
        end_job(link, STATUS_UNAVAILABLE);
        return;
    }
    go_on(link);
}

/* ---- receiving ---------------------------------------------------------------------
 */

enum status pg_link_classify(const char *sqlstate, const char *table)
{
    if (sqlstate == NULL) {
        return STATUS_UNAVAILABLE;
    }
    /* The same command, chain link or feed entry is already there, or was being written
     * by a connection that we have lost: loading again shows it. */
    if (strcmp(sqlstate, "23505") == 0 && table != NULL &&
        (strcmp(table, "command") == 0 || strcmp(table, "audit") == 0 ||
         strcmp(table, "feed") == 0)) {
        return STATUS_RETRY;
    }
    if (strncmp(sqlstate, "22", 2) == 0 || strncmp(sqlstate, "23", 2) == 0) {
        return STATUS_REFUSED;
    }
    if (strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0 ||
        strcmp(sqlstate, "55P03") == 0) {
        return STATUS_RETRY;
    }
    return STATUS_UNAVAILABLE;
}

static const char *or_dash(const char *text)
{
    return text == NULL ? "-" : text;
}

static enum status failed(struct pg_link *link, const struct pg_statement *statement,
                          const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);
    enum status status = pg_link_classify(sqlstate, table);
    if (statement == &pg_commit && status == STATUS_UNAVAILABLE) {
        status = STATUS_UNKNOWN;
    }
    if (link->state == PG_LINK_PREPARING && sqlstate != NULL &&
        strncmp(sqlstate, "42", 2) == 0) {
        status = STATUS_BAD_SCHEMA;
    }
    log_line(status == STATUS_RETRY ? LOG_INFO : LOG_WARNING, "store",
             "%s: %s failed with SQLSTATE %s, constraint %s: %s", link->name,
             statement->name, or_dash(sqlstate), or_dash(constraint),
             status_text(status));
    return status;
}

static enum status succeeded(struct pg_link *link, const struct pg_statement *statement,
                             const PGresult *result)
{
    if (link->state == PG_LINK_PREPARING) {
        return STATUS_OK;
    }
    if (statement == &pg_begin) {
        link->transaction = true;
        return STATUS_OK;
    }
    if (statement == &pg_rollback) {
        link->transaction = false;
        return STATUS_OK;
    }
    if (statement == &pg_commit) {
        link->transaction = false;
        if (link->warned) {
            return STATUS_UNKNOWN;
        }
        /* The server answers ROLLBACK to the COMMIT of a failed transaction. */
        return strcmp(PQcmdStatus((PGresult *)result), "COMMIT") == 0 ? STATUS_OK
                                                                      : STATUS_RETRY;
    }
    if (statement == &pg_replan || link->job == NULL || link->job->result == NULL ||
        link->status != STATUS_OK) {
        return STATUS_OK;
    }
    return link->job->result(link->job, statement, result);
}

static void take(struct pg_link *link, const PGresult *result)
{
    ExecStatusType kind = PQresultStatus(result);
    if (kind == PGRES_PIPELINE_ABORTED) {
        link->answered_count++;
        return;
    }
    if (link->answered_count >= link->sent_count) {
        /* libpq's own word that the connection ended between two answers. */
        link->broken = true;
        return;
    }
    const struct pg_statement *statement = link->sent[link->answered_count++];
    enum status status = kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK
                             ? succeeded(link, statement, result)
                             : failed(link, statement, result);
    if (link->status == STATUS_OK) {
        link->status = status;
    }
}

static void segment_done(struct pg_link *link)
{
    link->in_flight = false;
    link->deadline_ms = 0;
    if (link->state == PG_LINK_PREPARING) {
        if (link->status != STATUS_OK) {
            lose(link, "the session could not be prepared");
            return;
        }
        log_line(LOG_INFO, "store", "%s: connected", link->name);
        link->state = PG_LINK_UP;
        link->jobs = 0;
        link->replan_jobs = REPLAN_FIRST;
        link->backoff_ms = BACKOFF_FIRST_MS;
        return;
    }
    /* Only now: a connection lost between the answer to COMMIT and the Sync leaves
     * STATUS_UNKNOWN, which is the truth.  A COMMIT that failed has ended the
     * transaction too. */
    if (link->committing) {
        link->committing = false;
        link->transaction = false;
    }
    go_on(link);
}

/* True when something came. */
static bool receive(struct pg_link *link)
{
    bool progress = false;
    while (link->connection != NULL && link->in_flight && !link->broken &&
           !PQisBusy(link->connection)) {
        PGresult *result = PQgetResult(link->connection);
        progress = true;
        if (result == NULL) {
            if (PQstatus(link->connection) != CONNECTION_OK) {
                link->broken = true;
            }
            continue;
        }
        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            segment_done(link);
            continue;
        }
        take(link, result);
        PQclear(result);
    }
    return progress;
}

/* ---- steps -------------------------------------------------------------------------
 */

/* What it says does not matter, only that somebody else has said something. */
static void listen_to_others(struct pg_link *link)
{
    PGnotify *notice;
    while (link->listens && (notice = PQnotifies(link->connection)) != NULL) {
        link->woken = link->woken || notice->be_pid != PQbackendPID(link->connection);
        PQfreemem(notice);
    }
}

static void prepare(struct pg_link *link)
{
    link->status = STATUS_OK;
    link->sent_count = 0;
    link->answered_count = 0;
    if (!pg_connect_prepare(link)) {
        link->broken = true;
        return;
    }
    link->state = PG_LINK_PREPARING;
    sync(link);
}

static void pump(struct pg_link *link)
{
    if (PQconsumeInput(link->connection) != 1 ||
        PQstatus(link->connection) != CONNECTION_OK) {
        /* What came before the end may still hold the reason. */
        (void)receive(link);
        link->broken = true;
    }
    bool progress = true;
    while (progress && link->connection != NULL && !link->broken) {
        progress = receive(link);
        if (link->state == PG_LINK_UP && link->job == NULL && link->first != NULL &&
            !link->broken) {
            begin_job(link);
            progress = true;
        }
    }
    if (link->connection != NULL && !link->broken && link->flush) {
        flush(link);
    }
    if (link->connection != NULL) {
        listen_to_others(link);
    }
}

void pg_link_step(struct pg_link *link)
{
    int64_t now = pg_link_clock_ms();
    if (link->state == PG_LINK_DOWN) {
        refuse_queued(link);
        if (now < link->retry_ms || !pg_connect_start(link)) {
            return;
        }
    }
    if (link->state == PG_LINK_CONNECTING) {
        pg_connect_poll(link);
        if (link->state == PG_LINK_CONNECTING && link->wants == PGRES_POLLING_OK) {
            prepare(link);
        }
    }
    if (link->state == PG_LINK_PREPARING || link->state == PG_LINK_UP) {
        pump(link);
    }
    if (link->connection != NULL && link->broken) {
        lose(link, "the connection is gone");
    } else if (link->deadline_ms != 0 && now >= link->deadline_ms) {
        lose(link, "no answer in time");
    }
    if (link->state != PG_LINK_UP) {
        refuse_queued(link);
    }
}

bool pg_link_descriptor(const struct pg_link *link, struct pollfd *ret)
{
    if (link->connection == NULL || PQsocket(link->connection) < 0) {
        return false;
    }
    short events = POLLIN;
    if (link->state == PG_LINK_CONNECTING) {
        events = link->wants == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
    } else if (link->flush || (link->job == NULL && link->first != NULL)) {
        events = POLLIN | POLLOUT;
    }
    *ret = (struct pollfd){.fd = PQsocket(link->connection), .events = events};
    return true;
}

bool pg_link_is_up(const struct pg_link *link)
{
    return link->state == PG_LINK_UP;
}
