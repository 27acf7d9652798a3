// SPDX-License-Identifier: Apache-2.0

/*
 * match_input_party.c - the people of a match request: parties, pools, and those who are
 * asked for or kept
 */
#include "adapters/cli/match_input.h"

#include "adapters/cli/match_keep.h"

#include <stdlib.h>
#include <string.h>

static const char *const party_fields[] = {
    "id",
    "name",
    "kind",
    "importance",
    "presence",
    "structure",
    "modality",
    "place",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "ask_if_unknown",
    "sources",
    "claims",
    "agenda",
    "members",
    "needed",
    NULL,
};
static const char *const member_fields[] = {"id",     "name",   "load", "sources",
                                            "claims", "agenda", NULL};

static const struct match_word importances[] = {
    {"indispensable", MATCH_INDISPENSABLE},
    {"optional", MATCH_OPTIONAL},
    {NULL, 0},
};

enum kind { PROFESSIONAL, PATIENT, REPRESENTATIVE, GUEST, RESOURCE, POOL };
static const struct match_word kinds[] = {
    {"professional", PROFESSIONAL},
    {"patient", PATIENT},
    {"representative", REPRESENTATIVE},
    {"guest", GUEST},
    {"resource", RESOURCE},
    {"pool", POOL},
    {NULL, 0},
};

enum presence { UNSAID, ABSENT, SOFT, HARD };
static const struct match_word presences[] = {
    {"absent", ABSENT},
    {"soft", SOFT},
    {"hard", HARD},
    {NULL, 0},
};

/* Where the ids of parties begin that have none of their own: behind all that can be
 * given. */
#define UNNAMED_IDS (UINT64_C(1) << 32)

/* The id of a member who has none of its own: far from those of parties, and the same
 * wherever in the request the member stands. */
static uint64_t id_of_name(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name != '\0'; name++) {
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    }
    return hash | UINT64_C(1) << 63;
}

/* A name alone stands for the agenda that is kept under it. */
static bool read_kept_somebody(const struct match_input *input,
                               const struct match_reader *reader,
                               const struct match_place *place,
                               struct match_somebody *ret_somebody)
{
    const char *name = "";
    if (!match_place_text(reader, place, MATCH_INPUT_NAME_BYTES, &name)) {
        return false;
    }
    const struct match_somebody *kept = match_keep_find(input->keep, name);
    if (kept == NULL) {
        return match_place_refuse(reader, place, MATCH_ERROR_UNKNOWN_VALUE,
                                  "No agenda called \"%s\" has been given in "
                                  "\"agendas\" so far; write an object with \"name\" "
                                  "and \"sources\".",
                                  match_quote(name).text);
    }
    *ret_somebody = *kept;
    return true;
}

static bool read_somebody(struct match_input *input, const struct match_reader *reader,
                          const struct match_place *place,
                          struct match_somebody *ret_somebody)
{
    int32_t id = -1;
    int32_t load = 0;
    if (json_is_string(place->value)) {
        return read_kept_somebody(input, reader, place, ret_somebody);
    }
    struct match_somebody somebody = {0};
    if (!match_place_fields(reader, place, member_fields)) {
        return false;
    }
    struct match_place name = match_place_child(place, "name");
    if (!match_place_text(reader, &name, MATCH_INPUT_NAME_BYTES, &somebody.name) ||
        !match_place_number(reader, place, "id", 0, INT32_MAX, &id) ||
        !match_input_person(input, reader, place, &somebody.person)) {
        return false;
    }
    load = (int32_t)somebody.person.load;
    if (!match_place_number(reader, place, "load", 0, INT32_MAX, &load)) {
        return false;
    }
    somebody.person.load = (uint32_t)load;
    somebody.person.id = id >= 0 ? (uint64_t)id : id_of_name(somebody.name);
    *ret_somebody = somebody;
    return true;
}

static bool refuse_pool_size(const struct match_reader *reader,
                             const struct match_place *place, int32_t needed,
                             size_t count)
{
    struct match_place field = match_place_child(place, "needed");
    return match_place_refuse(
        reader, &field, MATCH_ERROR_POOL_TOO_SMALL,
        "%d of %zu members are needed; it must be at least 1 and at most all of them.",
        needed, count);
}

static bool read_members(struct match_input *input, const struct match_reader *reader,
                         const struct match_place *place, size_t index)
{
    struct match_party *party = &input->parties[index];
    size_t count = 0;
    int32_t needed = 1;
    struct match_place list = match_place_child(place, "members");
    if (!match_place_array(reader, &list, MATCH_POOL_MAX, MATCH_ERROR_POOL_TOO_LARGE,
                           &count) ||
        !match_place_number(reader, place, "needed", INT32_MIN, INT32_MAX, &needed)) {
        return false;
    }
    if (list.value == NULL) {
        return match_place_refuse(reader, &list, MATCH_ERROR_FIELD_MISSING,
                                  "A pool needs \"members\", of whom \"needed\" (1 "
                                  "unless it says so) have to come.");
    }
    if (needed < 1 || (size_t)needed > count) {
        return refuse_pool_size(reader, place, needed, count);
    }
    struct match_person *people =
        match_input_allocate(input, reader, &list, count, sizeof(*people));
    input->members[index] =
        match_input_allocate(input, reader, &list, count, sizeof(const char *));
    if (people == NULL || input->members[index] == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct match_somebody somebody = {0};
        struct match_place item = match_place_item(&list, i);
        if (!read_somebody(input, reader, &item, &somebody)) {
            return false;
        }
        people[i] = somebody.person;
        input->members[index][i] = somebody.name;
    }
    party->members = people;
    party->member_count = count;
    party->needed = (size_t)needed;
    return true;
}

/* What only a pool may say, and what a pool may not. */
static bool check_kind(const struct match_reader *reader,
                       const struct match_place *place, bool is_pool)
{
    static const char *const of_pools[] = {"members", "needed", NULL};
    static const char *const of_others[] = {"sources", "claims", "agenda",
                                            "ask_if_unknown", NULL};
    const char *const *wrong = is_pool ? of_others : of_pools;
    for (; *wrong != NULL; wrong++) {
        struct match_place field = match_place_child(place, *wrong);
        if (field.value != NULL) {
            return match_place_refuse(
                reader, &field, MATCH_ERROR_FIELD_CONFLICT,
                is_pool
                    ? "A pool has no time of its own; its members have, and none of "
                      "them is asked."
                    : "Only a party of the kind \"pool\" has members.");
        }
    }
    return true;
}

/* A patient who is concerned but absent is nobody whose time counts. */
static bool read_presence(const struct match_reader *reader,
                          const struct match_place *place, unsigned kind,
                          unsigned *importance, bool *ret_absent)
{
    unsigned presence = UNSAID;
    struct match_place field = match_place_child(place, "presence");
    struct match_place other = match_place_child(place, "importance");
    *ret_absent = false;
    if (!match_input_word(reader, place, "presence", presences, &presence) ||
        presence == UNSAID) {
        return presence == UNSAID && field.value == NULL;
    }
    if (kind != PATIENT || other.value != NULL) {
        return match_place_refuse(
            reader, &field, MATCH_ERROR_FIELD_CONFLICT,
            kind != PATIENT
                ? "Only the patient has a presence; others have an importance."
                : "Give the patient's presence or an importance, not both: soft is "
                  "optional, hard is indispensable.");
    }
    *importance = presence == HARD ? MATCH_INDISPENSABLE : MATCH_OPTIONAL;
    *ret_absent = presence == ABSENT;
    return true;
}

/* *ret_counts is false for a patient who is absent. */
static bool read_party(struct match_input *input, const struct match_reader *reader,
                       const struct match_place *place, unsigned kind, bool *ret_counts)
{
    size_t index = input->request.party_count;
    struct match_party *party = &input->parties[index];
    unsigned importance = MATCH_INDISPENSABLE;
    unsigned modality = 0;
    int32_t id = -1;
    bool is_absent = false;
    const char *structure = "";

    *party = (struct match_party){0};
    if (!match_place_fields(reader, place, party_fields)) {
        return false;
    }
    struct match_place name = match_place_child(place, "name");
    struct match_place acting = match_place_child(place, "structure");
    if (!match_place_text(reader, &name, MATCH_INPUT_NAME_BYTES,
                          &input->names[index]) ||
        (acting.value != NULL &&
         !match_place_text(reader, &acting, MATCH_INPUT_NAME_BYTES, &structure)) ||
        !match_place_number(reader, place, "id", 0, INT32_MAX, &id) ||
        !match_input_word(reader, place, "kind", kinds, &kind) ||
        !match_input_word(reader, place, "importance", importances, &importance) ||
        !match_input_word(reader, place, "modality", match_modalities, &modality) ||
        !match_input_place_if_any(input, reader, place, "place", &party->place) ||
        !check_kind(reader, place, kind == POOL) ||
        !read_presence(reader, place, kind, &importance, &is_absent) ||
        !match_place_number(reader, place, "buffer_before_minutes", 0, MATCH_BUFFER_MAX,
                            &party->buffer_before) ||
        !match_place_number(reader, place, "buffer_after_minutes", 0, MATCH_BUFFER_MAX,
                            &party->buffer_after) ||
        !match_place_flag(reader, place, "ask_if_unknown", &party->ask_if_unknown)) {
        return false;
    }
    party->id = id >= 0 ? (uint64_t)id : UNNAMED_IDS + index;
    party->modality = (uint8_t)modality;
    party->importance =
        importance == MATCH_OPTIONAL ? MATCH_OPTIONAL : MATCH_INDISPENSABLE;
    *ret_counts = !is_absent;
    input->members[index] = NULL;
    return kind == POOL ? read_members(input, reader, place, index)
                        : match_input_person(input, reader, place, &party->person);
}

static bool read_list(struct match_input *input, const struct match_reader *reader,
                      const struct match_place *root, const char *key, unsigned kind)
{
    size_t count = 0;
    struct match_place list = match_place_child(root, key);
    if (!match_place_array(reader, &list, MATCH_PARTIES_MAX,
                           MATCH_ERROR_TOO_MANY_PARTIES, &count)) {
        return false;
    }
    if (input->request.party_count + count > MATCH_PARTIES_MAX) {
        return match_place_refuse(reader, &list, MATCH_ERROR_TOO_MANY_PARTIES,
                                  "Parties and pools are %zu together; at most %d are "
                                  "allowed.",
                                  input->request.party_count + count,
                                  MATCH_PARTIES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        bool is_counted = true;
        struct match_place item = match_place_item(&list, i);
        input->lists[input->request.party_count] = key;
        input->list_indices[input->request.party_count] = i;
        if (!read_party(input, reader, &item, kind, &is_counted)) {
            return false;
        }
        input->request.party_count += is_counted;
    }
    return true;
}

/* Somebody who is named in the request, and where. */
struct mention {
    const char *name;
    uint64_t id;
    size_t party;
    size_t member; /* from 1 on; 0: the party itself */
};

static int compare_places(const struct mention *a, const struct mention *b)
{
    if (a->party != b->party) {
        return a->party < b->party ? -1 : 1;
    }
    return a->member < b->member ? -1 : a->member > b->member;
}

static int compare_names(const void *left, const void *right)
{
    const struct mention *a = left;
    const struct mention *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : compare_places(a, b);
}

static int compare_ids(const void *left, const void *right)
{
    const struct mention *a = left;
    const struct mention *b = right;
    if (a->id != b->id) {
        return a->id < b->id ? -1 : 1;
    }
    return compare_places(a, b);
}

static size_t mention_all(const struct match_input *input, struct mention *mentions)
{
    size_t count = 0;
    for (size_t i = 0; i < input->request.party_count; i++) {
        const struct match_party *party = &input->parties[i];
        mentions[count++] = (struct mention){input->names[i], party->id, i, 0};
        for (size_t j = 0; j < party->member_count; j++) {
            mentions[count++] =
                (struct mention){input->members[i][j], party->members[j].id, i, j + 1};
        }
    }
    return count;
}

/* At @other, which stands after @one. */
static bool refuse_twice(const struct match_input *input,
                         const struct match_reader *reader,
                         const struct match_place *root, const struct mention *one,
                         const struct mention *other)
{
    bool is_name = strcmp(one->name, other->name) == 0;
    struct match_place list = match_place_child(root, input->lists[other->party]);
    struct match_place party =
        match_place_item(&list, input->list_indices[other->party]);
    struct match_place members = match_place_child(&party, "members");
    struct match_place member =
        match_place_item(&members, other->member == 0 ? 0 : other->member - 1);
    struct match_place *somebody = other->member == 0 ? &party : &member;
    struct match_place field = match_place_child(somebody, is_name ? "name" : "id");
    return match_place_refuse(
        reader, json_is_string(somebody->value) ? somebody : &field,
        MATCH_ERROR_PARTY_TWICE,
        "\"%s\" and \"%s\" have the same %s; everybody, members of pools too, needs "
        "their own.",
        match_quote(one->name).text, match_quote(other->name).text,
        is_name ? "name" : "id");
}

/* Nobody stands in a request twice.  Ids matter to the matcher only where there are
 * pools. */
static bool check_twice(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root)
{
    size_t room = input->request.party_count;
    for (size_t i = 0; i < input->request.party_count; i++) {
        room += input->parties[i].member_count;
    }
    struct mention *mentions =
        match_input_allocate(input, reader, root, room, sizeof(*mentions));
    if (mentions == NULL) {
        return false;
    }
    size_t count = mention_all(input, mentions);
    qsort(mentions, count, sizeof(*mentions), compare_names);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(mentions[i - 1].name, mentions[i].name) == 0) {
            return refuse_twice(input, reader, root, &mentions[i - 1], &mentions[i]);
        }
    }
    if (count == input->request.party_count) {
        return true;
    }
    qsort(mentions, count, sizeof(*mentions), compare_ids);
    for (size_t i = 1; i < count; i++) {
        if (mentions[i - 1].id == mentions[i].id) {
            return refuse_twice(input, reader, root, &mentions[i - 1], &mentions[i]);
        }
    }
    return true;
}

bool match_input_parties(struct match_input *input, const struct match_reader *reader,
                         const struct match_place *root)
{
    input->request.party_count = 0;
    if (!read_list(input, reader, root, "parties", PROFESSIONAL) ||
        !read_list(input, reader, root, "pools", POOL)) {
        return false;
    }
    if (input->request.party_count == 0) {
        struct match_place list = match_place_child(root, "parties");
        return match_place_refuse(
            reader, &list, MATCH_ERROR_NO_PARTY,
            "There is nobody to bring together; give at least one "
            "party.");
    }
    input->request.parties = input->parties;
    return check_twice(input, reader, root);
}

bool match_input_people(struct match_input *input, const struct match_reader *reader,
                        const struct match_place *root, const char *key)
{
    struct match_place list = match_place_child(root, key);
    if (!match_place_array(reader, &list, MATCH_INPUT_PEOPLE_MAX,
                           MATCH_ERROR_TOO_MANY_PEOPLE, &input->people_count)) {
        return false;
    }
    input->people = match_input_allocate(input, reader, &list, input->people_count,
                                         sizeof(*input->people));
    if (input->people == NULL) {
        return false;
    }
    for (size_t i = 0; i < input->people_count; i++) {
        struct match_place item = match_place_item(&list, i);
        if (!read_somebody(input, reader, &item, &input->people[i])) {
            return false;
        }
    }
    return true;
}
