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
    GROUP = 8,        /* people who are counted together */
    PLACES = 7,       /* bits of a count of people */
    CHUNK_STEPS = 33, /* in a row that half of a word can begin */
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

/* Add those of @count people, a GROUP at most, who have all cells from word @at on. */
INLINE void count_rings(struct counter *counter, const uint64_t *const *rings,
                        const size_t count, size_t at, uint32_t cells)
{
    vec x[GROUP] = {0};

    for (size_t i = 0; i < count; i++) {
        x[i] = load(rings[i] + at);
    }
    cells_in_a_row(x, count, cells);
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
    struct steps x[GROUP] = {0};

    for (size_t i = 0; i < count; i++) {
        x[i] = load_steps(planes[i] + at);
    }
    steps_in_a_row(x, count, steps);
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

/* As quorum of kernel_table.h, for so many steps that a word does not hold enough. */
static size_t quorum_of_days(const struct kernel_ask *ask, struct kernel_days turns,
                             size_t needed, struct kernel_day *days)
{
    size_t count = 0;

    for (uint32_t half = 0; half < 2; half++) {
        for (uint64_t left = turns.bits[half]; left != 0; left &= left - 1) {
            uint32_t turn = half * 64 + (uint32_t)__builtin_ctzll(left);
            struct steps enough =
                count_day(ask, (size_t)turn * KERNEL_PLANE_BYTES, needed, ask->steps);
            count = keep_day(enough, turn, days, count);
        }
    }
    return count;
}

/* Words cut out of days at any byte, in which people are counted as if nothing followed:
 * the first bits are right, as many as are starts that end within the word. */
struct chunks {
    uint64_t at[LANES];   /* bytes behind the day of turn 0 */
    uint32_t day[LANES];  /* of those that are listed */
    uint32_t byte[LANES]; /* of it */
    size_t count;
    uint32_t starts; /* of each that are right, a multiple of 8 */
};

/* What lies in each chunk.  Lane by lane: instructions that gather are slow where they
 * have been made safe. */
INLINE vec load_chunks(const unsigned char *plane, const struct chunks *chunks)
{
    vec x = {0};

#if KERNEL_BYTES == 64
    for (size_t i = 0; i < LANES; i++) {
        int64_t word;
        memcpy(&word, plane + chunks->at[i], sizeof(word));
        x = (vec)_mm512_mask_set1_epi64((__m512i)x, (__mmask8)(1 << i), word);
    }
#else
    for (size_t i = 0; i < LANES; i++) {
        uint64_t word;
        memcpy(&word, plane + chunks->at[i], sizeof(word));
        x[i] = word;
    }
#endif
    return x;
}

/* Add those of @count people, a GROUP at most, who have all steps. */
INLINE void count_in_chunks(struct counter *counter, const unsigned char *const *planes,
                            const size_t count, const struct chunks *chunks,
                            uint32_t steps)
{
    vec x[GROUP] = {0};

    for (size_t i = 0; i < count; i++) {
        x[i] = load_chunks(planes[i], chunks);
    }
    for (uint32_t have = 1; have < steps;) {
        uint32_t by = 2 * have <= steps ? have : steps - have;
        for (size_t i = 0; i < count; i++) {
            x[i] &= shift_down(x[i], by);
        }
        have += by;
    }
    count_group(counter, x);
}

/* Add to the days what enough people have in @chunks, which are none then. */
static void count_chunks(const struct kernel_ask *ask, struct chunks *chunks,
                         size_t needed, struct kernel_day *days)
{
    struct counter counter;
    uint64_t enough[LANES];
    size_t p = 0;

    clear(&counter);
    for (size_t i = chunks->count; i < LANES; i++) {
        chunks->at[i] = chunks->at[0];
    }
    for (; p + GROUP <= ask->count; p += GROUP) {
        count_in_chunks(&counter, ask->planes + p, GROUP, chunks, ask->steps);
    }
    if (p < ask->count) {
        count_in_chunks(&counter, ask->planes + p, ask->count - p, chunks, ask->steps);
    }
    store_any(enough, is_enough(&counter, needed));
    for (size_t i = 0; i < chunks->count; i++) {
        uint64_t *starts = days[chunks->day[i]].starts + chunks->byte[i] / 8;
        uint32_t bit = chunks->byte[i] % 8 * 8;
        uint64_t right = enough[i] & UINT64_MAX >> (64 - chunks->starts);

        starts[0] |= right << bit;
        if (chunks->byte[i] / 8 + 1 < KERNEL_WORDS) {
            starts[1] |= right >> 1 >> (63 - bit);
        }
    }
    chunks->count = 0;
}

/* Cut the starts that are candidates out of day @number of the list, and forget them
 * there. */
INLINE void cut_chunks(const struct kernel_ask *ask, struct chunks *chunks,
                       size_t number, size_t needed, struct kernel_day *days)
{
    struct kernel_day *day = &days[number];
    uint64_t left[KERNEL_WORDS];

    memcpy(left, day->starts, sizeof(left));
    memset(day->starts, 0, sizeof(day->starts));
    for (uint32_t word = 0; word < KERNEL_WORDS;) {
        if (left[word] == 0) {
            word++;
            continue;
        }
        uint32_t byte = word * 8 + (uint32_t)__builtin_ctzll(left[word]) / 8;
        uint32_t behind = byte * 8 + chunks->starts;

        chunks->at[chunks->count] = (uint64_t)day->turn * KERNEL_PLANE_BYTES + byte;
        chunks->day[chunks->count] = (uint32_t)number;
        chunks->byte[chunks->count] = byte;
        chunks->count++;
        if (chunks->count == LANES) {
            count_chunks(ask, chunks, needed, days);
        }
        left[word] = behind / 64 > word ? 0 : left[word] & UINT64_MAX << (behind % 64);
        if (behind / 64 > word && behind / 64 < KERNEL_WORDS) {
            left[behind / 64] &= UINT64_MAX << (behind % 64);
        }
    }
}

/* Leave out the days without any start, and starts behind the day's end. */
INLINE size_t drop_empty(struct kernel_day *days, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t *starts = days[i].starts;

        starts[KERNEL_WORDS - 1] &= UINT32_MAX;
        if ((starts[0] | starts[1] | starts[2] | starts[3] | starts[4]) != 0) {
            days[kept] = days[i];
            kept++;
        }
    }
    return kept;
}

/* Where enough people are free at each step, if not the same ones, is soon found; these
 * places alone are looked at closely. */
static size_t quorum(const struct kernel_ask *ask, struct kernel_days turns,
                     size_t needed, struct kernel_day ret_days[static KERNEL_DAYS])
{
    struct chunks chunks = {.starts = (64 - (ask->steps - 1)) / 8 * 8};
    size_t count = 0;

    if (ask->steps > CHUNK_STEPS) {
        return quorum_of_days(ask, turns, needed, ret_days);
    }
    for (uint32_t half = 0; half < 2; half++) {
        for (uint64_t left = turns.bits[half]; left != 0; left &= left - 1) {
            uint32_t turn = half * 64 + (uint32_t)__builtin_ctzll(left);
            struct steps enough =
                count_day(ask, (size_t)turn * KERNEL_PLANE_BYTES, needed, 1);

            steps_in_a_row(&enough, 1, ask->steps);
            if (keep_day(enough, turn, ret_days, count) > count) {
                cut_chunks(ask, &chunks, count, needed, ret_days);
                count++;
            }
        }
    }
    if (chunks.count > 0) {
        count_chunks(ask, &chunks, needed, ret_days);
    }
    return drop_empty(ret_days, count);
}

#endif
