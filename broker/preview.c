// SPDX-License-Identifier: Apache-2.0

#include "broker/preview.h"

#include "broker/matter.h"
#include "broker/series.h"
#include "broker/view.h"

#include <string.h>

enum { PREVIEW_SLOTS = 3 };

bool preview_remember(struct entente_meeting *meeting, bool is_new,
                      const struct client *client, struct arena *arena,
                      struct preview_one *ret_one)
{
    const struct entente_spec *spec = meeting->spec;
    *ret_one = (struct preview_one){
        .meeting = meeting,
        .parties = arena_copy(arena, spec->parties,
                              spec->parties_count * sizeof(*spec->parties)),
        .count = spec->parties_count,
        .proposal = is_new || meeting->proposal == NULL ? 0 : meeting->proposal->number,
        .version = meeting->version,
        .is_new = is_new,
        .concerns = is_new || matter_concerns(meeting, client),
    };
    if (is_new || !series_time(meeting, &ret_one->time)) {
        ret_one->time = (struct entente_span){0};
    }
    return ret_one->parties != NULL || ret_one->count == 0;
}

/* ---- the parties -------------------------------------------------------------------
 */

static bool comes(const struct entente_party *party)
{
    return party->attends && !party->dropped;
}

/* Has the change itself put somebody in the place of @party? */
static bool is_replaced_now(const struct preview_one *before,
                            const struct entente_spec *spec, size_t party)
{
    for (size_t i = before->count; i < spec->parties_count; i++) {
        if (spec->parties[i].replaces == party + 1) {
            return true;
        }
    }
    return false;
}

/* Whose yes does not hold any more, who does not come any more, and in whose place comes
 * somebody else? */
static bool compare_parties(const struct preview_one *before,
                            const struct entente_spec *spec, struct arena *arena,
                            struct entente_preview_result *ret)
{
    ret->asked_again = arena_array(arena, before->count, sizeof(*ret->asked_again));
    ret->lost = arena_array(arena, before->count, sizeof(*ret->lost));
    ret->replaced = arena_array(arena, before->count, sizeof(*ret->replaced));
    if (ret->asked_again == NULL || ret->lost == NULL || ret->replaced == NULL) {
        return false;
    }
    for (size_t i = 0; i < before->count; i++) {
        const struct entente_party *was = &before->parties[i];
        const struct entente_party *is = &spec->parties[i];
        bool leaves = comes(was) && !comes(is);
        if (is_replaced_now(before, spec, i) ||
            (leaves && matter_is_replaced(spec, i))) {
            ret->replaced[ret->replaced_count++] = (uint32_t)i;
        } else if (leaves) {
            ret->lost[ret->lost_count++] = (uint32_t)i;
        } else if (comes(was) && was->answer == ENTENTE_ACCEPT &&
                   is->answer != ENTENTE_ACCEPT) {
            ret->asked_again[ret->asked_again_count++] = (uint32_t)i;
        }
    }
    return true;
}

/* Who comes is no party yet, and so named in full, as it would be seen. */
static bool list_joined(const struct preview_one *before,
                        const struct entente_meeting *after,
                        const struct client *client, struct arena *arena,
                        struct entente_preview_result *ret)
{
    const struct entente_meeting *shown = view_meeting(after, client, arena);
    if (shown == NULL) {
        return false;
    }
    ret->joined = &shown->spec->parties[before->count];
    ret->joined_count = shown->spec->parties_count - before->count;
    return true;
}

/* ---- the times ---------------------------------------------------------------------
 */

/* The time that would be proposed, and who of those known today would not come then. */
static bool tell_proposed(const struct preview_one *before,
                          const struct entente_meeting *after, struct arena *arena,
                          struct entente_slot *ret)
{
    struct entente_slot slot = {.start = after->proposal->start,
                                .end = after->proposal->end,
                                .option = after->proposal->option};
    slot.absent = arena_array(arena, before->count, sizeof(*slot.absent));
    if (slot.absent == NULL) {
        return false;
    }
    for (size_t i = 0; i < before->count; i++) {
        const struct entente_party *is = &after->spec->parties[i];
        bool somebody = after->kept->people[i] != 0 || is->kind == ENTENTE_GUEST;
        /* Who is replaced has refused nothing, and is told as replaced. */
        if (somebody && !comes(is) && !matter_is_replaced(after->spec, i)) {
            slot.absent[slot.absent_count++] = (struct entente_attendance){
                .party = (uint32_t)i,
                .absence = is->absence == 0 ? ENTENTE_HAS_DECLINED : is->absence};
        }
    }
    *ret = slot;
    return true;
}

/* What would be proposed first, then what lies nearest. */
static bool list_slots(const struct preview_one *before,
                       const struct entente_meeting *after,
                       const struct refusal *refusal, struct arena *arena,
                       struct entente_preview_result *ret)
{
    const struct entente_proposal *proposal = after->proposal;
    const struct entente_slot *others =
        refusal->code != 0 ? refusal->slots : after->alternatives;
    size_t count =
        refusal->code != 0 ? refusal->slots_count : after->alternatives_count;
    ret->slots = arena_array(arena, PREVIEW_SLOTS, sizeof(*ret->slots));
    if (ret->slots == NULL) {
        return false;
    }
    if (proposal != NULL && proposal->number != before->proposal) {
        if (!tell_proposed(before, after, arena, &ret->slots[0])) {
            return false;
        }
        ret->slots_count = 1;
    }
    for (size_t i = 0; i < count && ret->slots_count < PREVIEW_SLOTS; i++) {
        if (ret->slots_count == 0 || others[i].start != ret->slots[0].start) {
            ret->slots[ret->slots_count++] = others[i];
        }
    }
    return true;
}

bool preview_compare(const struct preview_one *one, const struct client *client,
                     struct arena *arena, struct entente_preview_result *ret_result)
{
    const struct entente_meeting *after = one->meeting;
    const struct refusal *refusal = &one->refusal;
    *ret_result = (struct entente_preview_result){
        .state = after->state,
        .code = refusal->code,
        .parameters = (const char **)refusal->parameters,
        .parameters_count = refusal->parameters_count,
        .sentence = refusal->sentence,
    };
    /* Of what is there already the organizer has been told. */
    const struct entente_why_not *why =
        one->is_new && one->why_not == NULL ? after->why_not : one->why_not;
    ret_result->why_not = (struct entente_why_not *)why;
    return compare_parties(one, after->spec, arena, ret_result) &&
           list_joined(one, after, client, arena, ret_result) &&
           list_slots(one, after, refusal, arena, ret_result);
}
