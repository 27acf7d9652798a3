// SPDX-License-Identifier: Apache-2.0

/*
 * relay.c - chaos_relay: every connection between clients, brokers and PostgreSQL goes
 * through it, and suffers what standard input says
 *
 *     usage: chaos_relay SEED ROUTE...       each ROUTE is ADDRESS:PORT=ADDRESS:PORT
 *
 *     delay R MS     what arrives goes on after up to MS milliseconds, in order
 *     stall R        nothing moves, nothing is accepted, nothing is closed: a partition
 *     lose R         what arrives is thrown away, and the connection breaks a little later
 *     reset R        every connection breaks now
 *     refuse R       and so does every new one
 *     heal R         as at first; R is the number of a route, or all
 *
 * Ends when standard input does.
 */
#include "tests/chaos/chance.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROUTES_MAX = 32, PAIRS_MAX = 128, BUFFER = 65536, TURN_MS = 1000 };

struct route {
    int listener;
    struct sockaddr_in target;
    int64_t delay_ms;
    bool stalled;
    bool loses;
    bool refuses;
};

/* What one side has said and the other has not been given. */
struct flow {
    uint8_t bytes[BUFFER];
    size_t begin;
    size_t end;
    int64_t ready_ms;
    bool ended; /* the side that speaks has ended */
    bool told;  /* and the other side knows */
};

struct pair {
    int sides[2];          /* who connected, and whom we connected to; -1: none */
    struct flow *flows[2]; /* from that side */
    size_t route;
    int64_t breaks_ms; /* 0: not */
};

static struct route routes[ROUTES_MAX];
static size_t route_count;
static struct pair pairs[PAIRS_MAX];
static struct chance chance;

static void die(const char *what)
{
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- connections -------------------------------------------------------------------
 */

static void set_up(int descriptor)
{
    int one = 1;
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/* The other end is told by a reset. */
static void cut(int descriptor)
{
    struct linger now = {1, 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(descriptor);
}

static void break_pair(struct pair *pair)
{
    for (size_t side = 0; side < 2; side++) {
        cut(pair->sides[side]);
        free(pair->flows[side]);
    }
    *pair = (struct pair){.sides = {-1, -1}};
}

static struct pair *free_pair(void)
{
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        if (pairs[i].sides[0] < 0) {
            return &pairs[i];
        }
    }
    return NULL;
}

static void accept_one(size_t number)
{
    struct route *route = &routes[number];
    int client = accept(route->listener, NULL, NULL);
    if (client < 0) {
        return;
    }
    struct pair *pair = free_pair();
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (route->refuses || pair == NULL || server < 0) {
        cut(client);
        if (server >= 0) {
            close(server);
        }
        return;
    }
    set_up(client);
    set_up(server);
    if (connect(server, (struct sockaddr *)&route->target, sizeof(route->target)) !=
            0 &&
        errno != EINPROGRESS) {
        cut(client);
        close(server);
        return;
    }
    *pair = (struct pair){.sides = {client, server}, .route = number};
    for (size_t side = 0; side < 2; side++) {
        pair->flows[side] = calloc(1, sizeof(struct flow));
        if (pair->flows[side] == NULL) {
            die("no memory");
        }
    }
}

/* ---- bytes -------------------------------------------------------------------------
 */

/* False when the pair is broken. */
static bool take_in(struct pair *pair, size_t side, int64_t now)
{
    struct flow *flow = pair->flows[side];
    const struct route *route = &routes[pair->route];
    ssize_t got = recv(pair->sides[side], flow->bytes, BUFFER, 0);
    if (got < 0) {
        return errno == EAGAIN || errno == EINTR || errno == EINPROGRESS;
    }
    if (got == 0) {
        flow->ended = true;
        return true;
    }
    if (route->loses) {
        if (pair->breaks_ms == 0) {
            pair->breaks_ms = now + chance_between(&chance, 50, 1500);
        }
        return true;
    }
    flow->begin = 0;
    flow->end = (size_t)got;
    flow->ready_ms = now + chance_between(&chance, 0, route->delay_ms);
    return true;
}

static bool give_out(struct pair *pair, size_t side)
{
    struct flow *flow = pair->flows[side];
    int other = pair->sides[1 - side];
    if (flow->begin < flow->end) {
        ssize_t sent = send(other, flow->bytes + flow->begin, flow->end - flow->begin,
                            MSG_NOSIGNAL);
        if (sent < 0) {
            return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
        }
        flow->begin += (size_t)sent;
    }
    if (flow->begin == flow->end && flow->ended && !flow->told) {
        flow->told = true;
        shutdown(other, SHUT_WR);
    }
    return true;
}

static bool is_done(const struct pair *pair)
{
    return pair->flows[0]->told && pair->flows[1]->told;
}

/* ---- what is asked of us -----------------------------------------------------------
 */

static void order_one(size_t number, const char *word, int64_t value)
{
    struct route *route = &routes[number];
    if (strcmp(word, "heal") == 0) {
        route->delay_ms = 0;
        route->stalled = route->loses = route->refuses = false;
    } else if (strcmp(word, "delay") == 0) {
        route->delay_ms = value;
    } else if (strcmp(word, "stall") == 0) {
        route->stalled = true;
    } else if (strcmp(word, "lose") == 0) {
        route->loses = true;
    } else if (strcmp(word, "refuse") == 0) {
        route->refuses = true;
    }
    bool breaks = strcmp(word, "reset") == 0 || strcmp(word, "refuse") == 0;
    for (size_t i = 0; breaks && i < PAIRS_MAX; i++) {
        if (pairs[i].sides[0] >= 0 && pairs[i].route == number) {
            break_pair(&pairs[i]);
        }
    }
}

static void order(char *line)
{
    char *rest = NULL;
    const char *word = strtok_r(line, " \n", &rest);
    const char *which = strtok_r(NULL, " \n", &rest);
    const char *value = strtok_r(NULL, " \n", &rest);
    if (word == NULL || which == NULL) {
        return;
    }
    bool all = strcmp(which, "all") == 0;
    size_t one = (size_t)strtoull(which, NULL, 10);
    for (size_t i = 0; i < route_count; i++) {
        if (all || i == one) {
            order_one(i, word, value == NULL ? 0 : strtoll(value, NULL, 10));
        }
    }
}

/* False at the end of standard input. */
static bool read_orders(void)
{
    static char text[4096];
    static size_t used;
    ssize_t got = read(STDIN_FILENO, text + used, sizeof(text) - 1 - used);
    if (got <= 0) {
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    used += (size_t)got;
    text[used] = '\0';
    char *begin = text;
    for (char *end = strchr(begin, '\n'); end != NULL; end = strchr(begin, '\n')) {
        *end = '\0';
        order(begin);
        begin = end + 1;
    }
    used -= (size_t)(begin - text);
    memmove(text, begin, used);
    return true;
}

/* ---- the loop ----------------------------------------------------------------------
 */

static struct sockaddr_in parse_address(char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char *colon = strchr(text, ':');
    if (colon == NULL) {
        die("an address has no port");
    }
    *colon = '\0';
    address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (inet_pton(AF_INET, text, &address.sin_addr) != 1) {
        die("an address cannot be read");
    }
    return address;
}

static void open_route(char *text)
{
    int one = 1;
    char *middle = strchr(text, '=');
    if (middle == NULL || route_count == ROUTES_MAX) {
        die("a route cannot be read");
    }
    *middle = '\0';
    struct route *route = &routes[route_count++];
    struct sockaddr_in here = parse_address(text);
    route->target = parse_address(middle + 1);
    route->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(route->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(route->listener, (struct sockaddr *)&here, sizeof(here)) != 0 ||
        listen(route->listener, 64) != 0) {
        die("a route cannot be opened");
    }
    fcntl(route->listener, F_SETFL, O_NONBLOCK);
}

struct watch {
    struct pollfd polled[1 + ROUTES_MAX + 2 * PAIRS_MAX];
    nfds_t count;
    int wait_ms;
};

static void wait_until(struct watch *watch, int64_t at_ms, int64_t now)
{
    int64_t left = at_ms <= now ? 0 : at_ms - now;
    watch->wait_ms = left < watch->wait_ms ? (int)left : watch->wait_ms;
}

static void watch_pair(struct watch *watch, const struct pair *pair, int64_t now)
{
    short wanted[2] = {0, 0};
    if (pair->sides[0] < 0 || routes[pair->route].stalled) {
        return;
    }
    for (size_t side = 0; side < 2; side++) {
        const struct flow *flow = pair->flows[side];
        bool waits = flow->begin < flow->end || (flow->ended && !flow->told);
        if (waits && flow->ready_ms <= now) {
            wanted[1 - side] |= POLLOUT;
        } else if (waits) {
            wait_until(watch, flow->ready_ms, now);
        } else if (!flow->ended) {
            wanted[side] |= POLLIN;
        }
    }
    if (pair->breaks_ms != 0) {
        wait_until(watch, pair->breaks_ms, now);
    }
    for (size_t side = 0; side < 2; side++) {
        if (wanted[side] != 0) {
            watch->polled[watch->count++] =
                (struct pollfd){.fd = pair->sides[side], .events = wanted[side]};
        }
    }
}

static void move_bytes(struct pair *pair, int64_t now)
{
    bool well = pair->breaks_ms == 0 || pair->breaks_ms > now;
    for (size_t side = 0; side < 2 && well; side++) {
        struct flow *flow = pair->flows[side];
        if (flow->begin == flow->end && !flow->ended) {
            well = take_in(pair, side, now);
        }
        if (well && flow->ready_ms <= now) {
            well = give_out(pair, side);
        }
    }
    if (!well || is_done(pair)) {
        break_pair(pair);
    }
}

static bool turn(void)
{
    static struct watch watch;
    int64_t now = now_ms();
    watch.count = 0;
    watch.wait_ms = TURN_MS;
    watch.polled[watch.count++] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    for (size_t i = 0; i < route_count; i++) {
        if (!routes[i].stalled) {
            watch.polled[watch.count++] =
                (struct pollfd){.fd = routes[i].listener, .events = POLLIN};
        }
    }
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        watch_pair(&watch, &pairs[i], now);
    }
    if (poll(watch.polled, watch.count, watch.wait_ms) < 0 && errno != EINTR) {
        die("poll");
    }
    if (watch.polled[0].revents != 0 && !read_orders()) {
        return false;
    }
    for (size_t i = 0; i < route_count; i++) {
        if (!routes[i].stalled) {
            accept_one(i);
        }
    }
    now = now_ms();
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        if (pairs[i].sides[0] >= 0 && !routes[pairs[i].route].stalled) {
            move_bytes(&pairs[i], now);
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: chaos_relay SEED ADDRESS:PORT=ADDRESS:PORT...\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    chance.state = strtoull(argv[1], NULL, 10);
    for (int i = 2; i < argc; i++) {
        open_route(argv[i]);
    }
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        pairs[i].sides[0] = pairs[i].sides[1] = -1;
    }
    while (turn()) {
    }
    return 0;
}
