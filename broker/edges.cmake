# SPDX-License-Identifier: Apache-2.0
#
# The broker's edges that tests and other programs link without the rest of it: frames in
# and out, sealing, private files, the log; and the negotiation's table, which the store
# brings to the database.
add_library(broker_edges STATIC
    keys.c
    log.c
    negotiation.c
    overlap.c
    private_file.c
    seal.c
    status.c
    wire_zmq.c
    wire_zmq_guard.c
    zap.c)
target_link_libraries(broker_edges PUBLIC entente_flags PkgConfig::ZMQ PkgConfig::CRYPTO)
