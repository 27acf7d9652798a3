// SPDX-License-Identifier: Apache-2.0
#include "matcher/kernel.h"

#include "matcher/kernel_table.h"

#include <stddef.h>
#include <string.h>

#if defined(__x86_64__)
#define ON_X86(kernel) (&(kernel))
#else
#define ON_X86(kernel) NULL
#endif
#if defined(__aarch64__) && defined(__ARM_NEON)
#define ON_ARM(kernel) (&(kernel))
#else
#define ON_ARM(kernel) NULL
#endif

/* By enum match_kernel. */
static const struct {
    const char *name;
    const struct kernel_table *table;
} kernels[] = {
    [MATCH_KERNEL_AUTO] = {"auto", NULL},
    [MATCH_KERNEL_SCALAR] = {"scalar", &kernel_scalar},
    [MATCH_KERNEL_SSE4] = {"x86-64-v2", ON_X86(kernel_x86_v2)},
    [MATCH_KERNEL_AVX2] = {"avx2", ON_X86(kernel_avx2)},
    [MATCH_KERNEL_AVX512] = {"avx512", ON_X86(kernel_avx512)},
    [MATCH_KERNEL_NEON] = {"neon", ON_ARM(kernel_neon)},
};

enum { KERNEL_COUNT = sizeof(kernels) / sizeof(kernels[0]) };

/* MATCH_KERNEL_AUTO until somebody asks.  Whoever comes first finds the same answer, so
 * that it does not matter who writes it. */
static int in_use = MATCH_KERNEL_AUTO;

static bool can_run(enum match_kernel kernel)
{
    switch (kernel) {
    case MATCH_KERNEL_AUTO:
    case MATCH_KERNEL_SCALAR:
    case MATCH_KERNEL_NEON:
        return true;
#if defined(__x86_64__)
    case MATCH_KERNEL_SSE4:
        return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
    case MATCH_KERNEL_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
               __builtin_cpu_supports("bmi2");
    case MATCH_KERNEL_AVX512:
        return __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2");
#else
    case MATCH_KERNEL_SSE4:
    case MATCH_KERNEL_AVX2:
    case MATCH_KERNEL_AVX512:
        break;
#endif
    }
    return false;
}

bool match_kernel_available(enum match_kernel kernel)
{
    return (unsigned)kernel < KERNEL_COUNT &&
           (kernel == MATCH_KERNEL_AUTO || kernels[kernel].table) && can_run(kernel);
}

static enum match_kernel fastest(void)
{
    static const enum match_kernel order[] = {
        MATCH_KERNEL_AVX512,
        MATCH_KERNEL_AVX2,
        MATCH_KERNEL_SSE4,
        MATCH_KERNEL_NEON,
    };
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (match_kernel_available(order[i])) {
            return order[i];
        }
    }
    return MATCH_KERNEL_SCALAR;
}

enum match_kernel match_kernel_in_use(void)
{
    int kernel = __atomic_load_n(&in_use, __ATOMIC_RELAXED);
    if (kernel == MATCH_KERNEL_AUTO) {
        kernel = (int)fastest();
        __atomic_store_n(&in_use, kernel, __ATOMIC_RELAXED);
    }
    return (enum match_kernel)kernel;
}

bool match_kernel_force(enum match_kernel kernel)
{
    if (!match_kernel_available(kernel)) {
        return false;
    }
    __atomic_store_n(&in_use, (int)kernel, __ATOMIC_RELAXED);
    return true;
}

const struct kernel_table *kernel_current(void)
{
    return kernels[match_kernel_in_use()].table;
}

const char *match_kernel_name(enum match_kernel kernel)
{
    return (unsigned)kernel < KERNEL_COUNT ? kernels[kernel].name : "unknown";
}

bool match_kernel_find(const char *name, enum match_kernel *ret_kernel)
{
    for (size_t i = 0; i < KERNEL_COUNT; i++) {
        if (strcmp(kernels[i].name, name) == 0) {
            *ret_kernel = (enum match_kernel)i;
            return true;
        }
    }
    return false;
}
