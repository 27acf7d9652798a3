// SPDX-License-Identifier: Apache-2.0

/*
 * draw.h - people's time as aligned rows of signs
 *
 *     Tuesday 24 November 2026, Europe/Paris, one sign is 15 minutes
 *                         08  09  10  11
 *       ✓ Anna            ....====########
 *       … Ben             ########====####
 *         proposal 2          ^^^^
 *
 * A function of its structs alone: no clock, no terminal, no broker.
 *
 * Units       As in message.h.  A column is one cell of the terminal.
 *
 * Invariant   A sign says the least that is true of all its minutes: '#' when every
 *             one is free, '?' when one of them is not known, '.' otherwise.  '=' is
 *             time that this meeting has taken.  No line is wider than the sheet.
 */
#ifndef ADAPTERS_CLI_DRAW_H
#define ADAPTERS_CLI_DRAW_H

#include "proto/message.h"

#include <stdbool.h>
#include <stdio.h>

enum { DRAW_WIDTH_MIN = 40, DRAW_WIDTH_MAX = 240 };

enum draw_sign {
    DRAW_NO_SIGN, /* has nothing to answer */
    DRAW_AWAITED,
    DRAW_ACCEPTED,
    DRAW_DECLINED,
    DRAW_SHIFTED,
};

struct draw_row {
    const char *name;
    const char *note; /* behind the row, as far as there is room; or NULL */
    const struct entente_span *free;
    size_t free_count;
    const struct entente_span *known; /* nothing is known outside */
    size_t known_count;
    enum draw_sign sign;
    bool attends; /* the meeting takes this row's time */
};

/* A line below the rows that points at a time of the meeting. */
struct draw_mark {
    const char *label;
    struct entente_span span;
};

struct draw_sheet {
    const char *zone;
    struct entente_span shown; /* at most a day or two */
    const struct draw_row *rows;
    size_t row_count;
    const struct draw_mark *marks;
    size_t mark_count;
    size_t width; /* columns; brought between the limits above */
    bool colour;
};

/* Print the sheet, its heading and its legend, in the person's language. */
void draw_print(FILE *out, const struct draw_sheet *sheet);

#endif
