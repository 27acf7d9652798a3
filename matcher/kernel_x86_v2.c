// SPDX-License-Identifier: Apache-2.0

/* Compiled with the instruction set that CMakeLists.txt gives; on other processors empty. */
#if defined(__SSE4_2__)

#define KERNEL_BYTES 16
#define KERNEL_NAME kernel_x86_v2
#include "matcher/kernel_body.h"

#else

typedef int kernel_is_not_compiled_here;

#endif
