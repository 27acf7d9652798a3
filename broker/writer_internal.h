// SPDX-License-Identifier: Apache-2.0

/*
 * writer_internal.h - what the three parts of the writer are for each other
 *
 *     writer_gather.c  what goes into a batch
 *     writer.c         its way through load, decide, write
 *     writer_fail.c    what becomes of it when that does not succeed
 */
#ifndef BROKER_WRITER_INTERNAL_H
#define BROKER_WRITER_INTERNAL_H

#include "broker/broker.h"

/* The other one of the two. */
struct writing *writer_other(const struct writing *writing);

/* Take commands out of the queue that touch nothing that the other batch touches, and say
 * what they want under lock.  False: there are none, or memory is used up. */
MUST_CHECK bool writer_gather(struct writing *writing);

/* Is there nothing but acknowledgements, for which no COMMIT of their own is worth while
 * yet? */
bool writer_may_wait(const struct broker *broker);

/* Commands that have waited too long for the database are told so. */
void writer_answer_the_impatient(struct broker *broker);

/* It was not carried out; its commands are in the queue again, ahead of the others. */
void writer_fail(struct writing *writing, enum status status);

/* The command is over. */
void writer_release(struct broker *broker, struct command *command);

/* The next batch may begin here. */
void writer_finish(struct writing *writing);

#endif
