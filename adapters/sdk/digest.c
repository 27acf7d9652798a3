// SPDX-License-Identifier: Apache-2.0

/*
 * digest.c - the part of client.h that sums up which meetings are known: SHA-256, as FIPS
 * 180-4 has it
 */
#include "adapters/sdk/client.h"

#include <string.h>

enum { BLOCK = 64, WORDS = 16, ROUNDS = 64, ID = 16, LENGTH_AT = 56 };

struct sum {
    uint32_t state[8];
    uint8_t block[BLOCK];
    size_t filled;
    uint64_t bytes;
};

static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};

static uint32_t turn(uint32_t word, unsigned by)
{
    return word >> by | word << (32 - by);
}

static void spread(const uint8_t *block, uint32_t words[ROUNDS])
{
    for (size_t i = 0; i < WORDS; i++) {
        words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                   (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    }
    for (size_t i = WORDS; i < ROUNDS; i++) {
        uint32_t early = words[i - 15];
        uint32_t late = words[i - 2];
        words[i] = words[i - WORDS] + words[i - 7] +
                   (turn(early, 7) ^ turn(early, 18) ^ early >> 3) +
                   (turn(late, 17) ^ turn(late, 19) ^ late >> 10);
    }
}

static void take_block(struct sum *sum)
{
    uint32_t words[ROUNDS];
    uint32_t s[8];
    spread(sum->block, words);
    memcpy(s, sum->state, sizeof(s));
    for (size_t i = 0; i < ROUNDS; i++) {
        uint32_t one = s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) +
                       ((s[4] & s[5]) ^ (~s[4] & s[6])) + constants[i] + words[i];
        uint32_t two = (turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) +
                       ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(&s[1], &s[0], 7 * sizeof(s[0]));
        s[4] += one;
        s[0] = one + two;
    }
    for (size_t i = 0; i < 8; i++) {
        sum->state[i] += s[i];
    }
    sum->filled = 0;
}

static void take_byte(struct sum *sum, uint8_t byte)
{
    sum->block[sum->filled++] = byte;
    if (sum->filled == BLOCK) {
        take_block(sum);
    }
}

static void finish(struct sum *sum, uint8_t ret[32])
{
    uint64_t bits = sum->bytes * 8;
    take_byte(sum, 0x80);
    while (sum->filled != LENGTH_AT) {
        take_byte(sum, 0);
    }
    for (unsigned i = 0; i < 8; i++) {
        take_byte(sum, (uint8_t)(bits >> (56 - 8 * i)));
    }
    for (size_t i = 0; i < 32; i++) {
        ret[i] = (uint8_t)(sum->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

bool entente_digest(const struct entente_known *known, size_t count,
                    uint8_t ret_digest[32])
{
    struct sum sum = {.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
    for (size_t i = 0; i < count; i++) {
        if (known[i].meeting.size != ID ||
            (i > 0 &&
             memcmp(known[i - 1].meeting.data, known[i].meeting.data, ID) >= 0)) {
            return false;
        }
        for (size_t j = 0; j < ID; j++) {
            take_byte(&sum, known[i].meeting.data[j]);
        }
        for (unsigned j = 0; j < 4; j++) {
            take_byte(&sum, (uint8_t)(known[i].version >> (24 - 8 * j)));
        }
        sum.bytes += ID + 4;
    }
    finish(&sum, ret_digest);
    return true;
}
