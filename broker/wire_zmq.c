// SPDX-License-Identifier: Apache-2.0

#include "broker/wire_zmq.h"

#include "broker/log.h"
#include "broker/wire_zmq_guard.h"
#include "broker/zap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>
#include <zmq.h>

#define PROBE_ENDPOINT "inproc://entente.first-id"

enum {
    AUTOMATIC_ID_SIZE = 5, /* a zero byte, then a number that counts up */
    SOCKETS_MAX = 16,
    DROPS_PER_RECEIVE = 256, /* so that a flood of bad frames cannot hold the loop */
    RECEIVES_PER_ZAP_STEP = 64,
};

struct wire_zmq {
    struct wire wire; /* first: a struct wire of ours is a struct wire_zmq */
    void *context;
    void *router;
    struct zap *zap;
    int again; /* an eventfd: readable while ZeroMQ holds more than it signals */
    size_t max_frame;
    uint32_t first_peer; /* the ROUTER's automatic ids count up from here */
    uint64_t received;
    bool has_logged_bad_id;
    zmq_msg_t payload; /* what the last receive gave out */
    char endpoint[WIRE_ZMQ_ENDPOINT_MAX];
};

static struct wire_zmq *from_wire(const struct wire *wire)
{
    return wire->implementation;
}

static uint32_t read_big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
}

/* Was this id given out by the ROUTER?  One that a client chose, even in the same form,
 * lies outside the numbers that the clients let in so far can have used up. */
static bool is_automatic(const struct wire_zmq *self, const uint8_t *id, size_t size)
{
    if (size != AUTOMATIC_ID_SIZE || id[0] != 0) {
        return false;
    }
    uint32_t distance = read_big_endian(id + 1) - self->first_peer;
    return distance < zap_counts(self->zap).allowed;
}

static void log_bad_id(struct wire_zmq *self)
{
    if (!self->has_logged_bad_id) {
        self->has_logged_bad_id = true;
        log_line(LOG_WARNING, "wire",
                 "a client chose its own routing id: its frames are dropped");
    }
}

/* Receive into @message, over interruptions.  False with errno when there is nothing.
 */
static bool take(struct wire_zmq *self, zmq_msg_t *message)
{
    int size = 0;

    do {
        size = zmq_msg_recv(message, self->router, ZMQ_DONTWAIT);
    } while (size < 0 && zmq_errno() == EINTR);
    return size >= 0;
}

static void drop_rest(struct wire_zmq *self, zmq_msg_t *message)
{
    while (zmq_msg_more(message) != 0 && take(self, message)) {
        /* A message of several parts is complete once its first part is there. */
    }
}

/* Take one message apart.  True if it is fit to be given out: exactly [id][payload],
 * from an id that is ours, within the size, and with the key that CURVE proved. */
static bool take_payload(struct wire_zmq *self, zmq_msg_t *id, struct wire_frame *frame)
{
    zmq_msg_t *payload = &self->payload;

    if (zmq_msg_more(id) == 0 || !take(self, payload)) {
        return false;
    }
    if (zmq_msg_more(payload) != 0) {
        drop_rest(self, payload);
        return false;
    }
    const uint8_t *id_bytes = zmq_msg_data(id);
    if (!is_automatic(self, id_bytes, zmq_msg_size(id))) {
        log_bad_id(self);
        return false;
    }

    /* Never from the routing frame: libzmq 4.3.4 loses its properties after a poll. */
    const char *key = zmq_msg_gets(payload, "User-Id");
    if (key == NULL || strlen(key) != WIRE_KEY_TEXT - 1 ||
        zmq_msg_size(payload) > self->max_frame) {
        return false;
    }
    frame->peer = read_big_endian(id_bytes + 1);
    memcpy(frame->key, key, WIRE_KEY_TEXT);
    frame->bytes = zmq_msg_data(payload);
    frame->size = zmq_msg_size(payload);
    return true;
}

static enum status receive(struct wire *wire, bool *ret_arrived,
                           struct wire_frame *ret_frame)
{
    struct wire_zmq *self = from_wire(wire);

    if (self->received++ % RECEIVES_PER_ZAP_STEP == 0) {
        zap_step(self->zap);
    }

    for (int i = 0; i < DROPS_PER_RECEIVE; i++) {
        struct wire_frame frame = {0};
        zmq_msg_t id;

        zmq_msg_init(&id);
        if (!take(self, &id)) {
            int error = zmq_errno();
            zmq_msg_close(&id);
            if (error != EAGAIN) {
                log_line(LOG_ERROR, "wire", "receive: %s", zmq_strerror(error));
                return STATUS_FAILED;
            }
            break;
        }
        bool is_fit = take_payload(self, &id, &frame);
        zmq_msg_close(&id);
        if (is_fit) {
            *ret_frame = frame;
            *ret_arrived = true;
            return STATUS_OK;
        }
    }
    zap_step(self->zap);
    *ret_arrived = false;
    return STATUS_OK;
}

/* Pending events of @socket.  Asking also makes ZeroMQ take in what its own thread has
 * told it, which sending alone does only now and then. */
static int events_of(void *socket)
{
    int events = 0;
    size_t size = sizeof(events);

    return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0 ? events : 0;
}

static int try_send(struct wire_zmq *self, const void *bytes, size_t size, int flags)
{
    int sent = 0;

    do {
        sent = zmq_send(self->router, bytes, size, flags | ZMQ_DONTWAIT);
    } while (sent < 0 && zmq_errno() == EINTR);
    return sent < 0 ? zmq_errno() : 0;
}

static enum status send_frame(struct wire *wire, uint32_t peer, const uint8_t *bytes,
                              size_t size)
{
    struct wire_zmq *self = from_wire(wire);
    const uint8_t id[AUTOMATIC_ID_SIZE] = {0, (uint8_t)(peer >> 24),
                                           (uint8_t)(peer >> 16), (uint8_t)(peer >> 8),
                                           (uint8_t)peer};

    /* The pipe is chosen, and full or gone, with the id; the payload then follows. */
    int error = try_send(self, id, sizeof(id), ZMQ_SNDMORE);
    if (error == EAGAIN) {
        (void)events_of(self->router);
        error = try_send(self, id, sizeof(id), ZMQ_SNDMORE);
    }
    if (error == 0) {
        error = try_send(self, bytes, size, 0);
    }

    if (error == EHOSTUNREACH) {
        return STATUS_PEER_GONE;
    }
    if (error == EAGAIN) {
        return STATUS_FULL;
    }
    if (error != 0) {
        log_line(LOG_ERROR, "wire", "send: %s", zmq_strerror(error));
        return STATUS_FAILED;
    }
    return STATUS_OK;
}

static struct pollfd descriptor_of(void *socket)
{
    int descriptor = -1;
    size_t size = sizeof(descriptor);

    if (zmq_getsockopt(socket, ZMQ_FD, &descriptor, &size) != 0) {
        descriptor = -1; /* poll skips it */
    }
    return (struct pollfd){.fd = descriptor, .events = POLLIN};
}

/* ZMQ_FD tells of a change once, and sending swallows it.  What is already waiting is
 * therefore signalled by a descriptor of our own. */
static size_t descriptors(struct wire *wire, struct pollfd *ret, size_t capacity)
{
    struct wire_zmq *self = from_wire(wire);
    uint64_t count = 0;

    assert(capacity >= WIRE_ZMQ_DESCRIPTORS);
    (void)capacity;

    ssize_t drained = read(self->again, &count, sizeof(count));
    (void)drained;
    if (((events_of(self->router) | events_of(zap_socket(self->zap))) & ZMQ_POLLIN) !=
        0) {
        count = 1;
        ssize_t written = write(self->again, &count, sizeof(count));
        (void)written;
    }
    ret[0] = descriptor_of(self->router);
    ret[1] = descriptor_of(zap_socket(self->zap));
    ret[2] = (struct pollfd){.fd = self->again, .events = POLLIN};
    return WIRE_ZMQ_DESCRIPTORS;
}

static void judge_again(struct wire *wire)
{
    zap_judge_again(from_wire(wire)->zap);
}

static void destroy(struct wire *wire)
{
    if (wire == NULL) {
        return;
    }
    struct wire_zmq *self = from_wire(wire);

    zmq_msg_close(&self->payload);
    if (self->router != NULL) {
        zmq_close(self->router);
    }
    zap_destroy(self->zap);
    if (self->context != NULL) {
        while (zmq_ctx_term(self->context) != 0 && zmq_errno() == EINTR) {
            /* A signal does not excuse us from waiting for ZeroMQ's thread. */
        }
    }
    if (self->again >= 0) {
        close(self->again);
    }
    free(self);
}

/* Learn where the ROUTER's automatic ids begin, by being its first peer.  In-process
 * peers are not asked for a key, so the address is closed again at once. */
static bool learn_first_peer(struct wire_zmq *self)
{
    const int wait_ms = 1000;
    const int for_ever = -1;
    uint8_t id[AUTOMATIC_ID_SIZE + 1];
    bool is_learnt = false;
    void *probe = zmq_socket(self->context, ZMQ_DEALER);

    if (probe != NULL && zmq_bind(self->router, PROBE_ENDPOINT) == 0 &&
        zmq_setsockopt(self->router, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms)) == 0 &&
        zmq_connect(probe, PROBE_ENDPOINT) == 0 && zmq_send(probe, "", 0, 0) == 0 &&
        zmq_recv(self->router, id, sizeof(id), 0) == AUTOMATIC_ID_SIZE &&
        zmq_recv(self->router, NULL, 0, 0) == 0 &&
        zmq_setsockopt(self->router, ZMQ_RCVTIMEO, &for_ever, sizeof(for_ever)) == 0 &&
        zmq_unbind(self->router, PROBE_ENDPOINT) == 0) {
        self->first_peer = read_big_endian(id + 1) + 1;
        is_learnt = id[0] == 0;
    }
    if (!is_learnt) {
        log_line(LOG_ERROR, "wire", "the routing ids cannot be learnt: %s",
                 zmq_strerror(zmq_errno()));
    }
    if (probe != NULL) {
        zmq_close(probe);
    }
    return is_learnt;
}

static bool open_context(struct wire_zmq *self)
{
    self->again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->context = zmq_ctx_new();
    if (self->again < 0 || self->context == NULL ||
        zmq_ctx_set(self->context, ZMQ_MAX_SOCKETS, SOCKETS_MAX) != 0 ||
        zmq_ctx_set(self->context, ZMQ_BLOCKY, 0) != 0) {
        log_line(LOG_ERROR, "wire", "no ZeroMQ context: %s", zmq_strerror(zmq_errno()));
        return false;
    }
    return true;
}

/* libzmq 4.3.4 draws the ROUTER's first automatic id from the C library's generator and
 * never seeds it: every ROUTER of the world would begin at the same number, and a
 * client that foresees the next id and chooses it for itself makes libzmq abort.
 * Nothing of ours draws from that generator. */
static bool seed_first_id(void)
{
    static char state[256]; /* the generator keeps it */
    unsigned seed = 0;

    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        log_line(LOG_ERROR, "wire", "no random bytes: %s", strerror(errno));
        return false;
    }
    (void)initstate(seed, state, sizeof(state));
    return true;
}

/* The order matters: the handler is there before the address is, and the address is
 * bound last. */
static bool open_router(struct wire_zmq *self, const struct wire_zmq_settings *settings)
{
    size_t size = sizeof(self->endpoint);

    self->zap = zap_create(self->context, WIRE_ZMQ_ZAP_DOMAIN, settings->judge,
                           settings->judge_context);
    if (self->zap == NULL) {
        return false;
    }
    if (!seed_first_id()) {
        return false;
    }
    self->router = zmq_socket(self->context, ZMQ_ROUTER);
    if (self->router == NULL) {
        log_line(LOG_ERROR, "wire", "no socket: %s", zmq_strerror(zmq_errno()));
        return false;
    }
    if (!wire_zmq_guard(self->router, settings->secret_key, settings->max_frame) ||
        !learn_first_peer(self)) {
        return false;
    }
    if (zmq_bind(self->router, settings->endpoint) != 0 ||
        zmq_getsockopt(self->router, ZMQ_LAST_ENDPOINT, self->endpoint, &size) != 0) {
        log_line(LOG_ERROR, "wire", "%.200s cannot be bound: %s", settings->endpoint,
                 zmq_strerror(zmq_errno()));
        return false;
    }
    return true;
}

static bool is_network_endpoint(const char *endpoint)
{
    return strncmp(endpoint, "tcp://", 6) == 0 || strncmp(endpoint, "ipc://", 6) == 0;
}

enum status wire_zmq_create(const struct wire_zmq_settings *settings,
                            struct wire **ret_wire)
{
    /* In-process peers are never asked for a key. */
    if (!is_network_endpoint(settings->endpoint)) {
        log_line(LOG_ERROR, "wire", "%.200s is neither tcp:// nor ipc://",
                 settings->endpoint);
        return STATUS_FAILED;
    }

    struct wire_zmq *self = calloc(1, sizeof(*self));
    if (self == NULL) {
        log_line(LOG_ERROR, "wire", "out of memory");
        return STATUS_FAILED;
    }
    self->wire = (struct wire){
        .implementation = self,
        .receive = receive,
        .send = send_frame,
        .descriptors = descriptors,
        .judge_again = judge_again,
        .destroy = destroy,
    };
    self->max_frame = settings->max_frame;
    zmq_msg_init(&self->payload);

    if (!open_context(self) || !open_router(self, settings)) {
        destroy(&self->wire);
        return STATUS_FAILED;
    }
    *ret_wire = &self->wire;
    return STATUS_OK;
}

const char *wire_zmq_endpoint(const struct wire *wire)
{
    return from_wire(wire)->endpoint;
}

bool wire_zmq_is_enforcing(const struct wire *wire)
{
    return wire_zmq_guard_holds(from_wire(wire)->router);
}
