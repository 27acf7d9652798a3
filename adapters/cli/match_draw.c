// SPDX-License-Identifier: Apache-2.0

/*
 * match_draw.c - the answer of a match request as aligned lines of time
 *
 *     monday 2026-11-23 from 08:00, Europe/Paris, one sign for 15 minutes
 *                     08  09  10  11
 *       Anna          ####xxxx########
 *       Ben           ........########
 *       slot                  ^^^^
 *
 * Each sign is judged by the matcher itself, as if it were a slot of that length: the
 * drawing cannot show anything but what the search has seen.
 */
#include "adapters/cli/match_output.h"

#include "adapters/cli/text.h"
#include "proto/zone.h"

#include <stdlib.h>
#include <string.h>

enum {
    COLUMNS = 64,
    NAME_COLUMNS = 20,
    DAYS_WITHOUT_SLOT = 5, /* drawn where no slot was found */
};

static const int32_t cells[] = {5, 10, 15, 30, 60};

/* A stretch of time, drawn with one sign for each @cell minutes. */
struct sheet {
    minute_t from;
    minute_t until;
    int32_t cell;
    const struct match_slot *slot; /* NULL: none to mark */
};

static char sign_of(enum match_reason reason)
{
    switch (reason) {
    case MATCH_ATTENDS:
        return '#';
    case MATCH_IS_BUSY:
        return 'x';
    case MATCH_IS_UNKNOWN:
        return '?';
    case MATCH_NOT_OFFERED:
        return '.';
    case MATCH_TOO_FAR:
    case MATCH_SHORT_NOTICE:
    case MATCH_DAY_FULL:
        return '-';
    }
    return ' ';
}

static void draw_name(FILE *out, const char *name)
{
    fputs("  ", out);
    text_print_column(out, name, NAME_COLUMNS - 1);
    fputc(' ', out);
}

static void draw_hours(FILE *out, const struct match_input *input,
                       const struct sheet *sheet)
{
    struct zone_civil civil;
    int gap = 0;
    draw_name(out, "");
    for (minute_t m = sheet->from; m < sheet->until;) {
        bool hour = zone_to_civil(input->zone, m, &civil) && civil.minute == 0 &&
                    (sheet->cell <= 15 || civil.hour % 3 == 0);
        if (hour) {
            fprintf(out, "%*s%02d", gap, "", civil.hour);
            gap = 0;
        } else {
            gap++;
        }
        m += hour ? 2 * sheet->cell : sheet->cell;
    }
    fputc('\n', out);
}

/* What each party's time is like, a sign for each cell.  Rows end in NUL. */
static bool judge_cells(const struct match_input *input, const struct sheet *sheet,
                        char rows[][COLUMNS + 1])
{
    struct match_request request = input->request;
    static struct match_result judged;
    uint32_t option = sheet->slot != NULL ? sheet->slot->option : 0;
    bool feasible;

    request.duration = sheet->cell;
    request.picked = &sheet->from;
    request.picked_count = 1;
    request.wanted = 1;
    request.occurrences = 0;
    size_t size = match_workspace_size(&request);
    judged.chosen_capacity = match_chosen_bound(&request);
    judged.chosen = calloc(judged.chosen_capacity + 1, sizeof(*judged.chosen));
    void *workspace = malloc(size);
    bool drawn = workspace != NULL && judged.chosen != NULL;
    minute_t m = sheet->from;
    for (size_t column = 0; column < COLUMNS && m < sheet->until && drawn; column++) {
        drawn = match_judge(&request, m, option, workspace, size, &judged, &feasible) ==
                MATCH_OK;
        for (size_t p = 0; p < request.party_count && drawn; p++) {
            /* Whoever could only be asked is not known to be free. */
            bool is_asked = (judged.slots[0].asked >> p & 1) != 0;
            rows[p][column] =
                sign_of(is_asked ? MATCH_IS_UNKNOWN
                                 : (enum match_reason)judged.slots[0].reason[p]);
        }
        m += sheet->cell;
    }
    free(judged.chosen);
    free(workspace);
    return drawn;
}

static void draw_mark(FILE *out, const struct sheet *sheet)
{
    draw_name(out, "slot");
    for (minute_t m = sheet->from; m < sheet->slot->end && m < sheet->until;
         m += sheet->cell) {
        fputc(m + sheet->cell > sheet->slot->start ? '^' : ' ', out);
    }
    fputc('\n', out);
}

static bool draw_sheet(FILE *out, const struct match_input *input,
                       const struct sheet *sheet)
{
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    char rows[MATCH_PARTIES_MAX][COLUMNS + 1] = {{0}};
    struct zone_civil civil = {.weekday = 1};

    if (!judge_cells(input, sheet, rows)) {
        return false;
    }
    zone_to_civil(input->zone, sheet->from, &civil);
    fprintf(out, "%s %04d-%02d-%02d from %02d:%02d, %s, one sign for %d minutes\n",
            days[(civil.weekday + 6) % 7], civil.year, civil.month, civil.day,
            civil.hour, civil.minute, input->zone, sheet->cell);
    draw_hours(out, input, sheet);
    for (size_t p = 0; p < input->request.party_count; p++) {
        bool optional = input->parties[p].importance == MATCH_OPTIONAL;
        draw_name(out, input->names[p]);
        fprintf(out, "%s%s", rows[p], optional ? "  optional" : "");
        if (input->parties[p].member_count > 0) {
            fprintf(out, "  %zu of %zu", input->parties[p].needed,
                    input->parties[p].member_count);
        }
        fputc('\n', out);
    }
    if (sheet->slot != NULL) {
        draw_mark(out, sheet);
    }
    fputc('\n', out);
    return true;
}

/* The civil hour, counted back from @minute. */
static minute_t full_hour(const struct match_input *input, minute_t minute)
{
    struct zone_civil civil;
    return zone_to_civil(input->zone, minute, &civil) ? minute - civil.minute : minute;
}

/* About three times as much time as the slot has, from a full hour on. */
static struct sheet sheet_around(const struct match_input *input,
                                 const struct match_slot *slot)
{
    struct sheet sheet = {.slot = slot};
    int32_t beside = slot->end - slot->start > 120 ? slot->end - slot->start : 120;
    size_t i = 0;
    sheet.from = full_hour(input, slot->start - beside);
    while (i + 1 < sizeof(cells) / sizeof(cells[0]) &&
           (slot->end + beside - sheet.from) / cells[i] >= COLUMNS) {
        i++;
    }
    sheet.cell = cells[i];
    sheet.until = slot->end + beside;
    if (sheet.until - sheet.from > COLUMNS * sheet.cell) {
        sheet.until = sheet.from + COLUMNS * sheet.cell;
    }
    return sheet;
}

/* How to meet there, who of the pools comes, and who does not come. */
static void draw_facts(FILE *out, const struct match_input *input,
                       const struct match_result *result, const struct match_slot *slot)
{
    if (input->request.option_count > 0) {
        char option[2 * MATCH_INPUT_NAME_BYTES];
        match_output_option(input, input->options[slot->option], option,
                            sizeof(option));
        text_print(out, option);
        fputc('\n', out);
    }
    for (size_t p = 0; p < input->request.party_count; p++) {
        const struct match_party *party = &input->parties[p];
        enum match_reason reason = (enum match_reason)slot->reason[p];
        if (reason != MATCH_ATTENDS) {
            fputs("without ", out);
            text_print(out, input->names[p]);
            fprintf(out, ": %s\n", match_output_reason(reason));
            continue;
        }
        if ((slot->asked >> p & 1) != 0) {
            text_print(out, input->names[p]);
            fputs(": asked, not known to be free\n", out);
        }
        for (size_t i = 0; i < party->needed && party->member_count > 0; i++) {
            uint16_t member = result->chosen[slot->chosen_at[p] + i];
            text_print(out, i == 0 ? input->names[p] : "");
            fputs(i == 0 ? ": " : ", ", out);
            text_print(out, input->members[p][member]);
        }
        fputs(party->member_count > 0 ? "\n" : "", out);
    }
}

static void draw_occurrences(FILE *out, const struct match_input *input,
                             const struct match_slot *slot)
{
    char again[ZONE_TIME_SIZE];
    for (uint32_t i = 1; i < input->request.occurrences; i++) {
        minute_t start = 0;
        if (match_occurrence(&input->request, slot->start, i, &start)) {
            zone_format_time(start, input->zone, again, sizeof(again));
            fprintf(out, "again at %s\n", again);
        }
    }
}

static bool draw_slots(FILE *out, const struct match_input *input,
                       const struct match_result *result)
{
    char from[ZONE_TIME_SIZE];
    char until[ZONE_TIME_SIZE];
    for (size_t i = 0; i < result->count; i++) {
        const struct match_slot *slot = &result->slots[i];
        struct sheet sheet = sheet_around(input, slot);
        zone_format_time(slot->start, input->zone, from, sizeof(from));
        zone_format_time(slot->end, input->zone, until, sizeof(until));
        fprintf(out, "slot %zu of %zu: %s to %s\n", i + 1, result->count, from, until);
        draw_occurrences(out, input, slot);
        draw_facts(out, input, result, slot);
        if (!draw_sheet(out, input, &sheet)) {
            return false;
        }
    }
    return true;
}

/* The first days of one window, or the time of one picked slot. */
static bool draw_days(FILE *out, const struct match_input *input, minute_t start,
                      minute_t end)
{
    for (int day = 0; day < DAYS_WITHOUT_SLOT && start < end; day++) {
        struct sheet sheet = {.from = full_hour(input, start), .cell = 30};
        sheet.until = end - start > MINUTES_PER_DAY ? start + MINUTES_PER_DAY : end;
        if (!draw_sheet(out, input, &sheet)) {
            return false;
        }
        start = sheet.until;
    }
    return true;
}

/* What could be asked for instead, and what would come of it. */
static void draw_relaxations(FILE *out, const struct match_input *input,
                             const struct match_why *why)
{
    for (size_t i = 0; i < why->relaxation_count; i++) {
        char sentence[4 * MATCH_INPUT_NAME_BYTES];
        match_output_relaxation(input, &why->relaxations[i], sentence,
                                sizeof(sentence));
        fputs("  ", out);
        text_print(out, sentence);
        fputc('\n', out);
    }
}

static bool draw_why_not(FILE *out, const struct match_input *input,
                         const struct match_why *why)
{
    const struct match_request *request = &input->request;
    bool is_picked = request->picked_count > 0;
    size_t count = is_picked ? request->picked_count : request->window_count;
    bool drawn = true;

    fprintf(out, "no slot: %u possible start%s%s", why->candidates,
            why->candidates == 1 ? "" : "s",
            why->quorum_blocks ? "; too few people would be there" : "");
    for (size_t i = 0; i < why->blocking_count; i++) {
        fputs(i == 0 ? "; blocked by " : ", ", out);
        text_print(out, input->names[why->blocking[i]]);
    }
    fputc('\n', out);
    draw_relaxations(out, input, why);
    fputc('\n', out);
    for (size_t i = 0; i < count && i < DAYS_WITHOUT_SLOT && drawn; i++) {
        drawn = is_picked ? draw_days(out, input, request->picked[i],
                                      request->picked[i] + request->duration)
                          : draw_days(out, input, request->windows[i].start,
                                      request->windows[i].end);
    }
    return drawn;
}

bool match_output_draw(FILE *out, const struct match_input *input,
                       const struct match_work *work)
{
    fputs(
        "# free   x busy   . not offered   ? unknown   - too far, too soon or full\n\n",
        out);
    if (input->question == MATCH_JUDGED) {
        fputs(work->suits ? "this start suits\n" : "this start does not suit\n", out);
    }
    if (work->result.count == 0) {
        return draw_why_not(out, input, &work->why);
    }
    if (!draw_slots(out, input, &work->result)) {
        return false;
    }
    if (work->is_explained && work->why.relaxation_count > 0) {
        fputs("other starts would suit too:\n", out);
        draw_relaxations(out, input, &work->why);
    }
    return true;
}
