// SPDX-License-Identifier: Apache-2.0

/* Compiled with the instruction set that CMakeLists.txt gives; on other processors empty. */
#if defined(__AVX512BW__)

#define KERNEL_BYTES 64
#define KERNEL_NAME kernel_avx512
#include "matcher/kernel_body.h"

#else

typedef int kernel_is_not_compiled_here;

#endif
