// SPDX-License-Identifier: Apache-2.0

/*
 * command_look.c - `entente list`, `free` and `status`
 */
#include "adapters/cli/commands.h"

#include "adapters/cli/ask.h"
#include "adapters/cli/json_meeting.h"
#include "adapters/cli/language.h"
#include "adapters/cli/listing.h"
#include "adapters/cli/run.h"
#include "adapters/cli/say.h"
#include "adapters/cli/summary.h"
#include "adapters/cli/terms.h"
#include "adapters/cli/text.h"
#include "adapters/cli/times.h"
#include "adapters/ics/free_command.h"
#include "proto/codec.h"

#include <string.h>

enum { MS_PER_SECOND = 1000, ID_BYTES = 16 };

/* ---- list --------------------------------------------------------------------------
 */

static bool ask_list(struct link *link, struct entente_list *list)
{
    const char *state = words_text(link->words, WORD_STATE);
    list->all = words_has(link->words, WORD_ALL);
    if (state != NULL && !term_parse(TERM_STATE, state, &list->state)) {
        words_complain(link->words, WORD_STATE, state,
                       _("this code is not known; see --help"));
        return false;
    }
    const char *series = words_text(link->words, WORD_OF_SERIES);
    uint8_t *id = arena_alloc(&link->arena, ID_BYTES);
    if (series != NULL && (id == NULL || !codec_parse_id(series, id))) {
        words_complain(link->words, WORD_OF_SERIES, series,
                       _("a series is named like a meeting, as "
                         "0192f4c1-7d1e-7abc-8def-0123456789ab"));
        return false;
    }
    if (series != NULL) {
        list->series = (struct entente_bytes){.data = id, .size = ID_BYTES};
    }
    return true;
}

/* One page; the id of its last meeting goes into @list. */
static bool take_page(struct link *link, const struct entente_meeting_list *page,
                      struct entente_list *list, struct listing *listing)
{
    for (size_t i = 0; i < page->meetings_count; i++) {
        listing_add(listing, &page->meetings[i]);
    }
    if (page->meetings_count > 0) {
        const struct entente_bytes *last = &page->meetings[page->meetings_count - 1].id;
        list->after = (struct entente_bytes){
            .data = arena_copy(&link->arena, last->data, last->size),
            .size = last->size,
        };
    }
    return page->more && page->meetings_count > 0;
}

/* All pages; the exit code, if they could not all be had. */
static int read_list(struct link *link, struct listing *listing)
{
    struct entente_list message = {0};
    bool more = true;
    if (!ask_list(link, &message)) {
        return EXIT_WORDS;
    }
    while (more) {
        const struct entente_meeting_list *page = NULL;
        enum entente_code code =
            entente_client_list(link->client, &message, link_patience_ms(link), &page);
        if (code != ENTENTE_OK) {
            return link_failed(link, code);
        }
        more = take_page(link, page, &message, listing);
    }
    if (listing->exhausted) {
        say_error(link->words->command, _("there is no memory left for so many"));
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

static int list(struct link *link)
{
    struct listing listing = {.json = link->json};
    int code = read_list(link, &listing);
    if (code == EXIT_DONE) {
        listing_sort(&listing);
        if (link->json) {
            code = json_print(json_pack("{s:o}", "meetings", listing_json(&listing)));
        } else {
            listing_print(&listing, stdout);
        }
    }
    listing_end(&listing);
    return code;
}

/* ---- free --------------------------------------------------------------------------
 */

static bool ask_free(struct link *link, const char *zone,
                     struct entente_query_free *query)
{
    const struct words *words = link->words;
    query->person = link_identifier(link, WORDS_NONE, words->subject);
    if (query->person == NULL || !ask_time(words, WORD_FROM, zone, &query->from) ||
        !ask_time(words, WORD_TO, zone, &query->until)) {
        return false;
    }
    if (query->from == 0 || query->until <= query->from) {
        say_error(words->command, _("--from and --to belong together, --from earlier"));
        return false;
    }
    return true;
}

static json_t *free_json(const struct entente_free_ranges *ranges, const char *zone)
{
    json_t *known = json_array();
    json_t *free_ranges = json_array();
    for (size_t i = 0; i < ranges->known_count; i++) {
        json_array_append_new(
            known, json_span(ranges->known[i].start, ranges->known[i].end, zone));
    }
    for (size_t i = 0; i < ranges->ranges_count; i++) {
        const struct entente_range *range = &ranges->ranges[i];
        json_t *one = json_span(range->start, range->end, zone);
        const char *certainty = term_code(TERM_CERTAINTY, range->certainty);
        json_object_set_new(one, "certainty",
                            json_string(certainty == NULL ? "declared" : certainty));
        json_array_append_new(free_ranges, one);
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "person", json_identifier(ranges->person),
                     "known", known, "free", free_ranges, "as_of",
                     ranges->as_of_ms == 0 ? json_null()
                                           : json_time_ms(ranges->as_of_ms, zone));
}

static int tell_free(struct link *link)
{
    const struct entente_free_ranges *ranges = NULL;
    struct entente_query_free query = {0};
    char when[TIMES_TEXT];
    const char *zone = words_text(link->words, WORD_ZONE);
    zone = zone == NULL ? "Europe/Paris" : zone;
    if (!ask_free(link, zone, &query)) {
        return EXIT_WORDS;
    }
    enum entente_code code = entente_client_query_free(link->client, &query,
                                                       link_patience_ms(link), &ranges);
    if (code != ENTENTE_OK) {
        return link_failed(link, code);
    }
    if (link->json) {
        return json_print(free_json(ranges, zone));
    }
    for (size_t i = 0; i < ranges->ranges_count; i++) {
        times_say_span(ranges->ranges[i].start, ranges->ranges[i].end, zone, when,
                       sizeof(when));
        printf("%s\n", when);
    }
    if (ranges->known_count == 0) {
        printf("%s\n", _("Nothing is known of this agenda then; that is not free."));
    } else if (ranges->ranges_count == 0) {
        printf("%s\n", _("Nothing is free."));
    }
    return EXIT_DONE;
}

/* ---- status ------------------------------------------------------------------------
 */

static json_t *status_json(const struct entente_status_report *report)
{
    json_t *queues = json_array();
    json_t *stale = json_array();
    for (size_t i = 0; i < report->queues_count; i++) {
        const struct entente_queue *queue = &report->queues[i];
        json_array_append_new(queues,
                              json_pack("{s:s, s:I, s:I}", "name", queue->name,
                                        "length", (json_int_t)queue->length,
                                        "oldest_ms", (json_int_t)queue->oldest_ms));
    }
    for (size_t i = 0; i < report->stale_count; i++) {
        json_array_append_new(stale, json_string(report->stale[i].source));
    }
    return json_pack(
        "{s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "now",
        json_time_ms(report->now_ms, "UTC"), "started",
        json_time_ms(report->started_ms, "UTC"), "people", (json_int_t)report->people,
        "sources", (json_int_t)report->sources, "stale_sources",
        (json_int_t)report->stale_sources, "meetings_open",
        (json_int_t)report->meetings_open, "undelivered_events",
        (json_int_t)report->undelivered_events, "overdue_holds",
        (json_int_t)report->overdue_holds, "clients_connected",
        (json_int_t)report->clients_connected, "refused_results",
        (json_int_t)report->refused_results, "unknown_fields",
        (json_int_t)report->unknown_fields, "queues", queues, "stale", stale);
}

static void print_figure(const char *label, uint64_t figure)
{
    text_print_column(stdout, label, 32);
    printf("%8llu\n", (unsigned long long)figure);
}

static void print_status(const struct entente_status_report *report)
{
    print_figure(_("people"), report->people);
    print_figure(_("sources"), report->sources);
    print_figure(_("stale sources"), report->stale_sources);
    print_figure(_("open meetings"), report->meetings_open);
    print_figure(_("undelivered events"), report->undelivered_events);
    print_figure(_("overdue holds"), report->overdue_holds);
    print_figure(_("connected clients"), report->clients_connected);
    print_figure(_("events refused by agendas"), report->refused_results);
    print_figure(_("unknown fields seen"), report->unknown_fields);
    for (size_t i = 0; i < report->queues_count; i++) {
        const struct entente_queue *queue = &report->queues[i];
        printf(_("queue %s: %llu waiting, the oldest for %.1f s\n"), queue->name,
               (unsigned long long)queue->length,
               (double)queue->oldest_ms / MS_PER_SECOND);
    }
    for (size_t i = 0; i < report->stale_count; i++) {
        fputs(_("stale: "), stdout);
        text_print(stdout, report->stale[i].source);
        fputc('\n', stdout);
    }
}

static int tell_status(struct link *link)
{
    const struct entente_status_report *report = NULL;
    enum entente_code code =
        entente_client_status(link->client, words_has(link->words, WORD_ALL),
                              link_patience_ms(link), &report);
    if (code != ENTENTE_OK) {
        return link_failed(link, code);
    }
    if (link->json) {
        return json_print(status_json(report));
    }
    print_status(report);
    return EXIT_DONE;
}

int command_list(int argc, char **argv)
{
    return run_linked(VERB_LIST, argc, argv, list);
}

int command_free(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--file") == 0 || strncmp(argv[i], "--file=", 7) == 0) {
            return command_free_file(argc, argv);
        }
    }
    return run_linked(VERB_FREE, argc, argv, tell_free);
}

int command_status(int argc, char **argv)
{
    return run_linked(VERB_STATUS, argc, argv, tell_status);
}
