# SPDX-License-Identifier: Apache-2.0
#
# The command line: its parts, its catalogues, and the real program against a real broker.
foreach(part words rules draw catalogue)
    entente_test(NAME cli_${part} LABEL unit
                 SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_cli_${part}.c LIBS entente_cli)
endforeach()
target_compile_definitions(test_cli_catalogue PRIVATE
    ENTENTE_CATALOGUES="${PROJECT_BINARY_DIR}/share/locale")
add_dependencies(test_cli_catalogue catalogues)
entente_script(NAME cli_catalogues LABEL lint
               COMMAND ${CMAKE_CURRENT_LIST_DIR}/check_catalogues.sh)

entente_test(NAME cli_system LABEL system SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_cli_system.c
             LIBS scenario_world zone PkgConfig::JANSSON)
target_compile_definitions(test_cli_system PRIVATE ENTENTE_PROGRAM="$<TARGET_FILE:entente>")
add_dependencies(test_cli_system entente)
