// SPDX-License-Identifier: Apache-2.0

/*
 * publisher_internal.h - shared by publisher.c and publisher_stage.c, and nobody else
 */
#ifndef BROKER_PUBLISHER_INTERNAL_H
#define BROKER_PUBLISHER_INTERNAL_H

#include "broker/broker.h"

/* Refuse a publication: all of its parts are answered and gone. */
void publisher_refuse(struct broker *broker, struct command *command,
                      const struct codec_error *refusal);

/* Answer every part with "done", or give them up unanswered; all of them are gone then.
 */
void publisher_answer(struct broker *broker, struct command *command,
                      const struct entente_source_state *state);
void publisher_release(struct broker *broker, struct command *command);

/* Check a whole publication against what the index holds now and fill in
 * command->publication.  False: it has been answered. */
bool publisher_prepare(struct broker *broker, struct command *command);

#endif
