// SPDX-License-Identifier: Apache-2.0

/*
 * command_explain.c - `entente explain`: what has been decided about a meeting, step by
 * step, and whether it comes out alike when it is decided again
 */
#include "adapters/cli/commands.h"

#include "adapters/cli/json_meeting.h"
#include "adapters/cli/language.h"
#include "adapters/cli/run.h"
#include "adapters/cli/say.h"
#include "adapters/cli/summary.h"
#include "adapters/cli/terms.h"
#include "adapters/cli/text.h"
#include "adapters/cli/times.h"

#include <stdio.h>

enum { MS_PER_MINUTE = 60000, DIGEST_TEXT = 65 };

/* The whole record is printed a page at a time. */
struct record {
    struct link *link;
    const struct entente_spec *spec;
    json_t *steps;
    uint32_t last; /* version of the last step */
    bool has_said_rules;
    bool otherwise; /* some step comes out otherwise */
};

static void digest_text(struct entente_bytes digest, char ret[DIGEST_TEXT])
{
    ret[0] = '\0';
    for (size_t i = 0; i < digest.size && 2 * i + 2 < DIGEST_TEXT; i++) {
        snprintf(ret + 2 * i, 3, "%02x", digest.data[i]);
    }
}

static void put_term(json_t *object, const char *key, enum term_kind kind,
                     uint32_t value)
{
    const char *code = term_code(kind, value);
    if (code != NULL) {
        json_object_set_new(object, key, json_string(code));
    }
}

static json_t *said_json(const struct entente_said *said,
                         const struct entente_spec *spec)
{
    json_t *json = json_object();
    put_term(json, "answer", TERM_ANSWER, said->answer);
    put_term(json, "reason", TERM_REASON, said->reason);
    if (said->ranges_count > 0) {
        json_t *ranges = json_array();
        for (size_t i = 0; i < said->ranges_count; i++) {
            json_array_append_new(ranges, json_span(said->ranges[i].start,
                                                    said->ranges[i].end, spec->zone));
        }
        json_object_set_new(json, "ranges", ranges);
    }
    if (said->counter_start != 0) {
        json_object_set_new(json, "counter_start",
                            json_time(said->counter_start, spec->zone));
    }
    if (said->substitute != 0) {
        json_object_set_new(json, "substitute",
                            json_string(summary_party(spec, said->substitute - 1)));
    }
    if (said->tacit) {
        json_object_set_new(json, "tacit", json_true());
    }
    if (said->recorded) {
        json_object_set_new(json, "recorded", json_true());
    }
    if (said->grades_count > 0) {
        json_object_set_new(json, "grades",
                            json_grades(said->grades, said->grades_count, spec->zone));
    }
    return json;
}

static json_t *step_json(const struct record *record,
                         const struct entente_decision_step *step)
{
    char digest[DIGEST_TEXT];
    const struct entente_spec *spec = record->spec;
    json_t *json =
        json_pack("{s:i, s:o, s:s*, s:s*, s:b}", "version", (int)step->version, "at",
                  json_time_ms(step->at_ms, spec->zone), "event", step->event, "client",
                  step->client, "lawful", (int)step->lawful);
    put_term(json, "from", TERM_STATE, step->from);
    put_term(json, "to", TERM_STATE, step->to);
    put_term(json, "channel", TERM_CHANNEL, step->channel);
    put_term(json, "replay", TERM_REPLAY, step->replay);
    if (step->party != 0) {
        json_object_set_new(json, "party",
                            json_string(summary_party(spec, step->party - 1)));
    }
    if (step->proposal != NULL) {
        json_object_set_new(json, "proposal",
                            json_integer((json_int_t)step->proposal->number));
        json_object_set_new(
            json, "during",
            json_span(step->proposal->start, step->proposal->end, spec->zone));
    }
    if (step->said != NULL) {
        json_object_set_new(json, "said", said_json(step->said, spec));
    }
    if (step->digest.size > 0) {
        digest_text(step->digest, digest);
        json_object_set_new(json, "digest", json_string(digest));
    }
    return json;
}

/* "Tuesday 24 November 2026, 14:00" */
static void print_when(int32_t start, int32_t end, const char *zone)
{
    char when[TIMES_TEXT];
    times_say_span(start, end, zone, when, sizeof(when));
    fputs(when, stdout);
}

static bool is_guest(const struct entente_spec *spec, uint32_t party)
{
    return party <= spec->parties_count &&
           spec->parties[party - 1].kind == ENTENTE_GUEST;
}

static void print_who(const struct record *record,
                      const struct entente_decision_step *step)
{
    if (step->party != 0) {
        fputs(", ", stdout);
        text_print(stdout, summary_party(record->spec, step->party - 1));
        if (is_guest(record->spec, step->party)) {
            printf(" (%s)", term_text(TERM_KIND, ENTENTE_GUEST));
        }
    }
    if (step->client != NULL) {
        fputs(", ", stdout);
        text_print(stdout, step->client);
    }
    if (step->channel != 0) {
        printf(" (%s)", term_text(TERM_CHANNEL, step->channel));
    }
}

/* "  Said: declined (ill), recorded by the organizer" */
static void print_answer(const struct entente_said *said)
{
    if (said->answer != 0) {
        printf(_("  Said: %s"), term_text(TERM_ANSWER, said->answer));
    } else if (said->reason != 0) {
        printf(_("  Why: %s\n"), term_text(TERM_REASON, said->reason));
        return;
    } else {
        return;
    }
    if (said->reason != 0) {
        printf(" (%s)", term_text(TERM_REASON, said->reason));
    }
    if (said->tacit) {
        fputs(_(", by silence"), stdout);
    }
    if (said->recorded) {
        fputs(_(", recorded by the organizer on their behalf"), stdout);
    }
    fputc('\n', stdout);
}

static void print_said(const struct entente_said *said, const struct entente_spec *spec)
{
    print_answer(said);
    if (said->counter_start != 0) {
        fputs(_("  Wants to begin: "), stdout);
        print_when(said->counter_start, 0, spec->zone);
        fputc('\n', stdout);
    }
    for (size_t i = 0; i < said->ranges_count; i++) {
        fputs(i == 0 ? _("  Can come: ") : "; ", stdout);
        print_when(said->ranges[i].start, said->ranges[i].end, spec->zone);
    }
    fputs(said->ranges_count > 0 ? "\n" : "", stdout);
    for (size_t i = 0; i < said->grades_count; i++) {
        fputs("  ", stdout);
        print_when(said->grades[i].start, 0, spec->zone);
        printf(": %s\n", term_text(TERM_GRADE, said->grades[i].grade));
    }
    if (said->substitute != 0) {
        fputs(_("  Comes instead: "), stdout);
        text_print(stdout, summary_party(spec, said->substitute - 1));
        fputc('\n', stdout);
    }
}

static void print_step(const struct record *record,
                       const struct entente_decision_step *step)
{
    const struct entente_spec *spec = record->spec;
    printf(_("Version %u, "), (unsigned)step->version);
    print_when((int32_t)(step->at_ms / MS_PER_MINUTE), 0, spec->zone);
    fputs(": ", stdout);
    if (step->from != 0) {
        printf("%s -> ", term_text(TERM_STATE, step->from));
    }
    fputs(term_text(TERM_STATE, step->to), stdout);
    if (step->event != NULL) {
        fputs(", ", stdout);
        text_print(stdout, step->event);
    }
    print_who(record, step);
    fputc('\n', stdout);
    if (step->said != NULL) {
        print_said(step->said, spec);
    }
    if (step->proposal != NULL && step->proposal->end != 0) {
        if (step->to == ENTENTE_CONFIRMED || step->to == ENTENTE_DONE) {
            fputs(_("  Agreed: "), stdout);
        } else {
            printf(_("  Proposal %u: "), (unsigned)step->proposal->number);
        }
        print_when(step->proposal->start, step->proposal->end, spec->zone);
        fputc('\n', stdout);
    }
    if (!step->lawful) {
        fputs(_("  The table of the negotiation has no such step.\n"), stdout);
    }
    if (step->replay != 0 && step->replay != ENTENTE_NOT_REPLAYED) {
        printf(_("  Searched again: %s\n"), term_text(TERM_REPLAY, step->replay));
    }
}

static uint32_t rule_of(const struct entente_spec *spec)
{
    return spec->rule == 0 ? ENTENTE_EVERY_PROFESSIONAL : spec->rule;
}

/* When it is agreed, and by which matcher's rules it is searched. */
static void print_rules(const struct entente_spec *spec, const char *matcher)
{
    printf(_("Rule: %s"), term_text(TERM_RULE, rule_of(spec)));
    if (spec->quorum != 0) {
        printf(_(", at least %u people"), (unsigned)spec->quorum);
    }
    fputc('\n', stdout);
    if (matcher != NULL) {
        fputs(_("Matcher: "), stdout);
        text_print(stdout, matcher);
        fputc('\n', stdout);
    }
}

static void print_page(struct record *record,
                       const struct entente_decision_record *page)
{
    if (!record->link->json && !record->has_said_rules) {
        print_rules(record->spec, page->matcher);
    }
    record->has_said_rules = true;
    for (size_t i = 0; i < page->steps_count; i++) {
        const struct entente_decision_step *step = &page->steps[i];
        record->last = step->version;
        record->otherwise = record->otherwise || !step->lawful ||
                            step->replay == ENTENTE_REPLAYED_OTHERWISE ||
                            step->replay == ENTENTE_EVIDENCE_ALTERED;
        if (record->link->json) {
            json_array_append_new(record->steps, step_json(record, step));
        } else {
            print_step(record, step);
        }
    }
}

static int print_end(struct record *record, const char *matcher)
{
    if (record->link->json) {
        json_t *json =
            json_pack("{s:s*, s:O}", "matcher", matcher, "steps", record->steps);
        put_term(json, "rule", TERM_RULE, rule_of(record->spec));
        if (record->spec->quorum != 0) {
            json_object_set_new(json, "quorum", json_integer(record->spec->quorum));
        }
        int printed = json_print(json);
        return record->otherwise ? EXIT_FAILED : printed;
    }
    if (record->otherwise) {
        fputs(_("Not every step comes out alike.\n"), stdout);
    }
    return record->otherwise ? EXIT_FAILED : EXIT_DONE;
}

static int explain_pages(struct record *record, struct entente_explain *explain)
{
    struct link *link = record->link;
    const char *matcher = NULL;
    bool more = true;
    while (more) {
        const struct entente_decision_record *page = NULL;
        enum entente_code code = entente_client_explain(link->client, explain,
                                                        link_patience_ms(link), &page);
        if (code != ENTENTE_OK) {
            return link_failed(link, code);
        }
        if (matcher == NULL && page->matcher != NULL) {
            matcher = arena_text(&link->arena, page->matcher);
        }
        print_page(record, page);
        more = page->more && page->steps_count > 0;
        explain->after = record->last;
    }
    return print_end(record, matcher);
}

static int explain(struct link *link)
{
    int exit_code = EXIT_WORDS;
    struct entente_meeting *meeting = link_get(link, &exit_code);
    if (meeting == NULL) {
        return exit_code;
    }
    struct record record = {.link = link, .spec = meeting->spec, .steps = json_array()};
    struct entente_explain message = {.meeting = meeting->id,
                                      .replay = words_has(link->words, WORD_REPLAY)};
    exit_code = explain_pages(&record, &message);
    json_decref(record.steps);
    return exit_code;
}

int command_explain(int argc, char **argv)
{
    return run_linked(VERB_EXPLAIN, argc, argv, explain);
}
