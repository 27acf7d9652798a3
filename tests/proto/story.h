// SPDX-License-Identifier: Apache-2.0

/*
 * story.h - messages that are fine as they stand, for tests that break one rule each
 */
#ifndef TESTS_PROTO_STORY_H
#define TESTS_PROTO_STORY_H

#include "proto/codec_table.h"

enum { MONDAY = CODEC_TIME_MIN + 1440 * 2000 };

/* What a test changes. */
struct story {
    struct arena arena;
    struct entente_identifier people[66];
    struct entente_party parties[66];
    struct entente_span windows[65];
    struct entente_place places[2];
    struct entente_actor actor;
    struct entente_spec spec;
    struct entente_request request;
    struct entente_search search;
    struct entente_range ranges[4];
    struct entente_span coverage;
    struct entente_publish publish;
    struct entente_answer answer;
    struct entente_decide decide;
};

/* The set-up and tear-down of a test: *state becomes a fresh story. */
int story_set_up(void **state);
int story_tear_down(void **state);

/* What the codec says to a body; *ret_envelope (unless NULL) when it lets it through.
 */
struct codec_error story_say(struct story *story, enum entente_body tag, void *body,
                             struct entente_envelope **ret_envelope);

/* The refusal has @code, and its first two parameters (NULL: any); its sentence has no
 * open place. */
void story_expect(struct codec_error error, unsigned code, const char *first,
                  const char *second);

#endif
