// SPDX-License-Identifier: Apache-2.0

/*
 * schemata.h - all mutants of a file in one
 */
#ifndef TESTS_MUTATION_SCHEMATA_H
#define TESTS_MUTATION_SCHEMATA_H

#include "tests/mutation/tokens.h"

/* Writes @source to standard output, in which the mutant that mutant_now is the number of
 * is made while the program runs (see chosen.h).  The mutants are numbered from @first on.
 * Not made are those that have to be known to the compiler, and where @left_out says so. */
void schemata_write(const struct source *source, size_t first, const bool *left_out);

#endif
