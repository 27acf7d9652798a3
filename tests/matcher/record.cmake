# SPDX-License-Identifier: Apache-2.0
#
# Records: stories, and laws against a naive board.
entente_test(NAME matcher_record LABEL unit SOURCES test_record.c record_story.c LIBS matcher)
entente_test(NAME matcher_record_days LABEL unit
             SOURCES test_record_days.c record_story.c LIBS matcher)
entente_test(NAME matcher_record_patch LABEL unit
             SOURCES test_record_patch.c record_story.c LIBS matcher)
entente_test(NAME matcher_record_laws LABEL unit
             SOURCES test_record_laws.c record_board.c LIBS matcher)
