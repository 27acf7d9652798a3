// SPDX-License-Identifier: Apache-2.0

/* Compiled with the instruction set that CMakeLists.txt gives; on other processors empty. */
#if defined(__AVX512BW__)

#define MINUTES_KERNEL minutes_avx512
#include "matcher/minutes_body.h"

#else

typedef int minutes_kernel_is_not_compiled_here;

#endif
