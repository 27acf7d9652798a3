// SPDX-License-Identifier: Apache-2.0

/*
 * sim_work.c - what the users of an adapter do: everything that the protocol has, drawn;
 * sensible or not
 */
#include "tests/simulation/sim_adapter.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum {
    DAY = 1440,
    HOUR = 60,
    MS_PER_MINUTE = 60000,
    REQUESTS_OPEN = 12, /* of one adapter: enough is enough */
};

struct who *work_who(struct who *who, int64_t person)
{
    people_value(who->value, sizeof(who->value), person);
    who->identifier = (struct entente_identifier){people_system(person), who->value};
    who->actor = (struct entente_actor){.who = &who->identifier,
                                        .channel = (uint32_t)sim_between(1, 6)};
    return who;
}

static int64_t anybody(void)
{
    return 1 + (int64_t)sim_draw((uint64_t)world->people_count);
}

int32_t work_now(void)
{
    return (int32_t)(sim_db_now_ms() / MS_PER_MINUTE);
}

/* ---- requests and questions --------------------------------------------------------
 */

struct wish {
    struct who people[8]; /* of parties by their place; the representative behind */
    struct entente_party parties[7];
    struct entente_identifier members[3];
    struct entente_span window;
    uint32_t reminders[2];
    struct entente_spec spec;
};

static void draw_party(struct wish *wish, size_t i, int64_t person)
{
    wish->parties[i] = (struct entente_party){
        .kind = ENTENTE_PROFESSIONAL,
        .identifier = &work_who(&wish->people[i], person)->identifier,
        .structure = "0100000001",
        .importance = sim_chance(250000) ? ENTENTE_OPTIONAL : ENTENTE_INDISPENSABLE,
        .ask_if_unknown = sim_chance(150000),
        .answer_minutes = sim_chance(150000) ? (uint32_t)sim_between(30, 600) : 0,
        .silence = sim_chance(200000) ? (uint32_t)sim_between(1, 5) : 0,
    };
}

/* A pool of three, in place of the last party. */
static void draw_pool(struct wish *wish, size_t i, int64_t first)
{
    static struct who spare[3];
    for (int64_t j = 0; j < 3; j++) {
        int64_t person = (first + 1 + j) % world->people_count + 1;
        wish->members[j] = work_who(&spare[j], person)->identifier;
        wish->members[j].value = spare[j].value;
    }
    wish->parties[i] = (struct entente_party){.kind = ENTENTE_POOL,
                                              .structure = "0100000001",
                                              .pool_size = (uint32_t)sim_between(1, 2),
                                              .members = wish->members,
                                              .members_count = 3};
}

static void draw_rules(struct wish *wish)
{
    struct entente_spec *spec = &wish->spec;
    if (sim_chance(300000)) {
        spec->rule = (uint32_t)sim_between(1, 4);
        spec->quorum = spec->rule == ENTENTE_QUORUM ? (uint32_t)sim_between(1, 3) : 0;
    }
    if (sim_chance(150000)) {
        spec->held_slots = (uint32_t)sim_between(2, 4);
    }
    if (sim_chance(200000)) {
        spec->silence = (uint32_t)sim_between(1, 5);
    }
    if (sim_chance(200000)) {
        wish->reminders[0] = 120;
        wish->reminders[1] = 30;
        spec->reminders = wish->reminders;
        spec->reminders_count = 2;
    }
    if (sim_chance(200000)) {
        spec->priority = (uint32_t)sim_between(1, 3);
    }
    if (sim_chance(200000)) {
        spec->on_withdrawal = (uint32_t)sim_between(1, 2);
    }
    if (sim_chance(60000)) {
        spec->occurrences = (uint32_t)sim_between(2, 3);
        spec->step = ENTENTE_WEEKLY;
    }
}

/* With the patient, or in the patient's place. */
static void draw_representative(struct wish *wish)
{
    struct entente_spec *spec = &wish->spec;
    size_t at = spec->parties_count++;
    int64_t person = world->people_count + world->patient_count + 1 +
                     (int64_t)sim_draw((uint64_t)world->representative_count);
    wish->parties[at] = (struct entente_party){
        .kind = ENTENTE_REPRESENTATIVE,
        .identifier = &work_who(&wish->people[7], person)->identifier,
        .represents = spec->subject,
        .importance = sim_chance(300000) ? ENTENTE_OPTIONAL : ENTENTE_INDISPENSABLE,
        .silence = sim_chance(300000) ? (uint32_t)sim_between(1, 5) : 0,
        .ask_if_unknown = sim_chance(300000)};
    spec->patient_must_accept = sim_chance(700000);
}

/* Whom it concerns: comes, may come, or is only talked about. */
static void draw_patient(struct wish *wish)
{
    static const uint32_t silences[] = {0, ENTENTE_SILENCE_EXPIRES,
                                        ENTENTE_SILENCE_DECLINES,
                                        ENTENTE_SILENCE_ORGANIZER};
    struct entente_spec *spec = &wish->spec;
    size_t at = spec->parties_count;
    int64_t patient =
        world->people_count + 1 + (int64_t)sim_draw((uint64_t)world->patient_count);
    work_who(&wish->people[at], patient);
    spec->subject = &wish->people[at].identifier;
    spec->patient_presence = (uint32_t)sim_between(0, 5);
    spec->patient_presence =
        spec->patient_presence > 3 ? ENTENTE_HARD : spec->patient_presence;
    if (spec->patient_presence > ENTENTE_ABSENT) {
        wish->parties[spec->parties_count++] = (struct entente_party){
            .kind = ENTENTE_PATIENT,
            .identifier = spec->subject,
            .silence = sim_chance(400000) ? (uint32_t)sim_between(1, 5) : 0,
            .ask_if_unknown = sim_chance(300000)};
        spec->patient_must_accept = sim_chance(700000);
        spec->patient_silence = silences[sim_draw(4)];
    }
    if (world->representative_count > 0 && sim_chance(400000)) {
        draw_representative(wish);
    }
}

static void draw_wish(struct wish *wish)
{
    size_t count = (size_t)sim_between(2, 4);
    bool rush = world->now_us < world->rush_until_us;
    int64_t person = rush ? world->rush_person : anybody();
    *wish = (struct wish){0};
    count = count > (size_t)world->people_count ? (size_t)world->people_count : count;
    for (size_t i = 0; i < count; i++) {
        draw_party(wish, i, person);
        person = person % world->people_count + 1;
    }
    if (world->people_count >= 8 && sim_chance(120000)) {
        draw_pool(wish, count++, person);
    } else if (sim_chance(100000)) {
        wish->parties[count++] = (struct entente_party){
            .kind = ENTENTE_GUEST,
            .name = work_guest_name,
            .contact = "visitor@example.org",
            .importance = sim_chance(500000) ? ENTENTE_OPTIONAL : ENTENTE_INDISPENSABLE,
        };
    }
    wish->window.start = work_now() + (int32_t)sim_between(30, INT64_C(2) * DAY);
    if (rush) {
        wish->window.start = work_now() + DAY;
    }
    wish->window.end = wish->window.start + (int32_t)sim_between(1, 5) * DAY;
    wish->spec = (struct entente_spec){
        .duration_minutes = (uint32_t)sim_between(1, 6) * 15,
        .windows = &wish->window,
        .windows_count = 1,
        .parties = wish->parties,
        .parties_count = count,
        .title = "meeting",
        .answer_minutes = (uint32_t)sim_between(20, 2000),
    };
    draw_rules(wish);
    if (world->patient_count > 0 && sim_chance(200000)) {
        draw_patient(wish);
    }
}

static void act_request(struct adapter *adapter)
{
    struct wish wish;
    struct who asks;
    size_t open = 0;
    for (size_t i = 0; i < adapter->agenda.known_count; i++) {
        open += adapter->agenda.known[i].mine &&
                adapter->agenda.known[i].state <= ENTENTE_WAITING_ORGANIZER;
    }
    if (open >= REQUESTS_OPEN && world->now_us >= world->rush_until_us) {
        return;
    }
    draw_wish(&wish);
    struct entente_request request = {
        .spec = &wish.spec,
        .actor = &work_who(&asks, 1 + (int64_t)sim_draw((uint64_t)world->people_count))
                      ->actor};
    work_say(adapter,
             &(struct entente_envelope){.body = ENTENTE_REQUEST, .request = &request});
}

static void act_search(struct adapter *adapter)
{
    struct wish wish;
    draw_wish(&wish);
    wish.spec.occurrences = 0;
    wish.spec.step = 0;
    struct entente_search search = {.spec = &wish.spec,
                                    .slots = (uint32_t)sim_between(1, 5)};
    adapter_ask(adapter,
                &(struct entente_envelope){.body = ENTENTE_SEARCH, .search = &search});
}

static void act_query(struct adapter *adapter)
{
    struct who person;
    struct entente_query_free query = {
        .person =
            &work_who(&person, 1 + (int64_t)sim_draw((uint64_t)world->people_count))
                 ->identifier,
        .from = work_now(),
        .until = work_now() + 3 * DAY};
    adapter_ask(adapter, &(struct entente_envelope){.body = ENTENTE_QUERY_FREE,
                                                    .query_free = &query});
}

/* ---- what is known -----------------------------------------------------------------
 */

struct known *work_any_known(struct adapter *adapter, bool mine)
{
    for (unsigned tries = 0; adapter->agenda.known_count > 0 && tries < 4; tries++) {
        struct known *known =
            &adapter->agenda.known[sim_draw(adapter->agenda.known_count)];
        bool over = known->state > ENTENTE_WAITING_ORGANIZER;
        if ((!mine || known->mine) && (!over || sim_chance(30000))) {
            return known;
        }
    }
    return NULL;
}

static int64_t own_party(const struct adapter *adapter, const struct known *known,
                         bool awaited)
{
    for (size_t i = 0; i < known->party_count; i++) {
        if (adapter_speaks_for(adapter, known->parties[i].person) &&
            (!awaited || known->parties[i].awaited)) {
            return known->parties[i].person;
        }
    }
    return 0;
}

static void answer(struct adapter *adapter, struct known *known, int64_t person,
                   uint32_t kind)
{
    struct who own;
    struct who other;
    struct entente_graded grades[KNOWN_CANDIDATES];
    struct entente_span range = {known->start + DAY, known->start + 3 * DAY};
    struct entente_party substitute = {
        .kind = ENTENTE_PROFESSIONAL,
        .identifier =
            &work_who(&other, 1 + (int64_t)sim_draw((uint64_t)world->people_count))
                 ->identifier,
        .structure = "0100000001"};
    struct entente_answer words = {
        .meeting = {known->id, sizeof(known->id)},
        .proposal = known->proposal,
        .party = &work_who(&own, person)->identifier,
        .kind = kind,
        .actor = &own.actor,
    };
    if (kind == ENTENTE_DECLINE) {
        words.reason = ENTENTE_NOT_AVAILABLE;
    } else if (kind == ENTENTE_DELEGATE) {
        words.substitute = &substitute;
    } else if (kind == ENTENTE_SHIFT && sim_chance(500000)) {
        words.ranges = &range;
        words.ranges_count = 1;
    } else if (kind == ENTENTE_SHIFT && sim_chance(800000)) {
        words.counter_start = known->start + (int32_t)sim_between(-8, 40) * 15;
    }
    if (kind == ENTENTE_ACCEPT && known->candidate_count > 0 && sim_chance(700000)) {
        for (size_t i = 0; i < known->candidate_count; i++) {
            grades[i] = (struct entente_graded){known->candidates[i],
                                                (uint32_t)sim_between(1, 3)};
        }
        words.grades = grades;
        words.grades_count = known->candidate_count;
    }
    work_say(adapter,
             &(struct entente_envelope){.body = ENTENTE_ANSWER, .answer = &words});
}

static void act_answer(struct adapter *adapter)
{
    static const uint32_t kinds[] = {ENTENTE_ACCEPT, ENTENTE_ACCEPT,  ENTENTE_ACCEPT,
                                     ENTENTE_ACCEPT, ENTENTE_ACCEPT,  ENTENTE_DECLINE,
                                     ENTENTE_SHIFT,  ENTENTE_DELEGATE};
    struct known *known = work_any_known(adapter, false);
    int64_t person = known == NULL ? 0 : own_party(adapter, known, sim_chance(900000));
    if (person != 0 && known->proposal != 0) {
        answer(adapter, known, person, kinds[sim_draw(8)]);
    }
}

static void decide(struct adapter *adapter, struct known *known, uint32_t decision)
{
    struct who party;
    struct who asks;
    struct who other;
    struct entente_party substitute = {.kind = ENTENTE_PROFESSIONAL,
                                       .structure = "0100000001"};
    struct entente_span window = {work_now() + HOUR, work_now() + 5 * DAY};
    struct entente_decide words = {
        .meeting = {known->id, sizeof(known->id)},
        .version = known->version,
        .decision = decision,
        .actor = &work_who(&asks, 1)->actor,
    };
    if (decision == ENTENTE_PROPOSE_SLOT) {
        words.start = known->alternative != 0 ? known->alternative : known->start + DAY;
    } else if (decision == ENTENTE_WITHOUT_PARTY || decision == ENTENTE_REPLACE_PARTY) {
        size_t i = (size_t)sim_draw(known->party_count == 0 ? 1 : known->party_count);
        words.party = &work_who(&party, known->parties[i].person)->identifier;
        substitute.identifier = &work_who(&other, anybody())->identifier;
        words.substitute = decision == ENTENTE_REPLACE_PARTY ? &substitute : NULL;
    } else if (decision == ENTENTE_SEARCH_ON || decision == ENTENTE_MOVE) {
        words.windows = &window;
        words.windows_count = 1;
    }
    work_say(adapter,
             &(struct entente_envelope){.body = ENTENTE_DECIDE, .decide = &words});
}

static void act_decide(struct adapter *adapter)
{
    struct known *known = work_any_known(adapter, true);
    if (known == NULL) {
        return;
    }
    if (known->state == ENTENTE_WAITING_ORGANIZER || sim_chance(150000)) {
        decide(adapter, known, (uint32_t)sim_between(1, 6));
    }
}

static void cancel(struct adapter *adapter, struct known *known, int64_t person)
{
    struct who asks;
    struct entente_cancel words = {
        .meeting = {known->id, sizeof(known->id)},
        .reason = ENTENTE_NO_LONGER_NEEDED,
        .actor = &work_who(&asks, person == 0 ? 1 : person)->actor,
        .party = person == 0 ? NULL : &asks.identifier,
    };
    work_say(adapter,
             &(struct entente_envelope){.body = ENTENTE_CANCEL, .cancel = &words});
}

static void act_cancel(struct adapter *adapter)
{
    bool mine = sim_chance(500000);
    struct known *known = work_any_known(adapter, mine);
    if (known != NULL && sim_chance(400000)) {
        cancel(adapter, known, mine ? 0 : own_party(adapter, known, false));
    }
}

static void act_owner(struct adapter *adapter)
{
    struct known *known = work_any_known(adapter, false);
    for (size_t i = 0; known != NULL && i < known->party_count; i++) {
        struct who own;
        if (!adapter_speaks_for(adapter, known->parties[i].person) ||
            !known->parties[i].diverged) {
            continue;
        }
        struct entente_owner_answer words = {
            .meeting = {known->id, sizeof(known->id)},
            .party = &work_who(&own, known->parties[i].person)->identifier,
            .decision = (uint32_t)sim_between(1, 3),
            .actor = &own.actor,
        };
        adapter_ask(adapter, &(struct entente_envelope){.body = ENTENTE_OWNER_ANSWER,
                                                        .owner_answer = &words});
        return;
    }
}

static void act_look(struct adapter *adapter)
{
    struct known *known = work_any_known(adapter, false);
    struct entente_list list = {.all = sim_chance(300000), .limit = 20};
    struct entente_status_query status = {0};
    uint64_t what = sim_draw(3);
    if (what == 0 && known != NULL) {
        struct entente_get get = {.meeting = {known->id, sizeof(known->id)}};
        adapter_ask(adapter,
                    &(struct entente_envelope){.body = ENTENTE_GET, .get = &get});
    } else if (what == 1) {
        adapter_ask(adapter,
                    &(struct entente_envelope){.body = ENTENTE_LIST, .list = &list});
    } else {
        adapter_ask(adapter, &(struct entente_envelope){.body = ENTENTE_STATUS_QUERY,
                                                        .status_query = &status});
    }
}

/* ---- an act ------------------------------------------------------------------------
 */

static const struct {
    void (*act)(struct adapter *adapter);
    uint64_t weight;
} acts[] = {
    {act_request, 10},  {act_answer, 40},   {act_decide, 8},     {act_cancel, 4},
    {work_publish, 10}, {work_withdraw, 1}, {act_search, 2},     {act_query, 2},
    {act_look, 4},      {act_owner, 4},     {work_reconcile, 2}, {work_explain, 3},
    {work_guest, 6},
};
static_assert(sizeof(acts) / sizeof(acts[0]) == SIM_ACTS, "each has its bit");

/* Everybody agrees, and who organizes ends what hangs. */
static void bring_to_an_end(struct adapter *adapter)
{
    for (size_t i = 0; i < adapter->agenda.known_count; i++) {
        struct known *known = &adapter->agenda.known[i];
        int64_t person = own_party(adapter, known, true);
        bool asks = known->state == ENTENTE_PROPOSED || known->state == ENTENTE_MOVING;
        if (asks && person != 0 && sim_chance(300000)) {
            answer(adapter, known, person, ENTENTE_ACCEPT);
        } else if (known->mine && known->state == ENTENTE_WAITING_ORGANIZER &&
                   sim_chance(300000)) {
            cancel(adapter, known, 0);
        }
    }
}

void work_act(struct adapter *adapter)
{
    if (adapter->epoch == 0 || adapter->stopped) {
        return;
    }
    if (world->healing) {
        bring_to_an_end(adapter);
        return;
    }
    uint64_t all = 0;
    if (world->now_us < world->rush_until_us) {
        act_request(adapter);
        return;
    }
    for (size_t i = 0; i < SIM_ACTS; i++) {
        all += acts[i].weight;
    }
    uint64_t drawn = sim_draw(all);
    for (size_t i = 0; i < SIM_ACTS; i++) {
        if (drawn < acts[i].weight) {
            if ((world->plan.acts & (1U << i)) != 0) {
                acts[i].act(adapter);
            }
            return;
        }
        drawn -= acts[i].weight;
    }
}
