// SPDX-License-Identifier: Apache-2.0
#include "tests/mutation/ties.h"

#include <string.h>

/* The tokens from @begin to before @end. */
struct piece {
    size_t begin;
    size_t end;
};

static bool is_one_of(const struct source *source, size_t i, const char *which)
{
    return i < source->token_count && source->tokens[i].length == 1 &&
           strchr(which, source->text[source->tokens[i].at]) != NULL;
}

/* From @i on, up to a bracket's end or one of @ends, outside of further brackets. */
static struct piece piece_from(const struct source *source, size_t i, const char *ends)
{
    struct piece piece = {i, i};

    while (piece.end < source->token_count && !is_one_of(source, piece.end, ends) &&
           !is_one_of(source, piece.end, ")]}")) {
        piece.end = is_one_of(source, piece.end, "([{")
                        ? source->tokens[piece.end].partner + 1
                        : piece.end + 1;
    }
    return piece;
}

/* Without a cast to one word, as `(minute_t)`. */
static struct piece without_cast(const struct source *source, struct piece piece)
{
    if (is_one_of(source, piece.begin, "(") &&
        is_one_of(source, piece.begin + 2, ")") &&
        source->tokens[piece.begin + 1].kind == TOKEN_OPERAND &&
        piece.begin + 3 < piece.end) {
        piece.begin += 3;
    }
    return piece;
}

static bool is_same(const struct source *source, struct piece a, struct piece b)
{
    if (a.end - a.begin != b.end - b.begin) {
        return false;
    }
    for (size_t i = 0; i < a.end - a.begin; i++) {
        const struct token *x = &source->tokens[a.begin + i];
        const struct token *y = &source->tokens[b.begin + i];
        if (x->length != y->length ||
            memcmp(source->text + x->at, source->text + y->at, x->length) != 0) {
            return false;
        }
    }
    return true;
}

/* What stands before the operator @i and reads like @other; empty if it does not, or if it
 * is a part of something longer. */
static struct piece left_like(const struct source *source, size_t i, struct piece other)
{
    size_t length = other.end - other.begin;
    struct piece left = {i - length, i};
    struct piece none = {i, i};

    if (length >= i || length == 0 || !is_same(source, left, other)) {
        return none;
    }
    return is_one_of(source, left.begin - 1, "(,=?:{[") ||
                   source_is(source, left.begin - 1, "return") ||
                   source_is(source, left.begin - 1, "&&") ||
                   source_is(source, left.begin - 1, "||")
               ? left
               : none;
}

/* Whether @difference is what the operator @i compares, the right side less the left or the
 * other way round, and @zero is 0. */
static bool are_differences(const struct source *source, size_t i, struct piece right,
                            struct piece zero, struct piece difference)
{
    size_t length = right.end - right.begin;
    struct piece left;

    difference = without_cast(source, difference);
    if (zero.end != zero.begin + 1 || !source_is(source, zero.begin, "0") ||
        difference.end - difference.begin < length + 2) {
        return false;
    }
    struct piece last = {difference.end - length, difference.end};
    left = left_like(source, i, (struct piece){difference.begin, last.begin - 1});
    if (left.begin < left.end && source_is(source, last.begin - 1, "-") &&
        is_same(source, right, last)) {
        return true;
    }
    struct piece first = {difference.begin, difference.begin + length};
    left = left_like(source, i, (struct piece){first.end + 1, difference.end});
    return left.begin < left.end && source_is(source, first.end, "-") &&
           is_same(source, right, first);
}

/* Whether one of the two is the left side of the operator @i, and the other one @right. */
static bool are_sides(const struct source *source, size_t i, struct piece right,
                      struct piece one, struct piece other)
{
    struct piece left;

    one = without_cast(source, one);
    other = without_cast(source, other);
    left = left_like(source, i, one);
    if (left.begin < left.end && is_same(source, right, other)) {
        return true;
    }
    left = left_like(source, i, other);
    return left.begin < left.end && is_same(source, right, one);
}

static bool is_tie(const struct source *source, size_t i)
{
    struct piece right = piece_from(source, i + 1, "?;,:");

    if (is_one_of(source, right.end, "?")) {
        struct piece one = piece_from(source, right.end + 1, ":?;,");
        if (!is_one_of(source, one.end, ":")) {
            return false;
        }
        struct piece other = piece_from(source, one.end + 1, "?:;,");
        return !is_one_of(source, other.end, "?") &&
               (are_sides(source, i, right, one, other) ||
                are_differences(source, i, right, one, other) ||
                are_differences(source, i, right, other, one));
    }
    if (!is_one_of(source, right.end, ")") || !is_one_of(source, right.end + 1, "{")) {
        return false;
    }
    struct piece to = piece_from(source, right.end + 2, "=;?");
    struct piece from = piece_from(source, to.end + 1, ";?");
    return source_is(source, source->tokens[right.end].partner - 1, "if") &&
           is_one_of(source, to.end, "=") && is_one_of(source, from.end, ";") &&
           is_one_of(source, from.end + 1, "}") &&
           !source_is(source, from.end + 2, "else") &&
           are_sides(source, i, right, to, from);
}

void ties_drop(struct source *source)
{
    size_t kept = 0;

    for (size_t i = 0; i < source->token_count; i++) {
        struct token *token = &source->tokens[i];
        size_t first = kept;

        if (token->kind == TOKEN_BINARY && token->level == 8 && is_tie(source, i)) {
            token->mutants = 0;
        }
        for (size_t k = 0; k < token->mutants; k++) {
            source->mutants[kept++] = source->mutants[token->mutant + k];
        }
        token->mutant = first;
    }
    source->mutant_count = kept;
}
