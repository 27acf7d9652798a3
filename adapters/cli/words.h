// SPDX-License-Identifier: Apache-2.0

/*
 * words.h - the words after a command: options of words.def, and the meeting
 *
 * Words are kept as they were typed; terms.h and times.h read them.
 *
 * Ownership   Words are borrowed from argv and the environment.
 */
#ifndef ADAPTERS_CLI_WORDS_H
#define ADAPTERS_CLI_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum verb {
    VERB_REQUEST,
    VERB_SEARCH,
    VERB_ACCEPT,
    VERB_SHIFT,
    VERB_DECLINE,
    VERB_DECIDE,
    VERB_CANCEL,
    VERB_SHOW,
    VERB_LIST,
    VERB_FREE,
    VERB_WHO,
    VERB_STATUS,
    VERB_DELEGATE,
    VERB_GRADE,
    VERB_OWNER,
    VERB_EXPLAIN,
    VERB_RECONCILE,
    VERBS_COUNT,
};

#define WORD(name, NAME, value, commands, what) WORD_##NAME,
enum word {
    WORDS_NONE = -1,
#include "adapters/cli/words.def"
    WORDS_COUNT,
};
#undef WORD

enum { WORDS_MAX = 512 };

struct words {
    enum verb verb;
    const char *command; /* its name */
    size_t count;
    struct {
        enum word word;
        const char *value; /* "" where the option has none */
    } said[WORDS_MAX];
    const char *subject; /* the word without dashes: a meeting or a person; or NULL */
};

/* What comes of words that were taken. */
enum words_outcome { WORDS_TAKEN, WORDS_HELPED, WORDS_WRONG };

/* Take the words of @verb; argv[0] is the command.  Prints the help, or a sentence
 * about what is wrong. */
enum words_outcome words_take(struct words *words, enum verb verb, int argc,
                              char **argv);

bool words_has(const struct words *words, enum word word);

/* The last value given to @word, or NULL. */
const char *words_text(const struct words *words, enum word word);

/* The @index-th value given to @word, or NULL behind the last. */
const char *words_each(const struct words *words, enum word word, size_t index);

/* "party" for WORD_PARTY. */
const char *words_name(enum word word);

/* One line on what the command does, in the language of the person. */
const char *words_summary(enum verb verb);

/* Say that @value of @word cannot be used: @sentence (translated already). */
void words_complain(const struct words *words, enum word word, const char *value,
                    const char *sentence);

#endif
