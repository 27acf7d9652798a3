// SPDX-License-Identifier: Apache-2.0

/* Only where the processor has it at all; on others empty. */
#if defined(__aarch64__) && defined(__ARM_NEON)

#define KERNEL_BYTES 16
#define KERNEL_NAME kernel_neon
#include "matcher/kernel_body.h"

#else

typedef int kernel_is_not_compiled_here;

#endif
