# SPDX-License-Identifier: Apache-2.0
foreach(test zone read refuse write file)
    entente_test(NAME ics_${test} LABEL unit
                 SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_ics_${test}.c LIBS ics zone)
endforeach()
entente_test(NAME ics_corpus LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_ics_corpus.c
             LIBS ics PkgConfig::JANSSON)
entente_test(NAME ics_free LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_ics_free.c
             LIBS ics PkgConfig::JANSSON)
