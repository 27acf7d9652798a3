// SPDX-License-Identifier: Apache-2.0

/*
 * A whole adapter: it offers one person's week, accepts every proposal, and prints the
 * meetings that are confirmed.
 *
 *     example_adapter client.conf position.txt SYSTEM VALUE
 *
 * client.conf was written by `entente client add --speaks-for ...`; SYSTEM and VALUE
 * identify the person, for instance urn:oid:1.2.250.1.71.4.2.1 and 899700000017.
 */
#include <entente/client.h>

#include <stdio.h>

static struct entente_client *client;
static struct entente_identifier person;
static const char *position_path;

/* Step 3: a proposal asks for an answer.  A request is sent until it is answered and
 * carried out once, so that a broken connection needs no care here. */
static void accept(const struct entente_meeting *meeting)
{
    struct entente_actor me = {.who = &person, .channel = ENTENTE_OWN_SOFTWARE};
    struct entente_answer yes = {.meeting = meeting->id,
                                 .proposal = meeting->proposal->number,
                                 .party = &person,
                                 .kind = ENTENTE_ACCEPT,
                                 .actor = &me};
    struct entente_envelope envelope = {.body = ENTENTE_ANSWER, .answer = &yes};
    entente_client_submit(client, &envelope, NULL, NULL, NULL);
}

/* Step 2: every change of one of our meetings comes as an event, with all of it. */
static void on_event(void *context, const struct entente_event *event,
                     struct entente_position position)
{
    (void)context; /* would lead to the agenda in a program that has several */
    const struct entente_meeting *meeting = event->meeting;

    if (meeting->state == ENTENTE_PROPOSED || meeting->state == ENTENTE_MOVING) {
        accept(meeting);
    } else if (meeting->state == ENTENTE_CONFIRMED) {
        printf("confirmed: minutes %d to %d\n", (int)meeting->confirmed->start,
               (int)meeting->confirmed->end);
        entente_client_event_result(client, event, "week", ENTENTE_APPLIED, 0, NULL);
    }
    fflush(stdout);
    /* Step 4: the position belongs with the effect.  Here a file has to do, so that
     * after a crash a line may be printed twice. */
    if (entente_position_save(position_path, position) == ENTENTE_OK) {
        entente_client_applied(client, position.sequence);
    }
}

/* Step 1, with every connection: free from 8:00 to 18:00 UTC on the next seven days. */
static void publish_week(void *context, const struct entente_welcome *welcome)
{
    (void)context;
    int32_t today = (int32_t)(welcome->now_ms / 86400000) * 1440; /* minutes */
    struct entente_span coverage = {.start = today, .end = today + 7 * 1440};
    struct entente_range ranges[7] = {{0}};
    struct entente_publish week = {.source = "week", .person = &person};
    week.coverage = &coverage;
    week.as_of_ms = welcome->now_ms;
    week.lease_seconds = 86400;
    week.ranges = ranges;
    for (int i = 0; i < 7; i++) {
        ranges[i].start = today + i * 1440 + 8 * 60;
        ranges[i].end = today + i * 1440 + 18 * 60;
        ranges[i].kind = ENTENTE_FREE;
        week.ranges_count++;
    }
    if (entente_client_publish(client, &week, NULL, NULL) != ENTENTE_OK) {
        fprintf(stderr, "%s\n", entente_client_sentence(client));
    }
}

int main(int count, char **arguments)
{
    char why[ENTENTE_WHY_SIZE] = "client.conf, position.txt, SYSTEM and VALUE, please.";
    struct entente_settings settings = {
        .software = "example", .on_connected = publish_week, .on_event = on_event};
    if (count == 5 &&
        entente_position_load(arguments[2], &settings.position) == ENTENTE_OK) {
        position_path = arguments[2];
        person = (struct entente_identifier){arguments[3], arguments[4]};
        client = entente_client_from_file(arguments[1], &settings, why, sizeof why);
    }
    if (!client) {
        fprintf(stderr, "%s\n", why);
        return 2;
    }
    while (entente_client_step(client, -1) == ENTENTE_OK) {
    }
    fprintf(stderr, "%s\n", entente_client_sentence(client));
    entente_client_destroy(client);
    return 0;
}
