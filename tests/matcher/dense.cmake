# SPDX-License-Identifier: Apache-2.0
#
# People with very many ranges, who are looked at minute by minute.
entente_test(NAME matcher_dense LABEL unit
             SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_dense.c ${CMAKE_CURRENT_LIST_DIR}/recorded.c
             LIBS matcher_random matcher)
