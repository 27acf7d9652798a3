// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/agenda_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* FNV-1a: it tells an edit from none; nobody attacks his own calendar with a collision.
 */
static uint64_t hash_bytes(const char *bytes, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static bool read_all(int descriptor, char *bytes, size_t size, size_t *ret_read)
{
    size_t done = 0;

    while (done < size) {
        ssize_t part = read(descriptor, bytes + done, size - done);
        if (part < 0 && errno == EINTR) {
            continue;
        }
        if (part < 0) {
            return false;
        }
        if (part == 0) {
            break;
        }
        done += (size_t)part;
    }
    *ret_read = done;
    return true;
}

bool agenda_file_load(const char *path, struct agenda_file *ret_file,
                      struct ics_error *ret_error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct agenda_file file = {0};
    struct stat status;
    bool good = false;

    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        (void)ics_error_set(ret_error, 0, "the file cannot be opened: %s",
                            strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        (void)ics_error_set(ret_error, 0, "not a regular file");
    } else if (status.st_size < 0 || (uint64_t)status.st_size > ICS_FILE_SIZE_MAX) {
        (void)ics_error_set(ret_error, 0, "the file is larger than 16 MiB");
    } else {
        /* One byte more than the size, to see a file that grows while it is read. */
        size_t capacity = (size_t)status.st_size + 1;
        file.bytes = malloc(capacity);
        if (file.bytes == NULL ||
            !read_all(descriptor, file.bytes, capacity, &file.size)) {
            (void)ics_error_set(ret_error, 0, "the file cannot be read: %s",
                                strerror(errno));
        } else if (file.size != (size_t)status.st_size) {
            (void)ics_error_set(ret_error, 0, "the file changes while it is read");
        } else {
            good = true;
        }
    }
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    if (!good) {
        free(file.bytes);
        return false;
    }
    file.device = status.st_dev;
    file.inode = status.st_ino;
    file.changed = status.st_mtim;
    file.hash = hash_bytes(file.bytes, file.size);
    *ret_file = file;
    return true;
}

static bool same_status(const struct stat *status, const struct agenda_file *file)
{
    return status->st_dev == file->device && status->st_ino == file->inode &&
           (size_t)status->st_size == file->size &&
           status->st_mtim.tv_sec == file->changed.tv_sec &&
           status->st_mtim.tv_nsec == file->changed.tv_nsec;
}

bool agenda_file_is_current(const char *path, const struct agenda_file *file)
{
    struct stat status;

    return stat(path, &status) == 0 && same_status(&status, file);
}

/* The bytes are compared too: two writes in one tick of the clock may leave the time
 * alone. */
static bool is_same_content(const char *path, const struct agenda_file *old)
{
    struct agenda_file now = {0};
    struct ics_error ignored;

    if (!agenda_file_is_current(path, old) || !agenda_file_load(path, &now, &ignored)) {
        return false;
    }
    bool same = now.size == old->size && now.hash == old->hash;
    agenda_file_finish(&now);
    /* Reading a large file takes time in which it may have been replaced. */
    return same && agenda_file_is_current(path, old);
}

static bool write_all(int descriptor, const char *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t part = write(descriptor, bytes + done, size - done);
        if (part < 0 && errno == EINTR) {
            continue;
        }
        if (part <= 0) {
            return false;
        }
        done += (size_t)part;
    }
    return true;
}

/* A new file that is owned and may be read as the old one.  Only root can give a file
 * away; for others the owner is their own already. */
static int create_beside(const char *temporary, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        return -1;
    }
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return -1;
    }
    bool good = fchown(descriptor, status.st_uid, status.st_gid) == 0 || errno == EPERM;
    if (!good || fchmod(descriptor, status.st_mode & 07777) != 0) {
        (void)close(descriptor);
        (void)unlink(temporary);
        return -1;
    }
    return descriptor;
}

static bool sync_directory(const char *path)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash != NULL ? (size_t)(slash - path) : 0;

    if (slash == NULL) {
        (void)snprintf(directory, sizeof directory, ".");
    } else {
        (void)snprintf(directory, sizeof directory, "%.*s", (int)(length + 1), path);
    }
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return false;
    }
    bool good = fsync(descriptor) == 0;
    (void)close(descriptor);
    return good;
}

static bool fill(const char *temporary, const char *path, const char *bytes,
                 size_t size)
{
    int descriptor = create_beside(temporary, path);

    if (descriptor < 0) {
        return false;
    }
    bool good = write_all(descriptor, bytes, size) && fsync(descriptor) == 0;
    int reason = errno;
    good = close(descriptor) == 0 && good;
    if (!good) {
        errno = reason;
    }
    return good;
}

enum agenda_file_result agenda_file_replace(const char *path,
                                            const struct agenda_file *old,
                                            const char *bytes, size_t size,
                                            struct ics_error *ret_error)
{
    char target[PATH_MAX];
    char temporary[PATH_MAX + 16];
    enum agenda_file_result result = AGENDA_FILE_FAILED;

    if (size > ICS_FILE_SIZE_MAX) {
        (void)ics_error_set(ret_error, 0, "the file would be larger than 16 MiB");
        return AGENDA_FILE_FAILED;
    }
    if (realpath(path, target) == NULL) {
        (void)ics_error_set(ret_error, 0, "the file is gone: %s", strerror(errno));
        return errno == ENOENT ? AGENDA_FILE_CHANGED : AGENDA_FILE_FAILED;
    }
    (void)snprintf(temporary, sizeof temporary, "%s.entente", target);
    /* What a killed process has left here: nobody else writes this name. */
    (void)unlink(temporary);
    if (!fill(temporary, target, bytes, size)) {
        (void)ics_error_set(ret_error, 0, "the file cannot be written: %s",
                            strerror(errno));
    } else if (!is_same_content(target, old)) {
        (void)ics_error_set(ret_error, 0, "the file was changed by somebody else");
        result = AGENDA_FILE_CHANGED;
    } else if (rename(temporary, target) != 0) {
        (void)ics_error_set(ret_error, 0, "the file cannot be replaced: %s",
                            strerror(errno));
    } else if (!sync_directory(target)) {
        (void)ics_error_set(ret_error, 0, "the directory cannot be synced: %s",
                            strerror(errno));
        return AGENDA_FILE_FAILED;
    } else {
        return AGENDA_FILE_WRITTEN;
    }
    (void)unlink(temporary);
    return result;
}

void agenda_file_finish(struct agenda_file *file)
{
    free(file->bytes);
    *file = (struct agenda_file){0};
}
