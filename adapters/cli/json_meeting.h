// SPDX-License-Identifier: Apache-2.0

/*
 * json_meeting.h - what travels, as JSON (docs/commands.md)
 *
 * Units       Times are ISO 8601 with the offset of the meeting's zone.
 *
 * Ownership   What is returned is a new reference, or NULL without memory.
 */
#ifndef ADAPTERS_CLI_JSON_MEETING_H
#define ADAPTERS_CLI_JSON_MEETING_H

#include "proto/message.h"

#include <jansson.h>

json_t *json_meeting(const struct entente_meeting *meeting);

/* Slots and why there are no others, for @spec's parties. */
json_t *json_slots(const struct entente_slot *slots, size_t count,
                   const struct entente_spec *spec);
json_t *json_why_not(const struct entente_why_not *why_not,
                     const struct entente_spec *spec);

/* json_slots.c: how a party is called; ways to meet, where there are any. */
void json_put_option(json_t *object, const struct entente_spec *spec, uint32_t option);
void json_put_ways(json_t *object, const struct entente_spec *spec);

/* What a party says of candidates. */
json_t *json_grades(const struct entente_graded *grades, size_t count,
                    const char *zone);

json_t *json_identifier(const struct entente_identifier *identifier);
json_t *json_time(int32_t minute, const char *zone);
json_t *json_time_ms(int64_t ms, const char *zone);
json_t *json_span(int32_t start, int32_t end, const char *zone);

/* Print @value on standard output, with a line end, and give it back.  Returns the exit
 * code: EXIT_DONE, or EXIT_FAILED without memory or when the output is closed. */
int json_print(json_t *value);

#endif
