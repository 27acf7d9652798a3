# SPDX-License-Identifier: Apache-2.0
#
# The innermost loops: one source, compiled once for each instruction set; which one runs is
# asked of the processor.  Optimised as far as it goes even where the rest is not.
target_sources(matcher PRIVATE
    common.c
    kernel.c
    kernel_avx2.c
    kernel_avx512.c
    kernel_neon.c
    kernel_scalar.c
    kernel_x86_v2.c
    sieve.c
    sieve_prefix.c
    sieve_request.c
    sieve_runs.c
    sieve_day.c)

set(KERNEL_FLAGS "$<$<NOT:$<CONFIG:Debug>>:-O3>")
set_source_files_properties(kernel_neon.c common.c sieve.c sieve_day.c sieve_runs.c PROPERTIES
    COMPILE_OPTIONS "${KERNEL_FLAGS}")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set_source_files_properties(kernel_x86_v2.c PROPERTIES
        COMPILE_OPTIONS "${KERNEL_FLAGS};-msse4.2;-mpopcnt")
    set_source_files_properties(kernel_avx2.c PROPERTIES
        COMPILE_OPTIONS "${KERNEL_FLAGS};-mavx2;-mbmi;-mbmi2;-mpopcnt")
    set_source_files_properties(kernel_avx512.c PROPERTIES
        COMPILE_OPTIONS "${KERNEL_FLAGS};-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mbmi;-mbmi2;-mpopcnt;-mprefer-vector-width=512")
endif()
