# SPDX-License-Identifier: Apache-2.0
#
# Who of many people is free; its innermost loops once for each instruction set, as those
# of kernel.cmake.
target_sources(matcher PRIVATE
    people.c
    people_check.c
    people_kernel.c
    people_kernel_avx2.c
    people_kernel_avx512.c
    people_kernel_neon.c
    people_kernel_x86_v2.c
    people_pending.c
    people_plan.c
    people_rows.c
    people_time.c
    people_walk.c)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    set_source_files_properties(people_kernel_x86_v2.c PROPERTIES
        COMPILE_OPTIONS "-msse4.2;-mpopcnt")
    set_source_files_properties(people_kernel_avx2.c PROPERTIES
        COMPILE_OPTIONS "-mavx2;-mbmi;-mbmi2;-mpopcnt")
    set_source_files_properties(people_kernel_avx512.c PROPERTIES
        COMPILE_OPTIONS "-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mbmi;-mbmi2;-mpopcnt")
endif()
