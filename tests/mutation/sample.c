// SPDX-License-Identifier: Apache-2.0

/* What test_mutate.sh lets mutate.c change: 1 + 1 in a comment is left alone. */
#include <assert.h>

static const char text[] = "1 + 1";

int sample(int *a, int b, unsigned mask);

int sample(int *a, int b, unsigned mask)
{
    assert(b < 7);
    if (*a <= b && !(mask & 0x10u)) {
        return -b;
    }
    *a += b * (int)sizeof(text);
    return text['+' - '+'] == 0 ? b << 1 : b;
}
