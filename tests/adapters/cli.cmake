# SPDX-License-Identifier: Apache-2.0
#
# The command line: the real program against a real broker.
entente_test(NAME cli_system LABEL system SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_cli_system.c
             LIBS scenario_world zone PkgConfig::JANSSON)
target_compile_definitions(test_cli_system PRIVATE ENTENTE_PROGRAM="$<TARGET_FILE:entente>")
add_dependencies(test_cli_system entente)
