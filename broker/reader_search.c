// SPDX-License-Identifier: Apache-2.0

/*
 * reader_search.c - the part of reader.c that answers searches
 *
 * A search sees what has been committed when it is gathered.  A large one is answered by
 * the other thread (thinker.h), and others meanwhile.
 */
#include "broker/reader_internal.h"

#include "broker/person.h"
#include "broker/until.h"
#include "proto/limits.h"

#include <stdlib.h>

enum {
    DEFAULT_SLOTS = 5,

    /* A millisecond or two with its explanation (propose_weight()). */
    SMALL = 10000,
};

/* One search, from the question to the answer. */
struct finding {
    struct thought thought; /* first: a thought is a finding */
    struct broker *broker;
    struct command *command;
    struct proposer *proposer; /* of the thread that thinks */
    struct arena arena;
    struct propose_question question;
    size_t rank;                     /* of a series until a day (until.h) */
    struct entente_why_not *why_not; /* of the longest one */
    struct inquiry *inquiry;
    enum status status;
    struct propose_answer answer;
};

static void finish(struct finding *finding)
{
    reader_finish(finding->broker, finding->command);
    arena_finish(&finding->arena);
    free(finding);
}

static void tell(struct finding *finding)
{
    struct broker *broker = finding->broker;
    struct entente_search_result result = {.slots = finding->answer.slots,
                                           .slots_count = finding->answer.slot_count,
                                           .why_not = finding->answer.why_not};
    struct entente_envelope envelope = {.body = ENTENTE_SEARCH_RESULT,
                                        .search_result = &result};
    if (finding->status == STATUS_OK) {
        reader_answer(broker, finding->command, &envelope);
    } else if (finding->status == STATUS_REFUSED) {
        reader_refuse(broker, finding->command, ERROR_WINDOW_TOO_SHORT,
                      "search.spec.windows");
    } else {
        reader_refuse(broker, finding->command, ERROR_OVERLOADED, NULL);
    }
    finish(finding);
}

/* Is the next shorter series to be tried? */
static bool tries_shorter(struct finding *finding)
{
    bool none = finding->status == STATUS_OK && finding->answer.slot_count == 0;
    if (!none || !until_is_asked(finding->command->envelope->search->spec)) {
        return false;
    }
    if (finding->rank == 0) {
        finding->why_not = finding->answer.why_not;
    }
    finding->rank++;
    return true;
}

static void think(struct thought *thought)
{
    struct finding *finding = (struct finding *)thought;
    finding->status =
        propose_answer(finding->proposer, finding->inquiry, &finding->answer);
}

/* Gather what the search needs to know; false: it has its answer without. */
static bool gather(struct finding *finding)
{
    const struct entente_search *asked = finding->command->envelope->search;
    struct entente_spec *spec = asked->spec;
    if (until_is_asked(asked->spec) &&
        !until_spec(&finding->arena, asked->spec, finding->rank, &spec)) {
        finding->status = STATUS_FAILED;
        return false;
    }
    if (spec == NULL) {
        finding->answer = (struct propose_answer){.why_not = finding->why_not};
        return false; /* no series suits */
    }
    finding->question.spec = spec;
    finding->status = propose_prepare(finding->broker->proposer, &finding->question,
                                      &finding->arena, &finding->inquiry);
    return finding->status == STATUS_OK;
}

static void thought(struct thought *thought);

/* Answer the search, now or later. */
static void find(struct finding *finding)
{
    struct broker *broker = finding->broker;
    while (gather(finding)) {
        finding->thought = (struct thought){
            .think = think, .done = thought, .whose = finding->command->client->id};
        finding->proposer = broker->proposer;
        if (propose_weight(finding->inquiry) > SMALL) {
            finding->proposer = broker->thinking;
            finding->status = STATUS_FAILED; /* unless it is thought */
            reader_think(broker, &finding->thought, false);
            return;
        }
        think(&finding->thought);
        propose_release(broker->proposer, finding->inquiry);
        if (!tries_shorter(finding)) {
            break;
        }
    }
    tell(finding);
}

static void thought(struct thought *thought)
{
    struct finding *finding = (struct finding *)thought;
    propose_release(finding->broker->proposer, finding->inquiry);
    if (thought->in_vain) {
        finish(finding);
    } else if (tries_shorter(finding)) {
        find(finding);
    } else {
        tell(finding);
    }
}

void reader_search(struct broker *broker, struct command *command)
{
    const struct entente_search *asked = command->envelope->search;
    const struct people people = {.index = broker->index, .seal = broker->seal};
    struct codec_error refusal;
    struct person_found found;
    if (!person_of_parties(&people, asked->spec, PERSON_SEARCH, command->client,
                           &command->arena, &found, &refusal)) {
        speak_refusal(broker, command, &refusal);
        reader_finish(broker, command);
        return;
    }
    struct finding *finding = calloc(1, sizeof(*finding));
    if (finding == NULL) {
        reader_refuse(broker, command, ERROR_OVERLOADED, NULL);
        reader_finish(broker, command);
        return;
    }
    finding->broker = broker;
    finding->command = command;
    finding->question = (struct propose_question){
        .people = found.people,
        .now_ms = broker_now_ms(broker),
        .wanted = asked->slots == 0 ? DEFAULT_SLOTS : asked->slots,
        .why = asked->explain ? PROPOSE_WHY_ALWAYS : PROPOSE_WHY_IF_NONE,
        .near = asked->near,
    };
    arena_init(&finding->arena, BROKER_BATCH_BYTES);
    find(finding);
}
