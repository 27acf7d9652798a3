// SPDX-License-Identifier: Apache-2.0

/*
 * cmocka.h - of cmocka what the matcher's tests say, for a processor of which this machine
 * has no library
 *
 * The first thing that is not as it should be ends the program.
 */
#ifndef TESTS_ARM64_CMOCKA_H
#define TESTS_ARM64_CMOCKA_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
};

#define test_malloc malloc
#define test_free free

#define cmocka_unit_test(function)                                                     \
    {                                                                                  \
#function, function                                                            \
    }

#define print_message(...) ((void)printf(__VA_ARGS__))
#define print_error(...) ((void)fprintf(stderr, __VA_ARGS__))

#define fail_msg(...)                                                                  \
    do {                                                                               \
        fflush(stdout);                                                                \
        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                \
        fprintf(stderr, __VA_ARGS__);                                                  \
        fprintf(stderr, "\n");                                                         \
        exit(1);                                                                       \
    } while (0)

#define must(is_so, text)                                                              \
    do {                                                                               \
        if (!(is_so)) {                                                                \
            fail_msg("%s", text);                                                      \
        }                                                                              \
    } while (0)

static inline bool lies_within(uintmax_t x, uintmax_t low, uintmax_t high)
{
    return x >= low && x <= high;
}

#define assert_true(x) must(x, "not true: " #x)
#define assert_false(x) must(!(x), "true: " #x)
#define assert_non_null(x) must((x) != NULL, "NULL: " #x)
#define assert_null(x) must((x) == NULL, "not NULL: " #x)
#define assert_int_equal(a, b)                                                         \
    must((uintmax_t)(a) == (uintmax_t)(b), "not equal: " #a ", " #b)
#define assert_int_not_equal(a, b)                                                     \
    must((uintmax_t)(a) != (uintmax_t)(b), "equal: " #a ", " #b)
#define assert_in_range(x, low, high)                                                  \
    must(lies_within((uintmax_t)(x), (uintmax_t)(low), (uintmax_t)(high)),             \
         "out of range: " #x)
#define assert_string_equal(a, b)                                                      \
    must(strcmp((a), (b)) == 0, "not the same text: " #a ", " #b)
#define assert_memory_equal(a, b, size)                                                \
    must(memcmp((a), (b), (size)) == 0, "not the same bytes: " #a ", " #b)

static inline int run_tests(const struct CMUnitTest *tests, size_t count,
                            int (*set_up)(void **), int (*tear_down)(void **))
{
    void *state = NULL;

    must(set_up == NULL || set_up(&state) == 0, "what the tests want first");
    for (size_t i = 0; i < count; i++) {
        tests[i].test(&state);
        printf("%s\n", tests[i].name);
    }
    must(tear_down == NULL || tear_down(&state) == 0, "what the tests want last");
    return 0;
}

#define cmocka_run_group_tests(tests, set_up, tear_down)                               \
    run_tests((tests), sizeof(tests) / sizeof((tests)[0]), (set_up), (tear_down))
#define cmocka_run_group_tests_name(name, tests, set_up, tear_down)                    \
    cmocka_run_group_tests(tests, set_up, tear_down)

#endif
