// SPDX-License-Identifier: Apache-2.0

/*
 * watch.h - hear of every change of some files, also of those that are replaced by
 *           rename
 *
 * The directories are watched, not the files: a calendar program writes beside the file
 * and renames.  Of a symbolic link both directories are.
 *
 * Ownership   watch_destroy() frees; paths are borrowed for the life of the watch.
 */
#ifndef ADAPTERS_ICS_WATCH_H
#define ADAPTERS_ICS_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct watch;

/* NULL with errno set. */
struct watch *watch_create(void);
void watch_destroy(struct watch *watch);

/* Readable when watch_read() has something to tell. */
int watch_fd(const struct watch *watch);

/* Watch @path as number @number; it need not exist.  False if there is no memory. */
bool watch_add(struct watch *watch, const char *path, size_t number);

/* Watch again what could not be watched: a directory that has come (back).  Returns how
 * many still cannot. */
size_t watch_renew(struct watch *watch);

/* Call @function for each file that has changed, perhaps more than once. */
void watch_read(struct watch *watch, void (*function)(void *context, size_t number),
                void *context);

#endif
