// SPDX-License-Identifier: Apache-2.0

/*
 * publisher_stage.c - the part of publisher.c that puts a publication together
 */
#include "broker/publisher_internal.h"

#include "broker/person.h"
#include "proto/limits.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PUBLICATION_BYTES = 16 << 20 };

/* A snapshot of which some parts are still to come. */
struct staging {
    struct staging *next;
    struct command *last_part; /* the ones before it hang on it */
    size_t ranges;
};

/* ---- refusals ----------------------------------------------------------------------
 */

static void refuse_source(struct broker *broker, struct command *command, unsigned code,
                          const char *source, uint64_t one, uint64_t two)
{
    char first[24];
    char second[24];
    snprintf(first, sizeof(first), "%" PRIu64, one);
    snprintf(second, sizeof(second), "%" PRIu64, two);
    const struct codec_error refusal = {
        .code = code, .parameters = {source, first, second}, .parameter_count = 3};
    publisher_refuse(broker, command, &refusal);
}

static void refuse_plainly(struct broker *broker, struct command *command,
                           unsigned code, const char *parameter)
{
    const struct codec_error refusal = {.code = code,
                                        .parameters = {parameter},
                                        .parameter_count = parameter == NULL ? 0 : 1};
    publisher_refuse(broker, command, &refusal);
}

/* What was published cannot be used, and only the whole will do: ask for it. */
static void ask_for_snapshot(struct broker *broker, struct command *command,
                             unsigned code, const struct index_source *source)
{
    char key[LIMIT_NAME_BYTES + 1];
    const struct client *client = command->client;
    uint64_t sequence = source == NULL ? 0 : source->sequence;
    snprintf(key, sizeof(key), "%s", command->envelope->publish->source);
    refuse_source(broker, command, code, key, sequence, 0);
    (void)session_resync(broker, client, key, source == NULL ? 0 : source->epoch,
                         sequence);
}

/* ---- staging -----------------------------------------------------------------------
 */

static bool is_same_snapshot(const struct command *a, const struct command *b)
{
    const struct entente_publish *one = a->envelope->publish;
    const struct entente_publish *two = b->envelope->publish;
    return a->client == b->client && one->epoch == two->epoch &&
           one->sequence == two->sequence && strcmp(one->source, two->source) == 0;
}

static struct staging **find_staging(struct broker *broker, const struct command *part)
{
    struct staging **place = &broker->stagings;
    while (*place != NULL && ((*place)->last_part->client != part->client ||
                              strcmp((*place)->last_part->envelope->publish->source,
                                     part->envelope->publish->source) != 0)) {
        place = &(*place)->next;
    }
    return place;
}

static struct command *take_out(struct broker *broker, struct staging **place)
{
    struct staging *staging = *place;
    struct command *last = staging->last_part;
    *place = staging->next;
    broker->staged_ranges -= staging->ranges;
    free(staging);
    return last;
}

static uint32_t part_of(const struct entente_publish *publish)
{
    return publish->part == 0 ? 1 : publish->part;
}

static uint32_t parts_of(const struct entente_publish *publish)
{
    return publish->parts == 0 ? 1 : publish->parts;
}

/* The part goes behind those before it.  Returns the whole once it is complete. */
static struct command *stage(struct broker *broker, struct command *part)
{
    const struct entente_publish *publish = part->envelope->publish;
    struct staging **place = find_staging(broker, part);
    uint32_t expected = 1;
    if (*place != NULL) {
        const struct entente_publish *before = (*place)->last_part->envelope->publish;
        bool same = is_same_snapshot((*place)->last_part, part);
        expected = same ? part_of(before) + 1 : 1;
        if (part_of(publish) == 1 || !same || parts_of(before) != parts_of(publish)) {
            /* A newer snapshot was begun: the older one will never be whole. */
            refuse_source(broker, take_out(broker, place), ERROR_SNAPSHOT_PARTS,
                          publish->source, part_of(publish), 0);
            expected = 1;
            place = find_staging(broker, part);
        }
    }
    if (part_of(publish) != expected || part_of(publish) > parts_of(publish)) {
        refuse_source(broker, part, ERROR_SNAPSHOT_PARTS, publish->source,
                      part_of(publish), 0);
        return NULL;
    }
    size_t ranges = publish->ranges_count + (*place == NULL ? 0 : (*place)->ranges);
    if (ranges > LIMIT_SOURCE_RANGES) {
        refuse_plainly(broker, part, ERROR_TOO_MANY_RANGES, "10000");
        if (*place != NULL) {
            refuse_plainly(broker, take_out(broker, place), ERROR_TOO_MANY_RANGES,
                           "10000");
        }
        return NULL;
    }
    if (part_of(publish) == parts_of(publish)) {
        part->parts = *place == NULL ? NULL : take_out(broker, place);
        return part;
    }
    if (broker->staged_ranges + publish->ranges_count > BROKER_STAGED_RANGES) {
        refuse_plainly(broker, part, ERROR_OVERLOADED, NULL);
        return NULL;
    }
    if (*place == NULL) {
        struct staging *staging = calloc(1, sizeof(*staging));
        if (staging == NULL) {
            refuse_plainly(broker, part, ERROR_OVERLOADED, NULL);
            return NULL;
        }
        *place = staging;
    }
    part->parts = (*place)->last_part;
    (*place)->last_part = part;
    (*place)->ranges = ranges;
    broker->staged_ranges += publish->ranges_count;
    return NULL;
}

void publisher_forget(struct broker *broker, int64_t client)
{
    struct staging **place = &broker->stagings;
    while (*place != NULL) {
        if (client != 0 && (*place)->last_part->client->id != client) {
            place = &(*place)->next;
            continue;
        }
        publisher_release(broker, take_out(broker, place));
    }
}

void publisher_finish(struct broker *broker)
{
    publisher_forget(broker, 0);
    struct command *command;
    while ((command = queue_pop(&broker->publications)) != NULL ||
           (command = queue_pop(&broker->publishing)) != NULL) {
        publisher_release(broker, command);
    }
}

void publisher_add(struct broker *broker, struct command *command)
{
    command->arrived_ms = broker_mono_ms();
    if (command->envelope->body == ENTENTE_PUBLISH &&
        command->envelope->publish->publication != ENTENTE_DELTA) {
        command = stage(broker, command);
    }
    if (command != NULL) {
        command->publication.client = command->client->id;
        command->publication.key = command->envelope->body == ENTENTE_PUBLISH
                                       ? command->envelope->publish->source
                                       : command->envelope->withdraw->source;
        queue_push(&broker->publications, command);
    }
}

/* ---- preparing ---------------------------------------------------------------------
 */

static bool join_parts(struct command *last, struct store_publication *row)
{
    size_t count = 0;
    for (const struct command *c = last; c != NULL; c = c->parts) {
        count += c->envelope->publish->ranges_count;
    }
    struct entente_range *ranges = arena_array(&last->arena, count, sizeof(*ranges));
    if (ranges == NULL) {
        return false;
    }
    size_t at = count;
    for (const struct command *c = last; c != NULL; c = c->parts) {
        const struct entente_publish *part = c->envelope->publish;
        at -= part->ranges_count;
        if (part->ranges_count > 0) {
            memcpy(ranges + at, part->ranges, part->ranges_count * sizeof(*ranges));
        }
    }
    row->ranges = ranges;
    row->range_count = count;
    return true;
}

/* Append what of @range lies in [from, until). */
static size_t append(struct entente_range *ranges, size_t count,
                     const struct entente_range *range, int32_t from, int32_t until)
{
    struct entente_range cut = *range;
    cut.start = cut.start < from ? from : cut.start;
    cut.end = cut.end > until ? until : cut.end;
    if (cut.start < cut.end) {
        ranges[count++] = cut;
    }
    return count;
}

/* The index may forget its texts before the publication is written. */
static bool own_texts(struct entente_range *range, struct arena *arena)
{
    if (range->place != NULL) {
        range->place = arena_text(arena, range->place);
        if (range->place == NULL) {
            return false;
        }
    }
    if (range->meeting.size > 0) {
        range->meeting.data =
            arena_copy(arena, range->meeting.data, range->meeting.size);
    }
    return range->meeting.size == 0 || range->meeting.data != NULL;
}

/* What the source said outside the delta's coverage, and what the delta says inside. */
static bool lay_over(const struct index *index, const struct index_source *source,
                     struct command *command, struct store_publication *row)
{
    const struct entente_publish *publish = command->envelope->publish;
    struct entente_range *old = NULL;
    size_t old_count = 0;
    if (!index_source_ranges(index, source, &command->arena, &old, &old_count)) {
        return false;
    }
    struct entente_range *ranges = arena_array(
        &command->arena, old_count * 2 + publish->ranges_count, sizeof(*ranges));
    if (ranges == NULL) {
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < old_count; i++) {
        if (!own_texts(&old[i], &command->arena)) {
            return false;
        }
        count = append(ranges, count, &old[i], INT32_MIN, publish->coverage->start);
        count = append(ranges, count, &old[i], publish->coverage->end, INT32_MAX);
    }
    for (size_t i = 0; i < publish->ranges_count; i++) {
        ranges[count++] = publish->ranges[i];
    }
    qsort(ranges, count, sizeof(*ranges), index_compare_ranges);
    row->ranges = ranges;
    row->range_count = count;
    row->coverage_start = source->coverage.start < publish->coverage->start
                              ? source->coverage.start
                              : publish->coverage->start;
    row->coverage_end = source->coverage.end > publish->coverage->end
                            ? source->coverage.end
                            : publish->coverage->end;
    return true;
}

/* Does the numbering fit what is held?  False: it has been answered. */
static bool is_next(struct broker *broker, struct command *command,
                    const struct index_source *source, const char *key, uint64_t epoch,
                    uint64_t sequence)
{
    const struct session *session = session_of_client(broker, command->client->id);
    uint64_t granted = session == NULL ? 0 : session->publication_epoch;
    bool whole = command->envelope->body == ENTENTE_PUBLISH &&
                 command->envelope->publish->publication != ENTENTE_DELTA;
    if (epoch > granted || (source != NULL && epoch < source->epoch)) {
        refuse_source(broker, command, ERROR_EPOCH, key, epoch,
                      source == NULL ? granted : source->epoch);
        return false;
    }
    if (source == NULL) {
        if (!whole && command->envelope->body == ENTENTE_PUBLISH) {
            ask_for_snapshot(broker, command, ERROR_UNKNOWN_SOURCE, NULL);
        } else if (!whole) {
            refuse_source(broker, command, ERROR_UNKNOWN_SOURCE, key, 0, 0);
        }
        return whole;
    }
    if (epoch == source->epoch && sequence <= source->sequence) {
        /* Said before: the reply was lost on the way. */
        command->repeated = true;
        return true;
    }
    bool follows = epoch == source->epoch && sequence == source->sequence + 1;
    if (!whole && !follows && command->envelope->body == ENTENTE_PUBLISH) {
        ask_for_snapshot(broker, command, ERROR_SEQUENCE_GAP, source);
        return false;
    }
    return true;
}

static void answer_repeated(struct broker *broker, struct command *command,
                            const struct index_source *source)
{
    assert(source != NULL); /* a repetition is one of something known */
    struct entente_source_state state = {
        .source = source->key,
        .epoch = source->epoch,
        .sequence = source->sequence,
        .lease_until_ms = index_lease_until_ms(source),
        .stale = index_lease_until_ms(source) <= broker_now_ms(broker),
    };
    publisher_answer(broker, command, &state);
}

static bool prepare_withdraw(struct broker *broker, struct command *command)
{
    const struct entente_withdraw *withdraw = command->envelope->withdraw;
    const struct index_source *source =
        index_source(broker->index, command->client->id, withdraw->source);
    if (source == NULL) {
        /* Withdrawn already, perhaps by this very request: the reply was lost. */
        const struct entente_source_state gone = {.source = withdraw->source,
                                                  .epoch = withdraw->epoch,
                                                  .sequence = withdraw->sequence};
        publisher_answer(broker, command, &gone);
        return false;
    }
    if (!is_next(broker, command, source, withdraw->source, withdraw->epoch,
                 withdraw->sequence)) {
        return false;
    }
    if (command->repeated) {
        answer_repeated(broker, command, source);
        return false;
    }
    command->publication.source = source->source;
    command->publication.person = source->person;
    command->publication.epoch = withdraw->epoch;
    command->publication.sequence = withdraw->sequence;
    command->publication.withdrawn = true;
    return true;
}

static const struct index_person *publish_for(struct broker *broker,
                                              struct command *command)
{
    const struct entente_publish *publish = command->envelope->publish;
    const struct people people = {.index = broker->index, .seal = broker->seal};
    const struct index_person *person = person_find(&people, publish->person);
    if (person == NULL || !client_speaks_for(command->client, person->person)) {
        refuse_plainly(broker, command, ERROR_NOT_SPEAKING_FOR, NULL);
        return NULL;
    }
    return person;
}

/* May this client have one agenda more, of this person?  Those that are being stored
 * count.  Each publication goes through all agendas of its person. */
static bool has_room(struct broker *broker, struct command *command,
                     const struct index_person *person)
{
    const int64_t client = command->publication.client;
    size_t others = 0;
    size_t of_person = 0;
    for (const struct command *c = broker->publishing.first; c != NULL; c = c->next) {
        bool is_new = c->publication.client == client && c->publication.source == 0;
        others += is_new ? 1 : 0;
        of_person += is_new && c->publication.person == person->person ? 1 : 0;
    }
    for (const struct index_source *s = person->sources; s != NULL; s = s->beside) {
        of_person += s->client == client ? 1 : 0;
    }
    size_t last = LIMIT_SOURCES - 1 - others;
    if (of_person >= LIMIT_PERSON_SOURCES) {
        refuse_source(broker, command, ERROR_TOO_MANY, "publish.source of one person",
                      of_person + 1, LIMIT_PERSON_SOURCES);
    } else if (index_next_source(broker->index, client, &last) != NULL) {
        refuse_source(broker, command, ERROR_TOO_MANY, "publish.source",
                      LIMIT_SOURCES + 1, LIMIT_SOURCES);
    } else {
        return true;
    }
    return false;
}

/* Checks that need all parts at once. */
static bool is_sound(struct broker *broker, struct command *command)
{
    const struct store_publication *row = &command->publication;
    const struct entente_span coverage = {row->coverage_start, row->coverage_end};
    struct codec_error refusal;
    if (row->range_count > LIMIT_SOURCE_RANGES) {
        refuse_plainly(broker, command, ERROR_TOO_MANY_RANGES, "10000");
        return false;
    }
    if (!codec_check_ranges(row->ranges, row->range_count, &coverage, "publish.ranges",
                            &command->arena, &refusal)) {
        publisher_refuse(broker, command, &refusal);
        return false;
    }
    return true;
}

static bool prepare_publish(struct broker *broker, struct command *command)
{
    const struct entente_publish *publish = command->envelope->publish;
    struct store_publication *row = &command->publication;
    const struct index_person *person = publish_for(broker, command);
    if (person == NULL) {
        return false;
    }
    const struct index_source *source =
        index_source(broker->index, command->client->id, publish->source);
    if (source != NULL && source->person != person->person) {
        refuse_plainly(broker, command, ERROR_SOURCE_TAKEN, publish->source);
        return false;
    }
    if (!is_next(broker, command, source, publish->source, publish->epoch,
                 publish->sequence)) {
        return false;
    }
    if (command->repeated) {
        answer_repeated(broker, command, source);
        return false;
    }
    if (source == NULL && !has_room(broker, command, person)) {
        return false;
    }
    row->source = source == NULL ? 0 : source->source;
    row->person = person->person;
    row->structure = publish->structure;
    /* A patient's name is not kept in the clear, and nobody needs it here. */
    bool is_patient =
        person->kind == ENTENTE_PATIENT || person->kind == ENTENTE_REPRESENTATIVE;
    row->name = is_patient ? NULL : publish->name;
    row->epoch = publish->epoch;
    row->sequence = publish->sequence;
    row->as_of_ms = publish->as_of_ms;
    row->lease_seconds = publish->lease_seconds;
    row->notice = (int32_t)publish->notice_minutes;
    row->daily_cap = (int32_t)publish->daily_cap;
    row->tacit = publish->tacit_acceptance;
    row->coverage_start = publish->coverage->start;
    row->coverage_end = publish->coverage->end;
    /* A source is larger than a frame, and so is what is made of it. */
    command->arena.quota = PUBLICATION_BYTES;
    bool built = publish->publication == ENTENTE_DELTA
                     ? lay_over(broker->index, source, command, row)
                     : join_parts(command, row);
    if (!built ||
        (source == NULL &&
         seal_random(&row->new_source, sizeof(row->new_source)) != STATUS_OK)) {
        refuse_plainly(broker, command, ERROR_OVERLOADED, NULL);
        return false;
    }
    row->new_source = (int64_t)((uint64_t)row->new_source >> 2) + 1;
    return is_sound(broker, command);
}

bool publisher_prepare(struct broker *broker, struct command *command)
{
    return command->envelope->body == ENTENTE_PUBLISH
               ? prepare_publish(broker, command)
               : prepare_withdraw(broker, command);
}
