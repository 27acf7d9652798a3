# SPDX-License-Identifier: Apache-2.0
#
# The SDK against a broker that is played by the test, over real CURVE sockets.
add_library(sdk_fake_broker STATIC ${CMAKE_CURRENT_LIST_DIR}/sdk_fake_broker.c)
target_link_libraries(sdk_fake_broker PRIVATE entente_flags PkgConfig::CMOCKA
                      PUBLIC entente_sdk proto PkgConfig::ZMQ)

foreach(part session)
    entente_test(NAME sdk_${part} LABEL unit
                 SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_sdk_${part}.c
                 LIBS sdk_fake_broker entente_sdk proto)
endforeach()
