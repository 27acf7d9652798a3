// SPDX-License-Identifier: Apache-2.0

#include "bench/agenda.h"

#include "bench/report.h"
#include "bench/stand.h"

#include <string.h>
#include <time.h>

struct outcome {
    bool told;
    enum entente_code code;
};

static void on_published(void *context, enum entente_code code,
                         const struct entente_envelope *reply)
{
    struct outcome *outcome = context;
    (void)reply;
    *outcome = (struct outcome){true, code};
}

void agenda_publish(struct entente_client *client, uint32_t person,
                    const struct entente_span *coverage, struct entente_range *ranges,
                    size_t count)
{
    char value[24];
    struct entente_identifier identifier = stand_person(person, value);
    struct entente_span covered = *coverage;
    struct outcome outcome = {0};
    const struct entente_publish publish = {
        .source = value,
        .person = &identifier,
        .name = value,
        .publication = ENTENTE_SNAPSHOT,
        .coverage = &covered,
        .as_of_ms = (int64_t)time(NULL) * 1000,
        .lease_seconds = 604800,
        .ranges = ranges,
        .ranges_count = count,
    };
    outcome.code = entente_client_publish(client, &publish, on_published, &outcome);
    while (outcome.code == ENTENTE_OK && !outcome.told) {
        outcome.code = entente_client_step(client, STAND_PATIENCE_MS);
    }
    if (outcome.code != ENTENTE_OK) {
        report_die("publish: %s: %s", entente_code_name(outcome.code),
                   entente_client_sentence(client));
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

void agenda_request(struct agenda_request *ret, uint32_t person,
                    const struct entente_span *window)
{
    *ret = (struct agenda_request){.window = *window};
    for (uint32_t i = 0; i < 2; i++) {
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
        .parties_count = 2,
        .nature = ENTENTE_SYNTHESIS,
    };
    ret->actor =
        (struct entente_actor){.who = &ret->who[0], .channel = ENTENTE_OWN_SOFTWARE};
    ret->request = (struct entente_request){.spec = &ret->spec, .actor = &ret->actor};
}
