// SPDX-License-Identifier: Apache-2.0

#include "tests/chaos/trail.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 512 };

int64_t trail_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

uint64_t trail_meeting(const uint8_t *id)
{
    uint64_t number = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < 16; i++) {
        number = (number ^ id[i]) * UINT64_C(1099511628211);
    }
    return number | 1;
}

bool trail_parse(const char *line, struct trail_line *ret)
{
    char *rest = NULL;
    struct trail_line parsed = {.at_us = strtoll(line, &rest, 10)};
    if (rest == line || *rest != ' ' || !record_parse(rest + 1, &parsed.record)) {
        return false;
    }
    *ret = parsed;
    return true;
}

int trail_open(const char *path, struct record *ret_last)
{
    struct record last = {0};
    char text[LINE_BYTES];
    long whole = 0;
    FILE *before = fopen(path, "r");
    while (before != NULL && fgets(text, sizeof(text), before) != NULL) {
        struct trail_line line;
        if (strchr(text, '\n') == NULL) {
            break;
        }
        whole = ftell(before);
        if (trail_parse(text, &line) && line.record.kind == RECORD_APPLY) {
            last = line.record;
        }
    }
    if (before != NULL) {
        fclose(before);
    }
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0 && ftruncate(file, whole) != 0) {
        close(file);
        return -1;
    }
    *ret_last = last;
    return file;
}

bool trail_write(int file, int64_t at_us, const struct record *record)
{
    char text[LINE_BYTES] = {0};
    FILE *memory = fmemopen(text, sizeof(text) - 1, "w");
    if (memory == NULL) {
        return false;
    }
    fprintf(memory, "%" PRId64 " ", at_us);
    record_print(memory, record);
    if (fclose(memory) != 0) {
        return false;
    }
    size_t length = strlen(text);
    return write(file, text, length) == (ssize_t)length;
}
