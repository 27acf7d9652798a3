// SPDX-License-Identifier: Apache-2.0

/*
 * propose_who.c - the part of propose.h that says which of many people can come
 *
 * Each of them is asked as the only party of a request whose slots are picked by hand, so
 * that the answer is what a search would say.
 */
#include "broker/propose_internal.h"

#include "broker/gather.h"

enum { DEFAULT_STEP = 15, BITS = 8 };

/* The answer while it is made: a row of bits for each start. */
struct sheet {
    struct entente_free_at *at;
    uint8_t *bits;
    size_t row; /* bytes of one */
    int32_t first;
    int32_t step;
};

static void add_bit(struct sheet *sheet, int32_t start, size_t member)
{
    size_t number = (size_t)((start - sheet->first) / sheet->step);
    sheet->bits[number * sheet->row + member / BITS] |= (uint8_t)(1U << member % BITS);
    sheet->at[number].count++;
}

/* The starts, as slots picked by hand. */
static bool pick(const struct entente_who_is_free *who, struct arena *arena,
                 struct entente_spec *spec)
{
    size_t count = who->starts == 0 ? 1 : who->starts;
    int32_t step = who->step_minutes == 0 ? DEFAULT_STEP : (int32_t)who->step_minutes;
    spec->picked = arena_array(arena, count, sizeof(*spec->picked));
    for (size_t i = 0; spec->picked != NULL && i < count; i++) {
        spec->picked[i] = who->start + (int32_t)i * step;
    }
    spec->picked_count = count;
    return spec->picked != NULL;
}

static bool begin_sheet(const struct inquiry *inquiry,
                        const struct propose_crowd *crowd, struct sheet *sheet)
{
    const struct entente_spec *spec = inquiry->question->spec;
    size_t count = spec->picked_count;
    sheet->row = (crowd->count + BITS - 1) / BITS;
    sheet->at = arena_array(inquiry->arena, count, sizeof(*sheet->at));
    sheet->bits = arena_array(inquiry->arena, count, sheet->row);
    sheet->first = spec->picked[0];
    sheet->step = count > 1 ? spec->picked[1] - spec->picked[0] : 1;
    for (size_t i = 0; sheet->at != NULL && sheet->bits != NULL && i < count; i++) {
        sheet->at[i].start = spec->picked[i];
        sheet->at[i].members = (struct entente_bytes){
            .data = sheet->bits + i * sheet->row, .size = sheet->row};
    }
    return sheet->at != NULL && sheet->bits != NULL;
}

/* When can the member @person come?  @arena is only worked in. */
static enum status ask_one(struct proposer *proposer, struct inquiry *inquiry,
                           const struct index_person *person, size_t member,
                           struct arena *arena, struct sheet *sheet)
{
    const struct entente_spec *spec = inquiry->question->spec;
    struct match_request *request = &inquiry->request;
    enum status status = STATUS_OK;
    arena_reset(arena);
    if (!gather_person(person, NULL, inquiry->question->now_ms, arena,
                       &inquiry->parties[0].person)) {
        return STATUS_FAILED;
    }
    /* A result holds no more slots than that. */
    for (size_t i = 0; status == STATUS_OK && i < spec->picked_count;
         i += MATCH_SLOTS_MAX) {
        size_t left = spec->picked_count - i;
        request->picked = spec->picked + i;
        request->picked_count = left < MATCH_SLOTS_MAX ? left : MATCH_SLOTS_MAX;
        status = proposer_search(proposer, request);
        for (size_t j = 0; status == STATUS_OK && j < proposer->result.count; j++) {
            add_bit(sheet, proposer->result.slots[j].start, member);
        }
    }
    return status;
}

static enum status ask_all(struct proposer *proposer, struct inquiry *inquiry,
                           const struct propose_crowd *crowd, struct sheet *sheet)
{
    struct arena arena;
    enum status status = STATUS_OK;
    arena_init(&arena, inquiry->arena->quota);
    for (size_t i = 0; status == STATUS_OK && i < crowd->count; i++) {
        if (crowd->people[i] != NULL) {
            status = ask_one(proposer, inquiry, crowd->people[i], i, &arena, sheet);
        }
    }
    arena_finish(&arena);
    return status;
}

enum status propose_who(struct proposer *proposer, const struct propose_crowd *crowd,
                        struct arena *arena, struct entente_free_people *ret_people)
{
    const struct entente_who_is_free *who = crowd->who;
    struct entente_spec spec = {
        .duration_minutes = who->duration_minutes,
        .certainties = who->certainties,
        .purposes = who->purposes,
        .tentative = who->tentative,
        .modality = who->people->modality,
        .place = who->people->place,
        .apart_minutes = 1,
    };
    const struct propose_question question = {
        .spec = &spec, .now_ms = crowd->now_ms, .wanted = MATCH_SLOTS_MAX};
    struct inquiry inquiry = {
        .question = &question, .index = proposer->index, .arena = arena};
    struct sheet sheet;
    if (!pick(who, arena, &spec) || !begin_sheet(&inquiry, crowd, &sheet)) {
        return STATUS_FAILED;
    }
    enum status status = inquiry_gather(&inquiry);
    inquiry.parties[0] = (struct match_party){
        .importance = MATCH_INDISPENSABLE,
        .buffer_before = (int32_t)who->people->buffer_before_minutes,
        .buffer_after = (int32_t)who->people->buffer_after_minutes,
    };
    inquiry.request.parties = inquiry.parties;
    inquiry.request.party_count = 1;
    if (status == STATUS_OK) {
        status = ask_all(proposer, &inquiry, crowd, &sheet);
    }
    if (status == STATUS_OK) {
        ret_people->at = sheet.at;
        ret_people->at_count = spec.picked_count;
    }
    return status;
}
