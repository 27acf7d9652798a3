// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/random_request.h"

#include <stdlib.h>
#include <string.h>

enum { DAY = 1440, HOUR = 60, CLAIMS = 6 };

static const int32_t buffers[] = {1, 5, 10, 15, 15, 30, 60};

#define PICK(dice, list)                                                               \
    ((list)[dice_between((dice), 0, (int32_t)(sizeof(list) / sizeof((list)[0])) - 1)])

/* How one person's ranges come to be what they are. */
struct manner {
    int32_t certainty;  /* 0: each range its own */
    int32_t preference; /* -1: each range its own */
    bool has_purposes;
    bool has_ways; /* modalities and places */
    int32_t step;  /* minutes: starts and lengths are multiples */
};

/* A source that is being filled at the end of r->ranges. */
struct filling {
    struct dice *dice;
    struct random_request *r;
    struct match_source *source;
    struct match_range *ranges;
    struct manner manner;
};

static void add_range(struct filling *f, minute_t start, minute_t end,
                      enum match_kind kind)
{
    struct match_source *source = f->source;
    if (f->r->ranges_used == RANDOM_RANGES || start >= end) {
        return;
    }
    struct match_range *range = &f->ranges[source->range_count];
    source->range_count++;
    f->r->ranges_used++;
    memset(range, 0, sizeof(*range));
    range->start = start;
    range->end = end;
    range->kind = (uint8_t)kind;
    if (kind != MATCH_FREE) {
        range->place =
            (uint16_t)(f->manner.has_ways ? dice_between(f->dice, 0, RANDOM_PLACES)
                                          : 0);
        return;
    }
    range->certainty =
        (uint8_t)(f->manner.certainty != 0 ? f->manner.certainty
                                           : dice_between(f->dice, 1, 3));
    range->preference =
        (uint8_t)(f->manner.preference >= 0 ? f->manner.preference
                                            : dice_between(f->dice, 0, 2));
    if (f->manner.has_purposes) {
        range->purposes = (uint32_t)dice_between(f->dice, 0, 7);
    }
    if (f->manner.has_ways && dice_chance(f->dice, 40)) {
        range->modalities = (uint8_t)dice_between(f->dice, 0, 15);
        range->place = (uint16_t)(dice_chance(f->dice, 60)
                                      ? 0
                                      : dice_between(f->dice, 1, RANDOM_PLACES));
    }
}

static int compare_ranges(const void *left, const void *right)
{
    const struct match_range *a = left;
    const struct match_range *b = right;
    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    return a->end < b->end ? -1 : a->end > b->end;
}

static minute_t somewhere(struct filling *f)
{
    minute_t minute = random_request_minute(f->dice, f->r);
    return dice_chance(f->dice, 60) ? minute - minute % f->manner.step : minute;
}

static int32_t some_length(struct filling *f, int32_t longest)
{
    int32_t luck = dice_between(f->dice, 1, 100);
    if (luck <= 6) {
        return 1;
    }
    if (luck <= 9) {
        return DAY;
    }
    if (luck <= 10) {
        return dice_between(f->dice, DAY, 3 * DAY);
    }
    return dice_between(f->dice, 1, longest / f->manner.step) * f->manner.step;
}

/* One long stretch, or the same cut into pieces that touch and differ. */
static void offer_all(struct filling *f)
{
    minute_t start = f->r->from - dice_between(f->dice, -30, 400);
    minute_t end = f->r->until + dice_between(f->dice, -30, 400);
    if (dice_chance(f->dice, 30)) {
        start = somewhere(f);
    }
    int32_t pieces = dice_chance(f->dice, 35) ? dice_between(f->dice, 1, 3) : 0;
    for (int32_t i = 0; i < pieces && start < end - 1; i++) {
        minute_t cut = somewhere(f);
        if (cut > start && cut < end) {
            add_range(f, start, cut, MATCH_FREE);
            start = cut;
        }
    }
    add_range(f, start, end, MATCH_FREE);
}

static void offer_office_hours(struct filling *f)
{
    minute_t midnight = f->r->from - (f->r->from % DAY + DAY) % DAY;
    for (minute_t day = midnight - DAY; day < f->r->until; day += DAY) {
        if (dice_chance(f->dice, 85)) {
            minute_t noon = day + dice_between(f->dice, 22, 27) * 30;
            add_range(f, day + 7 * HOUR, noon, MATCH_FREE);
            add_range(f, noon + (dice_chance(f->dice, 30) ? 0 : 45),
                      day + dice_between(f->dice, 32, 44) * 30, MATCH_FREE);
        }
    }
}

static void offer(struct filling *f)
{
    int32_t luck = dice_between(f->dice, 1, 100);
    if (luck <= 15) {
        offer_office_hours(f);
    } else if (luck <= 85) {
        offer_all(f);
    }
    int32_t pieces = luck > 85                  ? 8
                     : dice_chance(f->dice, 25) ? dice_between(f->dice, 1, 3)
                                                : 0;
    for (int32_t i = 0; i < pieces; i++) {
        minute_t start = somewhere(f);
        add_range(f, start, start + some_length(f, 300), MATCH_FREE);
    }
}

static void be_busy(struct filling *f)
{
    int32_t days = (f->r->until - f->r->from) / DAY;
    int32_t busy =
        dice_chance(f->dice, 35) ? 0 : dice_between(f->dice, 1, 2 + 3 * days);
    for (int32_t i = 0; i < busy; i++) {
        minute_t start = somewhere(f);
        minute_t end = start + some_length(f, 90);
        add_range(f, start, end,
                  dice_chance(f->dice, 70) ? MATCH_BUSY : MATCH_TENTATIVE);
        if (dice_chance(f->dice, 15)) {
            add_range(f, end, end + some_length(f, 30), MATCH_BUSY); /* it touches */
        }
        random_request_mark(f->dice, f->r, dice_chance(f->dice, 50) ? start : end);
    }
}

/* The weeks of a series look alike, more or less: what lies in the first is repeated. */
static void repeat(struct filling *f)
{
    size_t count = f->source->range_count;
    int32_t times = (int32_t)f->r->request.occurrences - 1;
    int32_t days = f->r->request.step == MATCH_FORTNIGHTLY ? 14
                   : f->r->request.step == MATCH_WEEKLY    ? 7
                                                           : 28;
    for (int32_t n = 1; n <= times; n++) {
        for (size_t i = 0; i < count; i++) {
            if (f->ranges[i].kind != MATCH_FREE && dice_chance(f->dice, 50)) {
                continue;
            }
            size_t before = f->source->range_count;
            minute_t start = f->ranges[i].start + n * days * DAY - 2 * HOUR;
            minute_t end = f->ranges[i].end + n * days * DAY + 2 * HOUR;
            if (f->r->request.step >= MATCH_MONTHLY) {
                end += 7 * DAY * n / 2;
            }
            add_range(f, start, end, (enum match_kind)f->ranges[i].kind);
            if (f->source->range_count > before &&
                f->ranges[before].kind == MATCH_FREE) {
                f->ranges[before] = f->ranges[i];
                f->ranges[before].start = start;
                f->ranges[before].end = end;
            }
        }
    }
}

static void draw_source(struct dice *dice, struct random_request *r, bool only_busy,
                        const struct manner *manner, struct match_source *source)
{
    struct filling f = {dice, r, source, &r->ranges[r->ranges_used], *manner};
    bool is_series = r->request.occurrences > 1;
    int32_t margin = is_series ? 700 * DAY : 3000;

    memset(source, 0, sizeof(*source));
    source->ranges = f.ranges;
    source->coverage.start = r->from - margin;
    source->coverage.end = r->until + margin;
    if (dice_chance(dice, 12)) {
        /* What is known ends, or begins, within the windows. */
        minute_t edge = somewhere(&f);
        if (dice_chance(dice, 70)) {
            source->coverage.end = edge;
        } else {
            source->coverage.start = edge;
        }
        random_request_mark(dice, r, edge);
    }
    if (dice_chance(dice, 2)) {
        source->coverage.end = source->coverage.start; /* stale */
    }
    if (!only_busy) {
        offer(&f);
    }
    be_busy(&f);
    if (is_series) {
        repeat(&f);
    }
    qsort(f.ranges, source->range_count, sizeof(*f.ranges), compare_ranges);
    if ((r->features & RANDOM_CAPS) != 0) {
        source->notice = dice_chance(dice, 12) ? dice_between(dice, 0, 600) : 0;
        source->daily_cap = dice_chance(dice, 15) ? dice_between(dice, 1, 3) : 0;
    }
}

static void draw_claims(struct dice *dice, struct random_request *r,
                        struct match_person *person)
{
    struct match_span *claims = &r->claims[r->claims_used];
    uint16_t *places = &r->claim_places[r->claims_used];
    person->claims = claims;
    person->claim_places = dice_chance(dice, 70) ? places : NULL;
    if (!dice_chance(dice, 30)) {
        return;
    }
    int32_t wanted = dice_between(dice, 1, CLAIMS);
    minute_t at = r->from - dice_between(dice, -30, 400);
    for (int32_t i = 0; i < wanted && r->claims_used < RANDOM_CLAIMS; i++) {
        at += dice_chance(dice, 20) ? 0 : dice_between(dice, 1, 300);
        claims[person->claim_count].start = at;
        at += dice_chance(dice, 10) ? 1 : dice_between(dice, 1, 5) * 15;
        claims[person->claim_count].end = at;
        places[person->claim_count] =
            (uint16_t)((r->features & RANDOM_WAYS) != 0
                           ? dice_between(dice, 0, RANDOM_PLACES)
                           : 0);
        person->claim_count++;
        r->claims_used++;
    }
    random_request_mark(dice, r, at);
}

static void draw_person(struct dice *dice, struct random_request *r,
                        struct match_person *person)
{
    struct manner manner = {
        .certainty = dice_chance(dice, 60) ? dice_between(dice, 1, 3) : 0,
        .preference = dice_chance(dice, 50) ? 0 : -1,
        .has_purposes = dice_chance(dice, 25),
        .has_ways = (r->features & RANDOM_WAYS) != 0,
        .step = dice_chance(dice, 60)   ? 15
                : dice_chance(dice, 50) ? 5
                                        : 1,
    };

    memset(person, 0, sizeof(*person));
    person->sources = &r->sources[r->sources_used];
    int32_t luck = dice_between(dice, 1, 100);
    size_t sources = luck <= 2 ? 0 : luck <= 75 ? 1 : luck <= 93 ? 2 : 3;
    for (size_t i = 0; i < sources && r->sources_used < RANDOM_SOURCES; i++) {
        bool only_busy = i > 0 && dice_chance(dice, 70);
        draw_source(dice, r, only_busy, &manner, &r->sources[r->sources_used]);
        r->sources_used++;
        person->source_count++;
    }
    person->id = r->next_id * 0x9e3779b97f4a7c15U; /* odd: each only once */
    r->next_id++;
    person->load = (uint32_t)(dice_chance(dice, 60) ? 0 : dice_between(dice, 1, 2));
    draw_claims(dice, r, person);
}

static void draw_pool(struct dice *dice, struct random_request *r,
                      struct match_party *party)
{
    int32_t most = (r->features & RANDOM_LARGE) != 0 && dice_chance(dice, 2) ? 70 : 5;
    size_t members = (size_t)dice_between(dice, 1, most);
    if (r->people_used + members > RANDOM_PEOPLE) {
        return;
    }
    party->members = &r->people[r->people_used];
    party->member_count = members;
    party->needed = (size_t)dice_between(dice, 1, (int32_t)members);
    if (dice_chance(dice, 50)) {
        party->needed = (members + 2) / 3; /* it will often just do */
    }
    for (size_t i = 0; i < members; i++) {
        draw_person(dice, r, &r->people[r->people_used]);
        r->people_used++;
    }
}

static void draw_party(struct dice *dice, struct random_request *r, size_t index)
{
    struct match_party *party = &r->parties[index];

    memset(party, 0, sizeof(*party));
    party->importance =
        dice_chance(dice, index == 0 ? 85 : 50) ? MATCH_INDISPENSABLE : MATCH_OPTIONAL;
    if (dice_chance(dice, 30)) {
        party->buffer_before = PICK(dice, buffers);
    }
    if (dice_chance(dice, 30)) {
        party->buffer_after = PICK(dice, buffers);
    }
    if ((r->features & RANDOM_WAYS) != 0) {
        party->modality =
            (uint8_t)(dice_chance(dice, 15) ? dice_between(dice, 1, 3) : 0);
        party->place =
            (uint16_t)(dice_chance(dice, 15) ? dice_between(dice, 1, RANDOM_PLACES)
                                             : 0);
    }
    if ((r->features & RANDOM_POOLS) != 0 && dice_chance(dice, 18)) {
        draw_pool(dice, r, party);
    }
    if (party->member_count == 0) {
        draw_person(dice, r, &party->person);
        party->ask_if_unknown = dice_chance(dice, 15);
    }
    party->id = r->next_id * 0x9e3779b97f4a7c15U;
    r->next_id++;
}

/* Nobody can at one time: each is busy for a share of it, so that only all of them
 * together shut out every start. */
static void share_out(struct dice *dice, struct random_request *r)
{
    int32_t length = r->until - r->from;
    struct manner manner = {.certainty = MATCH_DECLARED, .step = 1};

    for (size_t p = 0; p < r->request.party_count; p++) {
        struct match_party *party = &r->parties[p];
        if (r->sources_used == RANDOM_SOURCES) {
            return;
        }
        struct match_source *source = &r->sources[r->sources_used];
        struct filling f = {dice, r, source, &r->ranges[r->ranges_used], manner};
        int32_t count = (int32_t)r->request.party_count;
        minute_t begin = (int32_t)((int64_t)length * (int32_t)p / count);
        minute_t end = (int32_t)((int64_t)length * ((int32_t)p + 1) / count);

        r->sources_used++;
        memset(source, 0, sizeof(*source));
        memset(&party->person, 0, sizeof(party->person));
        party->importance = MATCH_INDISPENSABLE;
        party->member_count = 0;
        party->person.sources = source;
        party->person.source_count = 1;
        source->ranges = f.ranges;
        source->coverage.start = r->from - 3 * DAY;
        source->coverage.end = r->until + 3 * DAY;
        add_range(&f, r->from - 3 * DAY, r->until + 3 * DAY, MATCH_FREE);
        add_range(&f, r->from + begin, r->from + end, MATCH_BUSY);
    }
}

void random_people_draw(struct dice *dice, struct random_request *r)
{
    struct match_request *request = &r->request;
    int32_t luck = dice_between(dice, 0, 99);
    request->party_count = luck < 70   ? (size_t)(1 + luck / 24)
                           : luck < 95 ? (size_t)(3 + luck % 3)
                                       : (size_t)(5 + luck % 4);
    if ((r->features & RANDOM_LARGE) != 0 && dice_between(dice, 1, 500) == 1) {
        request->party_count = (size_t)dice_between(dice, 9, RANDOM_PARTIES);
    }
    r->next_id = dice_roll(dice);
    for (size_t i = 0; i < request->party_count; i++) {
        draw_party(dice, r, i);
    }
    bool has_pools = false;
    for (size_t i = 0; i < request->party_count; i++) {
        has_pools = has_pools || r->parties[i].member_count > 0;
    }
    if (request->party_count > 3 && dice_chance(dice, 8)) {
        share_out(dice, r);
        has_pools = false;
    }
    if (!has_pools) {
        r->features &= ~(unsigned)RANDOM_POOLS;
    }
}
