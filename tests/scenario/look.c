// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/look.h"

#include "tests/support/test.h"

#include <string.h>

const struct entente_meeting *look_at(struct world_client *client,
                                      const struct entente_meeting *meeting)
{
    uint8_t id[16];
    memcpy(id, meeting->id.data, sizeof(id));
    struct entente_get get = {.meeting = {id, sizeof(id)}};
    const struct entente_envelope envelope = {.body = ENTENTE_GET, .get = &get};
    const struct entente_meeting *found = NULL;
    assert_int_equal(world_call(client, &envelope, &found), ENTENTE_OK);
    assert_non_null(found);
    return found;
}

const struct entente_party *look_for(const struct entente_meeting *meeting,
                                     const char *person)
{
    struct entente_identifier who = world_identifier(person);
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_identifier *party = meeting->spec->parties[i].identifier;
        if (party != NULL && strcmp(party->value, who.value) == 0) {
            return &meeting->spec->parties[i];
        }
    }
    fail_msg("%s has no part in it", person);
    return NULL;
}

size_t look_events(const struct world_client *client,
                   const struct entente_meeting *meeting)
{
    size_t count = 0;
    for (size_t i = 0; i < client->event_count; i++) {
        count += memcmp(client->events[i].meeting, meeting->id.data, 16) == 0 ? 1 : 0;
    }
    return count;
}

struct wish {
    const struct world_client *client;
    const struct entente_meeting *meeting;
    size_t count;
};

static bool has_come(void *context)
{
    const struct wish *wish = context;
    return look_events(wish->client, wish->meeting) >= wish->count;
}

void look_until_told(const struct world_client *client,
                     const struct entente_meeting *meeting, size_t count)
{
    struct wish wish = {client, meeting, count};
    if (!world_until(&world, has_come, &wish)) {
        fail_msg("%s was told %zu times, not %zu", client->name,
                 look_events(client, meeting), count);
    }
}

static bool nothing_is_due(void *context)
{
    (void)context;
    return pg_database_number(world.database,
                              "SELECT count(*) FROM due WHERE at <= clock_timestamp()"
                              " + coalesce((SELECT shift FROM test_clock), interval "
                              "'0')") == 0;
}

void look_until_calm(void)
{
    if (!world_until(&world, nothing_is_due, NULL)) {
        fail_msg("what is due is not seen to");
    }
}

void look_sweep(bool goes_on)
{
    /* Another broker is said to do what is due, and does nothing. */
    pg_database_run(world.database,
                    goes_on ? "UPDATE lease SET until = clock_timestamp()"
                            : "UPDATE lease SET broker = 999,"
                              " until = clock_timestamp() + interval '1 day'");
}
