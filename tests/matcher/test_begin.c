// SPDX-License-Identifier: Apache-2.0

/*
 * Requests with very many starts: what shortens the list of them loses none.  And where a
 * sanitizer watches, nothing of a search touches what lies between its arrays.
 */
#include "matcher/record.h"
#include "matcher/red_zone.h"
#include "matcher/search_internal.h"
#include "matcher/slot.h"

#include "tests/support/test.h"

#include <stdlib.h>

enum {
    DAYS = 10,
    PIECE = 20,
    PIECES_DAY = MINUTES_PER_DAY / PIECE,
    PIECES = DAYS * PIECES_DAY,
};

static struct match_span window = {0, DAYS *MINUTES_PER_DAY};
static struct match_range pieces[PIECES];
static struct match_source source;
static struct match_result result;
static uint16_t chosen[MATCH_SLOTS_MAX];

/* A request for one party who is free for ten minutes of every twenty. */
static struct match_request begin(struct match_party *party)
{
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = (struct match_range){.start = (minute_t)i * PIECE,
                                         .end = (minute_t)i * PIECE + PIECE / 2,
                                         .kind = MATCH_FREE,
                                         .certainty = MATCH_DECLARED};
    }
    source = (struct match_source){
        .coverage = window, .ranges = pieces, .range_count = PIECES};
    *party = (struct match_party){.importance = MATCH_INDISPENSABLE, .id = 1};
    party->person.sources = &source;
    party->person.source_count = 1;
    result.chosen = chosen;
    result.chosen_capacity = MATCH_SLOTS_MAX;
    return (struct match_request){.duration = 10,
                                  .grid = 5,
                                  .windows = &window,
                                  .window_count = 1,
                                  .parties = party,
                                  .party_count = 1,
                                  .wanted = 1};
}

static void search(const struct match_request *request)
{
    size_t size = match_workspace_size(request);
    void *workspace = malloc(size);

    assert_non_null(workspace);
    assert_int_equal(match_search(request, workspace, size, &result), MATCH_OK);
    free(workspace);
}

static void test_more_pieces_than_the_sieve_keeps_apart(void **state)
{
    (void)state;
    struct match_party party;
    struct match_request request = begin(&party);
    size_t work_size = record_workspace_size(&source, 1);
    size_t size = record_bound(&source, 1, RECORD_WITH_PLANE);
    void *work = malloc(work_size);
    void *record =
        aligned_alloc(RECORD_ALIGN, (size / RECORD_ALIGN + 1) * RECORD_ALIGN);

    /* The last day, which comes behind most of them, is preferred. */
    for (size_t i = PIECES - PIECES_DAY; i < PIECES; i++) {
        pieces[i].preference = MATCH_PREFERRED;
    }
    assert_int_equal(
        record_build(&source, 1, RECORD_WITH_PLANE, work, work_size, record, size),
        MATCH_OK);
    party.person = (struct match_person){.record = record};
    request.has_target = true;
    request.target = window.end - 1;
    request.wanted = MATCH_SLOTS_MAX;
    search(&request);
    assert_int_equal(result.count, MATCH_SLOTS_MAX);
    for (size_t i = 0; i < result.count; i++) {
        assert_int_equal(result.slots[i].start, pieces[PIECES - PIECES_DAY + i].start);
    }
    free(record);
    free(work);
}

static void test_few_of_many_starts_with_a_quorum(void **state)
{
    (void)state;
    struct match_party parties[2];
    struct match_request request = begin(parties);
    struct match_source others = source;

    /* Whoever has to come can at 72 of 2,879 starts, the other one at the last of them. */
    source.ranges = &pieces[(size_t)3 * PIECES_DAY];
    source.range_count = PIECES_DAY;
    others.ranges = &pieces[(size_t)4 * PIECES_DAY - 1];
    others.range_count = 1;
    parties[1] =
        (struct match_party){.importance = MATCH_OPTIONAL,
                             .id = 2,
                             .person = {.sources = &others, .source_count = 1}};
    request.party_count = 2;
    request.quorum = 2;
    request.wanted = 2;
    search(&request);
    assert_int_equal(result.count, 1);
    assert_int_equal(result.slots[0].start, others.ranges[0].start);
    assert_int_equal(result.slots[0].heads, 2);
}

static void test_a_large_pool_and_more_starts_than_are_scored_at_once(void **state)
{
    (void)state;
    static struct match_person members[MATCH_POOL_MAX];
    struct match_party pool;
    struct match_request request = begin(&pool);

    for (size_t i = 0; i < MATCH_POOL_MAX; i++) {
        members[i] =
            (struct match_person){.id = i + 2, .sources = &source, .source_count = 1};
    }
    pieces[299].preference = MATCH_PREFERRED;
    source.range_count = 300;
    pool.members = members;
    pool.member_count = MATCH_POOL_MAX;
    pool.needed = 1;
    request.has_target = true;
    request.target = window.end - 1;
    request.wanted = 2;
    search(&request);
    assert_int_equal(result.count, 2);
    assert_int_equal(result.slots[0].start, pieces[299].start);
    assert_int_equal(result.slots[1].start, 0);
}

#if defined(RED_ZONES_ARE_WATCHED)
/* Every byte of an array may be touched, and none behind it. */
static void check_array(const void *array, size_t size)
{
    const unsigned char *bytes = array;

    assert_null(__asan_region_is_poisoned((void *)(bytes), size));
    assert_true(__asan_address_is_poisoned(bytes + size));
}

static void check_arrays(const struct match_request *request, void *workspace)
{
    struct search search;
    size_t size = match_workspace_size(request);

    assert_int_equal(search_begin(request, workspace, size, &search), MATCH_OK);
    size_t words = search.words;
    check_array(search.attend, request->party_count * words * sizeof(uint64_t));
    check_array(search.feasible, words * sizeof(uint64_t));
    check_array(search.starts, words * AXIS_WORD * sizeof(minute_t));
    check_array(search.is_open, words * AXIS_WORD * sizeof(bool));
    check_array(search.people, request->party_count * sizeof(struct person));
    check_array(search.scratch.free.end,
                search.scratch.free.capacity * sizeof(minute_t));
}

static void test_between_arrays_is_nobodys_memory(void **state)
{
    (void)state;
    struct match_party parties[2];
    struct match_request request = begin(parties);
    void *workspace = malloc(match_workspace_size(&request));

    assert_non_null(workspace);
    check_arrays(&request, workspace);
    window.end = MINUTES_PER_DAY; /* the same memory, with other arrays in it */
    check_arrays(&request, workspace);
    window.end = DAYS * MINUTES_PER_DAY;
    check_arrays(&request, workspace);
    free(workspace);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_pieces_than_the_sieve_keeps_apart),
        cmocka_unit_test(test_few_of_many_starts_with_a_quorum),
        cmocka_unit_test(test_a_large_pool_and_more_starts_than_are_scored_at_once),
#if defined(RED_ZONES_ARE_WATCHED)
        cmocka_unit_test(test_between_arrays_is_nobodys_memory),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
