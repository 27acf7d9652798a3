// SPDX-License-Identifier: Apache-2.0

/*
 * private_file.h - small files that hold secrets: mode 0600, never overwritten
 *
 * Logging     Nothing is logged.  On failure *@ret_message is a sentence, constant or
 *             thread-local until the next call on the same thread.
 */
#ifndef BROKER_PRIVATE_FILE_H
#define BROKER_PRIVATE_FILE_H

#include "broker/must_check.h"
#include "broker/status.h"

#include <stddef.h>

/* Make a new file with this content, whole or not at all, safe on the disk before this
 * returns.  A file that exists is left as it is, and that is a failure. */
MUST_CHECK enum status private_file_create(const char *path, const void *bytes,
                                           size_t size, const char **ret_message);

/* Read a whole file of at most @capacity - 1 bytes into @ret and end it with a NUL.
 * Refuses what is not a plain file, what others than its owner may read or write, and
 * what belongs to somebody who is neither this user nor root. */
MUST_CHECK enum status private_file_read(const char *path, char *ret, size_t capacity,
                                         size_t *ret_size, const char **ret_message);

#endif
