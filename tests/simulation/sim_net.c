// SPDX-License-Identifier: Apache-2.0

/*
 * sim_net.c - connections and what happens to frames on them
 *
 * The broker sees a struct wire, the SDK a struct session.  Real connections (TCP) keep
 * order and lose only their end; here they may also lose, repeat and change the order of
 * single frames, because whoever keeps a promise then keeps it always.
 */
#include "tests/simulation/sim.h"

#include "adapters/sdk/session.h"

#include <stdlib.h>
#include <string.h>

enum { WAKE_AT_LAST_MS = 86400000 }; /* whoever waits for nothing wakes once a day */

enum { TO_BROKER, TO_ADAPTER, DIRECTIONS };
enum { KEY_PLACE = 1 }; /* where in a key the number of its adapter stands */

struct frame {
    struct frame *next;
    struct connection *connection;
    size_t size;
    uint8_t bytes[];
};

struct inbox {
    struct frame *first;
    struct frame **last;
    struct frame *hand;
};

struct connection {
    struct connection *next; /* of all */
    uint32_t peer;
    unsigned adapter;
    unsigned node;
    bool open[DIRECTIONS]; /* as the broker, as the adapter sees it */
    bool undecided;        /* may it come in? */
    bool lost;             /* the adapter is told once its inbox is empty */
    int64_t last_us[DIRECTIONS];
};

struct session {
    unsigned adapter;
    struct connection *connection;
    struct inbox inbox;
};

struct network {
    struct connection *connections; /* the newest first */
    struct connection *by_peer[SIM_CONNECTIONS];
    uint32_t peers;
    struct inbox inboxes[SIM_BROKERS];
    struct session *sessions[SIM_ADAPTERS];
    bool cut[SIM_ADAPTERS][SIM_BROKERS][DIRECTIONS];
    unsigned undecided[SIM_BROKERS];
    int64_t lag_us; /* latency: at least this, at most eight times */
};

static void *need(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static void inbox_init(struct inbox *inbox)
{
    inbox->first = NULL;
    inbox->last = &inbox->first;
}

static void inbox_put(struct inbox *inbox, struct frame *frame)
{
    frame->next = NULL;
    *inbox->last = frame;
    inbox->last = &frame->next;
}

static struct frame *inbox_take(struct inbox *inbox)
{
    free(inbox->hand);
    inbox->hand = inbox->first;
    if (inbox->first != NULL) {
        inbox->first = inbox->first->next;
        inbox->last = inbox->first == NULL ? &inbox->first : inbox->last;
    }
    return inbox->hand;
}

static void inbox_clear(struct inbox *inbox)
{
    do {
    } while (inbox_take(inbox) != NULL);
}

struct network *network_create(void)
{
    struct network *network = need(calloc(1, sizeof(*network)));
    for (unsigned i = 0; i < SIM_BROKERS; i++) {
        inbox_init(&network->inboxes[i]);
    }
    network->lag_us = sim_between(50, 5000);
    return network;
}

void network_destroy(struct network *network)
{
    for (size_t i = 0; i < world->heap_count; i++) {
        if (world->heap[i].kind == EVENT_FRAME) {
            free(world->heap[i].what);
        }
    }
    for (unsigned i = 0; i < SIM_BROKERS; i++) {
        inbox_clear(&network->inboxes[i]);
    }
    while (network->connections != NULL) {
        struct connection *connection = network->connections;
        network->connections = connection->next;
        free(connection);
    }
    free(network);
}

/* ---- frames ------------------------------------------------------------------------
 */

static int64_t latency_us(struct connection *connection, unsigned direction)
{
    const struct network *network = world->network;
    int64_t delay_us = sim_between(network->lag_us, 8 * network->lag_us);
    if (sim_has(TROUBLE_DELAY) && sim_chance(3000)) {
        delay_us += sim_between(0, 6000000);
    }
    int64_t at_us = world->now_us + delay_us;
    if (sim_has(TROUBLE_REORDER) && sim_chance(5000)) {
        return delay_us; /* it may overtake, or be overtaken */
    }
    if (at_us < connection->last_us[direction]) {
        at_us = connection->last_us[direction];
    }
    connection->last_us[direction] = at_us;
    return at_us - world->now_us;
}

static void dispatch(struct connection *connection, unsigned direction,
                     const void *bytes, size_t size)
{
    bool cut = world->network->cut[connection->adapter][connection->node][direction];
    unsigned times = sim_has(TROUBLE_REPEAT) && sim_chance(4000) ? 2 : 1;
    if (cut || (sim_has(TROUBLE_LOSS) && sim_chance(3000))) {
        return;
    }
    while (times-- > 0) {
        struct frame *frame = need(malloc(sizeof(*frame) + size));
        frame->connection = connection;
        frame->size = size;
        memcpy(frame->bytes, bytes, size);
        sim_after(latency_us(connection, direction), EVENT_FRAME, direction, frame, 0);
    }
}

void network_frame(struct event *event)
{
    struct frame *frame = event->what;
    struct connection *connection = frame->connection;
    unsigned direction = event->who;
    sim_note("frame", frame->bytes, frame->size);
    if (direction == TO_BROKER && connection->undecided) {
        sim_after(1000, EVENT_FRAME, direction, frame, 0);
        return;
    }
    if (!connection->open[direction]) {
        free(frame);
        return;
    }
    if (direction == TO_BROKER) {
        inbox_put(&world->network->inboxes[connection->node], frame);
        node_wake(connection->node);
    } else {
        inbox_put(&world->network->sessions[connection->adapter]->inbox, frame);
        adapter_wake(connection->adapter, 0);
    }
}

/* ---- connections -------------------------------------------------------------------
 */

static void set_undecided(struct connection *connection, bool undecided)
{
    unsigned *count = &world->network->undecided[connection->node];
    *count += undecided && !connection->undecided;
    *count -= !undecided && connection->undecided;
    connection->undecided = undecided;
}

static void close_from(struct connection *connection, unsigned to)
{
    bool cut = world->network->cut[connection->adapter][connection->node][to];
    if (!cut) {
        sim_after(latency_us(connection, to), EVENT_CLOSE, to, connection, 0);
    }
}

void network_closed(struct event *event)
{
    struct connection *connection = event->what;
    unsigned at = event->who;
    if (at == TO_ADAPTER && connection->open[TO_ADAPTER]) {
        connection->lost = true;
        adapter_wake(connection->adapter, 0);
    }
    if (at == TO_BROKER) {
        set_undecided(connection, false);
    }
    connection->open[at] = connection->open[at] && at != TO_BROKER;
}

static void judge(struct connection *connection)
{
    switch (node_judge(connection->node, adapter_key(connection->adapter))) {
    case WIRE_ALLOW:
        set_undecided(connection, false);
        connection->open[TO_BROKER] = true;
        return;
    case WIRE_UNDECIDED:
        set_undecided(connection, true);
        return;
    case WIRE_DENY:
        set_undecided(connection, false);
        close_from(connection, TO_ADAPTER);
        return;
    }
}

void network_opened(struct event *event)
{
    struct connection *connection = event->what;
    if (!node_is_up(connection->node)) {
        close_from(connection, TO_ADAPTER);
        return;
    }
    judge(connection);
}

void network_node_died(unsigned node)
{
    inbox_clear(&world->network->inboxes[node]);
    for (struct connection *c = world->network->connections; c != NULL; c = c->next) {
        if (c->node != node) {
            continue;
        }
        c->open[TO_BROKER] = false;
        set_undecided(c, false);
        if (c->open[TO_ADAPTER] && sim_chance(700000)) {
            close_from(c, TO_ADAPTER);
        }
    }
}

void network_partition(void)
{
    struct network *network = world->network;
    unsigned adapter = (unsigned)sim_draw(world->adapter_count);
    unsigned node = (unsigned)sim_draw(world->node_count);
    bool all = sim_chance(400000); /* a broker that nobody reaches */
    bool there = sim_chance(700000);
    bool back = !there || sim_chance(700000);
    for (unsigned i = 0; i < world->adapter_count; i++) {
        if (all || i == adapter) {
            network->cut[i][node][TO_BROKER] |= there;
            network->cut[i][node][TO_ADAPTER] |= back;
        }
    }
}

void network_heal(void)
{
    memset(world->network->cut, 0, sizeof(world->network->cut));
    /* What was lost in the middle of a connection shows when it ends. */
    for (struct connection *c = world->network->connections; c != NULL; c = c->next) {
        if (c->open[TO_ADAPTER] && world->healing) {
            close_from(c, TO_ADAPTER);
            close_from(c, TO_BROKER);
        }
    }
}

void network_reset_one(void)
{
    size_t count = 0;
    struct connection *chosen = NULL;
    for (struct connection *c = world->network->connections; c != NULL; c = c->next) {
        if (c->open[TO_ADAPTER] && sim_draw(++count) == 0) {
            chosen = c;
        }
    }
    if (chosen != NULL) {
        close_from(chosen, TO_ADAPTER);
        if (sim_chance(800000)) {
            close_from(chosen, TO_BROKER);
        }
    }
}

/* ---- the broker's side -------------------------------------------------------------
 */

static unsigned node_of(const struct wire *wire)
{
    return (unsigned)((struct inbox *)wire->implementation - world->network->inboxes);
}

static enum status wire_receive(struct wire *wire, bool *ret_arrived,
                                struct wire_frame *ret_frame)
{
    struct frame *frame = inbox_take(wire->implementation);
    *ret_arrived = frame != NULL;
    if (frame != NULL) {
        ret_frame->peer = frame->connection->peer;
        memcpy(ret_frame->key, adapter_key(frame->connection->adapter), WIRE_KEY_TEXT);
        ret_frame->bytes = frame->bytes;
        ret_frame->size = frame->size;
    }
    return STATUS_OK;
}

static enum status wire_send(struct wire *wire, uint32_t peer, const uint8_t *bytes,
                             size_t size)
{
    struct connection *connection =
        peer < SIM_CONNECTIONS ? world->network->by_peer[peer] : NULL;
    bool dying = node_is_dying(node_of(wire));
    if (!dying && (connection == NULL || !connection->open[TO_BROKER])) {
        return STATUS_PEER_GONE;
    }
    if (dying || (sim_has(TROUBLE_LOSS) && sim_chance(3000))) {
        return dying ? STATUS_OK : STATUS_FULL;
    }
    dispatch(connection, TO_ADAPTER, bytes, size);
    return STATUS_OK;
}

static size_t wire_descriptors(struct wire *wire, struct pollfd *ret, size_t capacity)
{
    (void)wire;
    (void)ret;
    (void)capacity;
    return 0;
}

static void wire_judge_again(struct wire *wire)
{
    unsigned node = node_of(wire);
    struct connection *c = world->network->connections;
    for (; c != NULL && world->network->undecided[node] > 0; c = c->next) {
        if (c->undecided && c->node == node) {
            judge(c);
        }
    }
}

static void wire_destroy(struct wire *wire)
{
    free(wire);
}

struct wire *network_wire(unsigned node)
{
    struct wire *wire = need(calloc(1, sizeof(*wire)));
    *wire = (struct wire){.implementation = &world->network->inboxes[node],
                          .receive = wire_receive,
                          .send = wire_send,
                          .descriptors = wire_descriptors,
                          .judge_again = wire_judge_again,
                          .destroy = wire_destroy};
    return wire;
}

/* ---- the SDK's side ----------------------------------------------------------------
 */

bool session_is_key(const char *text)
{
    return text != NULL && strlen(text) == SESSION_KEY_SIZE - 1;
}

struct session *session_create(const struct session_settings *settings)
{
    struct session *session = need(calloc(1, sizeof(*session)));
    session->adapter = (unsigned)(settings->public_key[KEY_PLACE] - 'a');
    inbox_init(&session->inbox);
    world->network->sessions[session->adapter] = session;
    return session;
}

void session_close(struct session *session)
{
    struct connection *connection = session->connection;
    inbox_clear(&session->inbox);
    session->connection = NULL;
    if (connection != NULL) {
        connection->open[TO_ADAPTER] = false;
        close_from(connection, TO_BROKER);
    }
}

void session_destroy(struct session *session, uint32_t linger_ms)
{
    (void)linger_ms;
    if (session == NULL) {
        return;
    }
    if (session->connection != NULL) {
        session->connection->open[TO_ADAPTER] = false;
        if (sim_chance(700000)) {
            close_from(session->connection, TO_BROKER);
        }
    }
    inbox_clear(&session->inbox);
    world->network->sessions[session->adapter] = NULL;
    free(session);
}

bool session_open(struct session *session, const char *endpoint)
{
    struct network *network = world->network;
    session_close(session);
    if (network->peers >= SIM_CONNECTIONS) {
        return false;
    }
    struct connection *connection = need(calloc(1, sizeof(*connection)));
    connection->peer = network->peers;
    connection->adapter = session->adapter;
    connection->node = (unsigned)(endpoint[strlen(endpoint) - 1] - '0');
    connection->open[TO_ADAPTER] = true;
    connection->next = network->connections;
    network->connections = connection;
    network->by_peer[network->peers++] = connection;
    session->connection = connection;
    if (!network->cut[connection->adapter][connection->node][TO_BROKER]) {
        sim_after(latency_us(connection, TO_BROKER), EVENT_OPEN, connection->adapter,
                  connection, 0);
    }
    return true;
}

bool session_send(struct session *session, const void *bytes, size_t size)
{
    if (session->connection == NULL) {
        return false;
    }
    dispatch(session->connection, TO_BROKER, bytes, size);
    return true;
}

enum session_arrival session_receive(struct session *session,
                                     struct entente_bytes *ret_frame)
{
    const struct frame *frame = inbox_take(&session->inbox);
    while (frame != NULL && frame->connection != session->connection) {
        frame = inbox_take(&session->inbox);
    }
    if (frame != NULL) {
        ret_frame->data = frame->bytes;
        ret_frame->size = frame->size;
        return SESSION_FRAME;
    }
    return session->connection == NULL || session->connection->lost ? SESSION_LOST
                                                                    : SESSION_NOTHING;
}

const char *session_trouble(const struct session *session)
{
    (void)session;
    return NULL;
}

int session_fd(const struct session *session)
{
    (void)session;
    return -1;
}

void session_wake_at(struct session *session, int64_t time_ms)
{
    int64_t delay_ms = time_ms - sim_mono_ms();
    int64_t delay_us = (delay_ms < WAKE_AT_LAST_MS ? delay_ms : WAKE_AT_LAST_MS) * 1000;
    adapter_wake(session->adapter, delay_us > 0 ? delay_us : 0);
}

void session_wait(const struct session *session, int timeout_ms)
{
    (void)session;
    (void)timeout_ms;
}
