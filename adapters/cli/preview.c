// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/preview.h"

#include "adapters/cli/json_meeting.h"
#include "adapters/cli/language.h"
#include "adapters/cli/say.h"
#include "adapters/cli/summary.h"
#include "adapters/cli/terms.h"
#include "adapters/cli/text.h"
#include "adapters/cli/times.h"
#include "proto/codec.h"
#include "proto/limits.h"

#include <stdio.h>

enum { SENTENCE_SIZE = 1024, ID_TEXT = 37 };

/* The specs whose parties the answer speaks of: that of the meeting that is named, and of
 * each of those that belong to it; NULL: as the one that is named. */
struct preview_specs {
    const struct entente_spec *named;
    const struct entente_spec *each[LIMIT_OCCURRENCES];
};

static const struct entente_spec *spec_of(const struct preview_specs *specs,
                                          uint32_t index)
{
    return index < LIMIT_OCCURRENCES && specs->each[index] != NULL ? specs->each[index]
                                                                   : specs->named;
}

static json_t *parties_json(const uint32_t *indices, size_t count,
                            const struct entente_spec *spec)
{
    json_t *json = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(json, json_string(summary_party(spec, indices[i])));
    }
    return json;
}

/* How the one is called who would come as the @index-th new party. */
static const char *joined_name(const struct entente_preview_result *result,
                               size_t index)
{
    const struct entente_spec joined = {.parties = result->joined,
                                        .parties_count = result->joined_count};
    return summary_party(&joined, index);
}

static json_t *joined_json(const struct entente_preview_result *result)
{
    json_t *json = json_array();
    for (size_t i = 0; i < result->joined_count; i++) {
        json_array_append_new(json, json_string(joined_name(result, i)));
    }
    return json;
}

static json_t *refusal_json(uint32_t code, const char *sentence)
{
    return json_pack("{s:i, s:s, s:s}", "code", (int)code, "name",
                     entente_code_name(code), "sentence", sentence);
}

static void touched_sentence(const struct entente_touched_meeting *one,
                             char ret[SENTENCE_SIZE])
{
    const struct entente_error refusal = {.code = one->code,
                                          .parameters = one->parameters,
                                          .parameters_count = one->parameters_count};
    say_sentence(&refusal, ret, SENTENCE_SIZE);
}

static json_t *touched_json(const struct entente_touched_meeting *one,
                            const struct entente_spec *spec)
{
    char sentence[SENTENCE_SIZE];
    char id[ID_TEXT];
    const char *state = term_code(TERM_STATE, one->state);
    json_t *json =
        json_pack("{s:i, s:s*}", "number", (int)one->index + 1, "state", state);
    if (one->meeting.size == 16) {
        codec_format_id(one->meeting, id);
        json_object_set_new(json, "id", json_string(id));
    }
    if (one->before != NULL) {
        json_object_set_new(
            json, "before",
            json_span(one->before->start, one->before->end, spec->zone));
    }
    if (one->slot != NULL) {
        json_object_set_new(json, "slots", json_slots(one->slot, 1, spec));
    }
    json_object_set_new(json, "conflict", json_boolean(one->conflict));
    if (one->wanted != 0) {
        json_object_set_new(json, "wanted", json_time(one->wanted, spec->zone));
        json_object_set_new(json, "blocking",
                            parties_json(one->blocking, one->blocking_count, spec));
    }
    json_object_set_new(json, "asked_again",
                        parties_json(one->asked_again, one->asked_again_count, spec));
    json_object_set_new(json, "lost", parties_json(one->lost, one->lost_count, spec));
    if (one->code != 0) {
        touched_sentence(one, sentence);
        json_object_set_new(json, "refusal", refusal_json(one->code, sentence));
    }
    return json;
}

static json_t *meetings_json(const struct entente_preview_result *result,
                             const struct preview_specs *specs)
{
    json_t *json = json_array();
    for (size_t i = 0; i < result->meetings_count; i++) {
        const struct entente_touched_meeting *one = &result->meetings[i];
        json_array_append_new(json, touched_json(one, spec_of(specs, one->index)));
    }
    return json;
}

static json_t *gaps_json(const struct entente_preview_result *result, const char *zone)
{
    json_t *json = json_array();
    for (size_t i = 0; i < result->broken_gaps_count; i++) {
        const struct entente_broken_gap *gap = &result->broken_gaps[i];
        json_array_append_new(
            json, json_pack("{s:i, s:o, s:o, s:i, s:i}", "number", (int)gap->index + 1,
                            "from", json_time(gap->from, zone), "until",
                            json_time(gap->until, zone), "min_gap_minutes",
                            (int)gap->min_gap_minutes, "max_gap_minutes",
                            (int)gap->max_gap_minutes));
    }
    return json;
}

static json_t *preview_json(const struct entente_preview_result *result,
                            const struct preview_specs *specs, const char *sentence)
{
    const struct entente_spec *spec = specs->named;
    const char *state = term_code(TERM_STATE, result->state);
    json_t *json = json_object();
    if (state != NULL) {
        json_object_set_new(json, "state", json_string(state));
    }
    json_object_set_new(json, "slots",
                        json_slots(result->slots, result->slots_count, spec));
    json_object_set_new(
        json, "asked_again",
        parties_json(result->asked_again, result->asked_again_count, spec));
    json_object_set_new(json, "lost",
                        parties_json(result->lost, result->lost_count, spec));
    json_object_set_new(json, "replaced",
                        parties_json(result->replaced, result->replaced_count, spec));
    json_object_set_new(json, "joined", joined_json(result));
    if (result->why_not != NULL) {
        json_object_set_new(json, "why_not", json_why_not(result->why_not, spec));
    }
    if (result->code != 0) {
        json_object_set_new(json, "refusal", refusal_json(result->code, sentence));
    }
    if (result->meetings_count > 0) {
        json_object_set_new(json, "meetings", meetings_json(result, specs));
    }
    if (result->broken_gaps_count > 0) {
        json_object_set_new(json, "broken_gaps", gaps_json(result, spec->zone));
    }
    return json_pack("{s:o}", "preview", json);
}

static void print_indices(const char *label, const uint32_t *indices, size_t count,
                          const struct entente_spec *spec)
{
    for (size_t i = 0; i < count; i++) {
        fputs(i == 0 ? label : ", ", stdout);
        text_print(stdout, summary_party(spec, indices[i]));
    }
    fputs(count > 0 ? "\n" : "", stdout);
}

static void print_joined(const struct entente_preview_result *result,
                         const struct entente_spec *spec)
{
    for (size_t i = 0; i < result->joined_count; i++) {
        fputs(i == 0 ? _("Would come: ") : ", ", stdout);
        text_print(stdout, joined_name(result, i));
        if (result->joined[i].replaces != 0) {
            fputs(_(" in the place of "), stdout);
            text_print(stdout, summary_party(spec, result->joined[i].replaces - 1));
        }
    }
    fputs(result->joined_count > 0 ? "\n" : "", stdout);
}

static void print_when(int32_t start, int32_t end, const char *zone)
{
    char when[TIMES_TEXT];
    times_say_span(start, end, zone, when, sizeof(when));
    fputs(when, stdout);
}

/* "Meeting 3: moving, Tuesday 24 November 2026, 09:00-10:00 -> ..., 10:00-11:00" */
static void print_touched(const struct entente_touched_meeting *one,
                          const struct entente_spec *spec)
{
    char sentence[SENTENCE_SIZE];
    printf(_("Meeting %u: "), (unsigned)one->index + 1);
    fputs(term_text(TERM_STATE, one->state), stdout);
    if (one->before != NULL) {
        fputs(", ", stdout);
        print_when(one->before->start, one->before->end, spec->zone);
    }
    if (one->slot != NULL) {
        fputs(one->before == NULL ? ", " : " -> ", stdout);
        print_when(one->slot->start, one->slot->end, spec->zone);
    }
    fputc('\n', stdout);
    if (one->code != 0) {
        touched_sentence(one, sentence);
        fputs(_("  It would be refused: "), stdout);
        text_print(stdout, sentence);
        fputc('\n', stdout);
    }
    if (one->wanted != 0) {
        fputs(one->conflict ? _("  Not at the common time: ") : _("  Not at: "),
              stdout);
        print_when(one->wanted, 0, spec->zone);
        fputc('\n', stdout);
    }
    print_indices(_("  Who could not come then: "), one->blocking, one->blocking_count,
                  spec);
    print_indices(_("  Asked again: "), one->asked_again, one->asked_again_count, spec);
    print_indices(_("  Would not come any more: "), one->lost, one->lost_count, spec);
}

static void print_gap(const struct entente_broken_gap *gap)
{
    int64_t apart = (int64_t)gap->until - gap->from;
    unsigned later = (unsigned)gap->index + 1;
    if (apart < 0) {
        printf(_("Meeting %u would not come after meeting %u"), later, later - 1);
    } else {
        printf(_("Meeting %u would come %u minutes after meeting %u"), later,
               (unsigned)apart, later - 1);
    }
    printf(_("; at least %u are wanted"), (unsigned)gap->min_gap_minutes);
    if (gap->max_gap_minutes != 0) {
        printf(_(", at most %u"), (unsigned)gap->max_gap_minutes);
    }
    fputs(".\n", stdout);
}

static void print_series(const struct entente_preview_result *result,
                         const struct preview_specs *specs)
{
    for (size_t i = 0; i < result->meetings_count; i++) {
        const struct entente_touched_meeting *one = &result->meetings[i];
        print_touched(one, spec_of(specs, one->index));
    }
    if (result->more) {
        fputs(_("There are more meetings than can be told at once.\n"), stdout);
    }
    for (size_t i = 0; i < result->broken_gaps_count; i++) {
        print_gap(&result->broken_gaps[i]);
    }
}

static void print_preview(const struct entente_preview_result *result,
                          const struct preview_specs *specs, const char *sentence)
{
    const struct entente_spec *spec = specs->named;
    fputs(_("Nothing has been changed.\n"), stdout);
    if (result->code != 0) {
        fputs(_("It would be refused: "), stdout);
        text_print(stdout, sentence);
        printf(" (%s, %u)\n", entente_code_name(result->code), (unsigned)result->code);
    }
    if (result->state != 0) {
        printf(_("The meeting would be %s.\n"), term_text(TERM_STATE, result->state));
    }
    if (result->slots_count > 0) {
        /* Where the organizer decides, or it is refused, nothing is proposed yet. */
        bool proposed =
            result->state == ENTENTE_PROPOSED || result->state == ENTENTE_MOVING;
        fputs(proposed && result->code == 0 ? _("Times that would be proposed:\n")
                                            : _("Times that would suit everybody:\n"),
              stdout);
        summary_print_slots(stdout, result->slots, result->slots_count, spec);
    }
    if (result->why_not != NULL) {
        summary_print_why_not(stdout, result->why_not, spec);
    }
    print_joined(result, spec);
    print_indices(_("Asked again: "), result->asked_again, result->asked_again_count,
                  spec);
    print_indices(_("Would not come any more: "), result->lost, result->lost_count,
                  spec);
    print_series(result, specs);
}

static int show(struct link *link, const struct entente_preview *preview,
                const struct preview_specs *specs)
{
    char sentence[SENTENCE_SIZE] = "";
    const struct entente_preview_result *result = NULL;
    enum entente_code code =
        entente_client_preview(link->client, preview, link_patience_ms(link), &result);
    if (code != ENTENTE_OK) {
        return link_failed(link, code);
    }
    if (result->code != 0) {
        const struct entente_error refusal = {.code = result->code,
                                              .parameters = result->parameters,
                                              .parameters_count =
                                                  result->parameters_count,
                                              .sentence = result->sentence};
        say_sentence(&refusal, sentence, sizeof(sentence));
    }
    int printed = EXIT_DONE;
    if (link->json) {
        printed = json_print(preview_json(result, specs, sentence));
    } else {
        print_preview(result, specs, sentence);
    }
    return result->code != 0 ? EXIT_FAILED : printed;
}

/* The specs of the others of its series, as far as this client sees them; each has its own
 * parties.  False: they cannot be had, and *ret_exit says why. */
static bool list_siblings(struct link *link, const struct entente_meeting *meeting,
                          struct preview_specs *specs, int *ret_exit)
{
    const struct entente_list list = {.series = meeting->series->id};
    const struct entente_meeting_list *found = NULL;
    enum entente_code code =
        entente_client_list(link->client, &list, link_patience_ms(link), &found);
    if (code != ENTENTE_OK) {
        *ret_exit = link_failed(link, code);
        return false;
    }
    for (size_t i = 0; i < found->meetings_count; i++) {
        const struct entente_meeting *kept = link_keep(link, &found->meetings[i]);
        if (kept == NULL) {
            *ret_exit = EXIT_FAILED;
            return false;
        }
        if (kept->series != NULL && kept->series->index < LIMIT_OCCURRENCES) {
            specs->each[kept->series->index] = kept->spec;
        }
    }
    return true;
}

int preview_change(struct link *link, const struct entente_preview *preview,
                   const struct entente_meeting *meeting)
{
    struct preview_specs specs = {.named = meeting->spec};
    int exit_code = EXIT_DONE;
    if (meeting->series != NULL && !list_siblings(link, meeting, &specs, &exit_code)) {
        return exit_code;
    }
    return show(link, preview, &specs);
}

int preview_request(struct link *link, struct entente_request *request)
{
    struct preview_specs specs = {.named = request->spec};
    specs.each[0] = request->spec;
    for (size_t i = 0; i < request->sequence_count; i++) {
        specs.each[i + 1] = request->sequence[i].spec;
    }
    return show(link, &(struct entente_preview){.request = request}, &specs);
}
