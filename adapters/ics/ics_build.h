// SPDX-License-Identifier: Apache-2.0

/*
 * ics_build.h - write content lines: escaped, folded at 75 octets, with the file's line
 * end
 *
 * Ownership   A zeroed builder is empty.  ics_build_finish() frees it, unless the
 * caller has taken bytes.  After a failed allocation every call does nothing and failed
 * is set.
 */
#ifndef ADAPTERS_ICS_ICS_BUILD_H
#define ADAPTERS_ICS_ICS_BUILD_H

#include <stdbool.h>
#include <stddef.h>

struct ics_build {
    char *bytes;
    size_t size;
    size_t capacity;
    const char *newline; /* "\r\n" or "\n" */
    bool failed;
};

void ics_build_bytes(struct ics_build *build, const char *bytes, size_t size);

/* The line name:value, with the value as it is (it must not contain a line end). */
void ics_build_line(struct ics_build *build, const char *name, const char *value);

/* The line name:text, with text escaped; control characters become blanks. */
void ics_build_text(struct ics_build *build, const char *name, const char *text);

void ics_build_finish(struct ics_build *build);

#endif
