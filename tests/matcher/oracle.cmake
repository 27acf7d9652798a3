# SPDX-License-Identifier: Apache-2.0
#
# The matcher against the oracle.  The oracle only paints bytes; it is built for speed and
# without sanitizers, so that the time of a run goes into the matcher, which keeps them.
set_source_files_properties(oracle.c oracle_board.c PROPERTIES
    COMPILE_OPTIONS "-O2;-fno-sanitize=all")
entente_test(NAME oracle LABEL unit
    SOURCES test_oracle.c oracle.c oracle_board.c random_request.c
    LIBS matcher)
