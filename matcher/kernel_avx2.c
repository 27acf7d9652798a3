// SPDX-License-Identifier: Apache-2.0

/* Compiled with the instruction set that CMakeLists.txt gives; on other processors empty. */
#if defined(__AVX2__)

#define KERNEL_BYTES 32
#define KERNEL_NAME kernel_avx2
#include "matcher/kernel_body.h"

#else

typedef int kernel_is_not_compiled_here;

#endif
