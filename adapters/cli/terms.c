// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/terms.h"

#include "adapters/cli/language.h"
#include "proto/message.h"

static const struct {
    enum term_kind kind;
    uint32_t value;
    const char *code;
    const char *text;
} rows[] = {
#define TERM(kind, value, code, text) {TERM_##kind, value, code, text},
#include "adapters/cli/terms.def"
#undef TERM
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

const char *term_code(enum term_kind kind, uint32_t value)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].kind == kind && rows[i].value == value) {
            return rows[i].code;
        }
    }
    return NULL;
}

const char *term_text(enum term_kind kind, uint32_t value)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].kind == kind && rows[i].value == value) {
            return gettext(rows[i].text);
        }
    }
    return "?";
}

static bool is_same(const char *code, const char *typed)
{
    while (*code != '\0' && (*code == *typed || (*code == '_' && *typed == '-'))) {
        code++;
        typed++;
    }
    return *code == '\0' && *typed == '\0';
}

bool term_parse(enum term_kind kind, const char *code, uint32_t *ret_value)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].kind == kind && is_same(rows[i].code, code)) {
            *ret_value = rows[i].value;
            return true;
        }
    }
    return false;
}
