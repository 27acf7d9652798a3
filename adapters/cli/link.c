// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/link.h"

#include "adapters/cli/language.h"
#include "adapters/cli/say.h"
#include "adapters/cli/terms.h"
#include "proto/codec.h"
#include "proto/identifier.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    DEFAULT_TIMEOUT_S = 30,
    TIMEOUT_MAX_S = 86400,
    ID_BYTES = 16,
};

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_connected(void *context, const struct entente_welcome *welcome)
{
    struct link *link = context;
    link->now_ms = welcome->now_ms;
}

/* Once for each command, so that a person knows why nothing happens. */
static void on_disconnected(void *context, const char *sentence)
{
    struct link *link = context;
    if (!link->has_complained && !link->json) {
        link->has_complained = true;
        say_error(link->words->command, _("%s Trying on for %d s."), sentence,
                  link_patience_ms(link) / 1000);
    }
}

static bool read_timeout(struct link *link)
{
    const char *text = words_text(link->words, WORD_TIMEOUT);
    long seconds = DEFAULT_TIMEOUT_S;
    char *end = "";
    if (text != NULL) {
        seconds = strtol(text, &end, 10);
    }
    if (*end != '\0' || seconds < 1 || seconds > TIMEOUT_MAX_S) {
        words_complain(link->words, WORD_TIMEOUT, text,
                       _("seconds, from 1 to 86400, are needed"));
        return false;
    }
    link->end_ms = monotonic_ms() + seconds * 1000;
    return true;
}

bool link_open(struct link *link, const struct words *words, int *ret_exit)
{
    char why[ENTENTE_WHY_SIZE];
    const struct entente_settings settings = {
        .software = "entente",
        .software_version = ENTENTE_VERSION,
        .context = link,
        .on_connected = on_connected,
        .on_disconnected = on_disconnected,
        .back_off_max_ms = 500,
    };
    const char *path = words_text(words, WORD_CLIENT);
    *link = (struct link){.words = words, .json = words_has(words, WORD_JSON)};
    arena_init(&link->arena, ARENA_BYTES);
    *ret_exit = EXIT_WORDS;
    if (path == NULL) {
        say_error(words->command, _("name the client's settings with --client FILE or "
                                    "ENTENTE_CLIENT"));
        return false;
    }
    if (!read_timeout(link)) {
        return false;
    }
    link->client = entente_client_from_file(path, &settings, why, sizeof(why));
    if (link->client == NULL) {
        say_error(words->command, "%s", why);
        *ret_exit = EXIT_FAILED;
        return false;
    }
    return true;
}

bool link_connect(struct link *link, int *ret_exit)
{
    enum entente_code code =
        entente_client_connect(link->client, link_patience_ms(link));
    if (code != ENTENTE_OK) {
        *ret_exit = link_failed(link, code);
    }
    return code == ENTENTE_OK;
}

void link_close(struct link *link)
{
    entente_client_destroy(link->client);
    arena_finish(&link->arena);
}

int link_patience_ms(const struct link *link)
{
    int64_t left = link->end_ms - monotonic_ms();
    return left < 1 ? 1 : (int)left;
}

int link_failed(struct link *link, enum entente_code code)
{
    return say_failure(link->words->command, link->client, code,
                       link->json ? NULL : link->asked, link->json);
}

struct entente_meeting *link_keep(struct link *link,
                                  const struct entente_meeting *meeting)
{
    struct entente_meeting *kept = codec_copy_meeting(meeting, &link->arena);
    if (kept == NULL || kept->spec == NULL) {
        say_error(link->words->command, _("there is not enough memory"));
        return NULL;
    }
    if (kept->spec->zone == NULL) {
        kept->spec->zone = "Europe/Paris";
    }
    return kept;
}

struct entente_meeting *link_get(struct link *link, int *ret_exit)
{
    struct entente_bytes id;
    const struct entente_meeting *meeting = NULL;
    if (!link_meeting_id(link, &id)) {
        *ret_exit = EXIT_WORDS;
        return NULL;
    }
    enum entente_code code =
        entente_client_get(link->client, id, link_patience_ms(link), &meeting);
    if (code != ENTENTE_OK) {
        *ret_exit = link_failed(link, code);
        return NULL;
    }
    *ret_exit = EXIT_FAILED;
    return link_keep(link, meeting);
}

/* ---- words that name people --------------------------------------------------------
 */

struct entente_identifier *link_identifier(struct link *link, enum word word,
                                           const char *text)
{
    char system[IDENTIFIER_TEXT];
    char value[IDENTIFIER_TEXT];
    const char *message = NULL;
    if (!identifier_parse(text, system, sizeof(system), value, sizeof(value),
                          &message)) {
        words_complain(link->words, word, text, gettext(message));
        return NULL;
    }
    struct entente_identifier *identifier =
        arena_alloc(&link->arena, sizeof(*identifier));
    if (identifier != NULL) {
        identifier->system = arena_text(&link->arena, system);
        identifier->value = arena_text(&link->arena, value);
    }
    return identifier;
}

struct entente_actor *link_actor(struct link *link, struct entente_identifier *standing)
{
    const char *as = words_text(link->words, WORD_AS);
    const char *behalf = words_text(link->words, WORD_ON_BEHALF_OF);
    struct entente_actor *actor = arena_alloc(&link->arena, sizeof(*actor));
    if (actor == NULL) {
        return NULL;
    }
    actor->channel = ENTENTE_COMMAND_LINE;
    const char *by = words_text(link->words, WORD_BY);
    if (by != NULL && !term_parse(TERM_CHANNEL, by, &actor->channel)) {
        words_complain(link->words, WORD_BY, by,
                       _("this code is not known; see --help"));
        return NULL;
    }
    actor->structure = words_text(link->words, WORD_STRUCTURE);
    actor->who = standing;
    if (as != NULL) {
        actor->who = link_identifier(link, WORD_AS, as);
    } else if (standing == NULL) {
        say_error(link->words->command, _("say who acts with --as ID or ENTENTE_AS"));
    }
    if (actor->who == NULL) {
        return NULL;
    }
    if (behalf != NULL) {
        actor->on_behalf_of = link_identifier(link, WORD_ON_BEHALF_OF, behalf);
        return actor->on_behalf_of == NULL ? NULL : actor;
    }
    return actor;
}

bool link_meeting_id(struct link *link, struct entente_bytes *ret_id)
{
    uint8_t *id = arena_alloc(&link->arena, ID_BYTES);
    const char *text = link->words->subject;
    if (id == NULL || !codec_parse_id(text, id)) {
        say_error(link->words->command,
                  _("%s is no meeting; its id looks like "
                    "0192f4c1-7d1e-7abc-8def-0123456789ab"),
                  text);
        return false;
    }
    *ret_id = (struct entente_bytes){.data = id, .size = ID_BYTES};
    return true;
}
