// SPDX-License-Identifier: Apache-2.0

#include "broker/zap.h"

#include "broker/log.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_VERSION "1.0"

enum {
    KEY_SIZE = 32,
    PART_MAX = 255,
    NAME_MAX_SIZE = 64, /* of a routing id or a request id; libzmq uses 5 bytes and 1 */
    STEP_MAX = 256,     /* requests in one step, so that the loop comes round */
};

/* The parts of a request, in their order on the wire. */
enum part {
    PART_ROUTE,
    PART_DELIMITER,
    PART_VERSION,
    PART_REQUEST,
    PART_DOMAIN,
    PART_ADDRESS,
    PART_IDENTITY,
    PART_MECHANISM,
    PART_KEY,
    PART_COUNT,
};

struct bytes {
    size_t size;
    uint8_t bytes[PART_MAX];
};

struct request {
    struct bytes part[PART_COUNT];
    size_t count;
    bool is_too_long; /* some part was cut */
};

/* Whom an answer goes to. */
struct asker {
    size_t route_size;
    size_t request_size;
    uint8_t route[NAME_MAX_SIZE];
    uint8_t request[NAME_MAX_SIZE];
};

struct waiting {
    struct asker asker;
    char key[WIRE_KEY_TEXT];
    int64_t until_ms;
};

struct zap {
    void *socket;
    const char *domain;
    wire_judge judge;
    void *judge_context;
    struct zap_counts counts;
    struct request request; /* the one being read */
    struct waiting waiting[ZAP_WAITING_MAX];
};

static int64_t now_ms(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_text(const struct bytes *part, const char *text)
{
    return part->size == strlen(text) && memcmp(part->bytes, text, part->size) == 0;
}

/* Read one request; false when none is there. */
static bool read_request(struct zap *zap)
{
    struct request *request = &zap->request;
    zmq_msg_t message;
    int more = 1;

    request->count = 0;
    request->is_too_long = false;
    while (more != 0) {
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, zap->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&message);
            return false;
        }
        size_t size = zmq_msg_size(&message);
        if (size > PART_MAX) {
            request->is_too_long = true;
            size = PART_MAX;
        }
        if (request->count < PART_COUNT) {
            request->part[request->count].size = size;
            memcpy(request->part[request->count].bytes, zmq_msg_data(&message), size);
        }
        request->count++;
        more = zmq_msg_more(&message);
        zmq_msg_close(&message);
    }
    return true;
}

static bool send_part(struct zap *zap, const void *bytes, size_t size, int flags)
{
    int sent = 0;

    do {
        sent = zmq_send(zap->socket, bytes, size, flags | ZMQ_DONTWAIT);
    } while (sent < 0 && zmq_errno() == EINTR);
    return sent >= 0;
}

/* An asker that has gone away is no error: libzmq drops the answer. */
static void answer(struct zap *zap, const struct asker *asker, const char *code,
                   const char *text, const char *user_id)
{
    bool is_sent = send_part(zap, asker->route, asker->route_size, ZMQ_SNDMORE) &&
                   send_part(zap, "", 0, ZMQ_SNDMORE) &&
                   send_part(zap, ZAP_VERSION, strlen(ZAP_VERSION), ZMQ_SNDMORE) &&
                   send_part(zap, asker->request, asker->request_size, ZMQ_SNDMORE) &&
                   send_part(zap, code, strlen(code), ZMQ_SNDMORE) &&
                   send_part(zap, text, strlen(text), ZMQ_SNDMORE) &&
                   send_part(zap, user_id, strlen(user_id), ZMQ_SNDMORE) &&
                   send_part(zap, "", 0, 0);

    if (!is_sent) {
        log_line(LOG_WARNING, "zap", "an answer could not be sent: %s",
                 zmq_strerror(zmq_errno()));
    }
}

static void deny(struct zap *zap, const struct asker *asker, const char *why)
{
    zap->counts.denied++;
    if ((zap->counts.denied & (zap->counts.denied - 1)) == 0) {
        log_line(LOG_WARNING, "zap", "refused: %s (%llu refusals so far)", why,
                 (unsigned long long)zap->counts.denied);
    }
    answer(zap, asker, "400", "Refused", "");
}

static void put_off(struct zap *zap, const struct asker *asker)
{
    zap->counts.put_off++;
    answer(zap, asker, "300", "Try later", "");
}

/* Answer by the judge's word.  False if it could not decide. */
static bool settle(struct zap *zap, const struct asker *asker,
                   const char key[WIRE_KEY_TEXT])
{
    switch (zap->judge(zap->judge_context, key)) {
    case WIRE_ALLOW:
        /* Counted first: the ROUTER may see the client before this returns. */
        zap->counts.allowed++;
        answer(zap, asker, "200", "OK", key);
        return true;
    case WIRE_UNDECIDED:
        return false;
    case WIRE_DENY:
        break;
    }
    deny(zap, asker, "the key is not a client's");
    return true;
}

static void keep_waiting(struct zap *zap, const struct asker *asker,
                         const char key[WIRE_KEY_TEXT])
{
    if (zap->counts.waiting == ZAP_WAITING_MAX) {
        put_off(zap, asker);
        return;
    }
    struct waiting *waiting = &zap->waiting[zap->counts.waiting++];
    waiting->asker = *asker;
    memcpy(waiting->key, key, WIRE_KEY_TEXT);
    waiting->until_ms = now_ms() + ZAP_WAITING_MS;
}

/* False if the request cannot even be answered. */
static bool read_asker(const struct request *request, struct asker *ret_asker)
{
    const struct bytes *route = &request->part[PART_ROUTE];
    const struct bytes *number = &request->part[PART_REQUEST];

    if (request->count <= PART_MECHANISM || request->is_too_long ||
        request->part[PART_DELIMITER].size != 0 ||
        !is_text(&request->part[PART_VERSION], ZAP_VERSION) ||
        route->size > NAME_MAX_SIZE || number->size > NAME_MAX_SIZE) {
        return false;
    }
    ret_asker->route_size = route->size;
    memcpy(ret_asker->route, route->bytes, route->size);
    ret_asker->request_size = number->size;
    memcpy(ret_asker->request, number->bytes, number->size);
    return true;
}

static void judge_request(struct zap *zap)
{
    const struct request *request = &zap->request;
    struct asker asker = {0};
    char key[WIRE_KEY_TEXT] = "";

    if (!read_asker(request, &asker)) {
        zap->counts.malformed++;
        return;
    }
    if (!is_text(&request->part[PART_DOMAIN], zap->domain)) {
        deny(zap, &asker, "another domain");
        return;
    }
    if (!is_text(&request->part[PART_MECHANISM], "CURVE") ||
        request->count != PART_COUNT || request->part[PART_KEY].size != KEY_SIZE ||
        zmq_z85_encode(key, request->part[PART_KEY].bytes, KEY_SIZE) == NULL) {
        deny(zap, &asker, "no CURVE key");
        return;
    }
    if (!settle(zap, &asker, key)) {
        keep_waiting(zap, &asker, key);
    }
}

struct zap *zap_create(void *zmq_context, const char *domain, wire_judge judge,
                       void *judge_context)
{
    const int linger = 0;
    struct zap *zap = calloc(1, sizeof(*zap));

    if (zap == NULL) {
        log_line(LOG_ERROR, "zap", "out of memory");
        return NULL;
    }
    zap->domain = domain;
    zap->judge = judge;
    zap->judge_context = judge_context;
    zap->socket = zmq_socket(zmq_context, ZMQ_ROUTER);
    if (zap->socket == NULL ||
        zmq_setsockopt(zap->socket, ZMQ_LINGER, &linger, sizeof(linger)) != 0 ||
        zmq_bind(zap->socket, ZAP_ENDPOINT) != 0) {
        log_line(LOG_ERROR, "zap", "the handler cannot be bound: %s",
                 zmq_strerror(zmq_errno()));
        zap_destroy(zap);
        return NULL;
    }
    return zap;
}

void *zap_socket(struct zap *zap)
{
    return zap->socket;
}

void zap_step(struct zap *zap)
{
    for (int i = 0; i < STEP_MAX && read_request(zap); i++) {
        judge_request(zap);
    }
}

void zap_judge_again(struct zap *zap)
{
    const int64_t now = now_ms();
    size_t kept = 0;

    for (size_t i = 0; i < zap->counts.waiting; i++) {
        const struct waiting waiting = zap->waiting[i];

        if (waiting.until_ms <= now) {
            put_off(zap, &waiting.asker);
        } else if (!settle(zap, &waiting.asker, waiting.key)) {
            zap->waiting[kept++] = waiting;
        }
    }
    zap->counts.waiting = kept;
}

struct zap_counts zap_counts(const struct zap *zap)
{
    return zap->counts;
}

void zap_destroy(struct zap *zap)
{
    if (zap == NULL) {
        return;
    }
    if (zap->socket != NULL) {
        zmq_close(zap->socket);
    }
    free(zap);
}
