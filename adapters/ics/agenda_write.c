// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/agenda_write.h"

#include "adapters/ics/agenda_read.h"
#include "adapters/ics/ics_build.h"
#include "adapters/ics/ics_value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POSITION_NAME "X-ENTENTE-POSITION"

static const char empty_calendar[] = "BEGIN:VCALENDAR\r\n"
                                     "VERSION:2.0\r\n"
                                     "PRODID:-//Entente//Entente//FR\r\n"
                                     "END:VCALENDAR\r\n";

/* Put the new bytes in the place of the old ones from begin to end. */
struct splice {
    size_t begin;
    size_t end;
    size_t text; /* offset in writer.added */
    size_t text_size;
};

struct writer {
    const char *bytes;
    size_t size;
    struct ics_file file;
    size_t calendar; /* the component that gets what is new */
    int64_t now;
    struct ics_build added;
    struct splice *splices;
    size_t splice_count;
};

static bool is_utf8_line(const char *text)
{
    struct ics_file ignored = {0};
    struct ics_error error = {0};
    struct ics_build line = {.newline = "\n"};

    ics_build_line(&line, "BEGIN", "X");
    ics_build_text(&line, "X", text);
    ics_build_line(&line, "END", "X");
    bool good = !line.failed && ics_text_parse(line.bytes, line.size, &ignored, &error);
    ics_build_finish(&line);
    ics_text_finish(&ignored);
    return good;
}

static bool check_meeting(const struct agenda_meeting *meeting, struct ics_error *error)
{
    const char *const texts[] = {meeting->summary, meeting->description,
                                 meeting->location, meeting->url, meeting->categories};

    for (const char *at = meeting->id; *at != '\0'; at++) {
        if (!isalnum((unsigned char)*at) && strchr("-_.", *at) == NULL) {
            return ics_error_set(error, 0,
                                 "the id of the meeting has a strange character");
        }
    }
    size_t length = strlen(meeting->id);
    if (length == 0 || length >= AGENDA_MEETING_SIZE - sizeof "@entente" ||
        meeting->version < 1 || meeting->start >= meeting->end) {
        return ics_error_set(error, 0, "the meeting has no good id, version or time");
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i] != NULL && !is_utf8_line(texts[i])) {
            return ics_error_set(error, 0, "a text of the meeting is not UTF-8");
        }
    }
    return true;
}

/* Begin a splice; what is built into writer->added until end_splice() takes its place.
 */
static struct splice *begin_splice(struct writer *writer, size_t begin, size_t end)
{
    struct splice *grown =
        realloc(writer->splices, (writer->splice_count + 1) * sizeof *grown);

    if (grown == NULL) {
        writer->added.failed = true;
        return NULL;
    }
    writer->splices = grown;
    grown[writer->splice_count] =
        (struct splice){.begin = begin, .end = end, .text = writer->added.size};
    return &grown[writer->splice_count++];
}

static void end_splice(const struct writer *writer, struct splice *splice)
{
    if (splice != NULL) {
        splice->text_size = writer->added.size - splice->text;
    }
}

/* --- the event --- */

static void add_time(struct writer *writer, const char *name, int64_t second)
{
    char text[17];
    char value[20];

    ics_value_format(second, false, text);
    (void)snprintf(value, sizeof value, "%sZ", text);
    ics_build_line(&writer->added, name, value);
}

static void add_number(struct writer *writer, const char *name, int32_t number)
{
    char value[16];

    (void)snprintf(value, sizeof value, "%" PRId32, number);
    ics_build_line(&writer->added, name, value);
}

static void add_optional(struct writer *writer, const char *name, const char *text)
{
    if (text != NULL) {
        ics_build_text(&writer->added, name, text);
    }
}

/* A URL is not escaped, so it must not have what a line cannot carry. */
static void add_url(struct writer *writer, const char *url)
{
    bool good = url != NULL && url[0] != '\0';

    for (const char *at = url; good && *at != '\0'; at++) {
        good = (unsigned char)*at > 0x20 && *at != 0x7f;
    }
    if (good) {
        ics_build_line(&writer->added, "URL", url);
    }
}

/* The alarms and the like that somebody has put into our event. */
static void add_children(struct writer *writer, size_t component)
{
    const struct ics_component *components = writer->file.components;

    for (size_t i = component + 1; i < components[component].next_sibling;
         i = components[i].next_sibling) {
        ics_build_bytes(&writer->added, writer->bytes + components[i].begin,
                        components[i].end - components[i].begin);
    }
}

static void add_event(struct writer *writer, const struct agenda_meeting *meeting,
                      int32_t sequence, size_t old)
{
    struct ics_build *added = &writer->added;
    char uid[AGENDA_MEETING_SIZE + 16];

    (void)snprintf(uid, sizeof uid, "%s@entente", meeting->id);
    ics_build_line(added, "BEGIN", "VEVENT");
    ics_build_line(added, "UID", uid);
    add_time(writer, "DTSTAMP", writer->now);
    add_time(writer, "DTSTART", (int64_t)meeting->start * 60);
    add_time(writer, "DTEND", (int64_t)meeting->end * 60);
    add_number(writer, "SEQUENCE", sequence);
    ics_build_line(added, "STATUS", meeting->cancelled ? "CANCELLED" : "CONFIRMED");
    ics_build_line(added, "TRANSP", meeting->cancelled ? "TRANSPARENT" : "OPAQUE");
    ics_build_text(added, "SUMMARY",
                   meeting->summary != NULL ? meeting->summary : AGENDA_NEUTRAL_TITLE);
    add_optional(writer, "DESCRIPTION", meeting->description);
    add_optional(writer, "LOCATION", meeting->location);
    add_url(writer, meeting->url);
    add_optional(writer, "CATEGORIES", meeting->categories);
    ics_build_line(added, "X-ENTENTE-MEETING", meeting->id);
    add_number(writer, "X-ENTENTE-VERSION", meeting->version);
    if (old != ICS_NONE) {
        add_children(writer, old);
    }
    ics_build_line(added, "END", "VEVENT");
}

static int32_t number_of(const struct ics_file *file, size_t component,
                         const char *name)
{
    const char *value = ics_text_value(file, component, name);
    long number = value != NULL ? strtol(value, NULL, 10) : 0;

    return number < 0 || number > INT32_MAX - 1 ? 0 : (int32_t)number;
}

static bool is_meeting(const struct ics_file *file, size_t component, const char *id)
{
    char found[AGENDA_MEETING_SIZE];

    return ics_text_is(&file->components[component], "VEVENT") &&
           agenda_own_meeting(file, component, found) != NULL && strcmp(found, id) == 0;
}

/* The first event of the meeting is replaced; copies that a program has made of it go.
 */
static bool splice_meeting(struct writer *writer, const struct agenda_meeting *meeting)
{
    const struct ics_file *file = &writer->file;
    size_t first = ICS_NONE;
    int32_t version = 0;
    int32_t sequence = 0;

    for (size_t i = 0; i < file->component_count; i++) {
        if (is_meeting(file, i, meeting->id)) {
            int32_t one_version = number_of(file, i, "X-ENTENTE-VERSION");
            int32_t one_sequence = number_of(file, i, "SEQUENCE");
            first = first == ICS_NONE ? i : first;
            version = one_version > version ? one_version : version;
            sequence = one_sequence > sequence ? one_sequence : sequence;
        }
    }
    if (version >= meeting->version || (first == ICS_NONE && meeting->cancelled)) {
        return false;
    }
    if (first == ICS_NONE) {
        size_t end = file->components[writer->calendar].end_line;
        struct splice *splice = begin_splice(writer, end, end);
        add_event(writer, meeting, meeting->version, ICS_NONE);
        end_splice(writer, splice);
        return true;
    }
    sequence = sequence < meeting->version ? meeting->version : sequence + 1;
    for (size_t i = first; i < file->component_count; i++) {
        if (is_meeting(file, i, meeting->id)) {
            struct splice *splice = begin_splice(writer, file->components[i].begin,
                                                 file->components[i].end);
            if (i == first) {
                add_event(writer, meeting, sequence, i);
            }
            end_splice(writer, splice);
        }
    }
    return true;
}

/* --- the position --- */

static bool parse_position(const char *text, int64_t *ret_epoch, int64_t *ret_sequence)
{
    char *end = NULL;

    if (!isdigit((unsigned char)text[0])) {
        return false;
    }
    errno = 0;
    *ret_epoch = strtoll(text, &end, 10);
    if (*end != ':' || !isdigit((unsigned char)end[1])) {
        return false;
    }
    *ret_sequence = strtoll(end + 1, &end, 10);
    return *end == '\0' && errno == 0;
}

/* A position that is not understood is older than any. */
static bool is_later(const char *position, const char *recorded)
{
    int64_t epoch = 0;
    int64_t sequence = 0;
    int64_t old_epoch = 0;
    int64_t old_sequence = 0;

    if (!parse_position(position, &epoch, &sequence)) {
        return false;
    }
    if (recorded == NULL || !parse_position(recorded, &old_epoch, &old_sequence)) {
        return true;
    }
    return epoch != old_epoch ? epoch > old_epoch : sequence > old_sequence;
}

/* A calendar's properties stand before its components. */
static size_t position_place(const struct ics_file *file, size_t calendar)
{
    const struct ics_component *components = file->components;
    size_t child = calendar + 1;

    return child < components[calendar].next_sibling ? components[child].begin
                                                     : components[calendar].end_line;
}

static bool splice_position(struct writer *writer, const char *position)
{
    const struct ics_property *old =
        ics_text_find(&writer->file, writer->calendar, POSITION_NAME, NULL);

    if (!is_later(position, old != NULL ? old->value : NULL)) {
        return false;
    }
    size_t place = position_place(&writer->file, writer->calendar);
    struct splice *splice = old != NULL ? begin_splice(writer, old->begin, old->end)
                                        : begin_splice(writer, place, place);
    ics_build_line(&writer->added, POSITION_NAME, position);
    end_splice(writer, splice);
    return true;
}

/* --- all of it --- */

/* The calendar that has a position already, else the first one. */
static size_t choose_calendar(const struct ics_file *file)
{
    size_t first = ICS_NONE;

    for (size_t i = 0; i < file->component_count;
         i = file->components[i].next_sibling) {
        if (!ics_text_is(&file->components[i], "VCALENDAR")) {
            continue;
        }
        first = first == ICS_NONE ? i : first;
        if (ics_text_value(file, i, POSITION_NAME) != NULL) {
            return i;
        }
    }
    return first;
}

static const char *newline_of(const char *bytes, size_t size)
{
    const char *newline = size > 0 ? memchr(bytes, '\n', size) : NULL;

    return newline != NULL && (newline == bytes || newline[-1] != '\r') ? "\n" : "\r\n";
}

static int compare_splice(const void *a, const void *b)
{
    const struct splice *first = a;
    const struct splice *second = b;

    if (first->begin != second->begin) {
        return first->begin < second->begin ? -1 : 1;
    }
    return first->text < second->text ? -1 : 1;
}

static void apply(struct writer *writer, struct ics_build *result)
{
    size_t at = 0;

    qsort(writer->splices, writer->splice_count, sizeof *writer->splices,
          compare_splice);
    for (size_t i = 0; i < writer->splice_count; i++) {
        const struct splice *splice = &writer->splices[i];
        ics_build_bytes(result, writer->bytes + at, splice->begin - at);
        ics_build_bytes(result, writer->added.bytes + splice->text, splice->text_size);
        at = splice->end;
    }
    ics_build_bytes(result, writer->bytes + at, writer->size - at);
}

static bool is_readable(const struct ics_build *result, struct ics_error *error)
{
    struct ics_file file = {0};

    if (result->failed) {
        return ics_error_set(error, 0, "out of memory");
    }
    bool good = ics_text_parse(result->bytes, result->size, &file, error);
    ics_text_finish(&file);
    return good;
}

static enum agenda_write_result make(struct writer *writer,
                                     const struct agenda_meeting *meeting,
                                     const char *position, struct ics_build *result,
                                     struct ics_error *error)
{
    writer->calendar = choose_calendar(&writer->file);
    if (writer->calendar == ICS_NONE) {
        (void)ics_error_set(error, 1, "there is no VCALENDAR to write to");
        return AGENDA_WRITE_FAILED;
    }
    /* The position first: where both stand at one place, a property goes before an
     * event. */
    bool changed = position != NULL && splice_position(writer, position);
    changed = (meeting != NULL && splice_meeting(writer, meeting)) || changed;
    if (!changed) {
        return AGENDA_WRITE_NOT_NEEDED;
    }
    result->failed = writer->added.failed;
    apply(writer, result);
    return is_readable(result, error) ? AGENDA_WRITE_DONE : AGENDA_WRITE_FAILED;
}

enum agenda_write_result agenda_write_make(const char *bytes, size_t size,
                                           const struct agenda_meeting *meeting,
                                           const char *position, int64_t now,
                                           struct agenda_content *ret_content,
                                           struct ics_error *ret_error)
{
    struct writer writer = {.bytes = size > 0 ? bytes : empty_calendar,
                            .size = size > 0 ? size : sizeof empty_calendar - 1,
                            .now = now};
    struct ics_build result = {0};
    int64_t epoch = 0;
    int64_t sequence = 0;

    if (meeting != NULL && !check_meeting(meeting, ret_error)) {
        return AGENDA_WRITE_FAILED;
    }
    if (position != NULL && !parse_position(position, &epoch, &sequence)) {
        (void)ics_error_set(ret_error, 0, "the position is not epoch:sequence");
        return AGENDA_WRITE_FAILED;
    }
    if (!ics_text_parse(writer.bytes, writer.size, &writer.file, ret_error)) {
        return AGENDA_WRITE_FAILED;
    }
    writer.added.newline = newline_of(writer.bytes, writer.size);
    enum agenda_write_result outcome =
        make(&writer, meeting, position, &result, ret_error);
    if (outcome == AGENDA_WRITE_DONE) {
        *ret_content =
            (struct agenda_content){.bytes = result.bytes, .size = result.size};
    } else {
        ics_build_finish(&result);
    }
    free(writer.splices);
    ics_build_finish(&writer.added);
    ics_text_finish(&writer.file);
    return outcome;
}
