# SPDX-License-Identifier: Apache-2.0
entente_test(NAME negotiation LABEL unit SOURCES test_negotiation.c LIBS broker_core)
entente_test(NAME rule_laws LABEL unit SOURCES test_rule_laws.c LIBS broker_core)
entente_test(NAME deadline_laws LABEL unit SOURCES test_deadline_laws.c LIBS broker_core)
entente_test(NAME fit LABEL unit SOURCES test_fit.c LIBS broker_core)
entente_test(NAME thinker LABEL unit SOURCES test_thinker.c LIBS broker_core)
entente_test(NAME index LABEL unit SOURCES test_index.c LIBS broker_core)
entente_test(NAME index_record LABEL unit SOURCES test_index_record.c LIBS broker_core)
entente_test(NAME index_memory LABEL unit SOURCES test_index_memory.c LIBS broker_core)
entente_test(NAME index_rows LABEL unit SOURCES test_index_rows.c LIBS broker_core)
entente_test(NAME evidence LABEL unit
             SOURCES test_evidence.c ${PROJECT_SOURCE_DIR}/tests/matcher/laws.c
             LIBS broker_core matcher_oracle TIMEOUT 600)
