// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/diverge.h"

#include "tests/support/test.h"

#include <string.h>

const struct entente_meeting *diverge_shown(struct world_client *client,
                                            const uint8_t *id)
{
    const struct entente_meeting *meeting = NULL;
    struct entente_get get = {.meeting = {(uint8_t *)id, 16}};
    const struct entente_envelope envelope = {.body = ENTENTE_GET, .get = &get};
    assert_int_equal(world_call(client, &envelope, &meeting), ENTENTE_OK);
    return meeting;
}

void diverge_ben_is_busy(int from, int until, const uint8_t *meeting)
{
    struct entente_range ranges[4];
    for (int i = 0; i < 3; i++) {
        ranges[i] = (struct entente_range){.start = world.day + i * DAY + 8 * HOUR,
                                           .end = world.day + i * DAY + 18 * HOUR,
                                           .kind = ENTENTE_FREE};
    }
    struct entente_range busy = {
        .start = world.day + from, .end = world.day + until, .kind = ENTENTE_BUSY};
    if (meeting != NULL) {
        busy.meeting = (struct entente_bytes){(uint8_t *)meeting, 16};
    }
    int at = 0;
    while (at < 3 && (ranges[at].start < busy.start ||
                      (ranges[at].start == busy.start && ranges[at].end < busy.end))) {
        at++;
    }
    memmove(&ranges[at + 1], &ranges[at], (size_t)(3 - at) * sizeof(ranges[0]));
    ranges[at] = busy;
    assert_int_equal(world_publish(ben, BEN, ranges, 4), ENTENTE_OK);
}

struct until {
    struct world_client *client;
    uint8_t id[16];
    uint32_t version;
};

static bool is_told(void *context)
{
    const struct until *until = context;
    const struct world_event *event = world_last_event(until->client, until->id);
    return event != NULL && event->version >= until->version;
}

const struct entente_meeting *diverge_told(struct world_client *client,
                                           const uint8_t *id, uint32_t version)
{
    struct until until = {.client = client, .version = version};
    memcpy(until.id, id, 16);
    if (!world_until(&world, is_told, &until)) {
        fail_msg("%s was never told of version %u", client->name, version);
    }
    return diverge_shown(client, id);
}

static bool nothing_is_due(void *context)
{
    (void)context;
    return pg_database_number(world.database,
                              "SELECT count(*) FROM due WHERE at <= clock_timestamp()"
                              " + coalesce((SELECT shift FROM test_clock),"
                              "            interval '0')") == 0;
}

void diverge_settle_down(void)
{
    assert_true(world_until(&world, nothing_is_due, NULL));
}

enum entente_code diverge_owner_says(struct world_client *client, const char *person,
                                     uint32_t decision, const uint8_t *id,
                                     const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who = world_identifier(person);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_owner_answer answer = {.meeting = {(uint8_t *)id, 16},
                                          .party = &who,
                                          .decision = decision,
                                          .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_OWNER_ANSWER,
                                              .owner_answer = &answer};
    return world_call(client, &envelope, ret_meeting);
}

enum entente_code diverge_reports(struct world_client *client, const char *person,
                                  uint32_t kind, const uint8_t *id, uint32_t version)
{
    const struct entente_meeting *meeting = NULL;
    struct entente_event_result result = {
        .meeting = {(uint8_t *)id, 16},
        .version = version,
        .source = person,
        .kind = kind,
        .reason = kind == ENTENTE_REFUSED ? ENTENTE_CONFLICT_IN_AGENDA : 0,
    };
    const struct entente_envelope envelope = {.body = ENTENTE_EVENT_RESULT,
                                              .event_result = &result};
    return world_call(client, &envelope, &meeting);
}

uint32_t diverge_confirmed(uint8_t id[16], int *ret_start)
{
    const struct entente_meeting *meeting = circle_confirmed(false);
    memcpy(id, meeting->id.data, 16);
    *ret_start = meeting->confirmed->start - world.day;
    return meeting->version;
}

void diverge_call_off(const uint8_t *id)
{
    struct entente_meeting meeting = {.id = {(uint8_t *)id, 16}};
    circle_called_off(&meeting);
}

int64_t diverge_open(void)
{
    return pg_database_number(world.database,
                              "SELECT count(*) FROM divergence d JOIN meeting m"
                              " ON m.id = d.meeting WHERE m.state <= 5");
}
