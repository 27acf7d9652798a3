// SPDX-License-Identifier: Apache-2.0

/*
 * Each operator becomes an expression that evaluates its operands once, in which the
 * operator is chosen:
 *
 *     a < b    ({ __auto_type l7 = (a); __auto_type r7 = (b);
 *                 mutant_choose(7, l7 < r7, l7 <= r7); })
 *
 * No grammar is needed for that: how far an operand reaches is found from the operator
 * outwards, up to the first one that binds less.  Each piece that is put in stands on a
 * line of its own, which names its mutant: what the compiler says of such a line is said
 * of the mutant, which then is left out.
 */
#include "tests/mutation/schemata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The tokens from @begin to before @end are the operator in the middle and its operands. */
struct site {
    size_t begin;
    size_t end;
    size_t token;
    size_t number; /* of its first mutant */
};

static bool is_bracket(const struct source *source, size_t i, const char *which)
{
    return source->tokens[i].kind == TOKEN_OTHER && source->tokens[i].length == 1 &&
           strchr(which, source->text[source->tokens[i].at]) != NULL;
}

static bool is_statement_word(const struct source *source, size_t i)
{
    return source_is(source, i, "return") || source_is(source, i, "case") ||
           source_is(source, i, "else") || source_is(source, i, "do");
}

/* A brace in an expression ends a compound literal, and an operator or point follows. */
static bool is_literal_end(const struct source *source, size_t i)
{
    enum token_kind next = source->tokens[i + 1].kind;
    return is_bracket(source, i, "}") &&
           (next == TOKEN_BINARY || next == TOKEN_POSTFIX ||
            is_bracket(source, i + 1, ".["));
}

/* The first token of what stands before @i and binds at least as @level does. */
static size_t operand_begin(const struct source *source, size_t i, unsigned level)
{
    while (i > 0) {
        const struct token *token = &source->tokens[i - 1];
        if (is_bracket(source, i - 1, ")]") || is_literal_end(source, i - 1)) {
            i = token->partner;
            continue;
        }
        if (is_bracket(source, i - 1, "([{};,?:") || is_statement_word(source, i - 1) ||
            (token->kind == TOKEN_BINARY && token->level < level)) {
            break;
        }
        i--;
    }
    return i;
}

/* The first token of the name, call or element that stands before @i. */
static size_t postfix_begin(const struct source *source, size_t i)
{
    while (i > 0) {
        size_t last = i - 1;
        if (is_bracket(source, last, ")]")) {
            i = source->tokens[last].partner;
            bool called = i > 0 && (source->tokens[i - 1].kind == TOKEN_OPERAND ||
                                    is_bracket(source, i - 1, ")]"));
            if (!called || is_statement_word(source, i - 1)) {
                break;
            }
            continue;
        }
        i--;
        if (i == 0 ||
            !(source_is(source, i - 1, ".") || source_is(source, i - 1, "->"))) {
            break;
        }
        i--;
    }
    return i;
}

/* Behind the last token of what begins at @i and binds more than @level does. */
static size_t operand_end(const struct source *source, size_t i, unsigned level)
{
    size_t choices = 0;
    for (; i < source->token_count; i++) {
        const struct token *token = &source->tokens[i];
        if (is_bracket(source, i, "([{")) {
            i = token->partner;
            continue;
        }
        if (is_bracket(source, i, "?") && level == 1) {
            choices++;
            continue;
        }
        if (is_bracket(source, i, ":") && choices > 0) {
            choices--;
            continue;
        }
        if (is_bracket(source, i, ")]};,?:") ||
            (token->kind == TOKEN_BINARY && level > 1 && token->level <= level)) {
            break;
        }
    }
    return i;
}

enum { CLOSEST = 100 };

static struct site site_of(const struct source *source, size_t i, size_t first)
{
    const struct token *token = &source->tokens[i];
    struct site site = {i, i + 1, i, first + token->mutant};
    switch (token->kind) {
    case TOKEN_BINARY:
        site.begin = operand_begin(source, i, token->level);
        site.end = operand_end(source, i + 1, token->level);
        break;
    case TOKEN_PREFIX:
        site.end = operand_end(source, i + 1, CLOSEST);
        break;
    case TOKEN_POSTFIX:
        site.begin = postfix_begin(source, i);
        break;
    case TOKEN_OPERAND:
    case TOKEN_OTHER:
        break;
    }
    return site;
}

/* Whether this is the name of what may want constants: instructions and their kin. */
static bool is_told_constants(const struct source *source, size_t i)
{
    const char *text = source->text + source->tokens[i].at;
    return source_is(source, i, "__builtin_shufflevector") ||
           source_is(source, i, "UINT64_C") ||
           (source->tokens[i].kind == TOKEN_OPERAND && strncmp(text, "_mm", 3) == 0);
}

/* What the compiler has to know: whatever stands outside of functions, static data, cases,
 * the sizes of arrays, and what some built-in functions are told. */
/* Where what begins at token @i and wants constants ends; @i if it wants none. */
static size_t constants_end(const struct source *source, size_t i, size_t body_end)
{
    bool is_case = source_is(source, i, "case");
    if (is_case || source_is(source, i, "static") || source_is(source, i, "enum")) {
        while (i < body_end && !is_bracket(source, i, is_case ? ":" : ";")) {
            i++;
        }
        return i;
    }
    if (is_told_constants(source, i)) {
        return source->tokens[i + 1].partner;
    }
    bool is_array = i > 1 && is_bracket(source, i, "[") &&
                    source->tokens[i - 1].kind == TOKEN_OPERAND &&
                    source->tokens[i - 2].kind == TOKEN_OPERAND &&
                    !is_statement_word(source, i - 2);
    return is_array ? source->tokens[i].partner : i;
}

static void mark_running(const struct source *source, bool *ret_running)
{
    size_t body_end = 0;
    size_t constant_end = 0;
    for (size_t i = 1; i < source->token_count; i++) {
        if (i >= body_end && is_bracket(source, i, "{")) {
            bool is_body = is_bracket(source, i - 1, ")");
            body_end = is_body ? source->tokens[i].partner : body_end;
            i = is_body ? i : source->tokens[i].partner;
            continue;
        }
        if (i < body_end && i >= constant_end) {
            constant_end = constants_end(source, i, body_end);
        }
        ret_running[i] = i < body_end && i >= constant_end;
    }
}

static void write_prefix(const struct source *source, const struct site *site)
{
    const struct token *token = &source->tokens[site->token];
    size_t n = site->number;
    if (token->kind == TOKEN_POSTFIX ||
        (token->kind == TOKEN_BINARY && token->level == 1)) {
        printf("\n({ __auto_type p%zu = &(", n);
    } else if (token->kind == TOKEN_BINARY) {
        printf("\n({ __auto_type l%zu = (", n);
    }
}

static void write_middle(const struct source *source, const struct site *site)
{
    const struct token *token = &source->tokens[site->token];
    const char *text = source->text + token->at;
    const struct mutant *mutant = &source->mutants[token->mutant];
    int length = (int)token->length;
    size_t n = site->number;
    switch (token->kind) {
    case TOKEN_BINARY:
        if (source_is(source, site->token, "&&") ||
            source_is(source, site->token, "||")) {
            printf(");\nmutant_logic_%s(%zu, l%zu, (", *text == '&' ? "and" : "or", n,
                   n);
        } else {
            printf(");\n__auto_type r%zu = (", n);
        }
        break;
    case TOKEN_PREFIX:
        if (length == 2) {
            printf("\n({ __auto_type p%zu = &(", n);
        } else {
            printf("\n({ __auto_type l%zu = (", n);
        }
        break;
    case TOKEN_OPERAND:
        printf("\nmutant_%s(%zu, %.*s, %s", token->mutants > 1 ? "number" : "constant",
               n, length, text, mutant->to);
        printf(token->mutants > 1 ? ", %s)\n" : ")\n", (mutant + 1)->to);
        break;
    case TOKEN_POSTFIX:
    case TOKEN_OTHER:
        break;
    }
}

static void write_binary_end(const struct source *source, const struct site *site)
{
    const struct token *token = &source->tokens[site->token];
    const char *text = source->text + token->at;
    const char *to = source->mutants[token->mutant].to;
    int length = (int)token->length;
    size_t n = site->number;
    if (token->level == 1) {
        printf(");\nif (mutant_is(%zu)) { *p%zu %s r%zu; } else { *p%zu %.*s r%zu; } "
               "*p%zu; })\n",
               n, n, to, n, n, length, text, n, n);
    } else if (source_is(source, site->token, "&&") ||
               source_is(source, site->token, "||")) {
        printf(")); })\n");
    } else {
        printf(");\nmutant_%s(%zu, l%zu %.*s r%zu, l%zu %s r%zu); })\n",
               *to == '/' ? "choose_division" : "choose", n, n, length, text, n, n, to,
               n);
    }
}

static void write_suffix(const struct source *source, const struct site *site)
{
    const struct token *token = &source->tokens[site->token];
    const char *text = source->text + token->at;
    const char *to = source->mutants[token->mutant].to;
    int length = (int)token->length;
    size_t n = site->number;
    switch (token->kind) {
    case TOKEN_BINARY:
        write_binary_end(source, site);
        break;
    case TOKEN_PREFIX:
        if (length == 2) {
            printf(
                ");\nif (mutant_is(%zu)) { %s*p%zu; } else { %.*s*p%zu; } *p%zu; })\n",
                n, to, n, length, text, n, n);
        } else {
            printf(");\nmutant_choose(%zu, %.*sl%zu, %sl%zu); })\n", n, length, text, n,
                   *text == '!' ? "!!" : "+", n);
        }
        break;
    case TOKEN_POSTFIX:
        printf(
            ");\n__auto_type v%zu = *p%zu; if (mutant_is(%zu)) { (*p%zu)%s; } else { "
            "(*p%zu)%.*s; } v%zu; })\n",
            n, n, n, n, to, n, length, text, n);
        break;
    case TOKEN_OPERAND:
    case TOKEN_OTHER:
        break;
    }
}

/* The outer ones before the inner ones. */
static int compare_sites(const void *a, const void *b)
{
    const struct site *x = a;
    const struct site *y = b;
    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    return x->end == y->end ? 0 : x->end > y->end ? -1 : 1;
}

void schemata_write(const struct source *source, size_t first, const bool *left_out)
{
    static bool running[SOURCE_TOKENS];
    static struct site sites[SOURCE_MUTANTS];
    static const struct site *of_token[SOURCE_TOKENS];
    static const struct site *open[SOURCE_MUTANTS];
    size_t count = 0;
    size_t depth = 0;
    size_t at = 0;

    mark_running(source, running);
    for (size_t i = 0; i < source->token_count; i++) {
        const struct token *token = &source->tokens[i];
        bool wanted = token->mutants > 0 && running[i];
        for (size_t k = 0; k < token->mutants; k++) {
            wanted = wanted && !left_out[first + token->mutant + k];
        }
        if (wanted) {
            sites[count++] = site_of(source, i, first);
        }
    }
    qsort(sites, count, sizeof(sites[0]), compare_sites);
    for (size_t i = 0; i < count; i++) {
        of_token[sites[i].token] = &sites[i];
    }
    for (size_t i = 0, next = 0; i < source->token_count; i++) {
        const struct token *token = &source->tokens[i];
        fwrite(source->text + at, 1, token->at - at, stdout);
        at = token->at + token->length;
        for (; next < count && sites[next].begin == i; next++) {
            write_prefix(source, &sites[next]);
            open[depth++] = &sites[next];
        }
        if (of_token[i] != NULL) {
            write_middle(source, of_token[i]);
        } else {
            fwrite(source->text + token->at, 1, token->length, stdout);
        }
        for (; depth > 0 && open[depth - 1]->end == i + 1; depth--) {
            write_suffix(source, open[depth - 1]);
        }
    }
    fwrite(source->text + at, 1, source->size - at, stdout);
}
