// SPDX-License-Identifier: Apache-2.0

/* Compiled with the instruction set that CMakeLists.txt gives; on other processors empty. */
#if defined(__AVX2__)

#define PEOPLE_BYTES 32
#define PEOPLE_KERNEL people_avx2
#include "matcher/people_kernel_body.h"

#else

typedef int people_kernel_is_not_compiled_here;

#endif
