// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/circle.h"

#include "tests/support/test.h"

#include <string.h>

struct world world;
struct world_client *coordinator;
struct world_client *anna;
struct world_client *ben;
struct world_client *chris;

int circle_set_up(void **state)
{
    (void)state;
    world_create(&world);
    coordinator = world_add_client(&world, "coordinator", false, NULL);
    anna = world_add_client(&world, "anna", false, (const char *[]){ANNA, NULL});
    ben = world_add_client(&world, "ben", false, (const char *[]){BEN, NULL});
    chris = world_add_client(&world, "chris", false, (const char *[]){CHRIS, NULL});
    return 0;
}

int circle_tear_down(void **state)
{
    (void)state;
    world_destroy(&world);
    return 0;
}

void circle_is_free(struct world_client *client, const char *person, int from,
                    int until)
{
    struct entente_range days[3];
    for (int i = 0; i < 3; i++) {
        days[i] = (struct entente_range){.start = world.day + i * DAY + from * HOUR,
                                         .end = world.day + i * DAY + until * HOUR,
                                         .kind = ENTENTE_FREE};
    }
    assert_int_equal(world_publish(client, person, days, 3), ENTENTE_OK);
}

void circle_everybody_is_free(void)
{
    circle_is_free(anna, ANNA, 8, 18);
    circle_is_free(ben, BEN, 8, 18);
    circle_is_free(chris, CHRIS, 8, 18);
}

/* Ask for an hour of Anna, Ben and, if invited, Chris. */
enum entente_code circle_ask(bool with_chris, int64_t search_until_ms,
                             const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who[] = {world_identifier(ANNA), world_identifier(BEN),
                                       world_identifier(CHRIS)};
    struct entente_party parties[] = {world_party(&who[0], false),
                                      world_party(&who[1], false),
                                      world_party(&who[2], true)};
    struct entente_span window = {world.day, world.day + 3 * DAY};
    struct entente_spec spec = world_spec(parties, with_chris ? 3 : 2, &window);
    spec.search_until_ms = search_until_ms;
    return world_request(coordinator, &spec, ret_meeting);
}

const struct entente_meeting *circle_asked(bool with_chris)
{
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(circle_ask(with_chris, 0, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    return meeting;
}

const struct entente_meeting *circle_says(struct world_client *client,
                                          const char *person, uint32_t kind,
                                          int32_t counter,
                                          const struct entente_meeting *meeting)
{
    assert_int_equal(world_answer(client, meeting, person, kind, counter, &meeting),
                     ENTENTE_OK);
    return meeting;
}

const struct entente_meeting *circle_confirmed(bool with_chris)
{
    const struct entente_meeting *meeting = circle_asked(with_chris);
    meeting = circle_says(anna, ANNA, ENTENTE_ACCEPT, 0, meeting);
    meeting = circle_says(ben, BEN, ENTENTE_ACCEPT, 0, meeting);
    if (with_chris) {
        meeting = circle_says(chris, CHRIS, ENTENTE_ACCEPT, 0, meeting);
    }
    assert_int_equal(meeting->state, ENTENTE_CONFIRMED);
    return meeting;
}

const struct entente_meeting *circle_keep(const struct entente_meeting *meeting,
                                          struct circle_kept *ret_kept)
{
    memcpy(ret_kept->id, meeting->id.data, sizeof(ret_kept->id));
    ret_kept->proposal = (struct entente_proposal){
        .number = meeting->proposal == NULL ? 0 : meeting->proposal->number};
    ret_kept->meeting =
        (struct entente_meeting){.id = {ret_kept->id, sizeof(ret_kept->id)},
                                 .version = meeting->version,
                                 .proposal = &ret_kept->proposal};
    return &ret_kept->meeting;
}

enum entente_code circle_cancel(struct world_client *client, const char *person,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who = world_identifier(person == NULL ? ANNA : person);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_TELEPHONE};
    struct entente_cancel order = {.meeting = meeting->id,
                                   .party = person == NULL ? NULL : &who,
                                   .reason = ENTENTE_NO_LONGER_NEEDED,
                                   .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_CANCEL, .cancel = &order};
    return world_call(client, &envelope, ret_meeting);
}

void circle_called_off(const struct entente_meeting *meeting)
{
    assert_int_equal(circle_cancel(coordinator, NULL, meeting, &meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_CANCELLED);
}

enum entente_code circle_decide(struct world_client *client, uint32_t decision,
                                int32_t start, const char *without,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who = world_identifier(without == NULL ? ANNA : without);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_CONSOLE};
    struct entente_decide order = {.meeting = meeting->id,
                                   .version = meeting->version,
                                   .decision = decision,
                                   .start = start,
                                   .party = without == NULL ? NULL : &who,
                                   .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_DECIDE, .decide = &order};
    return world_call(client, &envelope, ret_meeting);
}

struct hope {
    const struct world_client *client;
    uint8_t meeting[16];
    uint32_t state;
    uint32_t version; /* what was told before this one does not count */
};

static bool has_come_true(void *context)
{
    const struct hope *hope = context;
    const struct world_event *last = world_last_event(hope->client, hope->meeting);
    return last != NULL && last->state == hope->state && last->version >= hope->version;
}

void circle_learns(const struct world_client *client,
                   const struct entente_meeting *meeting, uint32_t state)
{
    struct hope hope = {.client = client, .state = state, .version = meeting->version};
    memcpy(hope.meeting, meeting->id.data, sizeof(hope.meeting));
    if (!world_until(&world, has_come_true, &hope)) {
        fail_msg("%s never learnt of state %u", client->name, state);
    }
}

int64_t circle_claims(void)
{
    return pg_database_number(world.database, "SELECT count(*) FROM claim");
}
