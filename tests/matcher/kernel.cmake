# SPDX-License-Identifier: Apache-2.0
#
# The innermost loops against the scalar ones.
entente_test(NAME matcher_kernel LABEL unit SOURCES test_kernel.c LIBS matcher)
entente_test(NAME matcher_common LABEL unit SOURCES test_common.c LIBS matcher)
entente_test(NAME matcher_common_edges LABEL unit
             SOURCES test_common_edges.c record_story.c LIBS matcher)

# Those of another processor, where a compiler and an emulator of it are installed.
if(NOT ENTENTE_TEST_WRAPPER)
    entente_script(NAME arm64 LABEL unit LONG TIMEOUT 1200
                   COMMAND ${CMAKE_CURRENT_LIST_DIR}/../arm64/run_arm64.sh ${PROJECT_SOURCE_DIR})
endif()
