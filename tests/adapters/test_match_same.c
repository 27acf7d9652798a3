// SPDX-License-Identifier: Apache-2.0

/*
 * A request in JSON gets the answer that the matcher gives to the same request in
 * memory.
 */

#include "adapters/cli/match.h"
#include "matcher/explain.h"
#include "proto/zone.h"
#include "tests/matcher/random_request.h"
#include "tests/support/rounds.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum {
    ROUNDS = 500,
    FIRST_YEAR = 30 * 366 * MINUTES_PER_DAY, /* the text form knows no earlier ones */
};

static json_t *time_to_json(minute_t minute)
{
    char text[ZONE_TIME_SIZE];
    zone_format_time(minute, "UTC", text, sizeof(text));
    return json_string(text);
}

static json_t *span_to_json(minute_t start, minute_t end)
{
    return json_pack("{s:o, s:o}", "start", time_to_json(start), "end",
                     time_to_json(end));
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

static json_t *source_to_json(const struct match_source *source)
{
    static const char *const kinds[] = {"", "free", "busy", "tentative"};
    static const char *const preferences[] = {"neutral", "preferred", "avoid"};
    json_t *ranges = json_array();
    for (size_t i = 0; i < source->range_count; i++) {
        const struct match_range *range = &source->ranges[i];
        json_t *value = span_to_json(range->start, range->end);
        json_object_set_new(value, "kind", json_string(kinds[range->kind]));
        json_object_set_new(value, "certainty",
                            json_string(certainties[range->certainty]));
        json_object_set_new(value, "preference",
                            json_string(preferences[range->preference]));
        json_object_set_new(value, "purposes",
                            set_to_json(range->purposes, purposes, 3));
        json_array_append_new(ranges, value);
    }
    json_t *value = json_pack("{s:o}", "ranges", ranges);
    if (source->coverage.start < source->coverage.end) {
        json_object_set_new(value, "coverage",
                            span_to_json(source->coverage.start, source->coverage.end));
    } else {
        json_object_set_new(value, "stale", json_true());
    }
    return value;
}

static json_t *party_to_json(const struct match_party *party, size_t index)
{
    json_t *sources = json_array();
    json_t *claims = json_array();
    char name[32];
    snprintf(name, sizeof(name), "party %zu", index);
    for (size_t i = 0; i < party->person.source_count; i++) {
        json_array_append_new(sources, source_to_json(&party->person.sources[i]));
    }
    for (size_t i = 0; i < party->person.claim_count; i++) {
        json_array_append_new(claims, span_to_json(party->person.claims[i].start,
                                                   party->person.claims[i].end));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:i, s:i}", "name", name, "importance",
                     party->importance == MATCH_OPTIONAL ? "optional" : "indispensable",
                     "sources", sources, "claims", claims, "buffer_before_minutes",
                     party->buffer_before, "buffer_after_minutes", party->buffer_after);
}

static json_t *limits_to_json(const struct match_request *request)
{
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    json_t *document =
        json_pack("{s:i, s:i, s:i, s:o}", "duration_minutes", request->duration,
                  "grid_minutes", request->grid == 0 ? 15 : request->grid, "wanted",
                  (int)request->wanted, "now", time_to_json(request->earliest));
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
        json_object_set_new(document, "target", time_to_json(request->target));
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

static json_t *request_to_json(const struct match_request *request)
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
        json_array_append_new(picked, time_to_json(request->picked[i]));
    }
    for (size_t i = 0; i < request->party_count; i++) {
        json_array_append_new(parties, party_to_json(&request->parties[i], i));
    }
    json_object_set_new(document, "windows", windows);
    json_object_set_new(document, "picked", picked);
    json_object_set_new(document, "parties", parties);
    return document;
}

static void expect_number(const json_t *object, const char *key, int64_t want)
{
    int64_t got = json_integer_value(json_object_get(object, key));
    if (got != want) {
        fail_msg("%s is %lld and should be %lld", key, (long long)got, (long long)want);
    }
}

static void expect_same_answer(const struct match_request *request,
                               const struct match_result *want,
                               const struct match_why *why, const json_t *answer)
{
    expect_number(answer, "candidates", why->candidates);
    expect_number(answer, "feasible", why->feasible);
    json_t *slots = json_object_get(answer, "slots");
    assert_int_equal(json_array_size(slots), want->count);
    for (size_t i = 0; i < want->count; i++) {
        json_t *slot = json_array_get(slots, i);
        json_t *merit = json_object_get(slot, "merit");
        json_t *start = time_to_json(want->slots[i].start);
        assert_true(
            json_equal(start, json_object_get(json_object_get(slot, "start"), "utc")));
        json_decref(start);
        expect_number(merit, "unusable_minutes", want->slots[i].merit.unusable);
        expect_number(merit, "preferred", want->slots[i].merit.preferred);
        size_t absent = 0;
        for (size_t p = 0; p < request->party_count; p++) {
            absent += want->slots[i].reason[p] != MATCH_ATTENDS;
        }
        assert_int_equal(json_array_size(json_object_get(slot, "absent")), absent);
    }
    json_t *why_not = json_object_get(answer, "why_not");
    assert_int_equal(why_not != NULL, want->count == 0);
    assert_int_equal(json_array_size(json_object_get(why_not, "blocking")),
                     why->blocking_count);
}

static void test_json_and_memory_get_the_same_answer(void **state)
{
    (void)state;
    static struct random_request drawn;
    static struct match_result want;
    static struct match_why why;
    static const struct match_leeway none;
    const char *given = getenv("RANDOM_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct dice dice = {given != NULL ? strtoull(given, NULL, 10)
                                      : (uint64_t)now.tv_nsec};
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)dice.state);

    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        random_request_draw(&dice, RANDOM_PLAIN, &drawn);
        struct match_request *request = &drawn.request;
        request->offset_count = 0; /* its clocks have no name to be called by */
        if (drawn.from < FIRST_YEAR) {
            continue; /* before the first year that the text form can say */
        }
        size_t size = match_workspace_size(request);
        void *memory = malloc(size);
        assert_int_equal(match_search(request, memory, size, &want), MATCH_OK);
        assert_int_equal(match_explain(request, &none, memory, size, &why), MATCH_OK);
        free(memory);

        json_t *document = request_to_json(request);
        json_t *answer;
        char *text = json_dumps(document, 0);
        if (match_answer(text, strlen(text), &answer) != MATCH_EXIT_ANSWERED) {
            fail_msg("refused: %s", json_dumps(answer, 0));
        }
        expect_same_answer(request, &want, &why, answer);
        json_decref(answer);
        json_decref(document);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_and_memory_get_the_same_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
