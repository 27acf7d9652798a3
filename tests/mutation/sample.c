// SPDX-License-Identifier: Apache-2.0

/* What test_mutate.sh lets mutate.c change: 1 + 1 in a comment is left alone. */
#include <assert.h>

static const char text[] = "1 + 1";

int sample(int *a, int b, unsigned mask);

/* Whose values the compiler has to know. */
enum { FEW = 3 };

struct pair {
    const signed char *at;
    unsigned char small;
};

static int walk(const struct pair *pair, int to)
{
    int seen[4] = {0, 1};
    static const int more[4] = {7, 5};

    for (int i = 0; i < to && i < FEW; i++) {
        switch (pair->at[i]) {
        case 2:
            seen[1] -= more[i % 2] << i;
            break;
        default:
            seen[0] ^= pair->at[i] > 1 || i == 2 ? ~i : pair->small - 1;
            break;
        }
    }
    return seen[0] + seen[1] * (to >= 2 ? 3 : -1);
}

int sample(int *a, int b, unsigned mask)
{
    static const signed char at[9] = {2, -1, 9, 4};
    struct pair pair = {at, (unsigned char)(mask | 0xf0)};

    assert(b < 7);
    if (*a <= b && !(mask & 0x10u)) {
        return -b;
    }
    /* Only the constants: where both sides are equal, either is taken. */
    b = mask != 7 && b < 40 ? b : (int)40;
    b += b > 30 ? 30 - b : 0;
    if (*a > b + 90) {
        *a = b + 90;
    }
    *a += b * (int)sizeof(text);
    while (b-- > 0) {
        *a += walk(&(struct pair){at + 1 - 1, 5}, b);
    }
    return text[0] == '1' && '+' - '+' == 0 ? (int)((unsigned)b << 1)
                                            : walk(&pair, b + 4) + ((int){3} - 1);
}
