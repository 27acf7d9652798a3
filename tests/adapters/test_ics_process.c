// SPDX-License-Identifier: Apache-2.0

/*
 * The configuration of `entente-ics`, and what it offers of a file.
 */
#include "adapters/ics/config.h"
#include "adapters/ics/offer.h"

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY 1440
#define MONDAY (20689 * DAY) /* 2026-08-24 */

static bool load(const char *text, struct config *ret_config, char why[256])
{
    char path[] = "/tmp/entente-ics-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(descriptor), 0);
    bool good = config_load(path, ret_config, why, 256);
    unlink(path);
    return good;
}

static const char whole[] =
    "[adapter]\nclient = c.ini\n"
    "[agenda anna]\nfile = a.ics\nperson = idnps:899700000001\n"
    "name = Anna\ntacit_acceptance = yes\nhours = mon-tue 08:00-12:00 13:00-18:00\n"
    "hours = sat 09:00-12:00\n"
    "[agenda ben]\nfile = b.ics\nperson = ins-test:1\n"
    "name = Ben\nzone = UTC\ntitle = busy\n";

static void test_a_configuration_is_read(void **state)
{
    struct config config;
    char why[256];
    (void)state;
    assert_true(load(whole, &config, why));
    assert_int_equal(config.days, 90);
    assert_int_equal(config.lease_seconds, 3600);
    assert_int_equal(config.agenda_count, 2);
    const struct config_agenda *anna = &config.agendas[0];
    assert_string_equal(anna->key, "anna");
    assert_string_equal(anna->value, "899700000001");
    assert_string_equal(anna->zone, "Europe/Paris");
    assert_int_equal(anna->title, CONFIG_TITLE_NEUTRAL);
    assert_true(anna->tacit);
    assert_int_equal(anna->hours.count, 5);
    assert_int_equal(anna->hours.items[4].weekday, 6);
    assert_int_equal(config.agendas[1].title, CONFIG_TITLE_BUSY);
    config_finish(&config);
}

/* Each change makes the configuration wrong, and the reason is said. */
static void test_what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
    } cases[] = {
        {"[adapter]\nclient = c\n", "there is no [agenda KEY]"},
        {"[adapter]\nclient = c\n[agenda a]\nperson = idnps:1\nname = A\n",
         "[agenda a] file is missing"},
        {"[adapter]\nclient = c\n[agenda a]\nfile = a\nname = A\n",
         "[agenda a] person is missing"},
        {"[adapter]\nclient = c\ndays = 400\n", "line 3"},
        {"[adapter]\nclient = c\nlease = soon\n", "line 3"},
        {"[adapter]\nclient = c\nclient = d\n", "line 3"},
        {"[adapter]\nclient = c\n[agenda a]\nzone = Europe/Atlantis\n", "line 4"},
        {"[adapter]\nclient = c\n[agenda a]\nhours = mon 18:00-08:00\n", "line 4"},
        {"[adapter]\nclient = c\n[agenda a]\ntacit_acceptance = maybe\n", "line 4"},
        {"[adapter]\nclient = c\n[agenda a]\ntitle = secret\n", "line 4"},
        {"[adapter]\nclient = c\n[agenda a]\nperson = me\n", "line 4"},
        {"[adapter]\nclient = c\n[agenda a]\ncolour = blue\n", "line 4"},
        {"[adaptor]\nclient = c\n", "line 2"},
        {"[adapter]\nclient = c\n[agenda a]\nfile = x\nname = A\nperson = idnps:1\n"
         "[agenda b]\nfile = x\nname = B\nperson = idnps:2\n",
         "same file"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct config config;
        char why[256] = "";
        assert_false(load(cases[i].text, &config, why));
        if (strstr(why, cases[i].reason) == NULL) {
            print_message("%s\nsays: %s\n", cases[i].text, why);
            fail();
        }
    }
}

#define MEETING "0192f4c1-0000-7000-8000-000000000001"

static bool offer(const char *body, struct offer *ret_offer, struct ics_error *error)
{
    static char text[8192];
    struct config config;
    char why[256];
    snprintf(text, sizeof(text), "BEGIN:VCALENDAR\nVERSION:2.0\n%sEND:VCALENDAR\n",
             body);
    struct agenda_file file = {.bytes = text, .size = strlen(text)};
    assert_true(load(whole, &config, why));
    config.agendas[0].zone[0] = '\0';
    snprintf(config.agendas[0].zone, sizeof(config.agendas[0].zone), "UTC");
    bool good =
        offer_make(&config.agendas[0], &file, MONDAY, MONDAY + DAY, ret_offer, error);
    config_finish(&config);
    return good;
}

/* Our own event is busy with its meeting's id, free underneath, and a copy of it that
 * some program has made counts once. */
static void test_our_own_event_carries_its_meeting(void **state)
{
    struct offer made;
    struct ics_error error;
    (void)state;
    assert_true(offer("BEGIN:VEVENT\nUID:" MEETING "@entente\nX-ENTENTE-VERSION:3\n"
                      "DTSTART:20260824T090000Z\nDTEND:20260824T100000Z\nEND:VEVENT\n"
                      "BEGIN:VEVENT\nUID:copy\nX-ENTENTE-MEETING:" MEETING "\n"
                      "DTSTART:20260824T093000Z\nDTEND:20260824T103000Z\nEND:VEVENT\n"
                      "BEGIN:VEVENT\nUID:foreign\n"
                      "DTSTART:20260824T140000Z\nDTEND:20260824T150000Z\nEND:VEVENT\n",
                      &made, &error));
    assert_int_equal(made.coverage.start, MONDAY);
    size_t own = 0;
    size_t foreign = 0;
    for (size_t i = 0; i < made.count; i++) {
        const struct entente_range *range = &made.ranges[i];
        assert_true(i == 0 || made.ranges[i - 1].start <= range->start);
        if (range->kind == ENTENTE_BUSY && range->meeting.size == 16) {
            own++;
            assert_int_equal(range->start, MONDAY + 9 * 60);
            assert_int_equal(range->end, MONDAY + 10 * 60 + 30);
        } else if (range->kind == ENTENTE_BUSY) {
            foreign++;
            assert_int_equal(range->start, MONDAY + 14 * 60);
        }
    }
    assert_int_equal(own, 1);
    assert_int_equal(foreign, 1);
    /* 08-12, 13-14, 15-18 */
    assert_int_equal(made.count, 5);
    assert_int_equal(made.ranges[0].start, MONDAY + 8 * 60);
    assert_int_equal(made.ranges[0].end, MONDAY + 12 * 60);
    assert_int_equal(made.ranges[0].certainty, ENTENTE_INFERRED);
    offer_finish(&made);
}

static void test_an_event_with_a_strange_id_is_busy(void **state)
{
    struct offer made;
    struct ics_error error;
    (void)state;
    assert_true(offer("BEGIN:VEVENT\nUID:somebody@entente\n"
                      "DTSTART:20260824T090000Z\nDTEND:20260824T100000Z\nEND:VEVENT\n",
                      &made, &error));
    assert_int_equal(made.count, 4);
    assert_int_equal(made.ranges[1].kind, ENTENTE_BUSY);
    assert_int_equal(made.ranges[1].meeting.size, 0);
    assert_int_equal(made.ranges[0].end, MONDAY + 9 * 60);
    offer_finish(&made);
}

/* Nothing is offered of a file that is not understood. */
static void test_an_invalid_file_offers_nothing(void **state)
{
    struct offer made;
    struct ics_error error = {0};
    (void)state;
    assert_false(
        offer("BEGIN:VEVENT\nUID:x\nDTSTART:never\nEND:VEVENT\n", &made, &error));
    assert_int_equal(error.line, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_configuration_is_read),
        cmocka_unit_test(test_what_is_wrong_is_named),
        cmocka_unit_test(test_our_own_event_carries_its_meeting),
        cmocka_unit_test(test_an_event_with_a_strange_id_is_busy),
        cmocka_unit_test(test_an_invalid_file_offers_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
