// SPDX-License-Identifier: Apache-2.0

/*
 * explore_reduce.c - the part of explore.h that asks the real reducer
 */
#include "tests/model/explore.h"

#include "broker/handle.h"
#include "broker/person.h"
#include "broker/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUOTA = 1 << 24, ROUNDS = 6, ROWS_MAX = 128 };

struct reducer {
    struct world *world;
    struct cards *cards;
    struct batch batch;
    struct command command;
    uint32_t in_index[AGENDAS][MEETINGS]; /* the claims that each index has */
    bool walked[ROWS_MAX];
    char complaint[300];
};

struct reducer *reducer_create(struct world *world, struct cards *cards)
{
    struct reducer *reducer = calloc(1, sizeof(*reducer));
    if (reducer == NULL) {
        abort();
    }
    reducer->world = world;
    reducer->cards = cards;
    reducer->batch.clients = &world->clients;
    arena_init(&reducer->batch.arena, QUOTA);
    arena_init(&reducer->command.arena, QUOTA);
    return reducer;
}

void reducer_destroy(struct reducer *reducer)
{
    arena_finish(&reducer->batch.arena);
    arena_finish(&reducer->command.arena);
    free(reducer);
}

const char *reducer_complaint(const struct reducer *reducer)
{
    return reducer->complaint;
}

static bool complain(struct reducer *reducer, const char *what)
{
    snprintf(reducer->complaint, sizeof(reducer->complaint), "%s", what);
    return false;
}

/* ---- what is loaded ----------------------------------------------------------------
 */

static void put_claims(struct reducer *reducer, size_t agenda, size_t meeting,
                       const struct card *card)
{
    if (reducer->in_index[agenda][meeting] == card->claims) {
        return;
    }
    for (size_t i = 0; i < reducer->world->setting->people; i++) {
        if (!index_claim(reducer->world->index[agenda], (int64_t)i + 1,
                         world_id(meeting), card->holds[i], card->hold_count[i])) {
            abort();
        }
    }
    reducer->in_index[agenda][meeting] = card->claims;
}

static bool names_other(const struct command *command, size_t meeting)
{
    for (size_t i = 0; i < command->other_count; i++) {
        if (memcmp(command->others[i].bytes, world_id(meeting), 16) == 0) {
            return true;
        }
    }
    return false;
}

static void load_meeting(struct reducer *reducer, struct store_loaded *loaded,
                         uint32_t number)
{
    const struct card *card = cards_get(reducer->cards, number);
    if (card->meeting != NULL) {
        loaded->meetings[loaded->meeting_count++] =
            image_copy(&card->image, &reducer->batch.arena);
    }
}

/* A refusal stands until it is taken back; the row says no more than the meeting. */
static void load_divergences(struct reducer *reducer, struct store_loaded *loaded,
                             size_t meeting)
{
    const struct entente_meeting *now = loaded->meetings[0];
    size_t count = now->spec->parties_count;
    loaded->divergences =
        arena_array(&reducer->batch.arena, count, sizeof(*loaded->divergences));
    for (size_t i = 0; i < count; i++) {
        if (now->spec->parties[i].diverged != 0) {
            struct store_divergence *row =
                &loaded->divergences[loaded->divergence_count++];
            *row = (struct store_divergence){.person = now->kept->people[i],
                                             .client = 10 + now->kept->people[i],
                                             .kind = now->spec->parties[i].diverged};
            memcpy(row->meeting, world_id(meeting), sizeof(row->meeting));
        }
    }
}

static void lock_people(bool locked[PEOPLE + 1], const int64_t *people, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (people[i] >= 1 && people[i] <= PEOPLE) {
            locked[people[i]] = true;
        }
    }
}

/* As the writer does: meetings, with their people where they are wanted. */
static void load(struct reducer *reducer, struct moment moment, size_t meeting,
                 const uint32_t cards[MEETINGS], struct store_loaded *loaded)
{
    struct command *command = &reducer->command;
    struct arena *arena = &reducer->batch.arena;
    bool locked[PEOPLE + 1] = {false};
    loaded->now_ms = world_now_ms(reducer->world->setting, moment.clock);
    loaded->meetings = arena_array(arena, MEETINGS, sizeof(struct entente_meeting *));
    loaded->people = arena_array(arena, PEOPLE, sizeof(*loaded->people));
    if (command->has_meeting) {
        load_meeting(reducer, loaded, cards[meeting]);
    }
    if (command->with_people && loaded->meeting_count > 0) {
        const struct entente_kept *kept = loaded->meetings[0]->kept;
        lock_people(locked, kept->people, kept->people_count);
    }
    if (names_other(command, 1 - meeting)) {
        load_meeting(reducer, loaded, cards[1 - meeting]);
        const struct card *other = cards_get(reducer->cards, cards[1 - meeting]);
        if (other->meeting != NULL) {
            lock_people(locked, other->meeting->kept->people,
                        other->meeting->kept->people_count);
        }
    }
    if (command->with_divergences && loaded->meeting_count > 0) {
        load_divergences(reducer, loaded, meeting);
    }
    lock_people(locked, command->people, command->people_count);
    lock_people(locked, command->more_people, command->more_people_count);
    for (int64_t person = 1; person <= PEOPLE; person++) {
        if (locked[person]) {
            loaded->people[loaded->people_count++] =
                (struct store_person){.person = person};
        }
    }
}

/* ---- what comes of it --------------------------------------------------------------
 */

static uint32_t card_of(struct reducer *reducer, struct entente_meeting *meeting,
                        size_t number, size_t clock)
{
    struct index_hold holds[PEOPLE][HOLDS];
    size_t count[PEOPLE] = {0};
    memset(holds, 0, sizeof(holds));
    for (size_t i = 0; i < reducer->world->setting->people; i++) {
        count[i] = index_claims(reducer->batch.index, (int64_t)i + 1, meeting->id.data,
                                holds[i], HOLDS);
        if (count[i] > HOLDS) {
            abort();
        }
    }
    canon(reducer->world->setting, meeting, number, clock);
    return cards_number(reducer->cards, meeting, holds, count);
}

/* Which rows of the table have been walked is told at the end. */
static void note_row(struct reducer *reducer, const struct transition *row)
{
    size_t count;
    const struct transition *table = negotiation_table(&count);
    size_t at = (size_t)(row - table);
    if (at < count && at < ROWS_MAX) {
        reducer->walked[at] = true;
    }
}

size_t reducer_walked(const struct reducer *reducer, bool print)
{
    size_t count;
    size_t walked = 0;
    const struct transition *table = negotiation_table(&count);
    for (size_t i = 0; i < count && i < ROWS_MAX; i++) {
        walked += reducer->walked[i] ? 1 : 0;
        if (print && reducer->walked[i]) {
            printf("  walked: %s %s\n", negotiation_state_name(table[i].from),
                   negotiation_event_name(table[i].event));
        }
    }
    return walked;
}

static bool path_is_lawful(struct reducer *reducer, const struct matter *matter,
                           uint32_t from)
{
    uint32_t at = from;
    for (size_t i = 0; i < matter->path_count; i++) {
        const struct passed *passed = &matter->path[i];
        const struct transition *row = passed->row;
        if ((uint32_t)row->from != at || (row->effects & REFUSE) != 0 ||
            negotiation_find(row->from, row->event) != row ||
            passed->version != matter->base_version + 1 + i) {
            return false;
        }
        note_row(reducer, row);
        at = row->to;
    }
    return at == matter->meeting->state;
}

/* Everybody who has to has said yes to what is agreed now. */
static bool is_agreed(const struct matter *matter)
{
    const struct transition *last = matter->path[matter->path_count - 1].row;
    return (last->event != ALL_ACCEPTED && last->event != OPTIONAL_DECLINED_LAST) ||
           !matter_awaits_anybody(matter->meeting, -1);
}

/* No event without its commit, and no change of which nobody hears. */
static bool is_told(const struct store_changes *changes,
                    const struct entente_meeting *meeting)
{
    for (size_t i = 0; i < changes->outbox_count; i++) {
        if (memcmp(changes->outbox[i].meeting.bytes, meeting->id.data, 16) == 0 &&
            changes->outbox[i].version == meeting->version) {
            return true;
        }
    }
    return false;
}

static bool is_written(const struct reducer *reducer,
                       const struct store_changes *changes,
                       const struct store_outbox *event)
{
    for (size_t i = 0; i < changes->meeting_count; i++) {
        const struct entente_meeting *meeting = changes->meetings[i].meeting;
        if (memcmp(event->meeting.bytes, meeting->id.data, 16) == 0) {
            return event->version ==
                   view_version(meeting,
                                clients_by_id(reducer->batch.clients, event->client));
        }
    }
    return false;
}

static bool check_change(struct reducer *reducer, const struct store_changes *changes,
                         const struct matter *matter, uint32_t from)
{
    const struct entente_meeting *meeting = matter->meeting;
    if (matter->path_count == 0) {
        return complain(reducer, "a meeting changes without a step");
    }
    if (!path_is_lawful(reducer, matter, from)) {
        return complain(reducer, "the path is not one of the table");
    }
    if (meeting->version != matter->base_version + matter->path_count) {
        return complain(reducer, "the version does not rise with every step");
    }
    if (!is_told(changes, meeting)) {
        return complain(reducer, "a meeting changes and nobody is told");
    }
    if (!is_agreed(matter)) {
        return complain(reducer, "agreed, though somebody is still awaited");
    }
    if (meeting->state == ENTENTE_DONE &&
        (int64_t)meeting->kept->firm_end * 60000 > changes->now_ms) {
        return complain(reducer, "done before its end");
    }
    return true;
}

static bool check_changes(struct reducer *reducer, const struct store_changes *changes)
{
    for (size_t i = 0; i < changes->outbox_count; i++) {
        if (!is_written(reducer, changes, &changes->outbox[i])) {
            return complain(reducer, "an event without its commit");
        }
    }
    if (reducer->command.failed &&
        (changes->meeting_count > 0 || changes->claims_added_count > 0 ||
         changes->claims_removed_count > 0)) {
        return complain(reducer, "refused, and yet something changes");
    }
    if (changes->meeting_count == 0 &&
        changes->claims_added_count + changes->claims_removed_count > 0) {
        return complain(reducer, "claims change without their meeting");
    }
    return true;
}

/* The cards after the batch, into @ret_cards. */
static bool read_cards(struct reducer *reducer, const struct store_changes *changes,
                       size_t clock, size_t meeting, const uint32_t cards[MEETINGS],
                       uint32_t ret_cards[MEETINGS])
{
    struct batch *batch = &reducer->batch;
    for (size_t i = 0; i < batch->matter_count; i++) {
        struct matter *matter = &batch->matters[i];
        bool other = memcmp(matter->meeting->id.data, world_id(1 - meeting), 16) == 0;
        size_t which = other ? 1 - meeting : meeting;
        const struct card *before = cards_get(reducer->cards, cards[which]);
        uint32_t from =
            matter->base_version == 0 ? NOTHING_YET : before->meeting->state;
        if (matter->changed && !check_change(reducer, changes, matter, from)) {
            return false;
        }
        if (!matter->changed && matter->base_version == 0) {
            continue; /* was not made after all */
        }
        if (!matter->changed && image_is(&before->image, matter->meeting) &&
            batch->before_count == 0) {
            continue;
        }
        uint32_t after = card_of(reducer, matter->meeting, which, clock);
        if (!matter->changed && after != cards[which]) {
            return complain(reducer, "something of a meeting changes that is not "
                                     "written");
        }
        ret_cards[which] = after;
    }
    return true;
}

static enum reduced finish(struct reducer *reducer, size_t clock, size_t meeting,
                           const uint32_t cards[MEETINGS], uint32_t ret_cards[MEETINGS])
{
    struct store_changes changes;
    bool lawful = batch_collect(&reducer->batch, &changes);
    if (!lawful) {
        complain(reducer, "the batch needs more memory than allowed");
    } else {
        lawful = check_changes(reducer, &changes) &&
                 read_cards(reducer, &changes, clock, meeting, cards, ret_cards);
    }
    batch_undo(&reducer->batch);
    return lawful ? REDUCED : REDUCE_WRONG;
}

enum reduced reduce(struct reducer *reducer, struct moment moment, size_t meeting,
                    const struct act *act, const uint32_t cards[MEETINGS], bool whole,
                    uint32_t ret_cards[MEETINGS])
{
    struct batch *batch = &reducer->batch;
    struct arena arena = reducer->command.arena;
    struct command fresh = {.arena = arena};
    reducer->command = fresh;
    arena_reset(&reducer->command.arena);
    memcpy(ret_cards, cards, MEETINGS * sizeof(*ret_cards));
    batch->index = reducer->world->index[moment.agenda];
    batch->proposer = reducer->world->proposer[moment.agenda];
    for (size_t i = 0; i < MEETINGS; i++) {
        put_claims(reducer, moment.agenda, i, cards_get(reducer->cards, cards[i]));
    }
    world_say(reducer->world, meeting, act,
              cards_get(reducer->cards, cards[meeting])->meeting, &reducer->command);
    for (size_t round = 0; round < ROUNDS; round++) {
        struct store_loaded loaded = {0};
        batch_reset(batch);
        load(reducer, moment, meeting, cards, &loaded);
        batch->commands = &reducer->command;
        if (!batch_open(batch, &loaded)) {
            abort();
        }
        batch_decide(batch);
        if (!reducer->command.again) {
            return finish(reducer, moment.clock, meeting, cards, ret_cards);
        }
        batch_undo(batch);
        reducer->command.again = false;
        if (!whole && names_other(&reducer->command, 1 - meeting)) {
            return REDUCE_NEEDS_OTHER;
        }
    }
    complain(reducer, "never decided: it always needs more");
    return REDUCE_WRONG;
}

uint32_t reducer_later(struct reducer *reducer, size_t number_of_meeting,
                       uint32_t number, size_t clock)
{
    const struct card *card = cards_get(reducer->cards, number);
    if (card->meeting == NULL) {
        return number;
    }
    struct index_hold holds[PEOPLE][HOLDS];
    memcpy(holds, card->holds, sizeof(holds));
    arena_reset(&reducer->batch.arena);
    struct entente_meeting *meeting = image_copy(&card->image, &reducer->batch.arena);
    canon(reducer->world->setting, meeting, number_of_meeting, clock);
    return cards_number(reducer->cards, meeting, holds, card->hold_count);
}
