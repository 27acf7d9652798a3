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

/* When the meeting takes place, or would; empty: it has no time yet. */
struct entente_span summary_time(const struct entente_meeting *meeting);

/* One line: id, state, when, title. */
void summary_print_line(FILE *out, const struct entente_meeting *meeting);

/* Slots, the best one first; and why there is none, or no better one. */
void summary_print_slots(FILE *out, const struct entente_slot *slots, size_t count,
                         const struct entente_spec *spec);
void summary_print_why_not(FILE *out, const struct entente_why_not *why_not,
                           const struct entente_spec *spec);

/* " (by video)": the way to meet that is number @option of @spec; nothing without any. */
void summary_print_option(FILE *out, const struct entente_spec *spec, uint32_t option);

bool summary_attends(const struct entente_slot *slot, const struct entente_spec *spec,
                     size_t party);

/* Member @index of a pool. */
struct entente_identifier summary_member(const struct entente_party *party,
                                         size_t index);

/* Name, or identifier, or number of a party; in a buffer that the next eight calls
 * leave alone. */
const char *summary_party(const struct entente_spec *spec, size_t index);

/* "Accepted: Anna, Ben" for those whom @is_one names; nothing when there is none. */
void summary_print_parties(FILE *out, const char *label,
                           const struct entente_meeting *meeting,
                           bool (*is_one)(const struct entente_meeting *, size_t));

/* summary_agree.c: the slots of a poll with their grades; what stands out of a party; the
 * series. */
void summary_print_candidates(FILE *out, const struct entente_meeting *meeting);
void summary_print_marks(FILE *out, const struct entente_meeting *meeting);
void summary_print_series(FILE *out, const struct entente_meeting *meeting);

/* Whether the meeting waits for an answer of this party. */
bool summary_awaits(const struct entente_meeting *meeting, size_t index);

#endif
