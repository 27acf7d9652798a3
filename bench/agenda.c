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
