// SPDX-License-Identifier: Apache-2.0

/*
 * reader.c - the part of broker.h that answers questions
 *
 * Questions see committed state only: those that the index answers wait while a batch
 * is decided and not yet committed; the others are read from the database.
 *
 * What clients ask may pile up.  Few questions at a time are before the database, so that
 * events, deadlines and whoever comes back never stand behind all of them.
 */
#include "broker/reader_internal.h"

#include "broker/matter.h"
#include "broker/person.h"
#include "broker/view.h"
#include "proto/limits.h"
#include "proto/zone.h"

#include <stdlib.h>
#include <string.h>

/* A question that is being read. */
struct reading {
    struct broker *broker;
    struct command *command;
    struct arena arena;
    struct store_list list;
    size_t wanted; /* meetings of the list */
};

void reader_think(struct broker *broker, struct thought *thought, bool is_small)
{
    struct thinker *thinker = broker->thinker;
    if (is_small) {
        thought->think(thought);
        thought->done(thought);
    } else if (thinker_count(thinker) < BROKER_THOUGHTS &&
               thinker_count_of(thinker, thought->whose) < BROKER_THOUGHTS_EACH) {
        thinker_give(thinker, thought);
    } else {
        thought->done(thought);
    }
}

void reader_finish(struct broker *broker, struct command *command)
{
    broker->reading -= command->reads ? 1 : 0;
    session_answered(broker, command);
    command_destroy(command);
}

void reader_answer(struct broker *broker, struct command *command,
                   struct entente_envelope *envelope)
{
    envelope->version = ENTENTE_PROTOCOL_VERSION;
    envelope->request_epoch = command->key.epoch;
    envelope->request_counter = command->key.counter;
    speak(broker, command->peer, envelope, &command->arena);
}

void reader_refuse(struct broker *broker, struct command *command, unsigned code,
                   const char *parameter)
{
    const struct codec_error refusal = {.code = code,
                                        .parameters = {parameter},
                                        .parameter_count = parameter == NULL ? 0 : 1};
    speak_refusal(broker, command, &refusal);
}

/* ---- from the index ----------------------------------------------------------------
 */

static void tell_free(struct broker *broker, struct command *command)
{
    const struct entente_query_free *query = command->envelope->query_free;
    const struct people people = {.index = broker->index, .seal = broker->seal};
    const struct index_person *person = person_find(&people, query->person);
    /* Whether a patient is known here is nobody's business who may not ask. */
    bool may_ask =
        person != NULL &&
        (command->client->sandbox ||
         (person->kind != ENTENTE_PATIENT && person->kind != ENTENTE_REPRESENTATIVE));
    if (!may_ask) {
        reader_refuse(broker, command, ERROR_UNKNOWN_PERSON, "query_free.person");
        return;
    }
    struct entente_free_ranges ranges = {.person = query->person};
    struct arena arena;
    arena_init(&arena, BROKER_BATCH_BYTES);
    enum status status =
        propose_free(person, query->from, query->until, query->purposes,
                     broker_now_ms(broker), &arena, &ranges);
    struct entente_envelope envelope = {.body = ENTENTE_FREE_RANGES,
                                        .free_ranges = &ranges};
    if (status != STATUS_OK) {
        reader_refuse(broker, command, ERROR_OVERLOADED, NULL);
    } else if (ranges.ranges_count > LIMIT_PART_RANGES) {
        reader_refuse(broker, command, ERROR_TOO_MANY_RANGES,
                      "512 in one answer; ask for a shorter time, for one answer");
    } else {
        reader_answer(broker, command, &envelope);
    }
    arena_finish(&arena);
}

static void query_free(struct broker *broker, struct command *command)
{
    tell_free(broker, command);
    reader_finish(broker, command);
}

/* ---- from the database -------------------------------------------------------------
 */

static struct reading *begin_reading(struct broker *broker, struct command *command)
{
    struct reading *reading = calloc(1, sizeof(*reading));
    if (reading == NULL) {
        reader_refuse(broker, command, ERROR_OVERLOADED, NULL);
        reader_finish(broker, command);
        return NULL;
    }
    reading->broker = broker;
    reading->command = command;
    arena_init(&reading->arena, BROKER_BATCH_BYTES);
    return reading;
}

static void end_reading(struct reading *reading)
{
    reader_finish(reading->broker, reading->command);
    arena_finish(&reading->arena);
    free(reading);
}

/* Who repeats a command is told what became of it, also if it was that they leave. */
static bool may_see(const struct command *command,
                    const struct entente_meeting *meeting)
{
    return command->repeated ? matter_is_visible(meeting, command->client)
                             : matter_concerns(meeting, command->client);
}

static void got_meeting(void *context, enum status status,
                        struct entente_meeting *const *meetings, size_t count)
{
    struct reading *reading = context;
    struct command *command = reading->command;
    if (status != STATUS_OK) {
        reader_refuse(reading->broker, command, ERROR_UNAVAILABLE, NULL);
    } else if (count == 0 || !may_see(command, meetings[0])) {
        reader_refuse(reading->broker, command, ERROR_UNKNOWN_MEETING, NULL);
    } else {
        const struct entente_meeting *shown =
            view_meeting(meetings[0], command->client, &reading->arena);
        struct entente_envelope envelope = {.body = ENTENTE_MEETING,
                                            .meeting = (struct entente_meeting *)shown};
        if (shown == NULL) {
            reader_refuse(reading->broker, command, ERROR_OVERLOADED, NULL);
        } else {
            reader_answer(reading->broker, command, &envelope);
        }
    }
    end_reading(reading);
}

static void read_meeting(struct broker *broker, struct command *command)
{
    struct reading *reading = begin_reading(broker, command);
    if (reading != NULL) {
        store_read_meetings(broker->store, &command->meeting, 1, &reading->arena,
                            got_meeting, reading);
    }
}

/* Those of @meetings that the client may see, at most as many as it wants. */
static bool show(struct reading *reading, struct entente_meeting *const *meetings,
                 size_t count, struct entente_meeting_list *ret_list)
{
    const struct client *client = reading->command->client;
    struct entente_meeting *page = arena_array(&reading->arena, count, sizeof(*page));
    ret_list->meetings = page;
    for (size_t i = 0; page != NULL && i < count; i++) {
        /* Whose parties it speaks for is not yet all: a patient's needs the sandbox. */
        const struct entente_meeting *shown =
            matter_concerns(meetings[i], client)
                ? view_meeting(meetings[i], client, &reading->arena)
                : NULL;
        if (shown != NULL && ret_list->meetings_count == reading->wanted) {
            ret_list->more = true;
        } else if (shown != NULL) {
            page[ret_list->meetings_count++] = *shown;
        }
    }
    return page != NULL;
}

static void got_list(void *context, enum status status,
                     struct entente_meeting *const *meetings, size_t count)
{
    struct reading *reading = context;
    struct command *command = reading->command;
    struct store_list *asked = &reading->list;
    struct entente_meeting_list list = {0};
    struct entente_envelope envelope = {.body = ENTENTE_MEETING_LIST,
                                        .meeting_list = &list};
    if (status != STATUS_OK) {
        reader_refuse(reading->broker, command, ERROR_UNAVAILABLE, NULL);
    } else if (!show(reading, meetings, count, &list)) {
        reader_refuse(reading->broker, command, ERROR_OVERLOADED, NULL);
    } else if (count == asked->limit && list.meetings_count == 0) {
        /* Nothing of a whole page is for this client: it lies behind that. */
        memcpy(asked->after.bytes, meetings[count - 1]->id.data, 16);
        asked->has_after = true;
        asked->limit = LIMIT_LIST_MEETINGS;
        arena_reset(&reading->arena);
        store_read_list(reading->broker->store, asked, &reading->arena, got_list,
                        reading);
        return;
    } else {
        list.more = list.more || count == asked->limit;
        reader_answer(reading->broker, command, &envelope);
    }
    end_reading(reading);
}

static void read_list(struct broker *broker, struct command *command)
{
    const struct entente_list *asked = command->envelope->list;
    if (asked->series.size > 0) {
        reader_series(broker, command);
        return;
    }
    struct reading *reading = begin_reading(broker, command);
    if (reading == NULL) {
        return;
    }
    reading->list = (struct store_list){
        .client = command->client->id,
        .state = asked->state,
        .all = asked->all,
        .has_after = asked->after.size == 16,
        .limit = asked->limit == 0 ? LIMIT_LIST_MEETINGS : asked->limit,
    };
    reading->wanted = reading->list.limit;
    if (reading->list.has_after) {
        memcpy(reading->list.after.bytes, asked->after.data, 16);
    }
    store_read_list(broker->store, &reading->list, &reading->arena, got_list, reading);
}

/* ---- figures -----------------------------------------------------------------------
 */

static void count_sources(struct broker *broker, int64_t client, struct arena *arena,
                          struct entente_status_report *report)
{
    enum { SHOWN = 100 };
    size_t cursor = 0;
    int64_t now_ms = broker_now_ms(broker);
    const struct index_source *source;
    if (report->stale == NULL) {
        report->stale = arena_array(arena, SHOWN, sizeof(*report->stale));
    }
    while ((source = index_next_source(broker->index, client, &cursor)) != NULL) {
        int64_t until = index_lease_until_ms(source);
        report->sources++;
        if (until > now_ms) {
            continue;
        }
        report->stale_sources++;
        if (report->stale != NULL && report->stale_count < SHOWN) {
            report->stale[report->stale_count++] =
                (struct entente_source_state){.source = source->key,
                                              .epoch = source->epoch,
                                              .sequence = source->sequence,
                                              .lease_until_ms = until,
                                              .stale = true};
        }
    }
}

static void count_all(struct broker *broker, const struct command *command,
                      struct arena *arena, struct entente_status_report *report)
{
    if (!command->envelope->status_query->everything) {
        count_sources(broker, command->client->id, arena, report);
        return;
    }
    size_t cursor = 0;
    const struct client *client;
    while ((client = map_next(&broker->clients.by_id, &cursor)) != NULL) {
        count_sources(broker, client->id, arena, report);
    }
    report->people = index_people(broker->index);
}

/* What was ignored of what the asking client has said. */
static uint64_t unknown_of(const struct broker *broker, const struct command *command)
{
    const struct session *session = session_of_peer(broker, command->peer);
    return session == NULL ? 0 : session->unknown_fields;
}

static void got_figures(void *context, enum status status,
                        const struct store_figures *figures)
{
    struct reading *reading = context;
    struct broker *broker = reading->broker;
    if (status != STATUS_OK) {
        reader_refuse(broker, reading->command, ERROR_UNAVAILABLE, NULL);
        end_reading(reading);
        return;
    }
    /* How busy the broker is, and with whom, is the operator's. */
    bool everything = reading->command->envelope->status_query->everything;
    enum { BROKERS_QUEUES = 2 };
    struct entente_queue queues[] = {
        {.name = "events",
         .length = figures->undelivered_events,
         .oldest_ms = figures->oldest_event_ms},
        {.name = "due",
         .length = figures->due_length,
         .oldest_ms = figures->oldest_due_ms},
        {.name = "divergences", .length = figures->divergences},
        {.name = "breakers", .length = figures->breakers},
        {.name = "commands", .length = broker->commands.count},
        {.name = "publications", .length = broker->publications.count},
    };
    struct entente_status_report report = {
        .now_ms = figures->now_ms,
        .started_ms = broker->started_ms,
        .meetings_open = figures->meetings_open,
        .undelivered_events = figures->undelivered_events,
        .overdue_holds = figures->overdue_holds,
        .clients_connected = everything ? broker->by_client.count : 1,
        .refused_results = figures->refused_results,
        .unknown_fields =
            everything ? broker->unknown_fields : unknown_of(broker, reading->command),
        .queues = queues,
        .queues_count =
            sizeof(queues) / sizeof(queues[0]) - (everything ? 0 : BROKERS_QUEUES),
    };
    count_all(broker, reading->command, &reading->arena, &report);
    struct entente_envelope envelope = {.body = ENTENTE_STATUS_REPORT,
                                        .status_report = &report};
    reader_answer(broker, reading->command, &envelope);
    end_reading(reading);
}

static void read_figures(struct broker *broker, struct command *command)
{
    bool everything = command->envelope->status_query->everything;
    if (everything && !command->client->is_operator) {
        reader_refuse(broker, command, ERROR_NOT_ALLOWED_HERE,
                      "status of the whole broker (operators only)");
        reader_finish(broker, command);
        return;
    }
    struct reading *reading = begin_reading(broker, command);
    if (reading != NULL) {
        store_read_figures(broker->store, everything ? 0 : command->client->id,
                           got_figures, reading);
    }
}

/* ---- a turn ------------------------------------------------------------------------
 */

static void get(struct broker *broker, struct command *command)
{
    memcpy(command->meeting.bytes, command->envelope->get->meeting.data,
           sizeof(command->meeting.bytes));
    read_meeting(broker, command);
}

/* Each takes the command over. */
static const struct question {
    enum entente_body body;
    void (*put)(struct broker *broker, struct command *command);
    bool reads; /* from the database */
} questions[] = {
    {ENTENTE_QUERY_FREE, query_free, false},
    {ENTENTE_SEARCH, reader_search, false},
    {ENTENTE_WHO_IS_FREE, reader_who_is_free, false},
    {ENTENTE_EXPLAIN, reader_explain, true},
    {ENTENTE_PREVIEW, reader_preview, true},
    {ENTENTE_RECONCILE, reader_reconcile, true},
    {ENTENTE_GET, get, true},
    {ENTENTE_LIST, read_list, true},
    {ENTENTE_STATUS_QUERY, read_figures, true},
};

static const struct question *question_of(const struct command *command)
{
    static const struct question again = {0, read_meeting, true};
    size_t i = 0;
    while (!command->repeated && questions[i].body != command->envelope->body) {
        i++;
    }
    return command->repeated ? &again : &questions[i];
}

void reader_add(struct broker *broker, struct command *command)
{
    command->reads = question_of(command)->reads;
    queue_push(command->reads ? &broker->to_read : &broker->questions, command);
}

static bool may_read(const struct broker *broker)
{
    return broker->to_read.count > 0 && broker->reading < BROKER_READING;
}

bool reader_has_work(const struct broker *broker)
{
    return may_read(broker) ||
           (broker->questions.count > 0 && !writer_is_ahead(broker));
}

void reader_turn(struct broker *broker)
{
    struct command *command;
    int64_t until_ms = broker_mono_ms() + BROKER_TURN_MS;
    while (may_read(broker)) {
        command = queue_pop(&broker->to_read);
        broker->reading++;
        question_of(command)->put(broker, command);
    }
    /* A search may cost milliseconds: heartbeats and deadlines come in between. */
    while (!writer_is_ahead(broker) && broker_mono_ms() < until_ms &&
           (command = queue_pop(&broker->questions)) != NULL) {
        question_of(command)->put(broker, command);
    }
}
