// SPDX-License-Identifier: Apache-2.0

/*
 * position.c - a position in a file: at least once, see client.h
 */
#include "adapters/sdk/client.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { POSITION_TEXT_SIZE = 96 };

enum entente_code entente_position_load(const char *path, struct entente_position *ret)
{
    struct entente_position position;
    char text[POSITION_TEXT_SIZE] = "";
    int used = 0;
    FILE *file = fopen(path, "re");

    if (!file) {
        if (errno != ENOENT) {
            return ENTENTE_ERROR_FILE;
        }
        *ret = (struct entente_position){0}; /* Nothing applied yet. */
        return ENTENTE_OK;
    }
    size_t size = fread(text, 1, sizeof text - 1, file);
    bool failed = ferror(file) != 0;
    (void)fclose(file);
    /* The last character must be there: half a file is no position. */
    if (failed || size == sizeof text - 1 ||
        sscanf(text, "entente-position 1 %" SCNu64 " %" SCNu64 " end%n",
               &position.epoch, &position.sequence, &used) != 2 ||
        used == 0) {
        return ENTENTE_ERROR_FILE;
    }
    *ret = position;
    return ENTENTE_OK;
}

static bool write_all(int descriptor, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(descriptor, text, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        text += written;
        size -= (size_t)written;
    }
    return fsync(descriptor) == 0;
}

/* The name is only durable once its directory is. */
static bool flush_directory(const char *path)
{
    char directory[PATH_MAX];

    (void)snprintf(directory, sizeof directory, "%s", path);
    char *slash = strrchr(directory, '/');
    if (slash == directory) {
        slash++;
    }
    if (slash) {
        *slash = '\0';
    }
    int descriptor = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return false;
    }
    bool flushed = fsync(descriptor) == 0;
    close(descriptor);
    return flushed;
}

enum entente_code entente_position_save(const char *path,
                                        struct entente_position position)
{
    char text[POSITION_TEXT_SIZE];
    char temporary[PATH_MAX];

    int size =
        snprintf(text, sizeof text, "entente-position 1 %" PRIu64 " %" PRIu64 " end\n",
                 position.epoch, position.sequence);
    int length = snprintf(temporary, sizeof temporary, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof temporary) {
        return ENTENTE_ERROR_FILE;
    }
    int descriptor =
        open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) {
        return ENTENTE_ERROR_FILE;
    }
    bool written = write_all(descriptor, text, (size_t)size);
    if (close(descriptor) != 0 || !written || rename(temporary, path) != 0) {
        (void)unlink(temporary);
        return ENTENTE_ERROR_FILE;
    }
    return flush_directory(path) ? ENTENTE_OK : ENTENTE_ERROR_FILE;
}
