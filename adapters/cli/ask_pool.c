// SPDX-License-Identifier: Apache-2.0

/*
 * ask_pool.c - a pool as it is typed: "[NAME=][any] 2 of ID,ID,..." or "2 of @FILE", with
 * an identifier on each line of the file
 */
#include "adapters/cli/ask_private.h"

#include "adapters/cli/language.h"
#include "proto/limits.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 512 };

/* People as they are typed, one after the other, into a party that has room for @most. */
struct list {
    struct link *link;
    enum word word;
    size_t most;
    struct entente_party *party;
};

static bool add_member(const struct list *list, const char *text)
{
    struct entente_party *party = list->party;
    if (party->members_count == list->most) {
        words_complain(list->link->words, list->word, text,
                       list->most == LIMIT_POOL_MEMBERS
                           ? _("a pool has at most 4096 members")
                           : _("at most 100000 people can be asked about"));
        return false;
    }
    const struct entente_identifier *identifier =
        link_identifier(list->link, list->word, text);
    if (identifier == NULL) {
        return false;
    }
    party->members[party->members_count++] = *identifier;
    return true;
}

static bool add_file(const struct list *list, const char *name)
{
    char line[LINE_BYTES];
    FILE *in = fopen(name, "r");
    if (in == NULL) {
        words_complain(list->link->words, list->word, name, strerror(errno));
        return false;
    }
    bool added = true;
    while (added && fgets(line, sizeof(line), in) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        added = line[0] == '\0' || line[0] == '#' || add_member(list, line);
    }
    fclose(in);
    return added;
}

/* Members who share their system travel in half the bytes. */
bool ask_fold(struct link *link, struct entente_party *party)
{
    for (size_t i = 1; i < party->members_count; i++) {
        if (strcmp(party->members[i].system, party->members[0].system) != 0) {
            return true;
        }
    }
    if (party->members_count == 0) {
        return true;
    }
    party->member_values =
        arena_array(&link->arena, party->members_count, sizeof(*party->member_values));
    for (size_t i = 0; party->member_values != NULL && i < party->members_count; i++) {
        party->member_values[i] = party->members[i].value;
    }
    party->member_system = party->members[0].system;
    party->member_values_count = party->members_count;
    if (party->member_values == NULL) {
        return false;
    }
    party->members = NULL;
    party->members_count = 0;
    return true;
}

/* Past "any ", a number and " of "; NULL if they are not there. */
static char *take_number(char *text, uint32_t *ret_number)
{
    char *end = NULL;
    if (strncmp(text, "any ", 4) == 0) {
        text += 4;
    }
    long number = strtol(text, &end, 10);
    if (end == text || number < 1 || number > LIMIT_POOL_MEMBERS) {
        return NULL;
    }
    *ret_number = (uint32_t)number;
    if (strncmp(end, " of ", 4) == 0 || strncmp(end, " de ", 4) == 0) {
        return end + 4 + strspn(end + 4, " ");
    }
    return NULL;
}

bool ask_members(struct link *link, enum word word, const char *text, size_t most,
                 struct entente_party *party)
{
    const struct list list = {link, word, most, party};
    char *rest = arena_text(&link->arena, text);
    party->members = arena_array(&link->arena, most, sizeof(*party->members));
    if (rest == NULL || party->members == NULL) {
        return false;
    }
    bool added = true;
    if (*rest == '@') {
        added = add_file(&list, rest + 1);
        rest = NULL;
    }
    while (added && rest != NULL) {
        char *member = strsep(&rest, ",");
        added = add_member(&list, member + strspn(member, " "));
    }
    return added;
}

bool ask_pool(struct link *link, enum word word, const char *text,
              struct entente_party *ret_party)
{
    struct entente_party party = {.kind = ENTENTE_POOL,
                                  .importance = word == WORD_OPTIONAL_POOL
                                                    ? ENTENTE_OPTIONAL
                                                    : ENTENTE_INDISPENSABLE};
    char *copy = arena_text(&link->arena, text);
    char *equals = copy == NULL ? NULL : strchr(copy, '=');
    char *rest = equals == NULL ? copy : equals + 1;
    if (equals != NULL) {
        *equals = '\0';
        party.name = copy;
    }
    rest = rest == NULL ? NULL : take_number(rest, &party.pool_size);
    if (rest == NULL || *rest == '\0') {
        words_complain(link->words, word, text,
                       _("a pool is needed, as \"2 of idnps:1,idnps:2,idnps:3\" or \"2 "
                         "of @FILE\""));
        return false;
    }
    if (!ask_members(link, word, rest, LIMIT_POOL_MEMBERS, &party) ||
        !ask_fold(link, &party)) {
        return false;
    }
    *ret_party = party;
    return true;
}
