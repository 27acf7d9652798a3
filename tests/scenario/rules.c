// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/rules.h"

#include "tests/support/test.h"

static struct entente_identifier who[3];
static struct entente_party parties[3];
static struct entente_span window;
static struct entente_spec spec;

struct entente_spec *rules_begin(void)
{
    static const char *const people[] = {ANNA, BEN, CHRIS};
    circle_everybody_is_free();
    for (size_t i = 0; i < 3; i++) {
        who[i] = world_identifier(people[i]);
        parties[i] = world_party(&who[i], i == 2);
    }
    window = (struct entente_span){world.day, world.day + 3 * DAY};
    spec = world_spec(parties, 3, &window);
    return &spec;
}

enum entente_code rules_ask(const struct entente_meeting **ret_meeting)
{
    return world_request(coordinator, &spec, ret_meeting);
}

const struct entente_meeting *rules_asked(void)
{
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(rules_ask(&meeting), ENTENTE_OK);
    assert_int_equal(meeting->state, ENTENTE_PROPOSED);
    return meeting;
}

enum entente_code rules_say(struct world_client *client,
                            struct entente_identifier *party,
                            const struct rules_answer *says,
                            const struct entente_meeting *meeting,
                            const struct entente_meeting **ret_meeting)
{
    struct entente_identifier caller = world_identifier(BEN);
    struct entente_actor actor = {.who = &caller, .channel = says->channel};
    struct entente_answer answer = {
        .actor = &actor,
        .meeting = meeting->id,
        .proposal = meeting->proposal->number,
        .party = party,
        .kind = says->kind,
        .grades = says->grades,
        .grades_count = says->grades_count,
        .substitute = says->substitute,
    };
    const struct entente_envelope envelope = {.body = ENTENTE_ANSWER,
                                              .answer = &answer};
    return world_call(client, &envelope, ret_meeting);
}

const struct entente_meeting *rules_not_this_one(struct world_client *client,
                                                 const char *person,
                                                 const struct entente_meeting *meeting)
{
    return circle_says(client, person, ENTENTE_SHIFT, 0, meeting);
}

static enum entente_code decide(struct world_client *client,
                                struct entente_decide *order,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting)
{
    struct entente_identifier caller = world_identifier(ANNA);
    struct entente_actor actor = {.who = &caller, .channel = ENTENTE_CONSOLE};
    order->meeting = meeting->id;
    order->version = meeting->version;
    order->actor = &actor;
    const struct entente_envelope envelope = {.body = ENTENTE_DECIDE, .decide = order};
    enum entente_code code = world_call(client, &envelope, ret_meeting);
    order->actor = NULL; /* it ends here */
    return code;
}

enum entente_code rules_confirm(struct world_client *client, int32_t start,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting)
{
    struct entente_decide order = {.decision = ENTENTE_CONFIRM, .start = start};
    return decide(client, &order, meeting, ret_meeting);
}

enum entente_code rules_search_on(struct entente_span *elsewhere,
                                  const struct entente_meeting *meeting,
                                  const struct entente_meeting **ret_meeting)
{
    struct entente_decide order = {.decision = ENTENTE_SEARCH_ON,
                                   .windows = elsewhere,
                                   .windows_count = elsewhere == NULL ? 0 : 1};
    return decide(coordinator, &order, meeting, ret_meeting);
}

enum entente_code rules_move(int32_t start, const struct entente_meeting *meeting,
                             const struct entente_meeting **ret_meeting)
{
    struct entente_decide order = {.decision = ENTENTE_MOVE, .start = start};
    return decide(coordinator, &order, meeting, ret_meeting);
}

enum entente_code rules_without(struct entente_identifier *party,
                                const struct entente_meeting *meeting,
                                const struct entente_meeting **ret_meeting)
{
    struct entente_decide order = {.decision = ENTENTE_WITHOUT_PARTY, .party = party};
    return decide(coordinator, &order, meeting, ret_meeting);
}
