// SPDX-License-Identifier: Apache-2.0

#include "broker/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 1024 };

static _Atomic int lowest = LOG_INFO;

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARNING] = "warn",
    [LOG_ERROR] = "error",
};

void log_set_level(enum log_level level)
{
    lowest = (int)level;
}

/* Control characters of ASCII and of ISO 8859 (two bytes in UTF-8) could forge a line
 * or steer a terminal. */
static void disarm(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
        if (*at < 0x20 || *at == 0x7f) {
            *at = '?';
        } else if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f) {
            at[0] = '?';
            at[1] = '?';
        }
    }
}

static int print_head(char *line, size_t size, enum log_level level, const char *part)
{
    struct timespec now = {0};
    struct tm utc = {0};
    char stamp[32] = "";

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
    return snprintf(line, size, "%s.%03ldZ %-5s %.40s: ", stamp, now.tv_nsec / 1000000,
                    level_names[level], part);
}

void log_line(enum log_level level, const char *part, const char *format, ...)
{
    if ((int)level < lowest) {
        return;
    }

    static const char cut_mark[] = "...";
    int caller_errno = errno;
    char line[LINE_MAX_SIZE];
    const size_t room = sizeof(line) - 1; /* the last byte is kept for the newline */

    int head = print_head(line, room, level, part);
    if (head < 0) {
        head = 0;
    }
    size_t used = (size_t)head;

    va_list arguments;
    va_start(arguments, format);
    int body = vsnprintf(line + used, room - used, format, arguments);
    va_end(arguments);
    if (body < 0) {
        body = 0;
        line[used] = '\0';
    }
    bool is_cut = (size_t)body >= room - used;
    used = is_cut ? room - 1 : used + (size_t)body;

    disarm(line);
    if (is_cut) {
        memcpy(line + used - strlen(cut_mark), cut_mark, strlen(cut_mark));
    }
    line[used++] = '\n';

    /* One write, so that lines of several processes do not mix.  A log that cannot be
     * written is nothing the broker could tell anybody about. */
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written;
    errno = caller_errno;
}
