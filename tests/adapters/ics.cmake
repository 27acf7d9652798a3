# SPDX-License-Identifier: Apache-2.0
entente_test(NAME ics_zone LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_ics_zone.c LIBS zone)
entente_test(NAME ics_corpus LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_ics_corpus.c
             LIBS ics PkgConfig::JANSSON)
entente_test(NAME ics_write LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_ics_write.c LIBS ics)
