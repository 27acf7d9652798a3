// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/draw.h"

#include "adapters/cli/language.h"
#include "adapters/cli/text.h"
#include "adapters/cli/times.h"
#include "proto/zone.h"

#include <string.h>

enum {
    INDENT = 4, /* two spaces, the answer, a space */
    NAME_MAX_COLUMNS = 28,
    NAME_MIN_COLUMNS = 10,
    LABEL_COLUMNS = 3, /* an hour and a space */
};

#define GREEN "\033[32m"
#define CYAN "\033[1;36m"
#define YELLOW "\033[33m"
#define RED "\033[31m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

/* How the sheet is laid out on its width. */
struct layout {
    size_t width;
    size_t name_columns;
    int32_t cell; /* minutes */
    size_t cells;
    int hours; /* between two labels above */
};

static size_t limit(size_t value, size_t least, size_t most)
{
    return value < least ? least : value > most ? most : value;
}

static size_t longest_name(const struct draw_sheet *sheet)
{
    size_t longest = 0;
    for (size_t i = 0; i < sheet->row_count; i++) {
        size_t columns = text_columns(sheet->rows[i].name);
        longest = columns > longest ? columns : longest;
    }
    for (size_t i = 0; i < sheet->mark_count; i++) {
        size_t columns = text_columns(sheet->marks[i].label);
        longest = columns > longest ? columns : longest;
    }
    return longest;
}

static struct layout lay_out(const struct draw_sheet *sheet)
{
    static const int32_t cells[] = {5, 10, 15, 20, 30, 60, 120, 240, 480, 1440};
    static const int steps[] = {1, 2, 3, 4, 6, 12, 24};
    struct layout layout = {.width =
                                limit(sheet->width, DRAW_WIDTH_MIN, DRAW_WIDTH_MAX)};
    size_t most_name = limit(layout.width / 3, NAME_MIN_COLUMNS, NAME_MAX_COLUMNS);
    layout.name_columns = limit(longest_name(sheet), NAME_MIN_COLUMNS, most_name);
    size_t room = layout.width - INDENT - layout.name_columns - 1;
    int32_t minutes = sheet->shown.end - sheet->shown.start;
    size_t i = 0;
    while (i + 1 < sizeof(cells) / sizeof(cells[0]) &&
           (size_t)((minutes + cells[i] - 1) / cells[i]) > room) {
        i++;
    }
    layout.cell = cells[i];
    layout.cells = limit((size_t)((minutes + cells[i] - 1) / cells[i]), 0, room);
    i = 0;
    while (i + 1 < sizeof(steps) / sizeof(steps[0]) &&
           steps[i] * 60 < LABEL_COLUMNS * layout.cell) {
        i++;
    }
    layout.hours = steps[i];
    return layout;
}

/* ---- signs -------------------------------------------------------------------------
 */

static bool overlaps(const struct entente_span *span, int32_t from, int32_t until)
{
    return span->start < until && from < span->end;
}

/* Whether the sorted or unsorted, possibly touching @spans hold every minute. */
static bool covers(const struct entente_span *spans, size_t count, int32_t from,
                   int32_t until)
{
    int32_t reached = from;
    bool moved = true;
    while (reached < until && moved) {
        moved = false;
        for (size_t i = 0; i < count; i++) {
            if (spans[i].start <= reached && spans[i].end > reached) {
                reached = spans[i].end;
                moved = true;
            }
        }
    }
    return reached >= until;
}

static char sign_at(const struct draw_sheet *sheet, const struct draw_row *row,
                    int32_t from, int32_t until)
{
    for (size_t i = 0; row->attends && i < sheet->mark_count; i++) {
        if (overlaps(&sheet->marks[i].span, from, until)) {
            return '=';
        }
    }
    if (covers(row->free, row->free_count, from, until)) {
        return '#';
    }
    return covers(row->known, row->known_count, from, until) ? '.' : '?';
}

static const char *colour_of(char sign)
{
    switch (sign) {
    case '#':
        return GREEN;
    case '=':
    case '^':
        return CYAN;
    default:
        return DIM;
    }
}

/* Print @signs; a colour lasts as long as the sign stays the same. */
static void print_signs(FILE *out, const char *signs, bool colour)
{
    for (const char *at = signs; *at != '\0'; at++) {
        if (colour && *at != ' ' && (at == signs || at[-1] != *at)) {
            fputs(colour_of(*at), out);
        }
        fputc(*at, out);
        if (colour && *at != ' ' && at[1] != *at) {
            fputs(PLAIN, out);
        }
    }
}

/* ---- lines -------------------------------------------------------------------------
 */

static void draw_hours(FILE *out, const struct draw_sheet *sheet,
                       const struct layout *layout)
{
    char line[DRAW_WIDTH_MAX + 1];
    struct zone_civil civil;
    memset(line, ' ', sizeof(line));
    size_t end = 0;
    for (size_t i = 0; i + 1 < layout->cells; i++) {
        int32_t minute = sheet->shown.start + (int32_t)i * layout->cell;
        if (i >= end && zone_to_civil(sheet->zone, minute, &civil) &&
            civil.minute == 0 && civil.hour % layout->hours == 0) {
            line[i] = (char)('0' + civil.hour / 10);
            line[i + 1] = (char)('0' + civil.hour % 10);
            end = i + 2;
        }
    }
    line[end] = '\0';
    fprintf(out, "%*s%s\n", (int)(INDENT + layout->name_columns + 1), "", line);
}

static void draw_answer(FILE *out, enum draw_sign sign, bool colour)
{
    static const char *const signs[] = {" ", "…", "✓", "✗", "»"};
    static const char *const colours[] = {"", YELLOW, GREEN, RED, YELLOW};
    fprintf(out, "  %s%s%s ", colour ? colours[sign] : "", signs[sign],
            colour && sign != DRAW_NO_SIGN ? PLAIN : "");
}

static void draw_note(FILE *out, const struct draw_row *row,
                      const struct layout *layout)
{
    size_t used = INDENT + layout->name_columns + 1 + layout->cells + 2;
    size_t columns = text_columns(row->note);
    if (columns > 0 && used < layout->width && columns <= layout->width - used) {
        fputs("  ", out);
        text_print(out, row->note);
    }
}

static void draw_row(FILE *out, const struct draw_sheet *sheet,
                     const struct layout *layout, const struct draw_row *row)
{
    char signs[DRAW_WIDTH_MAX + 1];
    for (size_t i = 0; i < layout->cells; i++) {
        int32_t from = sheet->shown.start + (int32_t)i * layout->cell;
        int32_t until = from + layout->cell;
        until = until > sheet->shown.end ? sheet->shown.end : until;
        signs[i] = sign_at(sheet, row, from, until);
    }
    signs[layout->cells] = '\0';
    draw_answer(out, row->sign, sheet->colour);
    text_print_column(out, row->name, layout->name_columns);
    fputc(' ', out);
    print_signs(out, signs, sheet->colour);
    draw_note(out, row, layout);
    fputc('\n', out);
}

static void draw_mark(FILE *out, const struct draw_sheet *sheet,
                      const struct layout *layout, const struct draw_mark *mark)
{
    char signs[DRAW_WIDTH_MAX + 1] = "";
    for (size_t i = 0; i < layout->cells; i++) {
        int32_t from = sheet->shown.start + (int32_t)i * layout->cell;
        if (from >= mark->span.end) {
            break;
        }
        signs[i] = overlaps(&mark->span, from, from + layout->cell) ? '^' : ' ';
    }
    fprintf(out, "%*s", INDENT, "");
    text_print_column(out, mark->label, layout->name_columns);
    fputc(' ', out);
    print_signs(out, signs, sheet->colour);
    fputc('\n', out);
}

static void draw_cut(FILE *out, const char *line, const struct layout *layout)
{
    if (text_columns(line) > layout->width) {
        text_print_column(out, line, layout->width);
    } else {
        text_print(out, line);
    }
    fputc('\n', out);
}

void draw_print(FILE *out, const struct draw_sheet *sheet)
{
    char day[TIMES_TEXT];
    char line[2 * TIMES_TEXT];
    struct layout layout = lay_out(sheet);
    times_say_day(sheet->shown.start, sheet->zone, day, sizeof(day));
    snprintf(line, sizeof(line), _("%s, %s, one sign is %d minutes"), day, sheet->zone,
             (int)layout.cell);
    draw_cut(out, line, &layout);
    draw_hours(out, sheet, &layout);
    for (size_t i = 0; i < sheet->row_count; i++) {
        draw_row(out, sheet, &layout, &sheet->rows[i]);
    }
    for (size_t i = 0; i < sheet->mark_count; i++) {
        draw_mark(out, sheet, &layout, &sheet->marks[i]);
    }
    draw_cut(out, _("# free  . not free  ? unknown  = this meeting"), &layout);
    draw_cut(out, _("✓ accepted  … awaited  » another time  ✗ does not come"), &layout);
}
