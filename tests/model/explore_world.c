// SPDX-License-Identifier: Apache-2.0

/*
 * explore_world.c - the part of explore.h that knows who there is and what they may say
 */
#include "tests/model/explore.h"

#include "broker/due.h"
#include "broker/fit.h"
#include "broker/person.h"
#include "proto/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACTS_MAX = 160, GRADES = 27 };

static const uint8_t ids[MEETINGS][16] = {{1, [6] = 0x70, [8] = 0x80},
                                          {2, [6] = 0x70, [8] = 0x80}};

static void must(bool done)
{
    if (!done) {
        fprintf(stderr, "explore: out of memory\n");
        abort();
    }
}

const uint8_t *world_id(size_t meeting)
{
    return ids[meeting];
}

/* ---- who there is ------------------------------------------------------------------
 */

/* In the other agenda person 2, who is in both meetings, has no time for the second slot
 * any more.  Only person 1 has agreed to accept by silence. */
static void publish(const struct setting *setting, struct index *index, size_t person,
                    size_t agenda)
{
    struct entente_range ranges[2] = {
        {.start = FIRST - 600, .end = FIRST + 600, .kind = ENTENTE_FREE},
        {.start = world_slot(1), .end = world_slot(2), .kind = ENTENTE_BUSY},
    };
    struct index_publication publication = {
        .source = (int64_t)person,
        .client = 10 + (int64_t)person,
        .person = (int64_t)person,
        .key = "agenda",
        .epoch = 1,
        .sequence = 1,
        .coverage = {FIRST - 1440, FIRST + 1440},
        .tacit = person == 1,
        .lease_seconds = 604800,
        .renewed_ms = world_now_ms(setting, 0),
        .ranges = ranges,
        .range_count = agenda == 1 && person == 2 ? 2 : 1,
    };
    must(index_publish(index, &publication));
}

/* Instead of broker/fit.c: what is said of a decision is not looked at here, and writing it
 * would take most of the time. */
bool fit_encode(const struct entente_envelope *envelope, struct arena *arena,
                struct entente_bytes *ret_frame)
{
    (void)envelope;
    (void)arena;
    *ret_frame = (struct entente_bytes){0};
    return true;
}

void world_open(struct world *world, const struct setting *setting)
{
    *world = (struct world){.setting = setting};
    for (size_t agenda = 0; agenda < setting->agendas; agenda++) {
        struct index *index = index_create();
        must(index != NULL);
        for (size_t person = 1; person <= setting->people; person++) {
            enum entente_party_kind kind = world_is_patient(setting, person)
                                               ? ENTENTE_PATIENT
                                               : ENTENTE_PROFESSIONAL;
            must(index_add_person(index, (int64_t)person, kind, "urn:test",
                                  world_value(person), NULL));
            /* Whoever is not found by name is looked for by a blind index, for which there
             * is no key here: so a guest's name is somebody's, who is in no meeting. */
            must(!world_is_guest(setting, person) ||
                 index_add_person(index, 100 + (int64_t)person, ENTENTE_PROFESSIONAL,
                                  "guest", world_value(person), NULL));
            publish(setting, index, person, agenda);
        }
        world->index[agenda] = index;
        must(proposer_create(index, &world->proposer[agenda]) == STATUS_OK);
    }
    for (size_t person = 1; person <= setting->people; person++) {
        int64_t speaks_for = (int64_t)person;
        struct store_client row = {.id = 10 + (int64_t)person,
                                   .name = world_value(person),
                                   .sandbox = true,
                                   .speaks_for = &speaks_for,
                                   .speaks_for_count = 1};
        memset(row.public_key, 'a' + (int)person, 40);
        must(clients_put(&world->clients, &row));
    }
}

void world_close(struct world *world)
{
    for (size_t agenda = 0; agenda < world->setting->agendas; agenda++) {
        proposer_destroy(world->proposer[agenda]);
        index_destroy(world->index[agenda]);
    }
    clients_finish(&world->clients);
}

/* ---- what they may say -------------------------------------------------------------
 */

static void add(struct act *acts, size_t *count, struct act act)
{
    must(*count < ACTS_MAX);
    acts[(*count)++] = act;
}

/* What one person may say. */
static void add_of_person(const struct setting *setting, struct act *acts,
                          size_t *count, uint8_t person)
{
    static const enum act_kind plain[] = {ACT_ACCEPT, ACT_DECLINE, ACT_WITHDRAW,
                                          ACT_DELEGATE};
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        add(acts, count, (struct act){.kind = plain[i], .person = person});
    }
    for (uint8_t slot = 0; slot < setting->slots; slot++) {
        struct act act = {.kind = ACT_SHIFT, .person = person, .about = slot};
        add(acts, count, act);
        act.kind = ACT_COUNTER;
        add(acts, count, act);
    }
    for (unsigned grades = 0; grades < GRADES; grades++) {
        /* Three candidates: yes or no; fewer: if need be, too. */
        bool wanted = setting->plans[0].held_slots < 3
                          ? grades < 9
                          : grades % 3 != 1 && grades / 3 % 3 != 1 && grades / 9 != 1;
        struct act act = {
            .kind = ACT_GRADE, .person = person, .about = (uint8_t)grades};
        if (wanted && (setting->plans[0].acts & 1u << ACT_GRADE) != 0) {
            add(acts, count, act);
        }
    }
    for (unsigned kind = ENTENTE_APPLIED; kind <= ENTENTE_DELETED_RESULT; kind++) {
        add(acts, count,
            (struct act){.kind = ACT_RESULT, .person = person, .about = (uint8_t)kind});
    }
    for (unsigned decision = ENTENTE_OWNER_KEEPS; decision <= ENTENTE_OWNER_ERROR;
         decision++) {
        add(acts, count,
            (struct act){
                .kind = ACT_OWNER, .person = person, .about = (uint8_t)decision});
    }
}

/* What the organizer may say. */
static void add_of_organizer(const struct setting *setting, struct act *acts,
                             size_t *count)
{
    add(acts, count, (struct act){.kind = ACT_REQUEST});
    add(acts, count, (struct act){.kind = ACT_CANCEL});
    add(acts, count, (struct act){.kind = ACT_CONFIRM});
    for (uint8_t person = 1; person <= setting->people; person++) {
        add(acts, count, (struct act){.kind = ACT_DECIDE_WITHOUT, .about = person});
        add(acts, count, (struct act){.kind = ACT_REPLACE, .about = person});
    }
    for (uint8_t slot = 0; slot < setting->slots; slot++) {
        add(acts, count, (struct act){.kind = ACT_DECIDE_SLOT, .about = slot});
        add(acts, count, (struct act){.kind = ACT_MOVE, .about = slot});
    }
}

static bool is_done(const struct setting *setting, size_t meeting,
                    const struct act *act)
{
    unsigned done = setting->plans[meeting].acts;
    return (done & 1u << act->kind) != 0 &&
           (!act->stale || (done & 1u << ACT_STALE) != 0);
}

const struct act *world_acts(const struct world *world, size_t meeting,
                             size_t *ret_count)
{
    static struct act acts[ACTS_MAX];
    const struct setting *setting = world->setting;
    size_t count = 0;
    add_of_organizer(setting, acts, &count);
    for (uint8_t person = 1; person <= setting->people; person++) {
        add_of_person(setting, acts, &count, person);
    }
    for (unsigned reason = DUE_SEARCH; reason <= DUE_GRACE_END; reason++) {
        add(acts, &count, (struct act){.kind = ACT_DUE, .about = (uint8_t)reason});
    }
    add(acts, &count, (struct act){.kind = ACT_ACCEPT, .person = 2, .stale = true});
    add(acts, &count, (struct act){.kind = ACT_DECLINE, .person = 2, .stale = true});
    add(acts, &count, (struct act){.kind = ACT_SHIFT, .person = 2, .stale = true});
    add(acts, &count, (struct act){.kind = ACT_DECIDE_SLOT, .stale = true});
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_done(setting, meeting, &acts[i])) {
            acts[kept++] = acts[i];
        }
    }
    *ret_count = kept;
    return acts;
}

bool world_may(const struct world *world, size_t meeting, const struct act *act,
               const struct entente_meeting *now)
{
    const struct plan *plan = &world->setting->plans[meeting];
    size_t asked = 0;
    while (asked < SEATS && plan->seats[asked].person != 0) {
        asked++;
    }
    bool comes = act->kind == ACT_REPLACE || act->kind == ACT_DELEGATE;
    return !comes || now == NULL || now->spec->parties_count == asked;
}
