// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/config.h"

#include "proto/identifier.h"
#include "proto/zone.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_DAYS = 90,
    DEFAULT_LEASE = 3600,
    LEASE_MIN = 2,
    LEASE_MAX = 604800,
    SECTION_MAX = 48, /* inih cuts longer names off */
    WHY_SIZE = 160,
};

struct reading {
    struct config config;
    char why[WHY_SIZE]; /* of the first line that is not understood */
};

static bool refuse(struct reading *reading, const char *what, const char *value)
{
    if (reading->why[0] == '\0') {
        (void)snprintf(reading->why, sizeof reading->why, "%s: \"%.60s\"", what, value);
    }
    return false;
}

static bool keep_text(struct reading *reading, char **place, const char *value)
{
    char *copy = value[0] != '\0' ? strdup(value) : NULL;

    if (copy == NULL || *place != NULL) {
        free(copy);
        return refuse(reading, "this is empty, or given twice", value);
    }
    *place = copy;
    return true;
}

static bool keep_number(struct reading *reading, const char *value, long least,
                        long most, long *ret)
{
    char *end = NULL;

    errno = 0;
    long number = strtol(value, &end, 10);
    if (end == value || *end != '\0' || errno != 0 || number < least || number > most) {
        return refuse(reading, "this is no number, or out of bounds", value);
    }
    *ret = number;
    return true;
}

static bool keep_person(struct reading *reading, struct config_agenda *agenda,
                        const char *value)
{
    const char *message = NULL;

    if (!identifier_parse(value, agenda->system, sizeof agenda->system, agenda->value,
                          sizeof agenda->value, &message)) {
        return refuse(reading, message, value);
    }
    return true;
}

static bool keep_zone(struct reading *reading, struct config_agenda *agenda,
                      const char *value)
{
    if (!zone_known(value)) {
        return refuse(reading, "no such time zone", value);
    }
    (void)snprintf(agenda->zone, sizeof agenda->zone, "%s", value);
    return true;
}

/* "mon-fri 08:00-12:00 13:00-18:00": a blank between two times is a comma. */
static bool keep_hours(struct reading *reading, struct config_agenda *agenda,
                       const char *value)
{
    char text[256];
    struct freebusy_hours hours = {0};

    if (strlen(value) >= sizeof text) {
        return refuse(reading, "these hours are too long", value);
    }
    memcpy(text, value, strlen(value) + 1);
    for (size_t i = 1; text[i] != '\0'; i++) {
        size_t after = i + strspn(text + i, " \t");
        if (after > i && isdigit((unsigned char)text[i - 1]) &&
            isdigit((unsigned char)text[after])) {
            text[i] = ',';
        }
    }
    if (!freebusy_parse_hours(text, &hours) ||
        agenda->hours.count + hours.count > FREEBUSY_HOURS_MAX) {
        return refuse(reading, "these working hours are not understood", value);
    }
    memcpy(agenda->hours.items + agenda->hours.count, hours.items,
           hours.count * sizeof *hours.items);
    agenda->hours.count += hours.count;
    return true;
}

static bool keep_title(struct reading *reading, struct config_agenda *agenda,
                       const char *value)
{
    static const char *const names[] = {[CONFIG_TITLE_NEUTRAL] = "neutral",
                                        [CONFIG_TITLE_FULL] = "full",
                                        [CONFIG_TITLE_BUSY] = "busy"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(value, names[i]) == 0) {
            agenda->title = (enum config_title)i;
            return true;
        }
    }
    return refuse(reading, "the title is neutral, full or busy, not", value);
}

static bool keep_tacit(struct reading *reading, struct config_agenda *agenda,
                       const char *value)
{
    agenda->tacit = strcmp(value, "yes") == 0;
    return agenda->tacit || strcmp(value, "no") == 0 ||
           refuse(reading, "tacit acceptance is yes or no, not", value);
}

static struct config_agenda *agenda_of(struct reading *reading, const char *key)
{
    struct config *config = &reading->config;

    for (size_t i = 0; i < config->agenda_count; i++) {
        if (strcmp(config->agendas[i].key, key) == 0) {
            return &config->agendas[i];
        }
    }
    struct config_agenda *grown =
        config->agenda_count < CONFIG_AGENDAS_MAX
            ? realloc(config->agendas, (config->agenda_count + 1) * sizeof *grown)
            : NULL;
    if (grown == NULL) {
        (void)refuse(reading, "there are too many agendas", key);
        return NULL;
    }
    config->agendas = grown;
    struct config_agenda *agenda = &grown[config->agenda_count];
    *agenda = (struct config_agenda){.key = strdup(key), .zone = "Europe/Paris"};
    if (agenda->key == NULL) {
        return NULL;
    }
    config->agenda_count++;
    return agenda;
}

static bool take_agenda(struct reading *reading, const char *key, const char *name,
                        const char *value)
{
    struct config_agenda *agenda = agenda_of(reading, key);

    if (agenda == NULL) {
        return false;
    }
    if (strcmp(name, "file") == 0) {
        return keep_text(reading, &agenda->file, value);
    }
    if (strcmp(name, "name") == 0) {
        return keep_text(reading, &agenda->name, value);
    }
    if (strcmp(name, "structure") == 0) {
        return keep_text(reading, &agenda->structure, value);
    }
    if (strcmp(name, "person") == 0) {
        return keep_person(reading, agenda, value);
    }
    if (strcmp(name, "zone") == 0) {
        return keep_zone(reading, agenda, value);
    }
    if (strcmp(name, "hours") == 0) {
        return keep_hours(reading, agenda, value);
    }
    if (strcmp(name, "title") == 0) {
        return keep_title(reading, agenda, value);
    }
    if (strcmp(name, "tacit_acceptance") == 0) {
        return keep_tacit(reading, agenda, value);
    }
    return refuse(reading, "an agenda has no such setting", name);
}

static bool take_adapter(struct reading *reading, const char *name, const char *value)
{
    struct config *config = &reading->config;
    long number = 0;

    if (strcmp(name, "client") == 0) {
        return keep_text(reading, &config->client, value);
    }
    if (strcmp(name, "days") == 0) {
        if (!keep_number(reading, value, 1, CONFIG_DAYS_MAX - 1, &number)) {
            return false;
        }
        config->days = (int)number;
        return true;
    }
    if (strcmp(name, "lease") == 0) {
        if (!keep_number(reading, value, LEASE_MIN, LEASE_MAX, &number)) {
            return false;
        }
        config->lease_seconds = (uint32_t)number;
        return true;
    }
    return refuse(reading, "the adapter has no such setting", name);
}

/* For inih: 1 when the line is understood. */
static int take_line(void *context, const char *section, const char *name,
                     const char *value)
{
    static const char agenda[] = "agenda ";
    struct reading *reading = context;

    if (strcmp(section, "adapter") == 0) {
        return take_adapter(reading, name, value);
    }
    if (strncmp(section, agenda, sizeof agenda - 1) == 0 &&
        strlen(section) >= sizeof agenda && strlen(section) <= SECTION_MAX) {
        return take_agenda(reading, section + sizeof agenda - 1, name, value);
    }
    return refuse(reading, "no such section, or its name is too long", section);
}

/* The key of the first agenda that lacks something, or NULL. */
static const char *incomplete_agenda(const struct config *config, const char **ret_what)
{
    for (size_t i = 0; i < config->agenda_count; i++) {
        const struct config_agenda *agenda = &config->agendas[i];
        *ret_what = agenda->file == NULL        ? "file"
                    : agenda->system[0] == '\0' ? "person"
                    : agenda->name == NULL      ? "name"
                                                : NULL;
        if (*ret_what != NULL) {
            return agenda->key;
        }
    }
    return NULL;
}

/* Two agendas in one file would take each other's events for their own. */
static bool shares_file(const struct config *config, char *why, size_t why_size)
{
    for (size_t i = 0; i < config->agenda_count; i++) {
        for (size_t j = i + 1; j < config->agenda_count; j++) {
            if (strcmp(config->agendas[i].file, config->agendas[j].file) == 0) {
                (void)snprintf(why, why_size,
                               "The agendas %s and %s have the same file.",
                               config->agendas[i].key, config->agendas[j].key);
                return true;
            }
        }
    }
    return false;
}

static bool is_complete(const struct config *config, const char *path, char *why,
                        size_t why_size)
{
    const char *what = NULL;

    if (config->client == NULL) {
        (void)snprintf(why, why_size, "%s: [adapter] client is missing.", path);
        return false;
    }
    if (config->agenda_count == 0) {
        (void)snprintf(why, why_size, "%s: there is no [agenda KEY].", path);
        return false;
    }
    const char *key = incomplete_agenda(config, &what);
    if (key != NULL) {
        (void)snprintf(why, why_size, "%s: [agenda %s] %s is missing.", path, key,
                       what);
        return false;
    }
    return !shares_file(config, why, why_size);
}

bool config_load(const char *path, struct config *ret_config, char *why,
                 size_t why_size)
{
    struct reading reading = {
        .config = {.days = DEFAULT_DAYS, .lease_seconds = DEFAULT_LEASE}};

    int line = ini_parse(path, take_line, &reading);
    if (line < 0) {
        (void)snprintf(why, why_size, "%s cannot be read: %s.", path, strerror(errno));
    } else if (line > 0) {
        (void)snprintf(why, why_size, "%s, line %d: %s.", path, line,
                       reading.why[0] != '\0' ? reading.why
                                              : "this is no line of a configuration");
    } else if (is_complete(&reading.config, path, why, why_size)) {
        *ret_config = reading.config;
        return true;
    }
    config_finish(&reading.config);
    return false;
}

void config_finish(struct config *config)
{
    for (size_t i = 0; i < config->agenda_count; i++) {
        free(config->agendas[i].key);
        free(config->agendas[i].file);
        free(config->agendas[i].name);
        free(config->agendas[i].structure);
    }
    free(config->agendas);
    free(config->client);
    *config = (struct config){0};
}
