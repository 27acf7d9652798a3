// SPDX-License-Identifier: Apache-2.0

/*
 * Records against a naive board: what sources say minute by minute, asked in the words of
 * request.h.  A record, told as ranges, must answer every question as its sources do; a
 * patched one as one that is built anew.  RANDOM_SEED in the environment repeats a run.
 */
#include "matcher/record_layout.h"

#include "tests/matcher/record_board.h"
#include "tests/support/rounds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    ROUNDS = 600,
    TOLD = 200000,
    MEMORY = 1 << 22,
    QUESTIONS = 6,
};

/* Memory for everything that a round needs. */
struct bench {
    unsigned char *memory;
    unsigned char *other;
    struct match_range *told;
    struct match_range *wanted;
    struct answer *board;
    struct answer *seen;
};

static struct bench bench;

/* Exactly as much as was asked for, so that a sanitizer sees the first byte beyond. */
static enum match_status build(const struct match_source *sources, size_t count,
                               unsigned shape, unsigned char *memory)
{
    size_t size = record_workspace_size(sources, count);
    void *workspace = malloc(size > 0 ? size : 1);
    size_t bound = record_bound(sources, count, shape);
    assert_in_range(bound, sizeof(struct match_record), MEMORY);
    memset(memory, 0xa5, bound);
    enum match_status status =
        record_build(sources, count, shape, workspace, size, memory, bound);
    free(workspace);
    assert_int_equal(record_size((const struct match_record *)(const void *)memory) %
                         RECORD_ALIGN,
                     0);
    return status;
}

static const struct match_record *as_record(const unsigned char *memory)
{
    return (const struct match_record *)(const void *)memory;
}

static struct match_source tell_all(const struct match_record *record,
                                    struct match_range *told)
{
    struct match_source source;
    size_t count = record_ranges(record, INT32_MIN, INT32_MAX, told, TOLD, &source);
    assert_true(count <= TOLD);
    assert_true(count <= record_range_count(record));
    for (size_t i = 1; i < count; i++) {
        assert_true(in_order(&told[i - 1], &told[i]) <= 0);
    }
    return source;
}

static void compare_boards(const struct story *story, const struct match_source *told,
                           size_t told_count, const struct question *question)
{
    fill_board(story->sources, story->count, story->origin, question, bench.board);
    fill_board(told, told_count, story->origin, question, bench.seen);
    for (size_t i = 0; i < BOARD; i++) {
        if (memcmp(&bench.board[i], &bench.seen[i], sizeof(struct answer)) != 0) {
            fail_msg("minute %zu of the board", i);
        }
    }
}

static int32_t notice_of(const struct story *story)
{
    int32_t notice = 0;
    for (size_t i = 0; i < story->count; i++) {
        notice = story->sources[i].notice > notice ? story->sources[i].notice : notice;
    }
    return notice;
}

static int32_t cap_of(const struct story *story)
{
    int32_t cap = INT32_MAX;
    for (size_t i = 0; i < story->count; i++) {
        int32_t of_one = story->sources[i].daily_cap;
        cap = of_one > 0 && of_one < cap ? of_one : cap;
    }
    return cap == INT32_MAX ? 0 : cap;
}

/* What is offered in any way and not busy, tentative or not, has bits in the ring. */
static uint64_t naive_word(const struct answer *board, int64_t day_start)
{
    uint64_t word = 0;
    for (int64_t i = 0; i < MINUTES_PER_DAY; i++) {
        if (board[day_start + i].free) {
            word |= (uint64_t)1 << (i / RECORD_CELL % 64);
        }
    }
    for (int64_t i = MINUTES_PER_DAY;
         i < MINUTES_PER_DAY + RECORD_AHEAD * RECORD_CELL &&
         board[day_start + i - 1].free && day_start + i < BOARD &&
         board[day_start + i].free;
         i++) {
        word |= (uint64_t)1 << (i / RECORD_CELL % 64);
    }
    return word;
}

static void check_ring(const struct match_record *record, const struct answer *board,
                       minute_t origin)
{
    int64_t first = origin / MINUTES_PER_DAY - MARGIN;
    uint64_t *wanted = calloc(record->ring_days, sizeof(*wanted));
    for (int64_t i = 0; i < DAYS + 2 * MARGIN; i++) {
        wanted[record_ring_at(record, (int32_t)(first + i))] |=
            naive_word(board, i * MINUTES_PER_DAY);
    }
    assert_memory_equal(record_ring(record), wanted,
                        record->ring_days * sizeof(*wanted));
    free(wanted);
}

static void check_plane_day(const struct match_record *record, uint32_t day,
                            const struct answer *board)
{
    const unsigned char *cells = record_cells(record) + (size_t)36 * day;
    bool ragged = false;
    for (size_t i = 0; i < 288; i++) {
        size_t free = 0;
        for (size_t j = 0; j < 5; j++) {
            const struct answer *answer = &board[5 * i + j];
            free += answer->free && !answer->tentative;
            ragged |= answer->tentative;
        }
        ragged |= free % 5 != 0;
        assert_int_equal(cells[i / 8] >> (i % 8) & 1, free == 5);
    }
    /* Tentative time over nothing makes a day ragged too, and harms nobody. */
    bool marked = (record_ragged(record)[day / 64] >> (day % 64) & 1U) != 0;
    assert_true(marked || !ragged);
}

static void check_plane(const struct match_record *record, const struct answer *board,
                        minute_t origin)
{
    int32_t first = origin / MINUTES_PER_DAY - MARGIN;
    for (uint32_t i = 0; i < record->day_count; i++) {
        size_t at = (size_t)(record->first_day + (int32_t)i - first) * MINUTES_PER_DAY;
        check_plane_day(record, i, &board[at]);
    }
    const unsigned char *end = (const unsigned char *)record + record->size;
    const unsigned char *beyond =
        record_cells(record) + (size_t)RECORD_PLANE_BYTES * record->day_count;
    assert_true(end - beyond >= 64 - RECORD_PLANE_BYTES);
    for (; beyond < end; beyond++) {
        assert_int_equal(*beyond, 0);
    }
}

/* The header sums up what is told, neither more nor less. */
static void check_header(const struct match_record *record,
                         const struct match_source *told)
{
    uint8_t certainties = 0;
    uint8_t preferences = 0;
    uint8_t modalities = UINT8_MAX;
    uint32_t purposes = UINT32_MAX;
    unsigned flags = 0;
    for (size_t i = 0; i < told->range_count; i++) {
        const struct match_range *range = &told->ranges[i];
        if (range->kind != MATCH_FREE) {
            flags |= range->place != 0 ? RECORD_HAS_PLACES : 0;
            flags |= range->kind == MATCH_TENTATIVE ? RECORD_HAS_TENTATIVE : 0;
            continue;
        }
        flags |= range->place != 0 ? RECORD_HAS_OFFER_PLACES : 0;
        certainties |= (uint8_t)(1U << range->certainty);
        preferences |= (uint8_t)(1U << range->preference);
        modalities &= range->modalities != 0 ? range->modalities : UINT8_MAX;
        purposes &= range->purposes != 0 ? range->purposes : UINT32_MAX;
    }
    assert_int_equal(record->certainties, certainties);
    assert_int_equal(record->preferences, preferences);
    assert_int_equal(record->modalities_all, modalities);
    assert_int_equal(record->purposes_all, purposes);
    assert_int_equal(record->flags & (RECORD_HAS_PLACES | RECORD_HAS_TENTATIVE |
                                      RECORD_HAS_OFFER_PLACES),
                     flags);
}

static void test_a_record_says_what_its_sources_say(void **state)
{
    (void)state;
    static struct story story;
    const struct question anything = {.soft = true};

    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        a_story(&story);
        unsigned shape = below(4);
        assert_int_equal(build(story.sources, story.count, shape, bench.memory),
                         MATCH_OK);
        const struct match_record *record = as_record(bench.memory);
        struct match_source told = tell_all(record, bench.told);

        assert_int_equal(told.notice, notice_of(&story));
        assert_int_equal(told.daily_cap, cap_of(&story));
        for (size_t i = 0; i < QUESTIONS; i++) {
            struct question question = a_question();
            compare_boards(&story, &told, 1, &question);
        }
        compare_boards(&story, &told, 1, &anything);
        check_header(record, &told);
        check_ring(record, bench.board, story.origin);
        assert_true(record->plane_at != 0 || !(shape & RECORD_WITH_PLANE));
        if (record->plane_at != 0) {
            check_plane(record, bench.board, story.origin);
        }
    }
}

/* Any part of what a record tells is what the whole tells of that part. */
static void test_a_part_is_told_as_the_whole(void **state)
{
    (void)state;
    static struct story story;

    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        a_story(&story);
        assert_int_equal(build(story.sources, story.count, 0, bench.memory), MATCH_OK);
        const struct match_record *record = as_record(bench.memory);
        struct match_source whole = tell_all(record, bench.told);
        minute_t from = story.origin + (minute_t)below(DAYS * MINUTES_PER_DAY) - 60;
        minute_t until = from + (minute_t)below(2 * MINUTES_PER_DAY);

        size_t count = 0;
        for (size_t i = 0; i < whole.range_count; i++) {
            struct match_range range = bench.told[i];
            range.start = range.start < from ? from : range.start;
            range.end = range.end > until ? until : range.end;
            if (range.start < range.end) {
                bench.wanted[count++] = range;
            }
        }
        struct match_source part;
        struct match_range *got = malloc((count + 1) * sizeof(*got));
        assert_int_equal(record_ranges(record, from, until, got, count, &part), count);
        assert_memory_equal(got, bench.wanted, count * sizeof(*got));
        assert_int_equal(part.range_count, count);

        /* With too little room the first ones come, and how many there would be. */
        size_t less = count / 2;
        assert_int_equal(record_ranges(record, from, until, got, less, &part), count);
        assert_int_equal(part.range_count, less);
        free(got);
    }
}

/* What @old tells outside @span, and @source inside: as one source. */
static struct match_source both(const struct match_record *old,
                                const struct match_span *span,
                                const struct match_source *source)
{
    struct match_source told = tell_all(old, bench.told);
    struct match_source result = *source;
    size_t count = 0;
    for (size_t i = 0; i < told.range_count; i++) {
        struct match_range range = bench.told[i];
        if (span->start >= span->end) {
            bench.wanted[count++] = range;
            continue;
        }
        if (range.start < span->start) {
            struct match_range before = range;
            before.end = range.end < span->start ? range.end : span->start;
            bench.wanted[count++] = before;
        }
        if (range.end > span->end) {
            struct match_range after = range;
            after.start = range.start > span->end ? range.start : span->end;
            bench.wanted[count++] = after;
        }
    }
    for (size_t i = 0; i < source->range_count; i++) {
        struct match_range range = source->ranges[i];
        range.start = range.start < span->start ? span->start : range.start;
        range.end = range.end > span->end ? span->end : range.end;
        if (range.start < range.end) {
            bench.wanted[count++] = range;
        }
    }
    qsort(bench.wanted, count, sizeof(*bench.wanted), in_order);
    result.ranges = bench.wanted;
    result.range_count = count;
    return result;
}

static void compare_records(const struct match_record *a, const struct match_record *b)
{
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->change_count, b->change_count);
    assert_memory_equal(a, b, sizeof(*a));
    assert_memory_equal(record_ring(a), record_ring(b),
                        a->ring_days * sizeof(uint64_t));
    for (uint32_t i = 0; i <= a->day_count; i++) {
        assert_int_equal(record_day_begin(a, i), record_day_begin(b, i));
    }
    if (a->plane_at != 0) {
        assert_memory_equal(record_ragged(a), record_ragged(b), a->size - a->plane_at);
    }
    struct match_source of_a = tell_all(a, bench.told);
    struct match_source of_b = tell_all(b, bench.wanted);
    assert_int_equal(of_a.range_count, of_b.range_count);
    assert_int_equal(of_a.coverage.start, of_b.coverage.start);
    assert_int_equal(of_a.coverage.end, of_b.coverage.end);
    assert_memory_equal(bench.told, bench.wanted,
                        of_a.range_count * sizeof(*bench.told));
}

static struct match_span a_span(const struct story *story)
{
    minute_t start = story->origin + (minute_t)below(DAYS * MINUTES_PER_DAY) - 300;
    switch (below(6)) {
    case 0:
        return (struct match_span){start, start};
    case 1:
        return (struct match_span){INT32_MIN, INT32_MAX};
    case 2:
        return (struct match_span){start, start + 4 * MINUTES_PER_DAY};
    case 3:
        start -= start % MINUTES_PER_DAY;
        return (struct match_span){start, start + MINUTES_PER_DAY};
    default:
        return (struct match_span){start, start + 1 + (minute_t)below(120)};
    }
}

static void test_a_patched_record_is_one_built_anew(void **state)
{
    (void)state;
    static struct story story;
    static struct story news;

    for (size_t round = 0; round < rounds_of(ROUNDS); round++) {
        a_story(&story);
        unsigned shape = below(4);
        assert_int_equal(build(story.sources, story.count, shape, bench.memory),
                         MATCH_OK);
        unsigned char *from = bench.memory;
        unsigned char *to = bench.other;
        for (size_t i = 0; i < 4; i++) {
            const struct match_record *old = as_record(from);
            struct match_span span = a_span(&story);
            a_story(&news);
            news.origin = story.origin;
            news.days = story.days;
            a_source(&news, 0, below(5));
            if (below(3) != 0) {
                struct match_source told;
                record_ranges(old, INT32_MIN, INT32_MAX, NULL, 0, &told);
                news.sources[0].coverage = told.coverage;
            }
            struct match_source whole = both(old, &span, &news.sources[0]);

            size_t size = record_patch_workspace_size(old, &news.sources[0]);
            size_t bound = record_patch_bound(old, &news.sources[0]);
            void *workspace = malloc(size);
            assert_in_range(bound, sizeof(struct match_record), MEMORY);
            memset(to, 0x5a, bound);
            assert_int_equal(
                record_patch(old, &span, &news.sources[0], workspace, size, to, bound),
                MATCH_OK);
            free(workspace);

            unsigned char *anew = aligned_alloc(RECORD_ALIGN, MEMORY);
            assert_int_equal(build(&whole, 1, shape, anew), MATCH_OK);
            compare_records(as_record(to), as_record(anew));
            free(anew);
            unsigned char *swap = from;
            from = to;
            to = swap;
        }
    }
}

static int set_up(void **state)
{
    (void)state;
    record_board_seed();
    bench.memory = aligned_alloc(RECORD_ALIGN, MEMORY);
    bench.other = aligned_alloc(RECORD_ALIGN, MEMORY);
    bench.told = malloc(TOLD * sizeof(*bench.told));
    bench.wanted = malloc(TOLD * sizeof(*bench.wanted));
    bench.board = malloc(BOARD * sizeof(*bench.board));
    bench.seen = malloc(BOARD * sizeof(*bench.seen));
    return bench.memory && bench.other && bench.told && bench.wanted && bench.board &&
                   bench.seen
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(bench.memory);
    free(bench.other);
    free(bench.told);
    free(bench.wanted);
    free(bench.board);
    free(bench.seen);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_says_what_its_sources_say),
        cmocka_unit_test(test_a_part_is_told_as_the_whole),
        cmocka_unit_test(test_a_patched_record_is_one_built_anew),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
