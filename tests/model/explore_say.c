// SPDX-License-Identifier: Apache-2.0

/*
 * explore_say.c - the part of explore.h that puts what is said into a command
 */
#include "tests/model/explore.h"

#include "broker/person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say_request(const struct world *world, size_t meeting,
                        struct command *command)
{
    struct arena *arena = &command->arena;
    struct entente_request *request = arena_alloc(arena, sizeof(*request));
    const struct people people = {.index = world->index[0]};
    struct person_found found;
    struct codec_error refusal;
    request->spec = world_spec(world->setting, arena, meeting);
    if (!person_of_parties(&people, request->spec, PERSON_REQUEST, command->client,
                           arena, &found, &refusal)) {
        fprintf(stderr, "explore: the request of %s is refused\n",
                world->setting->name);
        abort();
    }
    command->people = found.people;
    command->people_count = found.count;
    command->envelope->body = ENTENTE_REQUEST;
    command->envelope->request = request;
}

/* Who comes instead: the one person who is in no meeting. */
static struct entente_party *substitute(const struct world *world, struct arena *arena)
{
    struct entente_party party = {
        .kind = ENTENTE_PROFESSIONAL,
        .identifier = world_identifier(arena, world->setting->people),
    };
    return arena_copy(arena, &party, sizeof(party));
}

/* Each candidate's grade is a digit of act->about. */
static void say_grades(const struct act *act, const struct entente_meeting *now,
                       struct entente_answer *answer, struct arena *arena)
{
    size_t count =
        now == NULL || now->proposal == NULL ? 0 : now->proposal->candidates_count;
    unsigned digits = act->about;
    answer->grades = arena_array(arena, count, sizeof(*answer->grades));
    answer->grades_count = count;
    for (size_t i = 0; i < count; i++, digits /= 3) {
        answer->grades[i] =
            (struct entente_graded){.start = now->proposal->candidates[i].start,
                                    .grade = ENTENTE_GRADE_YES + digits % 3};
    }
}

static void say_what(const struct world *world, const struct act *act,
                     const struct entente_meeting *now, struct entente_answer *answer,
                     struct arena *arena)
{
    switch (act->kind) {
    case ACT_GRADE:
        answer->kind = ENTENTE_ACCEPT;
        say_grades(act, now, answer, arena);
        return;
    case ACT_DECLINE:
        answer->kind = ENTENTE_DECLINE;
        answer->reason = ENTENTE_ILL;
        return;
    case ACT_COUNTER:
        answer->kind = ENTENTE_SHIFT;
        answer->counter_start = world_slot(act->about);
        return;
    case ACT_DELEGATE:
        answer->kind = ENTENTE_DELEGATE;
        answer->substitute = substitute(world, arena);
        return;
    case ACT_SHIFT:
        answer->kind = ENTENTE_SHIFT;
        answer->ranges = arena_alloc(arena, sizeof(*answer->ranges));
        answer->ranges[0] = (struct entente_span){world_slot(act->about),
                                                  world_slot(act->about) + LENGTH};
        answer->ranges_count = 1;
        return;
    case ACT_ACCEPT:
    case ACT_REQUEST:
    case ACT_CANCEL:
    case ACT_WITHDRAW:
    case ACT_DECIDE_SLOT:
    case ACT_DECIDE_WITHOUT:
    case ACT_CONFIRM:
    case ACT_MOVE:
    case ACT_REPLACE:
    case ACT_OWNER:
    case ACT_DUE:
    case ACT_RESULT:
    case ACT_STALE:
    case ACT_KINDS:
        answer->kind = ENTENTE_ACCEPT;
        return;
    }
}

static void say_answer(const struct world *world, const struct act *act,
                       const struct entente_meeting *now, struct command *command)
{
    struct arena *arena = &command->arena;
    struct entente_answer *answer = arena_alloc(arena, sizeof(*answer));
    answer->proposal =
        (now == NULL || now->proposal == NULL ? 0 : now->proposal->number) -
        (act->stale ? 1 : 0);
    answer->party = world_named(world->setting, arena, act->person);
    say_what(world, act, now, answer, arena);
    command->envelope->body = ENTENTE_ANSWER;
    command->envelope->answer = answer;
    command->with_people = answer->kind != ENTENTE_ACCEPT;
}

static void say_decide(const struct world *world, const struct act *act,
                       struct command *command)
{
    struct arena *arena = &command->arena;
    struct entente_decide *decide = arena_alloc(arena, sizeof(*decide));
    decide->version = CARD_VERSION - (act->stale ? 1 : 0);
    if (act->kind == ACT_DECIDE_SLOT || act->kind == ACT_MOVE) {
        decide->decision = act->kind == ACT_MOVE ? ENTENTE_MOVE : ENTENTE_PROPOSE_SLOT;
        decide->start = world_slot(act->about);
    } else if (act->kind == ACT_CONFIRM) {
        decide->decision = ENTENTE_CONFIRM;
    } else if (act->kind == ACT_REPLACE) {
        decide->decision = ENTENTE_REPLACE_PARTY;
        decide->party = world_named(world->setting, arena, act->about);
        decide->substitute = substitute(world, arena);
    } else {
        decide->decision = ENTENTE_WITHOUT_PARTY;
        decide->party = world_named(world->setting, arena, act->about);
    }
    command->envelope->body = ENTENTE_DECIDE;
    command->envelope->decide = decide;
    command->with_people = true;
}

static void say_cancel(const struct world *world, const struct act *act,
                       struct command *command)
{
    struct arena *arena = &command->arena;
    struct entente_cancel *cancel = arena_alloc(arena, sizeof(*cancel));
    cancel->reason = ENTENTE_ILL;
    cancel->party = act->kind == ACT_CANCEL
                        ? NULL
                        : world_named(world->setting, arena, act->person);
    command->envelope->body = ENTENTE_CANCEL;
    command->envelope->cancel = cancel;
    command->with_people = true;
}

static void say_owner(const struct act *act, struct command *command)
{
    struct arena *arena = &command->arena;
    struct entente_owner_answer *answer = arena_alloc(arena, sizeof(*answer));
    answer->party = world_identifier(arena, act->person);
    answer->decision = act->about;
    command->envelope->body = ENTENTE_OWNER_ANSWER;
    command->envelope->owner_answer = answer;
    command->with_people = true;
}

static void say_due(size_t meeting, const struct act *act, struct command *command)
{
    command->client = NULL;
    memcpy(command->due.meeting.bytes, world_id(meeting), 16);
    command->due.reason = act->about;
    command->with_people = true;
    command->with_divergences = true;
}

static void say_result(const struct act *act, struct command *command)
{
    struct entente_event_result *result = arena_alloc(&command->arena, sizeof(*result));
    result->version = CARD_VERSION;
    result->source = "agenda";
    result->kind = act->about;
    result->reason = ENTENTE_CONFLICT_IN_AGENDA;
    command->envelope->body = ENTENTE_EVENT_RESULT;
    command->envelope->event_result = result;
    command->with_divergences = act->about != ENTENTE_APPLIED;
    command->with_people = command->with_divergences;
}

/* Which meeting it is about, and who says it. */
static void sign(struct command *command, size_t meeting, size_t person)
{
    struct entente_envelope *envelope = command->envelope;
    const struct entente_bytes id = {.data = world_id(meeting), .size = 16};
    struct entente_actor *actor = arena_alloc(&command->arena, sizeof(*actor));
    actor->who = world_identifier(&command->arena, person);
    actor->channel = ENTENTE_OWN_SOFTWARE;
    if (envelope->body == ENTENTE_ANSWER) {
        envelope->answer->meeting = id;
        envelope->answer->actor = actor;
    } else if (envelope->body == ENTENTE_DECIDE) {
        envelope->decide->meeting = id;
        envelope->decide->actor = actor;
    } else if (envelope->body == ENTENTE_CANCEL) {
        envelope->cancel->meeting = id;
        envelope->cancel->actor = actor;
    } else if (envelope->body == ENTENTE_OWNER_ANSWER) {
        envelope->owner_answer->meeting = id;
        envelope->owner_answer->actor = actor;
    } else if (envelope->body == ENTENTE_EVENT_RESULT) {
        envelope->event_result->meeting = id;
    }
}

void world_say(const struct world *world, size_t meeting, const struct act *act,
               const struct entente_meeting *now, struct command *command)
{
    size_t organizer = world->setting->plans[meeting].seats[0].person;
    bool by_organizer = act->person == 0 || world_is_guest(world->setting, act->person);
    size_t person = by_organizer ? organizer : act->person;
    command->client = clients_by_id(&world->clients, 10 + (int64_t)person);
    command->envelope = arena_alloc(&command->arena, sizeof(*command->envelope));
    command->has_meeting = act->kind != ACT_REQUEST;
    memcpy(command->meeting.bytes, world_id(meeting), 16);
    switch (act->kind) {
    case ACT_REQUEST:
        say_request(world, meeting, command);
        break;
    case ACT_ACCEPT:
    case ACT_GRADE:
    case ACT_DECLINE:
    case ACT_SHIFT:
    case ACT_COUNTER:
    case ACT_DELEGATE:
        say_answer(world, act, now, command);
        break;
    case ACT_CANCEL:
    case ACT_WITHDRAW:
        say_cancel(world, act, command);
        break;
    case ACT_DECIDE_SLOT:
    case ACT_DECIDE_WITHOUT:
    case ACT_CONFIRM:
    case ACT_MOVE:
    case ACT_REPLACE:
        say_decide(world, act, command);
        break;
    case ACT_OWNER:
        say_owner(act, command);
        break;
    case ACT_DUE:
        say_due(meeting, act, command);
        break;
    case ACT_RESULT:
        say_result(act, command);
        break;
    case ACT_STALE:
    case ACT_KINDS:
        break;
    }
    sign(command, meeting, person);
}
