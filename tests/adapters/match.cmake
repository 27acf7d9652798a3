# SPDX-License-Identifier: Apache-2.0
entente_test(NAME match_json LABEL unit
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_match_json.c
    LIBS entente_match)
entente_test(NAME match_refusals LABEL unit
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_match_refusals.c
    LIBS entente_match)
entente_test(NAME match_same LABEL unit
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_match_same.c
            ${CMAKE_CURRENT_LIST_DIR}/match_say.c
    LIBS entente_match matcher_random)
entente_test(NAME match_model LABEL unit
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_match_model.c
    LIBS entente_match)
entente_test(NAME match_stream LABEL unit
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_match_stream.c
    LIBS entente_match)
entente_test(NAME match_lines LABEL unit
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_match_lines.c
    LIBS entente_match)
