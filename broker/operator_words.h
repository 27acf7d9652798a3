// SPDX-License-Identifier: Apache-2.0

/*
 * operator_words.h - the words after one of the operator's commands
 *
 * --db, --keys and --help mean the same in all of them.
 */
#ifndef BROKER_OPERATOR_WORDS_H
#define BROKER_OPERATOR_WORDS_H

#include <getopt.h>

struct operator_words {
    const char *help;
    const struct option *options; /* `d`, `k` and `h` are seen to here */
    /* What to do with any other letter: -1 to go on, otherwise the exit code.  NULL where
     * there is none. */
    int (*take)(void *context, int letter);
    void *context;
    const char *conninfo; /* filled in: --db, or ENTENTE_DB, or NULL */
    const char *keys;     /* filled in: --keys, or ENTENTE_KEYS, or NULL */
};

/* Read them up to the first that is no option, which `optind` then names.  -1: go on;
 * otherwise the exit code. */
int operator_words_read(int argc, char **argv, struct operator_words *words);

/* What getopt_long() has not understood of @argv, whose first is the command, is told.
 * Returns the exit code. */
int operator_words_unknown(char **argv);

#endif
