// SPDX-License-Identifier: Apache-2.0

#include "bench/allocation.h"

#include <stddef.h>
#include <stdlib.h>

static _Thread_local uint64_t calls;

uint64_t allocation_count(void)
{
    return calls;
}

#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)

bool allocation_is_counted(void)
{
    return false;
}

#else

/* The functions of the C library, by the names that it keeps for such replacements. */
extern void *library_malloc(size_t size) __asm__("__libc_malloc");
extern void *library_calloc(size_t count, size_t size) __asm__("__libc_calloc");
extern void *library_realloc(void *memory, size_t size) __asm__("__libc_realloc");
extern void *library_memalign(size_t alignment, size_t size) __asm__("__libc_memalign");

bool allocation_is_counted(void)
{
    return true;
}

void *malloc(size_t size)
{
    calls++;
    return library_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    calls++;
    return library_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    calls++;
    return library_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    calls++;
    return library_memalign(alignment, size);
}

#endif
