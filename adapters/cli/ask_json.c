// SPDX-License-Identifier: Apache-2.0

/*
 * ask_json.c - a specification as JSON: the fields of `entente match` (docs/match.md), with
 * identifiers in the place of agendas
 */
#include "adapters/cli/ask_private.h"

#include "adapters/cli/language.h"
#include "adapters/cli/match_input.h"
#include "adapters/cli/say.h"
#include "proto/identifier.h"
#include "proto/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 1 << 20 };

static const char *const root_fields[] = {
    "zone",
    "duration_minutes",
    "grid_minutes",
    "windows",
    "picked",
    "nearest",
    "weekdays",
    "times_of_day",
    "notice_minutes",
    "target",
    "certainties",
    "tentative",
    "purposes",
    "public_holidays",
    "places",
    "modalities",
    "options",
    "travel",
    "parties",
    "pools",
    "quorum",
    "urgent",
    "series",
    "wanted",
    "apart_minutes",
    "explain",
    "subject",
    "recurrence",
    "rule",
    "silence",
    "patient_silence",
    "patient_must_accept",
    "reminders",
    "priority",
    "on_withdrawal",
    "held_slots",
    "answer_minutes",
    NULL,
};
static const char *const party_fields[] = {
    "identifier",
    "name",
    "kind",
    "importance",
    "presence",
    "modality",
    "place",
    "structure",
    "members",
    "needed",
    "contact",
    "represents",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "ask_if_unknown",
    "silence",
    "answer_minutes",
    NULL,
};
static const char *const purposes[] = {"meetings", "consultations", "visits"};

static const struct match_word kinds[] = {
    {"professional", ENTENTE_PROFESSIONAL},
    {"pool", ENTENTE_POOL},
    {"patient", ENTENTE_PATIENT},
    {"representative", ENTENTE_REPRESENTATIVE},
    {"guest", ENTENTE_GUEST},
    {"resource", ENTENTE_RESOURCE},
    {NULL, 0},
};
static const struct match_word importances[] = {
    {"indispensable", ENTENTE_INDISPENSABLE},
    {"optional", ENTENTE_OPTIONAL},
    {NULL, 0},
};
static const struct match_word presences[] = {
    {"absent", ENTENTE_ABSENT},
    {"soft", ENTENTE_SOFT},
    {"hard", ENTENTE_HARD},
    {NULL, 0},
};

/* What is being read, and where to. */
struct job {
    struct link *link;
    struct entente_spec *spec;
    struct match_input *input;
    struct match_reader reader;
};

static bool no_memory(const struct job *job)
{
    const struct match_place root = {0};
    return match_place_refuse(&job->reader, &root, MATCH_ERROR_OUT_OF_MEMORY,
                              "There is no memory left to read this.");
}

static const char *copy_text(struct job *job, const char *text)
{
    return text == NULL ? NULL : arena_text(&job->link->arena, text);
}

/* A text that may be left out. */
static bool read_text(struct job *job, const struct match_place *up, const char *key,
                      size_t longest, const char **ret_text)
{
    const char *text = NULL;
    struct match_place place = match_place_child(up, key);
    if (place.value != NULL &&
        !match_place_text(&job->reader, &place, longest, &text)) {
        return false;
    }
    *ret_text = copy_text(job, text);
    return true;
}

static bool read_identifier(struct job *job, const struct match_place *place,
                            struct entente_identifier *ret)
{
    char system[IDENTIFIER_TEXT];
    char value[IDENTIFIER_TEXT];
    const char *text = NULL;
    const char *why = "";
    if (!match_place_text(&job->reader, place, IDENTIFIER_TEXT - 1, &text)) {
        return false;
    }
    if (!identifier_parse(text, system, sizeof(system), value, sizeof(value), &why)) {
        return match_place_refuse(&job->reader, place, MATCH_ERROR_UNKNOWN_VALUE,
                                  "\"%s\": %s", match_quote(text).text, why);
    }
    ret->system = copy_text(job, system);
    ret->value = copy_text(job, value);
    return (ret->system != NULL && ret->value != NULL) || no_memory(job);
}

static bool read_identifier_if_any(struct job *job, const struct match_place *up,
                                   const char *key, struct entente_identifier **ret)
{
    struct match_place place = match_place_child(up, key);
    if (place.value == NULL) {
        return true;
    }
    *ret = arena_alloc(&job->link->arena, sizeof(**ret));
    return *ret != NULL ? read_identifier(job, &place, *ret) : no_memory(job);
}

static bool read_members(struct job *job, const struct match_place *up,
                         struct entente_party *party)
{
    int32_t needed = 0;
    struct match_place list = match_place_child(up, "members");
    if (!match_place_array(&job->reader, &list, LIMIT_POOL_MEMBERS,
                           MATCH_ERROR_POOL_TOO_LARGE, &party->members_count) ||
        !match_place_number(&job->reader, up, "needed", 1, LIMIT_POOL_MEMBERS,
                            &needed)) {
        return false;
    }
    bool is_pool = party->kind == ENTENTE_POOL;
    party->pool_size = is_pool && needed == 0 ? 1 : (uint32_t)needed;
    party->members =
        arena_array(&job->link->arena, party->members_count, sizeof(*party->members));
    for (size_t i = 0; party->members != NULL && i < party->members_count; i++) {
        struct match_place item = match_place_item(&list, i);
        if (!read_identifier(job, &item, &party->members[i])) {
            return false;
        }
    }
    return party->members != NULL || no_memory(job);
}

/* A patient's presence is the spec's. */
static bool read_presence(struct job *job, const struct match_place *place,
                          const struct entente_party *party)
{
    unsigned presence = 0;
    if (!match_input_word(&job->reader, place, "presence", presences, &presence)) {
        return false;
    }
    if (party->kind == ENTENTE_PATIENT) {
        job->spec->patient_presence = presence == 0 ? ENTENTE_HARD : presence;
        job->spec->subject = party->identifier;
        return true;
    }
    struct match_place field = match_place_child(place, "presence");
    return presence == 0 ||
           match_place_refuse(&job->reader, &field, MATCH_ERROR_FIELD_CONFLICT,
                              "Only the patient has a presence; others have an "
                              "importance.");
}

static bool read_party(struct job *job, const struct match_place *place, unsigned kind,
                       struct entente_party *party)
{
    unsigned importance = ENTENTE_INDISPENSABLE;
    unsigned modality = 0;
    int32_t before = 0;
    int32_t after = 0;
    const char *key = NULL;
    const struct match_reader *reader = &job->reader;
    if (!match_place_fields(reader, place, party_fields) ||
        !match_input_word(reader, place, "kind", kinds, &kind) ||
        !match_input_word(reader, place, "importance", importances, &importance) ||
        !match_input_word(reader, place, "modality", match_modalities, &modality) ||
        !match_place_number(reader, place, "buffer_before_minutes", 0,
                            LIMIT_BUFFER_MINUTES, &before) ||
        !match_place_number(reader, place, "buffer_after_minutes", 0,
                            LIMIT_BUFFER_MINUTES, &after) ||
        !match_place_flag(reader, place, "ask_if_unknown", &party->ask_if_unknown) ||
        !read_text(job, place, "name", LIMIT_NAME_BYTES, &party->name) ||
        !read_text(job, place, "structure", LIMIT_NAME_BYTES, &party->structure) ||
        !read_text(job, place, "contact", LIMIT_ADDRESS_BYTES, &party->contact) ||
        !read_text(job, place, "place", LIMIT_NAME_BYTES, &key) ||
        !read_identifier_if_any(job, place, "identifier", &party->identifier) ||
        !read_identifier_if_any(job, place, "represents", &party->represents)) {
        return false;
    }
    party->kind = kind;
    party->importance = importance;
    party->modality = modality;
    party->buffer_before_minutes = (uint32_t)before;
    party->buffer_after_minutes = (uint32_t)after;
    if (kind == ENTENTE_GUEST) {
        party->ask_if_unknown = true; /* nobody knows when a guest is free */
    }
    if (key != NULL) {
        party->place = ask_place_key(job->link, job->spec, key);
    }
    return read_members(job, place, party) && read_presence(job, place, party) &&
           ask_json_party_rules(reader, place, party) && ask_fold(job->link, party);
}

/* An absent patient is concerned, and no party. */
static bool read_parties(struct job *job, const struct match_place *root,
                         const char *key, unsigned kind)
{
    struct entente_spec *spec = job->spec;
    size_t count = 0;
    struct match_place list = match_place_child(root, key);
    if (!match_place_array(&job->reader, &list, LIMIT_PARTIES,
                           MATCH_ERROR_TOO_MANY_PARTIES, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct entente_party *party = &spec->parties[spec->parties_count];
        struct match_place item = match_place_item(&list, i);
        *party = (struct entente_party){0};
        if (!read_party(job, &item, kind, party)) {
            return false;
        }
        bool is_absent =
            party->kind == ENTENTE_PATIENT && spec->patient_presence == ENTENTE_ABSENT;
        spec->parties_count += !is_absent;
    }
    return true;
}

/* ---- what the matcher's request says, as the wire says it ---------------------- */

static bool take_times(struct job *job)
{
    const struct match_request *request = &job->input->request;
    struct arena *arena = &job->link->arena;
    struct entente_spec *spec = job->spec;
    spec->windows = arena_array(arena, request->window_count, sizeof(*spec->windows));
    spec->picked = arena_array(arena, request->picked_count, sizeof(*spec->picked));
    spec->times_of_day =
        arena_array(arena, request->times_of_day_count, sizeof(*spec->times_of_day));
    if (spec->windows == NULL || spec->picked == NULL || spec->times_of_day == NULL) {
        return no_memory(job);
    }
    for (size_t i = 0; i < request->window_count; i++) {
        spec->windows[i] =
            (struct entente_span){request->windows[i].start, request->windows[i].end};
    }
    for (size_t i = 0; i < request->picked_count; i++) {
        spec->picked[i] = request->picked[i];
    }
    for (size_t i = 0; i < request->times_of_day_count; i++) {
        spec->times_of_day[i] =
            (struct entente_interval){(uint32_t)request->times_of_day[i].start,
                                      (uint32_t)request->times_of_day[i].end};
    }
    spec->windows_count = request->window_count;
    spec->picked_count = request->picked_count;
    spec->times_of_day_count = request->times_of_day_count;
    spec->target = request->has_target ? request->target : 0;
    spec->notice_minutes = (uint32_t)job->input->notice;
    return true;
}

static bool take_ways(struct job *job)
{
    const struct match_input *input = job->input;
    const struct match_request *request = &input->request;
    struct entente_spec *spec = job->spec;
    spec->options =
        arena_array(&job->link->arena, request->option_count, sizeof(*spec->options));
    spec->legs =
        arena_array(&job->link->arena, request->leg_count, sizeof(*spec->legs));
    if (spec->options == NULL || spec->legs == NULL) {
        return no_memory(job);
    }
    for (size_t i = 0; i < request->option_count; i++) {
        const char *key = match_input_place(input, request->options[i].place);
        spec->options[i].modality = request->options[i].modality;
        spec->options[i].place =
            key == NULL ? NULL : ask_place_key(job->link, spec, key);
    }
    for (size_t i = 0; i < request->leg_count; i++) {
        const struct match_leg *leg = &request->legs[i];
        spec->legs[i] = (struct entente_leg){
            .from = copy_text(job, match_input_place(input, leg->from)),
            .to = copy_text(job, match_input_place(input, leg->to)),
            .minutes = (uint32_t)leg->minutes};
    }
    spec->options_count = request->option_count;
    spec->legs_count = request->leg_count;
    return true;
}

static bool take_purposes(struct job *job)
{
    const struct match_texts *texts = &job->input->texts;
    for (size_t i = 0; i < texts->purpose_count; i++) {
        size_t bit = 0;
        while (bit < 3 && strcmp(purposes[bit], texts->purposes[i]) != 0) {
            bit++;
        }
        if (bit == 3) {
            const struct match_place root = {0};
            struct match_place place = {.up = &root, .key = "purposes"};
            return match_place_refuse(&job->reader, &place, MATCH_ERROR_UNKNOWN_VALUE,
                                      "\"%s\" is not known here; known are: meetings, "
                                      "consultations, visits.",
                                      match_quote(texts->purposes[i]).text);
        }
        job->spec->purposes |= 1U << bit;
    }
    return true;
}

static bool take_rest(struct job *job)
{
    const struct match_input *input = job->input;
    const struct match_request *request = &input->request;
    struct entente_spec *spec = job->spec;
    spec->zone = copy_text(job, input->zone);
    spec->duration_minutes = (uint32_t)request->duration;
    spec->grid_minutes = (uint32_t)request->grid;
    spec->weekdays = request->weekdays;
    spec->certainties = request->certainties;
    spec->apart_minutes = (uint32_t)request->apart;
    spec->quorum = request->quorum;
    spec->urgent = request->urgent;
    spec->tentative = request->tentative == MATCH_TENTATIVE_SOFT
                          ? (uint32_t)ENTENTE_TENTATIVE_SOFT
                          : 0;
    spec->occurrences = request->occurrences;
    spec->step = request->occurrences > 1 ? (uint32_t)request->step : 0;
    spec->without_public_holidays = input->without_holidays;
    spec->holiday_region = copy_text(job, input->holiday_region);
    job->link->asked_slots = input->has_wanted ? (uint32_t)request->wanted : 0;
    job->link->asked_near = input->question == MATCH_NEAREST ? input->asked : 0;
    job->link->asked_explain = input->explains;
    return take_times(job) && take_ways(job) && take_purposes(job);
}

/* A series as text stands in the place of "series". */
static bool read_recurrence(struct job *job, const struct match_place *root)
{
    struct entente_spec *spec = job->spec;
    if (!read_text(job, root, "recurrence", LIMIT_ADDRESS_BYTES, &spec->recurrence)) {
        return false;
    }
    if (spec->recurrence != NULL && spec->occurrences <= 1) {
        spec->occurrences = 0;
    }
    return true;
}

static bool read_document(struct job *job, const char *bytes, size_t size)
{
    struct match_input *input = job->input;
    struct match_reader *reader = &job->reader;
    input->zone = "Europe/Paris";
    input->is_for_wire = true;
    reader->zone = input->zone;
    if (!match_input_parse(input, reader, bytes, size)) {
        return false;
    }
    struct match_place root = {.value = input->document};
    return match_place_fields(reader, &root, root_fields) &&
           match_input_zone(input, reader, &root) &&
           match_input_limits(input, reader, &root) &&
           match_input_how(input, reader, &root) &&
           match_input_when(input, reader, &root) && take_rest(job) &&
           read_recurrence(job, &root) &&
           ask_json_rules(job->link, reader, &root, job->spec) &&
           read_identifier_if_any(job, &root, "subject", &job->spec->subject) &&
           read_parties(job, &root, "parties", ENTENTE_PROFESSIONAL) &&
           read_parties(job, &root, "pools", ENTENTE_POOL);
}

/* The bytes of @file, with malloc; NULL, and said, if it cannot be read. */
static char *read_file(const struct words *words, enum word word, const char *file,
                       size_t *ret_size)
{
    bool is_standard = strcmp(file, "-") == 0;
    FILE *in = is_standard ? stdin : fopen(file, "rb");
    char *bytes = in == NULL ? NULL : malloc(FILE_BYTES_MAX + 1);
    if (bytes != NULL) {
        *ret_size = fread(bytes, 1, FILE_BYTES_MAX + 1, in);
    }
    if (bytes == NULL || ferror(in) || *ret_size > FILE_BYTES_MAX) {
        words_complain(words, word, file,
                       bytes != NULL && !ferror(in) ? _("the file is too large")
                                                    : strerror(errno));
        free(bytes);
        bytes = NULL;
    }
    if (in != NULL && !is_standard) {
        fclose(in);
    }
    return bytes;
}

bool ask_json(struct link *link, enum word word, const char *file,
              struct entente_spec *spec)
{
    struct match_error error = {0};
    struct job job = {.link = link, .spec = spec, .reader = {.error = &error}};
    size_t size = 0;
    char *bytes = read_file(link->words, word, file, &size);
    if (bytes == NULL) {
        return false;
    }
    spec->parties =
        arena_array(&link->arena, 2 * LIMIT_PARTIES + 1, sizeof(*spec->parties));
    job.input = calloc(1, sizeof(*job.input));
    bool read = false;
    if (spec->parties != NULL && job.input != NULL) {
        read = read_document(&job, bytes, size);
        match_input_finish(job.input);
    }
    if (!read) {
        say_error(link->words->command, "%s: %s: %s", file, error.path, error.sentence);
    }
    free(job.input);
    free(bytes);
    return read;
}
