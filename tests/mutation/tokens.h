// SPDX-License-Identifier: Apache-2.0

/*
 * tokens.h - a C file as tokens, and the small wrong changes that can be made to them
 *
 * Every operator and constant of the code is changed: an arithmetic, comparing, logical
 * or bitwise operator into its neighbour, a number into the next and the one before it, a
 * negation into nothing, true into false.  Left alone are comments, strings, the
 * preprocessor's lines, what is only asserted or fetched ahead, sizeof and alignof, and
 * comparisons where it makes no difference (ties.h).
 */
#ifndef TESTS_MUTATION_TOKENS_H
#define TESTS_MUTATION_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    SOURCE_BYTES = 1 << 20,
    SOURCE_TOKENS = 1 << 17,
    SOURCE_MUTANTS = 1 << 13,
    TEXT_BYTES = 48,
};

enum token_kind {
    TOKEN_OPERAND, /* a word, a number, a string; sizeof and assert with what they ask */
    TOKEN_BINARY,
    TOKEN_PREFIX,
    TOKEN_POSTFIX,
    TOKEN_OTHER, /* brackets, commas, points */
};

struct token {
    size_t at;
    size_t length;
    enum token_kind kind;
    unsigned level; /* of a binary operator: the higher, the closer it binds */
    size_t partner; /* of a bracket: the other one */
    size_t mutant;  /* the first of its mutants */
    size_t mutants;
};

struct mutant {
    size_t token;
    size_t line;
    size_t column;
    char to[TEXT_BYTES];
};

struct source {
    char text[SOURCE_BYTES + 1];
    size_t size;
    struct token tokens[SOURCE_TOKENS];
    size_t token_count;
    struct mutant mutants[SOURCE_MUTANTS];
    size_t mutant_count;
};

/* Reads the file and finds tokens and mutants; says on stderr why it could not. */
bool source_read(struct source *source, const char *path);

/* Whether token @i is there and reads so. */
bool source_is(const struct source *source, size_t i, const char *word);

#endif
