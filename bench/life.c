// SPDX-License-Identifier: Apache-2.0

#include "bench/life.h"

#include "bench/report.h"
#include "bench/stand.h"
#include "bench/workload.h"

#include <string.h>

enum {
    SHIFTED_EACH = 10,   /* one life in so many */
    CANCELLED_EACH = 20, /* likewise */
    SHIFTED_ANSWER = 2,  /* the third one */
    WINDOW_DAYS = 14,    /* of a request */
};

static bool is_one_in(const struct life *life, uint64_t each, uint64_t offset)
{
    return life->number % each == offset;
}

/* ---- what comes back ---------------------------------------------------------------
 */

static void begin_anew(struct life *life)
{
    life->number++;
    life->cancelling = false;
    life->shifted = false;
    life->meeting = (struct agenda_meeting){0};
}

/* Who has not accepted the proposal that stands. */
static uint32_t pending_of(const struct entente_meeting *meeting)
{
    uint32_t party = 0;
    while (party < LIFE_PARTIES && party < meeting->spec->parties_count) {
        const struct entente_party *row = &meeting->spec->parties[party];
        if (row->answer != ENTENTE_ACCEPT || meeting->proposal == NULL ||
            row->answer_proposal != meeting->proposal->number) {
            break;
        }
        party++;
    }
    return party;
}

static void take_reply(struct life *life, const struct entente_meeting *meeting)
{
    life->meeting = agenda_read(meeting);
    life->shifted = life->shifted || life->shifting;
    life->count->shifted += life->shifting ? 1 : 0;
    life->shifting = false;
    if (life->cancelling) {
        begin_anew(life);
        return;
    }
    switch ((enum entente_state)life->meeting.state) {
    case ENTENTE_PROPOSED:
        life->pending = pending_of(meeting);
        return;
    case ENTENTE_CONFIRMED:
        life->cancelling = is_one_in(life, CANCELLED_EACH, CANCELLED_EACH / 2);
        if (life->cancelling) {
            life->count->cancelled++;
        } else {
            begin_anew(life);
        }
        return;
    case ENTENTE_SEARCHING:
    case ENTENTE_WAITING_ORGANIZER:
    case ENTENTE_MOVING:
    case ENTENTE_CANCELLED:
    case ENTENTE_EXPIRED:
    case ENTENTE_DONE:
        life->count->stuck++;
        life->cancelling = true;
        return;
    }
}

static void on_reply(void *context, enum entente_code code,
                     const struct entente_envelope *reply)
{
    struct life *life = context;
    life->under_way = false;
    if (code == ENTENTE_ERROR_STOPPED) {
        return;
    }
    life->count->commands++;
    if (code != ENTENTE_OK || reply->body != ENTENTE_MEETING) {
        life->count->refused++;
        begin_anew(life);
    } else {
        take_reply(life, reply->meeting);
    }
    if (!*life->draining) {
        life_go_on(life);
    }
}

/* ---- what goes out -----------------------------------------------------------------
 */

static void submit(struct life *life, struct entente_client *client,
                   const struct entente_envelope *envelope)
{
    enum entente_code code =
        entente_client_submit(client, envelope, on_reply, life, NULL);
    if (code != ENTENTE_OK) {
        report_die("submit: %s", entente_client_sentence(client));
    }
    life->under_way = true;
}

/* A fortnight, each life's another one. */
static struct entente_span window_of(const struct life *life)
{
    enum { FORTNIGHT = WINDOW_DAYS * MINUTES_PER_DAY, WEEK = 7 * MINUTES_PER_DAY };
    const struct entente_span *all = life->window;
    uint64_t weeks = (uint64_t)(all->end - all->start - FORTNIGHT) / WEEK + 1;
    int32_t start = all->start + (int32_t)(life->number % weeks) * WEEK;
    return (struct entente_span){start, start + FORTNIGHT};
}

static void submit_request(struct life *life)
{
    char values[LIFE_PARTIES][24];
    struct entente_identifier who[LIFE_PARTIES];
    struct entente_party parties[LIFE_PARTIES];
    struct entente_span window = window_of(life);
    for (uint32_t i = 0; i < LIFE_PARTIES; i++) {
        who[i] = stand_person(life->people[i], values[i]);
        parties[i] = (struct entente_party){.kind = ENTENTE_PROFESSIONAL,
                                            .importance = ENTENTE_INDISPENSABLE,
                                            .identifier = &who[i]};
    }
    struct entente_spec spec = {
        .duration_minutes = 30,
        .zone = "Europe/Paris",
        .windows = &window,
        .windows_count = 1,
        .parties = parties,
        .parties_count = LIFE_PARTIES,
        .nature = ENTENTE_SYNTHESIS,
    };
    struct entente_actor actor = {.who = &who[0], .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_request request = {.spec = &spec, .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_REQUEST,
                                              .request = &request};
    life->count->lives++;
    submit(life, life->clients[0], &envelope);
}

static void submit_answer(struct life *life)
{
    char value[24];
    struct entente_identifier who = stand_person(life->people[life->pending], value);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    life->shifting = life->pending == SHIFTED_ANSWER && !life->shifted &&
                     is_one_in(life, SHIFTED_EACH, SHIFTED_EACH / 2);
    struct entente_answer answer = {
        .meeting = {life->meeting.id, sizeof(life->meeting.id)},
        .proposal = life->meeting.proposal,
        .party = &who,
        .kind = life->shifting ? ENTENTE_SHIFT : ENTENTE_ACCEPT,
        .actor = &actor,
    };
    const struct entente_envelope envelope = {.body = ENTENTE_ANSWER,
                                              .answer = &answer};
    submit(life, life->clients[life->pending], &envelope);
}

static void submit_cancel(struct life *life)
{
    char value[24];
    struct entente_identifier who = stand_person(life->people[0], value);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_cancel cancel = {
        .meeting = {life->meeting.id, sizeof(life->meeting.id)},
        .reason = ENTENTE_NO_LONGER_NEEDED,
        .actor = &actor,
    };
    const struct entente_envelope envelope = {.body = ENTENTE_CANCEL,
                                              .cancel = &cancel};
    submit(life, life->clients[0], &envelope);
}

void life_go_on(struct life *life)
{
    if (life->cancelling) {
        submit_cancel(life);
    } else if (life->meeting.proposal == 0) {
        submit_request(life);
    } else {
        submit_answer(life);
    }
}
