# SPDX-License-Identifier: Apache-2.0
#
# Bad input at the real broker, by a client that says whatever a test wants.
add_library(scenario_raw STATIC raw_client.c)
target_link_libraries(scenario_raw PUBLIC scenario_world PkgConfig::ZMQ)

entente_test(NAME bad_input_frames LABEL scenario SOURCES test_bad_input_frames.c
             LIBS scenario_raw)
entente_test(NAME bad_input_agendas LABEL scenario SOURCES test_bad_input_agendas.c
             LIBS scenario_raw)
entente_test(NAME bad_input_requests LABEL scenario SOURCES test_bad_input_requests.c
             LIBS scenario_raw)
entente_test(NAME bad_input_away LABEL scenario SOURCES test_bad_input_away.c
             LIBS scenario_raw TIMEOUT 300)
target_compile_definitions(test_bad_input_away PRIVATE
    CLUSTER_SCRIPT="${PROJECT_SOURCE_DIR}/tests/support/pg/cluster.sh")
entente_test(NAME bad_input_privacy LABEL scenario SOURCES test_bad_input_privacy.c
             LIBS scenario_raw)
entente_test(NAME bad_input_large LABEL scenario SOURCES test_bad_input_large.c
             LIBS scenario_raw)
entente_test(NAME hellos LABEL scenario SOURCES test_hellos.c LIBS scenario_raw)
entente_test(NAME leases LABEL scenario SOURCES test_leases.c LIBS scenario_raw)
entente_test(NAME floods LABEL scenario SOURCES test_floods.c LIBS scenario_raw)
