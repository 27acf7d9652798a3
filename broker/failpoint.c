// SPDX-License-Identifier: Apache-2.0

#include "broker/failpoint.h"

#if defined(ENTENTE_TEST_BUILD)

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned long passes;

/* The count is written at every pass, over the one before, which is never longer: the
 * process may be killed, and the file may be read, at any of them. */
static void tell(void)
{
    const char *path = getenv("ENTENTE_FAILPOINT_COUNT");
    char text[32];
    if (path == NULL) {
        return;
    }
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    if (file >= 0) {
        int size = snprintf(text, sizeof(text), "%lu\n", passes);
        if (pwrite(file, text, (size_t)size, 0) < 0) {
            perror(path);
        }
        close(file);
    }
}

void failpoint(const char *name)
{
    const char *wanted = getenv("ENTENTE_FAILPOINT");
    const char *colon = wanted == NULL ? NULL : strchr(wanted, ':');
    if (colon == NULL) {
        if (getenv("ENTENTE_FAILPOINT_COUNT") != NULL) {
            passes++;
            tell();
        }
        return;
    }
    size_t length = (size_t)(colon - wanted);
    bool matches = (length == 1 && wanted[0] == '*') ||
                   (strlen(name) == length && strncmp(name, wanted, length) == 0);
    if (!matches) {
        return;
    }
    passes++;
    if (passes == strtoul(colon + 1, NULL, 10)) {
        raise(SIGKILL);
    }
}

#else

/* ISO C forbids an empty translation unit. */
extern int failpoint_is_compiled_out;
int failpoint_is_compiled_out;

#endif
