// SPDX-License-Identifier: Apache-2.0
#include "matcher/search_internal.h"

#include "matcher/heads.h"
#include "matcher/record.h"
#include "matcher/series.h"

#include <string.h>

enum {
    NEAR = 360,    /* minutes: reading on is quicker than beginning anew */
    FEW_OF = 1024, /* starts that are worth being thinned out */
    FEW_SHARE = 7, /* of so many, one is left */
};

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How far from a slot something can lie that matters to it. */
static int64_t find_reach(const struct match_request *request)
{
    int32_t buffer = 0;

    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];

        buffer = party->buffer_before > buffer ? party->buffer_before : buffer;
        buffer = party->buffer_after > buffer ? party->buffer_after : buffer;
    }
    return 2 * (int64_t)request->duration + buffer + person_farthest(request);
}

/* The next span of a record that can matter to starts of the list, of which *at is the
 * first one that does not lie in a span yet.  Starts that are near to each other share a
 * span, so that spans do not touch. */
static struct match_span next_horizon(const struct search *search, int64_t reach,
                                      size_t *at)
{
    const struct candidates *list = &search->list;
    int64_t after = reach + series_days(search->request) * MINUTES_PER_DAY;
    minute_t first = list->starts[*at];
    minute_t last = first;

    for (;
         *at < list->count && list->starts[*at] - (int64_t)last <= after + reach + NEAR;
         (*at)++) {
        last = list->starts[*at];
    }
    return (struct match_span){.start = minute_add(first, -reach),
                               .end = minute_add(last, after)};
}

/* Decode @record around the starts of the list, behind the last one. */
static const struct match_source *decode(struct search *search,
                                         const struct match_record *record)
{
    struct match_source *source = &search->sources[search->source_count];
    struct match_range *ranges = search->decoded + search->decoded_count;
    size_t room = person_record_bound(record);
    int64_t reach = find_reach(search->request);
    struct match_span known = {0, 0};
    size_t count = 0;

    for (size_t at = 0; at < search->list.count;) {
        struct match_span horizon = next_horizon(search, reach, &at);
        size_t told = record_ranges(record, horizon.start, horizon.end, ranges + count,
                                    room - count, source);

        if (told > room - count) {
            /* Long ranges, cut too often: all of them at once are fewer. */
            reach = INT32_MAX;
            known = (struct match_span){0, 0};
            count = 0;
            at = 0;
            continue;
        }
        count += told;
        if (source->coverage.start < source->coverage.end) {
            known.start =
                known.start < known.end ? known.start : source->coverage.start;
            known.end = source->coverage.end;
        }
    }
    /* What is known is one span; of the time between the horizons nobody asks. */
    source->coverage = known;
    source->ranges = ranges;
    source->range_count = count;
    search->source_count++;
    search->decoded_count += count;
    return source;
}

/* Whether what @party, which is no pool, says is painted from its record; @sheet keeps
 * it. */
static bool is_painted(const struct search *search, const struct match_party *party,
                       const struct person_sheet *sheet)
{
    return search->is_kept && sheet && sheet->planes && party->person.record &&
           !party->ask_if_unknown &&
           person_is_paintable(search->request, party->person.record,
                               &search->scratch.minutes, search->list.starts,
                               search->list.count);
}

/* Read @match as somebody of @party. */
static void add_person(struct search *search, const struct match_person *match,
                       const struct match_party *party, size_t number)
{
    struct match_person person = *match;
    const struct check_survey *surveys = search->surveys + search->survey_count;
    struct check_survey decoded;

    search->survey_count += match->source_count;
    if (match->record) {
        person.sources = decode(search, match->record);
        person.source_count = 1;
        (void)check_source(person.sources, &decoded);
        surveys = &decoded;
    }
    person_read(search->request, &person, party, surveys, &search->people[number]);
}

void search_people(struct search *search)
{
    const struct match_request *request = search->request;
    size_t count = 0;

    if (search->people_known && !search->has_records) {
        return;
    }
    search->indispensable = 0;
    search->heads = 0;
    search->source_count = 0;
    search->survey_count = 0;
    search->decoded_count = 0;
    search->people_known = true;
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];

        search->first_of[i] = count;
        if (party->importance == MATCH_INDISPENSABLE) {
            search->indispensable |= (uint64_t)1 << i;
            search->heads += party->member_count > 0 ? (uint32_t)party->needed : 1;
        }
        for (size_t j = 0; j < party->member_count; j++) {
            add_person(search, &party->members[j], party, count);
            count++;
        }
        if (party->member_count == 0) {
            struct person_sheet *sheet = search->sheets ? &search->sheets[i] : NULL;

            if (is_painted(search, party, sheet)) {
                person_read_record(request, &party->person, party,
                                   &search->people[count]);
            } else {
                add_person(search, &party->person, party, count);
            }
            search->people[count].sheet = sheet;
            count++;
        }
    }
}

/* Merge every two neighbouring runs of @length of @from into one of @to. */
static void merge_runs(const minute_t *from, minute_t *to, size_t count, size_t length)
{
    for (size_t begin = 0; begin < count; begin += 2 * length) {
        size_t middle = at_most(begin + length, count);
        size_t end = at_most(middle + length, count);
        size_t i = begin;
        size_t j = middle;
        for (size_t k = begin; k < end; k++) {
            bool left = j == end || (i < middle && from[i] <= from[j]);
            to[k] = left ? from[i++] : from[j++];
        }
    }
}

/* Sort @minutes, each only once; returns where they are then, and how many. */
static minute_t *sort(minute_t *minutes, minute_t *scratch, size_t *count)
{
    for (size_t length = 1; length < *count; length *= 2) {
        merge_runs(minutes, scratch, *count, length);
        minute_t *sorted = scratch;
        scratch = minutes;
        minutes = sorted;
    }

    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        if (kept == 0 || minutes[i] != minutes[kept - 1]) {
            minutes[kept] = minutes[i];
            kept++;
        }
    }
    *count = kept;
    return minutes;
}

/* The instants of a series.  An occurrence that does not exist is left out, which happens
 * only where one start is judged. */
static void list_instants(struct search *search, const minute_t *starts, size_t count)
{
    const struct match_request *request = search->request;
    struct batch *batch = &search->batch;
    uint32_t length = (uint32_t)series_length(request);
    size_t instants = 0;

    for (size_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < length; j++) {
            if (match_occurrence(request, starts[i], j, &search->instants[instants])) {
                instants++;
            }
        }
        batch->each = i == 0 ? instants : batch->each; /* as many of each start */
    }
    memcpy(search->instants_sorted, search->instants, instants * sizeof(minute_t));

    /* What is not the result of the sort is overwritten by it: list them again. */
    minute_t *sorted = sort(search->instants_sorted, search->instants, &instants);
    if (sorted != search->instants_sorted) {
        memcpy(search->instants_sorted, sorted, instants * sizeof(minute_t));
    }
    axis_make(search->instants_sorted, instants, search->buckets, &batch->instants);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < length; j++) {
            minute_t instant;
            if (match_occurrence(request, starts[i], j, &instant)) {
                search->at[at] = (uint32_t)axis_find(&batch->instants, instant);
                at++;
            }
        }
    }
    batch->at = search->at;
}

/* Judge @starts, not of a series. */
static void use(struct search *search, const minute_t *starts, size_t count)
{
    axis_make(starts, count, search->buckets, &search->batch.starts);
    search->batch.instants = search->batch.starts;
    person_forget_batch(&search->scratch);
}

void search_batch(struct search *search, const minute_t *starts, size_t count)
{
    struct batch *batch = &search->batch;

    memset(search->attend_known, 0, sizeof(search->attend_known));
    search->pools.looked_at = NULL;
    person_forget_batch(&search->scratch);
    if (series_length(search->request) == 1) {
        use(search, starts, count);
        batch->at = NULL;
        batch->each = 1;
        return;
    }
    batch->starts =
        (struct axis){.starts = starts, .count = count, .words = axis_words(count)};
    list_instants(search, starts, count);
}

static bool is_same_way(struct way a, struct way b)
{
    return a.modality == b.modality && a.place == b.place;
}

struct question search_question(struct search *search, size_t option, size_t party)
{
    const struct match_party *of = &search->request->parties[party];
    struct match_option as = search_option(search->request, option);

    return (struct question){
        .request = search->request,
        .batch = &search->batch,
        .way = {of->modality != 0 ? of->modality : as.modality,
                of->place != 0 ? of->place : as.place},
        .scratch = &search->scratch,
    };
}

/* At which starts of the batch @party can come. */
static void find_attending(struct search *search, const struct question *question,
                           size_t party, uint64_t *ret_plane)
{
    const struct match_party *of = &search->request->parties[party];
    const struct person *first = &search->people[search->first_of[party]];

    if (of->member_count > 0) {
        struct pool pool = {of, first};
        pool_attend(question, &pool, &search->pools, ret_plane);
    } else {
        person_attend(question, first, ret_plane);
    }
}

const uint64_t *search_attend(struct search *search, size_t option, size_t party)
{
    struct question question = search_question(search, option, party);
    uint64_t *plane = search->attend + party * search->batch.starts.words;

    if (search->attend_known[party] &&
        is_same_way(search->attend_way[party], question.way)) {
        return plane;
    }
    search->attend_known[party] = true;
    search->attend_way[party] = question.way;
    find_attending(search, &question, party, plane);
    return plane;
}

/* Keep of @plane the starts of the batch with @option at which enough people attend. */
static void keep_quorate(struct search *search, size_t option, uint64_t *plane)
{
    const struct match_request *request = search->request;
    size_t words = search->batch.starts.words;

    heads_begin(search->present, words);
    for (size_t i = 0; i < request->party_count; i++) {
        const struct match_party *party = &request->parties[i];

        heads_add(search->present, words, search_attend(search, option, i),
                  party->member_count > 0 ? (uint32_t)party->needed : 1);
    }
    heads_keep(search->present, words, search->quorum, plane);
}

/* Of the starts in @plane, which are few, those to which all indispensable parties from
 * @party on can come with @option.  They become the batch for a while, so that what lies
 * elsewhere is passed over. */
static void keep_of_few(struct search *search, size_t option, size_t party,
                        uint64_t *plane)
{
    const struct match_request *request = search->request;
    const struct axis all = search->batch.starts;
    size_t count = 0;

    for (size_t place = plane_next(plane, all.words, 0); place < all.count;
         place = plane_next(plane, all.words, place + 1)) {
        search->chunk_starts[count] = all.starts[place];
        search->chunk_places[count] = (uint32_t)place;
        count++;
    }
    use(search, search->chunk_starts, count);
    for (; party < request->party_count; party++) {
        struct question question = search_question(search, option, party);

        if (request->parties[party].importance != MATCH_INDISPENSABLE) {
            continue;
        }
        find_attending(search, &question, party, search->merits);
        for (size_t i = 0; i < count; i++) {
            if (!plane_has(search->merits, i)) {
                size_t place = search->chunk_places[i];
                plane_clear(plane, place, place + 1);
            }
        }
    }
    use(search, all.starts, all.count);
}

/* Whether the other indispensable parties should be asked about the starts in @plane
 * only. */
static bool are_few(const struct search *search, const uint64_t *plane)
{
    const struct axis *starts = &search->batch.starts;

    return starts->count > FEW_OF && !search->batch.at &&
           search->chunk_most == search->batch_most && /* there is room for them */
           search->quorum <= search->heads &&
           plane_count(plane, starts->words) <= starts->count / FEW_SHARE;
}

/* The starts of the batch that suit with @option. */
static void find_feasible(struct search *search, size_t option, uint64_t *plane)
{
    const struct match_request *request = search->request;
    const struct axis *starts = &search->batch.starts;

    plane_fill(starts, plane);
    for (size_t i = 0; i < request->party_count; i++) {
        if (request->parties[i].importance != MATCH_INDISPENSABLE) {
            continue;
        }
        const uint64_t *attend = search_attend(search, option, i);
        uint64_t left = 0;
        for (size_t word = 0; word < starts->words; word++) {
            plane[word] &= attend[word];
            left |= plane[word];
        }
        if (left == 0) {
            return;
        }
        if (are_few(search, plane)) {
            keep_of_few(search, option, i + 1, plane);
            return;
        }
    }
    /* Where all the indispensable ones are, their heads are. */
    if (search->quorum > search->heads) {
        keep_quorate(search, option, plane);
    }
}

void search_feasible(struct search *search)
{
    const struct candidates *list = &search->list;
    size_t options = search_option_count(search->request);
    size_t words = axis_words(list->count);

    search->words = words;
    plane_zero(search->feasible_any, words);
    for (size_t begin = 0; begin < list->count; begin += search->batch_most) {
        size_t word = begin / AXIS_WORD;

        search_batch(search, &list->starts[begin],
                     at_most(search->batch_most, list->count - begin));
        for (size_t option = 0; option < options; option++) {
            uint64_t *plane = search->feasible + option * words + word;
            find_feasible(search, option, plane);
            for (size_t i = 0; i < search->batch.starts.words; i++) {
                search->feasible_any[word + i] |= plane[i];
            }
        }
    }
}
