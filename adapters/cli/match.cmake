# SPDX-License-Identifier: Apache-2.0
#
# `entente match`: the one command that is the matcher alone.
add_library(entente_match STATIC
    ${CMAKE_CURRENT_LIST_DIR}/match.c
    ${CMAKE_CURRENT_LIST_DIR}/match_find.c
    ${CMAKE_CURRENT_LIST_DIR}/match_input_how.c
    ${CMAKE_CURRENT_LIST_DIR}/match_input_person.c
    ${CMAKE_CURRENT_LIST_DIR}/match_input_when.c
    ${CMAKE_CURRENT_LIST_DIR}/match_keep.c
    ${CMAKE_CURRENT_LIST_DIR}/match_output_why.c
    ${CMAKE_CURRENT_LIST_DIR}/match_record.c
    ${CMAKE_CURRENT_LIST_DIR}/match_session.c
    ${CMAKE_CURRENT_LIST_DIR}/match_stream.c
    ${CMAKE_CURRENT_LIST_DIR}/match_work.c
    ${CMAKE_CURRENT_LIST_DIR}/match_draw.c
    ${CMAKE_CURRENT_LIST_DIR}/match_input.c
    ${CMAKE_CURRENT_LIST_DIR}/match_input_party.c
    ${CMAKE_CURRENT_LIST_DIR}/match_output.c
    ${CMAKE_CURRENT_LIST_DIR}/match_place.c)
target_link_libraries(entente_match PRIVATE entente_flags entente_text PUBLIC matcher zone PkgConfig::JANSSON)
