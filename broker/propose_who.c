// SPDX-License-Identifier: Apache-2.0

/*
 * propose_who.c - the part of propose.h that says which of many people can come
 *
 * The index's rows say it of most people (index_rows.h).  Each of the others is asked as
 * the only party of a request whose slots are picked by hand, so that the answer is what
 * a search would say.
 */
#include "broker/propose_internal.h"

#include "broker/gather.h"
#include "broker/index_rows.h"

enum { DEFAULT_STEP = 15, BITS = 8 };

/* The answer while it is made: a row of bits for each start. */
struct sheet {
    struct entente_free_at *at;
    uint8_t *bits;
    size_t row; /* bytes of one */
    int32_t first;
    int32_t step;
};

/* All that the answer is made of. */
struct survey {
    struct entente_spec spec;
    struct propose_question question;
    struct inquiry inquiry;
    struct match_person *people; /* those who have to be asked, */
    size_t *members;             /* which of the members they are, */
    size_t count;                /* and how many */
    struct sheet sheet;
};

static void add_bit(struct sheet *sheet, int32_t start, size_t member)
{
    size_t number = (size_t)((start - sheet->first) / sheet->step);
    sheet->bits[number * sheet->row + member / BITS] |= (uint8_t)(1U << member % BITS);
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

static bool begin_sheet(struct survey *survey, size_t people)
{
    const struct entente_spec *spec = &survey->spec;
    struct arena *arena = survey->inquiry.arena;
    struct sheet *sheet = &survey->sheet;
    size_t count = spec->picked_count;
    sheet->row = (people + BITS - 1) / BITS;
    sheet->at = arena_array(arena, count, sizeof(*sheet->at));
    sheet->bits = arena_array(arena, count, sheet->row);
    sheet->first = spec->picked[0];
    sheet->step = count > 1 ? spec->picked[1] - spec->picked[0] : 1;
    for (size_t i = 0; sheet->at != NULL && sheet->bits != NULL && i < count; i++) {
        sheet->at[i].start = spec->picked[i];
        sheet->at[i].members = (struct entente_bytes){
            .data = sheet->bits + i * sheet->row, .size = sheet->row};
    }
    return sheet->at != NULL && sheet->bits != NULL;
}

/* What the rows say goes onto the sheet.  Whom they do not know, or not to the full, has to
 * be asked, which is everybody of a few: these get no rows. */
static bool ask_rows(struct survey *survey, struct index *index,
                     const struct propose_crowd *crowd, bool *ret_decided)
{
    const struct entente_who_is_free *who = crowd->who;
    const struct entente_party *asked = who->people;
    const struct index_crowd many = {
        .people = crowd->people,
        .count = crowd->count,
        .now_ms = crowd->now_ms,
        .first = survey->sheet.first,
        .step = survey->sheet.step,
        .starts = survey->spec.picked_count,
        .duration = (int32_t)who->duration_minutes,
        .is_plain = who->certainties == 0 && asked->modality == 0 &&
                    asked->place == NULL && asked->buffer_before_minutes == 0 &&
                    asked->buffer_after_minutes == 0 &&
                    survey->inquiry.request.purposes == ENTENTE_FOR_MEETINGS,
    };
    return crowd->count < PROPOSE_CROWD || who->tentative == ENTENTE_TENTATIVE_SOFT ||
           index_rows_ask(index, &many, survey->inquiry.arena, survey->sheet.bits,
                          survey->sheet.row, ret_decided);
}

static bool gather_people(struct survey *survey, struct index *index,
                          const struct propose_crowd *crowd, struct arena *arena)
{
    bool *decided = arena_array(arena, crowd->count, sizeof(*decided));
    survey->people = arena_array(arena, crowd->count, sizeof(*survey->people));
    survey->members = arena_array(arena, crowd->count, sizeof(*survey->members));
    bool gathered = survey->people != NULL && survey->members != NULL &&
                    decided != NULL && ask_rows(survey, index, crowd, decided);
    for (size_t i = 0; gathered && i < crowd->count; i++) {
        if (!decided[i] && crowd->people[i] != NULL) {
            gathered = gather_person(crowd->people[i], NULL, crowd->now_ms, arena,
                                     &survey->people[survey->count]);
            survey->members[survey->count++] = i;
        }
    }
    return gathered;
}

static enum status gather(struct proposer *proposer, struct survey *survey,
                          const struct propose_crowd *crowd, struct arena *arena)
{
    const struct entente_who_is_free *who = crowd->who;
    survey->spec = (struct entente_spec){
        .duration_minutes = who->duration_minutes,
        .certainties = who->certainties,
        .purposes = who->purposes,
        .tentative = who->tentative,
        .modality = who->people->modality,
        .place = who->people->place,
        .apart_minutes = 1,
    };
    survey->question = (struct propose_question){
        .spec = &survey->spec, .now_ms = crowd->now_ms, .wanted = MATCH_SLOTS_MAX};
    struct inquiry *inquiry = &survey->inquiry;
    inquiry->question = &survey->question;
    inquiry->index = proposer->index;
    inquiry->arena = arena;
    if (!pick(who, arena, &survey->spec) || !begin_sheet(survey, crowd->count)) {
        return STATUS_FAILED;
    }
    enum status status = inquiry_gather(inquiry);
    if (status == STATUS_OK && !gather_people(survey, proposer->index, crowd, arena)) {
        status = STATUS_FAILED;
    }
    inquiry->parties[0] = (struct match_party){
        .importance = MATCH_INDISPENSABLE,
        .buffer_before = (int32_t)who->people->buffer_before_minutes,
        .buffer_after = (int32_t)who->people->buffer_after_minutes,
    };
    inquiry->request.parties = inquiry->parties;
    inquiry->request.party_count = 1;
    return status;
}

enum status propose_who_prepare(struct proposer *proposer,
                                const struct propose_crowd *crowd, struct arena *arena,
                                struct survey **ret_survey)
{
    struct survey *survey = arena_alloc(arena, sizeof(*survey));
    enum status status =
        survey == NULL ? STATUS_FAILED : gather(proposer, survey, crowd, arena);
    if (status == STATUS_OK) {
        index_pin(proposer->index, &survey->inquiry.pin);
        *ret_survey = survey;
    }
    return status;
}

size_t propose_who_left(const struct survey *survey)
{
    return survey->count;
}

/* When can the person come who is the @number-th to be asked? */
static enum status ask_one(struct proposer *proposer, struct survey *survey,
                           size_t number)
{
    const struct entente_spec *spec = &survey->spec;
    struct match_request *request = &survey->inquiry.request;
    enum status status = STATUS_OK;
    survey->inquiry.parties[0].person = survey->people[number];
    survey->inquiry.parties[0].id = survey->people[number].id;
    /* A result holds no more slots than that. */
    for (size_t i = 0; status == STATUS_OK && i < spec->picked_count;
         i += MATCH_SLOTS_MAX) {
        size_t left = spec->picked_count - i;
        request->picked = spec->picked + i;
        request->picked_count = left < MATCH_SLOTS_MAX ? left : MATCH_SLOTS_MAX;
        status = proposer_search(proposer, request);
        for (size_t j = 0; status == STATUS_OK && j < proposer->result.count; j++) {
            add_bit(&survey->sheet, proposer->result.slots[j].start,
                    survey->members[number]);
        }
    }
    return status;
}

static void count_bits(struct sheet *sheet, size_t starts)
{
    for (size_t i = 0; i < starts; i++) {
        for (size_t j = 0; j < sheet->row; j++) {
            sheet->at[i].count +=
                (uint32_t)__builtin_popcount(sheet->bits[i * sheet->row + j]);
        }
    }
}

enum status propose_who_answer(struct proposer *proposer, struct survey *survey,
                               struct entente_free_people *ret_people)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < survey->count; i++) {
        status = ask_one(proposer, survey, i);
    }
    if (status == STATUS_OK) {
        count_bits(&survey->sheet, survey->spec.picked_count);
        ret_people->at = survey->sheet.at;
        ret_people->at_count = survey->spec.picked_count;
    }
    return status;
}

void propose_who_release(struct proposer *proposer, struct survey *survey)
{
    index_unpin(proposer->index, &survey->inquiry.pin);
}
