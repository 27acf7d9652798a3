# SPDX-License-Identifier: Apache-2.0
#
# Very many ranges painted minute by minute; compiled once for each instruction set, as the
# kernels of kernel.cmake are.
target_sources(matcher PRIVATE
    minutes.c
    minutes_avx2.c
    minutes_avx512.c
    minutes_x86_v2.c
    person_dense.c
    person_kept.c
    person_record.c)

set_source_files_properties(minutes.c PROPERTIES COMPILE_OPTIONS "${KERNEL_FLAGS}")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    set_source_files_properties(minutes_x86_v2.c PROPERTIES
        COMPILE_OPTIONS "${KERNEL_FLAGS};-msse4.2;-mpopcnt")
    set_source_files_properties(minutes_avx2.c PROPERTIES
        COMPILE_OPTIONS "${KERNEL_FLAGS};-mavx2;-mbmi;-mbmi2;-mpopcnt")
    set_source_files_properties(minutes_avx512.c PROPERTIES
        COMPILE_OPTIONS "${KERNEL_FLAGS};-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mbmi;-mbmi2;-mpopcnt;-mprefer-vector-width=512")
endif()
