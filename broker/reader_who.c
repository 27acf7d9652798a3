// SPDX-License-Identifier: Apache-2.0

/*
 * reader_who.c - the part of reader.c that answers which of many people can come
 *
 * A question about many is answered by the other thread (thinker.h).
 *
 * Privacy     A client may ask about whoever may be a member of a pool: no patient, nobody
 *             who comes for one.  Those are unknown, as if nobody knew them here.
 */
#include "broker/reader_internal.h"

#include "broker/propose.h"
#include "proto/limits.h"

#include <stdlib.h>

enum { FEW = 256 }; /* people who are asked at once, beside those of whom rows say it */

/* One question, until it is answered. */
struct listing {
    struct thought thought; /* first: a thought is a listing */
    struct broker *broker;
    struct command *command;
    struct proposer *proposer; /* of the thread that thinks */
    struct arena arena;
    struct propose_crowd crowd;
    struct survey *survey;
    enum status status;
    struct entente_free_people people;
};

/* Those whom @who names; who is nobody's business here is not known. */
static bool find_named(struct broker *broker, const struct entente_who_is_free *who,
                       struct arena *arena, const struct index_person **people,
                       struct entente_free_people *ret)
{
    const struct entente_party *named = who->people;
    ret->unknown = arena_array(arena, named->members_count, sizeof(*ret->unknown));
    for (size_t i = 0; ret->unknown != NULL && i < named->members_count; i++) {
        people[i] = propose_member(broker->index, &named->members[i]);
        if (people[i] == NULL) {
            ret->unknown[ret->unknown_count++] = (uint32_t)i;
        }
    }
    return ret->unknown != NULL;
}

static bool is_among(const struct index_person *const *people, size_t count,
                     const struct index_person *person)
{
    size_t i = 0;
    while (i < count && people[i] != person) {
        i++;
    }
    return i < count;
}

/* Those whose agendas @client publishes, each once; more than LIMIT_WHO_MINE are not
 * listed, but counted. */
static size_t find_own(struct broker *broker, int64_t client,
                       const struct index_person **people,
                       struct entente_identifier *identifiers)
{
    size_t cursor = 0;
    size_t count = 0;
    const struct index_source *source;
    while (count <= LIMIT_WHO_MINE &&
           (source = index_next_source(broker->index, client, &cursor)) != NULL) {
        const struct index_person *person = index_person(broker->index, source->person);
        struct entente_identifier identifier;
        if (person == NULL || is_among(people, count, person) ||
            !index_identifier(person, &identifier) ||
            propose_member(broker->index, &identifier) == NULL) {
            continue;
        }
        if (count < LIMIT_WHO_MINE) {
            people[count] = person;
            identifiers[count] = identifier;
        }
        count++;
    }
    return count;
}

/* Whom @crowd->who asks about.  False: the command has been refused. */
static bool find_crowd(struct broker *broker, struct command *command,
                       struct arena *arena, struct propose_crowd *crowd,
                       struct entente_free_people *ret)
{
    const struct entente_who_is_free *who = crowd->who;
    size_t most = who->mine ? LIMIT_WHO_MINE : who->people->members_count;
    const struct index_person **people = arena_array(arena, most, sizeof(void *));
    bool found = people != NULL;
    crowd->people = people;
    crowd->count = most;
    if (found && who->mine) {
        ret->people = arena_array(arena, most, sizeof(*ret->people));
        found = ret->people != NULL;
        crowd->count =
            found ? find_own(broker, command->client->id, people, ret->people) : 0;
        ret->people_count = crowd->count;
    } else if (found) {
        found = find_named(broker, who, arena, people, ret);
    }
    if (!found) {
        reader_refuse(broker, command, ERROR_OVERLOADED, NULL);
    } else if (crowd->count > most) {
        const struct codec_error refusal = {
            .code = ERROR_TOO_MANY,
            .parameters = {"who_is_free.mine", "513", "512"},
            .parameter_count = 3};
        speak_refusal(broker, command, &refusal);
        found = false;
    }
    return found;
}

static void finish(struct listing *listing)
{
    reader_finish(listing->broker, listing->command);
    arena_finish(&listing->arena);
    free(listing);
}

static void tell(struct listing *listing)
{
    struct entente_envelope envelope = {.body = ENTENTE_FREE_PEOPLE,
                                        .free_people = &listing->people};
    if (listing->status == STATUS_OK) {
        reader_answer(listing->broker, listing->command, &envelope);
    } else {
        reader_refuse(listing->broker, listing->command, ERROR_OVERLOADED, NULL);
    }
    finish(listing);
}

static void think(struct thought *thought)
{
    struct listing *listing = (struct listing *)thought;
    listing->status =
        propose_who_answer(listing->proposer, listing->survey, &listing->people);
}

static void thought(struct thought *thought)
{
    struct listing *listing = (struct listing *)thought;
    propose_who_release(listing->broker->proposer, listing->survey);
    if (thought->in_vain) {
        finish(listing);
    } else {
        tell(listing);
    }
}

static void find(struct listing *listing)
{
    struct broker *broker = listing->broker;
    bool is_small = propose_who_left(listing->survey) <= FEW;
    listing->proposer = is_small ? broker->proposer : broker->thinking;
    listing->status = STATUS_FAILED; /* unless it is thought */
    listing->thought = (struct thought){
        .think = think, .done = thought, .whose = listing->command->client->id};
    reader_think(broker, &listing->thought, is_small);
}

void reader_who_is_free(struct broker *broker, struct command *command)
{
    struct listing *listing = calloc(1, sizeof(*listing));
    if (listing == NULL) {
        reader_refuse(broker, command, ERROR_OVERLOADED, NULL);
        reader_finish(broker, command);
        return;
    }
    listing->broker = broker;
    listing->command = command;
    listing->crowd = (struct propose_crowd){.who = command->envelope->who_is_free,
                                            .now_ms = broker_now_ms(broker)};
    arena_init(&listing->arena, BROKER_BATCH_BYTES);
    if (!find_crowd(broker, command, &listing->arena, &listing->crowd,
                    &listing->people)) {
        finish(listing);
        return;
    }
    listing->status = propose_who_prepare(broker->proposer, &listing->crowd,
                                          &listing->arena, &listing->survey);
    if (listing->status == STATUS_OK) {
        find(listing);
    } else {
        tell(listing);
    }
}
