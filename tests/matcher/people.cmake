# SPDX-License-Identifier: Apache-2.0
#
# Who of many people is free, against looking at everybody.
add_library(people_story STATIC ${CMAKE_CURRENT_LIST_DIR}/people_story.c)
target_link_libraries(people_story PUBLIC entente_flags matcher PkgConfig::CMOCKA)
foreach(name people people_busy people_edges people_kernel people_laws
             people_limits)
    entente_test(NAME matcher_${name} LABEL unit
                 SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_${name}.c LIBS people_story)
endforeach()
