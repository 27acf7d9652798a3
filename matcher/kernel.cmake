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
# Their vectors are those of the source; what it does one by one is quicker so.
set(KERNEL_VECTORS -fno-tree-vectorize -fno-tree-slp-vectorize)
set_source_files_properties(common.c sieve.c sieve_day.c sieve_runs.c PROPERTIES
    COMPILE_OPTIONS "${KERNEL_FLAGS}")
set_source_files_properties(kernel_neon.c PROPERTIES
    COMPILE_OPTIONS "${KERNEL_FLAGS};${KERNEL_VECTORS}")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set_source_files_properties(kernel_x86_v2.c PROPERTIES
        COMPILE_OPTIONS "${KERNEL_FLAGS};${KERNEL_VECTORS};-msse4.2;-mpopcnt")
    set_source_files_properties(kernel_avx2.c PROPERTIES
        COMPILE_OPTIONS "${KERNEL_FLAGS};${KERNEL_VECTORS};-mavx2;-mbmi;-mbmi2;-mpopcnt")
    set_source_files_properties(kernel_avx512.c PROPERTIES
        COMPILE_OPTIONS "${KERNEL_FLAGS};${KERNEL_VECTORS};-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mbmi;-mbmi2;-mpopcnt;-mprefer-vector-width=512")
endif()
