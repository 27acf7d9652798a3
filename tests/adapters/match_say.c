// SPDX-License-Identifier: Apache-2.0

#include "tests/adapters/match_say.h"

#include "proto/zone.h"

#include <stdio.h>

json_t *match_say_time(minute_t minute)
{
    char text[ZONE_TIME_SIZE];
    zone_format_time(minute, "UTC", text, sizeof(text));
    return json_string(text);
}

static json_t *span_to_json(minute_t start, minute_t end)
{
    return json_pack("{s:o, s:o}", "start", match_say_time(start), "end",
                     match_say_time(end));
}

static json_t *set_to_json(uint32_t bits, const char *const *words, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        if ((bits >> i & 1) != 0) {
            json_array_append_new(list, json_string(words[i]));
        }
    }
    return list;
}

static const char *const purposes[] = {"team meeting", "consultation", "visit"};
static const char *const certainties[] = {"", "declared", "inferred", "typical"};

static const char *const modalities[] = {"", "on_site", "video", "phone", "at_home"};

static void put_place(json_t *object, const char *key, uint16_t place)
{
    char name[32];
    snprintf(name, sizeof(name), "place %u", (unsigned)place);
    if (place != 0) {
        json_object_set_new(object, key, json_string(name));
    }
}

static void put_modality(json_t *object, uint8_t modality)
{
    if (modality != 0) {
        json_object_set_new(object, "modality", json_string(modalities[modality]));
    }
}

json_t *match_say_option(const struct match_option *option)
{
    json_t *value = json_object();
    put_modality(value, option->modality);
    put_place(value, "place", option->place);
    return value;
}

static json_t *source_to_json(const struct match_source *source)
{
    static const char *const kinds[] = {"", "free", "busy", "tentative"};
    static const char *const preferences[] = {"neutral", "preferred", "avoid"};
    json_t *ranges = json_array();
    for (size_t i = 0; i < source->range_count; i++) {
        const struct match_range *range = &source->ranges[i];
        json_t *value = span_to_json(range->start, range->end);
        json_object_set_new(value, "kind", json_string(kinds[range->kind]));
        put_place(value, "place", range->place);
        json_array_append_new(ranges, value);
        if (range->kind != MATCH_FREE) {
            continue;
        }
        json_object_set_new(value, "certainty",
                            json_string(certainties[range->certainty]));
        json_object_set_new(value, "preference",
                            json_string(preferences[range->preference]));
        json_object_set_new(value, "purposes",
                            set_to_json(range->purposes, purposes, 3));
        if (range->modalities != 0) {
            json_object_set_new(value, "modalities",
                                set_to_json(range->modalities, modalities, 5));
        }
    }
    json_t *value = json_pack("{s:o, s:i, s:i}", "ranges", ranges, "notice_minutes",
                              source->notice, "daily_cap", source->daily_cap);
    if (source->coverage.start < source->coverage.end) {
        json_object_set_new(value, "coverage",
                            span_to_json(source->coverage.start, source->coverage.end));
    } else {
        json_object_set_new(value, "stale", json_true());
    }
    return value;
}

static void put_person(json_t *object, const struct match_person *person)
{
    json_t *sources = json_array();
    json_t *claims = json_array();
    for (size_t i = 0; i < person->source_count; i++) {
        json_array_append_new(sources, source_to_json(&person->sources[i]));
    }
    for (size_t i = 0; i < person->claim_count; i++) {
        json_t *claim = span_to_json(person->claims[i].start, person->claims[i].end);
        put_place(claim, "place",
                  person->claim_places != NULL ? person->claim_places[i] : 0);
        json_array_append_new(claims, claim);
    }
    json_object_set_new(object, "sources", sources);
    json_object_set_new(object, "claims", claims);
}

static json_t *member_to_json(const struct match_person *member)
{
    char name[32];
    snprintf(name, sizeof(name), "member %u", (unsigned)member->id);
    json_t *value = json_pack("{s:s, s:I, s:I}", "name", name, "id",
                              (json_int_t)member->id, "load", (json_int_t)member->load);
    put_person(value, member);
    return value;
}

static json_t *party_to_json(const struct match_party *party, size_t index)
{
    char name[32];
    snprintf(name, sizeof(name), "party %zu", index);
    json_t *value =
        json_pack("{s:s, s:s, s:i, s:i}", "name", name, "importance",
                  party->importance == MATCH_OPTIONAL ? "optional" : "indispensable",
                  "buffer_before_minutes", party->buffer_before, "buffer_after_minutes",
                  party->buffer_after);
    if (party->ask_if_unknown) {
        json_object_set_new(value, "ask_if_unknown", json_true());
    }
    put_modality(value, party->modality);
    put_place(value, "place", party->place);
    if (party->member_count == 0) {
        put_person(value, &party->person);
        return value;
    }
    json_t *members = json_array();
    for (size_t i = 0; i < party->member_count; i++) {
        json_array_append_new(members, member_to_json(&party->members[i]));
    }
    json_object_set_new(value, "kind", json_string("pool"));
    json_object_set_new(value, "needed", json_integer((json_int_t)party->needed));
    json_object_set_new(value, "members", members);
    return value;
}

static bool has_leg(const struct match_request *request, uint16_t from, uint16_t to)
{
    for (size_t i = 0; i < request->leg_count; i++) {
        if (request->legs[i].from == from && request->legs[i].to == to) {
            return true;
        }
    }
    return false;
}

static json_t *leg_to_json(uint16_t from, uint16_t to, int32_t minutes)
{
    json_t *leg = json_pack("{s:i}", "minutes", minutes);
    put_place(leg, "from", from);
    put_place(leg, "to", to);
    return leg;
}

/* A way back that takes no time has to be said. */
static json_t *travel_to_json(const struct match_request *request)
{
    json_t *travel = json_array();
    for (size_t i = 0; i < request->leg_count; i++) {
        const struct match_leg *leg = &request->legs[i];
        if (leg->from == leg->to || leg->from == 0 || leg->to == 0) {
            continue;
        }
        json_array_append_new(travel, leg_to_json(leg->from, leg->to, leg->minutes));
        if (!has_leg(request, leg->to, leg->from)) {
            json_array_append_new(travel, leg_to_json(leg->to, leg->from, 0));
        }
    }
    return travel;
}

static void put_ways(json_t *document, const struct match_request *request)
{
    static const char *const steps[] = {"week", "week", "fortnight", "month",
                                        "month_last"};
    json_t *options = json_array();
    for (size_t i = 0; i < request->option_count; i++) {
        json_array_append_new(options, match_say_option(&request->options[i]));
    }
    json_object_set_new(document, "options", options);
    json_object_set_new(document, "travel", travel_to_json(request));
    json_object_set_new(document, "quorum", json_integer(request->quorum));
    json_object_set_new(document, "urgent", json_boolean(request->urgent));
    json_object_set_new(
        document, "tentative",
        json_string(request->tentative == MATCH_TENTATIVE_SOFT ? "soft" : "excluded"));
    if (request->occurrences > 0) {
        json_object_set_new(document, "series",
                            json_pack("{s:s, s:I}", "every", steps[request->step],
                                      "times", (json_int_t)request->occurrences));
    }
}

void match_say_leeway(json_t *document, const struct match_leeway *leeway)
{
    json_t *others = json_array();
    for (size_t i = 0; i < leeway->other_count; i++) {
        json_array_append_new(others, match_say_option(&leeway->others[i]));
    }
    json_object_set_new(document, "leeway",
                        json_pack("{s:i, s:i, s:b, s:o}", "shorter_by_minutes",
                                  leeway->shorter_by, "wider_days", leeway->wider_days,
                                  "without_party", leeway->without_party,
                                  "other_options", others));
}

static json_t *limits_to_json(const struct match_request *request)
{
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    json_t *document =
        json_pack("{s:i, s:i, s:i, s:o}", "duration_minutes", request->duration,
                  "grid_minutes", request->grid == 0 ? 15 : request->grid, "wanted",
                  (int)request->wanted, "now", match_say_time(request->earliest));
    if (request->apart != 0) {
        json_object_set_new(document, "apart_minutes", json_integer(request->apart));
    }
    if (request->weekdays != 0) {
        json_object_set_new(document, "weekdays",
                            set_to_json(request->weekdays, days, 7));
    }
    if (request->certainties != 0) {
        json_object_set_new(document, "certainties",
                            set_to_json(request->certainties, certainties, 4));
    }
    json_object_set_new(document, "purposes",
                        set_to_json(request->purposes, purposes, 3));
    if (request->has_target) {
        json_object_set_new(document, "target", match_say_time(request->target));
    }
    json_t *times = json_array();
    for (size_t i = 0; i < request->times_of_day_count; i++) {
        const struct match_span *span = &request->times_of_day[i];
        char start[16];
        char end[16];
        snprintf(start, sizeof(start), "%02d:%02d", span->start / 60, span->start % 60);
        snprintf(end, sizeof(end), "%02d:%02d", span->end / 60, span->end % 60);
        json_array_append_new(times,
                              json_pack("{s:s, s:s}", "start", start, "end", end));
    }
    if (request->times_of_day_count > 0) {
        json_object_set(document, "times_of_day", times);
    }
    json_decref(times);
    return document;
}

json_t *match_say_request(const struct match_request *request)
{
    json_t *document = limits_to_json(request);
    json_t *windows = json_array();
    json_t *picked = json_array();
    json_t *parties = json_array();
    for (size_t i = 0; i < request->window_count && request->picked_count == 0; i++) {
        json_array_append_new(
            windows, span_to_json(request->windows[i].start, request->windows[i].end));
    }
    for (size_t i = 0; i < request->picked_count; i++) {
        json_array_append_new(picked, match_say_time(request->picked[i]));
    }
    for (size_t i = 0; i < request->party_count; i++) {
        json_array_append_new(parties, party_to_json(&request->parties[i], i));
    }
    put_ways(document, request);
    json_object_set_new(document, "windows", windows);
    json_object_set_new(document, "picked", picked);
    json_object_set_new(document, "parties", parties);
    return document;
}

/* At most 400 days. */
static minute_t cut(minute_t start, minute_t end)
{
    const int64_t most = start + (int64_t)MATCH_WINDOW_DAYS_MAX * MINUTES_PER_DAY;
    return end > most ? (minute_t)most : end;
}

/* What JSON has no words for: clocks without a name, days that are closed for no reason,
 * grids that do not divide a day, ids beyond 31 bits. */
void match_make_sayable(struct random_request *drawn)
{
    static const int32_t grids[] = {1, 5, 15, 30, 60, 720};
    struct match_request *request = &drawn->request;
    request->offset_count = 0;
    request->closed_day_count = 0;
    request->now = request->earliest;
    request->grid = grids[request->grid % 6];
    for (size_t i = 0; i < request->party_count; i++) {
        drawn->parties[i].id = i;
        drawn->parties[i].modality &= 3;
    }
    for (size_t i = 0; i < RANDOM_PEOPLE; i++) {
        drawn->people[i].id = 1000 + i;
    }
    for (size_t i = 0; i < RANDOM_RANGES; i++) {
        drawn->ranges[i].modalities &= 0x1e;
        drawn->ranges[i].end = cut(drawn->ranges[i].start, drawn->ranges[i].end);
    }
    for (size_t i = 0; i < RANDOM_SOURCES; i++) {
        struct match_span *coverage = &drawn->sources[i].coverage;
        coverage->end = cut(coverage->start, coverage->end);
    }
    for (size_t i = 0; i < RANDOM_OPTIONS; i++) {
        drawn->options[i].modality &= 3;
    }
    for (size_t i = 0; i < drawn->leeway.other_count; i++) {
        drawn->others[i].modality &= 3;
    }
}
