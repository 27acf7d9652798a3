// SPDX-License-Identifier: Apache-2.0

/*
 * world_ask.c - the part of world.h that says things to the broker
 */
#include "tests/scenario/world.h"

#include "proto/codec.h"
#include "proto/identifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void die(const char *what)
{
    fprintf(stderr, "world: %s\n", what);
    abort();
}

struct entente_identifier world_identifier(const char *text)
{
    static char texts[256][2][128];
    static size_t next;
    size_t i = next++ % 256;
    const char *message = NULL;
    if (!identifier_parse(text, texts[i][0], 128, texts[i][1], 128, &message)) {
        die(message);
    }
    return (struct entente_identifier){texts[i][0], texts[i][1]};
}

struct entente_party world_party(struct entente_identifier *identifier, bool optional)
{
    return (struct entente_party){
        .kind = ENTENTE_PROFESSIONAL,
        .importance = optional ? ENTENTE_OPTIONAL : ENTENTE_INDISPENSABLE,
        .identifier = identifier,
    };
}

struct entente_spec world_spec(struct entente_party *parties, size_t count,
                               struct entente_span *window)
{
    return (struct entente_spec){
        .duration_minutes = 60,
        .zone = "Europe/Paris",
        .windows = window,
        .windows_count = 1,
        .parties = parties,
        .parties_count = count,
        .nature = ENTENTE_SYNTHESIS,
    };
}

struct publication {
    bool told;
    enum entente_code code;
};

static void on_published(void *context, enum entente_code code,
                         const struct entente_envelope *reply)
{
    struct publication *publication = context;
    (void)reply;
    publication->told = true;
    publication->code = code;
}

static bool is_told(void *context)
{
    return ((struct publication *)context)->told;
}

enum entente_code world_publish_this(struct world_client *client,
                                     const struct entente_publish *publish)
{
    struct publication publication = {0};
    enum entente_code code =
        entente_client_publish(client->sdk, publish, on_published, &publication);
    if (code != ENTENTE_OK) {
        return code;
    }
    return world_until(client->world, is_told, &publication) ? publication.code
                                                             : ENTENTE_ERROR_TIMEOUT;
}

enum entente_code world_publish(struct world_client *client, const char *person,
                                const struct entente_range *ranges, size_t count)
{
    struct entente_identifier identifier = world_identifier(person);
    struct entente_span coverage = {client->world->day, client->world->day + 30 * 1440};
    const struct entente_publish publish = {
        .source = person,
        .person = &identifier,
        .name = person,
        .publication = ENTENTE_SNAPSHOT,
        .coverage = &coverage,
        .as_of_ms = (int64_t)time(NULL) * 1000,
        .lease_seconds = 604800,
        .ranges = (struct entente_range *)ranges,
        .ranges_count = count,
    };
    return world_publish_this(client, &publish);
}

struct call {
    struct world *world;
    bool told;
    enum entente_code code;
    const struct entente_meeting *meeting;
};

static void on_outcome(void *context, enum entente_code code,
                       const struct entente_envelope *reply)
{
    struct call *call = context;
    const struct entente_meeting *meeting = NULL;
    if (reply != NULL && reply->body == ENTENTE_MEETING) {
        meeting = reply->meeting;
    } else if (reply != NULL && reply->body == ENTENTE_ERROR) {
        meeting = reply->error->meeting;
    }
    if (meeting != NULL) {
        call->meeting = codec_copy_meeting(meeting, &call->world->arena);
    }
    call->code = code;
    call->told = true;
}

static bool has_outcome(void *context)
{
    return ((struct call *)context)->told;
}

enum entente_code world_call(struct world_client *client,
                             const struct entente_envelope *envelope,
                             const struct entente_meeting **ret_meeting)
{
    struct call call = {.world = client->world};
    enum entente_code code =
        entente_client_submit(client->sdk, envelope, on_outcome, &call, NULL);
    /* What was asked may point into the last reply until it has been submitted. */
    arena_reset(&client->world->arena);
    if (code != ENTENTE_OK) {
        return code;
    }
    if (!world_until(client->world, has_outcome, &call)) {
        die("no outcome");
    }
    if (call.meeting != NULL) {
        *ret_meeting = call.meeting;
    }
    return call.code;
}

enum entente_code world_request(struct world_client *client, struct entente_spec *spec,
                                const struct entente_meeting **ret_meeting)
{
    struct entente_identifier *who =
        spec->organizer != NULL ? spec->organizer : spec->parties[0].identifier;
    struct entente_actor actor = {.who = who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_request request = {.spec = spec, .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_REQUEST,
                                              .request = &request};
    return world_call(client, &envelope, ret_meeting);
}

enum entente_code world_answer(struct world_client *client,
                               const struct entente_meeting *meeting,
                               const char *person, uint32_t kind, int32_t counter,
                               const struct entente_meeting **ret_meeting)
{
    struct entente_identifier identifier = world_identifier(person);
    struct entente_actor actor = {.who = &identifier, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_answer answer = {
        .actor = &actor,
        .meeting = meeting->id,
        .proposal = meeting->proposal->number,
        .party = &identifier,
        .kind = kind,
        .counter_start = counter,
    };
    const struct entente_envelope envelope = {.body = ENTENTE_ANSWER,
                                              .answer = &answer};
    return world_call(client, &envelope, ret_meeting);
}
