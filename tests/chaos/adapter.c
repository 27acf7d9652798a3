// SPDX-License-Identifier: Apache-2.0

#include "tests/chaos/adapter.h"
#include "tests/chaos/trail.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    PERSON_DIGITS = 8,
    TURN_MS = 20,
    ACT_US = 60000,
    MOOD_US = 100000,
    US_PER_MS = 1000
};

static volatile sig_atomic_t asked_to_end;

static void on_signal(int number)
{
    (void)number;
    asked_to_end = 1;
}

static void die(const char *what)
{
    fprintf(stderr, "adapter: %s\n", what);
    exit(1);
}

int64_t adapter_now_ms(const struct adapter *adapter)
{
    return trail_now_us() / US_PER_MS + adapter->shift_minutes * 60000;
}

static void write_down(const struct adapter *adapter, int64_t at_us,
                       const struct record *record)
{
    if (!trail_write(adapter->trail, at_us, record)) {
        die("the trail cannot be written");
    }
}

/* ---- commands ----------------------------------------------------------------------
 */

struct asked {
    struct adapter *adapter;
    uint64_t counter;
    bool command;
};

/* What a process that was killed knew. */
static void learn_list(struct adapter *adapter, const struct entente_meeting_list *list)
{
    for (size_t i = 0; i < list->meetings_count; i++) {
        adapter_learn(adapter, &list->meetings[i]);
    }
}

static bool is_command(uint32_t body)
{
    return body == ENTENTE_REQUEST || body == ENTENTE_ANSWER ||
           body == ENTENTE_DECIDE || body == ENTENTE_CANCEL ||
           body == ENTENTE_OWNER_ANSWER;
}

static void answered(void *context, enum entente_code code,
                     const struct entente_envelope *reply)
{
    struct asked *asked = context;
    struct adapter *adapter = asked->adapter;
    /* Whoever stops does not learn what became of it. */
    if (asked->command && code != ENTENTE_ERROR_STOPPED) {
        const struct entente_meeting *meeting =
            code == ENTENTE_OK && reply != NULL && reply->body == ENTENTE_MEETING
                ? reply->meeting
                : NULL;
        struct record record = {.kind = meeting != NULL ? RECORD_OK : RECORD_REFUSED,
                                .epoch = adapter->epoch,
                                .counter = asked->counter};
        if (meeting != NULL) {
            record.meeting = trail_meeting(meeting->id.data);
            record.version = meeting->version;
        }
        write_down(adapter, trail_now_us(), &record);
        if (meeting != NULL) {
            adapter_learn(adapter, meeting);
        }
    } else if (code == ENTENTE_OK && reply != NULL &&
               reply->body == ENTENTE_MEETING_LIST) {
        learn_list(adapter, reply->meeting_list);
    }
    free(asked);
}

void adapter_ask(struct adapter *adapter, const struct entente_envelope *envelope)
{
    struct asked *asked = calloc(1, sizeof(*asked));
    int64_t at_us = trail_now_us();
    if (asked == NULL) {
        die("no memory");
    }
    *asked = (struct asked){.adapter = adapter, .command = is_command(envelope->body)};
    if (entente_client_submit(adapter->client, envelope, answered, asked,
                              &asked->counter) != ENTENTE_OK) {
        free(asked);
        return;
    }
    if (asked->command) {
        write_down(adapter, at_us,
                   &(struct record){.kind = RECORD_INVOKE,
                                    .epoch = adapter->epoch,
                                    .counter = asked->counter});
    }
}

/* ---- what it knows -----------------------------------------------------------------
 */

static int64_t person_of(const struct entente_identifier *identifier)
{
    return identifier != NULL && identifier->value != NULL &&
                   strncmp(identifier->value, "81000000", PERSON_DIGITS) == 0
               ? strtoll(identifier->value + PERSON_DIGITS, NULL, 10)
               : 0;
}

void adapter_learn(struct adapter *adapter, const struct entente_meeting *meeting)
{
    known_learn(adapter->known, KNOWN_MEETINGS, &adapter->known_count, meeting,
                adapter->name, person_of);
}

static void on_event(void *context, const struct entente_event *event,
                     struct entente_position position)
{
    struct adapter *adapter = context;
    const struct record record = {
        .kind = RECORD_APPLY,
        .epoch = event->epoch,
        .counter = event->sequence,
        .meeting = trail_meeting(event->meeting->id.data),
        .version = event->meeting->version,
        .state = event->meeting->state,
    };
    write_down(adapter, trail_now_us(), &record);
    adapter_learn(adapter, event->meeting);
    (void)entente_client_applied(adapter->client, position.sequence);
    work_event(adapter, event);
}

static void on_connected(void *context, const struct entente_welcome *welcome)
{
    struct adapter *adapter = context;
    if (adapter->epoch == 0) {
        adapter->epoch = welcome->request_epoch;
        work_publish_all(adapter);
        struct entente_list list = {.limit = KNOWN_MEETINGS};
        adapter_ask(adapter,
                    &(struct entente_envelope){.body = ENTENTE_LIST, .list = &list});
    }
}

static void on_stopped(void *context, enum entente_code code, const char *sentence)
{
    struct adapter *adapter = context;
    fprintf(stderr, "%s stopped: %s: %s\n", adapter->name, entente_code_name(code),
            sentence);
    adapter->stopped = true;
}

/* ---- life --------------------------------------------------------------------------
 */

/* The file says: how far the clock was moved, and whether to be quiet. */
static void read_mood(struct adapter *adapter, const char *path)
{
    char text[64];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return;
    }
    if (fgets(text, sizeof(text), file) != NULL) {
        char *rest = NULL;
        int64_t shift = strtoll(text, &rest, 10);
        bool moved = shift != adapter->shift_minutes;
        adapter->shift_minutes = shift;
        bool quiet = strtoll(rest, NULL, 10) != 0;
        if (adapter->epoch != 0 && !quiet && (moved || adapter->quiet)) {
            work_publish_all(adapter);
        }
        adapter->quiet = quiet;
    }
    fclose(file);
}

static int live(struct adapter *adapter, const char *mood)
{
    int64_t act_at_us = 0;
    int64_t mood_at_us = 0;
    while (!adapter->stopped) {
        int64_t now_us = trail_now_us();
        if (now_us >= mood_at_us) {
            read_mood(adapter, mood);
            mood_at_us = now_us + MOOD_US;
        }
        if (asked_to_end && entente_client_unanswered(adapter->client) == 0) {
            return 0;
        }
        if (now_us >= act_at_us && adapter->epoch != 0 && !asked_to_end) {
            work_act(adapter);
            act_at_us = now_us + chance_between(&adapter->chance, US_PER_MS, ACT_US);
        }
        (void)entente_client_step(adapter->client, TURN_MS);
    }
    return 3;
}

int main(int argc, char **argv)
{
    static struct adapter adapter;
    struct record last;
    char why[ENTENTE_WHY_SIZE];
    if (argc != 9) {
        die("usage: chaos_adapter NAME SETTINGS TRAIL MOOD SEED NUMBER ADAPTERS "
            "PEOPLE");
    }
    signal(SIGTERM, on_signal);
    signal(SIGPIPE, SIG_IGN);
    adapter.name = argv[1];
    adapter.trail = trail_open(argv[3], &last);
    adapter.chance.state = strtoull(argv[5], NULL, 10);
    adapter.number = strtoll(argv[6], NULL, 10);
    adapter.adapters = strtoll(argv[7], NULL, 10);
    adapter.people = strtoll(argv[8], NULL, 10);
    if (adapter.trail < 0 || adapter.adapters < 1) {
        die("the trail cannot be opened");
    }
    read_mood(&adapter, argv[4]);
    const struct entente_settings settings = {
        .software = "chaos",
        .software_version = "1",
        .position = {last.epoch, last.counter},
        .context = &adapter,
        .on_event = on_event,
        .on_connected = on_connected,
        .on_stopped = on_stopped,
        .heartbeat_ms = 400,
        .connect_timeout_ms = 1500,
        .back_off_max_ms = 500,
        .linger_ms = 200,
    };
    adapter.client = entente_client_from_file(argv[2], &settings, why, sizeof(why));
    if (adapter.client == NULL) {
        die(why);
    }
    int code = live(&adapter, argv[4]);
    entente_client_destroy(adapter.client);
    close(adapter.trail);
    return code;
}
