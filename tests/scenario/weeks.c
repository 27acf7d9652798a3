// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/weeks.h"

#include "tests/scenario/rules.h"
#include "tests/scenario/seek.h"

#include "tests/support/test.h"

#include <string.h>

enum { PATIENCE_MS = 20000 };

uint8_t weeks_series[16];

/* What is asked for instead of so many weeks, if anything, and in how many days it begins. */
const char *weeks_recurrence;
int weeks_window_days = 3;

/* Anna and Ben are free from nine to noon on the same day of so many weeks, but Ben not in
 * week @without (0: in all; the first one is 1). */
void weeks_are_free(int without)
{
    struct entente_range ranges[WEEKS];
    size_t count = 0;
    for (int week = 0; week < WEEKS; week++) {
        int32_t day = week * WEEK;
        ranges[count++] = seek_range(day + 9 * HOUR, day + 12 * HOUR, ENTENTE_FREE);
    }
    seek_publish(anna, ANNA, ranges, count, NULL);
    count = 0;
    for (int week = 0; week < WEEKS; week++) {
        int32_t day = week * WEEK;
        if (week + 1 != without) {
            ranges[count++] = seek_range(day + 9 * HOUR, day + 12 * HOUR, ENTENTE_FREE);
        }
    }
    seek_publish(ben, BEN, ranges, count, NULL);
}

enum entente_code weeks_ask(uint32_t occurrences,
                            const struct entente_meeting **ret_meeting)
{
    struct entente_identifier who[] = {world_identifier(ANNA), world_identifier(BEN)};
    struct entente_party parties[] = {world_party(&who[0], false),
                                      world_party(&who[1], false)};
    struct entente_span window = {world.day, world.day + weeks_window_days * DAY};
    struct entente_spec spec = world_spec(parties, 2, &window);
    spec.recurrence = weeks_recurrence;
    spec.occurrences = weeks_recurrence == NULL ? occurrences : 0;
    spec.step = weeks_recurrence == NULL ? ENTENTE_WEEKLY : 0;
    return world_request(coordinator, &spec, ret_meeting);
}

const struct entente_meeting *weeks_asked(uint32_t occurrences)
{
    const struct entente_meeting *meeting = NULL;
    assert_int_equal(weeks_ask(occurrences, &meeting), ENTENTE_OK);
    assert_non_null(meeting->series);
    assert_int_equal(meeting->series->count, occurrences);
    memcpy(weeks_series, meeting->series->id.data, sizeof(weeks_series));
    return meeting;
}

/* All meetings of the series, in order; they live until the client's next call. */
const struct entente_meeting_list *weeks_listed(struct world_client *client)
{
    const struct entente_list list = {.series = {weeks_series, sizeof(weeks_series)}};
    const struct entente_meeting_list *ret = NULL;
    assert_int_equal(entente_client_list(client->sdk, &list, PATIENCE_MS, &ret),
                     ENTENTE_OK);
    return ret;
}

void weeks_all_are(uint32_t state)
{
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    assert_int_equal(list->meetings_count, WEEKS);
    for (size_t i = 0; i < list->meetings_count; i++) {
        assert_int_equal(list->meetings[i].state, state);
        assert_int_equal(list->meetings[i].series->index, i);
    }
}

enum entente_code weeks_say(struct world_client *client, const char *person,
                            uint32_t kind, const struct entente_meeting **ret_meeting)
{
    struct circle_kept kept;
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    const struct entente_meeting *meeting = circle_keep(&list->meetings[0], &kept);
    struct entente_identifier who = world_identifier(person);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_answer answer = {.actor = &actor,
                                    .meeting = meeting->id,
                                    .proposal = meeting->proposal->number,
                                    .party = &who,
                                    .kind = kind,
                                    .series = true};
    const struct entente_envelope envelope = {.body = ENTENTE_ANSWER,
                                              .answer = &answer};
    return world_call(client, &envelope, ret_meeting);
}

void weeks_call_off(void)
{
    const struct entente_meeting *meeting = NULL;
    struct entente_identifier who = world_identifier(ANNA);
    struct entente_actor actor = {.who = &who, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_cancel cancel = {.meeting = {weeks_series, sizeof(weeks_series)},
                                    .series = true,
                                    .actor = &actor};
    const struct entente_envelope envelope = {.body = ENTENTE_CANCEL,
                                              .cancel = &cancel};
    assert_int_equal(world_call(coordinator, &envelope, &meeting), ENTENTE_OK);
    const struct entente_meeting_list *list = weeks_listed(coordinator);
    for (size_t i = 0; i < list->meetings_count; i++) {
        assert_int_equal(list->meetings[i].state, ENTENTE_CANCELLED);
    }
    assert_int_equal(circle_claims(), 0);
}
