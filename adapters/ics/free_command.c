// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/free_command.h"

#include "adapters/ics/agenda_file.h"
#include "adapters/ics/agenda_read.h"
#include "adapters/ics/freebusy.h"
#include "adapters/ics/ics_value.h"
#include "proto/zone.h"
#include "proto/zone_date.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_YEARS_MAX 60
#define MINUTES_PER_YEAR 525960

enum exit_code { EXIT_UNDERSTOOD = 0, EXIT_NOT_UNDERSTOOD = 1, EXIT_USAGE = 2 };

struct arguments {
    const char *file;
    const char *from_text;
    const char *until_text;
    struct agenda_options options;
    struct freebusy_hours hours;
    bool has_hours;
    bool json;
    bool help;
};

static const char usage[] =
    "usage: entente free --file FILE --from TIME --to TIME [options]\n"
    "\n"
    "Print what is understood of a calendar file (.ics): when its owner is busy.\n"
    "\n"
    "  --file FILE       the calendar file\n"
    "  --from, --to      2026-11-21, 2026-11-21T09:30, 2026-11-21T09:30+01:00 or\n"
    "                    20261121T083000Z; --to is not included; at most 60 years\n"
    "  --zone ZONE       zone of dates and of times without one (Europe/Paris)\n"
    "  --policy adapter  what the adapter publishes (the default), or\n"
    "           events   VEVENT only; TRANSPARENT and CANCELLED are free, the rest is "
    "busy\n"
    "  --hours HOURS     working hours, \"Mon-Fri 09:00-12:30,14:00-18:00; Sat "
    "09:00-12:00\":\n"
    "                    print when the owner is free, too\n"
    "  --owner ADDRESS   mailto:... of the owner, whose PARTSTAT then counts\n"
    "  --occurrences     list the start of every event as well\n"
    "  --json            JSON, with times as in the file: 20261121T083000Z\n"
    "\n"
    "Exit code: 0 understood, 1 the file is not understood, 2 wrong arguments.\n";

/* --- arguments --- */

/* Split "2026-11-21T09:30+01:00" into "20261121T0930" and "+0100". */
static bool strip(const char *text, char digits[17], char offset[8])
{
    size_t digit_count = 0;
    size_t offset_count = 0;
    bool after_t = false;

    for (const char *at = text; *at != '\0'; at++) {
        bool separator = *at == ':' || (*at == '-' && !after_t);
        after_t = after_t || *at == 'T';
        if (separator) {
            continue;
        }
        if (offset_count > 0 || (after_t && strchr("Z+-", *at) != NULL)) {
            if (offset_count == 7) {
                return false;
            }
            offset[offset_count++] = *at;
        } else {
            if (digit_count == 16) {
                return false;
            }
            digits[digit_count++] = *at;
        }
    }
    digits[digit_count] = '\0';
    offset[offset_count] = '\0';
    return true;
}

/* zone_parse_time() reads what may travel on the wire; files may be older than that. */
static bool parse_when(const char *text, const char *zone, int32_t *ret)
{
    char digits[17];
    char offset[8];
    struct ics_value_time time = {0};
    int32_t seconds = 0;

    if (text == NULL || !strip(text, digits, offset)) {
        return false;
    }
    if (strlen(digits) == 13) {
        memcpy(digits + 13, "00", 3);
    }
    if (!ics_value_parse_time(digits, strlen(digits), &time) || time.local % 60 != 0) {
        return false;
    }
    int64_t minute = zone_date_floor(time.local, 60);
    if (minute > INT32_MAX / 2) {
        return false;
    }
    if (offset[0] == '\0') {
        struct zone_civil civil = {.hour = (int)((minute % 1440 + 1440) % 1440 / 60),
                                   .minute = (int)((minute % 60 + 60) % 60)};
        zone_date_from_days(zone_date_floor(minute, 1440), &civil);
        return zone_from_civil(zone, &civil, ret);
    }
    if (strcmp(offset, "Z") != 0 && !ics_value_parse_offset(offset, &seconds)) {
        return false;
    }
    *ret = (int32_t)(minute - seconds / 60);
    return true;
}

static int complain(const char *text, const char *detail)
{
    (void)fprintf(stderr, "entente free: %s%s\nTry: entente free --help\n", text,
                  detail);
    return EXIT_USAGE;
}

static int check_arguments(struct arguments *arguments)
{
    struct agenda_options *options = &arguments->options;

    if (arguments->file == NULL) {
        return complain("--file is missing", "");
    }
    if (!zone_known(options->zone)) {
        return complain("unknown zone: ", options->zone);
    }
    if (!parse_when(arguments->from_text, options->zone, &options->from)) {
        return complain("--from is missing or not a time", "");
    }
    if (!parse_when(arguments->until_text, options->zone, &options->until)) {
        return complain("--to is missing or not a time", "");
    }
    if (options->from >= options->until) {
        return complain("--to is not after --from", "");
    }
    if (options->until - (int64_t)options->from >
        (int64_t)WINDOW_YEARS_MAX * MINUTES_PER_YEAR) {
        return complain("more than 60 years from --from to --to", "");
    }
    return EXIT_UNDERSTOOD;
}

static int take_option(struct arguments *arguments, int option)
{
    switch (option) {
    case 'f':
        arguments->file = optarg;
        return EXIT_UNDERSTOOD;
    case 'a':
        arguments->from_text = optarg;
        return EXIT_UNDERSTOOD;
    case 'b':
        arguments->until_text = optarg;
        return EXIT_UNDERSTOOD;
    case 'z':
        arguments->options.zone = optarg;
        return EXIT_UNDERSTOOD;
    case 'w':
        arguments->options.owner = optarg;
        return EXIT_UNDERSTOOD;
    case 'o':
        arguments->options.with_occurrences = true;
        return EXIT_UNDERSTOOD;
    case 'j':
        arguments->json = true;
        return EXIT_UNDERSTOOD;
    case 'h':
        arguments->help = true;
        return EXIT_UNDERSTOOD;
    case 'u':
        arguments->has_hours = true;
        return freebusy_parse_hours(optarg, &arguments->hours)
                   ? EXIT_UNDERSTOOD
                   : complain("--hours is not understood: ", optarg);
    case 'p':
        if (strcmp(optarg, "events") == 0) {
            arguments->options.policy = AGENDA_POLICY_EVENTS;
        } else if (strcmp(optarg, "adapter") != 0) {
            return complain("unknown policy: ", optarg);
        }
        return EXIT_UNDERSTOOD;
    default:
        return complain("wrong arguments", "");
    }
}

static int parse_arguments(int argc, char **argv, struct arguments *arguments)
{
    static const struct option options[] = {{"file", required_argument, NULL, 'f'},
                                            {"from", required_argument, NULL, 'a'},
                                            {"to", required_argument, NULL, 'b'},
                                            {"zone", required_argument, NULL, 'z'},
                                            {"policy", required_argument, NULL, 'p'},
                                            {"hours", required_argument, NULL, 'u'},
                                            {"owner", required_argument, NULL, 'w'},
                                            {"occurrences", no_argument, NULL, 'o'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option = 0;

    *arguments = (struct arguments){
        .options = {.zone = "Europe/Paris", .policy = AGENDA_POLICY_ADAPTER}};
    optind = 1;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        int code = take_option(arguments, option);
        if (code != EXIT_UNDERSTOOD) {
            return code;
        }
    }
    if (arguments->help) {
        return EXIT_UNDERSTOOD;
    }
    return optind < argc ? complain("what is this: ", argv[optind])
                         : check_arguments(arguments);
}

/* --- JSON --- */

static json_t *json_time(int64_t second, bool is_date, bool is_utc)
{
    char text[17];
    char full[20];

    ics_value_format(second, is_date, text);
    (void)snprintf(full, sizeof full, "%s%s", text, is_utc ? "Z" : "");
    return json_string(full);
}

static json_t *json_span(int32_t start, int32_t end)
{
    return json_pack("[o, o]", json_time((int64_t)start * 60, false, true),
                     json_time((int64_t)end * 60, false, true));
}

static json_t *json_list(const struct span_list *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++) {
        (void)json_array_append_new(
            array, json_span(list->items[i].start, list->items[i].end));
    }
    return array;
}

static json_t *json_own(const struct agenda *agenda)
{
    json_t *array = json_array();

    for (size_t i = 0; i < agenda->own_count; i++) {
        const struct agenda_own *own = &agenda->own[i];
        (void)json_array_append_new(
            array, json_pack("{s:s, s:i, s:b, s:o}", "meeting", own->meeting, "version",
                             (int)own->version, "cancelled", own->cancelled ? 1 : 0,
                             "range", json_span(own->start, own->end)));
    }
    return array;
}

static json_t *json_occurrences(const struct agenda *agenda)
{
    json_t *array = json_array();

    for (size_t i = 0; i < agenda->occurrence_count; i++) {
        const struct agenda_occurrence *occurrence = &agenda->occurrences[i];
        int64_t shown = occurrence->is_date ? occurrence->local : occurrence->utc;
        (void)json_array_append_new(
            array, json_time(shown, occurrence->is_date, !occurrence->is_date));
    }
    return array;
}

static void print_json(const struct arguments *arguments, const struct agenda *agenda,
                       const struct freebusy *freebusy)
{
    const struct agenda_options *options = &arguments->options;
    /* A file's name need not be UTF-8, a JSON text must be. */
    json_t *name = json_string(arguments->file);
    json_t *root = json_pack(
        "{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file",
        name != NULL ? name : json_string("?"), "zone", options->zone, "policy",
        options->policy == AGENDA_POLICY_EVENTS ? "events" : "adapter", "window",
        json_span(options->from, options->until), "covered",
        json_span(agenda->covered_from, agenda->covered_until), "busy",
        json_list(&agenda->busy), "busy_tentative", json_list(&agenda->tentative),
        "busy_unavailable", json_list(&agenda->unavailable), "free_declared",
        json_list(&freebusy->declared), "own", json_own(agenda));

    if (arguments->has_hours) {
        (void)json_object_set_new(root, "free_inferred",
                                  json_list(&freebusy->inferred));
    }
    if (options->with_occurrences) {
        (void)json_object_set_new(root, "occurrences", json_occurrences(agenda));
    }
    (void)json_dumpf(root, stdout, JSON_INDENT(1));
    (void)putchar('\n');
    json_decref(root);
}

/* --- text --- */

struct line {
    struct span span;
    const char *kind;
};

static int compare_line(const void *a, const void *b)
{
    const struct span *first = &((const struct line *)a)->span;
    const struct span *second = &((const struct line *)b)->span;

    if (first->start != second->start) {
        return first->start < second->start ? -1 : 1;
    }
    return first->end < second->end ? -1 : first->end > second->end ? 1 : 0;
}

static size_t add_lines(const struct span_list *list, const char *kind,
                        struct line *lines, size_t count)
{
    for (size_t i = 0; i < list->count; i++) {
        lines[count++] = (struct line){.span = list->items[i], .kind = kind};
    }
    return count;
}

static bool print_spans(const struct arguments *arguments, const struct agenda *agenda,
                        const struct freebusy *freebusy)
{
    size_t count = 0;
    size_t capacity = agenda->busy.count + agenda->tentative.count +
                      agenda->unavailable.count + freebusy->declared.count +
                      freebusy->inferred.count;
    struct line *lines = calloc(capacity + 1, sizeof *lines);

    if (lines == NULL) {
        return false;
    }
    count = add_lines(&agenda->busy, "busy", lines, count);
    count = add_lines(&agenda->tentative, "tentative", lines, count);
    count = add_lines(&agenda->unavailable, "unavailable", lines, count);
    count = add_lines(&freebusy->declared, "free (declared)", lines, count);
    count = add_lines(&freebusy->inferred, "free (inferred)", lines, count);
    qsort(lines, count, sizeof *lines, compare_line);
    for (size_t i = 0; i < count; i++) {
        char start[ZONE_TIME_SIZE];
        char end[ZONE_TIME_SIZE];
        zone_format_time(lines[i].span.start, arguments->options.zone, start,
                         sizeof start);
        zone_format_time(lines[i].span.end, arguments->options.zone, end, sizeof end);
        (void)printf("%s  %s  %s\n", start, end, lines[i].kind);
    }
    if (count == 0) {
        (void)printf("nothing is busy\n");
    }
    free(lines);
    return true;
}

static void print_rest(const struct arguments *arguments, const struct agenda *agenda)
{
    const char *zone = arguments->options.zone;

    for (size_t i = 0; i < agenda->own_count; i++) {
        const struct agenda_own *own = &agenda->own[i];
        char start[ZONE_TIME_SIZE];
        char end[ZONE_TIME_SIZE];
        zone_format_time(own->start, zone, start, sizeof start);
        zone_format_time(own->end, zone, end, sizeof end);
        (void)printf("%s  %s  meeting %s, version %d%s\n", start, end, own->meeting,
                     (int)own->version, own->cancelled ? ", cancelled" : "");
    }
    for (size_t i = 0; i < agenda->occurrence_count; i++) {
        const struct agenda_occurrence *occurrence = &agenda->occurrences[i];
        char text[17];
        bool is_date = occurrence->is_date;
        ics_value_format(is_date ? occurrence->local : occurrence->utc, is_date, text);
        (void)printf("starts %s%s\n", text, is_date ? "" : "Z");
    }
    if (agenda->covered_from != arguments->options.from ||
        agenda->covered_until != arguments->options.until) {
        char start[ZONE_TIME_SIZE];
        char end[ZONE_TIME_SIZE];
        zone_format_time(agenda->covered_from, zone, start, sizeof start);
        zone_format_time(agenda->covered_until, zone, end, sizeof end);
        (void)printf("the file speaks only about %s to %s\n", start, end);
    }
}

/* --- all of it --- */

static int fail(const struct arguments *arguments, const struct ics_error *error)
{
    if (arguments->json) {
        json_t *root =
            json_pack("{s:{s:s, s:i, s:s}}", "error", "code",
                      error->line == 0 ? "FILE_UNREADABLE" : "FILE_NOT_UNDERSTOOD",
                      "line", (int)error->line, "text", error->text);
        (void)json_dumpf(root, stdout, JSON_INDENT(1));
        (void)putchar('\n');
        json_decref(root);
    } else if (error->line == 0) {
        (void)fprintf(stderr, "%s: %s\n", arguments->file, error->text);
    } else {
        (void)fprintf(stderr, "%s: line %u: %s\n", arguments->file, error->line,
                      error->text);
    }
    return EXIT_NOT_UNDERSTOOD;
}

int command_free_file(int argc, char **argv)
{
    struct arguments arguments;
    struct agenda_file file = {0};
    struct agenda agenda = {0};
    struct freebusy freebusy = {0};
    struct ics_error error = {0};
    int code = parse_arguments(argc, argv, &arguments);

    if (code != EXIT_UNDERSTOOD || arguments.help) {
        (void)fputs(arguments.help ? usage : "", stdout);
        return code;
    }
    bool good = agenda_file_load(arguments.file, &file, &error) &&
                agenda_read(file.bytes, file.size, &arguments.options, &agenda, &error);
    if (good && !freebusy_make(&agenda, arguments.has_hours ? &arguments.hours : NULL,
                               arguments.options.zone, &freebusy)) {
        good = ics_error_set(&error, 0, "out of memory");
    }
    if (!good) {
        code = fail(&arguments, &error);
    } else if (arguments.json) {
        print_json(&arguments, &agenda, &freebusy);
    } else if (print_spans(&arguments, &agenda, &freebusy)) {
        print_rest(&arguments, &agenda);
    }
    freebusy_finish(&freebusy);
    agenda_finish(&agenda);
    agenda_file_finish(&file);
    return code;
}
