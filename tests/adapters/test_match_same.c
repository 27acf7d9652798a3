// SPDX-License-Identifier: Apache-2.0

/*
 * A request in JSON gets the answer that the matcher gives to the same request in
 * memory.
 */

#include "adapters/cli/match_session.h"
#include "matcher/explain.h"
#include "tests/adapters/match_say.h"
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
    ROUNDS = 100,
    FIRST_YEAR = 30 * 366 * MINUTES_PER_DAY, /* the text form knows no earlier ones */
};

static void expect_number(const json_t *object, const char *key, int64_t want)
{
    int64_t got = json_integer_value(json_object_get(object, key));
    if (got != want) {
        fail_msg("%s is %lld and should be %lld", key, (long long)got, (long long)want);
    }
}

/* Who of the pools is chosen, as the answer names them. */
static void expect_same_pools(const struct match_request *request,
                              const struct match_result *want,
                              const struct match_slot *slot, const json_t *pools)
{
    size_t seen = 0;
    for (size_t p = 0; p < request->party_count; p++) {
        const struct match_party *party = &request->parties[p];
        if (party->member_count == 0 || slot->reason[p] != MATCH_ATTENDS) {
            continue;
        }
        json_t *chosen = json_object_get(json_array_get(pools, seen), "chosen");
        seen++;
        assert_int_equal(json_array_size(chosen), party->needed);
        for (size_t i = 0; i < party->needed; i++) {
            char name[32];
            uint16_t member = want->chosen[slot->chosen_at[p] + i];
            snprintf(name, sizeof(name), "member %u",
                     (unsigned)party->members[member].id);
            assert_string_equal(json_string_value(json_array_get(chosen, i)), name);
        }
    }
    assert_int_equal(json_array_size(pools), seen);
}

static void expect_same_slot(const struct match_request *request,
                             const struct match_result *want, size_t index,
                             const json_t *slot)
{
    const struct match_slot *expected = &want->slots[index];
    json_t *merit = json_object_get(slot, "merit");
    json_t *start = match_say_time(expected->start);
    assert_true(
        json_equal(start, json_object_get(json_object_get(slot, "start"), "utc")));
    json_decref(start);
    expect_number(merit, "unusable_minutes", expected->merit.unusable);
    expect_number(merit, "preferred", expected->merit.preferred);
    expect_number(merit, "typical", expected->merit.typical);
    size_t absent = 0;
    for (size_t p = 0; p < request->party_count; p++) {
        absent += expected->reason[p] != MATCH_ATTENDS;
    }
    assert_int_equal(json_array_size(json_object_get(slot, "absent")), absent);
    expect_same_pools(request, want, expected, json_object_get(slot, "pools"));
    if (request->option_count > 0) {
        json_t *option = match_say_option(&request->options[expected->option]);
        json_t *got = json_object_get(slot, "option");
        assert_true(json_equal(json_object_get(option, "place"),
                               json_object_get(got, "place")) ||
                    json_object_get(option, "place") == json_object_get(got, "place"));
        json_decref(option);
    }
    if (request->quorum > 0) {
        expect_number(slot, "heads", expected->heads);
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
        expect_same_slot(request, want, i, json_array_get(slots, i));
    }
    json_t *why_not = json_object_get(answer, "why_not");
    assert_int_equal(why_not != NULL, want->count == 0);
    assert_int_equal(json_array_size(json_object_get(why_not, "blocking")),
                     why->blocking_count);
    json_t *relaxations = json_object_get(why_not, "relaxations");
    for (size_t i = 0; i < why->relaxation_count && why_not != NULL; i++) {
        expect_number(json_array_get(relaxations, i), "feasible",
                      why->relaxations[i].feasible);
    }
    assert_int_equal(json_array_size(relaxations),
                     why_not != NULL ? why->relaxation_count : 0);
}

static bool fits(const struct match_request *request)
{
    bool fits = request->picked_count > 0;
    for (size_t i = 0; i < request->window_count; i++) {
        fits = fits ||
               request->windows[i].end - request->windows[i].start >= request->duration;
    }
    return fits;
}

/* The same in each way in which agendas can be given. */
static void expect_same_everywhere(const struct random_request *drawn,
                                   const struct match_result *want,
                                   const struct match_why *why)
{
    static const enum match_records_use uses[] = {MATCH_RECORDS_KEPT, MATCH_RECORDS_ALL,
                                                  MATCH_RECORDS_NONE};
    json_t *document = match_say_request(&drawn->request);
    match_say_leeway(document, &drawn->leeway);
    char *text = json_dumps(document, 0);
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        struct match_session *session = match_session_new(uses[i]);
        json_t *answer;
        int code = match_session_answer(session, text, strlen(text), 0, NULL, &answer);
        if (!fits(&drawn->request)) {
            assert_int_equal(code, MATCH_EXIT_REFUSED);
        } else if (code != MATCH_EXIT_ANSWERED) {
            fail_msg("refused: %s", json_dumps(answer, 0));
        } else {
            expect_same_answer(&drawn->request, want, why, answer);
        }
        json_decref(answer);
        match_session_free(session);
    }
    json_decref(document);
    free(text);
}

static void test_json_and_memory_get_the_same_answer(void **state)
{
    (void)state;
    static struct random_request drawn;
    static struct match_result want;
    static struct match_why why;
    const char *given = getenv("RANDOM_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct dice dice = {given != NULL ? strtoull(given, NULL, 10)
                                      : (uint64_t)now.tv_nsec};
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)dice.state);

    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        random_request_draw(&dice, RANDOM_EVERYTHING, &drawn);
        struct match_request *request = &drawn.request;
        if (drawn.from < FIRST_YEAR) {
            continue; /* before the first year that the text form can say */
        }
        match_make_sayable(&drawn);
        size_t size = match_workspace_size(request);
        void *memory = malloc(size);
        want.chosen_capacity = match_chosen_bound(request);
        want.chosen = calloc(want.chosen_capacity + 1, sizeof(*want.chosen));
        assert_int_equal(match_search(request, memory, size, &want), MATCH_OK);
        assert_int_equal(match_explain(request, &drawn.leeway, memory, size, &why),
                         MATCH_OK);
        expect_same_everywhere(&drawn, &want, &why);
        free(want.chosen);
        free(memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_and_memory_get_the_same_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
