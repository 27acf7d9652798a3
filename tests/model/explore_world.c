// SPDX-License-Identifier: Apache-2.0

/*
 * explore_world.c - the part of explore.h that knows who there is and what they may say
 */
#include "tests/model/explore.h"

#include "broker/due.h"
#include "broker/fit.h"
#include "broker/person.h"
#include "proto/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MS_PER_MINUTE = 60000,
    FIRST = 31558200, /* 2030-01-01T10:00Z, a Tuesday */
    LENGTH = 60,
    ANSWER_MINUTES = 120,
    ACTS_MAX = 128,
    DUE_REASONS = 8, /* some of which nobody knows */
};

const struct setting settings[] = {
    {.name = "two slots, everybody", .slots = 2},
    {.name = "three slots, the third person optional",
     .slots = 3,
     .optional_third = true,
     .acts = 1u << ACT_COUNTER | 1u << ACT_RESULT},
};
const size_t settings_count = sizeof(settings) / sizeof(settings[0]);

static const uint8_t ids[MEETINGS][16] = {{1, [6] = 0x70, [8] = 0x80},
                                          {2, [6] = 0x70, [8] = 0x80}};

static void must(bool done)
{
    if (!done) {
        fprintf(stderr, "explore: out of memory\n");
        abort();
    }
}

const uint8_t *world_id(size_t meeting)
{
    return ids[meeting];
}

/* Before everything; when the first holds are due; in the first slot; after all. */
int64_t world_now_ms(size_t clock)
{
    static const int32_t minutes[CLOCKS] = {FIRST - 600, FIRST - 480, FIRST + 30,
                                            FIRST + 600};
    return (int64_t)minutes[clock] * MS_PER_MINUTE;
}

static int32_t slot_start(size_t slot)
{
    return FIRST + (int32_t)slot * LENGTH;
}

/* ---- who there is ------------------------------------------------------------------
 */

static const char *value_of(size_t person)
{
    static const char *const values[PEOPLE + 1] = {"0", "1", "2", "3"};
    return values[person];
}

/* In the other agenda person 2, who is in both meetings, has no time for the second slot
 * any more. */
static void publish(struct index *index, size_t person, size_t agenda)
{
    struct entente_range ranges[2] = {
        {.start = FIRST - 600, .end = FIRST + 600, .kind = ENTENTE_FREE},
        {.start = slot_start(1), .end = slot_start(2), .kind = ENTENTE_BUSY},
    };
    struct index_publication publication = {
        .source = (int64_t)person,
        .client = 10 + (int64_t)person,
        .person = (int64_t)person,
        .key = "agenda",
        .epoch = 1,
        .sequence = 1,
        .coverage = {FIRST - 1440, FIRST + 1440},
        .lease_seconds = 604800,
        .renewed_ms = world_now_ms(0),
        .ranges = ranges,
        .range_count = agenda == 1 && person == 2 ? 2 : 1,
    };
    must(index_publish(index, &publication));
}

/* Instead of broker/fit.c: what is said of a decision is not looked at here, and writing it
 * would take most of the time. */
bool fit_encode(const struct entente_envelope *envelope, struct arena *arena,
                struct entente_bytes *ret_frame)
{
    (void)envelope;
    (void)arena;
    *ret_frame = (struct entente_bytes){0};
    return true;
}

void world_open(struct world *world, const struct setting *setting)
{
    *world = (struct world){.setting = setting};
    for (size_t agenda = 0; agenda < AGENDAS; agenda++) {
        struct index *index = index_create();
        must(index != NULL);
        for (size_t person = 1; person <= PEOPLE; person++) {
            must(index_add_person(index, (int64_t)person, ENTENTE_PROFESSIONAL,
                                  "urn:test", value_of(person), NULL));
            publish(index, person, agenda);
        }
        world->index[agenda] = index;
        must(proposer_create(index, &world->proposer[agenda]) == STATUS_OK);
    }
    for (size_t person = 1; person <= PEOPLE; person++) {
        int64_t speaks_for = (int64_t)person;
        struct store_client row = {.id = 10 + (int64_t)person,
                                   .name = value_of(person),
                                   .speaks_for = &speaks_for,
                                   .speaks_for_count = 1};
        memset(row.public_key, 'a' + (int)person, 40);
        must(clients_put(&world->clients, &row));
    }
}

void world_close(struct world *world)
{
    for (size_t agenda = 0; agenda < AGENDAS; agenda++) {
        proposer_destroy(world->proposer[agenda]);
        index_destroy(world->index[agenda]);
    }
    clients_finish(&world->clients);
}

/* ---- what they may say -------------------------------------------------------------
 */

static void add(struct act *acts, size_t *count, struct act act)
{
    if (*count < ACTS_MAX) {
        acts[(*count)++] = act;
    }
}

const struct act *world_acts(const struct world *world, size_t *ret_count)
{
    static struct act acts[ACTS_MAX];
    size_t count = 0;
    add(acts, &count, (struct act){.kind = ACT_REQUEST});
    for (unsigned i = 1; i <= PEOPLE; i++) {
        uint8_t person = (uint8_t)i;
        add(acts, &count, (struct act){.kind = ACT_ACCEPT, .person = person});
        add(acts, &count, (struct act){.kind = ACT_DECLINE, .person = person});
        add(acts, &count, (struct act){.kind = ACT_CANCEL, .person = person});
        add(acts, &count, (struct act){.kind = ACT_RESULT, .person = person});
        add(acts, &count, (struct act){.kind = ACT_DECIDE_WITHOUT, .about = person});
        for (uint8_t slot = 0; slot < world->setting->slots; slot++) {
            struct act act = {.kind = ACT_SHIFT, .person = person, .about = slot};
            add(acts, &count, act);
            act.kind = ACT_COUNTER;
            add(acts, &count, act);
        }
    }
    for (uint8_t slot = 0; slot < world->setting->slots; slot++) {
        add(acts, &count, (struct act){.kind = ACT_DECIDE_SLOT, .about = slot});
    }
    for (unsigned reason = DUE_SEARCH; reason <= DUE_REASONS; reason++) {
        add(acts, &count, (struct act){.kind = ACT_DUE, .about = (uint8_t)reason});
    }
    add(acts, &count, (struct act){.kind = ACT_CANCEL});
    add(acts, &count, (struct act){.kind = ACT_ACCEPT, .person = 2, .stale = true});
    add(acts, &count, (struct act){.kind = ACT_DECLINE, .person = 2, .stale = true});
    add(acts, &count, (struct act){.kind = ACT_SHIFT, .person = 2, .stale = true});
    add(acts, &count, (struct act){.kind = ACT_DECIDE_SLOT, .stale = true});
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if ((world->setting->acts & 1u << acts[i].kind) == 0) {
            acts[kept++] = acts[i];
        }
    }
    *ret_count = kept;
    return acts;
}

static struct entente_identifier *identifier(struct arena *arena, size_t person)
{
    const struct entente_identifier made = {.system = "urn:test",
                                            .value = value_of(person)};
    return arena_copy(arena, &made, sizeof(made));
}

/* Persons 1, 2 and 3 meet in the first meeting, 2 and 3 in the second. */
static struct entente_spec *spec_of(const struct world *world, struct arena *arena,
                                    size_t meeting)
{
    struct entente_spec *spec = arena_alloc(arena, sizeof(*spec));
    size_t first = meeting == 0 ? 1 : 2;
    spec->duration_minutes = LENGTH;
    spec->grid_minutes = LENGTH;
    spec->zone = "UTC";
    spec->windows = arena_alloc(arena, sizeof(*spec->windows));
    spec->windows[0] =
        (struct entente_span){slot_start(0), slot_start(world->setting->slots)};
    spec->windows_count = 1;
    spec->parties_count = PEOPLE + 1 - first;
    spec->parties = arena_array(arena, spec->parties_count, sizeof(*spec->parties));
    for (size_t i = 0; i < spec->parties_count; i++) {
        bool optional = world->setting->optional_third && first + i == PEOPLE;
        spec->parties[i] = (struct entente_party){
            .kind = ENTENTE_PROFESSIONAL,
            .importance = optional ? ENTENTE_OPTIONAL : ENTENTE_INDISPENSABLE,
            .identifier = identifier(arena, first + i),
        };
    }
    spec->answer_minutes = ANSWER_MINUTES;
    spec->rule = world->setting->rule;
    spec->quorum = world->setting->quorum;
    spec->organizer = identifier(arena, first);
    return spec;
}

static void say_request(const struct world *world, size_t meeting,
                        struct command *command)
{
    struct arena *arena = &command->arena;
    struct entente_request *request = arena_alloc(arena, sizeof(*request));
    const struct people people = {.index = world->index[0]};
    struct person_found found;
    struct codec_error refusal;
    request->spec = spec_of(world, arena, meeting);
    must(person_of_parties(&people, request->spec, PERSON_REQUEST, command->client,
                           arena, &found, &refusal));
    command->people = found.people;
    command->people_count = found.count;
    command->envelope->body = ENTENTE_REQUEST;
    command->envelope->request = request;
}

static void say_answer(const struct act *act, struct entente_answer *answer,
                       struct arena *arena)
{
    if (act->kind == ACT_ACCEPT) {
        answer->kind = ENTENTE_ACCEPT;
    } else if (act->kind == ACT_DECLINE) {
        answer->kind = ENTENTE_DECLINE;
        answer->reason = ENTENTE_ILL;
    } else if (act->kind == ACT_COUNTER) {
        answer->kind = ENTENTE_SHIFT;
        answer->counter_start = slot_start(act->about);
    } else {
        answer->kind = ENTENTE_SHIFT;
        answer->ranges = arena_alloc(arena, sizeof(*answer->ranges));
        answer->ranges[0] = (struct entente_span){slot_start(act->about),
                                                  slot_start(act->about) + LENGTH};
        answer->ranges_count = 1;
    }
}

static void say_decide(const struct act *act, struct entente_decide *decide,
                       struct arena *arena)
{
    decide->version = CARD_VERSION - (act->stale ? 1 : 0);
    if (act->kind == ACT_DECIDE_SLOT) {
        decide->decision = ENTENTE_PROPOSE_SLOT;
        decide->start = slot_start(act->about);
    } else {
        decide->decision = ENTENTE_WITHOUT_PARTY;
        decide->party = identifier(arena, act->about);
    }
}

static void say_due(size_t meeting, const struct act *act, struct command *command)
{
    command->client = NULL;
    memcpy(command->due.meeting.bytes, ids[meeting], sizeof(ids[meeting]));
    command->due.reason = act->about;
    command->with_people = true;
}

void world_say(const struct world *world, size_t meeting, const struct act *act,
               const struct entente_meeting *now, struct command *command)
{
    struct arena *arena = &command->arena;
    struct entente_envelope *envelope = arena_alloc(arena, sizeof(*envelope));
    size_t organizer = meeting == 0 ? 1 : 2;
    size_t person = act->person == 0 ? organizer : act->person;
    const struct entente_bytes id = {.data = ids[meeting],
                                     .size = sizeof(ids[meeting])};
    struct entente_actor *actor = arena_alloc(arena, sizeof(*actor));
    actor->who = identifier(arena, person);
    actor->channel = ENTENTE_OWN_SOFTWARE;
    command->client = clients_by_id(&world->clients, 10 + (int64_t)person);
    command->envelope = envelope;
    command->has_meeting = act->kind != ACT_REQUEST;
    memcpy(command->meeting.bytes, ids[meeting], sizeof(ids[meeting]));
    switch (act->kind) {
    case ACT_REQUEST:
        say_request(world, meeting, command);
        return;
    case ACT_ACCEPT:
    case ACT_DECLINE:
    case ACT_SHIFT:
    case ACT_COUNTER:
        envelope->body = ENTENTE_ANSWER;
        envelope->answer = arena_alloc(arena, sizeof(*envelope->answer));
        envelope->answer->meeting = id;
        envelope->answer->actor = actor;
        envelope->answer->party = identifier(arena, person);
        envelope->answer->proposal =
            (now == NULL || now->proposal == NULL ? 0 : now->proposal->number) -
            (act->stale ? 1 : 0);
        say_answer(act, envelope->answer, arena);
        command->with_people = act->kind != ACT_ACCEPT;
        return;
    case ACT_CANCEL:
        envelope->body = ENTENTE_CANCEL;
        envelope->cancel = arena_alloc(arena, sizeof(*envelope->cancel));
        envelope->cancel->meeting = id;
        envelope->cancel->actor = actor;
        envelope->cancel->reason = ENTENTE_ILL;
        envelope->cancel->party =
            act->person == 0 ? NULL : identifier(arena, act->person);
        command->with_people = true;
        return;
    case ACT_DECIDE_SLOT:
    case ACT_DECIDE_WITHOUT:
        envelope->body = ENTENTE_DECIDE;
        envelope->decide = arena_alloc(arena, sizeof(*envelope->decide));
        envelope->decide->meeting = id;
        envelope->decide->actor = actor;
        say_decide(act, envelope->decide, arena);
        command->with_people = true;
        return;
    case ACT_DUE:
        say_due(meeting, act, command);
        return;
    case ACT_RESULT:
        envelope->body = ENTENTE_EVENT_RESULT;
        envelope->event_result = arena_alloc(arena, sizeof(*envelope->event_result));
        envelope->event_result->meeting = id;
        envelope->event_result->version = CARD_VERSION;
        envelope->event_result->source = "agenda";
        envelope->event_result->kind = ENTENTE_REFUSED;
        envelope->event_result->reason = ENTENTE_CONFLICT_IN_AGENDA;
        return;
    case ACT_KINDS:
        return;
    }
}
