// SPDX-License-Identifier: Apache-2.0

/*
 * ties.h - wrong changes that are none: where both sides are equal, either is taken
 *
 *     a < b ? a : b        with <=: if a equals b, a and b are the same number
 *     if (a > b) { b = a; }  with >=: b becomes what it is
 *     a > b ? a - b : 0    with >=: if a equals b, both are 0
 *
 * So with the sides exchanged, with a cast before what is taken, and where the comparison
 * is the last of several.  It holds for whole numbers: the matcher has no others.
 */
#ifndef TESTS_MUTATION_TIES_H
#define TESTS_MUTATION_TIES_H

#include "tests/mutation/tokens.h"

/* Take the mutants of such comparisons away. */
void ties_drop(struct source *source);

#endif
