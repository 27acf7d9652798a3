// SPDX-License-Identifier: Apache-2.0
#include "tests/matcher/random_request.h"

#include <inttypes.h>

static void print_range(FILE *out, const struct match_range *range, minute_t zero)
{
    static const char kinds[] = "?FBT";
    static const char certainties[] = "?dit";
    static const char preferences[] = "n+-";

    fprintf(out, " %c%d..%d", kinds[range->kind & 3], range->start - zero,
            range->end - zero);
    if (range->kind == MATCH_FREE) {
        fprintf(out, "%c%c", certainties[range->certainty & 3],
                preferences[range->preference % 3]);
        if (range->purposes != 0 || range->modalities != 0) {
            fprintf(out, "u%" PRIx32 "m%x", range->purposes,
                    (unsigned)range->modalities);
        }
    }
    if (range->place != 0) {
        fprintf(out, "@%u", (unsigned)range->place);
    }
}

static void print_person(FILE *out, const struct match_person *person, minute_t zero)
{
    fprintf(out, "    person %" PRIx64 " load %" PRIu32 " claims", person->id,
            person->load);
    for (size_t i = 0; i < person->claim_count; i++) {
        fprintf(out, " %d..%d", person->claims[i].start - zero,
                person->claims[i].end - zero);
        if (person->claim_places != NULL && person->claim_places[i] != 0) {
            fprintf(out, "@%u", (unsigned)person->claim_places[i]);
        }
    }
    for (size_t s = 0; s < person->source_count; s++) {
        const struct match_source *source = &person->sources[s];
        fprintf(out, "\n      source %d..%d", source->coverage.start - zero,
                source->coverage.end - zero);
        if (source->notice != 0 || source->daily_cap != 0) {
            fprintf(out, " notice %d cap %d", source->notice, source->daily_cap);
        }
        fprintf(out, ":");
        for (size_t i = 0; i < source->range_count; i++) {
            print_range(out, &source->ranges[i], zero);
        }
    }
    fprintf(out, "\n");
}

static void print_party(FILE *out, size_t index, const struct match_party *party,
                        minute_t zero)
{
    fprintf(out, "  party %zu %s id %" PRIx64 " buffers %d,%d way %u@%u", index,
            party->importance == MATCH_OPTIONAL ? "optional" : "indispensable",
            party->id, party->buffer_before, party->buffer_after,
            (unsigned)party->modality, (unsigned)party->place);
    if (party->ask_if_unknown) {
        fprintf(out, " asked");
    }
    if (party->member_count == 0) {
        fprintf(out, "\n");
        print_person(out, &party->person, zero);
        return;
    }
    fprintf(out, " needs %zu of %zu\n", party->needed, party->member_count);
    for (size_t i = 0; i < party->member_count; i++) {
        print_person(out, &party->members[i], zero);
    }
}

static void print_limits(FILE *out, const struct match_request *request, minute_t zero)
{
    fprintf(out, "  weekdays %#x certainties %#x purposes %#" PRIx32,
            (unsigned)request->weekdays, (unsigned)request->certainties,
            request->purposes);
    fprintf(out, " tentative %d quorum %" PRIu32 " urgent %d series %" PRIu32 "/%d",
            (int)request->tentative, request->quorum, request->urgent ? 1 : 0,
            request->occurrences, (int)request->step);
    if (request->has_target) {
        fprintf(out, " target %d", request->target - zero);
    }
    fprintf(out, "\n  times");
    for (size_t i = 0; i < request->times_of_day_count; i++) {
        fprintf(out, " %d..%d", request->times_of_day[i].start,
                request->times_of_day[i].end);
    }
    fprintf(out, " closed");
    for (size_t i = 0; i < request->closed_day_count; i++) {
        fprintf(out, " %d", request->closed_days[i]);
    }
    fprintf(out, " clock");
    for (size_t i = 0; i < request->offset_count; i++) {
        fprintf(out, " %d:%+d", request->offsets[i].from - zero,
                request->offsets[i].offset_minutes);
    }
    fprintf(out, " options");
    for (size_t i = 0; i < request->option_count; i++) {
        fprintf(out, " %u@%u", (unsigned)request->options[i].modality,
                (unsigned)request->options[i].place);
    }
    fprintf(out, " legs");
    for (size_t i = 0; i < request->leg_count; i++) {
        fprintf(out, " %u>%u:%d", (unsigned)request->legs[i].from,
                (unsigned)request->legs[i].to, request->legs[i].minutes);
    }
    fprintf(out, "\n");
}

void random_request_print(FILE *out, const struct match_request *request)
{
    minute_t zero =
        request->window_count > 0 ? request->windows[0].start : request->picked[0];
    fprintf(out,
            "request at %d, duration %d grid %d earliest %d now %d wanted %zu apart "
            "%d\n",
            zero, request->duration, request->grid, request->earliest - zero,
            request->now - zero, request->wanted, request->apart);
    fprintf(out, "  windows");
    for (size_t i = 0; i < request->window_count; i++) {
        fprintf(out, " %d..%d", request->windows[i].start - zero,
                request->windows[i].end - zero);
    }
    fprintf(out, " picked");
    for (size_t i = 0; i < request->picked_count; i++) {
        fprintf(out, " %d", request->picked[i] - zero);
    }
    fprintf(out, "\n");
    print_limits(out, request, zero);
    for (size_t i = 0; i < request->party_count; i++) {
        print_party(out, i, &request->parties[i], zero);
    }
}
