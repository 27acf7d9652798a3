// SPDX-License-Identifier: Apache-2.0

#include "broker/index.h"

#include "broker/index_internal.h"

#include <stdlib.h>
#include <string.h>

struct index *index_create(void)
{
    return calloc(1, sizeof(struct index));
}

void index_destroy(struct index *index)
{
    if (index == NULL) {
        return;
    }
    size_t cursor = 0;
    struct index_entry *entry;
    while ((entry = map_next(&index->people, &cursor)) != NULL) {
        index_record_forget(index, entry);
        free(entry->person.claims);
        free(entry);
    }
    index_free_sources(index);
    map_finish(&index->people);
    map_finish(&index->identifiers);
    index_texts_finish(&index->systems);
    index_texts_finish(&index->places);
    index_bench_finish(&index->bench);
    index_rows_finish(index);
    shelf_finish(&index->shelf);
    free(index);
}

/* ---- people ------------------------------------------------------------------------
 */

static uint64_t hash_identifier(const char *system, const char *value)
{
    /* The NUL between them keeps ("ab", "c") apart from ("a", "bc"). */
    uint64_t hash = map_hash(0, system, strlen(system) + 1);
    return map_hash(hash, value, strlen(value));
}

static bool has_value(const struct index_entry *entry, const char *system,
                      const char *value)
{
    return entry->system != NULL && strcmp(entry->system, system) == 0 &&
           strcmp(entry->identifier, value) == 0;
}

static bool has_blind(const struct index_entry *entry, const uint8_t *blind)
{
    return entry->system == NULL &&
           memcmp(entry->identifier, blind, INDEX_BLIND_SIZE) == 0;
}

static struct index_entry *new_entry(struct index *index, int64_t person, uint32_t kind,
                                     const char *system, const char *value,
                                     const uint8_t *blind)
{
    const void *identifier = blind != NULL ? (const void *)blind : value;
    size_t size = blind != NULL ? INDEX_BLIND_SIZE : strlen(value) + 1;
    uint32_t number =
        blind != NULL ? 0 : index_text_number(&index->systems, system, SIZE_MAX);
    struct index_entry *entry = calloc(1, sizeof(*entry) + size);
    if (entry == NULL || (blind == NULL && number == 0)) {
        free(entry);
        return NULL;
    }
    entry->person.person = person;
    entry->person.kind = kind;
    entry->system = blind != NULL ? NULL : index->systems.by_number[number - 1];
    memcpy(entry->identifier, identifier, size);
    index->bytes += sizeof(*entry) + size;
    return entry;
}

static void free_new_entry(struct index *index, struct index_entry *entry,
                           const uint8_t *blind)
{
    index->bytes -= sizeof(*entry) +
                    (blind != NULL ? INDEX_BLIND_SIZE : strlen(entry->identifier) + 1);
    free(entry);
}

bool index_add_person(struct index *index, int64_t person, uint32_t kind,
                      const char *system, const char *value, const uint8_t *blind)
{
    if (map_get(&index->people, (uint64_t)person) != NULL) {
        return true;
    }
    struct index_entry *entry = new_entry(index, person, kind, system, value, blind);
    if (entry == NULL) {
        return false;
    }
    uint64_t hash = blind != NULL ? map_hash(0, blind, INDEX_BLIND_SIZE)
                                  : hash_identifier(system, value);
    entry->next = map_get(&index->identifiers, hash);
    if (!map_put(&index->people, (uint64_t)person, entry)) {
        free_new_entry(index, entry, blind);
        return false;
    }
    if (!map_put(&index->identifiers, hash, entry)) {
        map_remove(&index->people, (uint64_t)person);
        free_new_entry(index, entry, blind);
        return false;
    }
    return true;
}

struct index_person *index_person(const struct index *index, int64_t person)
{
    return map_get(&index->people, (uint64_t)person);
}

/* An entry begins with its person. */
static struct index_person *person_of(struct index_entry *entry)
{
    return entry == NULL ? NULL : &entry->person;
}

struct index_person *index_find(const struct index *index, const char *system,
                                const char *value)
{
    struct index_entry *entry =
        map_get(&index->identifiers, hash_identifier(system, value));
    while (entry != NULL && !has_value(entry, system, value)) {
        entry = entry->next;
    }
    return person_of(entry);
}

struct index_person *index_find_blind(const struct index *index, const uint8_t *blind)
{
    struct index_entry *entry =
        map_get(&index->identifiers, map_hash(0, blind, INDEX_BLIND_SIZE));
    while (entry != NULL && !has_blind(entry, blind)) {
        entry = entry->next;
    }
    return person_of(entry);
}

bool index_identifier(const struct index_person *person,
                      struct entente_identifier *ret_identifier)
{
    /* Every person of the index is the first part of an entry. */
    const struct index_entry *entry = (const struct index_entry *)person;
    if (entry->system == NULL) {
        return false;
    }
    *ret_identifier = (struct entente_identifier){.system = entry->system,
                                                  .value = entry->identifier};
    return true;
}

size_t index_people(const struct index *index)
{
    return index->people.count;
}

size_t index_sources(const struct index *index)
{
    return index->source_count;
}

size_t index_bytes(const struct index *index)
{
    return index->bytes + index->shelf.bytes + index->systems.bytes +
           index->places.bytes + map_bytes(&index->people) +
           map_bytes(&index->identifiers) + map_bytes(&index->sources) +
           index_rows_bytes(index);
}

uint16_t index_place(const struct index *index, const char *key)
{
    return (uint16_t)index_text_find(&index->places, key);
}

uint16_t index_name_place(struct index *index, const char *key)
{
    if (key == NULL) {
        return 0;
    }
    uint32_t number = index_text_number(&index->places, key, INDEX_PLACES_MAX);
    return number == 0 ? INDEX_PLACE_ELSEWHERE : (uint16_t)number;
}

const char *index_place_key(const struct index *index, uint16_t place)
{
    return place == 0 || place > index->places.count
               ? NULL
               : index->places.by_number[place - 1];
}

void index_pin(struct index *index, struct shelf_pin *pin)
{
    shelf_hold(&index->shelf, pin);
}

void index_unpin(struct index *index, struct shelf_pin *pin)
{
    shelf_let_go(&index->shelf, pin);
}

/* ---- claims ------------------------------------------------------------------------
 */

static bool is_of(const struct index_claim *claim, const uint8_t *meeting)
{
    return memcmp(claim->meeting, meeting, sizeof(claim->meeting)) == 0;
}

static void insert_claim(struct index_person *person, const uint8_t *meeting,
                         struct index_hold hold)
{
    size_t at = person->claim_count;
    while (at > 0 && person->claims[at - 1].hold.span.start > hold.span.start) {
        person->claims[at] = person->claims[at - 1];
        at--;
    }
    person->claims[at].hold = hold;
    memcpy(person->claims[at].meeting, meeting, sizeof(person->claims[at].meeting));
    person->claim_count++;
}

static bool reserve_claims(struct index *index, struct index_entry *entry,
                           size_t wanted)
{
    struct index_person *person = &entry->person;
    if (wanted <= entry->claim_capacity) {
        return true;
    }
    size_t capacity = wanted + wanted / 2 + 1;
    void *claims = realloc(person->claims, capacity * sizeof(*person->claims));
    if (claims == NULL) {
        return false;
    }
    index->bytes += (capacity - entry->claim_capacity) * sizeof(*person->claims);
    person->claims = claims;
    entry->claim_capacity = (uint32_t)capacity;
    return true;
}

bool index_claim(struct index *index, int64_t id, const uint8_t *meeting,
                 const struct index_hold *holds, size_t count)
{
    struct index_person *person = index_person(index, id);
    if (person == NULL) {
        return true;
    }
    struct index_entry *entry = (struct index_entry *)person;
    /* Room first, so that a failure changes nothing. */
    if (!reserve_claims(index, entry, person->claim_count + count)) {
        return false;
    }
    uint32_t kept = 0;
    for (size_t i = 0; i < person->claim_count; i++) {
        if (!is_of(&person->claims[i], meeting)) {
            person->claims[kept++] = person->claims[i];
        } else {
            index_rows_note(index, entry, person->claims[i].hold.span);
        }
    }
    person->claim_count = kept;
    for (size_t i = 0; i < count; i++) {
        insert_claim(person, meeting, holds[i]);
        index_rows_note(index, entry, holds[i].span);
    }
    return true;
}

bool index_add_claim(struct index *index, int64_t id, const uint8_t *meeting,
                     struct index_hold hold)
{
    struct index_person *person = index_person(index, id);
    if (person == NULL) {
        return true;
    }
    struct index_entry *entry = (struct index_entry *)person;
    if (!reserve_claims(index, entry, person->claim_count + 1)) {
        return false;
    }
    insert_claim(person, meeting, hold);
    index_rows_note(index, entry, hold.span);
    return true;
}

size_t index_claims(const struct index *index, int64_t id, const uint8_t *meeting,
                    struct index_hold *ret, size_t capacity)
{
    const struct index_person *person = index_person(index, id);
    size_t count = 0;
    for (size_t i = 0; person != NULL && i < person->claim_count && count < capacity;
         i++) {
        if (is_of(&person->claims[i], meeting)) {
            ret[count++] = person->claims[i].hold;
        }
    }
    return count;
}

void index_forget(struct index *index, minute_t minute)
{
    /* Rows keep what was claimed before: nobody asks about what is over. */
    size_t cursor = 0;
    struct index_entry *entry;
    while ((entry = map_next(&index->people, &cursor)) != NULL) {
        struct index_person *person = &entry->person;
        uint32_t kept = 0;
        for (size_t i = 0; i < person->claim_count; i++) {
            if (person->claims[i].hold.span.end > minute) {
                person->claims[kept++] = person->claims[i];
            }
        }
        person->claim_count = kept;
    }
}
