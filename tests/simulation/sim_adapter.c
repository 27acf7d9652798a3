// SPDX-License-Identifier: Apache-2.0

/*
 * sim_adapter.c - the life of an adapter, and what it writes into its agenda
 */
#include "tests/simulation/sim_adapter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND_US = 1000000, CLIENT_BASE = 101, PERSON_DIGITS = 8 };

/* What brokers do by themselves before anybody says hello issues fewer. */
enum { FAR_AHEAD = 24 };

static const char keys[SIM_ADAPTERS][WIRE_KEY_TEXT] = {
    "kaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "kbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    "kccccccccccccccccccccccccccccccccccccccc",
    "kddddddddddddddddddddddddddddddddddddddd",
    "keeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
    "kfffffffffffffffffffffffffffffffffffffff",
    "kggggggggggggggggggggggggggggggggggggggg",
    "khhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
};

static const char *const endpoints[SIM_BROKERS] = {"sim:0", "sim:1", "sim:2"};

const char *adapter_key(unsigned number)
{
    return keys[number];
}

bool adapter_is_up(unsigned number)
{
    return world->adapters[number]->client != NULL;
}

int64_t adapter_person(const struct entente_identifier *identifier)
{
    return identifier != NULL && identifier->value != NULL &&
                   strncmp(identifier->value, "81000000", PERSON_DIGITS) == 0
               ? strtoll(identifier->value + PERSON_DIGITS, NULL, 10)
               : 0;
}

bool adapter_speaks_for(const struct adapter *adapter, int64_t person)
{
    return person != 0 &&
           person % (int64_t)world->adapter_count == (int64_t)adapter->number;
}

/* ---- turns -------------------------------------------------------------------------
 */

void adapter_wake(unsigned number, int64_t delay_us)
{
    struct adapter *adapter = world->adapters[number];
    int64_t at_us = world->now_us + (delay_us < 10 ? 10 : delay_us);
    if (adapter == NULL || adapter->client == NULL || adapter->stopped ||
        (adapter->has_turn && adapter->turn_us <= at_us)) {
        return;
    }
    adapter->has_turn = true;
    adapter->turn_us = at_us;
    sim_after(at_us - world->now_us, EVENT_STEP, number, NULL, ++adapter->turn_tag);
}

bool adapter_is_stale(const struct event *event)
{
    const struct adapter *adapter = world->adapters[event->who];
    return adapter->client == NULL || event->tag != adapter->turn_tag;
}

void adapter_step(struct event *event)
{
    struct adapter *adapter = world->adapters[event->who];
    adapter->has_turn = false;
    (void)entente_client_step(adapter->client, 0);
    if (adapter->stopped) {
        /* Somebody looks after it and starts it again. */
        adapter_crash(event->who);
        sim_after(sim_between(SECOND_US, INT64_C(5) * SECOND_US), EVENT_REPAIR,
                  event->who, NULL, TROUBLE_ADAPTER);
    }
}

void adapter_act(struct event *event)
{
    struct adapter *adapter = world->adapters[event->who];
    if (adapter->client == NULL || adapter->life != event->tag) {
        return;
    }
    work_act(adapter);
    if (event->what != NULL) {
        return;
    }
    sim_after(sim_between(1, 2 * adapter->act_every_us), EVENT_ACT, event->who, NULL,
              event->tag);
}

void adapter_rush(unsigned number, int64_t delay_us)
{
    struct adapter *adapter = world->adapters[number];
    if (adapter->client != NULL) {
        sim_after(delay_us, EVENT_ACT, number, adapter, adapter->life);
    }
}

/* ---- commands ----------------------------------------------------------------------
 */

struct asked {
    struct adapter *adapter;
    uint64_t life;
    uint64_t epoch;
    uint64_t counter;
    bool command;
};

static bool is_command(uint32_t body)
{
    return body == ENTENTE_REQUEST || body == ENTENTE_ANSWER ||
           body == ENTENTE_DECIDE || body == ENTENTE_CANCEL ||
           body == ENTENTE_OWNER_ANSWER;
}

/* Whatever has been decided is a row of the table, and a search whose evidence was kept is
 * decided alike once more. */
static void check_record(const struct entente_decision_record *record)
{
    for (size_t i = 0; i < record->steps_count; i++) {
        const struct entente_decision_step *step = &record->steps[i];
        if (!step->lawful || step->replay == ENTENTE_REPLAYED_OTHERWISE ||
            step->replay == ENTENTE_EVIDENCE_ALTERED) {
            sim_violation("step %u (%s) of meeting %" PRIu64 " is %s", step->version,
                          step->event == NULL ? "?" : step->event,
                          sim_meeting_number(record->meeting.data),
                          step->lawful ? "decided otherwise once more" : "not lawful");
        }
        world->result.explained++;
        world->result.replayed += step->replay == ENTENTE_REPLAYED_ALIKE;
    }
}

static void answered(void *context, enum entente_code code,
                     const struct entente_envelope *reply)
{
    struct asked *asked = context;
    struct adapter *adapter = asked->adapter;
    bool ends = code == ENTENTE_ERROR_STOPPED; /* nobody knows what became of it */
    adapter->asked -= asked->life == adapter->life && adapter->asked > 0;
    if (asked->command && !ends && !world->over) {
        const struct entente_meeting *meeting =
            code == ENTENTE_OK && reply != NULL && reply->body == ENTENTE_MEETING
                ? reply->meeting
                : NULL;
        struct record record = {.kind = meeting != NULL ? RECORD_OK : RECORD_REFUSED,
                                .client = CLIENT_BASE + adapter->number,
                                .epoch = asked->epoch,
                                .counter = asked->counter};
        if (meeting != NULL) {
            record.meeting = sim_meeting_number(meeting->id.data);
            record.version = meeting->version;
            adapter_learn(adapter, meeting);
            world->result.commands++;
        }
        sim_record(&record);
    }
    if (code == ENTENTE_OK && reply != NULL && reply->body == ENTENTE_DECISION_RECORD) {
        check_record(reply->decision_record);
    }
    free(asked);
}

void adapter_ask(struct adapter *adapter, const struct entente_envelope *envelope)
{
    struct asked *asked = calloc(1, sizeof(*asked));
    if (asked == NULL) {
        abort();
    }
    *asked = (struct asked){.adapter = adapter,
                            .life = adapter->life,
                            .epoch = adapter->epoch,
                            .command = is_command(envelope->body)};
    if (entente_client_submit(adapter->client, envelope, answered, asked,
                              &asked->counter) != ENTENTE_OK) {
        free(asked);
        return;
    }
    adapter->asked++;
    if (asked->command) {
        const struct record record = {.kind = RECORD_INVOKE,
                                      .client = CLIENT_BASE + adapter->number,
                                      .epoch = asked->epoch,
                                      .counter = asked->counter};
        sim_record(&record);
    }
}

/* ---- what it knows -----------------------------------------------------------------
 */

void adapter_learn(struct adapter *adapter, const struct entente_meeting *meeting)
{
    char name[32];
    snprintf(name, sizeof(name), "vendor %u", adapter->number);
    known_learn(adapter->agenda.known, KNOWN_MEETINGS, &adapter->agenda.known_count,
                meeting, name, adapter_person);
}

/* The event and the position, together: this is what a calendar file does. */
static void on_event(void *context, const struct entente_event *event,
                     struct entente_position position)
{
    struct adapter *adapter = context;
    const struct record record = {
        .kind = RECORD_APPLY,
        .client = CLIENT_BASE + adapter->number,
        .epoch = event->epoch,
        .counter = event->sequence,
        .meeting = sim_meeting_number(event->meeting->id.data),
        .version = event->meeting->version,
        .state = event->meeting->state,
    };
    sim_record(&record);
    if (world->plan.mistake != SIM_FORGETS_POSITIONS || position.sequence % 7 != 0) {
        adapter->agenda.position = position;
    }
    adapter_learn(adapter, event->meeting);
    if (sim_chance(20000)) {
        adapter->backup = adapter->agenda;
    }
    (void)entente_client_applied(adapter->client, position.sequence);
    work_event(adapter, event);
}

static void on_connected(void *context, const struct entente_welcome *welcome)
{
    struct adapter *adapter = context;
    if (welcome->request_epoch < adapter->granted) {
        sim_violation("C3 client %u is granted epoch %" PRIu64 " after %" PRIu64,
                      CLIENT_BASE + adapter->number, welcome->request_epoch,
                      adapter->granted);
    }
    adapter->granted = welcome->request_epoch;
    if (welcome->event_epoch == adapter->agenda.position.epoch &&
        welcome->last_event_issued < adapter->agenda.position.sequence) {
        sim_violation("C5 client %u has had more than was issued, and nobody notices",
                      CLIENT_BASE + adapter->number);
    }
    if (adapter->epoch == 0) {
        adapter->epoch = welcome->request_epoch;
        work_publish_all(adapter);
    }
}

static void on_stopped(void *context, enum entente_code code, const char *sentence)
{
    struct adapter *adapter = context;
    (void)code;
    (void)sentence;
    adapter->stopped = true;
}

/* ---- life --------------------------------------------------------------------------
 */

void adapter_create(unsigned number)
{
    struct adapter *adapter = calloc(1, sizeof(*adapter));
    if (adapter == NULL) {
        abort();
    }
    adapter->number = number;
    world->adapters[number] = adapter;
}

/* The machine was lost, and what it had been told since the backup with it. */
static void restore(struct adapter *adapter)
{
    const struct record record = {.kind = RECORD_RESTORED,
                                  .client = CLIENT_BASE + adapter->number,
                                  .epoch = adapter->backup.position.epoch,
                                  .counter = adapter->backup.position.sequence};
    adapter->agenda = adapter->backup;
    sim_record(&record);
}

void adapter_start(unsigned number)
{
    static const char *const capabilities[] = {"can-report-deletion"};
    struct adapter *adapter = world->adapters[number];
    if (adapter->client != NULL) {
        return;
    }
    /* Not while nobody else could notice that the database is older than its agenda. */
    if (adapter->life > 0 && sim_has(TROUBLE_RESTORE) && !sim_db_is_older(world->db) &&
        sim_chance(150000)) {
        restore(adapter);
    }
    const struct entente_settings settings = {
        .endpoints = endpoints,
        .endpoints_count = world->node_count,
        .server_public_key = keys[0],
        .public_key = keys[number],
        .secret_key = keys[number],
        .position = adapter->agenda.position,
        .context = adapter,
        .on_event = on_event,
        .on_connected = on_connected,
        .on_stopped = on_stopped,
        .capabilities = capabilities,
        .capabilities_count = number % 2, /* every second is able to */
        .heartbeat_ms = 5000,
        .back_off_max_ms = 8000,
    };
    adapter->life++;
    adapter->epoch = 0;
    adapter->asked = 0;
    adapter->stopped = false;
    adapter->has_turn = false;
    adapter->turn_tag++;
    adapter->act_every_us = sim_between(SECOND_US / 10, INT64_C(2) * SECOND_US);
    adapter->client = entente_client_create(&settings, NULL, 0);
    if (adapter->client == NULL) {
        abort();
    }
    adapter_wake(number, 0);
    sim_after(sim_between(1, adapter->act_every_us), EVENT_ACT, number, NULL,
              adapter->life);
}

/* What is not in the agenda is lost, and nobody is told. */
void adapter_crash(unsigned number)
{
    struct adapter *adapter = world->adapters[number];
    struct entente_client *client = adapter->client;
    adapter->client = NULL;
    adapter->life++;
    adapter->has_turn = false;
    entente_client_destroy(client);
}

void adapter_destroy(unsigned number)
{
    struct adapter *adapter = world->adapters[number];
    world->over = true;
    adapter_crash(number);
    free(adapter);
    world->adapters[number] = NULL;
}

bool adapter_is_ahead(unsigned number)
{
    const struct adapter *adapter = world->adapters[number];
    struct sim_recipient then =
        sim_db_backup_recipient(world->db, CLIENT_BASE + number);
    const struct entente_position *here = &adapter->agenda.position;
    return here->epoch > then.epoch ||
           (here->epoch == then.epoch && here->sequence > then.issued + FAR_AHEAD);
}

void adapter_backup_is_back(unsigned number)
{
    static const uint64_t nothing[3];
    uint64_t *before = world->adapters[number]->issued_before;
    memcpy(before, nothing, sizeof(nothing));
    world->rows_seen[number] = sim_db_recipient(world->db, CLIENT_BASE + number).issued;
}

bool adapter_keeps_up(unsigned number)
{
    struct adapter *adapter = world->adapters[number];
    struct sim_recipient now = sim_db_recipient(world->db, CLIENT_BASE + number);
    uint64_t *before = adapter->issued_before;
    if (adapter->numbering != now.epoch) {
        adapter->numbering = now.epoch;
        before[0] = before[1] = before[2] = 0;
    }
    uint64_t then = before[0];
    before[0] = before[1];
    before[1] = before[2];
    before[2] = now.issued;
    return then == 0 || (adapter->agenda.position.epoch == now.epoch &&
                         adapter->agenda.position.sequence >= then);
}

bool adapter_is_settled(unsigned number)
{
    const struct adapter *adapter = world->adapters[number];
    const struct entente_position *here = &adapter->agenda.position;
    struct sim_recipient now = sim_db_recipient(world->db, CLIENT_BASE + number);
    uint64_t applied = here->epoch == now.epoch ? here->sequence : 0;
    return adapter->client != NULL && applied == now.issued && adapter->asked == 0;
}
