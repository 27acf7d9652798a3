# SPDX-License-Identifier: Apache-2.0
#
# The store in PostgreSQL: the only code that knows libpq.
add_library(broker_store STATIC
    store/store_pg.c
    store/store_pg_args.c
    store/store_pg_comment.c
    store/store_pg_connect.c
    store/store_pg_decision.c
    store/store_pg_divergence.c
    store/store_pg_follow.c
    store/store_pg_heard.c
    store/store_pg_hello.c
    store/store_pg_holds.c
    store/store_pg_link.c
    store/store_pg_purge.c
    store/store_pg_load.c
    store/store_pg_meeting.c
    store/store_pg_publish.c
    store/store_pg_read.c
    store/store_pg_read_due.c
    store/store_pg_read_meetings.c
    store/store_pg_refresh.c
    store/store_pg_rows.c
    store/store_pg_secret.c
    store/store_pg_trace.c
    store/store_pg_write.c
    store/store_pg_write_due.c store/store_pg_write_meetings.c)
target_link_libraries(broker_store PUBLIC entente_flags PkgConfig::PQ proto broker_edges)
include(${CMAKE_CURRENT_LIST_DIR}/store_migrations.cmake OPTIONAL)
