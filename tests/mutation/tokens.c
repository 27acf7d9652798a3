// SPDX-License-Identifier: Apache-2.0

#include "tests/mutation/tokens.h"

#include "tests/mutation/ties.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEVEL_ASSIGN = 1, BRACKETS = 256 };

/* Where the reader stands, and what stood before. */
struct reader {
    struct source *source;
    size_t at;
    size_t line;
    size_t line_start;
    bool after_operand; /* so that - * & + have two sides here */
    bool after_brace;
};

static const struct {
    const char *from;
    const char *to;
    unsigned level; /* 0: not between two operands */
    bool both;      /* between two operands or before one */
} operators[] = {
    /* The longer ones first. */
    {"<<=", ">>=", 1, false}, {">>=", "<<=", 1, false}, {"...", NULL, 0, false},
    {"->", NULL, 0, false},   {"++", "--", 0, false},   {"--", "++", 0, false},
    {"<<", ">>", 9, false},   {">>", "<<", 9, false},   {"<=", "<", 8, false},
    {">=", ">", 8, false},    {"==", "!=", 7, false},   {"!=", "==", 7, false},
    {"&&", "||", 3, false},   {"||", "&&", 2, false},   {"+=", "-=", 1, false},
    {"-=", "+=", 1, false},   {"*=", "/=", 1, false},   {"/=", "*=", 1, false},
    {"%=", "/=", 1, false},   {"|=", "&=", 1, false},   {"&=", "|=", 1, false},
    {"^=", "|=", 1, false},   {"<", "<=", 8, false},    {">", ">=", 8, false},
    {"+", "-", 10, true},     {"-", "+", 10, true},     {"*", "/", 11, true},
    {"/", "*", 11, true},     {"%", "/", 11, true},     {"&", "|", 6, true},
    {"|", "&", 4, true},      {"^", "|", 5, true},      {"!", "", 0, false},
    {"~", "", 0, false},      {"=", NULL, 1, false},
};

static bool looking_at(const struct reader *reader, const char *what)
{
    size_t length = strlen(what);
    return reader->at + length <= reader->source->size &&
           memcmp(reader->source->text + reader->at, what, length) == 0;
}

static bool at_end(const struct reader *reader)
{
    return reader->at >= reader->source->size;
}

static char here(const struct reader *reader)
{
    return reader->source->text[reader->at];
}

static void skip(struct reader *reader, size_t count)
{
    for (size_t i = 0; i < count && !at_end(reader); i++) {
        if (here(reader) == '\n') {
            reader->line++;
            reader->line_start = reader->at + 1;
        }
        reader->at++;
    }
}

static void skip_to(struct reader *reader, const char *end)
{
    while (!at_end(reader) && !looking_at(reader, end)) {
        skip(reader, 1);
    }
    skip(reader, strlen(end));
}

/* A preprocessor's line goes on behind a backslash. */
static void skip_line(struct reader *reader)
{
    while (!at_end(reader) && here(reader) != '\n') {
        skip(reader, looking_at(reader, "\\\n") ? 2 : 1);
    }
}

static void skip_quoted(struct reader *reader)
{
    char quote = here(reader);
    skip(reader, 1);
    while (!at_end(reader) && here(reader) != quote) {
        skip(reader, here(reader) == '\\' ? 2 : 1);
    }
    skip(reader, 1);
}

static void skip_parenthesised(struct reader *reader)
{
    size_t depth = 0;
    while (!at_end(reader)) {
        char c = here(reader);
        skip(reader, 1);
        depth += c == '(' ? 1 : 0;
        depth -= c == ')' ? 1 : 0;
        if (c == ')' && depth == 0) {
            return;
        }
    }
}

/* A token begins here; its mutants are added next, its length when it is over. */
static struct token *begin_token(struct reader *reader, enum token_kind kind)
{
    struct source *source = reader->source;
    if (source->token_count == SOURCE_TOKENS) {
        fprintf(stderr, "more than %d tokens\n", SOURCE_TOKENS);
        exit(1);
    }
    struct token *token = &source->tokens[source->token_count++];
    *token =
        (struct token){.at = reader->at, .kind = kind, .mutant = source->mutant_count};
    reader->after_operand = kind == TOKEN_OPERAND;
    reader->after_brace = false;
    return token;
}

static void add_mutant(struct reader *reader, struct token *token, const char *to)
{
    struct source *source = reader->source;
    if (source->mutant_count == SOURCE_MUTANTS) {
        fprintf(stderr, "more than %d mutants\n", SOURCE_MUTANTS);
        exit(1);
    }
    struct mutant *mutant = &source->mutants[source->mutant_count++];
    mutant->token = (size_t)(token - source->tokens);
    mutant->line = reader->line;
    mutant->column = token->at - reader->line_start + 1;
    snprintf(mutant->to, sizeof(mutant->to), "%s", to);
    token->mutants++;
}

static void read_number(struct reader *reader)
{
    struct token *token = begin_token(reader, TOKEN_OPERAND);
    const char *text = reader->source->text + token->at;
    while (isalnum((unsigned char)text[token->length]) || text[token->length] == '.') {
        token->length++;
    }
    char *suffix = NULL;
    char to[TEXT_BYTES];
    uintmax_t value = strtoumax(text, &suffix, 0);
    int suffix_length = (int)(text + token->length - suffix);
    snprintf(to, sizeof(to), "%ju%.*s", value + 1, suffix_length, suffix);
    add_mutant(reader, token, to);
    if (value > 0) {
        snprintf(to, sizeof(to), "%ju%.*s", value - 1, suffix_length, suffix);
        add_mutant(reader, token, to);
    }
    skip(reader, token->length);
}

static void read_word(struct reader *reader)
{
    static const char *const asserted[] = {
        "assert",  "assert_slow",   "static_assert",      "sizeof",
        "alignof", "__attribute__", "__builtin_prefetch",
    };
    struct token *token = begin_token(reader, TOKEN_OPERAND);
    size_t index = reader->source->token_count - 1;
    const char *text = reader->source->text + token->at;
    while (isalnum((unsigned char)text[token->length]) || text[token->length] == '_') {
        token->length++;
    }
    bool is_true = source_is(reader->source, index, "true");
    if (is_true || source_is(reader->source, index, "false")) {
        add_mutant(reader, token, is_true ? "false" : "true");
    }
    bool leave = false;
    for (size_t i = 0; i < sizeof(asserted) / sizeof(asserted[0]); i++) {
        leave = leave || source_is(reader->source, index, asserted[i]);
    }
    reader->after_operand = !source_is(reader->source, index, "return") &&
                            !source_is(reader->source, index, "case");
    skip(reader, token->length);
    if (leave) {
        skip_parenthesised(reader);
        token->length = reader->at - token->at;
    }
}

static void read_operator(struct reader *reader)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        const char *from = operators[i].from;
        if (!looking_at(reader, from)) {
            continue;
        }
        size_t length = strlen(from);
        /* An operator between operands has space around it, a pointer has not; a brace
         * before it ends a compound literal. */
        bool steps = strcmp(from, "++") == 0 || strcmp(from, "--") == 0;
        bool after = reader->after_operand || (reader->after_brace && !steps);
        bool spaced = isspace((unsigned char)reader->source->text[reader->at + length]);
        bool between =
            operators[i].level > 0 && (!operators[i].both || (after && spaced));
        enum token_kind kind = TOKEN_PREFIX;
        if (between) {
            kind = TOKEN_BINARY;
        } else if (steps && after) {
            kind = TOKEN_POSTFIX;
        } else if (operators[i].to == NULL) {
            kind = TOKEN_OTHER;
        }
        struct token *token = begin_token(reader, kind);
        token->length = length;
        token->level = operators[i].level;
        if (operators[i].to != NULL && (!operators[i].both || between)) {
            add_mutant(reader, token, operators[i].to);
        } else if (strcmp(from, "-") == 0 && !after) {
            add_mutant(reader, token, "");
        }
        skip(reader, length);
        reader->after_operand = kind == TOKEN_POSTFIX;
        return;
    }
    char c = here(reader);
    begin_token(reader, TOKEN_OTHER)->length = 1;
    reader->after_operand = c == ')' || c == ']';
    reader->after_brace = c == '}';
    skip(reader, 1);
}

static void read_tokens(struct reader *reader)
{
    while (!at_end(reader)) {
        char c = here(reader);
        if (looking_at(reader, "/*")) {
            skip_to(reader, "*/");
        } else if (looking_at(reader, "//") || c == '#') {
            skip_line(reader);
        } else if (c == '"' || c == '\'') {
            struct token *token = begin_token(reader, TOKEN_OPERAND);
            skip_quoted(reader);
            token->length = reader->at - token->at;
        } else if (isdigit((unsigned char)c)) {
            read_number(reader);
        } else if (isalpha((unsigned char)c) || c == '_') {
            read_word(reader);
        } else if (isspace((unsigned char)c)) {
            skip(reader, 1);
        } else {
            read_operator(reader);
        }
    }
}

static void pair_brackets(struct source *source)
{
    size_t open[BRACKETS];
    size_t depth = 0;
    for (size_t i = 0; i < source->token_count; i++) {
        char c = source->text[source->tokens[i].at];
        source->tokens[i].partner = i;
        if (source->tokens[i].kind != TOKEN_OTHER) {
            continue;
        }
        if (strchr("([{", c) != NULL && depth < BRACKETS) {
            open[depth++] = i;
        } else if (strchr(")]}", c) != NULL && depth > 0) {
            source->tokens[i].partner = open[--depth];
            source->tokens[open[depth]].partner = i;
        }
    }
}

bool source_read(struct source *source, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    source->size = fread(source->text, 1, SOURCE_BYTES, file);
    source->text[source->size] = 0;
    fclose(file);
    struct reader reader = {.source = source, .line = 1};
    read_tokens(&reader);
    pair_brackets(source);
    ties_drop(source);
    return true;
}

bool source_is(const struct source *source, size_t i, const char *word)
{
    return i < source->token_count && strlen(word) == source->tokens[i].length &&
           memcmp(source->text + source->tokens[i].at, word, strlen(word)) == 0;
}
