// SPDX-License-Identifier: Apache-2.0
#include "matcher/axis.h"

#include <assert.h>

enum { BUCKET_LEAST = 5 }; /* minutes */

size_t axis_bucket_bound(size_t count, int64_t reach)
{
    if (count <= AXIS_SHORT) {
        return 0;
    }
    /* Lengths are whole minutes: a fifth more buckets than starts at most. */
    size_t most = (size_t)(reach / BUCKET_LEAST) + 1;
    size_t usual = count + count / BUCKET_LEAST + 1;
    return (most < usual ? most : usual) + 1;
}

void axis_make(const minute_t *starts, size_t count, uint32_t *buckets,
               struct axis *ret_axis)
{
    struct axis axis = {.starts = starts, .count = count, .words = axis_words(count)};

    if (count > AXIS_SHORT) {
        /* About one start a bucket. */
        uint64_t reach = (uint64_t)((int64_t)starts[count - 1] - starts[0]);
        uint64_t length = reach / count;
        length = length > BUCKET_LEAST ? length : BUCKET_LEAST;
        axis.per_minute = ((uint64_t)1 << 32) / length;
        axis.before = buckets;

        size_t filled = 0;
        for (size_t i = 0; i < count; i++) {
            uint64_t beyond = (uint64_t)((int64_t)starts[i] - starts[0]);
            size_t bucket = (size_t)((beyond * axis.per_minute) >> 32);
            while (filled <= bucket) {
                buckets[filled] = (uint32_t)i;
                filled++;
            }
        }
        buckets[filled] = (uint32_t)count;
        assert(filled < axis_bucket_bound(count, (int64_t)reach));
    }
    *ret_axis = axis;
}

void plane_fill(const struct axis *axis, uint64_t *plane)
{
    for (size_t i = 0; i < axis->words; i++) {
        plane[i] = UINT64_MAX;
    }
    if (axis->count % AXIS_WORD != 0) {
        plane[axis->words - 1] = ((uint64_t)1 << (axis->count % AXIS_WORD)) - 1;
    }
}

/* Give the bits from @from to @until the value of those of @value. */
static inline void put(uint64_t *plane, size_t from, size_t until, uint64_t value)
{
    if (from >= until) {
        return;
    }
    size_t first = from / AXIS_WORD;
    size_t last = (until - 1) / AXIS_WORD;
    uint64_t head = UINT64_MAX << (from % AXIS_WORD);
    uint64_t tail = UINT64_MAX >> (AXIS_WORD - 1 - (until - 1) % AXIS_WORD);

    if (first == last) {
        plane[first] = (plane[first] & ~(head & tail)) | (value & head & tail);
        return;
    }
    plane[first] = (plane[first] & ~head) | (value & head);
    for (size_t i = first + 1; i < last; i++) {
        plane[i] = value;
    }
    plane[last] = (plane[last] & ~tail) | (value & tail);
}

void plane_set(uint64_t *plane, size_t from, size_t until)
{
    put(plane, from, until, UINT64_MAX);
}

void plane_clear(uint64_t *plane, size_t from, size_t until)
{
    put(plane, from, until, 0);
}

size_t plane_count(const uint64_t *plane, size_t words)
{
    size_t count = 0;
    for (size_t i = 0; i < words; i++) {
        for (uint64_t word = plane[i]; word != 0; word &= word - 1) {
            count++;
        }
    }
    return count;
}

bool plane_is_empty(const uint64_t *plane, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        if (plane[i] != 0) {
            return false;
        }
    }
    return true;
}

size_t plane_next(const uint64_t *plane, size_t words, size_t from)
{
    size_t word = from / AXIS_WORD;
    if (word >= words) {
        return words * AXIS_WORD;
    }
    uint64_t rest = plane[word] & (UINT64_MAX << (from % AXIS_WORD));
    while (rest == 0) {
        word++;
        if (word >= words) {
            return words * AXIS_WORD;
        }
        rest = plane[word];
    }
    return word * AXIS_WORD + (size_t)__builtin_ctzll(rest);
}
