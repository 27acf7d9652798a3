// SPDX-License-Identifier: Apache-2.0

/*
 * explore_cards.c - the part of explore.h that keeps each card once
 */
#include "tests/model/explore.h"

#include "proto/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA = 1 << 30, FIRST_CAPACITY = 1 << 16 };

static void must(bool done)
{
    if (!done) {
        fprintf(stderr, "explore: out of memory\n");
        abort();
    }
}

/* ---- a map -------------------------------------------------------------------------
 */

static uint64_t mix(uint64_t key)
{
    /* The finalizer of splitmix64: every bit of the key reaches every bit of the place. */
    key = (key ^ (key >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ (key >> 27)) * UINT64_C(0x94d049bb133111eb);
    return key ^ (key >> 31);
}

void wide_map_open(struct wide_map *map, size_t capacity, bool values)
{
    map->keys = calloc(capacity, sizeof(*map->keys));
    map->values = values ? calloc(capacity, sizeof(*map->values)) : NULL;
    map->capacity = capacity;
    map->count = 0;
    must(map->keys != NULL && (!values || map->values != NULL));
}

void wide_map_close(struct wide_map *map)
{
    free(map->keys);
    free(map->values);
}

static size_t place_of(const struct wide_map *map, uint64_t key)
{
    size_t at = (size_t)mix(key) & (map->capacity - 1);
    while (map->keys[at] != 0 && map->keys[at] != key) {
        at = (at + 1) & (map->capacity - 1);
    }
    return at;
}

static void widen(struct wide_map *map)
{
    struct wide_map wider;
    wide_map_open(&wider, map->capacity * 2, map->values != NULL);
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->keys[i] != 0) {
            size_t at = place_of(&wider, map->keys[i]);
            wider.keys[at] = map->keys[i];
            if (map->values != NULL) {
                wider.values[at] = map->values[i];
            }
        }
    }
    wider.count = map->count;
    wide_map_close(map);
    *map = wider;
}

bool wide_map_put(struct wide_map *map, uint64_t key, uint64_t value,
                  uint64_t *ret_value)
{
    size_t at = place_of(map, key);
    bool fresh = map->keys[at] == 0;
    if (fresh) {
        map->keys[at] = key;
        if (map->values != NULL) {
            map->values[at] = value;
        }
        map->count++;
    }
    if (ret_value != NULL) {
        *ret_value = map->values == NULL ? 0 : map->values[at];
    }
    if (map->count * 3 > map->capacity * 2) {
        widen(map);
    }
    return fresh;
}

void wide_map_set(struct wide_map *map, uint64_t key, uint64_t value)
{
    map->values[place_of(map, key)] = value;
}

/* ---- texts that are kept once ------------------------------------------------------
 */

struct text {
    struct text *next; /* of the same hash */
    const uint8_t *bytes;
    size_t size;
    uint32_t number;
};

struct texts {
    struct wide_map by_hash; /* the number of the last one with this hash */
    struct text **list;      /* by number, from 1 on */
    size_t capacity;
    uint32_t count;
};

static uint64_t hash_of(const uint8_t *bytes, size_t size)
{
    uint64_t hash = size;
    for (size_t i = 0; i < size; i += sizeof(hash)) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, size - i < sizeof(word) ? size - i : sizeof(word));
        hash = mix(hash ^ word);
    }
    return hash == 0 ? 1 : hash;
}

static struct text *new_text(struct texts *texts, struct arena *arena)
{
    if (texts->count + 1 >= texts->capacity) {
        texts->capacity = texts->capacity == 0 ? FIRST_CAPACITY : texts->capacity * 2;
        texts->list = realloc(texts->list, texts->capacity * sizeof(struct text *));
        must(texts->list != NULL);
    }
    struct text *made = arena_alloc(arena, sizeof(*made));
    must(made != NULL);
    made->number = ++texts->count;
    texts->list[made->number] = made;
    return made;
}

/* The number of these bytes, from 1 on. */
static uint32_t number_of(struct texts *texts, struct arena *arena,
                          const uint8_t *bytes, size_t size)
{
    struct text *first = NULL;
    uint64_t hash = hash_of(bytes, size);
    size_t at = place_of(&texts->by_hash, hash);
    if (texts->by_hash.keys[at] != 0) {
        first = texts->list[texts->by_hash.values[at]];
    }
    for (const struct text *text = first; text != NULL; text = text->next) {
        if (text->size == size && memcmp(text->bytes, bytes, size) == 0) {
            return text->number;
        }
    }
    struct text *made = new_text(texts, arena);
    made->bytes = arena_copy(arena, bytes, size);
    must(made->bytes != NULL);
    made->size = size;
    made->next = first;
    if (first != NULL) {
        texts->by_hash.values[at] = made->number;
    } else {
        wide_map_put(&texts->by_hash, hash, made->number, NULL);
    }
    return made->number;
}

/* ---- cards -------------------------------------------------------------------------
 */

struct cards {
    struct arena arena; /* lives on */
    struct texts texts;
    struct texts claims;
    struct card **list; /* by number */
    size_t capacity;
};

struct cards *cards_create(void)
{
    struct cards *cards = calloc(1, sizeof(*cards));
    must(cards != NULL);
    arena_init(&cards->arena, ARENA);
    wide_map_open(&cards->texts.by_hash, FIRST_CAPACITY, true);
    wide_map_open(&cards->claims.by_hash, FIRST_CAPACITY, true);
    return cards;
}

void cards_destroy(struct cards *cards)
{
    wide_map_close(&cards->texts.by_hash);
    wide_map_close(&cards->claims.by_hash);
    free(cards->texts.list);
    free(cards->claims.list);
    arena_finish(&cards->arena);
    free(cards->list);
    free(cards);
}

/* Make room for the card @number. */
static void reach(struct cards *cards, uint32_t number)
{
    if (number >= cards->capacity) {
        size_t wanted = cards->capacity == 0 ? FIRST_CAPACITY : cards->capacity * 2;
        struct card **longer = realloc(cards->list, wanted * sizeof(struct card *));
        must(longer != NULL);
        cards->list = longer;
        cards->capacity = wanted;
    }
}

static uint32_t claims_number(struct cards *cards, const struct card *card)
{
    int32_t flat[PEOPLE * (1 + HOLDS * 3)];
    size_t count = 0;
    for (size_t person = 0; person < PEOPLE; person++) {
        flat[count++] = (int32_t)card->hold_count[person];
        for (size_t i = 0; i < card->hold_count[person]; i++) {
            flat[count++] = card->holds[person][i].span.start;
            flat[count++] = card->holds[person][i].span.end;
            flat[count++] = card->holds[person][i].place;
        }
    }
    return number_of(&cards->claims, &cards->arena, (const uint8_t *)flat,
                     count * sizeof(flat[0]));
}

uint32_t cards_number(struct cards *cards, struct entente_meeting *meeting,
                      struct index_hold holds[PEOPLE][HOLDS],
                      const size_t hold_count[PEOPLE])
{
    static uint8_t whole[1 << 16];
    struct card card = {0};
    memcpy(card.holds, holds, sizeof(card.holds));
    memcpy(card.hold_count, hold_count, sizeof(card.hold_count));
    card.claims = claims_number(cards, &card);
    memcpy(whole, &card.claims, sizeof(card.claims));
    size_t size = sizeof(card.claims) + flat_write(meeting, whole + sizeof(card.claims),
                                                   sizeof(whole) - sizeof(card.claims));
    uint32_t before = cards->texts.count;
    uint32_t number = number_of(&cards->texts, &cards->arena, whole, size);
    if (number > before) {
        image_make(meeting, &cards->arena, &card.image);
        card.meeting = (const struct entente_meeting *)(const void *)card.image.bytes;
        reach(cards, number);
        cards->list[number] = arena_copy(&cards->arena, &card, sizeof(card));
        must(cards->list[number] != NULL);
    }
    return number;
}

const struct card *cards_get(const struct cards *cards, uint32_t number)
{
    static const struct card none = {0};
    return number == NO_CARD ? &none : cards->list[number];
}

uint32_t cards_count(const struct cards *cards)
{
    return cards->texts.count;
}
