// SPDX-License-Identifier: Apache-2.0

#include "broker/batch.h"

#include "broker/fit.h"
#include "broker/matter.h"
#include "broker/view.h"
#include "proto/limits.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    LIST_FIRST = 8,    /* elements that a list begins with room for */
    PLACES_FIRST = 64, /* a power of two */
};

void batch_reset(struct batch *batch)
{
    struct batch fresh = {
        .arena = batch->arena,
        .index = batch->index,
        .proposer = batch->proposer,
        .seal = batch->seal,
        .clients = batch->clients,
    };
    *batch = fresh;
    arena_reset(&batch->arena);
}

/* One more element in a list that lives in @arena. */
static void *grow(struct batch *batch, struct arena *arena, void **list, size_t *count,
                  size_t *capacity, size_t size)
{
    if (*count == *capacity) {
        size_t wanted = *capacity == 0 ? LIST_FIRST : *capacity * 2;
        char *larger = arena_array(arena, wanted, size);
        if (larger == NULL) {
            batch->exhausted = true;
            return NULL;
        }
        if (*count > 0) {
            memcpy(larger, *list, *count * size);
        }
        *list = larger;
        *capacity = wanted;
    }
    return (char *)*list + (*count)++ * size;
}

void *batch_grow(struct batch *batch, void **list, size_t *count, size_t *capacity,
                 size_t size)
{
    return grow(batch, &batch->arena, list, count, capacity, size);
}

/* ---- meetings ----------------------------------------------------------------------
 */

size_t batch_slots_held(const struct entente_meeting *meeting)
{
    const struct entente_kept *kept = meeting->kept;
    if (kept->held_end == 0) {
        return 0;
    }
    return kept->candidates_count == 0 ? 1 : kept->candidates_count;
}

enum { MS_PER_MINUTE = 60000 };

/* Indexes are made of what is still to come. */
static bool has_past(const struct entente_meeting *meeting, int64_t now_ms)
{
    const struct entente_kept *kept = meeting->kept;
    int64_t now = now_ms / MS_PER_MINUTE + 1;
    bool past = (kept->held_end != 0 && kept->held_end <= now) ||
                (kept->firm_end != 0 && kept->firm_end <= now);
    for (size_t i = 0; i < kept->candidates_count; i++) {
        past = past || kept->candidates[i].end <= now;
    }
    return past;
}

/* Where an id stands, or the free place where it would.  Its last bytes are random. */
static size_t place_of(const struct batch *batch, const uint8_t *id)
{
    uint64_t hash;
    memcpy(&hash, id + 8, sizeof(hash));
    size_t place = (size_t)(hash ^ hash >> 32) & (batch->place_count - 1);
    while (batch->places[place] != 0 &&
           memcmp(batch->matters[batch->places[place] - 1].meeting->id.data, id, 16) !=
               0) {
        place = (place + 1) & (batch->place_count - 1);
    }
    return place;
}

/* Every matter at its place, at most half of which are taken. */
static bool place_matters(struct batch *batch)
{
    size_t first = 0;
    if (batch->matter_count * 2 <= batch->place_count) {
        first = batch->matter_count - 1;
    } else {
        size_t wanted = batch->place_count == 0 ? PLACES_FIRST : batch->place_count * 2;
        uint32_t *places = arena_array(&batch->arena, wanted, sizeof(*places));
        if (places == NULL) {
            return false;
        }
        memset(places, 0, wanted * sizeof(*places));
        batch->places = places;
        batch->place_count = wanted;
    }
    for (size_t i = first; i < batch->matter_count; i++) {
        size_t place = place_of(batch, batch->matters[i].meeting->id.data);
        if (batch->places[place] == 0) {
            batch->places[place] = (uint32_t)i + 1;
        }
    }
    return true;
}

static struct matter *add_matter(struct batch *batch, struct entente_meeting *meeting,
                                 uint32_t base_version)
{
    void *list = batch->matters;
    struct matter *matter = batch_grow(batch, &list, &batch->matter_count,
                                       &batch->matter_capacity, sizeof(*matter));
    if (matter == NULL) {
        return NULL;
    }
    batch->matters = list;
    *matter = (struct matter){.meeting = meeting, .base_version = base_version};
    if (!place_matters(batch)) {
        batch->exhausted = true;
        batch->matter_count--;
        return NULL;
    }
    if (base_version != 0) {
        struct store_due dues[MATTER_DUES_MAX];
        matter->held_before = batch_slots_held(meeting);
        matter->waited_before = meeting->state == ENTENTE_SEARCHING;
        matter->due_count_before = matter_dues(meeting, dues, 0);
        matter->dues_before =
            arena_copy(&batch->arena, dues, matter->due_count_before * sizeof(dues[0]));
        batch->exhausted = batch->exhausted || matter->dues_before == NULL;
        matter->had_past = has_past(meeting, batch->now_ms);
    }
    return matter;
}

bool batch_open(struct batch *batch, const struct store_loaded *loaded)
{
    /* Its lists live in the arena, but it itself ends with the callback, and a batch
     * that has people read again is decided later. */
    batch->loaded = arena_copy(&batch->arena, loaded, sizeof(*loaded));
    if (batch->loaded == NULL) {
        return false;
    }
    batch->now_ms = loaded->now_ms;
    for (size_t i = 0; i < loaded->people_count; i++) {
        batch->any_frozen = batch->any_frozen || loaded->people[i].frozen;
    }
    for (size_t i = 0; i < loaded->meeting_count; i++) {
        if (add_matter(batch, loaded->meetings[i], loaded->meetings[i]->version) ==
            NULL) {
            return false;
        }
    }
    return true;
}

static struct matter *find(const struct batch *batch, const uint8_t *meeting)
{
    uint32_t found =
        batch->place_count == 0 ? 0 : batch->places[place_of(batch, meeting)];
    return found == 0 ? NULL : &batch->matters[found - 1];
}

struct matter *batch_matter(struct batch *batch, const uint8_t *meeting)
{
    return find(batch, meeting);
}

struct matter *batch_new_matter(struct batch *batch, struct entente_meeting *meeting)
{
    return add_matter(batch, meeting, 0);
}

void batch_pass(struct batch *batch, struct matter *matter,
                const struct transition *row, int party)
{
    const struct entente_meeting *meeting = matter->meeting;
    const struct entente_kept *kept = meeting->kept;
    bool is_held = kept->held_end != 0;
    void *list = matter->path;
    struct passed *passed = batch_grow(batch, &list, &matter->path_count,
                                       &matter->path_capacity, sizeof(*passed));
    if (passed != NULL) {
        matter->path = list;
        *passed = (struct passed){
            .row = row,
            .version = meeting->version,
            .proposal = meeting->proposal == NULL ? 0 : meeting->proposal->number,
            .option = meeting->proposal == NULL ? 0 : meeting->proposal->option,
            .during = {is_held ? kept->held_start : kept->firm_start,
                       is_held ? kept->held_end : kept->firm_end},
            .party = party,
            .channel = meeting->last_actor == NULL ? 0 : meeting->last_actor->channel,
            .client = batch->deciding == NULL || batch->deciding->client == NULL
                          ? 0
                          : batch->deciding->client->id,
            .kept = matter->kept,
        };
        matter->kept = (struct propose_kept){0};
    }
}

bool batch_holds_person(const struct batch *batch, int64_t person)
{
    if (batch->refusal != NULL) {
        return true;
    }
    const struct store_person *people = batch->loaded->people;
    size_t low = 0;
    size_t high = batch->loaded->people_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (people[middle].person < person) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < batch->loaded->people_count && people[low].person == person;
}

bool batch_holds_people(const struct batch *batch,
                        const struct entente_meeting *meeting)
{
    for (size_t i = 0; i < meeting->kept->people_count; i++) {
        int64_t person = meeting->kept->people[i];
        if (person != 0 && !batch_holds_person(batch, person)) {
            return false;
        }
    }
    return true;
}

static bool is_frozen(const struct batch *batch, const int64_t *people, size_t count)
{
    for (size_t i = 0; i < batch->loaded->people_count; i++) {
        const struct store_person *person = &batch->loaded->people[i];
        for (size_t j = 0; person->frozen && j < count; j++) {
            if (people[j] == person->person) {
                return true;
            }
        }
    }
    return false;
}

bool batch_has_frozen(const struct batch *batch, const uint8_t *meeting)
{
    const struct store_loaded *loaded = batch->loaded;
    for (size_t i = 0; loaded->frozen != NULL && i < loaded->meeting_count; i++) {
        if (loaded->frozen[i] &&
            memcmp(loaded->meetings[i]->id.data, meeting, 16) == 0) {
            return true;
        }
    }
    return false;
}

/* Does it say what is to become of a meeting? */
static bool is_said(const struct command *command)
{
    return command->client != NULL && command->has_meeting &&
           command->envelope->body != ENTENTE_EVENT_RESULT;
}

bool batch_is_frozen(const struct batch *batch, const struct command *command)
{
    if (is_said(command) && batch_has_frozen(batch, command->meeting.bytes)) {
        return true; /* a yes makes firm what is held, and locks nobody for it */
    }
    if (!batch->any_frozen) {
        return false;
    }
    const struct matter *matter = find(batch, command->meeting.bytes);
    const struct entente_kept *kept = matter == NULL ? NULL : matter->meeting->kept;
    return is_frozen(batch, command->people, command->people_count) ||
           is_frozen(batch, command->more_people, command->more_people_count) ||
           (command->with_people && kept != NULL &&
            is_frozen(batch, kept->people, kept->people_count));
}

/* ---- what a command needs beside -----------------------------------------------------
 */

void batch_need_meeting(struct batch *batch, struct command *command,
                        const uint8_t *meeting)
{
    for (size_t i = 0; i < command->other_count; i++) {
        if (memcmp(command->others[i].bytes, meeting, 16) == 0) {
            return;
        }
    }
    void *list = command->others;
    struct store_id *place = grow(batch, &command->arena, &list, &command->other_count,
                                  &command->other_capacity, sizeof(*place));
    command->others = list;
    if (place != NULL) {
        memcpy(place->bytes, meeting, sizeof(place->bytes));
    }
}

void batch_need_person(struct batch *batch, struct command *command, int64_t person)
{
    for (size_t i = 0; i < command->more_people_count; i++) {
        if (command->more_people[i] == person) {
            return;
        }
    }
    void *list = command->more_people;
    int64_t *place = grow(batch, &command->arena, &list, &command->more_people_count,
                          &command->more_people_capacity, sizeof(*place));
    command->more_people = list;
    if (place != NULL) {
        *place = person;
    }
}

/* ---- claims ------------------------------------------------------------------------
 */

static bool remember_before(struct batch *batch, int64_t person, const uint8_t *meeting)
{
    for (size_t i = 0; i < batch->before_count; i++) {
        if (batch->before[i].person == person &&
            memcmp(batch->before[i].meeting, meeting, 16) == 0) {
            return true;
        }
    }
    void *list = batch->before;
    struct claim_before *before = batch_grow(batch, &list, &batch->before_count,
                                             &batch->before_capacity, sizeof(*before));
    if (before == NULL) {
        return false;
    }
    batch->before = list;
    before->person = person;
    memcpy(before->meeting, meeting, sizeof(before->meeting));
    before->count =
        index_claims(batch->index, person, meeting, before->holds, INDEX_CLAIMS_MAX);
    return true;
}

void batch_claim(struct batch *batch, const struct matter *matter, int64_t person,
                 const struct index_hold *holds, size_t count)
{
    const uint8_t *meeting = matter->meeting->id.data;
    if (!remember_before(batch, person, meeting) ||
        !index_claim(batch->index, person, meeting, holds, count)) {
        batch->exhausted = true;
    }
}

bool batch_has_released(const struct batch *batch, const struct claim_before *before)
{
    struct index_hold after[sizeof(before->holds) / sizeof(before->holds[0])];
    size_t room = sizeof(after) / sizeof(after[0]);
    size_t count =
        index_claims(batch->index, before->person, before->meeting, after, room);
    for (size_t i = 0; i < before->count; i++) {
        const struct match_span span = before->holds[i].span;
        bool stands = false;
        for (size_t j = 0; j < count && j < room; j++) {
            stands = stands || (after[j].span.start <= span.start &&
                                span.end <= after[j].span.end);
        }
        if (!stands) {
            return true;
        }
    }
    return false;
}

void batch_undo(struct batch *batch)
{
    for (size_t i = 0; i < batch->before_count; i++) {
        const struct claim_before *before = &batch->before[i];
        /* The person had room for as many before. */
        if (!index_claim(batch->index, before->person, before->meeting, before->holds,
                         before->count)) {
            batch->exhausted = true;
        }
    }
    batch->before_count = 0;
}

/* ---- replies -----------------------------------------------------------------------
 */

const char *batch_number(struct batch *batch, int64_t number)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, number);
    const char *copy = arena_text(&batch->arena, text);
    return copy == NULL ? "?" : copy;
}

static void reply(struct batch *batch, struct command *command,
                  struct entente_envelope *envelope)
{
    envelope->version = ENTENTE_PROTOCOL_VERSION;
    envelope->request_epoch = command->key.epoch;
    envelope->request_counter = command->key.counter;
    if (command->client == NULL || batch->refusal != NULL) {
        return;
    }
    if (!fit_encode(envelope, &batch->arena, &command->reply)) {
        batch->exhausted = true;
    }
}

enum outcome reply_meeting(struct batch *batch, struct command *command,
                           struct matter *matter)
{
    const struct entente_meeting *shown =
        view_meeting(matter->meeting, command->client, &batch->arena);
    struct entente_envelope envelope = {.body = ENTENTE_MEETING,
                                        .meeting = (struct entente_meeting *)shown};
    if (shown == NULL) {
        batch->exhausted = true;
        return OUTCOME_DECIDED;
    }
    reply(batch, command, &envelope);
    memcpy(command->meeting.bytes, matter->meeting->id.data,
           sizeof(command->meeting.bytes));
    command->version = view_version(matter->meeting, command->client);
    command->recorded = command->client != NULL;
    return OUTCOME_DECIDED;
}

enum outcome reply_done(struct batch *batch, struct command *command)
{
    struct entente_done done = {0};
    struct entente_envelope envelope = {.body = ENTENTE_DONE_REPLY, .done = &done};
    reply(batch, command, &envelope);
    return OUTCOME_DECIDED;
}

/* For whoever only wanted to know. */
static void keep_refusal(struct batch *batch, const struct entente_error *error)
{
    struct refusal *kept = batch->refusal;
    kept->code = error->code;
    kept->sentence = arena_text(&batch->arena, error->sentence);
    kept->parameters_count = error->parameters_count;
    for (size_t i = 0; i < error->parameters_count; i++) {
        kept->parameters[i] = arena_text(&batch->arena, error->parameters[i]);
        batch->exhausted = batch->exhausted || kept->parameters[i] == NULL;
    }
    if (error->meeting != NULL && error->code == ERROR_NO_SLOT) {
        kept->slots = error->meeting->alternatives;
        kept->slots_count = error->meeting->alternatives_count;
    }
}

enum outcome refuse(struct batch *batch, struct command *command, unsigned code,
                    const struct entente_meeting *meeting, ...)
{
    const char *parameters[LIMIT_ERROR_PARAMETERS];
    char sentence[LIMIT_TEXT_BYTES];
    struct entente_error error = {
        .code = code, .parameters = parameters, .meeting = NULL};
    va_list arguments;
    va_start(arguments, meeting);
    const char *parameter;
    while (error.parameters_count < LIMIT_ERROR_PARAMETERS &&
           (parameter = va_arg(arguments, const char *)) != NULL) {
        parameters[error.parameters_count++] = parameter;
    }
    va_end(arguments);
    error_sentence(code, NULL, parameters, error.parameters_count, sentence,
                   sizeof(sentence));
    error.sentence = sentence;
    error.meeting =
        (struct entente_meeting *)view_told(meeting, command->client, &batch->arena);
    if (batch->refusal != NULL) {
        keep_refusal(batch, &error);
    }
    struct entente_envelope envelope = {.body = ENTENTE_ERROR, .error = &error};
    reply(batch, command, &envelope);
    command->failed = true;
    return OUTCOME_DECIDED;
}
