// SPDX-License-Identifier: Apache-2.0

#include "broker/requeue.h"

#include <string.h>

static uint64_t key_of(const struct store_due *due)
{
    return map_hash(map_hash(0, due->meeting.bytes, sizeof(due->meeting.bytes)),
                    &due->reason, sizeof(due->reason));
}

static void push(struct requeue *requeue, struct command *command)
{
    queue_push(&requeue->queue, command);
    if (command->client == NULL &&
        !map_put(&requeue->dues, key_of(&command->due), command)) {
        return; /* no memory: it may come twice, and is over when it comes again */
    }
}

static bool is_there(const struct requeue *requeue, const struct store_due *due)
{
    const struct command *found = map_get(&requeue->dues, key_of(due));
    return found != NULL && found->due.reason == due->reason &&
           memcmp(&found->due.meeting, &due->meeting, sizeof(due->meeting)) == 0;
}

void requeue_add(struct requeue *requeue, struct broker *broker,
                 struct command *command)
{
    for (size_t i = 0; i < command->first_count; i++) {
        struct command *due = is_there(requeue, &command->first[i])
                                  ? NULL
                                  : keeper_command(broker, &command->first[i]);
        if (due != NULL) {
            push(requeue, due);
        }
    }
    command->again = false;
    push(requeue, command);
}

void requeue_end(struct requeue *requeue, struct broker *broker)
{
    queue_prepend(&broker->commands, &requeue->queue);
    map_finish(&requeue->dues);
}
