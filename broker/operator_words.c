// SPDX-License-Identifier: Apache-2.0

#include "broker/operator_words.h"

#include <stdio.h>
#include <stdlib.h>

static int take_word(struct operator_words *words, int letter)
{
    switch (letter) {
    case 'd':
        words->conninfo = optarg;
        return -1;
    case 'k':
        words->keys = optarg;
        return -1;
    case 'h':
        fputs(words->help, stdout);
        return 0;
    default:
        return words->take == NULL ? 2 : words->take(words->context, letter);
    }
}

int operator_words_unknown(char **argv)
{
    fprintf(stderr,
            "entente %s: the option %s is not known here, or lacks its value; see "
            "entente %s --help\n",
            argv[0], argv[optind - 1], argv[0]);
    return 2;
}

int operator_words_read(int argc, char **argv, struct operator_words *words)
{
    int code = -1;
    int letter;
    words->conninfo = getenv("ENTENTE_DB");
    words->keys = getenv("ENTENTE_KEYS");
    optind = 1;
    opterr = 0; /* it would name the program, not the command */
    while (code < 0 &&
           (letter = getopt_long(argc, argv, "", words->options, NULL)) != -1) {
        code = letter == '?' ? operator_words_unknown(argv) : take_word(words, letter);
    }
    return code;
}
