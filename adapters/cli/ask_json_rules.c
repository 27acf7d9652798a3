// SPDX-License-Identifier: Apache-2.0

/*
 * ask_json_rules.c - how it is agreed, as JSON: the codes of the options in a document
 */
#include "adapters/cli/ask_private.h"

#include "adapters/cli/match_place.h"
#include "proto/limits.h"

/* A code of terms.def; absent leaves *ret alone. */
static bool read_code(const struct match_reader *reader, const struct match_place *up,
                      const char *key, enum term_kind kind, uint32_t *ret)
{
    const char *text = NULL;
    struct match_place place = match_place_child(up, key);
    if (place.value == NULL) {
        return true;
    }
    if (!match_place_text(reader, &place, LIMIT_NAME_BYTES, &text)) {
        return false;
    }
    return term_parse(kind, text, ret) ||
           match_place_refuse(reader, &place, MATCH_ERROR_UNKNOWN_VALUE,
                              "\"%s\" is not known here; see entente request --help.",
                              match_quote(text).text);
}

static bool read_number(const struct match_reader *reader, const struct match_place *up,
                        const char *key, int32_t most, uint32_t *ret)
{
    int32_t number = 0;
    if (!match_place_number(reader, up, key, 1, most, &number)) {
        return false;
    }
    *ret = number != 0 ? (uint32_t)number : *ret;
    return true;
}

static bool read_reminders(struct link *link, const struct match_reader *reader,
                           const struct match_place *root, struct entente_spec *spec)
{
    size_t count = 0;
    struct match_place list = match_place_child(root, "reminders");
    if (!match_place_array(reader, &list, LIMIT_REMINDERS, MATCH_ERROR_OUT_OF_BOUNDS,
                           &count)) {
        return false;
    }
    spec->reminders = arena_array(&link->arena, count, sizeof(*spec->reminders));
    for (size_t i = 0; spec->reminders != NULL && i < count; i++) {
        struct match_place item = match_place_item(&list, i);
        json_int_t minutes = json_integer_value(item.value);
        if (!json_is_integer(item.value) || minutes < 0 ||
            minutes > LIMIT_NOTICE_MINUTES) {
            return match_place_refuse(
                reader, &item, MATCH_ERROR_OUT_OF_BOUNDS,
                "A reminder is a number of minutes, from 0 (none) to "
                "%d, before the answer is due.",
                (int)LIMIT_NOTICE_MINUTES);
        }
        spec->reminders[i] = (uint32_t)minutes;
    }
    spec->reminders_count = count;
    return spec->reminders != NULL;
}

bool ask_json_rules(struct link *link, const struct match_reader *reader,
                    const struct match_place *root, struct entente_spec *spec)
{
    return read_code(reader, root, "rule", TERM_RULE, &spec->rule) &&
           read_code(reader, root, "silence", TERM_SILENCE, &spec->silence) &&
           read_code(reader, root, "patient_silence", TERM_SILENCE,
                     &spec->patient_silence) &&
           read_code(reader, root, "priority", TERM_PRIORITY, &spec->priority) &&
           read_code(reader, root, "on_withdrawal", TERM_WITHDRAWAL,
                     &spec->on_withdrawal) &&
           read_number(reader, root, "held_slots", LIMIT_HELD_SLOTS,
                       &spec->held_slots) &&
           read_number(reader, root, "answer_minutes", LIMIT_NOTICE_MINUTES,
                       &spec->answer_minutes) &&
           match_place_flag(reader, root, "patient_must_accept",
                            &spec->patient_must_accept) &&
           read_reminders(link, reader, root, spec);
}

bool ask_json_party_rules(const struct match_reader *reader,
                          const struct match_place *place, struct entente_party *party)
{
    return read_code(reader, place, "silence", TERM_SILENCE, &party->silence) &&
           read_number(reader, place, "answer_minutes", LIMIT_NOTICE_MINUTES,
                       &party->answer_minutes);
}
