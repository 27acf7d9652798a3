// SPDX-License-Identifier: Apache-2.0

/*
 * explore_settings.c - the part of explore.h that lists the small worlds
 *
 * Each is about one thing, and small enough for that to be looked at whole.
 */
#include "tests/model/explore.h"

#include "broker/due.h"

#include <stdlib.h>

enum { MS_PER_MINUTE = 60000 };

#define BIT(act) (1u << (act))
#define ALWAYS (BIT(ACT_REQUEST) | BIT(ACT_ACCEPT) | BIT(ACT_DECLINE) | BIT(ACT_DUE))
#define BASE                                                                           \
    (ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_CANCEL) | BIT(ACT_DECIDE_SLOT) |                \
     BIT(ACT_DECIDE_WITHOUT) | BIT(ACT_STALE))

/* Minutes from the first slot, which begins at 0. */
static const int16_t four_hands[] = {-600, -480, 30, 600};
static const int16_t grace_hands[] = {-600, -240, 30, 600};
static const int16_t answer_hands[] = {-600, -570, -540, -480, 30, 600};

#define HANDS(list) .hands = (list), .clocks = sizeof(list) / sizeof((list)[0])
#define ONE(number)                                                                    \
    {                                                                                  \
        .person = (number)                                                             \
    }
#define POOL(from, to, k)                                                              \
    {                                                                                  \
        .person = (from), .last = (to), .needed = (k)                                  \
    }

const struct setting settings[] = {
    {.name = "base: two meetings, two slots, everybody is needed",
     .people = 3,
     .meetings = 2,
     .agendas = 2,
     .slots = 2,
     .rounds = 2,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2), ONE(3)}, .acts = BASE},
               {.seats = {ONE(2), ONE(3)}, .acts = BASE}}},
    {.name = "base: three slots, two meetings that share one person",
     .people = 3,
     .meetings = 2,
     .agendas = 2,
     .slots = 3,
     .rounds = 3,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2)}, .acts = BASE},
               {.seats = {ONE(2), {.person = 3, .optional = true}}, .acts = BASE}}},
    {.name = "poll: two of three slots held, graded",
     .people = 3,
     .meetings = 2,
     .agendas = 1,
     .slots = 3,
     .rounds = 2,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2), {.person = 3, .optional = true}},
                .held_slots = 2,
                .acts = ALWAYS | BIT(ACT_GRADE) | BIT(ACT_CANCEL) |
                        BIT(ACT_DECIDE_WITHOUT) | BIT(ACT_DECIDE_SLOT)},
               {.seats = {ONE(2), ONE(3)}, .acts = ALWAYS}}},
    {.name = "poll: three slots held, the organizer decides",
     .people = 3,
     .meetings = 1,
     .agendas = 1,
     .slots = 3,
     .rounds = 1,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2), {.person = 3, .optional = true}},
                .held_slots = 3,
                .rule = ENTENTE_ORGANIZER_DECIDES,
                .acts = ALWAYS | BIT(ACT_GRADE) | BIT(ACT_CONFIRM) | BIT(ACT_CANCEL)}}},
    {.name = "pool: any two of three, replaced from it",
     .people = 4,
     .meetings = 2,
     .agendas = 1,
     .slots = 2,
     .rounds = 2,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), POOL(2, 4, 2)},
                .acts = ALWAYS | BIT(ACT_WITHDRAW) | BIT(ACT_CANCEL)},
               {.seats = {ONE(3), ONE(4)}, .acts = ALWAYS | BIT(ACT_CANCEL)}}},
    {.name = "pool: any one of three, in silence its next member",
     .people = 4,
     .meetings = 2,
     .agendas = 1,
     .slots = 2,
     .rounds = 2,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), POOL(2, 4, 1)},
                .silence = ENTENTE_SILENCE_SUBSTITUTES,
                .acts = ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_CANCEL)},
               {.seats = {ONE(2), ONE(3)}, .acts = ALWAYS | BIT(ACT_CANCEL)}}},
    {.name = "silence: a yes, a no, the organizer's; reminders",
     .people = 3,
     .meetings = 1,
     .agendas = 1,
     .slots = 2,
     .rounds = 1,
     .reminders = true,
     HANDS(answer_hands),
     .plans = {{.seats = {{.person = 1, .silence = ENTENTE_SILENCE_ACCEPTS},
                          {.person = 2,
                           .silence = ENTENTE_SILENCE_DECLINES,
                           .answer_minutes = 60},
                          {.person = 3,
                           .silence = ENTENTE_SILENCE_ACCEPTS,
                           .optional = true}},
                .acts = ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_CANCEL) |
                        BIT(ACT_DECIDE_WITHOUT)}}},
    {.name = "diverge: agendas that refuse or delete, their owners, withdrawals",
     .people = 3,
     .meetings = 1,
     .agendas = 2,
     .slots = 2,
     .rounds = 1,
     HANDS(grace_hands),
     .plans = {{.seats = {ONE(1), ONE(2)},
                .acts =
                    ALWAYS | BIT(ACT_RESULT) | BIT(ACT_OWNER) | BIT(ACT_WITHDRAW)}}},
    {.name = "replace: delegates, replacements, moves",
     .people = 4,
     .meetings = 1,
     .agendas = 2,
     .slots = 2,
     .rounds = 1,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2), ONE(3)},
                .acts = ALWAYS | BIT(ACT_REPLACE) | BIT(ACT_DELEGATE) | BIT(ACT_MOVE) |
                        BIT(ACT_DECIDE_WITHOUT)}}},
    {.name = "quorum: two of three, one of whom is needed; somebody withdraws",
     .people = 3,
     .meetings = 1,
     .agendas = 1,
     .slots = 2,
     .rounds = 1,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1),
                          {.person = 2, .optional = true},
                          {.person = 3, .optional = true}},
                .rule = ENTENTE_QUORUM,
                .quorum = 2,
                .acts = ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_WITHDRAW) | BIT(ACT_CANCEL) |
                        BIT(ACT_DECIDE_WITHOUT)}}},
    {.name = "organizer decides: confirms, proposes, goes on without somebody",
     .people = 3,
     .meetings = 1,
     .agendas = 1,
     .slots = 2,
     .rounds = 1,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2), {.person = 3, .optional = true}},
                .rule = ENTENTE_ORGANIZER_DECIDES,
                .acts = ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_CONFIRM) | BIT(ACT_CANCEL) |
                        BIT(ACT_DECIDE_SLOT) | BIT(ACT_DECIDE_WITHOUT)}}},
    {.name = "guest: the organizer answers for whoever has no agenda here",
     .people = 3,
     .meetings = 1,
     .agendas = 2,
     .slots = 2,
     .rounds = 2,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2), {.person = 3, .guest = true}},
                .acts = ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_CANCEL) | BIT(ACT_WITHDRAW) |
                        BIT(ACT_DECIDE_WITHOUT)}}},
    {.name = "patient: whose yes is needed, and whose silence is a no",
     .people = 3,
     .meetings = 1,
     .agendas = 2,
     .slots = 2,
     .rounds = 2,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2), {.person = 3, .patient = true}},
                .patient_silence = ENTENTE_SILENCE_DECLINES,
                .acts = ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_CANCEL) | BIT(ACT_WITHDRAW) |
                        BIT(ACT_DECIDE_WITHOUT)}}},
    {.name = "patient: whose silence the organizer deals with, with reminders",
     .people = 3,
     .meetings = 1,
     .agendas = 1,
     .slots = 2,
     .rounds = 1,
     .reminders = true,
     HANDS(answer_hands),
     .plans = {{.seats = {ONE(1), {.person = 3, .patient = true}},
                .patient_silence = ENTENTE_SILENCE_ORGANIZER,
                .acts =
                    ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_CANCEL) | BIT(ACT_DECIDE_SLOT)}}},
    {.name = "diverge: exact counter-slots over one's own busy time",
     .people = 3,
     .meetings = 2,
     .agendas = 2,
     .slots = 2,
     .rounds = 2,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2)},
                .acts = ALWAYS | BIT(ACT_COUNTER) | BIT(ACT_OWNER) | BIT(ACT_CANCEL)},
               {.seats = {ONE(2), ONE(3)}, .acts = ALWAYS | BIT(ACT_CANCEL)}}},
    {.name = "quorum: two of three, beside a meeting that wants one of them",
     .people = 3,
     .meetings = 2,
     .agendas = 1,
     .slots = 2,
     .rounds = 2,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1),
                          {.person = 2, .optional = true},
                          {.person = 3, .optional = true}},
                .rule = ENTENTE_QUORUM,
                .quorum = 2,
                .acts = ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_WITHDRAW) | BIT(ACT_CANCEL) |
                        BIT(ACT_DECIDE_WITHOUT)},
               {.seats = {ONE(2), ONE(3)}, .acts = BASE}}},
    {.name = "organizer decides, in both of two meetings",
     .people = 3,
     .meetings = 2,
     .agendas = 1,
     .slots = 2,
     .rounds = 2,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2), {.person = 3, .optional = true}},
                .rule = ENTENTE_ORGANIZER_DECIDES,
                .acts = ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_CONFIRM) | BIT(ACT_CANCEL) |
                        BIT(ACT_DECIDE_SLOT) | BIT(ACT_DECIDE_WITHOUT)},
               {.seats = {ONE(2), ONE(3)},
                .rule = ENTENTE_ORGANIZER_DECIDES,
                .acts = ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_CONFIRM) | BIT(ACT_CANCEL)}}},
    {.name = "pool and quorum: any two of three count as many",
     .people = 4,
     .meetings = 1,
     .agendas = 2,
     .slots = 2,
     .rounds = 2,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), POOL(2, 4, 2)},
                .rule = ENTENTE_QUORUM,
                .quorum = 2,
                .acts = ALWAYS | BIT(ACT_SHIFT) | BIT(ACT_WITHDRAW) | BIT(ACT_CANCEL) |
                        BIT(ACT_DECIDE_WITHOUT)}}},
    {.name = "pool whose organizer decides, beside one of its members",
     .people = 4,
     .meetings = 2,
     .agendas = 1,
     .slots = 2,
     .rounds = 2,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), POOL(2, 4, 1)},
                .rule = ENTENTE_ORGANIZER_DECIDES,
                .acts =
                    ALWAYS | BIT(ACT_CONFIRM) | BIT(ACT_WITHDRAW) | BIT(ACT_CANCEL)},
               {.seats = {ONE(2), ONE(3)}, .acts = ALWAYS | BIT(ACT_CANCEL)}}},
    {.name = "delegates under a quorum",
     .people = 4,
     .meetings = 1,
     .agendas = 2,
     .slots = 2,
     .rounds = 1,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2), {.person = 3, .optional = true}},
                .rule = ENTENTE_QUORUM,
                .quorum = 2,
                .acts = ALWAYS | BIT(ACT_REPLACE) | BIT(ACT_DELEGATE) |
                        BIT(ACT_WITHDRAW) | BIT(ACT_DECIDE_WITHOUT)}}},
    {.name = "delegates where the organizer decides, and all indispensable agree",
     .people = 4,
     .meetings = 2,
     .agendas = 1,
     .slots = 2,
     .rounds = 1,
     HANDS(four_hands),
     .plans = {{.seats = {ONE(1), ONE(2), {.person = 3, .optional = true}},
                .rule = ENTENTE_ORGANIZER_DECIDES,
                .acts =
                    ALWAYS | BIT(ACT_REPLACE) | BIT(ACT_DELEGATE) | BIT(ACT_CONFIRM)},
               {.seats = {ONE(2), {.person = 3, .optional = true}},
                .rule = ENTENTE_ALL_INDISPENSABLE,
                .acts = ALWAYS | BIT(ACT_DELEGATE) | BIT(ACT_CANCEL)}}},
};
const size_t settings_count = sizeof(settings) / sizeof(settings[0]);

int64_t world_now_ms(const struct setting *setting, size_t clock)
{
    return (int64_t)(FIRST + setting->hands[clock]) * MS_PER_MINUTE;
}

/* ---- what is asked for -------------------------------------------------------------
 */

const char *world_value(size_t person)
{
    static const char *const values[PEOPLE + 1] = {"0", "1", "2", "3", "4"};
    return values[person];
}

struct entente_identifier *world_identifier(struct arena *arena, size_t person)
{
    const struct entente_identifier made = {.system = "urn:test",
                                            .value = world_value(person)};
    return arena_copy(arena, &made, sizeof(made));
}

static const struct seat *seat_of(const struct setting *setting, size_t person)
{
    static const struct seat nobody = {0};
    for (size_t i = 0; i < (size_t)MEETINGS * SEATS; i++) {
        const struct seat *seat = &setting->plans[i / SEATS].seats[i % SEATS];
        if (seat->person == person) {
            return seat;
        }
    }
    return &nobody;
}

bool world_is_guest(const struct setting *setting, size_t person)
{
    return seat_of(setting, person)->guest;
}

bool world_is_patient(const struct setting *setting, size_t person)
{
    return seat_of(setting, person)->patient;
}

struct entente_identifier *world_named(const struct setting *setting,
                                       struct arena *arena, size_t person)
{
    struct entente_identifier *made = world_identifier(arena, person);
    made->system = world_is_guest(setting, person) ? "guest" : made->system;
    return made;
}

static struct entente_party party_of(const struct seat *seat, struct arena *arena)
{
    struct entente_party party = {
        .kind = seat->needed > 0 ? ENTENTE_POOL
                : seat->patient  ? ENTENTE_PATIENT
                : seat->guest    ? ENTENTE_GUEST
                                 : ENTENTE_PROFESSIONAL,
        .importance = seat->optional ? ENTENTE_OPTIONAL : ENTENTE_INDISPENSABLE,
        .silence = seat->silence,
        .answer_minutes = seat->answer_minutes,
        .pool_size = seat->needed,
    };
    if (seat->guest) {
        party.name = world_value(seat->person);
        party.contact = "telephone";
        party.ask_if_unknown = true;
        return party;
    }
    if (seat->needed == 0) {
        party.identifier = world_identifier(arena, seat->person);
        return party;
    }
    party.members_count = (size_t)seat->last + 1 - seat->person;
    party.members = arena_array(arena, party.members_count, sizeof(*party.members));
    for (size_t i = 0; i < party.members_count; i++) {
        party.members[i] = *world_identifier(arena, seat->person + i);
    }
    return party;
}

struct entente_spec *world_spec(const struct setting *setting, struct arena *arena,
                                size_t meeting)
{
    const struct plan *plan = &setting->plans[meeting];
    struct entente_spec *spec = arena_alloc(arena, sizeof(*spec));
    spec->duration_minutes = LENGTH;
    spec->grid_minutes = LENGTH;
    spec->zone = "UTC";
    spec->windows = arena_alloc(arena, sizeof(*spec->windows));
    spec->windows[0] = (struct entente_span){world_slot(0), world_slot(setting->slots)};
    spec->windows_count = 1;
    spec->parties = arena_array(arena, SEATS, sizeof(*spec->parties));
    while (spec->parties_count < SEATS && plan->seats[spec->parties_count].person > 0) {
        const struct seat *seat = &plan->seats[spec->parties_count];
        spec->parties[spec->parties_count++] = party_of(seat, arena);
        if (seat->patient) {
            spec->subject = world_identifier(arena, seat->person);
            spec->patient_presence = ENTENTE_HARD;
            spec->patient_must_accept = true;
        }
    }
    spec->answer_minutes = ANSWER_MINUTES;
    spec->reminders = arena_array(arena, 1, sizeof(*spec->reminders));
    spec->reminders_count = setting->reminders ? 0 : 1;
    spec->rule = plan->rule;
    spec->held_slots = plan->held_slots;
    spec->quorum = plan->quorum;
    spec->silence = plan->silence;
    spec->patient_silence = plan->patient_silence;
    spec->organizer = world_identifier(arena, plan->seats[0].person);
    return spec;
}
