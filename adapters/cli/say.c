// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/say.h"

#include "adapters/cli/json_meeting.h"
#include "adapters/cli/language.h"
#include "adapters/cli/summary.h"
#include "adapters/cli/terms.h"
#include "adapters/cli/text.h"
#include "proto/errors.h"
#include "proto/identifier.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_SIZE = 1024, PARAMETERS_MAX = 8, TERM_SIZE = 32, PATHS = 3 };

void say_error(const char *command, const char *format, ...)
{
    char text[SENTENCE_SIZE];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    fprintf(stderr, "entente %s: ", command);
    text_print(stderr, text);
    fputc('\n', stderr);
}

/* What this side finds out by itself; the SDK's own words follow as the detail. */
static const char *const local_sentences[] = {
    [ENTENTE_ERROR_TIMEOUT] = N_("The broker has not answered in time."),
    [ENTENTE_ERROR_STOPPED] = N_("The connection has ended for good."),
    [ENTENTE_ERROR_MEMORY] = N_("There is not enough memory."),
    [ENTENTE_ERROR_SETTINGS] = N_("A setting is missing or wrong."),
    [ENTENTE_ERROR_FILE] = N_("A file could not be read or written."),
    [ENTENTE_ERROR_IN_CALLBACK] = N_("This is not possible now."),
    [ENTENTE_ERROR_UNEXPECTED] =
        N_("The broker answered with something that is not understood here."),
    [ENTENTE_ERROR_NOT_DELIVERED] = N_("That event has not been delivered yet."),
};

enum { LOCAL_SENTENCES = sizeof(local_sentences) / sizeof(local_sentences[0]) };

/* Where @text says what @template_text says, the parts that stand for {0}, {1} ... are
 * copied into @values; the SDK checks a message before it is sent and keeps no more
 * than the sentence. */
static size_t take_apart(const char *template_text, const char *text,
                         char values[][SENTENCE_SIZE], size_t capacity)
{
    size_t count = 0;
    const char *at = template_text;
    while (*at != '\0') {
        size_t literal = strcspn(at, "{");
        if (strncmp(at, text, literal) != 0) {
            return 0;
        }
        at += literal;
        text += literal;
        if (*at == '\0') {
            break;
        }
        size_t index = (size_t)(at[1] - '0');
        at += strlen("{0}");
        size_t next = strcspn(at, "{");
        const char *end = text;
        while (*end != '\0' && (next == 0 || strncmp(end, at, next) != 0)) {
            end++;
        }
        if (index >= capacity || (size_t)(end - text) >= SENTENCE_SIZE) {
            return 0;
        }
        memcpy(values[index], text, (size_t)(end - text));
        values[index][end - text] = '\0';
        count = index + 1 > count ? index + 1 : count;
        text = end;
    }
    return *text == '\0' ? count : 0;
}

void say_local(unsigned code, const char *english, char *ret, size_t size)
{
    static char values[PARAMETERS_MAX][SENTENCE_SIZE];
    const char *parameters[PARAMETERS_MAX] = {NULL};
    if (code < LOCAL_SENTENCES && local_sentences[code] != NULL) {
        snprintf(ret, size, "%s %s", gettext(local_sentences[code]), english);
        return;
    }
    size_t count = take_apart(error_template(code), english, values, PARAMETERS_MAX);
    if (error_retry(code) == 0 || count == 0) {
        snprintf(ret, size, "%s", english);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        parameters[i] = values[i];
    }
    error_sentence(code, gettext(error_template(code)), parameters, count, ret, size);
}

/* A state among the parameters is named as people call it. */
static const char *parameter_of(const struct entente_error *error, size_t index)
{
    char code[TERM_SIZE];
    uint32_t state;
    const char *text = error->parameters[index];
    size_t i = 0;
    if (index != 0 ||
        (error->code != ERROR_NOT_IN_THIS_STATE && error->code != ERROR_CLOSED)) {
        return text;
    }
    for (; text[i] != '\0' && i + 1 < sizeof(code); i++) {
        code[i] = text[i];
        if (text[i] >= 'A' && text[i] <= 'Z') {
            code[i] = (char)(text[i] - 'A' + 'a');
        }
    }
    code[i] = '\0';
    return term_parse(TERM_STATE, code, &state) ? term_text(TERM_STATE, state) : text;
}

void say_sentence(const struct entente_error *error, char *ret, size_t size)
{
    if (error_retry(error->code) == 0) {
        /* A newer broker's: its own words are better than none. */
        snprintf(ret, size, "%s", error->sentence == NULL ? "" : error->sentence);
        return;
    }
    const char *parameters[PARAMETERS_MAX];
    size_t count = error->parameters_count;
    count = count > PARAMETERS_MAX ? PARAMETERS_MAX : count;
    for (size_t i = 0; i < count; i++) {
        parameters[i] = parameter_of(error, i);
    }
    error_sentence(error->code, gettext(error_template(error->code)), parameters, count,
                   ret, size);
}

static void print_json(unsigned code, const struct entente_error *refusal,
                       const char *sentence)
{
    json_t *parameters = json_array();
    for (size_t i = 0; refusal != NULL && i < refusal->parameters_count; i++) {
        json_array_append_new(parameters, json_string(refusal->parameters[i]));
    }
    json_t *error = json_pack("{s:i, s:s, s:o, s:s}", "code", (int)code, "name",
                              entente_code_name(code), "parameters", parameters,
                              "sentence", sentence);
    if (refusal != NULL && refusal->meeting != NULL) {
        json_object_set_new(error, "meeting", json_meeting(refusal->meeting));
    }
    json_print(json_pack("{s:o}", "error", error));
}

/* ".place" goes on with the path; "." ends the sentence. */
static bool is_field(const char *text)
{
    return text[0] == '.' && text[1] >= 'a' && text[1] <= 'z';
}

void say_parties(const struct entente_spec *spec, const char *text, char *ret,
                 size_t size)
{
    static const char *const paths[] = {"request.spec.parties[", "search.spec.parties[",
                                        "spec.parties["};
    size_t used = 0;
    while (*text != '\0' && used + IDENTIFIER_TEXT < size) {
        size_t i = 0;
        while (i < PATHS && strncmp(text, paths[i], strlen(paths[i])) != 0) {
            i++;
        }
        char *end = NULL;
        unsigned long index =
            i == PATHS ? 0 : strtoul(text + strlen(paths[i]), &end, 10);
        if (end == NULL || *end != ']' || is_field(end + 1) ||
            index >= spec->parties_count || spec->parties[index].identifier == NULL) {
            ret[used++] = *text++;
            continue;
        }
        const struct entente_identifier *who = spec->parties[index].identifier;
        identifier_short(who->system, who->value, ret + used, IDENTIFIER_TEXT);
        used += strlen(ret + used);
        text = end + 1;
    }
    ret[used] = '\0';
}

int say_failure(const char *command, struct entente_client *client,
                enum entente_code code, const struct entente_spec *asked, bool json)
{
    char named[SENTENCE_SIZE];
    char sentence[SENTENCE_SIZE];
    const struct entente_error *refusal = entente_client_refusal(client);
    if (refusal != NULL) {
        say_sentence(refusal, sentence, sizeof(sentence));
    } else {
        say_local(code, entente_client_sentence(client), sentence, sizeof(sentence));
    }
    if (json) {
        print_json(code, refusal, sentence);
        return EXIT_FAILED;
    }
    if (asked != NULL) {
        say_parties(asked, sentence, named, sizeof(named));
    }
    say_error(command, "%s (%s, %u)", asked != NULL ? named : sentence,
              entente_code_name(code), (unsigned)code);
    if (refusal != NULL && refusal->meeting != NULL && refusal->meeting->spec != NULL) {
        if (refusal->meeting->alternatives_count > 0) {
            fputs(_("Times that would suit everybody:\n"), stderr);
        }
        summary_print_slots(stderr, refusal->meeting->alternatives,
                            refusal->meeting->alternatives_count,
                            refusal->meeting->spec);
    }
    return EXIT_FAILED;
}
