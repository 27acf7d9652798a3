# SPDX-License-Identifier: Apache-2.0
#
# The innermost loops against the scalar ones.
entente_test(NAME matcher_kernel LABEL unit SOURCES test_kernel.c LIBS matcher)
entente_test(NAME matcher_common LABEL unit SOURCES test_common.c LIBS matcher)
entente_test(NAME matcher_common_edges LABEL unit
             SOURCES test_common_edges.c record_story.c LIBS matcher)
