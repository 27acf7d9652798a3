# SPDX-License-Identifier: Apache-2.0
#
# Who of many people is free, against looking at everybody.
add_library(people_story STATIC ${CMAKE_CURRENT_LIST_DIR}/people_story.c)
target_link_libraries(people_story PUBLIC entente_flags matcher)
entente_test(NAME matcher_people LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_people.c
             LIBS people_story)
entente_test(NAME matcher_people_kernel LABEL unit
             SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_people_kernel.c LIBS people_story)
