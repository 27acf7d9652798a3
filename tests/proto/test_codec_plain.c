// SPDX-License-Identifier: Apache-2.0

/*
 * test_codec_plain.c - the short way through a message says what the long way says, and
 * what is written is what generated code writes
 */
#include "proto/codec_plain.h"
#include "proto/codec_read.h"
#include "proto/codec_write.h"
#include "tests/proto/filler.h"
#include "tests/support/rounds.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 64 << 20, BYTES = 65536, SMALLEST = 8 };

static uint64_t seed;
static struct arena arena;

static uint32_t below(uint32_t bound)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % bound);
}

/* Scanned, unpacked by generated code, read by its rows; NULL: refused. */
static void *read_long(const struct codec_shape *shape, const uint8_t *bytes,
                       size_t size, bool from_client, ProtobufCMessage **ret_message,
                       struct codec_seen *ret_seen)
{
    struct codec_error error;
    void *plain = NULL;

    *ret_message = NULL;
    if (!codec_scan(shape, bytes, size, &arena, ret_seen, &error)) {
        return NULL;
    }
    *ret_message = protobuf_c_message_unpack(shape->descriptor, NULL, size, bytes);
    return *ret_message != NULL &&
                   codec_read(shape, *ret_message, from_client, &arena, &plain, &error)
               ? plain
               : NULL;
}

/* Whether it is plain; then it is what the long way reads. */
static bool same_both_ways(const struct codec_shape *shape, const uint8_t *bytes,
                           size_t size, bool from_client)
{
    struct codec_seen seen = {0};
    struct codec_seen seen_long = {0};
    ProtobufCMessage *message = NULL;
    void *plain = NULL;
    bool is_plain = codec_plain(shape, bytes, size, from_client, &arena, &plain, &seen);
    void *expected = read_long(shape, bytes, size, from_client, &message, &seen_long);

    if (is_plain) {
        assert_non_null(expected);
        assert_int_equal(seen_long.unknown_fields, 0);
        if (shape == &codec_shape_envelope) {
            assert_int_equal(seen.version, seen_long.version);
            assert_int_equal(seen.request_epoch, seen_long.request_epoch);
            assert_int_equal(seen.request_counter, seen_long.request_counter);
            assert_int_equal(seen.body, seen_long.body);
            const struct codec_row *row = codec_table_row(shape, seen.body);
            const struct entente_envelope *a = plain;
            const struct entente_envelope *b = expected;
            assert_true(row == NULL ||
                        filler_difference(row->shape, a->hello, b->hello) == NULL);
        } else {
            assert_null(filler_difference(shape, plain, expected));
        }
    }
    if (message != NULL) {
        protobuf_c_message_free_unpacked(message, NULL);
    }
    return is_plain;
}

/* A full struct of @shape, written; an envelope with a body of @tag. */
static struct entente_bytes full(const struct codec_shape *shape, uint32_t tag)
{
    struct filler filler = {.arena = &arena, .counter = 1};
    struct entente_bytes bytes = {0};
    void *plain = shape == &codec_shape_envelope ? filler_envelope(&filler, tag)
                                                 : filler_fill(&filler, shape);

    if (shape == &codec_shape_party) { /* in one way, not in both */
        struct entente_party *party = plain;
        party->member_system = NULL;
        party->member_values_count = 0;
    }
    assert_true(codec_write(shape, plain, tag, SIZE_MAX, &arena, &bytes));
    return bytes;
}

static void for_each(void (*check)(const struct codec_shape *shape,
                                   struct entente_bytes bytes))
{
    const struct codec_shape *shapes[FILLER_SHAPES_MAX];
    uint32_t tags[64];
    size_t count = filler_shapes(shapes);
    size_t tag_count = filler_tags(tags);

    for (size_t i = 0; i < count; i++) {
        arena_reset(&arena);
        /* Some of what is full breaks a rule between fields inside. */
        if (shapes[i] != &codec_shape_envelope) {
            check(shapes[i], full(shapes[i], 0));
        }
    }
    for (size_t i = 0; i < tag_count; i++) {
        arena_reset(&arena);
        check(&codec_shape_envelope, full(&codec_shape_envelope, tags[i]));
    }
}

static size_t plain_count;

static void check_whole(const struct codec_shape *shape, struct entente_bytes bytes)
{
    ProtobufCMessage *message = NULL;
    struct codec_seen seen;
    bool is_whole =
        read_long(shape, bytes.data, bytes.size, true, &message, &seen) != NULL;

    assert_non_null(message);
    uint8_t *packed = arena_alloc(&arena, bytes.size);
    assert_int_equal(protobuf_c_message_get_packed_size(message), bytes.size);
    protobuf_c_message_pack(message, packed);
    assert_memory_equal(packed, bytes.data, bytes.size);
    protobuf_c_message_free_unpacked(message, NULL);
    /* Whatever we write ourselves, and is let through, goes the short way. */
    assert_int_equal(same_both_ways(shape, bytes.data, bytes.size, true), is_whole);
    plain_count += is_whole;
}

static void what_is_written_is_plain_and_what_generated_code_writes(void **state)
{
    (void)state;
    plain_count = 0;
    for_each(check_whole);
    assert_true(plain_count > 80);
}

/* Bytes changed, left out, repeated, in other places. */
static size_t spoil(uint8_t *bytes, size_t size)
{
    size_t at = below((uint32_t)size);
    size_t other = below((uint32_t)size);
    size_t length = 1 + below(SMALLEST);

    switch (below(6)) {
    case 0:
        bytes[at] = (uint8_t)below(256);
        return size;
    case 1:
        bytes[at] = (uint8_t)(bytes[at] + 1 - 2 * below(2));
        return size;
    case 2:
        bytes[at] ^= (uint8_t)(1U << below(8));
        return size;
    case 3: /* left out */
        length = length > size - at ? size - at : length;
        memmove(bytes + at, bytes + at + length, size - at - length);
        return size - length;
    case 4: /* said twice */
        length = length > size - at ? size - at : length;
        memmove(bytes + at + length, bytes + at, size - at);
        return size + length;
    default:
        length = at > other ? size - at : size - other;
        length = length > SMALLEST ? SMALLEST : length;
        memmove(bytes + at, bytes + other, length);
        return size;
    }
}

static size_t still_plain;

static void check_spoilt(const struct codec_shape *shape, struct entente_bytes bytes)
{
    static uint8_t copy[BYTES + 64];
    if (bytes.size == 0 || bytes.size > BYTES) {
        return;
    }
    size_t begun = arena.used;
    for (size_t round = rounds_of(400); round > 0; round--) {
        size_t size = bytes.size;
        memcpy(copy, bytes.data, size);
        for (uint32_t times = 1 + below(3); times > 0 && size > 0; times--) {
            size = spoil(copy, size);
        }
        still_plain += same_both_ways(shape, copy, size, below(2) == 0);
        if (arena.used - begun > ARENA_BYTES / 4) {
            return;
        }
    }
}

static void what_is_spoilt_is_never_read_otherwise(void **state)
{
    (void)state;
    still_plain = 0;
    for_each(check_spoilt);
    assert_true(still_plain > 0);
}

/* Another order, a value that says nothing, numbers longer than they need to be: the long
 * way reads them, and the short way leaves them to it or reads the same. */
static void what_is_not_plain_is_left_to_the_long_way(void **state)
{
    (void)state;
    static const uint8_t other_order[] = {0x10, 5, 0x08, 1, 0x52, 0};
    static const uint8_t nothing_said[] = {0x08, 1, 0x10, 0, 0x52, 0};
    static const uint8_t unknown[] = {0x08, 1, 0x52, 0, 0x98, 0x0c, 1};
    static const uint8_t twice[] = {0x08, 1, 0x08, 1, 0x52, 0};
    static const uint8_t longer[] = {0x08, 0x81, 0x00, 0x5a, 0};
    static const uint8_t two_bodies[] = {0x08, 1, 0x52, 0, 0x5a, 0};
    const struct codec_shape *shape = &codec_shape_envelope;

    arena_reset(&arena);
    assert_false(same_both_ways(shape, other_order, sizeof(other_order), true));
    assert_false(same_both_ways(shape, nothing_said, sizeof(nothing_said), true));
    assert_false(same_both_ways(shape, unknown, sizeof(unknown), true));
    assert_false(same_both_ways(shape, twice, sizeof(twice), true));
    assert_true(same_both_ways(shape, longer, sizeof(longer), true));
    assert_false(same_both_ways(shape, two_bodies, sizeof(two_bodies), true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_plain_and_what_generated_code_writes),
        cmocka_unit_test(what_is_spoilt_is_never_read_otherwise),
        cmocka_unit_test(what_is_not_plain_is_left_to_the_long_way),
    };
    const char *given = getenv("RANDOM_SEED");

    seed = given == NULL ? 20261122 : strtoull(given, NULL, 10);
    printf("RANDOM_SEED=%llu\n", (unsigned long long)seed);
    codec_table_bind();
    arena_init(&arena, ARENA_BYTES);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_finish(&arena);
    return failed;
}
