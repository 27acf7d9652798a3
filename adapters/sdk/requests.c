// SPDX-License-Identifier: Apache-2.0

#include "adapters/sdk/requests.h"

#include <stdlib.h>
#include <string.h>

static struct request *place(const struct requests *requests, uint64_t counter)
{
    return &requests->ring[counter % REQUESTS_RING];
}

bool requests_init(struct requests *requests, size_t unanswered_max, size_t bytes_max)
{
    *requests = (struct requests){.first = 1, .next = 1};
    requests->ring = calloc(REQUESTS_RING, sizeof *requests->ring);
    requests->unanswered_max = unanswered_max;
    requests->bytes_max = bytes_max;
    return requests->ring != NULL;
}

void requests_finish(struct requests *requests)
{
    if (requests->ring) {
        while (requests->first < requests->next) {
            requests_remove(requests, requests->first);
        }
    }
    free(requests->ring);
    *requests = (struct requests){0};
}

bool requests_have_room(const struct requests *requests, size_t count, size_t bytes)
{
    return requests->unanswered + count <= requests->unanswered_max &&
           requests->next - requests->first + count <= REQUESTS_RING &&
           bytes <= requests->bytes_max &&
           requests->bytes <= requests->bytes_max - bytes;
}

struct request *requests_add(struct requests *requests, struct entente_bytes frame,
                             entente_reply_function function, void *context)
{
    if (!requests_have_room(requests, 1, frame.size)) {
        return NULL;
    }
    uint8_t *copy = malloc(frame.size ? frame.size : 1);
    if (!copy) {
        return NULL;
    }
    memcpy(copy, frame.data, frame.size);

    struct request *request = place(requests, requests->next);
    *request = (struct request){
        .counter = requests->next,
        .bytes = copy,
        .size = frame.size,
        .function = function,
        .context = context,
    };
    requests->next++;
    requests->unanswered++;
    requests->bytes += frame.size;
    return request;
}

struct request *requests_find(const struct requests *requests, uint64_t counter)
{
    if (counter < requests->first || counter >= requests->next) {
        return NULL;
    }
    struct request *request = place(requests, counter);
    return request->bytes ? request : NULL;
}

void requests_remove(struct requests *requests, uint64_t counter)
{
    struct request *request = requests_find(requests, counter);

    if (!request) {
        return;
    }
    requests->unanswered--;
    requests->bytes -= request->size;
    free(request->bytes);
    *request = (struct request){0};
    while (requests->first < requests->next &&
           !place(requests, requests->first)->bytes) {
        requests->first++;
    }
}

void requests_unsend(struct requests *requests)
{
    for (uint64_t i = requests->first; i < requests->next; i++) {
        place(requests, i)->sent = false;
        place(requests, i)->send_at = 0;
    }
}

struct request *requests_next_unsent(const struct requests *requests, int64_t now,
                                     uint64_t *cursor, int64_t *ret_wake_at)
{
    uint64_t i = *cursor > requests->first ? *cursor : requests->first;

    for (; i < requests->next; i++) {
        struct request *request = place(requests, i);
        if (!request->bytes || request->sent) {
            continue;
        }
        if (request->send_at <= now) {
            *cursor = i + 1;
            return request;
        }
        if (request->send_at < *ret_wake_at) {
            *ret_wake_at = request->send_at;
        }
    }
    *cursor = i;
    return NULL;
}

uint64_t requests_received(const struct requests *requests)
{
    return requests->first - 1;
}
