// SPDX-License-Identifier: Apache-2.0

/*
 * agenda_file.h - the bytes of a calendar file, and their replacement in one step
 *
 * Ownership   agenda_file_finish() frees what agenda_file_load() filled.
 *
 * Logging     None: the operating system's message is in the error.
 */
#ifndef ADAPTERS_ICS_AGENDA_FILE_H
#define ADAPTERS_ICS_AGENDA_FILE_H

#include "adapters/ics/ics_text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* A file as it was when it was read. */
struct agenda_file {
    char *bytes;
    size_t size;
    dev_t device;
    ino_t inode;
    struct timespec changed;
    uint64_t hash;
};

enum agenda_file_result {
    AGENDA_FILE_WRITTEN,
    AGENDA_FILE_CHANGED, /* somebody else wrote in between: nothing was done, read again
                          */
    AGENDA_FILE_FAILED,  /* the old file is as it was; the error says why */
};

/* Read @path whole.  Fails for more than 16 MiB and for what is no regular file. */
bool agenda_file_load(const char *path, struct agenda_file *ret_file,
                      struct ics_error *ret_error);

/* True if @path still is the file that was read: same device, inode, size and time. */
bool agenda_file_is_current(const char *path, const struct agenda_file *file);

/*
 * Replace @path, which was read as @old, by @size bytes: a temporary file in the same
 * directory is written and synced, the old content is compared once more, then comes
 * rename() and a sync of the directory.  Mode and owner are kept; a symbolic link
 * stays, and its target is replaced.  A reader sees the old bytes or the new ones, also
 * after a power cut.
 */
enum agenda_file_result agenda_file_replace(const char *path,
                                            const struct agenda_file *old,
                                            const char *bytes, size_t size,
                                            struct ics_error *ret_error);

void agenda_file_finish(struct agenda_file *file);

#endif
