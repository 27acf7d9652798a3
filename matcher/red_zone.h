// SPDX-License-Identifier: Apache-2.0

/*
 * red_zone.h - where AddressSanitizer watches: memory that nobody may touch
 *
 * All arrays of a search lie in one block of memory that the caller gives, one behind the
 * other: whoever walks beyond one of them is in the next, and no sanitizer sees it.  So
 * bytes are left between them that are nobody's.  Without AddressSanitizer there are none.
 */
#ifndef MATCHER_RED_ZONE_H
#define MATCHER_RED_ZONE_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define RED_ZONES_ARE_WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RED_ZONES_ARE_WATCHED 1
#endif
#endif

/* red_zone_clear: all of a block may be used again, whatever was laid out in it before;
 * red_zone_behind: nobody may touch the RED_ZONE bytes behind an array, if there is one.
 * Macros, so that without them nothing is left, however little is optimised. */
#if defined(RED_ZONES_ARE_WATCHED)

#include <sanitizer/asan_interface.h>

enum { RED_ZONE = 64 }; /* bytes: where an array is aligned does not change */

#define red_zone_clear(block, size) ASAN_UNPOISON_MEMORY_REGION(block, size)
#define red_zone_behind(array, size)                                                   \
    ((array) ? ASAN_POISON_MEMORY_REGION((unsigned char *)(array) + (size), RED_ZONE)  \
             : (void)0)

#else

enum { RED_ZONE = 0 };

#define red_zone_clear(block, size) ((void)0)
#define red_zone_behind(array, size) ((void)0)

#endif

#endif
