// SPDX-License-Identifier: Apache-2.0

/*
 * ics_text.h - a calendar file as a tree of components, each with its place in the
 * bytes
 *
 * libical reads what it can and forgets where it stood; here every component and
 * property keeps its line, for messages, and its offset, so that a writer can leave
 * foreign bytes alone.
 *
 * Units       Lines count from 1.  Offsets are bytes from the start of the file.
 *
 * Invariant   A parsed file has at least one component, each one closed, nested at most
 *             ICS_DEPTH_MAX deep.  Names and values are valid UTF-8 without control
 *             characters other than tab.  Components and properties are in file order.
 *
 * Ownership   An ics_file owns all its text; the bytes it was made from may go away.
 */
#ifndef ADAPTERS_ICS_ICS_TEXT_H
#define ADAPTERS_ICS_ICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define ICS_FILE_SIZE_MAX ((size_t)16 * 1024 * 1024)
#define ICS_COMPONENTS_MAX 100000
#define ICS_DEPTH_MAX 8
#define ICS_NONE ((size_t)-1)

/* Why a file could not be used, and where.  The text is one English sentence without
 * the file's name. */
struct ics_error {
    unsigned line;
    char text[240];
};

struct ics_property {
    unsigned line;
    size_t component;   /* index of the component it stands in */
    size_t begin;       /* offset of its first line */
    size_t end;         /* offset behind its last line, with the line end */
    const char *name;   /* as written; compare without regard to case */
    const char *params; /* "TZID=Europe/Paris;VALUE=DATE", or "" */
    const char *value;  /* without blanks at its end */
};

struct ics_component {
    unsigned line;       /* of BEGIN */
    size_t parent;       /* ICS_NONE at the top */
    const char *name;    /* in capitals */
    size_t begin;        /* offset of BEGIN */
    size_t end_line;     /* offset of END */
    size_t end;          /* offset behind the line of END */
    size_t next_sibling; /* index behind its last descendant */
    size_t property;     /* its first property, ICS_NONE if it has none */
};

struct ics_file {
    struct ics_component *components;
    size_t component_count;
    struct ics_property *properties; /* in file order, also across components */
    size_t property_count;
    char *text;
};

/* Read @size bytes.  On failure *ret_file is untouched and *ret_error says why: the
 * size, a wrong encoding, a line that is no property, components that do not close. */
bool ics_text_parse(const char *bytes, size_t size, struct ics_file *ret_file,
                    struct ics_error *ret_error);

void ics_text_finish(struct ics_file *file);

/* The first property @name of component @component, searched from @from on: NULL for
 * the first, the last one found plus 1 for the next.  NULL if there is none. */
const struct ics_property *ics_text_find(const struct ics_file *file, size_t component,
                                         const char *name,
                                         const struct ics_property *from);

/* Its value, or NULL. */
const char *ics_text_value(const struct ics_file *file, size_t component,
                           const char *name);

bool ics_text_is(const struct ics_component *component, const char *name);

/* Copy parameter @name of @property into @buffer, without quotes.  False if it is
 * absent or longer than the buffer. */
bool ics_text_param(const struct ics_property *property, const char *name, char *buffer,
                    size_t size);

/* False, with the error set, if the parameters of @property are not of the form
 * name=value or a quote is not closed. */
bool ics_text_check_params(const struct ics_property *property,
                           struct ics_error *ret_error);

/* Add to *error in which component its line is: component @component of @file. */
void ics_error_place(struct ics_error *error, const struct ics_file *file,
                     size_t component);

/* Fill *ret_error and return false, so that a caller can return what this returns. */
bool ics_error_set(struct ics_error *ret_error, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
