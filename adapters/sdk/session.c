// SPDX-License-Identifier: Apache-2.0

#include "adapters/sdk/session.h"

#include "proto/limits.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <zmq.h>

enum { SEND_QUEUE = 4096, RECEIVE_QUEUE = 4096, MONITOR_NAME_SIZE = 40 };

struct session {
    void *context;
    void *socket;  /* NULL: no connection */
    void *monitor; /* what the transport says about the socket */
    int ready;     /* epoll descriptor over the two, the bell and the timer */
    int bell;      /* eventfd: rings while there is something to do now */
    bool rings;
    int timer;
    int64_t timer_ms;     /* when it goes off; 0: it has not been set */
    uint64_t connections; /* opened so far: makes the monitors' names unique */
    uint32_t connect_timeout_ms;
    const char *trouble;
    bool lost;
    zmq_msg_t frame;
    char server_public_key[SESSION_KEY_SIZE];
    char public_key[SESSION_KEY_SIZE];
    char secret_key[SESSION_KEY_SIZE];
};

bool session_is_key(const char *text)
{
    uint8_t key[32];

    return text && strlen(text) == SESSION_KEY_SIZE - 1 && zmq_z85_decode(key, text);
}

static bool watch(const struct session *session, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN};

    return epoll_ctl(session->ready, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

static bool watch_socket(const struct session *session, void *socket)
{
    int descriptor;
    size_t size = sizeof descriptor;

    return zmq_getsockopt(socket, ZMQ_FD, &descriptor, &size) == 0 &&
           watch(session, descriptor);
}

static void unwatch_socket(const struct session *session, void *socket)
{
    int descriptor;
    size_t size = sizeof descriptor;

    if (zmq_getsockopt(socket, ZMQ_FD, &descriptor, &size) == 0) {
        (void)epoll_ctl(session->ready, EPOLL_CTL_DEL, descriptor, NULL);
    }
}

struct session *session_create(const struct session_settings *settings)
{
    if (!session_is_key(settings->server_public_key) ||
        !session_is_key(settings->public_key) ||
        !session_is_key(settings->secret_key)) {
        return NULL;
    }
    struct session *session = calloc(1, sizeof *session);
    if (!session) {
        return NULL;
    }
    memcpy(session->server_public_key, settings->server_public_key, SESSION_KEY_SIZE);
    memcpy(session->public_key, settings->public_key, SESSION_KEY_SIZE);
    memcpy(session->secret_key, settings->secret_key, SESSION_KEY_SIZE);
    session->connect_timeout_ms = settings->connect_timeout_ms;
    zmq_msg_init(&session->frame);
    session->context = zmq_ctx_new();
    session->ready = epoll_create1(EPOLL_CLOEXEC);
    session->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (!session->context || session->ready < 0 || session->bell < 0 ||
        session->timer < 0 || !watch(session, session->bell) ||
        !watch(session, session->timer)) {
        session_destroy(session, 0);
        return NULL;
    }
    return session;
}

/* Without waiting for anybody: what is unsent gets @linger_ms when the context ends. */
static void close_connection(struct session *session, int linger_ms)
{
    if (session->monitor) {
        unwatch_socket(session, session->monitor);
        (void)zmq_socket_monitor(session->socket, NULL, 0);
        zmq_close(session->monitor);
        session->monitor = NULL;
    }
    if (session->socket) {
        unwatch_socket(session, session->socket);
        (void)zmq_setsockopt(session->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
        zmq_close(session->socket);
        session->socket = NULL;
    }
}

void session_destroy(struct session *session, uint32_t linger_ms)
{
    if (!session) {
        return;
    }
    close_connection(session, (int)linger_ms);
    zmq_msg_close(&session->frame);
    if (session->context) {
        while (zmq_ctx_term(session->context) != 0 && errno == EINTR) {
            continue;
        }
    }
    if (session->timer >= 0) {
        close(session->timer);
    }
    if (session->bell >= 0) {
        close(session->bell);
    }
    if (session->ready >= 0) {
        close(session->ready);
    }
    /* The secret does not stay in freed memory. */
    explicit_bzero(session, sizeof *session);
    free(session);
}

static bool set_int(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

/* Every option is set before connecting: libzmq 4.3.4 does not survive some changes on
 * a living connection. */
static bool set_options(const struct session *session, void *socket)
{
    int patience_ms = (int)session->connect_timeout_ms;

    return zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, session->server_public_key,
                          SESSION_KEY_SIZE) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, session->public_key,
                          SESSION_KEY_SIZE) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, session->secret_key,
                          SESSION_KEY_SIZE) == 0 &&
           set_int(socket, ZMQ_SNDHWM, SEND_QUEUE) &&
           set_int(socket, ZMQ_RCVHWM, RECEIVE_QUEUE) &&
           set_int(socket, ZMQ_LINGER, 0) && set_int(socket, ZMQ_IPV6, 1) &&
           set_int(socket, ZMQ_CONNECT_TIMEOUT, patience_ms) &&
           set_int(socket, ZMQ_HANDSHAKE_IVL, patience_ms) &&
           /* A silent reconnect would bring the broker commands before the hello. */
           set_int(socket, ZMQ_RECONNECT_IVL, -1) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &(int64_t){LIMIT_FRAME_BYTES},
                          sizeof(int64_t)) == 0;
}

static bool start_monitor(struct session *session)
{
    const int events = ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED |
                       ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                       ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                       ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    char name[MONITOR_NAME_SIZE];

    (void)snprintf(name, sizeof name, "inproc://monitor-%llu",
                   (unsigned long long)session->connections);
    if (zmq_socket_monitor(session->socket, name, events) != 0) {
        return false;
    }
    session->monitor = zmq_socket(session->context, ZMQ_PAIR);
    return session->monitor && set_int(session->monitor, ZMQ_LINGER, 0) &&
           zmq_connect(session->monitor, name) == 0 &&
           watch_socket(session, session->monitor);
}

bool session_open(struct session *session, const char *endpoint)
{
    session_close(session);
    session->connections++;
    session->trouble = NULL;
    session->lost = false;
    session->socket = zmq_socket(session->context, ZMQ_DEALER);
    if (session->socket && set_options(session, session->socket) &&
        watch_socket(session, session->socket) && start_monitor(session) &&
        zmq_connect(session->socket, endpoint) == 0) {
        return true;
    }
    session_close(session);
    session->trouble = "the endpoint is not a ZeroMQ address like tcp://host:port";
    return false;
}

void session_close(struct session *session)
{
    close_connection(session, 0);
}

bool session_send(struct session *session, const void *bytes, size_t size)
{
    return session->socket &&
           zmq_send(session->socket, bytes, size, ZMQ_DONTWAIT) == (int)size;
}

/* Read what the transport says: a first frame with the event's number (16 bits) and
 * value (32 bits), and a second one with the address. */
static void read_monitor(struct session *session)
{
    uint8_t event[6];
    char address[256];

    while (session->monitor && zmq_recv(session->monitor, event, sizeof event,
                                        ZMQ_DONTWAIT) == (int)sizeof event) {
        uint16_t number;
        memcpy(&number, event, sizeof number);
        (void)zmq_recv(session->monitor, address, sizeof address, ZMQ_DONTWAIT);
        session->lost = true;
        if (number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
            session->trouble = "the broker does not accept this client's key";
        } else if (number == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL ||
                   number == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL) {
            session->trouble =
                "the handshake failed; is the broker's public key the right one?";
        } else if (!session->trouble && number == ZMQ_EVENT_CLOSED) {
            session->trouble = "nobody listens there";
        } else if (!session->trouble) {
            session->trouble = "the broker closed the connection";
        }
    }
}

/* True if the message that @frame began has no further part; else the rest is read. */
static bool is_whole(struct session *session)
{
    bool whole = !zmq_msg_more(&session->frame);

    while (zmq_msg_more(&session->frame)) {
        if (zmq_msg_recv(&session->frame, session->socket, ZMQ_DONTWAIT) < 0) {
            break;
        }
    }
    return whole;
}

enum session_arrival session_receive(struct session *session,
                                     struct entente_bytes *ret_frame)
{
    while (session->socket &&
           zmq_msg_recv(&session->frame, session->socket, ZMQ_DONTWAIT) >= 0) {
        if (is_whole(session)) {
            ret_frame->data = zmq_msg_data(&session->frame);
            ret_frame->size = zmq_msg_size(&session->frame);
            return SESSION_FRAME;
        }
    }
    /* Only now: what arrived before the end is worth having. */
    read_monitor(session);
    return session->lost || !session->socket ? SESSION_LOST : SESSION_NOTHING;
}

const char *session_trouble(const struct session *session)
{
    return session->trouble;
}

int session_fd(const struct session *session)
{
    return session->ready;
}

/* Whoever takes up a thousand events wakes its client a thousand times; setting a timer
 * costs more than all the rest of an event where the machine is a virtual one. */
static void ring(struct session *session, bool rings)
{
    eventfd_t count;

    if (rings == session->rings) {
        return;
    }
    (void)(rings ? eventfd_write(session->bell, 1)
                 : eventfd_read(session->bell, &count));
    session->rings = rings;
}

void session_wake_at(struct session *session, int64_t time_ms)
{
    ring(session, time_ms <= 0);
    if (time_ms <= 0 || time_ms == session->timer_ms) {
        return;
    }
    struct itimerspec when = {
        .it_value = {.tv_sec = time_ms / 1000, .tv_nsec = time_ms % 1000 * 1000000}};

    (void)timerfd_settime(session->timer, TFD_TIMER_ABSTIME, &when, NULL);
    session->timer_ms = time_ms;
}

void session_wait(const struct session *session, int timeout_ms)
{
    struct pollfd ready = {.fd = session->ready, .events = POLLIN};

    /* A signal ends the wait early, and the program's loop decides. */
    (void)poll(&ready, 1, timeout_ms);
}
