// SPDX-License-Identifier: Apache-2.0

/*
 * calls.c - requests, their numbers and their answers
 */
#include "adapters/sdk/client_private.h"

#include "adapters/sdk/clock.h"
#include "proto/errors.h"
#include "proto/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing -----------------------------------------------------------------------
 */

enum entente_code calls_write(struct entente_client *client,
                              const struct entente_envelope *envelope,
                              struct entente_bytes *ret_frame)
{
    struct entente_envelope *read;
    struct codec_error error;
    struct codec_notes notes;
    struct entente_bytes frame;

    arena_reset(&client->sending);
    if (!codec_encode(envelope, &client->sending, &frame)) {
        return client_fail(client, ENTENTE_ERROR_TOO_LARGE,
                           "The message does not fit into one frame.");
    }
    if (!codec_decode(frame.data, frame.size, CODEC_CLIENT, &client->sending, &read,
                      &error, &notes)) {
        return client_refuse(client, &error);
    }
    *ret_frame = frame;
    return ENTENTE_OK;
}

enum entente_code calls_submit(struct entente_client *client,
                               const struct entente_envelope *envelope,
                               entente_reply_function function, void *context,
                               uint64_t *ret_counter)
{
    struct entente_envelope numbered = *envelope;
    struct entente_bytes frame = {0};

    if (client->state == CLIENT_STOPPED) {
        return ENTENTE_ERROR_STOPPED;
    }
    numbered.version = ENTENTE_PROTOCOL_VERSION;
    numbered.request_epoch =
        client->request_epoch ? client->request_epoch : CLIENT_EPOCH_UNKNOWN;
    numbered.request_counter = client->requests.next;
    enum entente_code code = calls_write(client, &numbered, &frame);
    if (code != ENTENTE_OK) {
        return code;
    }
    if (!requests_have_room(&client->requests, 1, frame.size)) {
        return client_fail(client, ENTENTE_ERROR_OVERLOADED,
                           error_template(ERROR_OVERLOADED));
    }
    const struct request *request =
        requests_add(&client->requests, frame, function, context);
    if (!request) {
        return client_fail(client, ENTENTE_ERROR_MEMORY, "There is no memory left.");
    }
    if (ret_counter) {
        *ret_counter = request->counter;
    }
    client_wake(client);
    return ENTENTE_OK;
}

enum entente_code entente_client_submit(struct entente_client *client,
                                        const struct entente_envelope *envelope,
                                        entente_reply_function function, void *context,
                                        uint64_t *ret_counter)
{
    switch (envelope->body) {
    case ENTENTE_PUBLISH:
    case ENTENTE_WITHDRAW:
    case ENTENTE_HELLO:
    case ENTENTE_HEARTBEAT:
    case ENTENTE_EVENT_ACK:
        return client_fail(client, ENTENTE_ERROR_NOT_ALLOWED_HERE,
                           "The library sends this message itself; see client.h.");
    case ENTENTE_QUERY_FREE:
    case ENTENTE_SEARCH:
    case ENTENTE_REQUEST:
    case ENTENTE_ANSWER:
    case ENTENTE_DECIDE:
    case ENTENTE_CANCEL:
    case ENTENTE_GET:
    case ENTENTE_LIST:
    case ENTENTE_EVENT_RESULT:
    case ENTENTE_STATUS_QUERY:
    case ENTENTE_WHO_IS_FREE:
    case ENTENTE_OWNER_ANSWER:
    case ENTENTE_PREVIEW:
    case ENTENTE_RECONCILE:
    case ENTENTE_EXPLAIN:
        return calls_submit(client, envelope, function, context, ret_counter);
    case ENTENTE_WELCOME:
    case ENTENTE_PULSE:
    case ENTENTE_ERROR:
    case ENTENTE_DONE_REPLY:
    case ENTENTE_FREE_RANGES:
    case ENTENTE_SEARCH_RESULT:
    case ENTENTE_MEETING:
    case ENTENTE_MEETING_LIST:
    case ENTENTE_EVENT:
    case ENTENTE_STATUS_REPORT:
    case ENTENTE_RESYNC:
    case ENTENTE_FREE_PEOPLE:
    case ENTENTE_PREVIEW_RESULT:
    case ENTENTE_RECONCILED:
    case ENTENTE_DECISION_RECORD:
        break;
    }
    return client_fail(client, ENTENTE_ERROR_NOT_ALLOWED_HERE,
                       "Only the broker sends this message.");
}

/* Put the true epochs into @request, which was written before they were known. */
static bool number(struct entente_client *client, struct request *request)
{
    struct entente_envelope *envelope;
    struct codec_error error;
    struct codec_notes notes;
    struct entente_bytes frame;

    arena_reset(&client->sending);
    if (!codec_decode(request->bytes, request->size, CODEC_CLIENT, &client->sending,
                      &envelope, &error, &notes)) {
        return false;
    }
    envelope->request_epoch = client->request_epoch;
    if (envelope->body == ENTENTE_PUBLISH) {
        envelope->publish->epoch = client->publication_epoch;
    } else if (envelope->body == ENTENTE_WITHDRAW) {
        envelope->withdraw->epoch = client->publication_epoch;
    }
    /* The request was measured with the longest epoch there is, so the frame has room.
     */
    if (!codec_encode(envelope, &client->sending, &frame) ||
        frame.size > request->size) {
        return false;
    }
    memcpy(request->bytes, frame.data, frame.size);
    client->requests.bytes -= request->size - frame.size;
    request->size = frame.size;
    return true;
}

bool calls_number(struct entente_client *client)
{
    for (uint64_t i = client->requests.first; i < client->requests.next; i++) {
        struct request *request = requests_find(&client->requests, i);
        if (request && !number(client, request)) {
            return false;
        }
    }
    return true;
}

/* ---- answers -----------------------------------------------------------------------
 */

static void tell(struct entente_client *client, uint64_t counter,
                 enum entente_code code, const struct entente_envelope *reply)
{
    const struct request *request = requests_find(&client->requests, counter);

    if (!request) {
        return;
    }
    entente_reply_function function = request->function;
    void *context = request->context;

    /* First, so that the function may fill the place that becomes free. */
    requests_remove(&client->requests, counter);
    if (function) {
        client->callbacks++;
        function(context, code, reply);
        client->callbacks--;
    }
}

int64_t calls_later(struct entente_client *client)
{
    /* Long enough for a database that restarts, short enough not to be noticed after.
     */
    uint32_t base = 5 * client->settings.back_off_min_ms;
    int64_t now = clock_now_ms();

    if (client->later_at <= now) {
        client->later_at = now + base + clock_chance(base + 1);
    }
    return client->later_at;
}

void calls_answer(struct entente_client *client,
                  const struct entente_envelope *envelope)
{
    struct request *request =
        requests_find(&client->requests, envelope->request_counter);
    enum entente_code code = ENTENTE_OK;

    /* An answer of an earlier process, or to what has been answered already. */
    if (!request || envelope->request_epoch != client->request_epoch) {
        return;
    }
    if (envelope->body == ENTENTE_ERROR) {
        const struct entente_error *error = envelope->error;
        code = (enum entente_code)error->code;
        (void)client_fail(client, code,
                          error->sentence ? error->sentence
                                          : error_template(error->code));
        if (error_retry(error->code) == RETRY_LATER) {
            request->sent = false;
            request->send_at = calls_later(client);
            return;
        }
    }
    tell(client, envelope->request_counter, code, envelope);
}

void calls_answer_unread(struct entente_client *client, uint64_t counter)
{
    tell(client, counter, ENTENTE_ERROR_UNEXPECTED, NULL);
}

void calls_end_all(struct entente_client *client)
{
    while (client->requests.unanswered > 0) {
        tell(client, client->requests.first, ENTENTE_ERROR_STOPPED, NULL);
    }
}

/* ---- waiting -----------------------------------------------------------------------
 */

struct waiting {
    struct entente_client *client;
    bool done;
    enum entente_code code;
    const struct entente_envelope *reply;
};

/* The frame in hand is read once more, into memory that stays until the next call. */
static void keep_reply(void *context, enum entente_code code,
                       const struct entente_envelope *reply)
{
    struct waiting *waiting = context;
    struct entente_client *client = waiting->client;
    struct entente_envelope *copy;
    struct codec_error error;
    struct codec_notes notes;

    waiting->done = true;
    waiting->code = code;
    if (!reply) {
        return;
    }
    if (!codec_decode(client->frame.data, client->frame.size, CODEC_BROKER,
                      &client->answered, &copy, &error, &notes)) {
        waiting->code = ENTENTE_ERROR_MEMORY;
        return;
    }
    waiting->reply = copy;
    if (copy->body == ENTENTE_ERROR) {
        client->refusal = copy->error;
    }
}

/* The caller does not wait any longer; the request stands. */
static void stop_waiting(struct entente_client *client, uint64_t counter)
{
    struct request *request = requests_find(&client->requests, counter);

    if (request) {
        request->function = NULL;
        request->context = NULL;
    }
    (void)client_fail(client, ENTENTE_ERROR_TIMEOUT,
                      client->state == CLIENT_OPEN || client->sentence[0] == '\0'
                          ? "The broker has not answered in time."
                          : client->sentence);
}

static enum entente_code call(struct entente_client *client,
                              const struct entente_envelope *envelope, int timeout_ms,
                              const struct entente_envelope **ret_reply)
{
    struct waiting waiting = {.client = client};
    int64_t until = clock_now_ms() + timeout_ms;
    uint64_t counter = 0;

    arena_reset(&client->answered);
    client->refusal = NULL;
    enum entente_code code =
        entente_client_submit(client, envelope, keep_reply, &waiting, &counter);
    if (code != ENTENTE_OK) {
        return code;
    }
    while (!waiting.done) {
        int64_t left = until - clock_now_ms();
        if (timeout_ms >= 0 && left < 0) {
            stop_waiting(client, counter);
            return ENTENTE_ERROR_TIMEOUT;
        }
        (void)entente_client_step(client, timeout_ms < 0 ? -1 : (int)left);
    }
    *ret_reply = waiting.reply;
    return waiting.code;
}

enum entente_code entente_client_call(struct entente_client *client,
                                      const struct entente_envelope *envelope,
                                      int timeout_ms,
                                      const struct entente_envelope **ret_reply)
{
    *ret_reply = NULL;
    if (client->callbacks > 0) {
        return client_fail(client, ENTENTE_ERROR_IN_CALLBACK,
                           "A callback may not wait or step.");
    }
    return call(client, envelope, timeout_ms, ret_reply);
}

const struct entente_error *entente_client_refusal(const struct entente_client *client)
{
    return client->refusal;
}
