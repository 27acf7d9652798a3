// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/offer.h"

#include "adapters/ics/agenda_read.h"
#include "adapters/ics/freebusy.h"

#include "proto/codec.h"

#include <stdlib.h>
#include <string.h>

static int compare_ranges(const void *left, const void *right)
{
    const struct entente_range *a = left;
    const struct entente_range *b = right;

    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    return (a->end > b->end) - (a->end < b->end);
}

static void add_spans(struct offer *offer, const struct span_list *spans, uint32_t kind,
                      uint32_t certainty)
{
    for (size_t i = 0; i < spans->count; i++) {
        offer->ranges[offer->count++] =
            (struct entente_range){.start = spans->items[i].start,
                                   .end = spans->items[i].end,
                                   .kind = kind,
                                   .certainty = certainty};
    }
}

/* Add our own event in [start, end).  What a program has made a copy of counts once:
 * ranges of one meeting that overlap become one. */
static void add_own(struct offer *offer, const uint8_t id[16], int32_t start,
                    int32_t end)
{
    for (size_t i = 0; i < offer->count;) {
        struct entente_range *other = &offer->ranges[i];
        if (memcmp(other->meeting.data, id, 16) != 0 || start > other->end ||
            other->start > end) {
            i++;
            continue;
        }
        start = other->start < start ? other->start : start;
        end = other->end > end ? other->end : end;
        *other = offer->ranges[--offer->count];
        i = 0;
    }
    offer->ranges[offer->count++] = (struct entente_range){
        .start = start, .end = end, .kind = ENTENTE_BUSY, .meeting = {id, 16}};
}

/* An event of ours whose id is not a meeting's is somebody's time all the same. */
static bool split_own(const struct agenda *agenda, struct offer *offer,
                      struct span_list *ret_strange)
{
    for (size_t i = 0; i < agenda->own_count; i++) {
        const struct agenda_own *own = &agenda->own[i];
        int32_t start =
            own->start > offer->coverage.start ? own->start : offer->coverage.start;
        int32_t end = own->end < offer->coverage.end ? own->end : offer->coverage.end;
        if (own->cancelled || start >= end) {
            continue;
        }
        if (codec_parse_id(own->meeting, offer->ids[i])) {
            add_own(offer, offer->ids[i], start, end);
        } else if (!span_list_add(ret_strange, start, end)) {
            return false;
        }
    }
    span_list_normalise(ret_strange);
    return true;
}

static bool collect(const struct agenda *agenda, struct freebusy *freebusy,
                    struct offer *offer, struct ics_error *error)
{
    struct span_list strange = {0};
    size_t own = agenda->own_count;

    offer->ids = calloc(own + 1, sizeof *offer->ids);
    offer->ranges = calloc(own + 1, sizeof *offer->ranges);
    bool good = offer->ids != NULL && offer->ranges != NULL &&
                split_own(agenda, offer, &strange) &&
                span_list_unite(&freebusy->busy, &strange) &&
                span_list_subtract(&freebusy->tentative, &strange) &&
                span_list_subtract(&freebusy->declared, &strange) &&
                span_list_subtract(&freebusy->inferred, &strange);
    span_list_finish(&strange);
    size_t count = offer->count + freebusy->busy.count + freebusy->tentative.count +
                   freebusy->declared.count + freebusy->inferred.count;
    struct entente_range *grown =
        good ? realloc(offer->ranges, (count + 1) * sizeof *grown) : NULL;
    if (grown == NULL) {
        return ics_error_set(error, 0, "out of memory");
    }
    offer->ranges = grown;
    if (count > AGENDA_RANGES_MAX) {
        return ics_error_set(error, 0,
                             "the agenda has %zu free and busy ranges; at most %d can "
                             "be published",
                             count, AGENDA_RANGES_MAX);
    }
    add_spans(offer, &freebusy->busy, ENTENTE_BUSY, 0);
    add_spans(offer, &freebusy->tentative, ENTENTE_TENTATIVE, 0);
    add_spans(offer, &freebusy->declared, ENTENTE_FREE, ENTENTE_DECLARED);
    add_spans(offer, &freebusy->inferred, ENTENTE_FREE, ENTENTE_INFERRED);
    qsort(offer->ranges, offer->count, sizeof *offer->ranges, compare_ranges);
    return true;
}

bool offer_make(const struct config_agenda *agenda, const struct agenda_file *file,
                int32_t from, int32_t until, struct offer *ret_offer,
                struct ics_error *ret_error)
{
    const struct agenda_options options = {
        .zone = agenda->zone, .from = from, .until = until};
    struct agenda read = {0};
    struct freebusy freebusy = {0};
    struct offer offer = {0};

    if (!agenda_read(file->bytes, file->size, &options, &read, ret_error)) {
        return false;
    }
    offer.coverage = (struct entente_span){read.covered_from, read.covered_until};
    bool good = read.covered_from < read.covered_until ||
                ics_error_set(ret_error, 0, "the file says nothing about these days");
    good = good && (freebusy_make(&read, &agenda->hours, agenda->zone, &freebusy) ||
                    ics_error_set(ret_error, 0, "out of memory"));
    good = good && collect(&read, &freebusy, &offer, ret_error);
    freebusy_finish(&freebusy);
    agenda_finish(&read);
    if (good) {
        *ret_offer = offer;
    } else {
        offer_finish(&offer);
    }
    return good;
}

void offer_finish(struct offer *offer)
{
    free(offer->ranges);
    free(offer->ids);
    *offer = (struct offer){0};
}
