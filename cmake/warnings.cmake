# SPDX-License-Identifier: Apache-2.0
#
# One interface target that every target of ours links: the include root, the warnings
# (as errors) and, where asked for, the sanitizers.  Generated code does not link it.
add_library(entente_flags INTERFACE)
target_include_directories(entente_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_definitions(entente_flags INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
target_compile_options(entente_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
    -Wmissing-prototypes -Wswitch-enum -Wvla -Wundef -Wimplicit-fallthrough -Wformat=2
    -Werror -fstack-protector-strong -fno-common)

if(ENTENTE_TEST_BUILD)
    target_compile_definitions(entente_flags INTERFACE ENTENTE_TEST_BUILD=1)
endif()

if(ENTENTE_SANITIZE STREQUAL "memory")
    # Only where every byte is written by code that is compiled so: the matcher's tests.
    add_compile_options(-fsanitize=memory -fsanitize-memory-track-origins -fno-omit-frame-pointer)
    add_link_options(-fsanitize=memory)
elseif(ENTENTE_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()
