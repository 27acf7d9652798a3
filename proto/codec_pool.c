// SPDX-License-Identifier: Apache-2.0

/*
 * codec_pool.c - members of a pool who share their system: short on the wire, members
 * like others in memory
 */
#include "proto/codec_check.h"

#include <stdio.h>

enum { PATH_BYTES = 256 };

/* "request.spec.parties[1].member_values" */
static const char *path_of(const struct codec_path *path, const char *field,
                           struct arena *arena)
{
    char text[PATH_BYTES];
    snprintf(text, sizeof(text), "%s.%s", codec_path_text(path, NULL, 0, arena), field);
    const char *copy = arena_text(arena, text);
    return copy != NULL ? copy : "?";
}

static bool refuse_value(const struct codec_path *path, size_t index,
                         const char *problem, struct arena *arena,
                         struct codec_error *error)
{
    char field[48];
    snprintf(field, sizeof(field), "member_values[%zu]", index);
    return codec_refuse(error, ERROR_BAD_IDENTIFIER, path_of(path, field, arena),
                        problem, NULL);
}

bool codec_unfold_members(struct entente_party *party, const struct codec_path *path,
                          struct arena *arena, struct codec_error *ret_error)
{
    size_t count = party->member_values_count;

    if (party->member_system == NULL && count == 0) {
        return true;
    }
    if (party->member_system == NULL || count == 0) {
        return codec_refuse(
            ret_error, ERROR_FIELD_MISSING,
            path_of(path, count == 0 ? "member_values" : "member_system", arena), NULL);
    }
    if (party->members_count > 0) {
        return codec_refuse(ret_error, ERROR_FIELD_CONFLICT,
                            path_of(path, "members", arena),
                            path_of(path, "member_values", arena),
                            "members are named in one way", NULL);
    }
    party->members = arena_array(arena, count, sizeof(*party->members));
    if (party->members == NULL) {
        return codec_refuse(ret_error, ERROR_TOO_COMPLEX,
                            codec_unsigned_text(arena->quota, arena), NULL);
    }
    for (size_t i = 0; i < count; i++) {
        party->members[i] = (struct entente_identifier){
            .system = party->member_system, .value = party->member_values[i]};
        const char *problem = codec_check_identifier(&party->members[i]);
        if (problem != NULL) {
            return refuse_value(path, i, problem, arena, ret_error);
        }
    }
    party->members_count = count;
    return true;
}
