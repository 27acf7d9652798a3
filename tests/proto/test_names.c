// SPDX-License-Identifier: Apache-2.0

/*
 * test_names.c - message.h and the .proto files use the same words for the same numbers
 */
#include "proto/codec_table.h"
#include "tests/proto/filler.h"

#include "inquiry.pb-c.h"
#include "negotiation.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct value {
    const char *name;
    int number;
};

struct enumeration {
    const ProtobufCEnumDescriptor *descriptor;
    const struct value *values;
    size_t count;
};

static const struct value absence_values[] = {
    {"IS_BUSY", ENTENTE_IS_BUSY},         {"IS_UNKNOWN", ENTENTE_IS_UNKNOWN},
    {"NOT_OFFERED", ENTENTE_NOT_OFFERED}, {"HAS_DECLINED", ENTENTE_HAS_DECLINED},
    {"TOO_FAR", ENTENTE_TOO_FAR},
};

static const struct value answer_kind_values[] = {
    {"ACCEPT", ENTENTE_ACCEPT},
    {"DECLINE", ENTENTE_DECLINE},
    {"SHIFT", ENTENTE_SHIFT},
    {"DELEGATE", ENTENTE_DELEGATE},
};

static const struct value certainty_values[] = {
    {"DECLARED", ENTENTE_DECLARED},
    {"INFERRED", ENTENTE_INFERRED},
    {"TYPICAL", ENTENTE_TYPICAL},
};

static const struct value channel_values[] = {
    {"OWN_SOFTWARE", ENTENTE_OWN_SOFTWARE}, {"SECRETARY", ENTENTE_SECRETARY},
    {"TELEPHONE", ENTENTE_TELEPHONE},       {"MAIL_LINK", ENTENTE_MAIL_LINK},
    {"CONSOLE", ENTENTE_CONSOLE},           {"COMMAND_LINE", ENTENTE_COMMAND_LINE},
};

static const struct value decision_values[] = {
    {"PROPOSE_SLOT", ENTENTE_PROPOSE_SLOT},
    {"WITHOUT_PARTY", ENTENTE_WITHOUT_PARTY},
    {"SEARCH_ON", ENTENTE_SEARCH_ON},
    {"CONFIRM", ENTENTE_CONFIRM},
    {"MOVE", ENTENTE_MOVE},
    {"REPLACE_PARTY", ENTENTE_REPLACE_PARTY},
};

static const struct value divergence_kind_values[] = {
    {"EVENT_REFUSED", ENTENTE_EVENT_REFUSED},
    {"EVENT_DELETED", ENTENTE_EVENT_DELETED},
    {"FOREIGN_BUSY", ENTENTE_FOREIGN_BUSY},
    {"NEW_TIME_BUSY", ENTENTE_NEW_TIME_BUSY},
};

static const struct value grade_values[] = {
    {"GRADE_YES", ENTENTE_GRADE_YES},
    {"GRADE_IF_NEED_BE", ENTENTE_GRADE_IF_NEED_BE},
    {"GRADE_NO", ENTENTE_GRADE_NO},
};

static const struct value owner_decision_values[] = {
    {"OWNER_KEEPS", ENTENTE_OWNER_KEEPS},
    {"OWNER_MOVES", ENTENTE_OWNER_MOVES},
    {"OWNER_ERROR", ENTENTE_OWNER_ERROR},
};

static const struct value priority_values[] = {
    {"ROUTINE", ENTENTE_ROUTINE},
    {"SOON", ENTENTE_SOON},
    {"PRESSING", ENTENTE_PRESSING},
};

static const struct value replay_values[] = {
    {"REPLAYED_ALIKE", ENTENTE_REPLAYED_ALIKE},
    {"REPLAYED_OTHERWISE", ENTENTE_REPLAYED_OTHERWISE},
    {"NOT_REPLAYED", ENTENTE_NOT_REPLAYED},
    {"NOT_KEPT", ENTENTE_NOT_KEPT},
    {"OTHER_RULES", ENTENTE_OTHER_RULES},
    {"EVIDENCE_ALTERED", ENTENTE_EVIDENCE_ALTERED},
};

static const struct value silence_values[] = {
    {"SILENCE_EXPIRES", ENTENTE_SILENCE_EXPIRES},
    {"SILENCE_DECLINES", ENTENTE_SILENCE_DECLINES},
    {"SILENCE_ACCEPTS", ENTENTE_SILENCE_ACCEPTS},
    {"SILENCE_SUBSTITUTES", ENTENTE_SILENCE_SUBSTITUTES},
    {"SILENCE_ORGANIZER", ENTENTE_SILENCE_ORGANIZER},
};

static const struct value withdrawal_values[] = {
    {"REOPEN", ENTENTE_REOPEN},
    {"CANCELS", ENTENTE_CANCELS},
};

static const struct value importance_values[] = {
    {"INDISPENSABLE", ENTENTE_INDISPENSABLE},
    {"OPTIONAL", ENTENTE_OPTIONAL},
};

static const struct value modality_values[] = {
    {"ON_SITE", ENTENTE_ON_SITE},
    {"VIDEO", ENTENTE_VIDEO},
    {"PHONE", ENTENTE_PHONE},
    {"AT_HOME", ENTENTE_AT_HOME},
};

static const struct value nature_values[] = {
    {"SYNTHESIS", ENTENTE_SYNTHESIS},
    {"CARE_TEAM", ENTENTE_CARE_TEAM},
    {"RCP", ENTENTE_RCP},
    {"DISCHARGE", ENTENTE_DISCHARGE},
    {"SCHOOLING", ENTENTE_SCHOOLING},
    {"HOME_VISIT", ENTENTE_HOME_VISIT},
    {"OTHER_NATURE", ENTENTE_OTHER_NATURE},
};

static const struct value party_kind_values[] = {
    {"PROFESSIONAL", ENTENTE_PROFESSIONAL},
    {"POOL", ENTENTE_POOL},
    {"PATIENT", ENTENTE_PATIENT},
    {"REPRESENTATIVE", ENTENTE_REPRESENTATIVE},
    {"GUEST", ENTENTE_GUEST},
    {"RESOURCE", ENTENTE_RESOURCE},
};

static const struct value preference_values[] = {
    {"NEUTRAL", ENTENTE_NEUTRAL},
    {"PREFERRED", ENTENTE_PREFERRED},
    {"AVOID", ENTENTE_AVOID},
};

static const struct value presence_values[] = {
    {"ABSENT", ENTENTE_ABSENT},
    {"SOFT", ENTENTE_SOFT},
    {"HARD", ENTENTE_HARD},
};

static const struct value publication_values[] = {
    {"SNAPSHOT", ENTENTE_SNAPSHOT},
    {"DELTA", ENTENTE_DELTA},
};

static const struct value range_kind_values[] = {
    {"FREE", ENTENTE_FREE},
    {"BUSY", ENTENTE_BUSY},
    {"TENTATIVE", ENTENTE_TENTATIVE},
};

static const struct value reason_code_values[] = {
    {"NOT_AVAILABLE", ENTENTE_NOT_AVAILABLE},
    {"NOT_CONCERNED", ENTENTE_NOT_CONCERNED},
    {"ON_LEAVE", ENTENTE_ON_LEAVE},
    {"ILL", ENTENTE_ILL},
    {"HOSPITALIZED", ENTENTE_HOSPITALIZED},
    {"TRANSPORT", ENTENTE_TRANSPORT},
    {"NO_LONGER_NEEDED", ENTENTE_NO_LONGER_NEEDED},
    {"CONFLICT_IN_AGENDA", ENTENTE_CONFLICT_IN_AGENDA},
    {"NOT_SUPPORTED", ENTENTE_NOT_SUPPORTED},
    {"OTHER_REASON", ENTENTE_OTHER_REASON},
};

static const struct value relaxation_kind_values[] = {
    {"OTHER_OPTION", ENTENTE_OTHER_OPTION},
    {"SHORTER", ENTENTE_SHORTER},
    {"WIDER", ENTENTE_WIDER},
    {"WITHOUT_ONE", ENTENTE_WITHOUT_ONE},
    {"SMALLER_POOL", ENTENTE_SMALLER_POOL},
    {"SMALLER_QUORUM", ENTENTE_SMALLER_QUORUM},
};

static const struct value step_values[] = {
    {"WEEKLY", ENTENTE_WEEKLY},
    {"FORTNIGHTLY", ENTENTE_FORTNIGHTLY},
    {"MONTHLY", ENTENTE_MONTHLY},
};

static const struct value tentative_values[] = {
    {"TENTATIVE_EXCLUDED", ENTENTE_TENTATIVE_EXCLUDED},
    {"TENTATIVE_SOFT", ENTENTE_TENTATIVE_SOFT},
};

static const struct value result_kind_values[] = {
    {"APPLIED", ENTENTE_APPLIED},
    {"REFUSED", ENTENTE_REFUSED},
    {"UNKNOWN_RESULT", ENTENTE_UNKNOWN_RESULT},
    {"DELETED_RESULT", ENTENTE_DELETED_RESULT},
};

static const struct value rule_values[] = {
    {"EVERY_PROFESSIONAL", ENTENTE_EVERY_PROFESSIONAL},
    {"ALL_INDISPENSABLE", ENTENTE_ALL_INDISPENSABLE},
    {"QUORUM", ENTENTE_QUORUM},
    {"ORGANIZER_DECIDES", ENTENTE_ORGANIZER_DECIDES},
};

static const struct value state_values[] = {
    {"SEARCHING", ENTENTE_SEARCHING},
    {"PROPOSED", ENTENTE_PROPOSED},
    {"CONFIRMED", ENTENTE_CONFIRMED},
    {"MOVING", ENTENTE_MOVING},
    {"WAITING_ORGANIZER", ENTENTE_WAITING_ORGANIZER},
    {"CANCELLED", ENTENTE_CANCELLED},
    {"EXPIRED", ENTENTE_EXPIRED},
    {"DONE", ENTENTE_DONE},
};

#define ENUMERATION(noun)                                                              \
    {                                                                                  \
        &entente__##noun##__descriptor, noun##_values,                                 \
            sizeof(noun##_values) / sizeof(noun##_values[0])                           \
    }

static const struct enumeration enumerations[] = {
    ENUMERATION(absence),    ENUMERATION(answer_kind),    ENUMERATION(certainty),
    ENUMERATION(channel),    ENUMERATION(decision),       ENUMERATION(importance),
    ENUMERATION(modality),   ENUMERATION(nature),         ENUMERATION(party_kind),
    ENUMERATION(preference), ENUMERATION(presence),       ENUMERATION(publication),
    ENUMERATION(range_kind), ENUMERATION(reason_code),    ENUMERATION(result_kind),
    ENUMERATION(rule),       ENUMERATION(state),          ENUMERATION(relaxation_kind),
    ENUMERATION(step),       ENUMERATION(tentative),      ENUMERATION(divergence_kind),
    ENUMERATION(grade),      ENUMERATION(owner_decision), ENUMERATION(priority),
    ENUMERATION(replay),     ENUMERATION(silence),        ENUMERATION(withdrawal),
};

enum { ENUMERATIONS = sizeof(enumerations) / sizeof(enumerations[0]) };

static void values_have_the_same_names_and_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENUMERATIONS; i++) {
        const struct enumeration *enumeration = &enumerations[i];
        assert_int_equal(enumeration->descriptor->n_values, enumeration->count);
        for (size_t j = 0; j < enumeration->count; j++) {
            const ProtobufCEnumValue *value =
                protobuf_c_enum_descriptor_get_value_by_name(
                    enumeration->descriptor, enumeration->values[j].name);
            assert_non_null(value);
            assert_int_equal(value->value, enumeration->values[j].number);
        }
    }
}

/* No enumeration of the wire was forgotten above. */
static void every_enumeration_is_compared(void **state)
{
    const struct codec_shape *shapes[FILLER_SHAPES_MAX];
    size_t count = filler_shapes(shapes);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < shapes[i]->row_count; j++) {
            bool found = shapes[i]->rows[j].kind != KIND_ENUM;
            for (size_t k = 0; k < ENUMERATIONS && !found; k++) {
                found = shapes[i]->fields[j]->descriptor == enumerations[k].descriptor;
            }
            assert_true(found);
        }
    }
}

static void bodies_have_the_tags_of_their_fields(void **state)
{
    const ProtobufCMessageDescriptor *envelope = codec_shape_envelope.descriptor;
    size_t bodies = 0;

    (void)state;
    codec_table_bind();
    for (unsigned i = 0; i < envelope->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &envelope->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
            continue;
        }
        assert_string_equal(codec_body_name(field->id), field->name);
        assert_int_equal(codec_body_side(field->id),
                         field->id < 50 ? CODEC_CLIENT : CODEC_BROKER);
        bodies++;
    }
    assert_int_equal(bodies, 35);
    assert_string_equal(codec_body_name(99), "message");
    assert_int_equal(codec_body_side(99), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_the_same_names_and_numbers),
        cmocka_unit_test(every_enumeration_is_compared),
        cmocka_unit_test(bodies_have_the_tags_of_their_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
