// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/ics_text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PROPERTIES_MAX 2000000

struct parser {
    const char *bytes;
    size_t size;
    size_t at;     /* the next physical line */
    unsigned line; /* its number */
    struct ics_file file;
    size_t component_capacity;
    size_t property_capacity;
    size_t text_used;
    size_t open[ICS_DEPTH_MAX];
    size_t depth;
    struct ics_error *error;
};

/* The length of the UTF-8 character at @at, or 0 if it is none. */
static size_t utf8_length(const unsigned char *at, size_t left)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = at[0] < 0x80             ? 1
                    : (at[0] & 0xe0) == 0xc0 ? 2
                    : (at[0] & 0xf0) == 0xe0 ? 3
                    : (at[0] & 0xf8) == 0xf0 ? 4
                                             : 0;

    if (length == 0 || length > left) {
        return 0;
    }
    uint32_t code = length == 1 ? at[0] : at[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (at[i] & 0x3fu);
    }
    if (length > 1 && (code < smallest[length] || code > 0x10ffff ||
                       (code >= 0xd800 && code < 0xe000))) {
        return 0;
    }
    return length;
}

bool ics_error_set(struct ics_error *ret_error, unsigned line, const char *format, ...)
{
    va_list arguments;

    ret_error->line = line;
    va_start(arguments, format);
    (void)vsnprintf(ret_error->text, sizeof ret_error->text, format, arguments);
    va_end(arguments);
    /* Texts of the file are quoted in messages, cut anywhere: what leaves here is UTF-8
     * without control characters. */
    for (unsigned char *at = (unsigned char *)ret_error->text; *at != '\0';) {
        size_t length = utf8_length(at, strlen((char *)at));
        if (length == 0 || *at < 0x20 || *at == 0x7f) {
            *at = '?';
            length = 1;
        }
        at += length;
    }
    return false;
}

void ics_error_place(struct ics_error *error, const struct ics_file *file,
                     size_t component)
{
    const struct ics_component *place = &file->components[component];
    size_t length = strlen(error->text);

    if (place->line != error->line) {
        (void)snprintf(error->text + length, sizeof error->text - length,
                       " (in the %.30s of line %u)", place->name, place->line);
    }
}

static bool check_text(const char *text, size_t length, unsigned line,
                       struct ics_error *error)
{
    for (size_t i = 0; i < length;) {
        unsigned char c = (unsigned char)text[i];
        size_t step = utf8_length((const unsigned char *)text + i, length - i);
        if (step == 0) {
            return ics_error_set(error, line, "the text is not UTF-8 (byte 0x%02x)", c);
        }
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return ics_error_set(error, line, "control character 0x%02x in the text",
                                 c);
        }
        i += step;
    }
    return true;
}

static bool at_continuation(const struct parser *parser)
{
    return parser->at < parser->size &&
           (parser->bytes[parser->at] == ' ' || parser->bytes[parser->at] == '\t');
}

/* Append one physical line, without its end, to the text.  The text is as large as the
 * file and a line loses at least its end, so there is room for the NUL. */
static void take_physical_line(struct parser *parser)
{
    const char *start = parser->bytes + parser->at;
    const char *newline = memchr(start, '\n', parser->size - parser->at);
    size_t length =
        newline != NULL ? (size_t)(newline - start) : parser->size - parser->at;
    size_t kept = length;

    while (kept > 0 && start[kept - 1] == '\r') {
        kept--;
    }
    memcpy(parser->file.text + parser->text_used, start, kept);
    parser->text_used += kept;
    parser->at += length + (newline != NULL ? 1 : 0);
    parser->line++;
}

/* One content line, unfolded; NULL at the end of the file.  Empty lines are skipped. */
static char *take_line(struct parser *parser, unsigned *ret_line, size_t *ret_begin)
{
    while (parser->at < parser->size) {
        char *line = parser->file.text + parser->text_used;

        *ret_line = parser->line;
        *ret_begin = parser->at;
        take_physical_line(parser);
        while (at_continuation(parser)) {
            parser->at++;
            take_physical_line(parser);
        }
        if (line != parser->file.text + parser->text_used) {
            parser->file.text[parser->text_used++] = '\0';
            return line;
        }
    }
    return NULL;
}

/* The colon between parameters and value.  A quote that is never closed hides none. */
static char *find_colon(char *text)
{
    bool quoted = false;

    for (char *at = text; *at != '\0'; at++) {
        if (*at == '"') {
            quoted = !quoted;
        } else if (*at == ':' && !quoted) {
            return at;
        }
    }
    return quoted ? strchr(text, ':') : NULL;
}

static bool is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_' &&
            text[i] != '.') {
            return false;
        }
    }
    return length > 0;
}

static void trim_end(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t')) {
        text[--length] = '\0';
    }
}

static void *grow(void *array, size_t *capacity, size_t size)
{
    size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
    void *grown = realloc(array, wanted * size);

    if (grown != NULL) {
        *capacity = wanted;
    }
    return grown;
}

static bool begin_component(struct parser *parser, char *name, unsigned line,
                            size_t begin)
{
    struct ics_file *file = &parser->file;

    if (!is_name(name, strlen(name))) {
        return ics_error_set(parser->error, line,
                             "BEGIN of \"%.40s\", which is no name", name);
    }
    if (parser->depth == ICS_DEPTH_MAX) {
        return ics_error_set(parser->error, line,
                             "components are nested more than %d deep", ICS_DEPTH_MAX);
    }
    if (file->component_count == ICS_COMPONENTS_MAX) {
        return ics_error_set(parser->error, line, "more than %d components",
                             ICS_COMPONENTS_MAX);
    }
    if (file->component_count == parser->component_capacity) {
        void *grown = grow(file->components, &parser->component_capacity,
                           sizeof *file->components);
        if (grown == NULL) {
            return ics_error_set(parser->error, line, "out of memory");
        }
        file->components = grown;
    }
    for (char *at = name; *at != '\0'; at++) {
        *at = (char)toupper((unsigned char)*at);
    }
    file->components[file->component_count] = (struct ics_component){
        .line = line,
        .parent = parser->depth > 0 ? parser->open[parser->depth - 1] : ICS_NONE,
        .name = name,
        .begin = begin,
        .property = ICS_NONE};
    parser->open[parser->depth++] = file->component_count++;
    return true;
}

static bool end_component(struct parser *parser, const char *name, unsigned line,
                          size_t begin)
{
    if (parser->depth == 0) {
        return ics_error_set(parser->error, line, "END:%.40s without a BEGIN", name);
    }
    struct ics_component *component =
        &parser->file.components[parser->open[parser->depth - 1]];
    if (strcasecmp(component->name, name) != 0) {
        return ics_error_set(parser->error, line,
                             "END:%.40s, but the %.40s of line %u is still open", name,
                             component->name, component->line);
    }
    component->end_line = begin;
    component->end = parser->at;
    component->next_sibling = parser->file.component_count;
    parser->depth--;
    return true;
}

static bool add_property(struct parser *parser, const struct ics_property *property)
{
    struct ics_file *file = &parser->file;

    if (file->property_count == PROPERTIES_MAX) {
        return ics_error_set(parser->error, property->line, "more than %d properties",
                             PROPERTIES_MAX);
    }
    if (file->property_count == parser->property_capacity) {
        void *grown = grow(file->properties, &parser->property_capacity,
                           sizeof *file->properties);
        if (grown == NULL) {
            return ics_error_set(parser->error, property->line, "out of memory");
        }
        file->properties = grown;
    }
    struct ics_component *component = &file->components[property->component];
    if (component->property == ICS_NONE) {
        component->property = file->property_count;
    }
    file->properties[file->property_count++] = *property;
    return true;
}

static bool take_content(struct parser *parser, char *text, unsigned line, size_t begin)
{
    char *colon = find_colon(text);

    if (!check_text(text, strlen(text), line, parser->error)) {
        return false;
    }
    size_t name_length = strcspn(text, ":;");
    if (colon == NULL || !is_name(text, name_length)) {
        return ics_error_set(parser->error, line,
                             "\"%.40s\" is not a property with a value", text);
    }
    bool has_params = text[name_length] == ';';
    *colon = '\0';
    text[name_length] = '\0';
    trim_end(colon + 1);
    if (strcasecmp(text, "BEGIN") == 0) {
        return begin_component(parser, colon + 1, line, begin);
    }
    if (strcasecmp(text, "END") == 0) {
        return end_component(parser, colon + 1, line, begin);
    }
    if (parser->depth == 0) {
        return ics_error_set(parser->error, line,
                             "%.40s stands outside of any component", text);
    }
    struct ics_property property = {.line = line,
                                    .component = parser->open[parser->depth - 1],
                                    .begin = begin,
                                    .end = parser->at,
                                    .name = text,
                                    .params = has_params ? text + name_length + 1 : "",
                                    .value = colon + 1};
    return add_property(parser, &property);
}

static bool check_start(struct parser *parser)
{
    const unsigned char *bytes = (const unsigned char *)parser->bytes;

    if (parser->size > ICS_FILE_SIZE_MAX) {
        return ics_error_set(parser->error, 1, "the file is larger than 16 MiB");
    }
    if (parser->size >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) ||
                              (bytes[0] == 0xfe && bytes[1] == 0xff))) {
        return ics_error_set(parser->error, 1, "the file is UTF-16, not UTF-8");
    }
    if (parser->size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        parser->at = 3;
    }
    const unsigned char *nul =
        parser->size > 0 ? memchr(bytes, '\0', parser->size) : NULL;
    if (nul != NULL) {
        unsigned line = 1;
        for (const unsigned char *at = bytes; at < nul; at++) {
            line += *at == '\n' ? 1 : 0;
        }
        return ics_error_set(parser->error, line, "a NUL byte in the text");
    }
    return true;
}

static bool parse_lines(struct parser *parser)
{
    unsigned line = 1;
    size_t begin = 0;
    char *text = NULL;

    while ((text = take_line(parser, &line, &begin)) != NULL) {
        if (!take_content(parser, text, line, begin)) {
            return false;
        }
    }
    if (parser->depth > 0) {
        const struct ics_component *open =
            &parser->file.components[parser->open[parser->depth - 1]];
        return ics_error_set(parser->error, open->line,
                             "the %.40s that begins here is not closed", open->name);
    }
    if (parser->file.component_count == 0) {
        return ics_error_set(parser->error, 1, "there is no calendar in the file");
    }
    return true;
}

bool ics_text_parse(const char *bytes, size_t size, struct ics_file *ret_file,
                    struct ics_error *ret_error)
{
    struct parser parser = {
        .bytes = bytes, .size = size, .line = 1, .error = ret_error};

    if (!check_start(&parser)) {
        return false;
    }
    parser.file.text = malloc(size + 2);
    if (parser.file.text == NULL) {
        return ics_error_set(ret_error, 1, "out of memory");
    }
    if (!parse_lines(&parser)) {
        if (parser.depth > 0) {
            ics_error_place(ret_error, &parser.file, parser.open[parser.depth - 1]);
        }
        ics_text_finish(&parser.file);
        return false;
    }
    *ret_file = parser.file;
    return true;
}

void ics_text_finish(struct ics_file *file)
{
    free(file->components);
    free(file->properties);
    free(file->text);
    *file = (struct ics_file){0};
}

const struct ics_property *ics_text_find(const struct ics_file *file, size_t component,
                                         const char *name,
                                         const struct ics_property *from)
{
    size_t first = file->components[component].property;

    if (first == ICS_NONE) {
        return NULL;
    }
    /* Properties behind a child component belong to the same component again, so the
     * search ends where the next component begins that is not inside this one. */
    size_t end_component = file->components[component].next_sibling;
    size_t i = from != NULL ? (size_t)(from - file->properties) : first;
    for (; i < file->property_count; i++) {
        const struct ics_property *property = &file->properties[i];
        if (property->component < component || property->component >= end_component) {
            return NULL;
        }
        if (property->component == component && strcasecmp(property->name, name) == 0) {
            return property;
        }
    }
    return NULL;
}

const char *ics_text_value(const struct ics_file *file, size_t component,
                           const char *name)
{
    const struct ics_property *property = ics_text_find(file, component, name, NULL);

    return property != NULL ? property->value : NULL;
}

bool ics_text_is(const struct ics_component *component, const char *name)
{
    return strcmp(component->name, name) == 0;
}

/* The end of the parameter that begins at @at: a semicolon outside of quotes, or the
 * NUL. */
static const char *param_end(const char *at)
{
    bool quoted = false;

    for (; *at != '\0' && (quoted || *at != ';'); at++) {
        quoted = *at == '"' ? !quoted : quoted;
    }
    return at;
}

static bool copy_unquoted(const char *value, const char *end, char *buffer, size_t size)
{
    size_t used = 0;

    for (; value < end && used < size; value++) {
        if (*value != '"') {
            buffer[used++] = *value;
        }
    }
    if (used == size) {
        return false;
    }
    buffer[used] = '\0';
    return true;
}

bool ics_text_param(const struct ics_property *property, const char *name, char *buffer,
                    size_t size)
{
    size_t name_length = strlen(name);
    const char *at = property->params;

    while (*at != '\0') {
        const char *end = param_end(at);
        if (strncasecmp(at, name, name_length) == 0 && at[name_length] == '=') {
            return copy_unquoted(at + name_length + 1, end, buffer, size);
        }
        at = *end == ';' ? end + 1 : end;
    }
    return false;
}

bool ics_text_check_params(const struct ics_property *property,
                           struct ics_error *ret_error)
{
    const char *at = property->params;
    bool good = true;

    while (good && *at != '\0') {
        size_t name_length = strcspn(at, "=;\"");
        bool quoted = false;
        good = at[name_length] == '=' && is_name(at, name_length);
        for (; *at != '\0' && (quoted || *at != ';'); at++) {
            quoted = *at == '"' ? !quoted : quoted;
        }
        good = good && !quoted;
        at += *at == ';' ? 1 : 0;
    }
    return good || ics_error_set(ret_error, property->line,
                                 "%.40s has a malformed parameter \"%.60s\"",
                                 property->name, property->params);
}
