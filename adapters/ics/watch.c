// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/watch.h"

#include <limits.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { NOT_WATCHED = -1, BUFFER_SIZE = 16384 };

/* A name in a directory.  A path that is a link has two of them. */
struct watched {
    int directory; /* inotify's number, or NOT_WATCHED */
    const char *path;
    bool resolved; /* the place that the link points to */
    char name[NAME_MAX + 1];
    size_t number;
};

struct watch {
    int descriptor;
    struct watched *items;
    size_t count;
};

struct watch *watch_create(void)
{
    struct watch *watch = calloc(1, sizeof *watch);

    if (watch != NULL) {
        watch->descriptor = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (watch->descriptor < 0) {
            free(watch);
            return NULL;
        }
    }
    return watch;
}

void watch_destroy(struct watch *watch)
{
    if (watch != NULL) {
        (void)close(watch->descriptor);
        free(watch->items);
        free(watch);
    }
}

int watch_fd(const struct watch *watch)
{
    return watch->descriptor;
}

/* Directory and name of @path. */
static bool split(const char *path, char directory[PATH_MAX], char name[NAME_MAX + 1])
{
    const char *slash = strrchr(path, '/');
    const char *last = slash != NULL ? slash + 1 : path;
    size_t length = slash != NULL ? (size_t)(slash - path) + 1 : 0;

    if (length >= PATH_MAX || strlen(last) > NAME_MAX || last[0] == '\0') {
        return false;
    }
    memcpy(directory, slash != NULL ? path : "./", length > 0 ? length : 2);
    directory[length > 0 ? length : 2] = '\0';
    memcpy(name, last, strlen(last) + 1);
    return true;
}

static bool begin(const struct watch *watch, struct watched *item)
{
    char target[PATH_MAX];
    char directory[PATH_MAX];
    const char *path = item->path;

    if (item->resolved) {
        path = realpath(item->path, target);
    }
    item->directory = NOT_WATCHED;
    if (path != NULL && split(path, directory, item->name)) {
        item->directory =
            inotify_add_watch(watch->descriptor, directory,
                              IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                  IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF);
    }
    return item->directory >= 0;
}

bool watch_add(struct watch *watch, const char *path, size_t number)
{
    struct watched *grown =
        realloc(watch->items, (watch->count + 2) * sizeof *watch->items);

    if (grown == NULL) {
        return false;
    }
    watch->items = grown;
    for (int i = 0; i < 2; i++) {
        struct watched *item = &watch->items[watch->count++];
        *item = (struct watched){.path = path, .resolved = i == 1, .number = number};
        (void)begin(watch, item);
    }
    return true;
}

size_t watch_renew(struct watch *watch)
{
    size_t missing = 0;

    for (size_t i = 0; i < watch->count; i++) {
        struct watched *item = &watch->items[i];
        bool good = item->directory >= 0 || begin(watch, item);
        missing += !good && !item->resolved;
    }
    return missing;
}

static void tell(struct watch *watch, const struct inotify_event *event,
                 void (*function)(void *context, size_t number), void *context)
{
    for (size_t i = 0; i < watch->count; i++) {
        struct watched *item = &watch->items[i];
        bool lost = (event->mask & IN_Q_OVERFLOW) != 0;
        bool here = item->directory == event->wd;
        bool gone =
            here && (event->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
        bool named = here && event->len > 0 && strcmp(event->name, item->name) == 0;
        if (gone) {
            item->directory = NOT_WATCHED;
        }
        if (lost || gone || named) {
            function(context, item->number);
        }
    }
}

void watch_read(struct watch *watch, void (*function)(void *context, size_t number),
                void *context)
{
    alignas(struct inotify_event) char buffer[BUFFER_SIZE];
    ssize_t size;

    while ((size = read(watch->descriptor, buffer, sizeof buffer)) > 0) {
        for (ssize_t at = 0; at < size;) {
            const struct inotify_event *event = (const void *)(buffer + at);
            tell(watch, event, function, context);
            at += (ssize_t)(sizeof *event + event->len);
        }
    }
}
