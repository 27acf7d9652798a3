// SPDX-License-Identifier: Apache-2.0

/*
 * store_pg_home.h - a database that was restored is noticed by where it is found
 *
 * The end of every recovery from an archive, and every promotion of a standby, begins a new
 * timeline (PostgreSQL 15, 26.3.5); what is read in from a dump lies in a cluster with
 * another system identifier.  Files that were copied back and only recover from a crash look
 * as they did before: those are noticed by who knows more (docs/restore.md).
 */
#ifndef BROKER_STORE_STORE_PG_HOME_H
#define BROKER_STORE_STORE_PG_HOME_H

#include "broker/store/store_brokers.h"
#include "broker/store/store_pg_sync.h"

/* Write down, in one statement, where the database is found. */
#define PG_HOME_PUT                                                                    \
    "INSERT INTO home (cluster, timeline) SELECT n.cluster, n.timeline FROM " PG_HOME  \
    " ON CONFLICT (one) DO UPDATE SET cluster = excluded.cluster,"                     \
    "                                 timeline = excluded.timeline"                    \
    "  WHERE (home.cluster, home.timeline) IS DISTINCT FROM"                           \
    "        (excluded.cluster, excluded.timeline)"

#define PG_HOME                                                                        \
    "(SELECT system_identifier AS cluster,"                                            \
    "        ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int4"   \
    "          AS timeline FROM pg_control_system()) AS n"

/*
 * Found elsewhere than a broker found it last, the database has a new generation begun, and
 * the log says so.  *ret_known: false where the role may not ask PostgreSQL for it; the log
 * says so, too.  Not in a transaction.
 */
MUST_CHECK enum status pg_home_check(PGconn *connection,
                                     const struct store_settings *settings,
                                     struct arena *arena, bool *ret_known);

#endif
