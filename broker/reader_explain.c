// SPDX-License-Identifier: Apache-2.0

/*
 * reader_explain.c - the part of reader.c that tells how a meeting has come about
 *
 * Every step that was kept, whether the negotiation's table allows it, and, on demand,
 * whether the search behind it gives the same answer when it is made again.  What the
 * search was given is nobody's business but the broker's: told is only whether it agrees.
 */
#include "broker/reader_internal.h"

#include "broker/matter.h"
#include "broker/view.h"
#include "proto/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct account {
    struct thought thought; /* first: a thought is an account */
    struct broker *broker;
    struct command *command;
    const struct entente_meeting *meeting;
    struct arena arena;
    struct arena work; /* of one search that is made again */
    char matcher[32];
    const struct store_decision *decisions; /* those of the record's steps */
    struct entente_decision_record record;
};

static void finish(struct account *account)
{
    reader_finish(account->broker, account->command);
    arena_finish(&account->arena);
    arena_finish(&account->work);
    free(account);
}

static void fail(struct account *account, unsigned code)
{
    reader_refuse(account->broker, account->command, code, NULL);
    finish(account);
}

static uint32_t replay(struct account *account, const struct store_decision *decision)
{
    bool same = false;
    if (!decision->searched) {
        return ENTENTE_NOT_REPLAYED;
    }
    if (decision->altered) {
        return ENTENTE_EVIDENCE_ALTERED;
    }
    if (decision->matcher != MATCH_RULES) {
        return ENTENTE_OTHER_RULES;
    }
    if (decision->evidence.size == 0) {
        return ENTENTE_NOT_KEPT;
    }
    enum status status = propose_again(account->broker->thinking, &decision->evidence,
                                       &account->work, &same);
    arena_reset(&account->work);
    return status == STATUS_OK && same ? ENTENTE_REPLAYED_ALIKE
                                       : ENTENTE_REPLAYED_OTHERWISE;
}

static bool is_lawful(const struct store_decision *decision)
{
    const struct transition *row =
        negotiation_find((enum negotiation_state)decision->came_from,
                         (enum negotiation_event)decision->event);
    return row != NULL && row->to == decision->went_to;
}

static bool tell_proposal(struct account *account,
                          const struct store_decision *decision,
                          struct entente_decision_step *step)
{
    /* Who has had a proposal keeps its number when its time is given back. */
    if (decision->proposal == 0 || decision->end == 0) {
        return true;
    }
    step->proposal = arena_alloc(&account->arena, sizeof(*step->proposal));
    if (step->proposal == NULL) {
        return false;
    }
    *step->proposal = (struct entente_proposal){.number = decision->proposal,
                                                .start = decision->start,
                                                .end = decision->end,
                                                .option = decision->option};
    return true;
}

static bool tell_digest(struct account *account, const struct store_decision *decision,
                        struct entente_decision_step *step)
{
    const struct seal_piece piece = {decision->evidence.data, decision->evidence.size};
    uint8_t *digest = arena_alloc(&account->arena, SEAL_HASH_SIZE);
    if (decision->evidence.size == 0) {
        return digest != NULL;
    }
    step->digest = (struct entente_bytes){digest, SEAL_HASH_SIZE};
    return digest != NULL && seal_hash(&piece, 1, digest) == STATUS_OK;
}

/* The event itself says a plain yes. */
static bool is_yes(const struct store_decision *decision)
{
    return decision->party != 0 &&
           (decision->event == ACCEPTED || decision->event == ALL_ACCEPTED ||
            decision->event == LATE_ACCEPTED);
}

static bool tell_said(struct account *account, const struct store_decision *decision,
                      struct entente_decision_step *step)
{
    if (decision->said.size == 0 && !is_yes(decision)) {
        return true;
    }
    if (decision->said.size == 0) {
        step->said = arena_alloc(&account->arena, sizeof(*step->said));
    } else if (!codec_decode_said(decision->said, &account->arena, &step->said)) {
        return false;
    }
    if (step->said == NULL) {
        return false;
    }
    if (step->said->answer == 0 && is_yes(decision)) {
        step->said->answer = ENTENTE_ACCEPT;
    }
    view_said(account->meeting, (int)decision->party - 1, account->command->client,
              step->said);
    return true;
}

static bool tell_step(struct account *account, const struct store_decision *decision,
                      struct entente_decision_step *step)
{
    const struct client *client =
        clients_by_id(&account->broker->clients, decision->client);
    *step = (struct entente_decision_step){
        .version = decision->version,
        .at_ms = decision->at_ms,
        .event = negotiation_event_name((enum negotiation_event)decision->event),
        .from = decision->came_from,
        .to = decision->went_to,
        .channel = decision->channel,
        .party = decision->party,
        .client = client == NULL ? NULL : client->name,
        .lawful = is_lawful(decision),
    };
    return tell_proposal(account, decision, step) &&
           tell_digest(account, decision, step) && tell_said(account, decision, step);
}

/* The steps of this page; @more stand behind what was read.  False: memory is used up. */
static bool tell_steps(struct account *account, const struct store_decision *decisions,
                       size_t count, bool more)
{
    struct entente_decision_record *record = &account->record;
    record->more = more || count > LIMIT_RECORD_STEPS;
    record->steps_count = count > LIMIT_RECORD_STEPS ? LIMIT_RECORD_STEPS : count;
    record->steps =
        arena_array(&account->arena, record->steps_count, sizeof(*record->steps));
    account->decisions = decisions;
    for (size_t i = 0; record->steps != NULL && i < record->steps_count; i++) {
        if (!tell_step(account, &decisions[i], &record->steps[i])) {
            return false;
        }
    }
    return record->steps != NULL;
}

static void replay_all(struct thought *thought)
{
    struct account *account = (struct account *)thought;
    for (size_t i = 0; i < account->record.steps_count; i++) {
        account->record.steps[i].replay = replay(account, &account->decisions[i]);
    }
}

static void answer(struct account *account)
{
    struct entente_envelope envelope = {.body = ENTENTE_DECISION_RECORD,
                                        .decision_record = &account->record};
    reader_answer(account->broker, account->command, &envelope);
    finish(account);
}

static void replayed(struct thought *thought)
{
    struct account *account = (struct account *)thought;
    if (thought->in_vain) {
        finish(account);
    } else {
        answer(account);
    }
}

/* That an agenda diverges is its owner's to know: to all others those steps are not there. */
static bool is_hidden(const struct account *account,
                      const struct store_decision *decision)
{
    const struct entente_kept *kept = account->meeting->kept;
    bool between = decision->event == DIVERGED || decision->event == DIVERGENCE_SETTLED;
    size_t party = decision->party;
    return between &&
           (party == 0 || party > kept->people_count ||
            !client_speaks_for(account->command->client, kept->people[party - 1]));
}

static const struct store_decision *
visible(struct account *account, const struct store_decision *decisions, size_t *count)
{
    struct store_decision *shown = arena_array(&account->arena, *count, sizeof(*shown));
    size_t left = 0;
    for (size_t i = 0; shown != NULL && i < *count; i++) {
        if (!is_hidden(account, &decisions[i])) {
            shown[left++] = decisions[i];
        }
    }
    *count = left;
    return shown;
}

static void got_decisions(void *context, enum status status,
                          const struct store_decision *decisions, size_t count);

/* One more than fits, to know whether there are more. */
static void read_decisions(struct account *account, uint32_t after)
{
    store_read_decisions(account->broker->store, &account->command->meeting, after,
                         LIMIT_RECORD_STEPS + 1, &account->arena, got_decisions,
                         account);
}

static void got_decisions(void *context, enum status status,
                          const struct store_decision *decisions, size_t count)
{
    struct account *account = context;
    bool is_full = count == LIMIT_RECORD_STEPS + 1;
    const struct entente_explain *asked = account->command->envelope->explain;
    if (status != STATUS_OK) {
        fail(account, ERROR_UNAVAILABLE);
        return;
    }
    const struct store_decision *shown = visible(account, decisions, &count);
    if (shown != NULL && count == 0 && is_full) {
        /* Nothing of a whole page is for this client: it lies behind that. */
        read_decisions(account, decisions[LIMIT_RECORD_STEPS].version);
        return;
    }
    if (shown == NULL || !tell_steps(account, shown, count, is_full)) {
        fail(account, ERROR_OVERLOADED);
        return;
    }
    account->record.meeting = asked->meeting;
    snprintf(account->matcher, sizeof(account->matcher), "rules %d", MATCH_RULES);
    account->record.matcher = account->matcher;
    if (asked->replay) {
        account->thought = (struct thought){.think = replay_all,
                                            .done = replayed,
                                            .whose = account->command->client->id};
        reader_think(account->broker, &account->thought, false);
    } else {
        answer(account);
    }
}

/* Whoever may see the meeting may know how it came about. */
static void got_meeting(void *context, enum status status,
                        struct entente_meeting *const *meetings, size_t count)
{
    struct account *account = context;
    const struct command *command = account->command;
    if (status != STATUS_OK) {
        fail(account, ERROR_UNAVAILABLE);
    } else if (count == 0 || !matter_concerns(meetings[0], command->client)) {
        fail(account, ERROR_UNKNOWN_MEETING);
    } else {
        account->meeting = meetings[0];
        read_decisions(account, command->envelope->explain->after);
    }
}

void reader_explain(struct broker *broker, struct command *command)
{
    struct account *account = calloc(1, sizeof(*account));
    if (account == NULL) {
        reader_refuse(broker, command, ERROR_OVERLOADED, NULL);
        reader_finish(broker, command);
        return;
    }
    account->broker = broker;
    account->command = command;
    arena_init(&account->arena, BROKER_BATCH_BYTES);
    arena_init(&account->work, BROKER_BATCH_BYTES);
    memcpy(command->meeting.bytes, command->envelope->explain->meeting.data,
           sizeof(command->meeting.bytes));
    store_read_meetings(broker->store, &command->meeting, 1, &account->arena,
                        got_meeting, account);
}
