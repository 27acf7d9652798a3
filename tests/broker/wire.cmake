# SPDX-License-Identifier: Apache-2.0
#
# The edges of the broker: frames over real sockets, sealed values, the log.
add_library(zmq_stage STATIC zmq_stage.c)
target_link_libraries(zmq_stage PUBLIC broker_edges PkgConfig::CMOCKA)

entente_test(NAME wire_zmq LABEL unit SOURCES test_wire_zmq.c LIBS zmq_stage)
entente_test(NAME zap_attacks LABEL unit SOURCES test_zap_attacks.c LIBS zmq_stage)
entente_test(NAME wire_strangers LABEL unit SOURCES test_wire_strangers.c LIBS zmq_stage)
entente_test(NAME seal LABEL unit SOURCES test_seal.c LIBS broker_edges)
entente_test(NAME key_files LABEL unit SOURCES test_key_files.c LIBS broker_edges)
entente_test(NAME log LABEL unit SOURCES test_log.c LIBS broker_edges)
entente_test(NAME zap LABEL unit SOURCES test_zap.c LIBS zmq_stage)
