# SPDX-License-Identifier: Apache-2.0
#
# Stories of calendar files: the program of adapters/ics as a process.
add_library(scenario_ics_world STATIC ics_world.c)
target_compile_definitions(scenario_ics_world PRIVATE
    ENTENTE_ICS_PROGRAM="$<TARGET_FILE:entente-ics>")
target_link_libraries(scenario_ics_world PRIVATE entente_flags PUBLIC scenario_world zone)
add_dependencies(scenario_ics_world entente-ics)

entente_test(NAME ics_adapter LABEL scenario SOURCES test_ics_adapter.c
             LIBS scenario_ics_world)
# prlimit(), which fills the disk.
target_compile_definitions(test_ics_adapter PRIVATE _GNU_SOURCE)

entente_test(NAME ics_deleted LABEL scenario SOURCES test_ics_deleted.c
             LIBS scenario_ics_world)
