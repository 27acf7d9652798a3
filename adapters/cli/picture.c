// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/picture.h"

#include "adapters/cli/draw.h"
#include "adapters/cli/language.h"
#include "adapters/cli/summary.h"
#include "adapters/cli/terms.h"
#include "proto/zone.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    DAY_BEGINS = 8, /* o'clock: shown at least */
    DAY_ENDS = 19,
    DEFAULT_WIDTH = 80,
    MARKS_MAX = 2,
};

/* ---- the terminal ------------------------------------------------------------------
 */

static size_t width_of(const struct words *words, FILE *out)
{
    const char *text = words_text(words, WORD_WIDTH);
    struct winsize size;
    text = text == NULL ? getenv("COLUMNS") : text;
    long columns = text == NULL ? 0 : strtol(text, NULL, 10);
    if (columns > 0) {
        return (size_t)columns;
    }
    if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return DEFAULT_WIDTH;
}

static bool wants_colour(FILE *out)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(fileno(out)) && (no_colour == NULL || no_colour[0] == '\0') &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

/* ---- what time is shown ------------------------------------------------------------
 */

static bool is_over(const struct entente_meeting *meeting)
{
    return meeting->state == ENTENTE_CANCELLED || meeting->state == ENTENTE_EXPIRED;
}

/* The times of the meeting, the one that is asked about first. */
static size_t find_marks(const struct entente_meeting *meeting, struct draw_mark *marks)
{
    const struct entente_proposal *proposal = meeting->proposal;
    bool agreed = meeting->confirmed != NULL && !is_over(meeting);
    bool asked = proposal != NULL && !is_over(meeting) &&
                 meeting->state != ENTENTE_CONFIRMED && meeting->state != ENTENTE_DONE;
    size_t count = 0;
    if (asked) {
        marks[count++] =
            (struct draw_mark){_("proposal"), {proposal->start, proposal->end}};
    }
    if (agreed) {
        marks[count++] = (struct draw_mark){_("agreed time"), *meeting->confirmed};
    }
    return count;
}

/* When no time is fixed: the first one that was asked for. */
static struct entente_span first_time(const struct entente_meeting *meeting)
{
    const struct entente_spec *spec = meeting->spec;
    struct entente_span first = {0, 0};
    if (meeting->proposal != NULL) {
        return (struct entente_span){meeting->proposal->start, meeting->proposal->end};
    }
    if (meeting->alternatives_count > 0) {
        return (struct entente_span){meeting->alternatives[0].start,
                                     meeting->alternatives[0].end};
    }
    if (spec->windows_count > 0) {
        first.start = spec->windows[0].start;
    } else if (spec->picked_count > 0) {
        first.start = spec->picked[0];
    }
    first.end = first.start + (int32_t)spec->duration_minutes;
    return first;
}

/* The day around @span, from full hour to full hour. */
static struct entente_span day_around(const char *zone, struct entente_span span)
{
    struct zone_civil civil = {0};
    struct entente_span day = span;
    zone_to_civil(zone, span.start, &civil);
    int32_t slot_hour = span.start - civil.minute;
    civil.minute = 0;
    civil.hour = DAY_BEGINS;
    zone_from_civil(zone, &civil, &day.start);
    civil.hour = DAY_ENDS;
    zone_from_civil(zone, &civil, &day.end);
    day.start = slot_hour < day.start ? slot_hour : day.start;
    zone_to_civil(zone, span.end, &civil);
    int32_t end_hour = civil.minute == 0 ? span.end : span.end + 60 - civil.minute;
    day.end = end_hour > day.end ? end_hour : day.end;
    return day;
}

/* ---- rows --------------------------------------------------------------------------
 */

static enum draw_sign sign_of(const struct entente_meeting *meeting, size_t index)
{
    const struct entente_party *party = &meeting->spec->parties[index];
    if (party->dropped || party->answer == ENTENTE_DECLINE) {
        return DRAW_DECLINED;
    }
    if (party->answer == ENTENTE_SHIFT) {
        return DRAW_SHIFTED;
    }
    if (summary_awaits(meeting, index)) {
        return DRAW_AWAITED;
    }
    return party->answer == ENTENTE_ACCEPT ? DRAW_ACCEPTED : DRAW_NO_SIGN;
}

static const char *note_of(const struct entente_party *party)
{
    if (!party->attends && party->absence != 0) {
        return term_text(TERM_ABSENCE, party->absence);
    }
    if (party->asked) {
        return _("not known to be free");
    }
    if (party->kind == ENTENTE_PATIENT) {
        return _("the patient");
    }
    return party->importance == ENTENTE_OPTIONAL ? _("optional") : NULL;
}

static struct entente_span *copy_spans(struct link *link,
                                       const struct entente_free_ranges *ranges)
{
    struct entente_span *spans =
        arena_array(&link->arena, ranges->ranges_count, sizeof(*spans));
    for (size_t i = 0; spans != NULL && i < ranges->ranges_count; i++) {
        spans[i] =
            (struct entente_span){ranges->ranges[i].start, ranges->ranges[i].end};
    }
    return spans;
}

/* Fill in what is free.  A refusal leaves the row unknown; silence is a failure. */
static enum entente_code fill_row(struct link *link, const struct entente_spec *spec,
                                  const struct entente_party *party,
                                  struct entente_span shown, struct draw_row *row)
{
    const struct entente_free_ranges *ranges = NULL;
    const struct entente_query_free query = {.person = party->identifier,
                                             .from = shown.start,
                                             .until = shown.end,
                                             .purposes = spec->purposes};
    if (party->identifier == NULL) {
        return ENTENTE_OK;
    }
    enum entente_code code = entente_client_query_free(link->client, &query,
                                                       link_patience_ms(link), &ranges);
    if (code != ENTENTE_OK) {
        return entente_client_refusal(link->client) != NULL ? ENTENTE_OK : code;
    }
    row->free = copy_spans(link, ranges);
    row->free_count = row->free == NULL ? 0 : ranges->ranges_count;
    row->known = arena_copy(&link->arena, ranges->known,
                            ranges->known_count * sizeof(*ranges->known));
    row->known_count = row->known == NULL ? 0 : ranges->known_count;
    return ENTENTE_OK;
}

enum entente_code picture_print(struct link *link,
                                const struct entente_meeting *meeting, FILE *out)
{
    const struct entente_spec *spec = meeting->spec;
    struct draw_mark marks[MARKS_MAX];
    size_t mark_count = find_marks(meeting, marks);
    struct entente_span shown =
        day_around(spec->zone, mark_count > 0 ? marks[0].span : first_time(meeting));
    struct draw_row *rows =
        arena_array(&link->arena, spec->parties_count, sizeof(*rows));
    if (rows == NULL) {
        return ENTENTE_ERROR_MEMORY;
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        rows[i].name = arena_text(&link->arena, summary_party(spec, i));
        rows[i].sign = sign_of(meeting, i);
        rows[i].note = note_of(&spec->parties[i]);
        rows[i].attends = spec->parties[i].attends;
        enum entente_code code =
            fill_row(link, spec, &spec->parties[i], shown, &rows[i]);
        if (code != ENTENTE_OK) {
            return code;
        }
    }
    /* An agreed time on another day has its place in the sentences only. */
    if (mark_count == 2 &&
        (marks[1].span.end <= shown.start || marks[1].span.start >= shown.end)) {
        mark_count = 1;
    }
    const struct draw_sheet sheet = {
        .zone = spec->zone,
        .shown = shown,
        .rows = rows,
        .row_count = spec->parties_count,
        .marks = marks,
        .mark_count = mark_count,
        .width = width_of(link->words, out),
        .colour = wants_colour(out),
    };
    draw_print(out, &sheet);
    return ENTENTE_OK;
}
