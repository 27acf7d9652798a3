# SPDX-License-Identifier: Apache-2.0
#
# The matcher against the oracle.  The oracle only paints bytes; it is built for speed and
# without sanitizers, so that the time of a run goes into the matcher, which keeps them.
set_source_files_properties(
    ${CMAKE_CURRENT_LIST_DIR}/oracle.c ${CMAKE_CURRENT_LIST_DIR}/oracle_board.c
    PROPERTIES COMPILE_OPTIONS "-O2;-fno-sanitize=all")
entente_test(NAME oracle LABEL unit
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_oracle.c ${CMAKE_CURRENT_LIST_DIR}/oracle.c
            ${CMAKE_CURRENT_LIST_DIR}/oracle_board.c
            ${CMAKE_CURRENT_LIST_DIR}/random_request.c
    LIBS matcher TIMEOUT 900)
