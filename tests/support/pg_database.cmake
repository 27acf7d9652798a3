# SPDX-License-Identifier: Apache-2.0
#
# A throw-away database; include it where tests need one.
if(NOT TARGET pg_database)
    add_library(pg_database STATIC ${CMAKE_CURRENT_LIST_DIR}/pg_database.c)
    target_link_libraries(pg_database PUBLIC entente_flags broker_store PkgConfig::PQ)
endif()
