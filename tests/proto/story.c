// SPDX-License-Identifier: Apache-2.0

#include "tests/proto/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_BYTES = 8 << 20 };

static char person_names[66][8];
static const struct entente_bytes meeting_id = {(const uint8_t *)"0123456789abcdef",
                                                16};

int story_set_up(void **state)
{
    static struct story story;

    story = (struct story){0};
    arena_init(&story.arena, ARENA_BYTES);
    for (size_t i = 0; i < 66; i++) {
        person_names[i][0] = (char)('A' + (int)(i / 26));
        person_names[i][1] = (char)('a' + (int)(i % 26));
        story.people[i] = (struct entente_identifier){"urn:test", person_names[i]};
        story.parties[i] = (struct entente_party){.kind = ENTENTE_PROFESSIONAL,
                                                  .identifier = &story.people[i]};
    }
    story.windows[0] = (struct entente_span){MONDAY, MONDAY + 600};
    story.actor = (struct entente_actor){.who = &story.people[0],
                                         .channel = ENTENTE_OWN_SOFTWARE};
    story.spec = (struct entente_spec){.duration_minutes = 60,
                                       .windows = story.windows,
                                       .windows_count = 1,
                                       .parties = story.parties,
                                       .parties_count = 3};
    story.request =
        (struct entente_request){.spec = &story.spec, .actor = &story.actor};
    story.search = (struct entente_search){.spec = &story.spec, .slots = 3};
    story.coverage = (struct entente_span){MONDAY, MONDAY + 1440};
    for (int32_t i = 0; i < 4; i++) {
        story.ranges[i] = (struct entente_range){.start = MONDAY + 100 * i,
                                                 .end = MONDAY + 100 * i + 50,
                                                 .kind = ENTENTE_FREE};
    }
    story.publish = (struct entente_publish){.source = "agenda",
                                             .person = &story.people[0],
                                             .publication = ENTENTE_SNAPSHOT,
                                             .epoch = 1,
                                             .sequence = 1,
                                             .coverage = &story.coverage,
                                             .as_of_ms = MONDAY * INT64_C(60000),
                                             .lease_seconds = 60,
                                             .ranges = story.ranges,
                                             .ranges_count = 4};
    story.answer = (struct entente_answer){.meeting = meeting_id,
                                           .proposal = 1,
                                           .party = &story.people[0],
                                           .kind = ENTENTE_ACCEPT,
                                           .actor = &story.actor};
    story.decide = (struct entente_decide){.meeting = meeting_id,
                                           .version = 1,
                                           .decision = ENTENTE_PROPOSE_SLOT,
                                           .start = MONDAY,
                                           .actor = &story.actor};
    *state = &story;
    return 0;
}

int story_tear_down(void **state)
{
    struct story *story = *state;
    arena_finish(&story->arena);
    return 0;
}

struct codec_error story_say(struct story *story, enum entente_body tag, void *body,
                             struct entente_envelope **ret_envelope)
{
    struct entente_envelope envelope = {
        .request_epoch = 3, .request_counter = 4, .body = tag, .hello = body};
    struct entente_envelope *decoded = NULL;
    struct entente_bytes frame = {0};
    struct codec_error error = {0};
    struct codec_notes notes;

    if (!codec_table_body(tag)->numbered) {
        envelope.request_epoch = 0;
        envelope.request_counter = 0;
    }
    assert_true(codec_encode(&envelope, &story->arena, &frame));
    bool ok = codec_decode(frame.data, frame.size, codec_body_side(tag), &story->arena,
                           &decoded, &error, &notes);
    assert_int_equal(ok, error.code == ERROR_NONE);
    assert_int_equal(notes.request_counter, envelope.request_counter);
    if (ok && ret_envelope != NULL) {
        *ret_envelope = decoded;
    }
    return error;
}

void story_expect(struct codec_error error, unsigned code, const char *first,
                  const char *second)
{
    char sentence[400];

    if (error.code != code) {
        fail_msg("%s instead of %s", error_name(error.code), error_name(code));
    }
    if (first != NULL) {
        assert_string_equal(error.parameters[0], first);
    }
    if (second != NULL) {
        assert_string_equal(error.parameters[1], second);
    }
    error_sentence(error.code, NULL, error.parameters, error.parameter_count, sentence,
                   sizeof(sentence));
    assert_null(strchr(sentence, '?'));
    assert_null(strchr(sentence, '{'));
}
