# SPDX-License-Identifier: Apache-2.0
#
# Records: stories, and laws against a naive board.
entente_test(NAME matcher_record_laws LABEL unit SOURCES test_record_laws.c LIBS matcher)
