// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/act.h"

#include "adapters/cli/ask.h"
#include "adapters/cli/language.h"
#include "adapters/cli/say.h"
#include "adapters/cli/terms.h"

#include <string.h>

bool act_reason(const struct words *words, uint32_t *ret)
{
    const char *text = words_text(words, WORD_BECAUSE);
    if (text != NULL && !term_parse(TERM_REASON, text, ret)) {
        words_complain(words, WORD_BECAUSE, text,
                       _("this code is not known; see --help"));
        return false;
    }
    return true;
}

bool act_substitute(struct link *link, struct entente_party **ret_substitute)
{
    const char *person = words_text(link->words, WORD_SUBSTITUTE);
    const char *guest = words_text(link->words, WORD_SUBSTITUTE_GUEST);
    struct entente_party *party = arena_alloc(&link->arena, sizeof(*party));
    if (party == NULL) {
        return false;
    }
    if (person != NULL && guest != NULL) {
        say_error(link->words->command,
                  _("one person comes instead: either --substitute ID or "
                    "--substitute-guest \"NAME, CONTACT\""));
        return false;
    }
    *ret_substitute = person != NULL || guest != NULL ? party : NULL;
    if (guest != NULL) {
        return ask_guest(link, WORD_SUBSTITUTE_GUEST, guest, party);
    }
    party->kind = ENTENTE_PROFESSIONAL;
    if (person != NULL) {
        party->identifier = link_identifier(link, WORD_SUBSTITUTE, person);
    }
    return person == NULL || party->identifier != NULL;
}

struct entente_identifier *act_meant(const struct entente_actor *actor)
{
    return actor->on_behalf_of != NULL ? actor->on_behalf_of : actor->who;
}

bool act_same(const struct entente_identifier *a, const struct entente_identifier *b)
{
    return a != NULL && b != NULL && strcmp(a->system, b->system) == 0 &&
           strcmp(a->value, b->value) == 0;
}

struct entente_identifier *act_standing(const struct entente_meeting *meeting)
{
    const struct entente_spec *spec = meeting->spec;
    if (spec->organizer != NULL || spec->parties_count == 0) {
        return spec->organizer;
    }
    return spec->parties[0].identifier;
}
