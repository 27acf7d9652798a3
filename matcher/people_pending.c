// SPDX-License-Identifier: Apache-2.0
#include "matcher/people_internal.h"

#include <string.h>

struct people_pending *people_pending_find(struct people_block *block, uint32_t member)
{
    for (uint32_t i = 0; i < block->pending_count; i++) {
        if (block->pending[i].member == member) {
            return &block->pending[i];
        }
    }
    return NULL;
}

struct people_pending *people_pending_add(struct people_block *block, uint32_t member)
{
    if (block->pending_count == PEOPLE_PENDING) {
        people_pending_apply(block, &block->pending[0]);
    }
    struct people_pending *pending = &block->pending[block->pending_count];
    block->pending_count++;
    pending->member = member;
    memset(&pending->flips, 0, sizeof(pending->flips));
    return pending;
}

void people_flip(struct people_block *block, uint32_t member,
                 const struct people_flips *flips)
{
    uint16_t rows[PEOPLE_DAYS * PEOPLE_ROWS];
    uint64_t *first = &block->rows[0][0][member / 64];
    size_t count = 0;

    for (uint32_t place = 0; place < PEOPLE_DAYS; place++) {
        for (uint32_t w = 0; w < PEOPLE_COLUMN_WORDS; w++) {
            for (uint32_t bits = flips->rows[place][w]; bits != 0; bits &= bits - 1) {
                rows[count] = (uint16_t)(place * PEOPLE_ROWS + w * 32 +
                                         (uint32_t)__builtin_ctz(bits));
                __builtin_prefetch(first + (size_t)rows[count] * PEOPLE_WORDS, 1);
                count++;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        first[(size_t)rows[i] * PEOPLE_WORDS] ^= 1ULL << member % 64;
    }
}

void people_pending_apply(struct people_block *block, struct people_pending *pending)
{
    people_flip(block, pending->member, &pending->flips);
    block->pending_count--;
    *pending = block->pending[block->pending_count];
}

bool people_pending_bit(const struct people_block *block,
                        const struct people_pending *pending, uint32_t row)
{
    const uint64_t *rows = &block->rows[0][0][0] + (size_t)row * PEOPLE_WORDS;
    uint64_t bit = rows[pending->member / 64] >> pending->member % 64;
    uint32_t at = row % PEOPLE_ROWS;

    return (bit ^ pending->flips.rows[row / PEOPLE_ROWS][at / 32] >> at % 32) & 1;
}
