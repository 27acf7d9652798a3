// SPDX-License-Identifier: Apache-2.0

#include "proto/identifier.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *prefix;
    const char *system;
    bool patient;
    bool production;
} forms[] = {
    {"idnps:", IDENTIFIER_IDNPS, false, false},
    {"ins-test:", IDENTIFIER_INS_TEST, true, false},
    {"ins-demo:", IDENTIFIER_INS_DEMO, true, false},
    {"ins:", IDENTIFIER_INS_NIR, true, true},
    {"nia:", IDENTIFIER_INS_NIA, true, true},
    {"resource:", IDENTIFIER_RESOURCE, false, false},
    {"guest:", IDENTIFIER_GUEST, false, false},
};

enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

static bool copy(const char *text, size_t length, char *ret, size_t size,
                 const char **ret_message)
{
    if (length == 0) {
        *ret_message = "The identifier is not complete.";
        return false;
    }
    if (length >= size) {
        *ret_message = "The identifier is too long.";
        return false;
    }
    memcpy(ret, text, length);
    ret[length] = '\0';
    return true;
}

bool identifier_parse(const char *text, char *ret_system, size_t system_size,
                      char *ret_value, size_t value_size, const char **ret_message)
{
    for (size_t i = 0; i < FORMS; i++) {
        size_t length = strlen(forms[i].prefix);
        if (strncmp(text, forms[i].prefix, length) == 0) {
            return copy(forms[i].system, strlen(forms[i].system), ret_system,
                        system_size, ret_message) &&
                   copy(text + length, strlen(text + length), ret_value, value_size,
                        ret_message);
        }
    }
    const char *bar = strchr(text, '|');
    if (bar == NULL) {
        *ret_message =
            "An identifier is written idnps:..., ins-test:..., ins-demo:..., "
            "resource:... or SYSTEM|VALUE.";
        return false;
    }
    return copy(text, (size_t)(bar - text), ret_system, system_size, ret_message) &&
           copy(bar + 1, strlen(bar + 1), ret_value, value_size, ret_message);
}

void identifier_short(const char *system, const char *value, char *ret, size_t size)
{
    for (size_t i = 0; i < FORMS; i++) {
        if (strcmp(system, forms[i].system) == 0) {
            snprintf(ret, size, "%s%s", forms[i].prefix, value);
            return;
        }
    }
    snprintf(ret, size, "%s|%s", system, value);
}

bool identifier_is_patient(const char *system)
{
    for (size_t i = 0; i < FORMS; i++) {
        if (strcmp(system, forms[i].system) == 0) {
            return forms[i].patient;
        }
    }
    return false;
}

bool identifier_is_production(const char *system)
{
    for (size_t i = 0; i < FORMS; i++) {
        if (strcmp(system, forms[i].system) == 0) {
            return forms[i].production;
        }
    }
    return false;
}
