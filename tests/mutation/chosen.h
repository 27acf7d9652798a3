// SPDX-License-Identifier: Apache-2.0

/*
 * chosen.h - which mutant is made, for what schemata.h writes
 *
 * With MUTANTS_RECORD none is, and mutant_reached says which ones could have made a
 * difference to a value; otherwise it is the one with the number mutant_now.
 */
#ifndef TESTS_MUTATION_CHOSEN_H
#define TESTS_MUTATION_CHOSEN_H

#define MUTANT_HIDDEN extern __attribute__((visibility("hidden")))

#ifdef MUTANTS_RECORD
MUTANT_HIDDEN unsigned char mutant_reached[];
#define mutant_is(n) (mutant_reached[n] != 0 ? 0 : (mutant_reached[n] = 1, 0))
#define mutant_choose(n, right, wrong)                                                 \
    ({                                                                                 \
        __typeof__(right) right_ = (right);                                            \
        if (mutant_reached[n] == 0) {                                                  \
            __typeof__(right) wrong_ = (wrong);                                        \
            mutant_reached[n] =                                                        \
                __builtin_memcmp(&right_, &wrong_, sizeof(right_)) != 0 ? 1 : 0;       \
        }                                                                              \
        right_;                                                                        \
    })
#else
MUTANT_HIDDEN unsigned mutant_now;
#define mutant_is(n) __builtin_expect(mutant_now == (n), 0)
#define mutant_choose(n, right, wrong) (mutant_is(n) ? (wrong) : (right))
#endif

/* The wrong one may divide by 0: it is not tried. */
#define mutant_choose_division(n, right, wrong) (mutant_is(n) ? (wrong) : (right))
#define mutant_logic_and(n, left, right)                                               \
    ({                                                                                 \
        _Bool left_ = (left);                                                          \
        left_ == mutant_is(n) ? (int)left_ : (int)(_Bool)(right);                      \
    })
#define mutant_logic_or(n, left, right)                                                \
    ({                                                                                 \
        _Bool left_ = (left);                                                          \
        left_ != mutant_is(n) ? (int)left_ : (int)(_Bool)(right);                      \
    })

/* The second mutant of a number, if it has one, is numbered behind the first one. */
#define mutant_constant(n, right, other)                                               \
    (mutant_is(n) ? (__typeof__(right))(other) : (right))
#define mutant_number(n, right, next, before)                                          \
    (mutant_is(n)         ? (__typeof__(right))(next)                                  \
     : mutant_is((n) + 1) ? (__typeof__(right))(before)                                \
                          : (right))

#endif
