// SPDX-License-Identifier: Apache-2.0

/*
 * reader_internal.h - shared by reader*.c, and nobody else
 */
#ifndef BROKER_READER_INTERNAL_H
#define BROKER_READER_INTERNAL_H

#include "broker/broker.h"

/* Answer @command, or refuse it; neither ends it. */
void reader_answer(struct broker *broker, struct command *command,
                   struct entente_envelope *envelope);
void reader_refuse(struct broker *broker, struct command *command, unsigned code,
                   const char *parameter);

/* Have @thought thought and done: here if it @is_small, else by the other thread, with
 * broker->thinking as its proposer.  Where there is no room for it, it is only done. */
void reader_think(struct broker *broker, struct thought *thought, bool is_small);

/* It has been answered: it is gone. */
void reader_finish(struct broker *broker, struct command *command);

/* ---- reader_search.c ---------------------------------------------------------------
 */

void reader_search(struct broker *broker, struct command *command);

/* ---- reader_explain.c --------------------------------------------------------------
 */

void reader_explain(struct broker *broker, struct command *command);

/* ---- reader_preview.c, reader_reconcile.c ------------------------------------------
 */

void reader_preview(struct broker *broker, struct command *command);
void reader_reconcile(struct broker *broker, struct command *command);

/* ---- reader_series.c ---------------------------------------------------------------
 */

/* Answer a list with the meetings of one series. */
void reader_series(struct broker *broker, struct command *command);

/* ---- reader_who.c ------------------------------------------------------------------
 */

void reader_who_is_free(struct broker *broker, struct command *command);

#endif
