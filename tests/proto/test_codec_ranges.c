// SPDX-License-Identifier: Apache-2.0

/*
 * Stored ranges are read by a short way where they are plain; it says what the tables say.
 * A field that nobody knows ahead of them is no harm, and makes them take the long way.
 */
#include "proto/codec.h"
#include "proto/codec_ranges.h"
#include "proto/codec_table.h"
#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANGES = 6, BYTES = 2048, QUOTA = 1 << 20 };

static const uint8_t meeting[16] = {1, 2, 3};
static uint64_t seed;

static uint32_t below(uint32_t bound)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % bound);
}

static struct entente_range random_range(void)
{
    static const char *const places[] = {NULL, "room 4", "salle d'\xc3\xa9t\xc3\xa9"};
    struct entente_range range = {
        .start = CODEC_TIME_MIN + (int32_t)below(1000000),
        .kind = 1 + below(3),
        .certainty = below(4),
        .preference = below(4),
        .purposes = below(8),
        .audience = below(8),
        .modalities = below(16) * 2,
        .place = places[below(3)],
        .interruptible = below(2) == 0,
    };
    range.end = range.start + 1 + (int32_t)below(3000);
    if (below(3) == 0) {
        range.meeting = (struct entente_bytes){meeting, sizeof(meeting)};
    }
    return range;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void same(const struct entente_range *a, const struct entente_range *b)
{
    assert_int_equal(a->start, b->start);
    assert_int_equal(a->end, b->end);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->certainty, b->certainty);
    assert_int_equal(a->preference, b->preference);
    assert_int_equal(a->purposes, b->purposes);
    assert_int_equal(a->audience, b->audience);
    assert_int_equal(a->modalities, b->modalities);
    assert_int_equal(a->interruptible, b->interruptible);
    assert_true(same_text(a->place, b->place));
    assert_int_equal(a->meeting.size, b->meeting.size);
    if (a->meeting.size > 0) {
        assert_memory_equal(a->meeting.data, b->meeting.data, a->meeting.size);
    }
}

/* Read @size bytes at @bytes both ways; whether they were whole. */
static bool same_both_ways(const uint8_t *bytes, size_t size, struct arena *arena)
{
    static const uint8_t unknown[] = {0x78, 0x00};
    uint8_t with_unknown[BYTES + sizeof(unknown)];
    struct entente_range *one = NULL;
    struct entente_range *two = NULL;
    size_t one_count = 0;
    size_t two_count = 0;
    memcpy(with_unknown, unknown, sizeof(unknown));
    memcpy(with_unknown + sizeof(unknown), bytes, size);
    bool whole = codec_decode_ranges((struct entente_bytes){bytes, size}, arena, &one,
                                     &one_count);
    const struct entente_bytes longer = {with_unknown, size + sizeof(unknown)};
    assert_false(codec_ranges_plain(longer, arena, &two, &two_count));
    assert_int_equal(codec_decode_ranges(longer, arena, &two, &two_count), whole);
    assert_int_equal(one_count, two_count);
    for (size_t i = 0; i < one_count; i++) {
        same(&one[i], &two[i]);
    }
    return whole;
}

static void what_is_stored_comes_back(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, QUOTA);
    for (size_t round = rounds_of(20000); round > 0; round--) {
        struct entente_range ranges[RANGES];
        struct entente_range *stored = NULL;
        struct entente_bytes bytes;
        size_t count = below(RANGES + 1);
        size_t stored_count = 0;
        bool plain = true;
        arena_reset(&arena);
        for (size_t i = 0; i < count; i++) {
            ranges[i] = random_range();
            plain = plain && (ranges[i].place == NULL || ranges[i].place[0] == 'r');
        }
        assert_true(codec_encode_ranges(ranges, count, &arena, &bytes));
        assert_int_equal(codec_ranges_plain(bytes, &arena, &stored, &stored_count),
                         plain);
        assert_true(codec_decode_ranges(bytes, &arena, &stored, &stored_count));
        assert_int_equal(stored_count, count);
        for (size_t i = 0; i < count; i++) {
            same(&ranges[i], &stored[i]);
        }
    }
    arena_finish(&arena);
}

static void what_is_damaged_is_damaged_either_way(void **state)
{
    (void)state;
    struct arena arena;
    size_t whole = 0;
    size_t total = rounds_of(60000);
    arena_init(&arena, QUOTA);
    for (size_t round = total; round > 0; round--) {
        struct entente_range ranges[RANGES];
        struct entente_bytes bytes;
        uint8_t changed[BYTES];
        size_t count = 1 + below(2);
        arena_reset(&arena);
        for (size_t i = 0; i < count; i++) {
            ranges[i] = random_range();
        }
        assert_true(codec_encode_ranges(ranges, count, &arena, &bytes));
        assert_true(bytes.size <= BYTES);
        memcpy(changed, bytes.data, bytes.size);
        for (uint32_t i = 1 + below(2); i > 0; i--) {
            changed[below((uint32_t)bytes.size)] = (uint8_t)below(256);
        }
        size_t size = below(4) == 0 ? below((uint32_t)bytes.size + 1) : bytes.size;
        whole += same_both_ways(changed, size, &arena) ? 1 : 0;
    }
    arena_finish(&arena);
    assert_true(whole > 0 && whole < total);
}

int main(void)
{
    const char *given = getenv("RANDOM_SEED");
    seed = given == NULL ? 20261122 : strtoull(given, NULL, 10);
    print_message("RANDOM_SEED=%llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stored_comes_back),
        cmocka_unit_test(what_is_damaged_is_damaged_either_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
