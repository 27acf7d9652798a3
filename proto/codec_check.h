// SPDX-License-Identifier: Apache-2.0

/*
 * codec_check.h - the rules that concern more than one field
 *
 * Inside proto/ only.
 */
#ifndef PROTO_CODEC_CHECK_H
#define PROTO_CODEC_CHECK_H

#include "proto/codec_error.h"

/* Check the plain struct that has just been read at @path, whoever sent it: identifiers
 * are well formed; what has a start and an end is not empty, reversed or too long;
 * members of a pool are named in one way, and are members then. */
bool codec_check_struct(const struct codec_shape *shape, void *plain,
                        const struct codec_path *path, struct arena *arena,
                        struct codec_error *ret_error);

/* Make members of those who share their system.  Both stay: what was folded when it was
 * read is written so again. */
bool codec_unfold_members(struct entente_party *party, const struct codec_path *path,
                          struct arena *arena, struct codec_error *ret_error);

/* What is wrong with an identifier whose parts are not empty, or NULL. */
const char *codec_check_identifier(const struct entente_identifier *identifier);

/* Check the body of @envelope; each struct by itself has been checked.  Clears what a
 * request may not say (what the broker fills in). */
bool codec_check_body(struct entente_envelope *envelope, struct arena *arena,
                      struct codec_error *ret_error);

/* Check what a client asks, answers or decides: a request, an answer, a decision, a
 * preview of one, or a reconciliation. */
bool codec_check_act(struct entente_envelope *envelope, struct arena *arena,
                     struct codec_error *ret_error);

/* Sorted by start and without overlap. */
bool codec_check_spans(const struct entente_span *spans, size_t count,
                       const char *field, struct arena *arena,
                       struct codec_error *ret_error);

/* A request says nothing of what the broker fills in. */
void codec_clear_party(struct entente_party *party);

/* Check what is asked for in the message called @body ("request", "search"). */
bool codec_check_spec(struct entente_spec *spec, const char *body, struct arena *arena,
                      struct codec_error *ret_error);

#endif
