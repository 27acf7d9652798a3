// SPDX-License-Identifier: Apache-2.0

/*
 * match_input_when.c - the times of a match request: windows, days, times of day, notice,
 * target, and the clock of its zone
 */
#include "adapters/cli/match_input.h"

#include "proto/holiday.h"
#include "proto/zone.h"

#include <stdio.h>
#include <string.h>

enum {
    NOTICE_MINUTES_MAX = 525600,
    MARGIN = 3 * MINUTES_PER_DAY, /* of the clock, around everything that is asked */
    STEP_DAYS_MAX = 35,           /* from one occurrence of a series to the next */
};

static const char *const span_fields[] = {"start", "end", NULL};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "08:00" to "24:00" in minutes. */
static bool read_clock_time(const struct match_reader *reader,
                            const struct match_place *place, minute_t *ret_minute)
{
    const char *text = json_string_value(place->value);
    if (text != NULL && strlen(text) == 5 && text[2] == ':' && is_digit(text[0]) &&
        is_digit(text[1]) && is_digit(text[3]) && is_digit(text[4])) {
        int hour = (text[0] - '0') * 10 + text[1] - '0';
        int minute = (text[3] - '0') * 10 + text[4] - '0';
        if (minute < 60 && hour * 60 + minute <= MINUTES_PER_DAY) {
            *ret_minute = hour * 60 + minute;
            return true;
        }
    }
    return match_place_refuse(
        reader, place,
        place->value == NULL ? MATCH_ERROR_FIELD_MISSING : MATCH_ERROR_BAD_TIME,
        "A time of day from \"00:00\" to \"24:00\" is expected here.");
}

/* One entry may become two: a night has an evening and a morning. */
static bool read_time_of_day(struct match_input *input,
                             const struct match_reader *reader,
                             const struct match_place *place)
{
    struct match_request *request = &input->request;
    struct match_span span = {0, 0};
    if (!match_place_fields(reader, place, span_fields)) {
        return false;
    }
    struct match_place start = match_place_child(place, "start");
    struct match_place end = match_place_child(place, "end");
    if (!read_clock_time(reader, &start, &span.start) ||
        !read_clock_time(reader, &end, &span.end)) {
        return false;
    }
    if (span.start == span.end || span.start == MINUTES_PER_DAY) {
        return match_place_refuse(reader, place, MATCH_ERROR_RANGE_EMPTY,
                                  "It ends where it starts; the whole day is 00:00 to "
                                  "24:00.");
    }
    bool over_midnight = span.end < span.start && span.end > 0;
    if (request->times_of_day_count + (over_midnight ? 2 : 1) >
        MATCH_TIMES_OF_DAY_MAX) {
        return match_place_refuse(reader, place, MATCH_ERROR_TOO_MANY_TIMES,
                                  "At most %d times of day are allowed; one across "
                                  "midnight counts as two.",
                                  MATCH_TIMES_OF_DAY_MAX);
    }
    if (over_midnight) {
        struct match_span morning = {0, span.end};
        request->times_of_day[request->times_of_day_count] = morning;
        request->times_of_day_count++;
    }
    if (span.end < span.start) {
        span.end = MINUTES_PER_DAY;
    }
    request->times_of_day[request->times_of_day_count] = span;
    request->times_of_day_count++;
    return true;
}

static bool read_times_of_day(struct match_input *input,
                              const struct match_reader *reader,
                              const struct match_place *root)
{
    size_t count = 0;
    struct match_place list = match_place_child(root, "times_of_day");
    if (!match_place_array(reader, &list, MATCH_TIMES_OF_DAY_MAX,
                           MATCH_ERROR_TOO_MANY_TIMES, &count)) {
        return false;
    }
    if (list.value != NULL && count == 0) {
        return match_place_refuse(
            reader, &list, MATCH_ERROR_OUT_OF_BOUNDS,
            "An empty list would allow nothing; leave the field out "
            "to allow the whole day.");
    }
    for (size_t i = 0; i < count; i++) {
        struct match_place item = match_place_item(&list, i);
        if (!read_time_of_day(input, reader, &item)) {
            return false;
        }
    }
    return true;
}

/* Some window can hold the meeting. */
static bool is_long_enough(const struct match_input *input,
                           const struct match_reader *reader,
                           const struct match_place *windows)
{
    const struct match_request *request = &input->request;
    minute_t longest = 0;
    for (size_t i = 0; i < request->window_count; i++) {
        minute_t length = input->windows[i].end - input->windows[i].start;
        longest = length > longest ? length : longest;
    }
    return request->window_count == 0 || longest >= request->duration ||
           match_place_refuse(
               reader, windows, MATCH_ERROR_DURATION_OVER_WINDOW,
               "The meeting takes %d minutes; the longest window has %d.",
               request->duration, longest);
}

/* Windows or picked starts; *ret_first and *ret_last are the ends of it all. */
static bool read_windows(struct match_input *input, const struct match_reader *reader,
                         const struct match_place *root, struct match_span *ret_all)
{
    struct match_request *request = &input->request;
    struct match_place windows = match_place_child(root, "windows");
    struct match_place picked = match_place_child(root, "picked");
    struct match_span all = {INT32_MAX, INT32_MIN};

    if (!match_place_array(reader, &windows, MATCH_WINDOWS_MAX,
                           MATCH_ERROR_TOO_MANY_WINDOWS, &request->window_count) ||
        !match_place_array(reader, &picked, MATCH_WINDOWS_MAX,
                           MATCH_ERROR_TOO_MANY_WINDOWS, &request->picked_count)) {
        return false;
    }
    if (request->window_count > 0 && request->picked_count > 0) {
        return match_place_refuse(
            reader, &picked, MATCH_ERROR_FIELD_CONFLICT,
            "Slots picked by hand take the place of windows; give "
            "\"picked\" or \"windows\", not both.");
    }
    if (request->window_count + request->picked_count == 0) {
        return match_place_refuse(
            reader, &windows, MATCH_ERROR_FIELD_MISSING,
            "Give at least one window, with start and end, or one "
            "start in \"picked\".");
    }
    for (size_t i = 0; i < request->window_count; i++) {
        struct match_span *window = &input->windows[i];
        struct match_place item = match_place_item(&windows, i);
        if (!match_place_fields(reader, &item, span_fields) ||
            !match_place_span(reader, &item, &window->start, &window->end)) {
            return false;
        }
        all.start = window->start < all.start ? window->start : all.start;
        all.end = window->end > all.end ? window->end : all.end;
    }
    for (size_t i = 0; i < request->picked_count; i++) {
        minute_t *start = &input->picked[i];
        struct match_place item = match_place_item(&picked, i);
        if (!match_place_time(reader, &item, start)) {
            return false;
        }
        all.start = *start < all.start ? *start : all.start;
        all.end =
            *start + request->duration > all.end ? *start + request->duration : all.end;
    }
    if (all.end - all.start > MATCH_WINDOW_DAYS_MAX * MINUTES_PER_DAY) {
        return match_place_refuse(
            reader, request->picked_count > 0 ? &picked : &windows,
            MATCH_ERROR_WINDOW_TOO_LONG,
            "From the first start to the last end are more than %d days; ask for less.",
            MATCH_WINDOW_DAYS_MAX);
    }
    request->windows = input->windows;
    request->picked = input->picked;
    *ret_all = all;
    return is_long_enough(input, reader, &windows);
}

static bool read_notice(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    int32_t notice = 0;
    struct match_place now = match_place_child(root, "now");
    struct match_place notice_place = match_place_child(root, "notice_minutes");

    input->request.earliest = INT32_MIN;
    input->request.now = INT32_MIN;
    if (!match_place_number(reader, root, "notice_minutes", 0, NOTICE_MINUTES_MAX,
                            &notice)) {
        return false;
    }
    input->notice = notice;
    if (now.value == NULL) {
        return notice_place.value == NULL || input->is_for_wire ||
               match_place_refuse(reader, &now, MATCH_ERROR_FIELD_MISSING,
                                  "\"notice_minutes\" counts from \"now\", which is "
                                  "missing: match looks at no clock.");
    }
    if (!match_place_time(reader, &now, &input->request.earliest)) {
        return false;
    }
    input->request.now = input->request.earliest;
    input->request.earliest += notice;
    return true;
}

/* A day, or any time of it. */
static bool read_target(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    struct match_place place = match_place_child(root, "target");
    if (place.value == NULL) {
        return true;
    }
    input->request.has_target = true;
    const char *text = json_string_value(place.value);
    char midnight[32];
    if (text != NULL && strlen(text) == 10) {
        snprintf(midnight, sizeof(midnight), "%sT00:00", text);
        if (zone_parse_time(midnight, reader->zone, &input->request.target)) {
            return true;
        }
    }
    return match_place_time(reader, &place, &input->request.target);
}

/* The clock of the zone, as far as this request can look at it. */
bool match_input_clock(struct match_input *input, const struct match_reader *reader,
                       const struct match_place *root, struct match_span all)
{
    static struct zone_span spans[MATCH_INPUT_OFFSETS_MAX];
    struct match_request *request = &input->request;
    if (request->has_target) {
        all.start = request->target < all.start ? request->target : all.start;
        all.end = request->target > all.end ? request->target : all.end;
    }
    size_t count = zone_spans(input->zone, all.start - MARGIN, all.end + MARGIN, spans,
                              MATCH_INPUT_OFFSETS_MAX);
    if (count == 0) {
        struct match_place place = match_place_child(root, "zone");
        return match_place_refuse(reader, &place, MATCH_ERROR_BAD_ZONE,
                                  "The clock of the zone \"%s\" could not be read.",
                                  match_quote(input->zone).text);
    }
    for (size_t i = 0; i < count; i++) {
        input->offsets[i].from = spans[i].from;
        input->offsets[i].offset_minutes = spans[i].offset_minutes;
    }
    request->offsets = input->offsets;
    request->offset_count = count;
    return true;
}

/* Public holidays are days like others, unless the request leaves them out: false for
 * those of all of France, or the region whose they are. */
static bool read_holidays(struct match_input *input, const struct match_reader *reader,
                          const struct match_place *root, struct match_span all)
{
    struct match_place place = match_place_child(root, "public_holidays");
    const char *region = NULL;
    if (place.value == NULL || json_is_true(place.value)) {
        return true;
    }
    if (!json_is_false(place.value) &&
        !match_place_text(reader, &place, MATCH_INPUT_NAME_BYTES, &region)) {
        return false;
    }
    if (!holiday_known(region)) {
        return match_place_refuse(reader, &place, MATCH_ERROR_BAD_HOLIDAY_REGION,
                                  "No public holidays are known for \"%s\"; known are "
                                  "%s.",
                                  match_quote(region).text, HOLIDAY_REGIONS);
    }
    input->without_holidays = true;
    input->holiday_region = region;
    size_t count = holiday_days(region, all.start / MINUTES_PER_DAY - 2,
                                all.end / MINUTES_PER_DAY + 2, input->closed_days,
                                MATCH_CLOSED_DAYS_MAX);
    input->request.closed_days = input->closed_days;
    input->request.closed_day_count =
        count < MATCH_CLOSED_DAYS_MAX ? count : MATCH_CLOSED_DAYS_MAX;
    return true;
}

/* The start to judge, or to be near to. */
static bool read_asked(struct match_input *input, const struct match_reader *reader,
                       const struct match_place *root)
{
    struct match_place judge = match_place_child(root, "judge");
    struct match_place near = match_place_child(root, "nearest");
    if (judge.value != NULL && near.value != NULL) {
        return match_place_refuse(reader, &near, MATCH_ERROR_FIELD_CONFLICT,
                                  "Give \"judge\" or \"nearest\", not both.");
    }
    if (judge.value != NULL) {
        input->question = MATCH_JUDGED;
        return match_place_time(reader, &judge, &input->asked);
    }
    if (near.value != NULL) {
        input->question = MATCH_NEAREST;
        return match_place_time(reader, &near, &input->asked);
    }
    return true;
}

bool match_input_when(struct match_input *input, const struct match_reader *reader,
                      const struct match_place *root)
{
    struct match_span all = {INT32_MAX, INT32_MIN};
    if (!read_asked(input, reader, root)) {
        return false;
    }
    if (input->question == MATCH_JUDGED &&
        match_place_child(root, "windows").value == NULL &&
        match_place_child(root, "picked").value == NULL) {
        all = (struct match_span){input->asked, input->asked + input->request.duration};
    } else if (!read_windows(input, reader, root, &all)) {
        return false;
    }
    if (input->question != MATCH_BEST) {
        all.start = input->asked < all.start ? input->asked : all.start;
        all.end = input->asked > all.end ? input->asked : all.end;
    }
    all.end += (minute_t)input->request.occurrences * STEP_DAYS_MAX * MINUTES_PER_DAY;
    all.end += input->leeway.wider_days * MINUTES_PER_DAY;
    return read_times_of_day(input, reader, root) && read_notice(input, reader, root) &&
           read_target(input, reader, root) &&
           read_holidays(input, reader, root, all) &&
           match_input_clock(input, reader, root, all);
}
