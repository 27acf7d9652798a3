// SPDX-License-Identifier: Apache-2.0

/*
 * sample_main.c - what sample.c answers
 */
#include <stdio.h>

int sample(int *a, int b, unsigned mask);

int main(void)
{
    for (int a = -4; a < 6; a++) {
        for (int b = -3; b < 6; b++) {
            for (unsigned mask = 0; mask < 40; mask += 13) {
                int changed = a;
                int answer = sample(&changed, b, mask);
                printf("%d %d\n", answer, changed);
            }
        }
    }
    return 0;
}
