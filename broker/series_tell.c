// SPDX-License-Identifier: Apache-2.0

/*
 * series_tell.c - one word to all meetings of a series, and what neighbours leave free
 */
#include "broker/series_internal.h"

#include "proto/zone.h"

#include <limits.h>
#include <string.h>

/* The part of a command that names a meeting and may mean its whole series. */
struct address {
    struct entente_bytes *meeting;
    bool *series;
    uint32_t *proposal; /* NULL: it is bound to no proposal */
    uint32_t *version;  /* NULL: it is based on no version */
};

static struct address address_of(struct command *command)
{
    struct entente_envelope *envelope = command->envelope;
    if (envelope == NULL) {
        return (struct address){0};
    }
    if (envelope->body == ENTENTE_ANSWER) {
        return (struct address){.meeting = &envelope->answer->meeting,
                                .series = &envelope->answer->series,
                                .proposal = &envelope->answer->proposal};
    }
    if (envelope->body == ENTENTE_DECIDE) {
        return (struct address){.meeting = &envelope->decide->meeting,
                                .series = &envelope->decide->series,
                                .version = &envelope->decide->version};
    }
    if (envelope->body == ENTENTE_CANCEL) {
        return (struct address){.meeting = &envelope->cancel->meeting,
                                .series = &envelope->cancel->series};
    }
    return (struct address){0};
}

static const struct entente_meeting *meeting_of(struct batch *batch,
                                                const struct command *command)
{
    const struct matter *matter =
        command->has_meeting ? batch_matter(batch, command->meeting.bytes) : NULL;
    return matter == NULL ? NULL : matter->meeting;
}

const uint8_t *series_sibling(const struct entente_kept *kept, size_t index)
{
    return index < kept->siblings.size / SERIES_ID
               ? kept->siblings.data + index * SERIES_ID
               : NULL;
}

/* False: it has to be locked first. */
static bool has(struct batch *batch, struct command *command, const uint8_t *sibling)
{
    const struct matter *matter = batch_matter(batch, sibling);
    if (matter != NULL && batch_holds_people(batch, matter->meeting)) {
        return true;
    }
    batch_need_meeting(batch, command, sibling);
    return false;
}

/* May a search for @meeting be one for those that wait with it? */
static bool searches_all(const struct command *command,
                         const struct entente_meeting *meeting)
{
    return sequence_is(meeting) &&
           (command->client == NULL ? meeting->state == ENTENTE_SEARCHING
                                    : command->envelope->body == ENTENTE_DECIDE);
}

bool series_is_loaded(struct batch *batch, struct command *command)
{
    const struct address address = address_of(command);
    const struct entente_meeting *meeting = meeting_of(batch, command);
    if (meeting == NULL || meeting->series == NULL) {
        return true;
    }
    bool all =
        (address.series != NULL && *address.series) || searches_all(command, meeting);
    bool loaded = true;
    if (command->client == NULL && !all) {
        return true; /* the clock moves nothing that has a time */
    }
    const uint8_t *sibling;
    for (size_t i = 0; (sibling = series_sibling(meeting->kept, i)) != NULL; i++) {
        int64_t apart = (int64_t)i - (int64_t)meeting->series->index;
        bool bounds = meeting->kept->linked && (apart == 1 || apart == -1);
        if (apart != 0 && (all || bounds)) {
            loaded = has(batch, command, sibling) && loaded;
        }
    }
    return loaded;
}

/* What was said about one meeting may be said about this one too: it is open, and shows
 * the same proposal, or still its first one. */
static bool means(const struct address *address, const struct entente_meeting *meeting,
                  uint32_t proposal)
{
    uint32_t number = meeting->proposal == NULL ? 0 : meeting->proposal->number;
    return !negotiation_is_over((enum negotiation_state)meeting->state) &&
           (address->proposal == NULL || number == proposal || number == 1);
}

void series_tell(struct batch *batch, struct command *command,
                 enum outcome (*handle)(struct batch *batch, struct command *command))
{
    const struct address address = address_of(command);
    const struct entente_meeting *meeting = meeting_of(batch, command);
    if (meeting == NULL || meeting->series == NULL || address.series == NULL ||
        !*address.series) {
        return;
    }
    const struct entente_bytes named = *address.meeting;
    const struct entente_kept kept = *meeting->kept;
    uint32_t proposal = address.proposal == NULL ? 0 : *address.proposal;
    uint32_t version = address.version == NULL ? 0 : *address.version;
    const uint8_t *sibling;
    for (size_t i = 0; (sibling = series_sibling(&kept, i)) != NULL; i++) {
        const struct matter *matter = batch_matter(batch, sibling);
        if (matter == NULL || memcmp(sibling, named.data, SERIES_ID) == 0 ||
            !means(&address, matter->meeting, proposal)) {
            continue;
        }
        *address.meeting = (struct entente_bytes){sibling, SERIES_ID};
        if (address.proposal != NULL) {
            *address.proposal = matter->meeting->proposal->number;
        }
        if (address.version != NULL) {
            *address.version = matter->meeting->version;
        }
        /* What it cannot be said to stays as it is, and shows it. */
        handle(batch, command);
        command->failed = false;
    }
    *address.meeting = named;
    if (address.proposal != NULL) {
        *address.proposal = proposal;
    }
    if (address.version != NULL) {
        *address.version = version;
    }
}

/* ---- other times -------------------------------------------------------------------
 */

bool series_moves(const struct command *command)
{
    const struct entente_envelope *envelope = command->envelope;
    const struct entente_decide *decide = envelope == NULL ? NULL : envelope->decide;
    return envelope != NULL && envelope->body == ENTENTE_DECIDE && decide->series &&
           (decide->start != 0 || decide->windows_count > 0 ||
            decide->picked_count > 0);
}

/* From when to when, on the clocks of @zone. */
struct shift {
    const char *zone;
    int64_t minutes;
};

/* What the clocks of the zone show at @minute, as if they were UTC's. */
static bool shown(const char *zone, int32_t minute, int32_t *ret_minute)
{
    struct zone_civil civil;
    return zone_to_civil(zone, minute, &civil) &&
           zone_from_civil("UTC", &civil, ret_minute);
}

/* False: no clock shows that. */
static bool move_time(const struct shift *shift, int32_t *minute)
{
    struct zone_civil civil;
    int32_t local = 0;
    if (!shown(shift->zone, *minute, &local)) {
        return false;
    }
    int64_t moved = local + shift->minutes;
    return moved > 0 && moved < INT32_MAX &&
           zone_to_civil("UTC", (int32_t)moved, &civil) &&
           zone_from_civil(shift->zone, &civil, minute);
}

static bool move_windows(struct batch *batch, const struct shift *shift,
                         struct entente_decide *decide)
{
    struct entente_span *windows = arena_copy(&batch->arena, decide->windows,
                                              decide->windows_count * sizeof(*windows));
    int32_t *picked = arena_copy(&batch->arena, decide->picked,
                                 decide->picked_count * sizeof(*picked));
    if ((windows == NULL && decide->windows_count > 0) ||
        (picked == NULL && decide->picked_count > 0)) {
        batch->exhausted = true;
        return false;
    }
    for (size_t i = 0; i < decide->windows_count; i++) {
        if (!move_time(shift, &windows[i].start) ||
            !move_time(shift, &windows[i].end)) {
            return false;
        }
    }
    for (size_t i = 0; i < decide->picked_count; i++) {
        if (!move_time(shift, &picked[i])) {
            return false;
        }
    }
    decide->windows = windows;
    decide->picked = picked;
    return true;
}

/* The start of what is agreed or, before that, proposed; 0: nothing is. */
static int32_t start_of(const struct entente_meeting *meeting)
{
    const struct entente_kept *kept = meeting->kept;
    return kept->firm_end != 0   ? kept->firm_start
           : kept->held_end != 0 ? kept->held_start
                                 : 0;
}

/* The times of @decide for a meeting that starts at @to instead of @from. */
static bool move_decision(struct batch *batch, const char *zone, int32_t from,
                          int32_t to, struct entente_decide *decide)
{
    struct shift shift = {.zone = zone == NULL ? "Europe/Paris" : zone};
    int32_t local_from = 0;
    int32_t local_to = 0;
    if (from == 0 || to == 0 || !shown(shift.zone, from, &local_from) ||
        !shown(shift.zone, to, &local_to)) {
        return false;
    }
    shift.minutes = (int64_t)local_to - local_from;
    return (decide->start == 0 || move_time(&shift, &decide->start)) &&
           move_windows(batch, &shift, decide);
}

/* What is agreed of earlier ones stays where it is. */
static bool is_meant(const struct entente_decide *decide,
                     const struct entente_meeting *named,
                     const struct entente_meeting *other)
{
    return !negotiation_is_over((enum negotiation_state)other->state) &&
           (decide->decision != ENTENTE_MOVE ||
            other->series->index > named->series->index);
}

enum outcome series_move(struct batch *batch, struct command *command,
                         enum outcome (*handle)(struct batch *batch,
                                                struct command *command))
{
    const struct entente_meeting *meeting = meeting_of(batch, command);
    struct entente_decide *named = command->envelope->decide;
    int32_t from = meeting == NULL ? 0 : start_of(meeting);
    if (handle(batch, command) == OUTCOME_NEEDS) {
        return OUTCOME_NEEDS;
    }
    if (command->failed || meeting == NULL || meeting->series == NULL) {
        return OUTCOME_DECIDED;
    }
    const struct command said = *command;
    const uint8_t *sibling;
    for (size_t i = 0; (sibling = series_sibling(meeting->kept, i)) != NULL; i++) {
        const struct matter *matter = batch_matter(batch, sibling);
        struct entente_decide other = *named;
        if (matter == NULL || matter->meeting == meeting ||
            !is_meant(named, meeting, matter->meeting) ||
            !move_decision(batch, meeting->spec->zone, from, start_of(matter->meeting),
                           &other)) {
            continue;
        }
        other.meeting = (struct entente_bytes){sibling, SERIES_ID};
        other.version = matter->meeting->version;
        command->envelope->decide = &other;
        /* What it cannot be said to stays as it is, and shows it. */
        handle(batch, command);
        command->failed = false;
    }
    command->envelope->decide = named;
    command->reply = said.reply;
    command->meeting = said.meeting;
    command->version = said.version;
    return OUTCOME_DECIDED;
}

/* ---- neighbours --------------------------------------------------------------------
 */

bool series_time(const struct entente_meeting *meeting, struct entente_span *ret_time)
{
    const struct entente_kept *kept = meeting->kept;
    if (negotiation_is_over((enum negotiation_state)meeting->state) &&
        meeting->state != ENTENTE_DONE) {
        return false;
    }
    *ret_time = kept->held_end != 0
                    ? (struct entente_span){kept->held_start, kept->held_end}
                    : (struct entente_span){kept->firm_start, kept->firm_end};
    return ret_time->end != 0;
}

struct entente_meeting *series_neighbour(struct batch *batch,
                                         const struct entente_meeting *meeting,
                                         int64_t apart)
{
    int64_t index = (int64_t)meeting->series->index + apart;
    const uint8_t *sibling =
        index < 0 ? NULL : series_sibling(meeting->kept, (size_t)index);
    const struct matter *matter = sibling == NULL ? NULL : batch_matter(batch, sibling);
    return matter == NULL ? NULL : matter->meeting;
}

/* The first and the last start that the neighbours leave. */
struct bounds {
    int64_t first;
    int64_t last;
};

static struct bounds bounds_of(struct batch *batch,
                               const struct entente_meeting *meeting)
{
    struct bounds bounds = {0, INT32_MAX};
    struct entente_span time;
    int64_t duration = meeting->spec->duration_minutes;
    const struct entente_meeting *before = series_neighbour(batch, meeting, -1);
    const struct entente_meeting *behind = series_neighbour(batch, meeting, 1);
    if (before != NULL && series_time(before, &time)) {
        bounds.first = (int64_t)time.end + meeting->kept->min_gap_minutes;
        if (meeting->kept->max_gap_minutes != 0) {
            bounds.last = (int64_t)time.end + meeting->kept->max_gap_minutes;
        }
    }
    if (behind != NULL && series_time(behind, &time)) {
        int64_t most = behind->kept->max_gap_minutes;
        int64_t last = (int64_t)time.start - behind->kept->min_gap_minutes - duration;
        int64_t first = (int64_t)time.start - most - duration;
        bounds.last = last < bounds.last ? last : bounds.last;
        bounds.first = most != 0 && first > bounds.first ? first : bounds.first;
    }
    return bounds;
}

bool series_narrow(struct batch *batch, uint32_t duration, int64_t first, int64_t last,
                   struct propose_question *question)
{
    size_t count = question->within_count == 0 ? 1 : question->within_count;
    struct entente_span *within = arena_array(&batch->arena, count, sizeof(*within));
    int64_t end = last + (int64_t)duration;
    const struct entente_span whole = {(int32_t)(first < 0 ? 0 : first),
                                       (int32_t)(end > INT32_MAX ? INT32_MAX : end)};
    if (question->exact != 0) {
        return question->exact >= first && question->exact <= last;
    }
    if (within == NULL || last < first) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct entente_span span =
            question->within_count == 0 ? whole : question->within[i];
        span.start = span.start < whole.start ? whole.start : span.start;
        span.end = span.end > whole.end ? whole.end : span.end;
        if (span.end - span.start >= (int32_t)duration) {
            within[kept++] = span;
        }
    }
    question->within = within;
    question->within_count = kept;
    return kept > 0;
}

bool series_bound(struct batch *batch, const struct entente_meeting *meeting,
                  struct propose_question *question)
{
    if (meeting->series == NULL || !meeting->kept->linked) {
        return true;
    }
    struct bounds bounds = bounds_of(batch, meeting);
    return series_narrow(batch, meeting->spec->duration_minutes, bounds.first,
                         bounds.last, question);
}
