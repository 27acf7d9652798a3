// SPDX-License-Identifier: Apache-2.0

/*
 * test_ics_corpus.c - the real calendar files beside their expectations
 *
 * ENTENTE_CORPUS names the directory that holds agendas/ (default ../shared).  Every
 * *.busy.json and *.expect.json is met by its kind and under its stated policy, rounded
 * outward to minutes; every other file is read, or refused at the line that the table
 * below says.
 */
#include "adapters/ics/agenda_file.h"
#include "adapters/ics/agenda_read.h"
#include "adapters/ics/ics_rule.h"
#include "adapters/ics/ics_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 1024

/* Files that are refused, and where: docs/ics.md says why each of them is. */
static const struct {
    const char *file;
    unsigned line;
} refused[] = {
    {"ical4j_phpicalendar_sample.ics", 186},
    {"icalnet_Bug2912657.ics", 1},
    {"libical_2446.ics", 74},
    {"libical_2446_2.ics", 1},
    {"libical_issue251.ics", 12},
    {"libical_stresstest.ics", 28},
    {"nodeical_Office-2012-owa.ics", 8},
    {"nodeical_ms_timezones.ics", 152},
    {"pyical2_rrule-until-mismatch.ics", 9},
    {"pyical_Index_Error.ics", 1},
    {"pyical_broken_ical.ics", 4},
    {"pyical_issue_1081_invalid_rrule_freq.ics", 7},
    {"recurring_end_before_start_event.ics", 32},
    {"thunderbird_importLatin1.ics", 20},
};

static char directory[PATH_SIZE];

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static void load(const char *name, struct agenda_file *ret)
{
    char path[PATH_SIZE * 2];
    struct ics_error error = {0};

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    if (!agenda_file_load(path, ret, &error)) {
        fail_msg("%s: %s", path, error.text);
    }
}

static int64_t second_of(const json_t *value)
{
    const char *text = json_string_value(value);
    struct ics_value_time time = {0};

    assert_non_null(text);
    assert_true(ics_value_parse_time(text, strlen(text), &time));
    return time.local;
}

/* [["20130610T160000Z", "20130610T170000Z"], ...] rounded outward to minutes. */
static void expected_spans(const json_t *array, struct span_list *list)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *pair = json_array_get(array, i);
        int64_t start = second_of(json_array_get(pair, 0));
        int64_t end = second_of(json_array_get(pair, 1));
        assert_true(
            span_list_add(list, (int32_t)(start / 60), (int32_t)((end + 59) / 60)));
    }
    span_list_normalise(list);
}

static void check_spans(const char *file, const json_t *root, const char *key,
                        const struct span_list *found)
{
    struct span_list expected = {0};

    if (json_object_get(root, key) == NULL) {
        return;
    }
    expected_spans(json_object_get(root, key), &expected);
    if (expected.count != found->count) {
        fail_msg("%s: %zu ranges %s, not %zu", file, found->count, key, expected.count);
    }
    for (size_t i = 0; i < found->count; i++) {
        if (expected.items[i].start != found->items[i].start ||
            expected.items[i].end != found->items[i].end) {
            fail_msg("%s: range %zu of %s differs", file, i, key);
        }
    }
    span_list_finish(&expected);
}

static void read_agenda(const char *name, const struct agenda_options *options,
                        struct agenda *ret)
{
    struct agenda_file file = {0};
    struct ics_error error = {0};

    load(name, &file);
    if (!agenda_read(file.bytes, file.size, options, ret, &error)) {
        fail_msg("%s: line %u: %s", name, error.line, error.text);
    }
    agenda_file_finish(&file);
}

static void check_busy(const char *name, const json_t *root, enum agenda_policy policy)
{
    const json_t *window = json_object_get(root, "window");
    struct agenda agenda = {0};
    struct agenda_options options = {
        .zone = json_string_value(json_object_get(root, "zone_default")),
        .from = (int32_t)(second_of(json_array_get(window, 0)) / 60),
        .until = (int32_t)(second_of(json_array_get(window, 1)) / 60),
        .policy = policy};

    read_agenda(name, &options, &agenda);
    check_spans(name, root, "busy", &agenda.busy);
    check_spans(name, root, "busy_unavailable", &agenda.unavailable);
    agenda_finish(&agenda);
}

static void check_starts(const char *name, const json_t *root)
{
    const json_t *dates = json_object_get(root, "starts_date");
    const json_t *starts = dates != NULL ? dates : json_object_get(root, "starts_utc");
    size_t count = json_array_size(starts);
    struct agenda agenda = {0};
    struct agenda_options options = {.zone = "Europe/Paris",
                                     .from = 0,
                                     .until = 2050 * 365 * 1440 - 1970 * 365 * 1440,
                                     .policy = AGENDA_POLICY_EVENTS,
                                     .with_occurrences = true};

    read_agenda(name, &options, &agenda);
    bool complete = json_is_true(json_object_get(root, "complete"));
    if (agenda.occurrence_count < count ||
        (complete && agenda.occurrence_count != count)) {
        fail_msg("%s: %zu starts, not %zu", name, agenda.occurrence_count, count);
    }
    for (size_t i = 0; i < count; i++) {
        char text[17];
        char expected[32];
        const char *from = json_string_value(json_array_get(starts, i));
        size_t used = 0;
        for (; *from != '\0' && *from != 'Z'; from++) {
            if (*from != '-') {
                expected[used++] = *from;
            }
        }
        expected[used] = '\0';
        const struct agenda_occurrence *found = &agenda.occurrences[i];
        ics_value_format(dates != NULL ? found->local : found->utc, dates != NULL,
                         text);
        if (strcmp(text, expected) != 0) {
            fail_msg("%s: start %zu is %s, not %s", name, i, text, expected);
        }
    }
    agenda_finish(&agenda);
}

static void check_sidecar(const char *sidecar)
{
    char path[PATH_SIZE * 2];
    char name[PATH_SIZE];
    json_error_t error;

    (void)snprintf(path, sizeof path, "%s/%s", directory, sidecar);
    json_t *root = json_load_file(path, 0, &error);
    assert_non_null(root);
    const char *kind = json_string_value(json_object_get(root, "kind"));
    size_t tail = strlen(kind == NULL ? ".busy.json" : ".expect.json");
    (void)snprintf(name, sizeof name, "%.*s", (int)(strlen(sidecar) - tail), sidecar);
    if (kind == NULL) {
        check_busy(name, root, AGENDA_POLICY_EVENTS);
    } else if (strcmp(kind, "free-busy") == 0) {
        check_busy(name, root, AGENDA_POLICY_ADAPTER);
    } else if (strcmp(kind, "occurrence_starts") == 0) {
        check_starts(name, root);
    } else {
        fail_msg("%s: unknown kind %s", sidecar, kind);
    }
    json_decref(root);
}

static int each_name(void (*visit)(const char *name, bool has_sidecar))
{
    DIR *open = opendir(directory);
    struct dirent *entry = NULL;
    int count = 0;

    assert_non_null(open);
    while ((entry = readdir(open)) != NULL) {
        char path[PATH_SIZE * 2];
        bool sidecar = false;
        static const char *const ends[] = {".busy.json", ".expect.json"};
        for (size_t i = 0; i < 2; i++) {
            (void)snprintf(path, sizeof path, "%s/%s%s", directory, entry->d_name,
                           ends[i]);
            FILE *file = fopen(path, "r");
            if (file != NULL) {
                sidecar = true;
                (void)fclose(file);
            }
        }
        visit(entry->d_name, sidecar);
        count++;
    }
    (void)closedir(open);
    return count;
}

static int sidecars_seen;
static int files_seen;

static void visit_sidecar(const char *name, bool has_sidecar)
{
    (void)has_sidecar;
    if (ends_with(name, ".busy.json") || ends_with(name, ".expect.json")) {
        check_sidecar(name);
        sidecars_seen++;
    }
}

static void every_sidecar_is_met(void **state)
{
    (void)state;
    (void)each_name(visit_sidecar);
    print_message("%d expectations met\n", sidecars_seen);
    assert_true(sidecars_seen >= 22);
}

static unsigned expected_line(const char *name)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (strcmp(refused[i].file, name) == 0) {
            return refused[i].line;
        }
    }
    return 0;
}

static void visit_file(const char *name, bool has_sidecar)
{
    struct agenda_options options = {.zone = "Europe/Paris",
                                     .from = 27 * 365 * 1440,
                                     .until = 56 * 365 * 1440,
                                     .policy = AGENDA_POLICY_ADAPTER,
                                     .with_occurrences = true};
    struct agenda_file file = {0};
    struct agenda agenda = {0};
    struct ics_error error = {0};

    if (!ends_with(name, ".ics") && !ends_with(name, ".ical")) {
        return;
    }
    files_seen++;
    load(name, &file);
    bool good = agenda_read(file.bytes, file.size, &options, &agenda, &error);
    if (has_sidecar && !good) {
        fail_msg("%s: line %u: %s", name, error.line, error.text);
    }
    if (good == (expected_line(name) != 0) || error.line != expected_line(name)) {
        fail_msg("%s: line %u, not %u: %s", name, error.line, expected_line(name),
                 error.text);
    }
    if (!good) {
        assert_true(strlen(error.text) > 10);
    } else {
        agenda_finish(&agenda);
    }
    agenda_file_finish(&file);
}

static void every_other_file_is_read_or_refused_at_a_line(void **state)
{
    (void)state;
    (void)each_name(visit_file);
    print_message("%d files tried\n", files_seen);
    assert_true(files_seen >= 60);
}

/* --- libical's own table of rules --- */

/* docs/ics.md names them. */
#define RULES_THAT_DIFFER 5

static int check_instances(const char *rule_text, const char *start_text,
                           const char *list)
{
    struct ics_property property = {.line = 1, .name = "RRULE", .value = rule_text};
    struct ics_value_time start = {0};
    struct ics_rule rule = {0};
    struct ics_error error = {0};
    int64_t local = 0;

    assert_true(ics_value_parse_time(start_text, strlen(start_text), &start));
    if (!ics_rule_begin(&property, &start, &rule, &error)) {
        print_message("%s: %s\n", rule_text, error.text);
        return 1;
    }
    int wrong = 0;
    while (*list != '\0' && wrong == 0) {
        size_t length = strcspn(list, ",");
        char text[17] = "";
        if (!ics_rule_next(&rule, &local)) {
            wrong = 1;
        } else {
            ics_value_format(local, start.is_date, text);
            size_t digits = strcspn(list, ",Z");
            wrong = strncmp(text, list, digits) == 0 && text[digits] == '\0' ? 0 : 1;
        }
        if (wrong != 0) {
            print_message("%s from %s: \"%s\", not %.*s\n", rule_text, start_text, text,
                          (int)length, list);
        }
        list += length + (list[length] == ',' ? 1 : 0);
    }
    ics_rule_finish(&rule);
    return wrong;
}

static void the_table_of_rules_is_met(void **state)
{
    struct agenda_file file = {0};
    char *save = NULL;
    char *rule = NULL;
    char *start = NULL;
    int wrong = 0;
    int count = 0;

    (void)state;
    load("libical_icalrecur_test.txt", &file);
    if (file.bytes == NULL) {
        fail();
        return;
    }
    char *text = calloc(file.size + 1, 1); /* the file's bytes do not end with a NUL */
    assert_non_null(text);
    memcpy(text, file.bytes, file.size);
    for (char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        if (strncmp(line, "RRULE:", 6) == 0) {
            rule = line + 6;
        } else if (strncmp(line, "DTSTART:", 8) == 0) {
            start = line + 8;
        } else if (strncmp(line, "INSTANCES:", 10) == 0 && rule != NULL &&
                   start != NULL) {
            wrong += check_instances(rule, start, line + 10);
            count++;
        }
    }
    free(text);
    agenda_file_finish(&file);
    print_message("%d rules, %d differ\n", count, wrong);
    assert_int_equal(count, 146);
    assert_int_equal(wrong, RULES_THAT_DIFFER);
}

int main(void)
{
    const char *corpus = getenv("ENTENTE_CORPUS");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sidecar_is_met),
        cmocka_unit_test(every_other_file_is_read_or_refused_at_a_line),
        cmocka_unit_test(the_table_of_rules_is_met),
    };

    (void)snprintf(directory, sizeof directory, "%s/agendas",
                   corpus != NULL ? corpus : "../shared");
    DIR *open = opendir(directory);
    if (open == NULL) {
        (void)printf("no calendar files in %s (ENTENTE_CORPUS): skipped\n", directory);
        return 77;
    }
    (void)closedir(open);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
