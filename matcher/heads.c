// SPDX-License-Identifier: Apache-2.0
#include "matcher/heads.h"

#include "matcher/request.h"

#include <assert.h>
#include <string.h>

static_assert(MATCH_PARTIES_MAX * MATCH_POOL_MAX < 1 << HEADS_LEVELS, "all fit");

void heads_begin(uint64_t *planes, size_t words)
{
    memset(planes, 0, HEADS_LEVELS * words * sizeof(planes[0]));
}

void heads_add(uint64_t *planes, size_t words, const uint64_t *plane, uint32_t heads)
{
    for (size_t word = 0; word < words; word++) {
        uint64_t *level = planes + word;
        uint64_t carry = 0;

        for (uint32_t left = heads; left != 0 || carry != 0; left >>= 1) {
            uint64_t more = (left & 1) != 0 ? plane[word] : 0;
            uint64_t both = *level & more;
            uint64_t either = *level ^ more;

            *level = either ^ carry;
            carry = both | (either & carry);
            level += words;
        }
    }
}

void heads_keep(const uint64_t *planes, size_t words, uint32_t least, uint64_t *plane)
{
    for (size_t word = 0; word < words; word++) {
        uint64_t enough = UINT64_MAX;

        for (size_t i = 0; i < HEADS_LEVELS; i++) {
            uint64_t bit = planes[i * words + word];
            enough = (least >> i & 1) != 0 ? bit & enough : bit | enough;
        }
        plane[word] &= enough;
    }
}
