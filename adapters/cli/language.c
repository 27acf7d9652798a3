// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/language.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "entente"

enum { PATH_SIZE = 4096, LANGUAGE_SIZE = 32 };

/* What the environment asks for, as setlocale() would read it; "" for nothing. */
static const char *wanted(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return value;
        }
    }
    return "";
}

/* A machine that has been installed today often has no locale but C.UTF-8.  The
 * catalogue does not need more: it is then asked for by the name of the language. */
static void make_do_with_utf8(void)
{
    char language[LANGUAGE_SIZE];
    const char *name = wanted();
    size_t length = strcspn(name, ".@");
    if (length == 0 || length >= sizeof(language) || strncmp(name, "C", length) == 0 ||
        strncmp(name, "POSIX", length) == 0 ||
        setlocale(LC_MESSAGES, "C.UTF-8") == NULL) {
        return;
    }
    memcpy(language, name, length);
    language[length] = '\0';
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("LANGUAGE", language, 0);
}

void language_begin_in(const char *folder)
{
    if (setlocale(LC_MESSAGES, "") == NULL) {
        make_do_with_utf8();
    } else {
        setlocale(LC_CTYPE, "");
    }
    bindtextdomain(DOMAIN, folder);
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    textdomain(DOMAIN);
}

/* The folder of the catalogues beside the program. */
static bool find_folder(char *ret, size_t size)
{
    char program[PATH_SIZE];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (length <= 0) {
        return false;
    }
    program[length] = '\0';
    char *slash = strrchr(program, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    int written = snprintf(ret, size, "%s/../share/locale", program);
    return written > 0 && (size_t)written < size && access(ret, R_OK) == 0;
}

void language_begin(void)
{
    char folder[PATH_SIZE];
    language_begin_in(find_folder(folder, sizeof(folder)) ? folder
                                                          : "/usr/share/locale");
}
