// SPDX-License-Identifier: Apache-2.0

/*
 * requeue.h - commands that go round once more, each behind what has to be decided first
 *
 * What is due comes once, however many commands wait for it: of a thousand that wait for
 * the same people each names all that have waited longer.
 *
 * Ownership   The queue has the commands until requeue_end() gives them to the broker.
 */
#ifndef BROKER_REQUEUE_H
#define BROKER_REQUEUE_H

#include "broker/broker.h"
#include "broker/map.h"

/* Begins as {0}. */
struct requeue {
    struct queue queue;
    struct map dues; /* those in the queue, by meeting and reason */
};

/* @command, behind those of its `first` that are not there yet. */
void requeue_add(struct requeue *requeue, struct broker *broker,
                 struct command *command);

/* All of them are decided before whatever waits. */
void requeue_end(struct requeue *requeue, struct broker *broker);

#endif
