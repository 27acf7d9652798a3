// SPDX-License-Identifier: Apache-2.0

/*
 * config.h - which calendar files a process serves, and for whom
 *
 * docs/ics.md describes the file.
 *
 * Ownership   config_finish() frees what config_load() filled.
 */
#ifndef ADAPTERS_ICS_CONFIG_H
#define ADAPTERS_ICS_CONFIG_H

#include "adapters/ics/freebusy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_AGENDAS_MAX 1000
#define CONFIG_DAYS_MAX 400
#define CONFIG_IDENTIFIER_SIZE 129
#define CONFIG_ZONE_SIZE 64

/* What may be written into an agenda. */
enum config_title {
    CONFIG_TITLE_NEUTRAL, /* that there is a meeting, and where */
    CONFIG_TITLE_FULL,    /* title and reason too */
    CONFIG_TITLE_BUSY,    /* nothing but the time */
};

struct config_agenda {
    char *key; /* names the source at the broker, and the agenda in messages */
    char *file;
    char *name;
    char *structure; /* NULL: none */
    char system[CONFIG_IDENTIFIER_SIZE];
    char value[CONFIG_IDENTIFIER_SIZE];
    char zone[CONFIG_ZONE_SIZE];
    struct freebusy_hours hours;
    enum config_title title;
    bool tacit; /* the person has agreed to accept by silence where it is asked for */
};

struct config {
    char *client; /* path of the client's settings */
    int days;
    uint32_t lease_seconds;
    struct config_agenda *agendas;
    size_t agenda_count;
};

/* Read @path.  False, with *ret_config untouched and a sentence in @why, if it cannot
 * be read, a line is not understood, or something is missing. */
bool config_load(const char *path, struct config *ret_config, char *why,
                 size_t why_size);

void config_finish(struct config *config);

#endif
