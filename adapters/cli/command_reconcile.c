// SPDX-License-Identifier: Apache-2.0

/*
 * command_reconcile.c - `entente reconcile`: what has changed since a client last heard
 *
 * A file has a meeting and its version on each line, in any order, as an adapter can
 * write them out; the broker is asked in pages, sorted by meeting.
 */
#include "adapters/cli/commands.h"

#include "adapters/cli/json_meeting.h"
#include "adapters/cli/language.h"
#include "adapters/cli/run.h"
#include "adapters/cli/say.h"
#include "proto/codec.h"
#include "proto/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_BYTES = 128,
    ID_BYTES = 16,
    ID_TEXT = 37,
    DIGEST_BYTES = 32,
    DIGEST_DIGITS = 2 * DIGEST_BYTES,
    KNOWN_MAX = 1 << 18
};

/* What is known, sorted by meeting. */
struct list {
    struct entente_known *known;
    size_t count;
};

static bool refuse_line(const struct link *link, const char *line)
{
    words_complain(link->words, WORD_KNOWN, line,
                   _("a line has a meeting and its version, as "
                     "0192f4c1-7d1e-7abc-8def-0123456789ab 3"));
    return false;
}

static bool take_line(struct link *link, const char *line, struct list *list)
{
    char id[ID_TEXT] = "";
    uint8_t *bytes = arena_alloc(&link->arena, ID_BYTES);
    size_t length = strcspn(line, " \t");
    if (bytes == NULL || list->count == KNOWN_MAX) {
        say_error(link->words->command, _("there is not enough memory"));
        return false;
    }
    if (length >= sizeof(id)) {
        return refuse_line(link, line);
    }
    memcpy(id, line, length);
    char *end = NULL;
    unsigned long version = strtoul(line + length, &end, 10);
    if (!codec_parse_id(id, bytes) || end == line + length || *end != '\0' ||
        version < 1 || version > INT32_MAX) {
        return refuse_line(link, line);
    }
    list->known[list->count++] = (struct entente_known){
        .meeting = {.data = bytes, .size = ID_BYTES}, .version = (uint32_t)version};
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct entente_known *one = a;
    const struct entente_known *other = b;
    return memcmp(one->meeting.data, other->meeting.data, ID_BYTES);
}

static bool read_known(struct link *link, const char *name, struct list *list)
{
    char line[LINE_BYTES];
    bool is_standard = strcmp(name, "-") == 0;
    FILE *in = is_standard ? stdin : fopen(name, "r");
    list->known = arena_array(&link->arena, KNOWN_MAX, sizeof(*list->known));
    if (in == NULL || list->known == NULL) {
        words_complain(link->words, WORD_KNOWN, name, strerror(errno));
        return false;
    }
    bool taken = true;
    while (taken && fgets(line, sizeof(line), in) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        taken = line[0] == '\0' || line[0] == '#' || take_line(link, line, list);
    }
    if (!is_standard) {
        fclose(in);
    }
    qsort(list->known, list->count, sizeof(*list->known), compare);
    for (size_t i = 1; taken && i < list->count; i++) {
        if (compare(&list->known[i - 1], &list->known[i]) == 0) {
            char id[ID_TEXT];
            codec_format_id(list->known[i].meeting, id);
            words_complain(link->words, WORD_KNOWN, id,
                           _("this meeting is there twice"));
            taken = false;
        }
    }
    return taken;
}

static bool read_digest(struct link *link, const char *text, struct entente_bytes *ret)
{
    uint8_t *bytes = arena_alloc(&link->arena, DIGEST_BYTES);
    bool taken = bytes != NULL && strlen(text) == DIGEST_DIGITS &&
                 strspn(text, "0123456789abcdefABCDEF") == DIGEST_DIGITS;
    for (size_t i = 0; taken && i < DIGEST_BYTES; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    if (!taken) {
        words_complain(link->words, WORD_DIGEST, text,
                       _("a SHA-256 has 64 hexadecimal digits"));
        return false;
    }
    *ret = (struct entente_bytes){.data = bytes, .size = DIGEST_BYTES};
    return true;
}

/* Print what differs of one page. */
static void print_page(struct link *link, const struct entente_reconciled *page,
                       json_t *json)
{
    for (size_t i = 0; i < page->differing_count; i++) {
        char id[ID_TEXT];
        const struct entente_known *known = &page->differing[i];
        codec_format_id(known->meeting, id);
        if (link->json) {
            json_array_append_new(json, json_pack("{s:s, s:i}", "meeting", id,
                                                  "version", (int)known->version));
        } else if (known->version == 0) {
            printf(_("%s  is over, or not this client's any more\n"), id);
        } else {
            printf(_("%s  is at version %u\n"), id, (unsigned)known->version);
        }
    }
}

/* Ask with @message, and go on with the pages of @list behind it. */
static int ask_pages(struct link *link, struct entente_reconcile *message,
                     const struct list *list, json_t *json, bool *ret_equal)
{
    size_t asked = message->known_count;
    *ret_equal = true;
    for (;;) {
        const struct entente_reconciled *page = NULL;
        enum entente_code code = entente_client_reconcile(
            link->client, message, link_patience_ms(link), &page);
        if (code != ENTENTE_OK) {
            return link_failed(link, code);
        }
        *ret_equal = *ret_equal && page->equal;
        print_page(link, page, json);
        if (page->more) {
            *ret_equal = false;
        }
        if (list->known == NULL || asked == list->count) {
            return EXIT_DONE;
        }
        message->after = list->known[asked - 1].meeting;
        message->known = &list->known[asked];
        message->known_count = list->count - asked > LIMIT_RECONCILE
                                   ? LIMIT_RECONCILE
                                   : list->count - asked;
        asked += message->known_count;
        message->last = asked == list->count;
    }
}

/* Is all of it still so?  Then one question is enough. */
static int ask_digest(struct link *link, const struct list *list, bool *ret_equal)
{
    uint8_t digest[DIGEST_BYTES];
    const struct entente_reconciled *page = NULL;
    *ret_equal = false;
    if (!entente_digest(list->known, list->count, digest)) {
        return EXIT_DONE;
    }
    const struct entente_reconcile message = {.digest = {digest, sizeof(digest)}};
    enum entente_code code =
        entente_client_reconcile(link->client, &message, link_patience_ms(link), &page);
    if (code != ENTENTE_OK) {
        return link_failed(link, code);
    }
    *ret_equal = page->equal;
    return EXIT_DONE;
}

static int reconcile(struct link *link)
{
    const char *file = words_text(link->words, WORD_KNOWN);
    const char *digest = words_text(link->words, WORD_DIGEST);
    struct entente_reconcile message = {0};
    struct list list = {0};
    bool equal = false;
    if ((file == NULL) == (digest == NULL)) {
        say_error(link->words->command,
                  _("say what is known: either --known FILE or --digest HEX"));
        return EXIT_WORDS;
    }
    if (digest != NULL && !read_digest(link, digest, &message.digest)) {
        return EXIT_WORDS;
    }
    if (file != NULL) {
        if (!read_known(link, file, &list)) {
            return EXIT_WORDS;
        }
        message.known = list.known;
        message.known_count =
            list.count > LIMIT_RECONCILE ? LIMIT_RECONCILE : list.count;
        message.last = message.known_count == list.count;
    }
    json_t *differing = json_array();
    int exit_code = file == NULL ? EXIT_DONE : ask_digest(link, &list, &equal);
    if (exit_code == EXIT_DONE && !equal) {
        exit_code = ask_pages(link, &message, &list, differing, &equal);
    }
    if (exit_code == EXIT_DONE && link->json) {
        exit_code =
            json_print(json_pack("{s:b, s:O}", "equal", equal, "differing", differing));
    } else if (exit_code == EXIT_DONE) {
        puts(equal ? _("Everything is as it is known.")
                   : _("Not everything is as it is known."));
    }
    json_decref(differing);
    return exit_code;
}

int command_reconcile(int argc, char **argv)
{
    return run_linked(VERB_RECONCILE, argc, argv, reconcile);
}
