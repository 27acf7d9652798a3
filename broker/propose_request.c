// SPDX-License-Identifier: Apache-2.0

/*
 * propose_request.c - the part of propose.h that says to the matcher what is asked for
 */
#include "broker/propose_internal.h"

#include "proto/holiday.h"
#include "proto/recurrence.h"
#include "proto/zone.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_GRID = 15,
    OFFSETS_LEAST = 16,
    DAYS_PER_OFFSET = 30, /* no zone changes more often for long */
    MONTH_DAYS = 31,
};

/* Starts that are not wanted, in order. */
struct unwanted {
    const int32_t *starts;
    size_t count;
};

/* ---- when --------------------------------------------------------------------------
 */

/* Put [start, end) behind the others, if there is anything in it. */
static void add_piece(struct inquiry *inquiry, struct match_span *windows,
                      minute_t start, minute_t end)
{
    if (start < end) {
        windows[inquiry->request.window_count++] = (struct match_span){start, end};
    }
}

/* The window without the starts that are not wanted. */
static void add_window(struct inquiry *inquiry, struct match_span *windows,
                       struct match_span window, const struct unwanted *unwanted)
{
    int32_t duration = inquiry->request.duration;
    for (size_t i = 0; i < unwanted->count; i++) {
        int32_t start = unwanted->starts[i];
        if (window.start <= start && start < window.end) {
            int32_t end = start - 1 + duration;
            add_piece(inquiry, windows, window.start,
                      end > window.end ? window.end : end);
            window.start = start + 1;
        }
    }
    add_piece(inquiry, windows, window.start, window.end);
}

static int by_start(const void *a, const void *b)
{
    int32_t one = *(const int32_t *)a;
    int32_t two = *(const int32_t *)b;
    return (one > two) - (one < two);
}

static bool gather_unwanted(struct inquiry *inquiry, struct unwanted *ret)
{
    const struct propose_question *question = inquiry->question;
    int32_t *starts =
        arena_array(inquiry->arena, question->refused_count + 1, sizeof(*starts));
    if (starts == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < question->refused_count; i++) {
        starts[count++] = question->refused[i];
    }
    if (question->not_start != 0) {
        starts[count++] = question->not_start;
    }
    qsort(starts, count, sizeof(*starts), by_start);
    *ret = (struct unwanted){starts, count};
    return true;
}

static bool gather_windows(struct inquiry *inquiry)
{
    const struct propose_question *question = inquiry->question;
    const struct entente_spec *spec = question->spec;
    size_t cuts = question->within_count == 0 ? 1 : question->within_count;
    struct unwanted unwanted;
    if (!gather_unwanted(inquiry, &unwanted)) {
        return false;
    }
    struct match_span *windows =
        arena_array(inquiry->arena, spec->windows_count * cuts * (unwanted.count + 1),
                    sizeof(*windows));
    if (windows == NULL) {
        return false;
    }
    inquiry->request.windows = windows;
    for (size_t i = 0; i < spec->windows_count; i++) {
        struct match_span whole = {spec->windows[i].start, spec->windows[i].end};
        if (question->within_count == 0) {
            add_window(inquiry, windows, whole, &unwanted);
        }
        for (size_t j = 0; j < question->within_count; j++) {
            struct match_span cut = {question->within[j].start,
                                     question->within[j].end};
            cut.start = cut.start < whole.start ? whole.start : cut.start;
            cut.end = cut.end > whole.end ? whole.end : cut.end;
            add_window(inquiry, windows, cut, &unwanted);
        }
    }
    return true;
}

static bool lies_within(const struct propose_question *question, int32_t start)
{
    int32_t end = start + (int32_t)question->spec->duration_minutes;
    bool within = question->within_count == 0;
    for (size_t i = 0; i < question->within_count; i++) {
        within = within ||
                 (question->within[i].start <= start && end <= question->within[i].end);
    }
    for (size_t i = 0; i < question->refused_count; i++) {
        within = within && start != question->refused[i];
    }
    return within && start != question->not_start;
}

static bool gather_picked(struct inquiry *inquiry)
{
    const struct entente_spec *spec = inquiry->question->spec;
    minute_t *picked = arena_array(inquiry->arena, spec->picked_count, sizeof(*picked));
    if (picked == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < spec->picked_count; i++) {
        if (lies_within(inquiry->question, spec->picked[i])) {
            picked[count++] = spec->picked[i];
        }
    }
    inquiry->request.picked = picked;
    inquiry->request.picked_count = count;
    return true;
}

/* An exact start is a slot picked by hand, if a window admits it. */
static void pick_exactly(struct inquiry *inquiry)
{
    const struct propose_question *question = inquiry->question;
    int32_t end = question->exact + (int32_t)question->spec->duration_minutes;
    bool admitted = question->spec->windows_count == 0;
    for (size_t i = 0; i < question->spec->windows_count; i++) {
        admitted = admitted || (question->spec->windows[i].start <= question->exact &&
                                end <= question->spec->windows[i].end);
    }
    inquiry->exact = question->exact;
    inquiry->request.picked = &inquiry->exact;
    inquiry->request.picked_count =
        admitted && question->exact != question->not_start ? 1 : 0;
}

/* The first and the last minute at which something may take place; of a series with
 * @later, its later meetings too. */
static struct match_span whole_span(const struct inquiry *inquiry, bool later)
{
    const struct match_request *request = &inquiry->request;
    struct match_span span = {INT32_MAX, 0};
    for (size_t i = 0; i < request->window_count; i++) {
        const struct match_span *window = &request->windows[i];
        span.start = window->start < span.start ? window->start : span.start;
        span.end = window->end > span.end ? window->end : span.end;
    }
    for (size_t i = 0; i < request->picked_count; i++) {
        minute_t start = request->picked[i];
        minute_t end = start + request->duration;
        span.start = start < span.start ? start : span.start;
        span.end = end > span.end ? end : span.end;
    }
    if (request->has_target && request->target < span.start) {
        span.start = request->target;
    }
    /* Relaxed, the last window ends later; a series goes on. */
    int32_t days = PROPOSE_WIDER_DAYS + 1;
    if (later && request->occurrences > 1) {
        days += (int32_t)request->occurrences * MONTH_DAYS;
    }
    span.end += days * MINUTES_PER_DAY;
    return span;
}

static enum status gather_offsets(struct inquiry *inquiry)
{
    const struct entente_spec *spec = inquiry->question->spec;
    struct match_span whole = whole_span(inquiry, true);
    int32_t days = (whole.end - whole.start) / MINUTES_PER_DAY;
    size_t capacity = OFFSETS_LEAST + (size_t)days / DAYS_PER_OFFSET;
    const char *zone = spec->zone == NULL ? RECURRENCE_ZONE : spec->zone;
    struct zone_span *spans = arena_array(inquiry->arena, capacity, sizeof(*spans));
    struct match_offset *offsets =
        arena_array(inquiry->arena, capacity, sizeof(*offsets));
    if (spans == NULL || offsets == NULL) {
        return STATUS_FAILED;
    }
    size_t count = zone_spans(zone, whole.start, whole.end, spans, capacity);
    for (size_t i = 0; i < count; i++) {
        offsets[i].from = spans[i].from;
        offsets[i].offset_minutes = spans[i].offset_minutes;
    }
    inquiry->request.offsets = offsets;
    inquiry->request.offset_count = count;
    return count > 0 ? STATUS_OK : STATUS_REFUSED;
}

static int by_day(const void *a, const void *b)
{
    const int32_t *one = a;
    const int32_t *two = b;
    return (*one > *two) - (*one < *two);
}

/* Sort @days and keep each once; returns how many are left. */
static size_t each_once(int32_t *days, size_t count)
{
    size_t kept = 0;
    qsort(days, count, sizeof(*days), by_day);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || days[kept - 1] != days[i]) {
            days[kept++] = days[i];
        }
    }
    return kept;
}

/* Add the days on which a series as it is asked for does not begin.  Its later meetings
 * are on the same weekday of the month, so that they need no closed days. */
static size_t add_other_days(const struct inquiry *inquiry, struct match_span within,
                             int32_t *days, size_t count)
{
    struct recurrence series = recurrence_of(inquiry->question->spec);
    int32_t last = within.end / MINUTES_PER_DAY + 1;
    if (series.weekdays == 0) {
        return count;
    }
    for (int32_t day = within.start / MINUTES_PER_DAY - 1;
         day <= last && count < MATCH_CLOSED_DAYS_MAX; day++) {
        if (!recurrence_admits(&series, day)) {
            days[count++] = day;
        }
    }
    return count;
}

/* The civil days that are closed: a day more at each end than any clock can tell. */
static bool gather_closed_days(struct inquiry *inquiry)
{
    const struct entente_spec *spec = inquiry->question->spec;
    struct match_span whole = whole_span(inquiry, true);
    if (!spec->without_public_holidays && spec->recurrence == NULL) {
        return true;
    }
    int32_t *days = arena_array(inquiry->arena, MATCH_CLOSED_DAYS_MAX, sizeof(*days));
    if (days == NULL) {
        return false;
    }
    size_t count = add_other_days(inquiry, whole_span(inquiry, false), days, 0);
    if (spec->without_public_holidays) {
        size_t room = MATCH_CLOSED_DAYS_MAX - count;
        size_t found =
            holiday_days(spec->holiday_region, whole.start / MINUTES_PER_DAY - 1,
                         whole.end / MINUTES_PER_DAY + 1, days + count, room);
        count += found < room ? found : room;
    }
    inquiry->request.closed_days = days;
    inquiry->request.closed_day_count = each_once(days, count);
    return true;
}

static void gather_limits(struct inquiry *inquiry)
{
    const struct propose_question *question = inquiry->question;
    const struct entente_spec *spec = question->spec;
    struct match_request *request = &inquiry->request;
    int64_t now_minute = (question->now_ms + 59999) / 60000;
    request->duration = (int32_t)spec->duration_minutes;
    request->grid =
        spec->grid_minutes == 0 ? DEFAULT_GRID : (int32_t)spec->grid_minutes;
    request->now = (minute_t)now_minute;
    request->earliest = (minute_t)(now_minute + (int64_t)spec->notice_minutes);
    request->weekdays = (uint8_t)spec->weekdays;
    for (size_t i = 0; i < spec->times_of_day_count; i++) {
        request->times_of_day[i] =
            (struct match_span){(minute_t)spec->times_of_day[i].from_minutes,
                                (minute_t)spec->times_of_day[i].until_minutes};
    }
    request->times_of_day_count = spec->times_of_day_count;
    request->has_target = spec->target != 0;
    request->target = spec->target;
    request->certainties = (uint8_t)spec->certainties;
    request->purposes = spec->purposes == 0 ? ENTENTE_FOR_MEETINGS : spec->purposes;
    request->tentative = spec->tentative == ENTENTE_TENTATIVE_SOFT
                             ? MATCH_TENTATIVE_SOFT
                             : MATCH_TENTATIVE_EXCLUDED;
    request->quorum = spec->quorum;
    request->urgent = spec->urgent;
    struct recurrence series = recurrence_of(spec);
    request->occurrences = question->first_only ? 1 : series.occurrences;
    request->step = series.nth == RECURRENCE_LAST
                        ? MATCH_MONTHLY_LAST
                        : (enum match_step)series.step; /* the numbers are the same */
    request->wanted = question->wanted;
    request->apart = (int32_t)spec->apart_minutes;
}

/* ---- where -------------------------------------------------------------------------
 */

uint16_t inquiry_place(struct inquiry *inquiry, const char *key, bool is_new)
{
    if (key == NULL) {
        return 0;
    }
    uint16_t known = index_place(inquiry->index, key);
    if (known != 0) {
        return known;
    }
    size_t i = 0;
    while (i < inquiry->strange_count && strcmp(inquiry->strange_places[i], key) != 0) {
        i++;
    }
    if (i == inquiry->strange_count) {
        if (!is_new) {
            return 0;
        }
        inquiry->strange_places[inquiry->strange_count++] = key;
    }
    return (uint16_t)(INDEX_PLACES_MAX + 1 + i);
}

static bool gather_options(struct inquiry *inquiry)
{
    const struct entente_spec *spec = inquiry->question->spec;
    /* Without options there is one way to meet, if the request says how. */
    const struct entente_option said = {.modality = spec->modality,
                                        .place = spec->place};
    bool is_said = said.modality != 0 || said.place != NULL;
    size_t count = spec->options_count > 0 ? spec->options_count : is_said ? 1 : 0;
    const struct entente_option *options =
        spec->options_count > 0 ? spec->options : &said;
    struct match_option *ret = arena_array(inquiry->arena, count, sizeof(*ret));
    size_t strange = count + spec->parties_count;
    inquiry->strange_places =
        arena_array(inquiry->arena, strange, sizeof(*inquiry->strange_places));
    if (ret == NULL || inquiry->strange_places == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ret[i] = (struct match_option){
            .modality = (uint8_t)options[i].modality,
            .place = inquiry_place(inquiry, options[i].place, true),
        };
    }
    inquiry->request.options = ret;
    inquiry->request.option_count = count;
    return true;
}

static int by_places(const void *a, const void *b)
{
    const struct match_leg *one = a;
    const struct match_leg *two = b;
    if (one->from != two->from) {
        return one->from < two->from ? -1 : 1;
    }
    return (one->to > two->to) - (one->to < two->to);
}

/* Legs that lead from or to a place where nobody is and nobody meets are left out. */
static bool gather_legs(struct inquiry *inquiry)
{
    const struct entente_spec *spec = inquiry->question->spec;
    struct match_leg *legs =
        arena_array(inquiry->arena, spec->legs_count, sizeof(*legs));
    if (legs == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < spec->legs_count; i++) {
        legs[count] = (struct match_leg){
            .from = inquiry_place(inquiry, spec->legs[i].from, false),
            .to = inquiry_place(inquiry, spec->legs[i].to, false),
            .minutes = (int32_t)spec->legs[i].minutes,
        };
        if (legs[count].from != 0 && legs[count].to != 0) {
            count++;
        }
    }
    qsort(legs, count, sizeof(*legs), by_places);
    /* Of two times for the same way the longer one is safe. */
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && by_places(&legs[kept - 1], &legs[i]) == 0) {
            legs[kept - 1].minutes = legs[i].minutes > legs[kept - 1].minutes
                                         ? legs[i].minutes
                                         : legs[kept - 1].minutes;
        } else {
            legs[kept++] = legs[i];
        }
    }
    inquiry->request.legs = legs;
    inquiry->request.leg_count = kept;
    return true;
}

enum status inquiry_gather(struct inquiry *inquiry)
{
    bool gathered = true;
    gather_limits(inquiry);
    if (inquiry->question->exact != 0) {
        pick_exactly(inquiry);
    } else if (inquiry->question->spec->picked_count > 0) {
        gathered = gather_picked(inquiry);
    } else {
        gathered = gather_windows(inquiry);
    }
    if (!gathered || !gather_options(inquiry) || !inquiry_gather_parties(inquiry) ||
        !gather_legs(inquiry)) {
        return STATUS_FAILED;
    }
    if (inquiry->request.window_count + inquiry->request.picked_count == 0) {
        return STATUS_OK;
    }
    return gather_closed_days(inquiry) ? gather_offsets(inquiry) : STATUS_FAILED;
}
