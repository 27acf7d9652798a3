# SPDX-License-Identifier: Apache-2.0
#
# The SDK against a broker that is played by the test, over real CURVE sockets.
add_library(sdk_fake_broker STATIC ${CMAKE_CURRENT_LIST_DIR}/sdk_fake_broker.c)
target_link_libraries(sdk_fake_broker PRIVATE entente_flags PkgConfig::CMOCKA
                      PUBLIC entente_sdk proto PkgConfig::ZMQ)

foreach(part events parts publish session)
    entente_test(NAME sdk_${part} LABEL unit
                 SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_sdk_${part}.c
                 LIBS sdk_fake_broker entente_sdk proto)
endforeach()

# Memory runs out where the test says.
entente_test(NAME sdk_refusals LABEL unit
             SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_sdk_refusals.c
             LIBS sdk_fake_broker entente_sdk proto)
target_link_options(test_sdk_refusals PRIVATE
                    -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc)

entente_test(NAME sdk_calls LABEL unit SOURCES test_sdk_calls.c
             LIBS sdk_fake_broker entente_sdk proto_filler proto)

# What is installed, used as a stranger would.
find_program(SDK_CXX NAMES c++ g++ clang++)
set(sdk_flags)
if(ENTENTE_SANITIZE)
    set(sdk_flags -fsanitize=address,undefined)
endif()
entente_test(NAME sdk_digest LABEL unit SOURCES test_sdk_digest.c LIBS entente_sdk)

entente_script(NAME sdk_install LABEL system
               COMMAND ${CMAKE_CURRENT_LIST_DIR}/sdk_install.sh ${CMAKE_BINARY_DIR}
                       ${CMAKE_C_COMPILER} ${SDK_CXX} ${sdk_flags})
