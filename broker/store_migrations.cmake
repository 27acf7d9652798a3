# SPDX-License-Identifier: Apache-2.0
#
# The migrations become part of the program, so that an installed one needs no files.
file(GLOB migration_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/migrations/*.sql)
list(SORT migration_files)
set(migrations_c ${CMAKE_CURRENT_BINARY_DIR}/migrations.c)
add_custom_command(
    OUTPUT ${migrations_c}
    COMMAND sh ${PROJECT_SOURCE_DIR}/migrations/embed.sh ${migrations_c} ${migration_files}
    DEPENDS ${migration_files} ${PROJECT_SOURCE_DIR}/migrations/embed.sh
    VERBATIM)
target_sources(broker_store PRIVATE ${migrations_c} store/store_pg_admin.c store/store_pg_breaker.c
    store/store_pg_generation.c store/store_pg_home.c
    store/store_pg_key.c store/store_pg_migrate.c store/store_pg_outage.c store/store_pg_start.c store/store_pg_sync.c
    store/store_pg_audit.c store/store_pg_audit_claims.c store/store_pg_audit_numbers.c
    store/store_pg_copy.c
    store/store_pg_transition.c)
set_source_files_properties(${migrations_c} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
