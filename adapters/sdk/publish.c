// SPDX-License-Identifier: Apache-2.0

/*
 * publish.c - sources: cut into parts, numbered, and mended when the broker lost track
 *
 * The parts of a snapshot are requests of their own.  The snapshot is durable when its
 * last part is answered, and has failed when any part is refused; the other parts are
 * then forgotten.
 */
#include "adapters/sdk/client_private.h"
#include "adapters/sdk/source.h"

#include "proto/errors.h"
#include "proto/limits.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_REPAIRS = 3 };

/* One publication on its way. */
struct publication {
    struct entente_client *client;
    struct source *source;
    entente_reply_function function;
    void *context;
    uint64_t first; /* counters of its parts */
    uint64_t last;
    uint64_t epoch;
    bool snapshot;
    unsigned repairs; /* snapshots sent in its place so far */
};

/* Who wants to hear how it ends, and how often it has been mended. */
struct interest {
    entente_reply_function function;
    void *context;
    unsigned repairs;
    int64_t send_at; /* not before; 0: now */
};

static enum entente_code send_publication(struct entente_client *client,
                                          struct source *source,
                                          const struct entente_publish *publication,
                                          const struct interest *interest);

/* ---- mending -----------------------------------------------------------------------
 */

/* Publish what was kept once more.  False when that could not even be queued. */
static bool publish_kept(struct entente_client *client, struct source *source,
                         const struct interest *interest)
{
    return source->kept &&
           send_publication(client, source, source->kept, interest) == ENTENTE_OK;
}

/* Ask the program, or serve the copy. */
static void resync(struct entente_client *client, struct source *source)
{
    if (client->settings.on_resync) {
        client->callbacks++;
        client->settings.on_resync(client->settings.context, source->name);
        client->callbacks--;
    } else {
        (void)publish_kept(client, source, &(struct interest){0});
    }
}

void publish_resync(struct entente_client *client, const char *name)
{
    struct source *source = name ? source_find(client, name) : NULL;

    /* A snapshot that is on its way is the answer already.  A source that only an
     * earlier process published is the program's business. */
    if (source && source->snapshots == 0 && source->epoch != 0) {
        resync(client, source);
    } else if (!source && name && client->settings.on_resync) {
        client->callbacks++;
        client->settings.on_resync(client->settings.context, name);
        client->callbacks--;
    }
}

void publish_granted(struct entente_client *client)
{
    for (size_t i = 0; i < client->sources_count; i++) {
        struct source *source = client->sources[i];
        if (source->epoch == CLIENT_EPOCH_UNKNOWN) {
            source->epoch = client->publication_epoch;
        }
        if (source->wants_epoch) {
            source->wants_epoch = false;
            source->epoch = client->publication_epoch;
            source->sequence = 0;
            resync(client, source);
        }
    }
}

static bool can_be_mended(enum entente_code code)
{
    return code == ENTENTE_ERROR_SEQUENCE_GAP || code == ENTENTE_ERROR_EPOCH ||
           code == ENTENTE_ERROR_UNKNOWN_SOURCE || code == ENTENTE_ERROR_SNAPSHOT_PARTS;
}

/* An epoch is over when another connection of this client has published in a newer one.
 * The last welcome may have granted one that is newer still; else a new one has to be
 * fetched with a new connection.  False when that is on its way. */
static bool renew_epoch(struct entente_client *client, struct source *source,
                        uint64_t over)
{
    if (source->epoch > over) {
        return true; /* That has been done for an earlier publication. */
    }
    if (client->publication_epoch > over) {
        source->epoch = client->publication_epoch;
        source->sequence = 0;
        return true;
    }
    source->wants_epoch = true;
    conversation_lose(client, "A newer epoch is needed to publish.");
    return false;
}

/* True when a snapshot is on its way that tells @ended's function later. */
static bool mend(struct publication *ended, enum entente_code code)
{
    struct source *source = ended->source;
    struct interest interest = {.function = ended->function,
                                .context = ended->context,
                                .repairs = ended->repairs + 1};

    if (code == ENTENTE_ERROR_SNAPSHOT_PARTS) {
        /* A part was put off, and those behind it came alone: give the broker time. */
        interest.send_at = calls_later(ended->client);
    }
    if (!can_be_mended(code) || ended->repairs >= MOST_REPAIRS) {
        return false;
    }
    if (code == ENTENTE_ERROR_EPOCH &&
        !renew_epoch(ended->client, source, ended->epoch)) {
        return false;
    }
    if (ended->client->settings.on_resync) {
        resync(ended->client, source);
        return false;
    }
    return publish_kept(ended->client, source, &interest);
}

static void part_answered(void *context, enum entente_code code,
                          const struct entente_envelope *reply)
{
    struct publication *publication = context;
    struct entente_client *client = publication->client;

    if (code == ENTENTE_OK && reply->request_counter != publication->last) {
        return; /* The last part speaks for all. */
    }
    for (uint64_t i = publication->first; i <= publication->last; i++) {
        requests_remove(&client->requests, i);
    }
    if (publication->snapshot) {
        publication->source->snapshots--;
    }
    if (!mend(publication, code) && publication->function) {
        publication->function(publication->context, code, reply);
    }
    free(publication);
}

/* ---- sending -----------------------------------------------------------------------
 */

static struct entente_envelope envelope_of(const struct entente_client *client,
                                           struct entente_publish *part)
{
    return (struct entente_envelope){
        .version = ENTENTE_PROTOCOL_VERSION,
        .request_epoch =
            client->request_epoch ? client->request_epoch : CLIENT_EPOCH_UNKNOWN,
        .request_counter = client->requests.next,
        .body = ENTENTE_PUBLISH,
        .publish = part,
    };
}

/* Part @index of @whole, when each has @per_part ranges. */
static struct entente_publish cut(const struct entente_publish *whole, uint32_t index,
                                  size_t per_part)
{
    struct entente_publish part = *whole;
    size_t from = (size_t)index * per_part;
    size_t left = whole->ranges_count - from;

    part.part = index + 1;
    part.parts = whole->ranges_count == 0
                     ? 1
                     : (uint32_t)((whole->ranges_count + per_part - 1) / per_part);
    part.ranges = whole->ranges + from;
    part.ranges_count = left < per_part ? left : per_part;
    return part;
}

/* Write every part once, to see that each is right and fits its frame. */
static enum entente_code measure(struct entente_client *client,
                                 const struct entente_publish *whole, size_t per_part,
                                 uint32_t *ret_parts, size_t *ret_bytes)
{
    uint32_t parts = cut(whole, 0, per_part).parts;
    size_t bytes = 0;

    for (uint32_t i = 0; i < parts; i++) {
        struct entente_publish part = cut(whole, i, per_part);
        struct entente_envelope envelope = envelope_of(client, &part);
        struct entente_bytes frame;
        enum entente_code code = calls_write(client, &envelope, &frame);
        if (code != ENTENTE_OK) {
            return code;
        }
        bytes += frame.size;
    }
    *ret_parts = parts;
    *ret_bytes = bytes;
    return ENTENTE_OK;
}

/* Ranges with long names of places do not fit 512 to a frame: smaller parts do. */
static enum entente_code choose_parts(struct entente_client *client,
                                      const struct entente_publish *whole,
                                      size_t *ret_per_part, uint32_t *ret_parts,
                                      size_t *ret_bytes)
{
    enum entente_code code = ENTENTE_ERROR_TOO_LARGE;
    size_t per_part = LIMIT_PART_RANGES;
    size_t fewest = whole->publication == ENTENTE_DELTA
                        ? LIMIT_PART_RANGES
                        : whole->ranges_count / LIMIT_SOURCE_PARTS + 1;

    while (code == ENTENTE_ERROR_TOO_LARGE && per_part >= fewest) {
        code = measure(client, whole, per_part, ret_parts, ret_bytes);
        *ret_per_part = per_part;
        per_part = per_part * 3 / 4;
    }
    return code;
}

static enum entente_code queue_parts(struct entente_client *client,
                                     const struct entente_publish *whole,
                                     size_t per_part, uint32_t parts,
                                     struct publication *publication, int64_t send_at)
{
    assert(parts > 0); /* The last part's answer frees the publication. */
    publication->first = client->requests.next;
    publication->last = publication->first + parts - 1;
    for (uint32_t i = 0; i < parts; i++) {
        struct entente_publish part = cut(whole, i, per_part);
        struct entente_envelope envelope = envelope_of(client, &part);
        struct entente_bytes frame;
        struct request *request = NULL;
        if (calls_write(client, &envelope, &frame) == ENTENTE_OK) {
            request =
                requests_add(&client->requests, frame, part_answered, publication);
        }
        if (!request) {
            for (uint64_t j = publication->first; j < client->requests.next; j++) {
                requests_remove(&client->requests, j);
            }
            return client_fail(client, ENTENTE_ERROR_MEMORY,
                               "There is no memory left.");
        }
        request->send_at = send_at;
    }
    return ENTENTE_OK;
}

static enum entente_code send_publication(struct entente_client *client,
                                          struct source *source,
                                          const struct entente_publish *publication,
                                          const struct interest *interest)
{
    struct entente_publish whole = *publication;
    size_t per_part;
    uint32_t parts;
    size_t bytes;

    whole.epoch = source->epoch;
    if (whole.epoch == 0) {
        whole.epoch = client->publication_epoch ? client->publication_epoch
                                                : CLIENT_EPOCH_UNKNOWN;
    }
    whole.sequence = source->sequence + 1;
    enum entente_code code = choose_parts(client, &whole, &per_part, &parts, &bytes);
    if (code != ENTENTE_OK) {
        return code;
    }
    if (!requests_have_room(&client->requests, parts, bytes)) {
        return client_fail(client, ENTENTE_ERROR_OVERLOADED,
                           error_template(ERROR_OVERLOADED));
    }
    struct publication *sent = malloc(sizeof *sent);
    if (!sent) {
        return client_fail(client, ENTENTE_ERROR_MEMORY, "There is no memory left.");
    }
    *sent = (struct publication){
        .client = client,
        .source = source,
        .function = interest->function,
        .context = interest->context,
        .repairs = interest->repairs,
        .epoch = whole.epoch,
        .snapshot = whole.publication != ENTENTE_DELTA,
    };
    code = queue_parts(client, &whole, per_part, parts, sent, interest->send_at);
    if (code != ENTENTE_OK) {
        free(sent);
        return code;
    }
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): part_answered() frees it. */
    source->epoch = whole.epoch;
    source->sequence = whole.sequence;
    source->snapshots += whole.publication != ENTENTE_DELTA;
    client_wake(client);
    return ENTENTE_OK;
}

/* ---- the program's side ------------------------------------------------------------
 */

static enum entente_code refuse(struct entente_client *client, unsigned code,
                                const char *first, const char *second,
                                const char *third)
{
    const char *parameters[] = {first, second, third};

    error_sentence(code, NULL, parameters, 3, client->sentence,
                   sizeof client->sentence);
    return (enum entente_code)code;
}

static enum entente_code check(struct entente_client *client,
                               const struct entente_publish *publication)
{
    struct codec_error error;
    char count[24];
    char most[24];

    if (!publication->source || !publication->person || !publication->coverage) {
        return refuse(client, ERROR_FIELD_MISSING,
                      !publication->source   ? "source"
                      : !publication->person ? "person"
                                             : "coverage",
                      NULL, NULL);
    }
    (void)snprintf(count, sizeof count, "%zu", publication->ranges_count);
    if (publication->ranges_count > LIMIT_SOURCE_RANGES) {
        (void)snprintf(most, sizeof most, "%d", LIMIT_SOURCE_RANGES);
        return refuse(client, ERROR_TOO_MANY_RANGES, most, NULL, NULL);
    }
    if (publication->publication == ENTENTE_DELTA &&
        publication->ranges_count > LIMIT_PART_RANGES) {
        (void)snprintf(most, sizeof most, "%d", LIMIT_PART_RANGES);
        return refuse(client, ERROR_TOO_MANY, "ranges", count, most);
    }
    /* Over the whole, since neighbours may fall into different parts. */
    arena_reset(&client->sending);
    if (!codec_check_ranges(publication->ranges, publication->ranges_count,
                            publication->coverage, "ranges", &client->sending,
                            &error)) {
        return client_refuse(client, &error);
    }
    return ENTENTE_OK;
}

/* A delta needs something to change, and must not make the source too large. */
static enum entente_code check_delta(struct entente_client *client,
                                     const struct source *source,
                                     const struct entente_publish *delta)
{
    char most[24];

    if (source->epoch == 0) {
        return refuse(client, ERROR_UNKNOWN_SOURCE, source->name, NULL, NULL);
    }
    if (source->kept && source_count_with(source, delta) > LIMIT_SOURCE_RANGES) {
        (void)snprintf(most, sizeof most, "%d", LIMIT_SOURCE_RANGES);
        return refuse(client, ERROR_TOO_MANY_RANGES, most, NULL, NULL);
    }
    return ENTENTE_OK;
}

enum entente_code entente_client_publish(struct entente_client *client,
                                         const struct entente_publish *publication,
                                         entente_reply_function function, void *context)
{
    struct entente_publish copy = *publication;
    struct interest interest = {.function = function, .context = context};
    enum entente_code code = check(client, publication);

    if (client->state == CLIENT_STOPPED) {
        return ENTENTE_ERROR_STOPPED;
    }
    if (code != ENTENTE_OK) {
        return code;
    }
    struct source *source = source_find_or_add(client, publication->source);
    if (!source) {
        return client_fail(client, ENTENTE_ERROR_MEMORY,
                           "There is no memory left, or there are too many sources.");
    }
    if (copy.publication == 0) {
        copy.publication = ENTENTE_SNAPSHOT;
    }
    if (copy.publication == ENTENTE_DELTA) {
        code = check_delta(client, source, &copy);
        if (code != ENTENTE_OK) {
            return code;
        }
    }
    code = send_publication(client, source, &copy, &interest);
    /* Without a copy the broker's next question cannot be answered, but what was queued
     * stands: the next publication makes a new copy. */
    if (code == ENTENTE_OK && !client->settings.on_resync &&
        !source_keep(source, &copy)) {
        source_forget(source);
    }
    return code;
}

enum entente_code entente_client_withdraw(struct entente_client *client,
                                          const char *name,
                                          entente_reply_function function,
                                          void *context)
{
    struct source *source = source_find_or_add(client, name);

    if (!source) {
        return client_fail(client, ENTENTE_ERROR_MEMORY,
                           "There is no memory left, or there are too many sources.");
    }
    struct entente_withdraw withdraw = {
        .source = name,
        .epoch = source->epoch,
        .sequence = source->sequence + 1,
    };
    if (withdraw.epoch == 0) {
        withdraw.epoch = client->publication_epoch ? client->publication_epoch
                                                   : CLIENT_EPOCH_UNKNOWN;
    }
    enum entente_code code = calls_submit(
        client,
        &(struct entente_envelope){.body = ENTENTE_WITHDRAW, .withdraw = &withdraw},
        function, context, NULL);
    if (code == ENTENTE_OK) {
        source->epoch = withdraw.epoch;
        source->sequence++;
        source_forget(source);
    }
    return code;
}
