// SPDX-License-Identifier: Apache-2.0

#include "bench/agenda.h"

#include "bench/report.h"
#include "bench/stand.h"

#include <string.h>
#include <time.h>

static void on_published(void *context, enum entente_code code,
                         const struct entente_envelope *reply)
{
    size_t *unanswered = context;
    (void)reply;
    if (code != ENTENTE_OK) {
        report_die("publish: %s", entente_code_name(code));
    }
    (*unanswered)--;
}

void agenda_submit(struct entente_client *client, uint32_t person,
                   const struct entente_span *coverage,
                   const struct agenda_ranges *ranges, size_t *unanswered)
{
    char value[24];
    struct entente_identifier identifier = stand_person(person, value);
    struct entente_span covered = *coverage;
    const struct entente_publish publish = {
        .source = value,
        .person = &identifier,
        .name = value,
        .publication = ENTENTE_SNAPSHOT,
        .coverage = &covered,
        .as_of_ms = (int64_t)time(NULL) * 1000,
        .lease_seconds = 604800,
        .ranges = ranges->data,
        .ranges_count = ranges->count,
    };
    if (entente_client_publish(client, &publish, on_published, unanswered) !=
        ENTENTE_OK) {
        report_die("publish: %s", entente_client_sentence(client));
    }
    (*unanswered)++;
}

void agenda_publish(struct entente_client *client, uint32_t person,
                    const struct entente_span *coverage,
                    const struct agenda_ranges *ranges)
{
    size_t unanswered = 0;
    agenda_submit(client, person, coverage, ranges, &unanswered);
    while (unanswered > 0) {
        if (entente_client_step(client, STAND_PATIENCE_MS) != ENTENTE_OK) {
            report_die("publish: %s", entente_client_sentence(client));
        }
    }
}

struct agenda_meeting agenda_read(const struct entente_meeting *meeting)
{
    struct agenda_meeting read = {
        .state = meeting->state,
        .proposal = meeting->proposal == NULL ? 0 : meeting->proposal->number,
    };
    memcpy(read.id, meeting->id.data, sizeof(read.id));
    return read;
}

void agenda_request(struct agenda_request *ret, uint32_t person, uint32_t count,
                    const struct entente_span *window)
{
    *ret = (struct agenda_request){.window = *window};
    for (uint32_t i = 0; i < count; i++) {
        ret->who[i] = stand_person(person + i, ret->values[i]);
        ret->parties[i] = (struct entente_party){.kind = ENTENTE_PROFESSIONAL,
                                                 .importance = ENTENTE_INDISPENSABLE,
                                                 .identifier = &ret->who[i]};
    }
    ret->spec = (struct entente_spec){
        .duration_minutes = 30,
        .zone = "Europe/Paris",
        .windows = &ret->window,
        .windows_count = 1,
        .parties = ret->parties,
        .parties_count = count,
        .nature = ENTENTE_SYNTHESIS,
    };
    ret->actor =
        (struct entente_actor){.who = &ret->who[0], .channel = ENTENTE_OWN_SOFTWARE};
    ret->request = (struct entente_request){.spec = &ret->spec, .actor = &ret->actor};
}

static struct agenda_meeting expect(struct entente_client *client,
                                    enum entente_code code,
                                    const struct entente_meeting *meeting)
{
    if (code != ENTENTE_OK) {
        report_die("%s", entente_client_sentence(client));
    }
    return agenda_read(meeting);
}

struct agenda_meeting agenda_propose(struct entente_client *client, uint32_t person,
                                     uint32_t count, const struct entente_span *window)
{
    static struct agenda_request words;
    const struct entente_meeting *reply = NULL;
    agenda_request(&words, person, count, window);
    enum entente_code code =
        entente_client_request(client, &words.request, STAND_PATIENCE_MS, &reply);
    struct agenda_meeting meeting = expect(client, code, reply);
    if (meeting.state != ENTENTE_PROPOSED) {
        report_die("nothing was proposed for number %u and others", person);
    }
    return meeting;
}

struct agenda_meeting agenda_accept(struct entente_client *client, uint32_t person,
                                    const struct agenda_meeting *meeting)
{
    char value[24];
    struct agenda_meeting read = *meeting;
    struct entente_identifier who = stand_person(person, value);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    const struct entente_answer answer = {.meeting = {read.id, sizeof(read.id)},
                                          .proposal = read.proposal,
                                          .party = &who,
                                          .kind = ENTENTE_ACCEPT,
                                          .actor = &actor};
    const struct entente_meeting *reply = NULL;
    enum entente_code code =
        entente_client_answer(client, &answer, STAND_PATIENCE_MS, &reply);
    return expect(client, code, reply);
}

void agenda_cancel(struct entente_client *client, uint32_t person,
                   const struct agenda_meeting *meeting)
{
    char value[24];
    struct agenda_meeting read = *meeting;
    struct entente_identifier who = stand_person(person, value);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    const struct entente_cancel cancel = {.meeting = {read.id, sizeof(read.id)},
                                          .reason = ENTENTE_NO_LONGER_NEEDED,
                                          .actor = &actor};
    const struct entente_meeting *reply = NULL;
    enum entente_code code =
        entente_client_cancel(client, &cancel, STAND_PATIENCE_MS, &reply);
    if (expect(client, code, reply).state != ENTENTE_CANCELLED) {
        report_die("a meeting could not be called off");
    }
}
