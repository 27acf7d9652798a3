// SPDX-License-Identifier: Apache-2.0

/*
 * queue.c - the part of broker.h that keeps commands in order
 */
#include "broker/broker.h"

#include "proto/limits.h"

#include <stdlib.h>

void queue_push(struct queue *queue, struct command *command)
{
    command->next = NULL;
    if (queue->last == NULL) {
        queue->first = command;
    } else {
        queue->last->next = command;
    }
    queue->last = command;
    queue->count++;
}

void queue_prepend(struct queue *queue, struct queue *others)
{
    if (others->first == NULL) {
        return;
    }
    others->last->next = queue->first;
    queue->first = others->first;
    if (queue->last == NULL) {
        queue->last = others->last;
    }
    queue->count += others->count;
    *others = (struct queue){0};
}

struct command *queue_pop(struct queue *queue)
{
    struct command *command = queue->first;
    if (command != NULL) {
        queue->first = command->next;
        if (queue->first == NULL) {
            queue->last = NULL;
        }
        command->next = NULL;
        queue->count--;
    }
    return command;
}

struct command *command_create(void)
{
    struct command *command = calloc(1, sizeof(*command));
    if (command != NULL) {
        arena_init(&command->arena, LIMIT_ARENA_BYTES);
    }
    return command;
}

void command_destroy(struct command *command)
{
    if (command != NULL) {
        arena_finish(&command->arena);
        free(command);
    }
}
