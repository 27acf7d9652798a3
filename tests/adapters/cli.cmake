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
entente_script(NAME cli_wrong LABEL unit
               COMMAND ${CMAKE_CURRENT_LIST_DIR}/cli_wrong.sh $<TARGET_FILE:entente>)
entente_script(NAME cli_catalogues LABEL lint
               COMMAND ${CMAKE_CURRENT_LIST_DIR}/check_catalogues.sh)

add_library(cli_world STATIC ${CMAKE_CURRENT_LIST_DIR}/cli_world.c)
target_compile_definitions(cli_world PRIVATE ENTENTE_PROGRAM="$<TARGET_FILE:entente>")
target_link_libraries(cli_world PRIVATE entente_flags PkgConfig::CMOCKA
                      PUBLIC scenario_world zone PkgConfig::JANSSON)
foreach(part system agree)
    entente_test(NAME cli_${part} LABEL system
                 SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_cli_${part}.c LIBS cli_world)
    add_dependencies(test_cli_${part} entente)
endforeach()
