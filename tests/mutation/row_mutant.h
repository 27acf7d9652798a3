// SPDX-License-Identifier: Apache-2.0

/*
 * row_mutant.h - the wire's tables with one rule of one row taken away
 *
 * For `./run mutants`: ENTENTE_ROW_MUTANT names the rule, as "Publish.lease_seconds max".
 */
#ifndef TESTS_MUTATION_ROW_MUTANT_H
#define TESTS_MUTATION_ROW_MUTANT_H

/*
 * Take away what the environment names.  To be called before anything else of the codec.
 * Returns -1 when main() goes on, else the exit code to end with: with the argument
 * --mutants all names are printed.
 */
int row_mutant(int argc, char **argv);

#endif
