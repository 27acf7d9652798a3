// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/shrink_request.h"

#include <string.h>

/* Change number @which of its kind; false if there is none. */
typedef bool edit(struct random_request *r, size_t which);

static bool drop_party(struct random_request *r, size_t which)
{
    size_t count = r->request.party_count;
    if (which >= count || count == 1) {
        return false;
    }
    memmove(&r->parties[which], &r->parties[which + 1],
            (count - which - 1) * sizeof(r->parties[0]));
    r->request.party_count--;
    return true;
}

static bool drop_member(struct random_request *r, size_t which)
{
    for (size_t p = 0; p < r->request.party_count; p++) {
        struct match_party *party = &r->parties[p];
        if (which >= party->member_count) {
            which -= party->member_count;
            continue;
        }
        struct match_person *members = r->people + (party->members - r->people);
        if (party->member_count == 1) {
            party->person = members[0];
        }
        memmove(&members[which], &members[which + 1],
                (party->member_count - which - 1) * sizeof(*members));
        party->member_count--;
        party->needed -= party->needed > party->member_count ? 1 : 0;
        return true;
    }
    return false;
}

static bool drop_window(struct random_request *r, size_t which)
{
    size_t count = r->request.window_count;
    if (which >= count || count == 1) {
        return false;
    }
    memmove(&r->windows[which], &r->windows[which + 1],
            (count - which - 1) * sizeof(r->windows[0]));
    r->request.window_count--;
    return true;
}

static bool drop_option(struct random_request *r, size_t which)
{
    size_t count = r->request.option_count;
    if (which >= count) {
        return false;
    }
    memmove(&r->options[which], &r->options[which + 1],
            (count - which - 1) * sizeof(r->options[0]));
    r->request.option_count--;
    return true;
}

static bool drop_leg(struct random_request *r, size_t which)
{
    size_t count = r->request.leg_count;
    if (which >= count) {
        return false;
    }
    memmove(&r->legs[which], &r->legs[which + 1],
            (count - which - 1) * sizeof(r->legs[0]));
    r->request.leg_count--;
    return true;
}

static bool drop_range(struct random_request *r, size_t which)
{
    for (size_t s = 0; s < r->sources_used; s++) {
        struct match_source *source = &r->sources[s];
        if (which >= source->range_count) {
            which -= source->range_count;
            continue;
        }
        struct match_range *ranges = r->ranges + (source->ranges - r->ranges);
        memmove(&ranges[which], &ranges[which + 1],
                (source->range_count - which - 1) * sizeof(*ranges));
        source->range_count--;
        return true;
    }
    return false;
}

static bool plain_range(struct random_request *r, size_t which)
{
    if (which >= r->ranges_used) {
        return false;
    }
    struct match_range *range = &r->ranges[which];
    range->certainty = MATCH_DECLARED;
    range->preference = MATCH_NEUTRAL;
    range->modalities = 0;
    range->purposes = 0;
    range->place = 0;
    return true;
}

static bool plain_source(struct random_request *r, size_t which)
{
    if (which >= r->sources_used) {
        return false;
    }
    r->sources[which].coverage.start = r->from - 1000000;
    r->sources[which].coverage.end = r->until + 1000000;
    r->sources[which].notice = 0;
    r->sources[which].daily_cap = 0;
    return true;
}

static struct match_person *person_at(struct random_request *r, size_t which)
{
    return which < RANDOM_PARTIES ? &r->parties[which].person
                                  : &r->people[which - RANDOM_PARTIES];
}

static bool plain_person(struct random_request *r, size_t which)
{
    if (which >= RANDOM_PARTIES + r->people_used) {
        return false;
    }
    person_at(r, which)->claim_count = 0;
    person_at(r, which)->load = 0;
    return true;
}

static bool drop_last_source(struct random_request *r, size_t which)
{
    if (which >= RANDOM_PARTIES + r->people_used) {
        return false;
    }
    struct match_person *person = person_at(r, which);
    person->source_count -= person->source_count > 1 ? 1 : 0;
    return true;
}

static bool plain_party(struct random_request *r, size_t which)
{
    if (which >= 4 * r->request.party_count) {
        return false;
    }
    struct match_party *party = &r->parties[which / 4];
    switch (which % 4) {
    case 0:
        party->buffer_before = 0;
        break;
    case 1:
        party->buffer_after = 0;
        break;
    case 2:
        party->modality = 0;
        break;
    default:
        party->place = 0;
        break;
    }
    return true;
}

static bool plain_limit(struct random_request *r, size_t which)
{
    struct match_request *request = &r->request;
    switch (which) {
    case 0:
        request->weekdays = 0;
        return true;
    case 1:
        request->times_of_day_count = 0;
        return true;
    case 2:
        request->closed_day_count = 0;
        return true;
    case 3:
        request->certainties = 0;
        return true;
    case 4:
        request->purposes = 0;
        return true;
    case 5:
        request->tentative = MATCH_TENTATIVE_EXCLUDED;
        return true;
    case 6:
        request->quorum = 0;
        return true;
    case 7:
        request->urgent = false;
        return true;
    case 8:
        request->occurrences = 0;
        return true;
    case 9:
        request->offset_count = 0;
        return true;
    case 10:
        if (request->picked_count > (request->window_count > 0 ? 0u : 1u)) {
            request->picked_count--;
        }
        return true;
    case 11:
        request->wanted = 1;
        return true;
    case 12:
        request->earliest = r->from - 10000;
        return true;
    default:
        return false;
    }
}

static size_t try_all(struct random_request *r, edit *change,
                      bool (*still_wrong)(struct random_request *r))
{
    static struct random_request before;
    const void *as_it_was =
        &before; /* with its padding: the very same bytes, or changed */
    const void *as_it_is = r;
    size_t changed = 0;
    for (size_t which = 0;;) {
        memcpy(&before, r, sizeof(before));
        if (!change(r, which)) {
            return changed;
        }
        if (memcmp(as_it_was, as_it_is, sizeof(before)) == 0 || !still_wrong(r)) {
            memcpy(r, &before, sizeof(before));
            which++;
        } else {
            changed++;
        }
    }
}

void shrink_request(struct random_request *r,
                    bool (*still_wrong)(struct random_request *r))
{
    static edit *const edits[] = {
        drop_party,       drop_member, plain_limit,  drop_window,
        drop_option,      drop_leg,    plain_person, plain_source,
        drop_last_source, drop_range,  plain_range,  plain_party,
    };
    size_t changed = 1;
    while (changed > 0) {
        changed = 0;
        for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
            changed += try_all(r, edits[i], still_wrong);
        }
    }
}
