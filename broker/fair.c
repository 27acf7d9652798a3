// SPDX-License-Identifier: Apache-2.0

#include "broker/fair.h"

#include "broker/due.h"
#include "broker/matter.h"
#include "broker/series.h"

#include <string.h>

/* Whoever has let others pass so often goes: perhaps they cannot be decided at all. */
enum { PATIENCE = 4 };

/* Where somebody stands among those who wait. */
struct rank {
    uint32_t priority;
    int64_t since_ms;
    const uint8_t *meeting; /* NULL: behind all that came at the same time */
};

static uint32_t priority_of(const struct entente_spec *spec)
{
    return spec->priority == 0 ? ENTENTE_ROUTINE : spec->priority;
}

static bool is_before(const struct store_sooner *row, const struct rank *rank)
{
    if (row->priority != rank->priority) {
        return row->priority > rank->priority;
    }
    if (row->since_ms != rank->since_ms) {
        return row->since_ms < rank->since_ms;
    }
    return rank->meeting == NULL || memcmp(row->meeting.bytes, rank->meeting, 16) < 0;
}

static bool is_of(const int64_t *people, size_t count, int64_t person)
{
    for (size_t i = 0; i < count; i++) {
        if (people[i] == person) {
            return true;
        }
    }
    return false;
}

static bool is_wanted_by(const struct entente_meeting *meeting, int64_t person)
{
    const struct entente_kept *kept = meeting->kept;
    bool found = is_of(kept->people, kept->people_count, person);
    for (size_t i = 0; i < kept->pools_count && !found; i++) {
        found = is_of(kept->pools[i].people, kept->pools[i].people_count, person);
    }
    return found;
}

/* Those that wait together take their times together: the @i-th that waits with
 * @meeting, itself where it is not here; NULL behind the last. */
static const struct entente_meeting *
companion(struct batch *batch, const struct entente_meeting *meeting, size_t i)
{
    if (meeting->state != ENTENTE_SEARCHING || !sequence_is(meeting)) {
        return NULL;
    }
    const uint8_t *sibling = series_sibling(meeting->kept, i);
    const struct matter *matter = sibling == NULL ? NULL : batch_matter(batch, sibling);
    if (sibling == NULL) {
        return NULL;
    }
    return matter == NULL ? meeting : matter->meeting;
}

/* Whose time @command wants.  Most rows are about somebody else, and a bit tells. */
struct wanted {
    const struct command *command;
    const struct entente_meeting *meeting; /* NULL: a new one */
    uint64_t bits;                         /* of everybody wanted */
};

static uint64_t bit_of(int64_t person)
{
    return UINT64_C(1) << (((uint64_t)person * UINT64_C(0x9e3779b97f4a7c15)) >> 58);
}

static uint64_t bits_of(const int64_t *people, size_t count)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i++) {
        bits |= bit_of(people[i]);
    }
    return bits;
}

static uint64_t bits_of_meeting(const struct entente_meeting *meeting)
{
    const struct entente_kept *kept = meeting->kept;
    uint64_t bits = bits_of(kept->people, kept->people_count);
    for (size_t i = 0; i < kept->pools_count; i++) {
        bits |= bits_of(kept->pools[i].people, kept->pools[i].people_count);
    }
    return bits;
}

static struct wanted wanted_by(struct batch *batch, const struct command *command,
                               const struct entente_meeting *meeting)
{
    struct wanted wanted = {command, meeting,
                            bits_of(command->people, command->people_count)};
    const struct entente_meeting *other = meeting;
    for (size_t i = 0; other != NULL; i++) {
        wanted.bits |= bits_of_meeting(other);
        other = companion(batch, meeting, i);
    }
    return wanted;
}

static bool is_wanted(struct batch *batch, const struct wanted *wanted, int64_t person)
{
    const struct command *command = wanted->command;
    if (is_of(command->people, command->people_count, person)) {
        return true;
    }
    const struct entente_meeting *other = wanted->meeting;
    for (size_t i = 0; other != NULL; i++) {
        if (is_wanted_by(other, person)) {
            return true;
        }
        other = companion(batch, wanted->meeting, i);
    }
    return false;
}

/* Is @meeting what was put there last?  Rows of one meeting follow each other. */
static bool is_last(const struct command *command, const struct store_id *meeting)
{
    return command->first_count > 0 &&
           memcmp(&command->first[command->first_count - 1].meeting, meeting,
                  sizeof(*meeting)) == 0;
}

static void add_first(struct batch *batch, struct command *command,
                      const struct store_id *meeting, uint32_t reason, int64_t at_ms)
{
    void *list = command->first;
    struct store_due *place = batch_grow(batch, &list, &command->first_count,
                                         &command->first_capacity, sizeof(*place));
    command->first = list;
    if (place != NULL) {
        place->meeting = *meeting;
        place->reason = reason;
        place->at_ms = at_ms;
    }
}

/* ---- other meetings ----------------------------------------------------------------
 */

/* One of loaded->sooner.  Every command looks through them, and each is seen to once. */
struct fair_row {
    uint64_t bit; /* of the person */
    uint32_t row;
    uint32_t matter; /* + 1; 0: it is not here */
};

static void list_rows(struct batch *batch)
{
    size_t count = batch->loaded->sooner_count;
    if (batch->fair_rows != NULL) {
        return;
    }
    struct fair_row *rows = arena_array(&batch->arena, count, sizeof(*rows));
    batch->exhausted = batch->exhausted || rows == NULL;
    for (size_t i = 0; rows != NULL && i < count; i++) {
        const struct matter *matter =
            batch_matter(batch, batch->loaded->sooner[i].meeting.bytes);
        rows[i].bit = bit_of(batch->loaded->sooner[i].person);
        rows[i].row = (uint32_t)i;
        rows[i].matter = matter == NULL ? 0 : (uint32_t)(matter - batch->matters) + 1;
        batch->fair_count = i + 1;
    }
    batch->fair_rows = rows;
}

/* Has it been due in this batch?  That stays so. */
static bool is_seen_to(const struct matter *matter, const struct store_sooner *row)
{
    return matter != NULL && (matter->seen_to >> row->reason & 1) != 0;
}

/* Does nothing wait there any more, as things stand? */
static bool is_settled(const struct batch *batch, const struct matter *matter,
                       const struct store_sooner *row)
{
    struct store_due due;
    if (matter == NULL) {
        return false;
    }
    return row->reason == DUE_SEARCH
               ? matter->meeting->state != ENTENTE_SEARCHING
               : !matter_is_overdue(matter->meeting, batch->now_ms, &due);
}

/* Has somebody's time that @command wants been given back earlier in this batch?  Who waits
 * for it is known after the commit. */
static bool is_released(struct batch *batch, const struct wanted *wanted)
{
    for (size_t i = 0; i < batch->before_count; i++) {
        const struct claim_before *before = &batch->before[i];
        if ((wanted->bits & bit_of(before->person)) != 0 &&
            is_wanted(batch, wanted, before->person) &&
            batch_has_released(batch, before)) {
            return true;
        }
    }
    return false;
}

/* How many of the rows come before one that stands at @rank (NULL: it looks for no slot).
 * They stand in this order, and deadlines before all who search. */
static size_t count_ahead(const struct batch *batch, const struct rank *rank)
{
    size_t least = 0;
    size_t most = batch->fair_count;
    while (least < most) {
        size_t middle = least + (most - least) / 2;
        const struct store_sooner *row =
            &batch->loaded->sooner[batch->fair_rows[middle].row];
        if (row->reason != DUE_SEARCH || (rank != NULL && is_before(row, rank))) {
            least = middle + 1;
        } else {
            most = middle;
        }
    }
    return least;
}

static void add_others(struct batch *batch, struct command *command,
                       const struct wanted *wanted, const struct rank *rank)
{
    const struct entente_meeting *meeting = wanted->meeting;
    size_t kept = 0;
    list_rows(batch);
    size_t ahead = count_ahead(batch, rank);
    for (size_t i = 0; i < ahead; i++) {
        struct fair_row left = batch->fair_rows[i];
        if ((left.bit & wanted->bits) == 0) {
            batch->fair_rows[kept++] = left;
            continue;
        }
        const struct store_sooner *row = &batch->loaded->sooner[left.row];
        const struct matter *matter =
            left.matter == 0 ? NULL : &batch->matters[left.matter - 1];
        if (is_seen_to(matter, row)) {
            continue;
        }
        batch->fair_rows[kept++] = left;
        if (!is_wanted(batch, wanted, row->person)) {
            continue;
        }
        bool own =
            meeting != NULL && memcmp(row->meeting.bytes, meeting->id.data, 16) == 0;
        if (!own && !is_last(command, &row->meeting) &&
            !is_settled(batch, matter, row)) {
            add_first(batch, command, &row->meeting, row->reason, 0);
        }
    }
    if (kept < ahead) {
        memmove(batch->fair_rows + kept, batch->fair_rows + ahead,
                (batch->fair_count - ahead) * sizeof(*batch->fair_rows));
        batch->fair_count -= ahead - kept;
    }
}

/* Does it look for a slot that others may wait for?  Then *ret_rank is where it stands. */
static bool is_seeking(const struct batch *batch, const struct command *command,
                       const struct entente_meeting *meeting, struct rank *ret_rank)
{
    if (command->client == NULL) {
        if (meeting == NULL || meeting->state != ENTENTE_SEARCHING) {
            return false;
        }
        *ret_rank = (struct rank){priority_of(meeting->spec), meeting->created_ms,
                                  meeting->id.data};
        return true;
    }
    if (command->envelope->body != ENTENTE_REQUEST) {
        return false;
    }
    *ret_rank = (struct rank){priority_of(command->envelope->request->spec),
                              batch->now_ms, NULL};
    return true;
}

/* Does it act on its meeting, so that what has passed there comes first? */
static bool is_acting(const struct command *command)
{
    return command->client != NULL && command->has_meeting &&
           command->envelope->body != ENTENTE_EVENT_RESULT;
}

bool fair_waits(struct batch *batch, struct command *command)
{
    struct store_due own;
    struct rank rank;
    bool released = false;
    command->first = NULL; /* of an earlier batch's arena */
    command->first_count = 0;
    command->first_capacity = 0;
    if (command->waited >= PATIENCE) {
        return false;
    }
    const struct matter *matter =
        command->has_meeting ? batch_matter(batch, command->meeting.bytes) : NULL;
    const struct entente_meeting *meeting = matter == NULL ? NULL : matter->meeting;
    if (meeting != NULL && is_acting(command) &&
        matter_is_overdue(meeting, batch->now_ms, &own)) {
        add_first(batch, command, &own.meeting, own.reason, own.at_ms);
    }
    bool seeking = is_seeking(batch, command, meeting, &rank);
    bool needs_time = seeking || (is_acting(command) && command->with_people);
    if (needs_time) {
        const struct wanted wanted = wanted_by(batch, command, meeting);
        add_others(batch, command, &wanted, seeking ? &rank : NULL);
        released = seeking && command->first_count == 0 && is_released(batch, &wanted);
    }
    bool waits = command->first_count > 0 || released;
    command->waited += waits ? 1 : 0;
    return waits;
}
