// SPDX-License-Identifier: Apache-2.0

/*
 * agenda_events.c - series, their exceptions, and how each event counts
 */
#include "adapters/ics/agenda_reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One component with what decides between it and others of the same UID. */
struct entry {
    const char *uid; /* NULL: it stands alone */
    struct ics_event event;
    enum agenda_kind kind;
    bool cancelled;
    bool is_exception;
    bool this_and_future;
    struct ics_moment replaces;
    int64_t replaces_utc;
    long sequence;
};

struct entries {
    struct entry *items;
    size_t count;
};

/* --- one component --- */

static bool value_is(const struct ics_file *file, size_t component, const char *name,
                     const char *value)
{
    const char *found = ics_text_value(file, component, name);

    return found != NULL && strcasecmp(found, value) == 0;
}

static bool any_of(const char *text, const char *const *texts)
{
    while (text != NULL && *texts != NULL && strcasecmp(text, *texts) != 0) {
        texts++;
    }
    return text != NULL && *texts != NULL;
}

/* What the owner has answered to an invitation counts more than what the organizer
 * thinks. */
static enum agenda_kind kind_by_answer(const struct agenda_reader *reader,
                                       size_t component, enum agenda_kind kind)
{
    static const char *const open[] = {"TENTATIVE", "NEEDS-ACTION", NULL};
    const struct ics_property *property = NULL;
    char answer[32];

    if (reader->options->owner == NULL) {
        return kind;
    }
    while ((property = ics_text_find(&reader->file, component, "ATTENDEE",
                                     property != NULL ? property + 1 : NULL)) != NULL) {
        if (strcasecmp(property->value, reader->options->owner) != 0 ||
            !ics_text_param(property, "PARTSTAT", answer, sizeof answer)) {
            continue;
        }
        if (strcasecmp(answer, "DECLINED") == 0) {
            return AGENDA_KIND_NONE;
        }
        return any_of(answer, open) ? AGENDA_KIND_TENTATIVE : kind;
    }
    return kind;
}

static enum agenda_kind kind_of(const struct agenda_reader *reader, size_t component)
{
    const struct ics_file *file = &reader->file;

    if (value_is(file, component, "TRANSP", "TRANSPARENT")) {
        return AGENDA_KIND_NONE;
    }
    if (reader->options->policy == AGENDA_POLICY_EVENTS) {
        return AGENDA_KIND_BUSY;
    }
    enum agenda_kind kind = AGENDA_KIND_BUSY;
    if (value_is(file, component, "X-MICROSOFT-CDO-BUSYSTATUS", "FREE")) {
        return AGENDA_KIND_NONE;
    }
    if (value_is(file, component, "X-MICROSOFT-CDO-BUSYSTATUS", "TENTATIVE") ||
        value_is(file, component, "STATUS", "TENTATIVE")) {
        kind = AGENDA_KIND_TENTATIVE;
    }
    return kind_by_answer(reader, component, kind);
}

/* An answer to an invitation, or a wish to change one, takes no time. */
static bool is_message_only(const struct agenda_reader *reader, size_t component)
{
    static const char *const methods[] = {"REPLY", "COUNTER", "DECLINECOUNTER",
                                          "REFRESH", NULL};

    /* With a METHOD, an event may go without its time; alone, it is a broken one. */
    bool has_time = ics_text_find(&reader->file, component, "DTSTART", NULL) != NULL;
    if (!has_time && reader->methods[component] != NULL) {
        return true;
    }
    return reader->options->policy == AGENDA_POLICY_ADAPTER &&
           any_of(reader->methods[component], methods);
}

static bool read_replaced(struct agenda_reader *reader, size_t component,
                          struct entry *entry)
{
    char range[32];
    const struct ics_property *property =
        ics_text_find(&reader->file, component, "RECURRENCE-ID", NULL);

    if (property == NULL) {
        return true;
    }
    entry->is_exception = true;
    if (!ics_zones_moment(&reader->zones, property, &entry->replaces, reader->error)) {
        return false;
    }
    entry->replaces_utc =
        ics_zones_utc(&reader->zones, &entry->replaces, entry->replaces.value.local);
    entry->this_and_future = ics_text_param(property, "RANGE", range, sizeof range) &&
                             strcasecmp(range, "THISANDFUTURE") == 0;
    return true;
}

static bool read_entry(struct agenda_reader *reader, size_t component,
                       enum agenda_kind kind, struct entry *entry)
{
    const struct ics_file *file = &reader->file;
    const char *uid = ics_text_value(file, component, "UID");
    const char *sequence = ics_text_value(file, component, "SEQUENCE");

    *entry =
        (struct entry){.uid = uid != NULL && uid[0] != '\0' ? uid : NULL,
                       .sequence = sequence != NULL ? strtol(sequence, NULL, 10) : 0};
    entry->cancelled = value_is(file, component, "STATUS", "CANCELLED") ||
                       (reader->options->policy == AGENDA_POLICY_ADAPTER &&
                        reader->methods[component] != NULL &&
                        strcasecmp(reader->methods[component], "CANCEL") == 0);
    entry->kind = entry->cancelled           ? AGENDA_KIND_NONE
                  : kind != AGENDA_KIND_NONE ? kind
                                             : kind_of(reader, component);
    return ics_event_read(file, &reader->zones, component, &entry->event,
                          reader->error) &&
           read_replaced(reader, component, entry);
}

/* --- occurrences and spans --- */

static bool add_occurrence(struct agenda_reader *reader,
                           const struct ics_occurrence *item, unsigned line)
{
    struct agenda *agenda = reader->agenda;

    if (!reader->options->with_occurrences || item->utc < reader->from ||
        item->utc >= reader->until) {
        return true;
    }
    if (agenda->occurrence_count == reader->occurrence_capacity) {
        size_t wanted =
            reader->occurrence_capacity == 0 ? 64 : reader->occurrence_capacity * 2;
        void *grown =
            realloc(agenda->occurrences, wanted * sizeof *agenda->occurrences);
        if (grown == NULL) {
            return ics_error_set(reader->error, line, "out of memory");
        }
        agenda->occurrences = grown;
        reader->occurrence_capacity = wanted;
    }
    agenda->occurrences[agenda->occurrence_count++] = (struct agenda_occurrence){
        .utc = item->utc, .local = item->local, .is_date = item->is_date};
    return true;
}

static bool emit(struct agenda_reader *reader, const struct entry *entry,
                 const struct ics_occurrence *item)
{
    if (entry->cancelled) {
        return true;
    }
    bool is_offer = entry->kind == AGENDA_KIND_FREE;
    return (is_offer || add_occurrence(reader, item, entry->event.line)) &&
           agenda_reader_add(reader, entry->kind, item->utc, item->end,
                             entry->event.line);
}

static bool same_time(const struct entry *exception, const struct ics_occurrence *item)
{
    const struct ics_value_time *replaced = &exception->replaces.value;

    if (replaced->is_date || item->is_date) {
        return ics_value_day(replaced->local) == ics_value_day(item->local);
    }
    bool floating = !replaced->is_utc && exception->replaces.zone == NULL;
    return exception->replaces_utc == item->utc ||
           (floating && replaced->local == item->local);
}

/* The exception that governs @item and all after it, if any: the last at or before it.
 */
static const struct entry *governing(const struct entry *entries, size_t count,
                                     const struct ics_occurrence *item)
{
    const struct entry *found = NULL;

    for (size_t i = 0; i < count; i++) {
        if (entries[i].this_and_future && entries[i].replaces_utc <= item->utc &&
            (found == NULL || found->replaces_utc <= entries[i].replaces_utc)) {
            found = &entries[i];
        }
    }
    return found;
}

/* Move @item as @exception moved the time that it replaces. */
static struct ics_occurrence moved(const struct agenda_reader *reader,
                                   const struct entry *exception,
                                   const struct ics_occurrence *item)
{
    const struct ics_moment *start = &exception->event.start;
    int64_t first = ics_zones_utc(&reader->zones, start, start->value.local);
    int64_t shift = first - exception->replaces_utc;
    struct ics_occurrence result = *item;

    result.utc += shift;
    result.local += shift;
    result.end = result.utc + exception->event.duration.days * ICS_SECONDS_PER_DAY +
                 exception->event.duration.seconds;
    return result;
}

/* How much further a series must be looked at, because it may be moved to an earlier
 * time. */
static int64_t reach(const struct agenda_reader *reader, const struct entry *entries,
                     size_t count)
{
    int64_t furthest = 0;

    for (size_t i = 0; i < count; i++) {
        if (entries[i].this_and_future) {
            const struct ics_moment *start = &entries[i].event.start;
            int64_t back = entries[i].replaces_utc -
                           ics_zones_utc(&reader->zones, start, start->value.local);
            furthest = back > furthest ? back : furthest;
        }
    }
    return furthest;
}

static void mark_replaced(const struct entry *entries, size_t count,
                          struct ics_series *series)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; entries[i].is_exception && j < series->count; j++) {
            if (same_time(&entries[i], &series->items[j])) {
                series->items[j].is_replaced = true;
            }
        }
    }
}

static bool expand_master(struct agenda_reader *reader, const struct entry *master,
                          const struct entry *entries, size_t count)
{
    int64_t horizon = reader->until + reach(reader, entries, count);
    bool has_range = horizon > reader->until;

    if (!ics_event_expand(&reader->file, &reader->zones, &master->event, horizon, false,
                          &reader->scratch, reader->error)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        has_range = has_range || entries[i].this_and_future;
    }
    mark_replaced(entries, count, &reader->scratch);
    for (size_t i = 0; i < reader->scratch.count; i++) {
        const struct ics_occurrence *item = &reader->scratch.items[i];
        if (item->is_replaced) {
            continue;
        }
        const struct entry *ruler = has_range ? governing(entries, count, item) : NULL;
        struct ics_occurrence result = *item;
        if (ruler != NULL) {
            result = moved(reader, ruler, item);
        }
        if (!emit(reader, ruler != NULL ? ruler : master, &result)) {
            return false;
        }
    }
    return true;
}

/* --- all components of one UID --- */

/* True if another entry of the group, newer than @entry, says what it says. */
static bool is_superseded(const struct entry *entries, size_t count,
                          const struct entry *entry)
{
    for (size_t i = 0; i < count; i++) {
        const struct entry *other = &entries[i];
        if (other == entry || other->sequence <= entry->sequence) {
            continue;
        }
        if (!other->is_exception && (!entry->is_exception || other->cancelled)) {
            return true;
        }
        if (other->is_exception && entry->is_exception &&
            other->replaces_utc == entry->replaces_utc) {
            return true;
        }
    }
    return false;
}

static bool expand_group(struct agenda_reader *reader, struct entry *entries,
                         size_t count)
{
    /* A repeated UID is rare; a group of thousands of one UID is an attack on a
     * quadratic loop. */
    if (count > 2000) {
        return ics_error_set(reader->error, entries[2000].event.line,
                             "more than 2000 events have the UID %.80s", entries->uid);
    }
    size_t kept = 0;
    bool superseded[2000];
    for (size_t i = 0; i < count; i++) {
        superseded[i] = is_superseded(entries, count, &entries[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (!superseded[i]) {
            entries[kept++] = entries[i];
        }
    }
    for (size_t i = 0; i < kept; i++) {
        if (!entries[i].is_exception) {
            if (!expand_master(reader, &entries[i], entries, kept)) {
                return false;
            }
        } else if (!ics_event_expand(&reader->file, &reader->zones, &entries[i].event,
                                     reader->until, true, &reader->scratch,
                                     reader->error) ||
                   (reader->scratch.count > 0 &&
                    !emit(reader, &entries[i], &reader->scratch.items[0]))) {
            return false;
        }
    }
    return true;
}

static int compare_entry(const void *a, const void *b)
{
    const struct entry *first = a;
    const struct entry *second = b;
    int order = first->uid == NULL || second->uid == NULL
                    ? (first->uid == NULL) - (second->uid == NULL)
                    : strcmp(first->uid, second->uid);

    if (order != 0) {
        return order;
    }
    return first->event.component < second->event.component ? -1 : 1;
}

/* --- our own events --- */

const char *agenda_own_meeting(const struct ics_file *file, size_t component,
                               char buffer[AGENDA_MEETING_SIZE])
{
    static const char suffix[] = "@entente";
    const char *meeting = ics_text_value(file, component, "X-ENTENTE-MEETING");
    const char *uid = ics_text_value(file, component, "UID");
    size_t length = 0;

    if (meeting != NULL) {
        length = strlen(meeting);
    } else if (uid != NULL && strlen(uid) >= sizeof suffix &&
               strcmp(uid + strlen(uid) - (sizeof suffix - 1), suffix) == 0) {
        meeting = uid;
        length = strlen(uid) - (sizeof suffix - 1);
    }
    if (length == 0 || length >= AGENDA_MEETING_SIZE) {
        return NULL;
    }
    memcpy(buffer, meeting, length);
    buffer[length] = '\0';
    return buffer;
}

static bool add_own(struct agenda_reader *reader, const char *meeting,
                    const struct entry *entry)
{
    struct agenda *agenda = reader->agenda;
    const char *version =
        ics_text_value(&reader->file, entry->event.component, "X-ENTENTE-VERSION");
    struct agenda_own *grown =
        realloc(agenda->own, (agenda->own_count + 1) * sizeof *agenda->own);

    if (grown == NULL ||
        !ics_event_expand(&reader->file, &reader->zones, &entry->event, INT64_MAX, true,
                          &reader->scratch, reader->error)) {
        agenda->own = grown != NULL ? grown : agenda->own;
        return ics_error_set(reader->error, entry->event.line, "out of memory");
    }
    agenda->own = grown;
    struct agenda_own *own = &agenda->own[agenda->own_count++];
    *own = (struct agenda_own){
        .version = version != NULL ? (int32_t)strtol(version, NULL, 10) : 0,
        .start = (int32_t)(reader->scratch.items[0].utc / 60),
        .end = (int32_t)((reader->scratch.items[0].end + 59) / 60),
        .cancelled = entry->cancelled};
    memcpy(own->meeting, meeting, strlen(meeting) + 1);
    return true;
}

/* --- the whole file --- */

static bool collect(struct agenda_reader *reader, const char *name, size_t parent,
                    enum agenda_kind kind, struct entries *entries)
{
    const struct ics_file *file = &reader->file;
    bool keep_own = reader->options->policy == AGENDA_POLICY_EVENTS;

    for (size_t i = 0; i < file->component_count; i++) {
        const struct ics_component *component = &file->components[i];
        char meeting[AGENDA_MEETING_SIZE];
        if (!ics_text_is(component, name) ||
            (parent != ICS_NONE && component->parent != parent) ||
            is_message_only(reader, i)) {
            continue;
        }
        struct entry *entry = &entries->items[entries->count];
        if (!read_entry(reader, i, kind, entry)) {
            return false;
        }
        if (!keep_own && agenda_own_meeting(file, i, meeting) != NULL) {
            if (!add_own(reader, meeting, entry)) {
                return false;
            }
        } else {
            entries->count++;
        }
    }
    return true;
}

bool agenda_events_add(struct agenda_reader *reader, const char *name, size_t parent,
                       enum agenda_kind kind)
{
    struct entries entries = {
        .items = calloc(reader->file.component_count, sizeof *entries.items)};
    bool good = entries.items != NULL;

    if (!good) {
        return ics_error_set(reader->error, 1, "out of memory");
    }
    good = collect(reader, name, parent, kind, &entries);
    if (good) {
        qsort(entries.items, entries.count, sizeof *entries.items, compare_entry);
    }
    for (size_t i = 0; good && i < entries.count;) {
        size_t end = i + 1;
        while (end < entries.count && entries.items[i].uid != NULL &&
               entries.items[end].uid != NULL &&
               strcmp(entries.items[i].uid, entries.items[end].uid) == 0) {
            end++;
        }
        good = expand_group(reader, &entries.items[i], end - i);
        i = end;
    }
    free(entries.items);
    return good;
}
