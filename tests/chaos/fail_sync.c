// SPDX-License-Identifier: Apache-2.0

/*
 * fail_sync.c - fsync and fdatasync that fail where libfiu says so; to be preloaded
 *
 * libfiu's own preload library for POSIX wraps so much that PostgreSQL does not start
 * under it.  This one wraps two functions and asks libfiu, which fiu_run_preload.so has
 * brought in, under the same names.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

typedef int (*sync_function)(int descriptor);
typedef int (*fail_function)(const char *name);

/* ISO C has no conversion between pointers to objects and to functions. */
static void find(void *handle, const char *name, void *ret_function)
{
    void *found = dlsym(handle, name);
    memcpy(ret_function, &found, sizeof(found));
}

static int sync_or_fail(const char *function, const char *point, int descriptor)
{
    sync_function real = NULL;
    fail_function fails = NULL;
    find(RTLD_NEXT, function, &real);
    find(RTLD_DEFAULT, "fiu_fail", &fails);
    if (fails != NULL && fails(point) != 0) {
        errno = EIO;
        return -1;
    }
    return real(descriptor);
}

int fsync(int descriptor)
{
    return sync_or_fail("fsync", "posix/io/sync/fsync", descriptor);
}

int fdatasync(int descriptor)
{
    return sync_or_fail("fdatasync", "posix/io/sync/fdatasync", descriptor);
}
