// SPDX-License-Identifier: Apache-2.0

/*
 * chosen.c - takes the mutant from the environment, and says which ones were reached
 *
 *     MUTANT=N            this one is made
 *     MUTANT_LIMIT=T      after T milliseconds of the processor the process is killed
 *     MUTANT_REACHED=FILE the numbers of those that are reached are written to the file
 */
#include "tests/mutation/chosen.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

enum { NUMBERS = 1 << 17 };

#ifdef MUTANTS_RECORD
unsigned char mutant_reached[NUMBERS + 1];
#else
unsigned mutant_now;
#endif

#ifdef MUTANTS_COUNTED
/* Who counts steps has another one. */
void count_step(void) __asm__("__sanitizer_cov_trace_pc");
__attribute__((weak)) void count_step(void)
{
}
#endif

static __attribute__((constructor)) void choose(void)
{
    const char *limit = getenv("MUTANT_LIMIT");
    if (limit != NULL) {
        long milliseconds = strtol(limit, NULL, 10);
        struct itimerval timer = {
            .it_value = {milliseconds / 1000, milliseconds % 1000 * 1000}};
        setitimer(ITIMER_PROF, &timer, NULL);
    }
#ifndef MUTANTS_RECORD
    const char *number = getenv("MUTANT");
    mutant_now = number != NULL ? (unsigned)strtoul(number, NULL, 10) : NUMBERS;
#endif
}

#ifdef MUTANTS_RECORD
static __attribute__((destructor)) void tell(void)
{
    const char *path = getenv("MUTANT_REACHED");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file == NULL) {
        return;
    }
    for (size_t i = 0; i < NUMBERS; i++) {
        if (mutant_reached[i] != 0) {
            fprintf(file, "%zu\n", i);
        }
    }
    fclose(file);
}
#endif
