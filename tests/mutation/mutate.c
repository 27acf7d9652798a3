// SPDX-License-Identifier: Apache-2.0

/*
 * mutate.c - small wrong changes to a C file, one at a time
 *
 *     mutate FILE            lists them: number, line, column, what becomes what
 *     mutate FILE NUMBER     writes the file with this one made
 *
 * Every operator and constant of the code is changed: an arithmetic, comparing, logical
 * or bitwise operator into its neighbour, a number into the next and the one before it, a
 * negation into nothing, true into false.  Left alone are comments, strings, the
 * preprocessor's lines, what is only asserted, and sizeof and alignof.
 *
 * It works on tokens and knows no grammar; what does not compile is not counted.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 1 << 20, TEXT_BYTES = 48 };

/* Where a token stands, and what stood before it. */
struct reader {
    const char *text;
    size_t size;
    size_t at;
    size_t line;
    size_t line_start;
    bool after_operand; /* so that - * & + have two sides here */
    size_t wanted;      /* number of the mutant to write; SIZE_MAX: list all */
    size_t count;
};

static const struct {
    const char *from;
    const char *to;
    bool binary; /* only between two operands */
} operators[] = {
    /* The longer ones first. */
    {"<<=", ">>=", false}, {">>=", "<<=", false}, {"...", NULL, false},
    {"->", NULL, false},   {"++", "--", false},   {"--", "++", false},
    {"<<", ">>", false},   {">>", "<<", false},   {"<=", "<", false},
    {">=", ">", false},    {"==", "!=", false},   {"!=", "==", false},
    {"&&", "||", false},   {"||", "&&", false},   {"+=", "-=", false},
    {"-=", "+=", false},   {"*=", "/=", false},   {"/=", "*=", false},
    {"%=", "/=", false},   {"|=", "&=", false},   {"&=", "|=", false},
    {"^=", "|=", false},   {"<", "<=", false},    {">", ">=", false},
    {"+", "-", true},      {"-", "+", true},      {"*", "/", true},
    {"/", "*", true},      {"%", "/", true},      {"&", "|", true},
    {"|", "&", true},      {"^", "|", true},      {"!", "", false},
    {"~", "", false},
};

static void write_mutant(const struct reader *reader, size_t length, const char *to)
{
    fwrite(reader->text, 1, reader->at, stdout);
    fputs(to, stdout);
    fwrite(reader->text + reader->at + length, 1, reader->size - reader->at - length,
           stdout);
}

/* One more mutant: the @length bytes here become @to. */
static void mutate(struct reader *reader, size_t length, const char *to)
{
    if (reader->wanted == SIZE_MAX) {
        printf("%zu %zu:%zu %.*s -> %s\n", reader->count, reader->line,
               reader->at - reader->line_start + 1, (int)length,
               reader->text + reader->at, *to != 0 ? to : "nothing");
    } else if (reader->wanted == reader->count) {
        write_mutant(reader, length, to);
    }
    reader->count++;
}

static bool looking_at(const struct reader *reader, const char *what)
{
    size_t length = strlen(what);
    return reader->at + length <= reader->size &&
           memcmp(reader->text + reader->at, what, length) == 0;
}

static void skip(struct reader *reader, size_t count)
{
    for (size_t i = 0; i < count && reader->at < reader->size; i++) {
        if (reader->text[reader->at] == '\n') {
            reader->line++;
            reader->line_start = reader->at + 1;
        }
        reader->at++;
    }
}

static void skip_to(struct reader *reader, const char *end)
{
    while (reader->at < reader->size && !looking_at(reader, end)) {
        skip(reader, 1);
    }
    skip(reader, strlen(end));
}

/* A preprocessor's line goes on behind a backslash. */
static void skip_line(struct reader *reader)
{
    while (reader->at < reader->size && reader->text[reader->at] != '\n') {
        skip(reader, looking_at(reader, "\\\n") ? 2 : 1);
    }
}

static void skip_quoted(struct reader *reader)
{
    char quote = reader->text[reader->at];
    skip(reader, 1);
    while (reader->at < reader->size && reader->text[reader->at] != quote) {
        skip(reader, reader->text[reader->at] == '\\' ? 2 : 1);
    }
    skip(reader, 1);
    reader->after_operand = true;
}

static void skip_parenthesised(struct reader *reader)
{
    size_t depth = 0;
    while (reader->at < reader->size) {
        char c = reader->text[reader->at];
        skip(reader, 1);
        depth += c == '(' ? 1 : 0;
        depth -= c == ')' ? 1 : 0;
        if (c == ')' && depth == 0) {
            return;
        }
    }
}

static void read_number(struct reader *reader)
{
    size_t length = 0;
    while (reader->at + length < reader->size &&
           (isalnum((unsigned char)reader->text[reader->at + length]) ||
            reader->text[reader->at + length] == '.')) {
        length++;
    }
    char *suffix = NULL;
    char to[TEXT_BYTES];
    uintmax_t value = strtoumax(reader->text + reader->at, &suffix, 0);
    int suffix_length = (int)(reader->text + reader->at + length - suffix);
    snprintf(to, sizeof(to), "%ju%.*s", value + 1, suffix_length, suffix);
    mutate(reader, length, to);
    if (value > 0) {
        snprintf(to, sizeof(to), "%ju%.*s", value - 1, suffix_length, suffix);
        mutate(reader, length, to);
    }
    skip(reader, length);
    reader->after_operand = true;
}

static bool is_word(const struct reader *reader, size_t length, const char *word)
{
    return strlen(word) == length &&
           memcmp(reader->text + reader->at, word, length) == 0;
}

static void read_word(struct reader *reader)
{
    static const char *const asserted[] = {"assert", "assert_slow", "static_assert",
                                           "sizeof", "alignof",     "__attribute__"};
    size_t length = 0;
    while (reader->at + length < reader->size &&
           (isalnum((unsigned char)reader->text[reader->at + length]) ||
            reader->text[reader->at + length] == '_')) {
        length++;
    }
    if (is_word(reader, length, "true") || is_word(reader, length, "false")) {
        mutate(reader, length, is_word(reader, length, "true") ? "false" : "true");
    }
    bool leave = false;
    for (size_t i = 0; i < sizeof(asserted) / sizeof(asserted[0]); i++) {
        leave = leave || is_word(reader, length, asserted[i]);
    }
    reader->after_operand =
        !is_word(reader, length, "return") && !is_word(reader, length, "case");
    skip(reader, length);
    if (leave) {
        skip_parenthesised(reader);
    }
}

static void read_operator(struct reader *reader)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (!looking_at(reader, operators[i].from)) {
            continue;
        }
        size_t length = strlen(operators[i].from);
        /* An operator between operands has space around it, a pointer has not. */
        bool between = reader->after_operand &&
                       isspace((unsigned char)reader->text[reader->at + length]);
        bool steps = strcmp(operators[i].from, "++") == 0 ||
                     strcmp(operators[i].from, "--") == 0;
        if (operators[i].to != NULL && (!operators[i].binary || between)) {
            mutate(reader, length, operators[i].to);
        } else if (strcmp(operators[i].from, "-") == 0 && !reader->after_operand) {
            mutate(reader, length, "");
        }
        skip(reader, length);
        reader->after_operand = steps && reader->after_operand;
        return;
    }
    char c = reader->text[reader->at];
    reader->after_operand = c == ')' || c == ']';
    skip(reader, 1);
}

static void read_file(struct reader *reader)
{
    while (reader->at < reader->size) {
        char c = reader->text[reader->at];
        if (looking_at(reader, "/*")) {
            skip_to(reader, "*/");
        } else if (looking_at(reader, "//") || (c == '#')) {
            skip_line(reader);
        } else if (c == '"' || c == '\'') {
            skip_quoted(reader);
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

int main(int argc, char **argv)
{
    static char text[FILE_BYTES + 1];
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: mutate FILE [NUMBER]\n");
        return 2;
    }
    FILE *file = fopen(argv[1], "rb");
    if (file == NULL) {
        perror(argv[1]);
        return 1;
    }
    struct reader reader = {
        .text = text,
        .size = fread(text, 1, FILE_BYTES, file),
        .line = 1,
        .wanted = argc == 3 ? strtoul(argv[2], NULL, 10) : SIZE_MAX,
    };
    fclose(file);
    read_file(&reader);
    if (argc == 3 && reader.wanted >= reader.count) {
        fprintf(stderr, "%s has %zu mutants\n", argv[1], reader.count);
        return 1;
    }
    return 0;
}
