// SPDX-License-Identifier: Apache-2.0

/*
 * settings_file.c - endpoints and keys out of the file that `entente client add` writes
 */
#include "adapters/sdk/client.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ENDPOINTS = 16, ENDPOINT_SIZE = 256, KEY_SIZE = 64 };

struct settings_file {
    char endpoints[MOST_ENDPOINTS][ENDPOINT_SIZE];
    size_t endpoints_count;
    char server_public_key[KEY_SIZE];
    char public_key[KEY_SIZE];
    char secret_key[KEY_SIZE];
};

static bool keep(char *place, size_t size, const char *value)
{
    int length = snprintf(place, size, "%s", value);

    return length >= 0 && (size_t)length < size;
}

/* For inih: 1 when the line is understood. */
static int take_line(void *context, const char *section, const char *name,
                     const char *value)
{
    struct settings_file *file = context;

    if (strcmp(section, "broker") == 0) {
        if (strcmp(name, "endpoint") == 0) {
            return file->endpoints_count < MOST_ENDPOINTS &&
                   keep(file->endpoints[file->endpoints_count++], ENDPOINT_SIZE, value);
        }
        if (strcmp(name, "public_key") == 0) {
            return keep(file->server_public_key, KEY_SIZE, value);
        }
    } else if (strcmp(section, "client") == 0) {
        if (strcmp(name, "public_key") == 0) {
            return keep(file->public_key, KEY_SIZE, value);
        }
        if (strcmp(name, "secret_key") == 0) {
            return keep(file->secret_key, KEY_SIZE, value);
        }
    }
    /* The name and an adapter's own sections are not our business. */
    return 1;
}

static void explain(char *why, size_t why_size, const char *path, int line)
{
    if (!why || why_size == 0) {
        return;
    }
    if (line < 0) {
        (void)snprintf(why, why_size, "The settings file %s cannot be read: %s.", path,
                       strerror(errno));
    } else {
        (void)snprintf(why, why_size,
                       "Line %d of the settings file %s is not understood.", line,
                       path);
    }
}

static struct entente_client *create(const struct settings_file *file,
                                     const struct entente_settings *settings, char *why,
                                     size_t why_size)
{
    struct entente_settings all = {0};
    const char *endpoints[MOST_ENDPOINTS];

    if (settings) {
        all = *settings;
    }
    if (file->endpoints_count > 0) {
        for (size_t i = 0; i < file->endpoints_count; i++) {
            endpoints[i] = file->endpoints[i];
        }
        all.endpoints = endpoints;
        all.endpoints_count = file->endpoints_count;
    }
    if (file->server_public_key[0]) {
        all.server_public_key = file->server_public_key;
    }
    if (file->public_key[0]) {
        all.public_key = file->public_key;
    }
    if (file->secret_key[0]) {
        all.secret_key = file->secret_key;
    }
    return entente_client_create(&all, why, why_size);
}

struct entente_client *entente_client_from_file(const char *path,
                                                const struct entente_settings *settings,
                                                char *why, size_t why_size)
{
    struct settings_file file = {0};

    int line = ini_parse(path, take_line, &file);
    if (line != 0) {
        explain(why, why_size, path, line);
        return NULL;
    }
    struct entente_client *client = create(&file, settings, why, why_size);
    explicit_bzero(&file, sizeof file);
    return client;
}
