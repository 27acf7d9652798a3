// SPDX-License-Identifier: Apache-2.0

/*
 * summary.h - a meeting in sentences
 */
#ifndef ADAPTERS_CLI_SUMMARY_H
#define ADAPTERS_CLI_SUMMARY_H

#include "proto/message.h"

#include <stdbool.h>
#include <stdio.h>

/* Everything that is said of a meeting; its spec has a zone. */
void summary_print(FILE *out, const struct entente_meeting *meeting);

/* One line: id, state, when, title. */
void summary_print_line(FILE *out, const struct entente_meeting *meeting);

/* Slots, the best one first; and why there is none, or no better one. */
void summary_print_slots(FILE *out, const struct entente_slot *slots, size_t count,
                         const struct entente_spec *spec);
void summary_print_why_not(FILE *out, const struct entente_why_not *why_not,
                           const struct entente_spec *spec);

/* " (by video)": the way to meet that is number @option of @spec; nothing without any. */
void summary_print_option(FILE *out, const struct entente_spec *spec, uint32_t option);

bool summary_attends(const struct entente_slot *slot, size_t party);

/* Member @index of a pool. */
struct entente_identifier summary_member(const struct entente_party *party,
                                         size_t index);

/* Name, or identifier, or number of a party; in a buffer that the next eight calls
 * leave alone. */
const char *summary_party(const struct entente_spec *spec, size_t index);

/* Whether the meeting waits for an answer of this party. */
bool summary_awaits(const struct entente_meeting *meeting, size_t index);

#endif
