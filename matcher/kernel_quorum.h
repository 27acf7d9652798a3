// SPDX-License-Identifier: Apache-2.0

/*
 * kernel_quorum.h - where enough people are free for the whole slot, counted bit by bit
 *
 * Units       steps and cells, see kernel_table.h.
 */
#ifndef MATCHER_KERNEL_QUORUM_H
#define MATCHER_KERNEL_QUORUM_H

#include "matcher/kernel_days.h"
#include "matcher/kernel_steps.h"
#include "matcher/kernel_table.h"
#include "matcher/kernel_vec.h"

#include <string.h>

enum {
    GROUP = 8,  /* people who are counted together */
    PLACES = 7, /* bits of a count of people */
    SPREAD = 6, /* bytes of a word of which each bit is seen as a start */
    SPREAD_STEPS = 64 - 8 * SPREAD + 1, /* in a row, at most */
    SPREAD_READ = KERNEL_BYTES == 64 ? 64 : (LANES - 2) * SPREAD + 16, /* at once */
};

/* For each bit of a vector a number, bit by bit: how many people have it set. */
struct counter {
    vec place[PLACES];
};

/* Written out: as a whole it would be cleared in memory. */
INLINE void clear(struct counter *counter)
{
    for (size_t i = 0; i < PLACES; i++) {
        counter->place[i] = (vec){0};
    }
}

/* The sum of three bits stays in @sum, what is carried is returned. */
INLINE vec add_bits(vec *sum, vec a, vec b)
{
#if KERNEL_BYTES == 64
    __m512i s = (__m512i)*sum;
    *sum = (vec)_mm512_ternarylogic_epi64(s, (__m512i)a, (__m512i)b, 0x96);
    return (vec)_mm512_ternarylogic_epi64(s, (__m512i)a, (__m512i)b, 0xe8);
#else
    vec both = a ^ b;
    vec carry = (a & b) | (both & *sum);
    *sum ^= both;
    return carry;
#endif
}

INLINE void count_group(struct counter *counter, const vec x[GROUP])
{
    vec two[4];
    vec four[2];

    for (size_t i = 0; i < 4; i++) {
        two[i] = add_bits(&counter->place[0], x[2 * i], x[2 * i + 1]);
    }
    four[0] = add_bits(&counter->place[1], two[0], two[1]);
    four[1] = add_bits(&counter->place[1], two[2], two[3]);
    vec carry = add_bits(&counter->place[2], four[0], four[1]);
    for (size_t i = 3; i < PLACES; i++) {
        vec sum = counter->place[i] ^ carry;
        carry &= counter->place[i];
        counter->place[i] = sum;
    }
}

/* Where the number is at least @needed. */
INLINE vec is_enough(const struct counter *counter, size_t needed)
{
    vec enough = ~(vec){0};

    for (size_t i = 0; i < PLACES; i++) {
        enough =
            needed >> i & 1 ? counter->place[i] & enough : counter->place[i] | enough;
    }
    return enough;
}

/* Have the line behind @at brought near; nobody minds if it is not there.  Of as many
 * people as are counted the processor does not do so by itself. */
INLINE void look_ahead(const unsigned char *at)
{
    __builtin_prefetch(at + KERNEL_LINE);
}

/* Add those of @count people, a GROUP at most, who have all cells from word @at on. */
INLINE void count_rings(struct counter *counter, const uint64_t *const *rings,
                        const size_t count, size_t at, uint32_t cells)
{
    vec x[GROUP];

    for (size_t i = 0; i < GROUP; i++) {
        x[i] = i < count ? load(rings[i] + at) : (vec){0};
    }
    cells_in_a_row(x, GROUP, cells);
    count_group(counter, x);
}

static struct kernel_days quorum_prune(const struct kernel_ask *ask, size_t needed)
{
    struct kernel_days days = ask->days;

    for (size_t at = 0; at < (size_t)ask->blocks * KERNEL_BLOCK; at += LANES) {
        size_t word = ask->first + at;
        struct counter counter;
        size_t p = 0;

        clear(&counter);
        for (; p + GROUP <= ask->count; p += GROUP) {
            count_rings(&counter, ask->rings + p, GROUP, word, ask->cells);
        }
        if (p < ask->count) {
            count_rings(&counter, ask->rings + p, ask->count - p, word, ask->cells);
        }
        uint64_t none = lanes_zero(is_enough(&counter, needed));
        days.bits[at / 64] &= ~(none << (at % 64));
    }
    return days;
}

/* Add those of @count people, a GROUP at most, who have all steps. */
INLINE void count_people(struct counter counter[PARTS],
                         const unsigned char *const *planes, const size_t count,
                         size_t at, uint32_t steps)
{
    struct steps x[GROUP];

    for (size_t i = 0; i < GROUP; i++) {
        x[i] = i < count ? load_steps(planes[i] + at) : (struct steps){0};
    }
    steps_in_a_row(x, GROUP, steps);
    for (size_t k = 0; k < PARTS; k++) {
        vec part[GROUP];
        for (size_t i = 0; i < GROUP; i++) {
            part[i] = x[i].part[k];
        }
        count_group(&counter[k], part);
    }
}

/* Where enough people have @steps in a row on the day that lies @at bytes behind the
 * first. */
INLINE struct steps count_day(const struct kernel_ask *ask, size_t at, size_t needed,
                              uint32_t steps)
{
    struct counter counter[PARTS];
    struct steps enough;
    size_t p = 0;

    for (size_t k = 0; k < PARTS; k++) {
        clear(&counter[k]);
    }
    for (; p + GROUP <= ask->count; p += GROUP) {
        count_people(counter, ask->planes + p, GROUP, at, steps);
    }
    if (p < ask->count) {
        count_people(counter, ask->planes + p, ask->count - p, at, steps);
    }
    for (size_t k = 0; k < PARTS; k++) {
        enough.part[k] = is_enough(&counter[k], needed);
    }
    return enough;
}

/* As quorum of kernel_table.h, for more than SPREAD_STEPS. */
static size_t quorum_of_days(const struct kernel_ask *ask, struct kernel_days turns,
                             size_t needed, struct kernel_day *days)
{
    size_t count = 0;

    for (uint32_t half = 0; half < 2; half++) {
        for (uint64_t left = turns.bits[half]; left != 0; left &= left - 1) {
            uint32_t turn = half * 64 + (uint32_t)__builtin_ctzll(left);
            struct steps enough =
                count_day(ask, (size_t)turn * KERNEL_PLANE_BYTES, needed, ask->steps);
            count += keep_day(enough, turn, days + count) != 0;
        }
    }
    return count;
}

/* The words that begin at byte @from and every SPREAD bytes further on: each of them has
 * all that is needed to see which of its first steps are starts. */
INLINE vec load_spread(const unsigned char *from)
{
#if KERNEL_BYTES == 64
    const __m512i fours =
        _mm512_setr_epi32(0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12);
    const __m512i twos = _mm512_broadcast_i32x4(
        _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 6, 7, 8, 9, 10, 11, 12, 13));
    __m512i x = _mm512_permutexvar_epi32(fours, _mm512_loadu_si512(from));

    return (vec)_mm512_shuffle_epi8(x, twos);
#elif KERNEL_BYTES == 32
    const __m256i twos = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 6, 7, 8, 9, 10, 11, 12, 13));
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)from);
    __m128i high =
        _mm_loadu_si128((const __m128i *)(const void *)(from + (size_t)2 * SPREAD));

    return (vec)_mm256_shuffle_epi8(_mm256_set_m128i(high, low), twos);
#else
    uint64_t low;
    uint64_t high;

    memcpy(&low, from, sizeof(low));
    memcpy(&high, from + SPREAD, sizeof(high));
    return (vec){low, high};
#endif
}

/* Add those of @count people, a GROUP at most, who have all steps from byte @at on. */
INLINE void count_spread(struct counter *counter, const unsigned char *const *planes,
                         const size_t count, size_t at, uint32_t steps)
{
    vec x[GROUP];

    for (size_t i = 0; i < GROUP; i++) {
        x[i] = i < count ? load_spread(planes[i] + at) : (vec){0};
    }
    /* Whoever takes whole lines waits less for them than that this would pay. */
    for (size_t i = 0; KERNEL_BYTES < KERNEL_LINE && i < count; i++) {
        look_ahead(planes[i] + at);
    }
    for (uint32_t have = 1; have < steps;) {
        uint32_t by = 2 * have <= steps ? have : steps - have;
        for (size_t i = 0; i < GROUP; i++) {
            x[i] &= shift_down(x[i], by);
        }
        have += by;
    }
    count_group(counter, x);
}

/* The starts of days that follow each other, as they lie in a plane. */
struct flat {
    unsigned char bytes[KERNEL_DAYS * KERNEL_PLANE_BYTES + KERNEL_LINE];
};

/* Where enough people have all steps, on @count days of which the first lies @at bytes
 * behind that of turn 0. */
INLINE void count_days(const struct kernel_ask *ask, size_t at, size_t count,
                       size_t needed, struct flat *flat)
{
    size_t end = count * KERNEL_PLANE_BYTES;
    size_t last = end - KERNEL_PLANE_BYTES + KERNEL_LINE - SPREAD_READ;

    for (size_t next = 0; next < end; next += (size_t)LANES * SPREAD) {
        size_t from = next < last ? next : last;
        struct counter counter;
        uint64_t enough[LANES];
        size_t p = 0;

        clear(&counter);
        for (; p + GROUP <= ask->count; p += GROUP) {
            count_spread(&counter, ask->planes + p, GROUP, at + from, ask->steps);
        }
        if (p < ask->count) {
            count_spread(&counter, ask->planes + p, ask->count - p, at + from,
                         ask->steps);
        }
        store_any(enough, is_enough(&counter, needed));
        /* What is too much of a word is overwritten by the next one. */
        for (size_t i = 0; i < LANES; i++) {
            memcpy(flat->bytes + from + i * SPREAD, &enough[i], sizeof(enough[i]));
        }
    }
}

/* How many days of @turns follow each other from @turn on. */
INLINE uint32_t days_in_a_row(struct kernel_days turns, uint32_t turn)
{
    struct kernel_days after = kernel_days_down(turns, turn);

    return ~after.bits[0] != 0 ? (uint32_t)__builtin_ctzll(~after.bits[0])
                               : 64 + (uint32_t)__builtin_ctzll(~after.bits[1]);
}

static size_t quorum(const struct kernel_ask *ask, struct kernel_days turns,
                     size_t needed, struct kernel_day ret_days[static KERNEL_DAYS])
{
    struct flat flat;
    size_t count = 0;

    if (ask->steps > SPREAD_STEPS) {
        return quorum_of_days(ask, turns, needed, ret_days);
    }
    while ((turns.bits[0] | turns.bits[1]) != 0) {
        uint32_t turn = turns.bits[0] != 0
                            ? (uint32_t)__builtin_ctzll(turns.bits[0])
                            : 64 + (uint32_t)__builtin_ctzll(turns.bits[1]);
        uint32_t end = turn + days_in_a_row(turns, turn);
        const unsigned char *day = flat.bytes;

        turns = kernel_days_both(turns, kernel_days_between(end, KERNEL_DAYS));
        count_days(ask, (size_t)turn * KERNEL_PLANE_BYTES, end - turn, needed, &flat);
        for (; turn < end; turn++, day += KERNEL_PLANE_BYTES) {
            count += keep_day(load_steps(day), turn, ret_days + count) != 0;
        }
    }
    return count;
}

#endif
