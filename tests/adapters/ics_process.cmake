# SPDX-License-Identifier: Apache-2.0
#
# The parts of entente-ics that need no broker.
entente_test(NAME ics_process LABEL unit
    SOURCES
        test_ics_process.c
        ${PROJECT_SOURCE_DIR}/adapters/ics/config.c
        ${PROJECT_SOURCE_DIR}/adapters/ics/offer.c
    LIBS ics proto PkgConfig::INIH)
