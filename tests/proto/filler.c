// SPDX-License-Identifier: Apache-2.0

#include "tests/proto/filler.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static char *new_text(struct filler *filler, const struct codec_shape *shape)
{
    char text[64];
    const char *start = shape == &codec_shape_identifier ? "urn:test:" : "é";

    snprintf(text, sizeof(text), "%s%u", start, filler->counter);
    return arena_text(filler->arena, text);
}

/* A number that the row allows and that is not 0. */
static int64_t new_number(const struct filler *filler, const struct codec_row *row)
{
    bool time = row->min == CODEC_TIME_MIN;
    bool time_ms = row->min == CODEC_TIME_MIN * INT64_C(60000);
    int64_t low = row->min > 1 ? row->min : 1;
    int64_t span = row->max - low;

    if (time || time_ms) {
        int64_t minutes = CODEC_TIME_MIN + 60 * (int64_t)filler->counter;
        return time ? minutes : minutes * 60000;
    }
    return low + (span >= INT32_MAX ? filler->counter : filler->counter % (span + 1));
}

static void fill_value(struct filler *filler, const struct codec_shape *shape,
                       size_t row_index, void *to)
{
    const struct codec_row *row = &shape->rows[row_index];

    filler->counter++;
    switch (row->kind) {
    case KIND_TEXT:
        *(const char **)to = new_text(filler, shape);
        break;
    case KIND_BYTES: {
        size_t size = row->min == row->max ? (size_t)row->max : 16;
        uint8_t *id = arena_alloc(filler->arena, size);
        memcpy(id, &filler->counter, sizeof(filler->counter));
        *(struct entente_bytes *)to = (struct entente_bytes){.data = id, .size = size};
        break;
    }
    case KIND_ENUM: {
        const ProtobufCEnumDescriptor *values = shape->fields[row_index]->descriptor;
        *(uint32_t *)to =
            (uint32_t)values->values[filler->counter % values->n_values].value;
        break;
    }
    case KIND_BITS:
        *(uint32_t *)to = (uint32_t)row->max;
        break;
    case KIND_UINT32:
        *(uint32_t *)to = (uint32_t)new_number(filler, row);
        break;
    case KIND_UINT64:
        *(uint64_t *)to = (uint64_t)new_number(filler, row);
        break;
    case KIND_INT32:
        *(int32_t *)to = (int32_t)new_number(filler, row);
        break;
    case KIND_INT64:
        *(int64_t *)to = new_number(filler, row);
        break;
    case KIND_BOOL:
        *(bool *)to = true;
        break;
    case KIND_MESSAGE:
        assert(false);
        break;
    }
}

/* The depth is that of the tables, which codec_table_bind() has checked. */
static void fill_struct(struct filler *filler, const struct codec_shape *shape,
                        unsigned char *plain);

static void fill_row(struct filler *filler, const struct codec_shape *shape,
                     unsigned char *plain, size_t index)
{
    const struct codec_row *row = &shape->rows[index];
    size_t size = codec_table_plain_size(row);
    size_t count = row->count_offset != 0 ? FILLER_ELEMENTS : 1;

    if (row->count_offset == 0 && row->kind != KIND_MESSAGE) {
        fill_value(filler, shape, index, plain + row->offset);
        return;
    }
    unsigned char *array = arena_array(filler->arena, count, size);
    for (size_t i = 0; i < count; i++) {
        if (row->kind == KIND_MESSAGE) {
            fill_struct(filler, row->shape, array + i * size);
        } else {
            fill_value(filler, shape, index, array + i * size);
        }
    }
    memcpy(plain + row->offset, &array, sizeof(array));
    if (row->count_offset != 0) {
        memcpy(plain + row->count_offset, &count, sizeof(count));
    }
}

/* Members who share their system are the same said in two ways. */
static void fold_members(struct entente_party *party)
{
    static const char system[] = "urn:test:pool";

    party->member_system = system;
    for (size_t i = 0; i < party->members_count; i++) {
        party->members[i].system = system;
        party->members[i].value = party->member_values[i];
    }
}

static void fill_struct(struct filler *filler, const struct codec_shape *shape,
                        unsigned char *plain)
{
    for (size_t i = 0; i < shape->row_count; i++) {
        fill_row(filler, shape, plain, i);
    }
    if (shape == &codec_shape_party) {
        fold_members((struct entente_party *)(void *)plain);
    }
}

void *filler_fill(struct filler *filler, const struct codec_shape *shape)
{
    codec_table_bind();
    unsigned char *plain = arena_alloc(filler->arena, shape->size);
    fill_struct(filler, shape, plain);
    return plain;
}

/* Make a full request one that may be sent. */
static void fit_spec(struct entente_spec *spec)
{
    static const char zone[] = "Europe/Paris";
    struct entente_party *patient = &spec->parties[1];

    spec->zone = zone;
    spec->picked = NULL;
    spec->picked_count = 0;
    spec->duration_minutes = 60;
    spec->grid_minutes = 20;
    for (size_t i = 0; i < spec->times_of_day_count; i++) {
        spec->times_of_day[i] = (struct entente_interval){60, 1440};
    }
    for (size_t i = 0; i < spec->options_count; i++) {
        spec->options[i].place = spec->places[0].key;
    }
    spec->place = spec->places[1].key;
    spec->patient_presence = ENTENTE_HARD;
    for (size_t i = 0; i < spec->parties_count; i++) {
        struct entente_party *party = &spec->parties[i];
        *party = (struct entente_party){
            .kind = ENTENTE_PROFESSIONAL,
            .importance = ENTENTE_INDISPENSABLE,
            .identifier = party->identifier,
            .structure = party->structure,
            .name = party->name,
            .modality = party->modality,
            .place = spec->places[0].key,
            .contact = party->contact,
            .buffer_before_minutes = party->buffer_before_minutes,
            .buffer_after_minutes = party->buffer_after_minutes,
            .ask_if_unknown = true,
        };
    }
    patient->kind = ENTENTE_PATIENT;
    spec->subject = patient->identifier;
    spec->patient_silence = ENTENTE_SILENCE_DECLINES;
    for (size_t i = 0; i < spec->reminders_count; i++) {
        spec->reminders[i] = (uint32_t)i + 1;
    }
}

/* Who comes instead is a professional; the broker has nothing to say of them yet. */
static void fit_substitute(struct entente_party *party)
{
    *party = (struct entente_party){
        .kind = ENTENTE_PROFESSIONAL,
        .identifier = party->identifier,
        .structure = party->structure,
        .name = party->name,
        .modality = party->modality,
        .answer_minutes = party->answer_minutes,
        .silence = party->silence,
    };
}

static void fit_request(struct entente_request *request)
{
    fit_spec(request->spec);
    for (size_t i = 0; i < request->sequence_count; i++) {
        fit_spec(request->sequence[i].spec);
    }
}

static void fit_answer(struct entente_answer *answer)
{
    answer->kind = ENTENTE_DELEGATE;
    answer->counter_start = 0;
    answer->ranges_count = 0;
    answer->grades_count = 0;
    fit_substitute(answer->substitute);
}

static void fit_decide(struct entente_decide *decide)
{
    decide->decision = ENTENTE_MOVE;
    decide->start = 0;
    decide->party = NULL;
    decide->search_until_ms = 0;
    decide->substitute = NULL;
    decide->picked_count = 0;
}

static void fit_preview(struct entente_preview *preview)
{
    preview->answer = NULL;
    preview->cancel = NULL;
    preview->request = NULL;
    fit_decide(preview->decide);
}

static void fit_body(struct entente_envelope *envelope)
{
    struct entente_publish *publish = envelope->publish;

    if (envelope->body == ENTENTE_PUBLISH) {
        publish->publication = ENTENTE_SNAPSHOT;
        publish->part = 2;
        publish->parts = 3;
        publish->coverage->end = publish->ranges[publish->ranges_count - 1].end;
    } else if (envelope->body == ENTENTE_SEARCH) {
        fit_spec(envelope->search->spec);
    } else if (envelope->body == ENTENTE_WHO_IS_FREE) {
        envelope->who_is_free->people->kind = ENTENTE_POOL;
        envelope->who_is_free->people->ask_if_unknown = false;
        envelope->who_is_free->mine = false;
    } else if (envelope->body == ENTENTE_REQUEST) {
        fit_request(envelope->request);
    } else if (envelope->body == ENTENTE_ANSWER) {
        fit_answer(envelope->answer);
    } else if (envelope->body == ENTENTE_DECIDE) {
        fit_decide(envelope->decide);
    } else if (envelope->body == ENTENTE_PREVIEW) {
        fit_preview(envelope->preview);
    } else if (envelope->body == ENTENTE_RECONCILE) {
        envelope->reconcile->digest = (struct entente_bytes){0};
        envelope->reconcile->after = (struct entente_bytes){0};
    } else if (envelope->body == ENTENTE_HELLO) {
        envelope->hello->version_min = 1;
    }
}

struct entente_envelope *filler_envelope(struct filler *filler, uint32_t tag)
{
    codec_table_bind();
    const struct codec_body *body = codec_table_body(tag);
    struct entente_envelope *envelope = arena_alloc(filler->arena, sizeof(*envelope));
    void *plain =
        filler_fill(filler, codec_table_row(&codec_shape_envelope, tag)->shape);

    envelope->version = 1;
    envelope->request_epoch = body->numbered ? 7 : 0;
    envelope->request_counter = body->numbered ? 8 : 0;
    envelope->body = (enum entente_body)tag;
    envelope->hello = plain;
    fit_body(envelope);
    return envelope;
}

static bool same_value(const struct codec_row *row, const void *a, const void *b)
{
    if (row->kind == KIND_TEXT) {
        const char *one = *(const char *const *)a;
        const char *other = *(const char *const *)b;
        return one == other ||
               (one != NULL && other != NULL && strcmp(one, other) == 0);
    }
    if (row->kind == KIND_BYTES) {
        const struct entente_bytes *one = a;
        const struct entente_bytes *other = b;
        return one->size == other->size &&
               (one->size == 0 || memcmp(one->data, other->data, one->size) == 0);
    }
    return memcmp(a, b, codec_table_plain_size(row)) == 0;
}

static const char *row_difference(const struct codec_row *row, const unsigned char *a,
                                  const unsigned char *b)
{
    size_t count[2] = {1, 1};
    const unsigned char *array[2] = {NULL, NULL};
    size_t size = codec_table_plain_size(row);

    if (row->count_offset == 0 && row->kind != KIND_MESSAGE) {
        return same_value(row, a + row->offset, b + row->offset) ? NULL : row->name;
    }
    memcpy(&array[0], a + row->offset, sizeof(array[0]));
    memcpy(&array[1], b + row->offset, sizeof(array[1]));
    if (row->count_offset != 0) {
        memcpy(&count[0], a + row->count_offset, sizeof(count[0]));
        memcpy(&count[1], b + row->count_offset, sizeof(count[1]));
    } else {
        count[0] = array[0] != NULL ? 1 : 0;
        count[1] = array[1] != NULL ? 1 : 0;
    }
    if (count[0] != count[1]) {
        return row->name;
    }
    for (size_t i = 0; i < count[0]; i++) {
        const unsigned char *one = array[0] + i * size;
        const unsigned char *other = array[1] + i * size;
        if (row->kind == KIND_MESSAGE) {
            const char *name = filler_difference(row->shape, one, other);
            if (name != NULL) {
                return name;
            }
        } else if (!same_value(row, one, other)) {
            return row->name;
        }
    }
    return NULL;
}

const char *filler_difference(const struct codec_shape *shape, const void *a,
                              const void *b)
{
    for (size_t i = 0; i < shape->row_count; i++) {
        const char *name = row_difference(&shape->rows[i], a, b);
        if (name != NULL) {
            return name;
        }
    }
    return NULL;
}

size_t filler_shapes(const struct codec_shape *ret_shapes[FILLER_SHAPES_MAX])
{
    size_t count = 0;

    codec_table_bind();
    ret_shapes[count++] = &codec_shape_envelope;
    ret_shapes[count++] = &codec_shape_stored_meeting;
    ret_shapes[count++] = &codec_shape_stored_ranges;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < ret_shapes[i]->row_count; j++) {
            const struct codec_shape *inner = ret_shapes[i]->rows[j].shape;
            bool listed = inner == NULL;
            for (size_t k = 0; k < count && !listed; k++) {
                listed = ret_shapes[k] == inner;
            }
            if (!listed) {
                assert(count < FILLER_SHAPES_MAX);
                ret_shapes[count++] = inner;
            }
        }
    }
    return count;
}

size_t filler_tags(uint32_t ret_tags[64])
{
    size_t count = 0;

    for (uint32_t tag = 10; tag < 200; tag++) {
        if (codec_table_body(tag) != NULL) {
            assert(count < 64);
            ret_tags[count++] = tag;
        }
    }
    return count;
}
