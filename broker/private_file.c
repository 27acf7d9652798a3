// SPDX-License-Identifier: Apache-2.0

#include "broker/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static _Thread_local char message[256];

static enum status fail(const char **ret_message, const char *what, int error)
{
    char reason[96] = "";

    if (strerror_r(error, reason, sizeof(reason)) != 0) {
        reason[0] = '\0';
    }
    snprintf(message, sizeof(message), "%s: %s.", what, reason);
    *ret_message = message;
    return STATUS_FAILED;
}

static bool write_all(int file, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t written = write(file, at, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        at += written;
        size -= (size_t)written;
    }
    return true;
}

/* A name is safe on the disk only when its folder is. */
static bool sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');

    if (slash == NULL) {
        snprintf(folder, sizeof(folder), ".");
    } else {
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path + 1), path);
    }
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    bool is_synced = fsync(file) == 0;
    close(file);
    return is_synced;
}

enum status private_file_create(const char *path, const void *bytes, size_t size,
                                const char **ret_message)
{
    char draft[PATH_MAX];

    if (snprintf(draft, sizeof(draft), "%s.XXXXXX", path) >= (int)sizeof(draft)) {
        return fail(ret_message, "The path is too long", ENAMETOOLONG);
    }
    int file = mkstemp(draft); /* mode 0600 from the first moment */
    if (file < 0) {
        return fail(ret_message, "A file cannot be made in that folder", errno);
    }

    enum status status = STATUS_FAILED;
    if (!write_all(file, bytes, size) || fsync(file) != 0) {
        status = fail(ret_message, "The file cannot be written", errno);
        goto out;
    }
    /* Unlike rename, link refuses to replace what is there. */
    if (link(draft, path) != 0) {
        status = errno == EEXIST
                     ? fail(ret_message, "It is there already and is kept", errno)
                     : fail(ret_message, "The file cannot be given its name", errno);
        goto out;
    }
    status = STATUS_OK;

out:
    close(file);
    unlink(draft);
    if (status == STATUS_OK && !sync_folder_of(path)) {
        unlink(path);
        status = fail(ret_message, "The folder cannot be written to the disk", errno);
    }
    return status;
}

static enum status check_private(int file, size_t capacity, const char **ret_message)
{
    struct stat stat;

    if (fstat(file, &stat) != 0) {
        return fail(ret_message, "The file cannot be looked at", errno);
    }
    if (!S_ISREG(stat.st_mode)) {
        *ret_message = "It is not a plain file.";
        return STATUS_FAILED;
    }
    if ((stat.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        *ret_message = "Others may read or write it: give it mode 0600.";
        return STATUS_FAILED;
    }
    if (stat.st_uid != geteuid() && stat.st_uid != 0) {
        *ret_message = "It belongs to another user.";
        return STATUS_FAILED;
    }
    if (stat.st_size < 0 || (size_t)stat.st_size >= capacity) {
        *ret_message = "It is too long to be such a file.";
        return STATUS_FAILED;
    }
    return STATUS_OK;
}

enum status private_file_read(const char *path, char *ret, size_t capacity,
                              size_t *ret_size, const char **ret_message)
{
    /* Without O_NONBLOCK the open of a pipe would wait for a writer. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) {
        return fail(ret_message, "The file cannot be opened", errno);
    }

    enum status status = check_private(file, capacity, ret_message);
    if (status != STATUS_OK) {
        goto out;
    }

    size_t size = 0;
    status = STATUS_FAILED;
    while (size < capacity) {
        ssize_t got = read(file, ret + size, capacity - size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            fail(ret_message, "The file cannot be read", errno);
            goto out;
        }
        if (got == 0) {
            ret[size] = '\0';
            *ret_size = size;
            status = STATUS_OK;
            goto out;
        }
        size += (size_t)got;
    }
    *ret_message = "It is too long to be such a file.";

out:
    close(file);
    return status;
}
