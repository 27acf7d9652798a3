// SPDX-License-Identifier: Apache-2.0

/*
 * million_replay.c - a million events to a client that has none, over TCP and CURVE
 *
 * The client is the SDK.  It checks that every number follows the one before, and
 * acknowledges each, as an adapter does that has applied it.
 */
#include "bench/million.h"

#include <inttypes.h>

enum { LIMIT_EVENTS = 20000 };

struct replay {
    struct entente_client *client;
    uint64_t last;
};

/* The first ones may come while the connection is being made. */
static void acknowledge(const struct replay *replay)
{
    if (replay->client != NULL && replay->last != 0 &&
        entente_client_applied(replay->client, replay->last) != ENTENTE_OK) {
        report_die("an event cannot be acknowledged");
    }
}

static void on_event(void *context, const struct entente_event *event,
                     struct entente_position position)
{
    struct replay *replay = context;
    (void)position;
    if (event->sequence != replay->last + 1 || event->meeting == NULL ||
        event->meeting->state != ENTENTE_CONFIRMED) {
        report_die("event %" PRIu64 " after %" PRIu64, event->sequence, replay->last);
    }
    replay->last = event->sequence;
    acknowledge(replay);
}

/* Events a second; the position is forgotten, so that all of them come. */
static double replay_all(struct million *million)
{
    struct replay replay = {0};
    struct entente_settings settings = {.context = &replay, .on_event = on_event};
    bulk_run(million->connection,
             "UPDATE recipient SET acked_seq = 0 WHERE client = %" PRId64,
             million->client);
    double began = report_now();
    replay.client = stand_connect(&million->stand, 0, &settings);
    acknowledge(&replay);
    while (replay.last < million->events) {
        if (entente_client_step(replay.client, STAND_PATIENCE_MS) != ENTENTE_OK) {
            report_die("replay: %s", entente_client_sentence(replay.client));
        }
    }
    double rate = million->events / (report_now() - began);
    entente_client_destroy(replay.client);
    return rate;
}

void million_replay(struct million *million, struct report *report)
{
    struct figure rate = {0};
    struct figure copy = {0};
    stand_start_broker(&million->stand);
    for (int round = 0; round < million->rounds; round++) {
        figure_add(&rate, replay_all(million));
        double ms = bulk_copy_out(
            million->connection,
            "COPY (SELECT o.seq, m.id, m.body, m.sealed FROM outbox o"
            "        JOIN meeting m ON m.id = o.meeting) TO STDOUT (FORMAT binary)");
        figure_add(&copy, million->events / ms * 1000);
    }
    stand_stop_broker(&million->stand);
    report_line(report, "replay to one client, in order", "/s", &rate,
                "COPY of the same rows", &copy);
    report_limit(report, "replay", "/s", &rate, REPORT_AT_LEAST, LIMIT_EVENTS,
                 "the broker's one thread: decode, unseal, show, encode each event");
    figure_free(&rate);
    figure_free(&copy);
}
