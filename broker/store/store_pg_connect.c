// SPDX-License-Identifier: Apache-2.0

#include "broker/store/store_pg_connect.h"

#include "broker/log.h"

#include <assert.h>
#include <stddef.h>

enum { CONNECT_LIMIT_MS = 5000 };

/* The limits stand below the broker's own limit for a commit, so that the server gives
 * up first and says why.  Prepared plans are made for big tables once and for all:
 * every statement here looks rows up by key. */
static const struct pg_statement session_settings = {
    "session_settings",
    "SELECT set_config('statement_timeout', '5s', false),"
    " set_config('lock_timeout', '2s', false),"
    " set_config('idle_in_transaction_session_timeout', '10s', false),"
    " set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit')"
    "            IN ('on', 'remote_apply') THEN current_setting('synchronous_commit')"
    "            ELSE 'on' END, false),"
    " set_config('jit', 'off', false),"
    " set_config('timezone', 'UTC', false),"
    " CASE WHEN has_parameter_privilege('deadlock_timeout', 'SET')"
    "      THEN set_config('deadlock_timeout', '100ms', false) END"};

/* Whoever decides or publishes looks rows up by key, always.  A plan made while a table
 * was still small must not scan it for as long as the connection lives, nor is there
 * time to plan again for every batch. */
const struct pg_statement pg_plans_by_key = {
    "plans_by_key", "SELECT set_config('plan_cache_mode', 'force_generic_plan', false),"
                    " set_config('enable_seqscan', 'off', false),"
                    " set_config('enable_hashjoin', 'off', false),"
                    " set_config('enable_mergejoin', 'off', false),"
                    " set_config('enable_indexonlyscan', 'off', false),"
                    " set_config('random_page_cost', '1.1', false)"};

/* Questions differ too much for one plan. */
static const struct pg_statement plans_by_question = {
    "plans_by_question",
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', false)"};

/* Whoever listens holds this broker's number as well (store_pg_follow.c): a machine that
 * is gone without a word must not hold it for hours. */
static const struct pg_statement listen_to_others = {"listen", "LISTEN entente"};
static const struct pg_statement notice_the_dead = {
    "notice_the_dead", "SELECT set_config('tcp_keepalives_idle', '5', false),"
                       " set_config('tcp_keepalives_interval', '2', false),"
                       " set_config('tcp_keepalives_count', '3', false)"};

#ifdef ENTENTE_TEST_BUILD
static const struct pg_statement test_clock_lock = {
    "test_clock_lock", "SELECT pg_advisory_xact_lock(4617315517961601024)"};
static const struct pg_statement test_clock_make = {
    "test_clock_make", "CREATE TABLE IF NOT EXISTS test_clock (shift interval)"};
#endif

/* Warnings are counted while a COMMIT is under way; their text is never shown. */
static void on_notice(void *context, const PGresult *result)
{
    struct pg_link *link = context;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == NULL || severity[0] != 'W') {
        return;
    }
    link->warned = true;
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    log_line(LOG_WARNING, "store", "%s: the database warns, SQLSTATE %s", link->name,
             sqlstate == NULL ? "-" : sqlstate);
}

bool pg_connect_start(struct pg_link *link)
{
    /* What the operator's conninfo says comes last and wins. */
    // clang-format off
    const char *const keywords[] = {
        "fallback_application_name", "target_session_attrs", "client_encoding",
        "keepalives_idle", "keepalives_interval", "keepalives_count",
        "tcp_user_timeout", "dbname", NULL};
    const char *const values[] = {
        link->name, "read-write", "UTF8", "5", "2", "3", "5000", link->conninfo, NULL};
    // clang-format on

    link->connection = PQconnectStartParams(keywords, values, 1);
    if (link->connection == NULL) {
        link->retry_ms = pg_link_clock_ms() + link->backoff_ms;
        return false;
    }
    link->state = PG_LINK_CONNECTING;
    link->wants = PGRES_POLLING_WRITING;
    link->deadline_ms = pg_link_clock_ms() + CONNECT_LIMIT_MS;
    if (PQstatus(link->connection) == CONNECTION_BAD) {
        link->broken = true;
    }
    PQsetNoticeReceiver(link->connection, on_notice, link);
    return true;
}

void pg_connect_poll(struct pg_link *link)
{
    while (!link->broken) {
        /* The descriptor may be another one after every call. */
        struct pollfd ready = {
            .fd = PQsocket(link->connection),
            .events = link->wants == PGRES_POLLING_WRITING ? POLLOUT : POLLIN,
        };
        if (ready.fd < 0 || poll(&ready, 1, 0) < 1) {
            return;
        }
        link->wants = PQconnectPoll(link->connection);
        if (link->wants == PGRES_POLLING_FAILED) {
            link->broken = true;
        } else if (link->wants == PGRES_POLLING_OK) {
            return;
        }
    }
}

static bool send_plain_sql(struct pg_link *link, const struct pg_statement *statement)
{
    assert(link->sent_count < PG_LINK_SEGMENT);
    if (PQsendQueryParams(link->connection, statement->sql, 0, NULL, NULL, NULL, NULL,
                          1) != 1) {
        return false;
    }
    link->sent[link->sent_count++] = statement;
    return true;
}

static bool prepare_one(struct pg_link *link, const struct pg_statement *statement)
{
    assert(link->sent_count < PG_LINK_SEGMENT);
    if (PQsendPrepare(link->connection, statement->name, statement->sql, 0, NULL) !=
        1) {
        return false;
    }
    /* Prepared statements are named in the log when they fail, but to prepare one is
     * not to run it: begin and commit are not in force now. */
    link->sent[link->sent_count++] = statement;
    return true;
}

bool pg_connect_prepare(struct pg_link *link)
{
    if (PQsetnonblocking(link->connection, 1) != 0 ||
        PQenterPipelineMode(link->connection) != 1 ||
        !send_plain_sql(link, &session_settings) ||
        !send_plain_sql(link, link->by_key ? &pg_plans_by_key : &plans_by_question)) {
        return false;
    }
    if (link->listens && (!send_plain_sql(link, &notice_the_dead) ||
                          !send_plain_sql(link, &listen_to_others))) {
        return false;
    }
#ifdef ENTENTE_TEST_BUILD
    if (!send_plain_sql(link, &test_clock_lock) ||
        !send_plain_sql(link, &test_clock_make)) {
        return false;
    }
#endif
    static const struct pg_statement *const transaction[] = {&pg_begin, &pg_commit,
                                                             &pg_rollback, &pg_replan};
    for (size_t i = 0; i < sizeof(transaction) / sizeof(transaction[0]); i++) {
        if (!prepare_one(link, transaction[i])) {
            return false;
        }
    }
    for (size_t list = 0; link->statements[list] != NULL; list++) {
        for (size_t i = 0; link->statements[list][i] != NULL; i++) {
            if (!prepare_one(link, link->statements[list][i])) {
                return false;
            }
        }
    }
    return true;
}
