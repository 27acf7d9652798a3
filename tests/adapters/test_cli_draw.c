// SPDX-License-Identifier: Apache-2.0

/*
 * Drawings, sign by sign, and lists in their order.
 */
#include "adapters/cli/draw.h"
#include "adapters/cli/listing.h"
#include "adapters/cli/text.h"
#include "proto/zone.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARIS "Europe/Paris"

static int32_t at(const char *time)
{
    int32_t minute = 0;
    char text[64];
    snprintf(text, sizeof(text), "2026-11-24T%s", time);
    assert_true(zone_parse_time(text, PARIS, &minute));
    return minute;
}

static struct entente_span from_to(const char *from, const char *until)
{
    return (struct entente_span){at(from), at(until)};
}

/* The drawing; the caller frees it. */
static char *draw(const struct draw_sheet *sheet)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    draw_print(file, sheet);
    fclose(file);
    return text;
}

static void assert_drawing(const struct draw_sheet *sheet, const char *expected)
{
    char *text = draw(sheet);
    if (strcmp(text, expected) != 0) {
        print_error("drawn:\n%s\nexpected:\n%s", text, expected);
    }
    assert_string_equal(text, expected);
    free(text);
}

static void test_a_proposal(void **state)
{
    (void)state;
    const struct entente_span anna[] = {from_to("08:00", "09:00"),
                                        from_to("10:00", "12:00")};
    const struct entente_span ben[] = {from_to("08:00", "09:10"),
                                       from_to("10:00", "10:30")};
    const struct entente_span day[] = {from_to("00:00", "23:00")};
    const struct entente_span morning[] = {from_to("08:00", "11:00")};
    const struct draw_row rows[] = {
        {"Anna", NULL, anna, 2, day, 1, DRAW_ACCEPTED, true},
        {"Ben", "optional", ben, 2, morning, 1, DRAW_AWAITED, true},
        {"Zoé Łukasiewicz", "is busy", NULL, 0, day, 1, DRAW_DECLINED, false},
        {"Guest", NULL, NULL, 0, NULL, 0, DRAW_NO_SIGN, false},
    };
    const struct draw_mark marks[] = {{"proposal", from_to("09:00", "10:00")}};
    const struct draw_sheet sheet = {.zone = PARIS,
                                     .shown = from_to("08:00", "12:00"),
                                     .rows = rows,
                                     .row_count = 4,
                                     .marks = marks,
                                     .mark_count = 1,
                                     .width = 66};
    assert_drawing(&sheet,
                   "Tuesday 24 November 2026, Europe/Paris, one sign is 10 minutes\n"
                   "                    08    09    10    11\n"
                   "  ✓ Anna            ######======############\n"
                   "  … Ben             ######======###...??????  optional\n"
                   "  ✗ Zoé Łukasiewicz ........................  is busy\n"
                   "    Guest           ????????????????????????\n"
                   "    proposal              ^^^^^^\n"
                   "# free  . not free  ? unknown  = this meeting\n"
                   "✓ accepted  … awaited  » another time  ✗ does not come\n");
}

static void test_a_narrow_terminal_is_kept_to(void **state)
{
    (void)state;
    const struct draw_row rows[] = {
        {"Établissement d'hébergement pour personnes âgées", "does not offer this time",
         NULL, 0, NULL, 0, DRAW_SHIFTED, true},
        {"医療センター 東京", NULL, NULL, 0, NULL, 0, DRAW_AWAITED, true},
        {"A\033[31mB\u202eC", NULL, NULL, 0, NULL, 0, DRAW_AWAITED, true},
    };
    const struct draw_mark marks[] = {{"proposal", from_to("09:00", "10:00")},
                                      {"agreed time", from_to("15:00", "16:00")}};
    struct draw_sheet sheet = {.zone = PARIS,
                               .shown = from_to("08:00", "19:00"),
                               .rows = rows,
                               .row_count = 3,
                               .marks = marks,
                               .mark_count = 2};
    for (size_t width = 0; width < 300; width += 7) {
        sheet.width = width;
        char *text = draw(&sheet);
        size_t most = width < DRAW_WIDTH_MIN   ? DRAW_WIDTH_MIN
                      : width > DRAW_WIDTH_MAX ? DRAW_WIDTH_MAX
                                               : width;
        char *rest = NULL;
        for (char *line = strtok_r(text, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest)) {
            assert_null(strchr(line, '\033'));
            assert_true(text_columns(line) <= most);
        }
        free(text);
    }
}

static void test_colour_changes_nothing_but_colour(void **state)
{
    (void)state;
    const struct entente_span free_time[] = {from_to("08:00", "09:00")};
    const struct entente_span day[] = {from_to("00:00", "23:00")};
    const struct draw_row rows[] = {
        {"Anna", NULL, free_time, 1, day, 1, DRAW_ACCEPTED, false}};
    struct draw_sheet sheet = {.zone = PARIS,
                               .shown = from_to("08:00", "12:00"),
                               .rows = rows,
                               .row_count = 1,
                               .width = 60};
    char *plain = draw(&sheet);
    sheet.colour = true;
    char *coloured = draw(&sheet);
    char *to = coloured;
    assert_non_null(strstr(coloured, "\033[32m"));
    for (char *from = coloured; *from != '\0'; from++) {
        if (*from == '\033') {
            from = strchr(from, 'm');
            assert_non_null(from);
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    assert_string_equal(coloured, plain);
    free(plain);
    free(coloured);
}

static void test_the_longest_night(void **state)
{
    (void)state;
    struct draw_sheet sheet = {.zone = PARIS, .width = 80};
    assert_true(zone_parse_time("2026-10-25", PARIS, &sheet.shown.start) ||
                zone_parse_time("2026-10-25T00:00", PARIS, &sheet.shown.start));
    sheet.shown.end = sheet.shown.start + 5 * 60;
    char *text = draw(&sheet);
    /* Two o'clock comes twice. */
    assert_non_null(strstr(text, "00          01          02          02          03"));
    free(text);
}

static void test_columns(void **state)
{
    (void)state;
    assert_int_equal(text_columns("Zoé"), 3);
    assert_int_equal(text_columns("Zoe\xcc\x81"), 3); /* with a combining accent */
    assert_int_equal(text_columns("東京"), 4);
    assert_int_equal(text_columns("\xff\xc3"), 2); /* no UTF-8 */
    assert_int_equal(text_columns(NULL), 0);
}

/* The broker pages by id; people read by time. */
static void test_a_list_is_in_the_order_of_time(void **state)
{
    (void)state;
    static const struct {
        const char *title;
        const char *start; /* NULL: none yet */
        bool agreed;
        uint32_t place; /* in its series */
    } all[] = {{"late", "16:00", true, 0},
               {"last none", NULL, false, 2},
               {"first none", NULL, false, 1},
               {"early", "09:00", false, 0},
               {"also early", "09:00", true, 0}};
    enum { ALL = sizeof(all) / sizeof(all[0]) };
    for (int json = 0; json < 2; json++) {
        struct listing listing = {.json = json == 1};
        for (size_t i = 0; i < ALL; i++) {
            uint8_t id[16] = {(uint8_t)(i + 1)};
            struct entente_series series = {.index = all[i].place};
            struct entente_spec spec = {.title = all[i].title, .zone = PARIS};
            int32_t start = all[i].start == NULL ? 0 : at(all[i].start);
            struct entente_proposal proposal = {.start = start, .end = start + 30};
            struct entente_span agreed = {start, start + 30};
            struct entente_meeting meeting = {
                .id = {id, sizeof(id)},
                .spec = &spec,
                .series = &series,
                .state = all[i].start == NULL ? ENTENTE_SEARCHING
                         : all[i].agreed      ? ENTENTE_CONFIRMED
                                              : ENTENTE_PROPOSED,
                .proposal = all[i].start == NULL ? NULL : &proposal,
                .confirmed = all[i].agreed ? &agreed : NULL,
            };
            listing_add(&listing, &meeting);
        }
        listing_sort(&listing);
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        if (json == 1) {
            json_t *array = listing_json(&listing);
            json_dumpf(array, out, 0);
            json_decref(array);
        } else {
            listing_print(&listing, out);
        }
        fclose(out);
        const char *in_order[] = {"early", "also early", "late", "first none",
                                  "last none"};
        const char *from = text;
        for (size_t i = 0; i < ALL; i++) {
            from = strstr(from, in_order[i]);
            assert_non_null(from);
            from += strlen(in_order[i]);
        }
        free(text);
        listing_end(&listing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_proposal),
        cmocka_unit_test(test_a_narrow_terminal_is_kept_to),
        cmocka_unit_test(test_colour_changes_nothing_but_colour),
        cmocka_unit_test(test_the_longest_night),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_a_list_is_in_the_order_of_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
