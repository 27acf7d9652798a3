// SPDX-License-Identifier: Apache-2.0

#include "tests/mutation/row_mutant.h"

#include "tests/proto/filler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum rule { RULE_MIN, RULE_MAX, RULE_MOST, RULE_NEEDED, RULE_SPAN, RULES };

static const char *const rule_names[RULES] = {"min", "max", "most", "needed", "span"};

/* Does the row say this, and more than its type says already? */
static bool has_rule(const struct codec_row *row, enum rule rule)
{
    bool number = row->kind == KIND_UINT32 || row->kind == KIND_UINT64 ||
                  row->kind == KIND_INT32 || row->kind == KIND_INT64;
    bool is_unsigned = row->kind == KIND_UINT32 || row->kind == KIND_UINT64;
    bool needed = (row->flags & (CODEC_NEEDED | CODEC_FROM_CLIENT)) != 0;
    bool zero_is_absent = row->count_offset == 0 && !needed;

    int64_t top = row->kind == KIND_INT32    ? INT32_MAX
                  : row->kind == KIND_UINT32 ? UINT32_MAX
                                             : INT64_MAX;
    switch (rule) {
    case RULE_MIN:
        return number && (is_unsigned ? row->min > (zero_is_absent ? 1 : 0)
                                      : row->min != INT64_MIN);
    case RULE_MAX:
        return (number && row->max != top) || row->kind == KIND_TEXT ||
               row->kind == KIND_BYTES || row->kind == KIND_BITS;
    case RULE_MOST:
        return row->count_offset != 0;
    case RULE_NEEDED:
        return needed;
    case RULE_SPAN:
    case RULES:
        break;
    }
    return false;
}

static void drop(struct codec_row *row, enum rule rule)
{
    switch (rule) {
    case RULE_MIN:
        row->min = INT64_MIN;
        break;
    case RULE_MAX:
        row->min = row->kind == KIND_BYTES ? 0 : row->min;
        row->max = row->kind == KIND_BITS ? UINT32_MAX : INT64_MAX;
        break;
    case RULE_MOST:
        row->count_max = SIZE_MAX;
        break;
    case RULE_NEEDED:
        row->flags &= ~(unsigned)(CODEC_NEEDED | CODEC_FROM_CLIENT);
        break;
    case RULE_SPAN:
    case RULES:
        break;
    }
}

static void name_of(const struct codec_shape *shape, const char *row, enum rule rule,
                    char ret_name[256])
{
    snprintf(ret_name, 256, "%s%s%s %s", shape->descriptor->short_name,
             row != NULL ? "." : "", row != NULL ? row : "", rule_names[rule]);
}

/* A copy of the rows of @shape, in which one rule is missing. */
static void take_away(struct codec_shape *shape, size_t index, enum rule rule)
{
    static struct codec_row rows[CODEC_FIELDS_MAX];

    memcpy(rows, shape->rows, shape->row_count * sizeof(*rows));
    drop(&rows[index], rule);
    for (size_t i = 0; i < CODEC_FIELDS_MAX; i++) {
        const struct codec_row *row = shape->by_field[i];
        shape->by_field[i] = row != NULL ? &rows[row - shape->rows] : NULL;
    }
    shape->rows = rows;
}

/* True when it was the one that is looked for. */
static bool meet(struct codec_shape *shape, const char *wanted)
{
    char name[256];

    for (size_t i = 0; i < shape->row_count; i++) {
        for (enum rule rule = 0; rule < RULE_SPAN; rule++) {
            if (!has_rule(&shape->rows[i], rule)) {
                continue;
            }
            name_of(shape, shape->rows[i].name, rule, name);
            if (wanted == NULL) {
                puts(name);
            } else if (strcmp(wanted, name) == 0) {
                take_away(shape, i, rule);
                return true;
            }
        }
    }
    name_of(shape, NULL, RULE_SPAN, name);
    if (shape->is_span && wanted == NULL) {
        puts(name);
    } else if (shape->is_span && strcmp(wanted, name) == 0) {
        shape->is_span = false;
        return true;
    }
    return false;
}

int row_mutant(int argc, char **argv)
{
    const char *wanted = getenv("ENTENTE_ROW_MUTANT");
    bool list = argc > 1 && strcmp(argv[1], "--mutants") == 0;
    struct codec_shape *shapes[FILLER_SHAPES_MAX];

    if (!list && wanted == NULL) {
        return -1;
    }
    size_t count = filler_shapes((const struct codec_shape **)shapes);
    for (size_t i = 0; i < count; i++) {
        if (meet(shapes[i], list ? NULL : wanted)) {
            return -1;
        }
    }
    if (!list) {
        fprintf(stderr, "no such rule: %s\n", wanted);
    }
    return list ? 0 : 2;
}
