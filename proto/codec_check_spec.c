// SPDX-License-Identifier: Apache-2.0

/*
 * codec_check_spec.c - the rules of what is asked for, as far as they need no agenda
 */
#include "proto/codec_check.h"

#include "proto/limits.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTES_PER_DAY = 1440, PATH_BYTES = 128 };

/* What is being checked, and where a refusal goes. */
struct check {
    struct entente_spec *spec;
    const char *body;
    struct arena *arena;
    struct codec_error *error;
};

/* "request.spec." and what @format makes. */
static const char *path_of(const struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *path_of(const struct check *check, const char *format, ...)
{
    char text[PATH_BYTES];
    va_list list;
    int filled = snprintf(text, sizeof(text), "%s.spec.", check->body);

    va_start(list, format);
    vsnprintf(text + filled, sizeof(text) - (size_t)filled, format, list);
    va_end(list);
    const char *copy = arena_text(check->arena, text);
    return copy != NULL ? copy : "?";
}

static bool refuse_missing(const struct check *check, const char *path)
{
    return codec_refuse(check->error, ERROR_FIELD_MISSING, path, NULL);
}

static bool refuse_conflict(const struct check *check, const char *one,
                            const char *other, const char *why)
{
    return codec_refuse(check->error, ERROR_FIELD_CONFLICT, one, other, why, NULL);
}

static bool same_identifier(const struct entente_identifier *a,
                            const struct entente_identifier *b)
{
    return a != NULL && b != NULL && strcmp(a->system, b->system) == 0 &&
           strcmp(a->value, b->value) == 0;
}

/* The first and the last of the times asked for must lie within the limit. */
static bool check_total(const struct check *check)
{
    const struct entente_spec *spec = check->spec;
    bool picked = spec->picked_count > 0;
    size_t count = picked ? spec->picked_count : spec->windows_count;
    const char *field = picked ? "picked" : "windows";
    size_t first = 0;
    size_t last = 0;

    for (size_t i = 0; i < count; i++) {
        int32_t start = picked ? spec->picked[i] : spec->windows[i].start;
        int32_t end = picked ? spec->picked[i] : spec->windows[i].end;
        int32_t earliest = picked ? spec->picked[first] : spec->windows[first].start;
        int32_t latest = picked ? spec->picked[last] : spec->windows[last].end;
        first = start < earliest ? i : first;
        last = end > latest ? i : last;
    }
    int64_t from = picked ? spec->picked[first] : spec->windows[first].start;
    int64_t until = picked ? spec->picked[last] : spec->windows[last].end;
    if (until - from > (int64_t)LIMIT_RANGE_DAYS * MINUTES_PER_DAY) {
        return refuse_conflict(check, path_of(check, "%s[%zu]", field, first),
                               path_of(check, "%s[%zu]", field, last),
                               "together they span more than 400 days");
    }
    return true;
}

static bool check_windows(const struct check *check)
{
    const struct entente_spec *spec = check->spec;
    bool fits = spec->picked_count > 0;

    if (spec->windows_count == 0 && spec->picked_count == 0) {
        return refuse_missing(check, path_of(check, "windows"));
    }
    if (spec->windows_count > 0 && spec->picked_count > 0) {
        return refuse_conflict(check, path_of(check, "windows"),
                               path_of(check, "picked"),
                               "slots are searched in windows or picked, not both");
    }
    for (size_t i = 0; i < spec->windows_count; i++) {
        int64_t minutes = (int64_t)spec->windows[i].end - spec->windows[i].start;
        fits = fits || minutes >= (int64_t)spec->duration_minutes;
    }
    if (!fits) {
        return codec_refuse(check->error, ERROR_WINDOW_TOO_SHORT,
                            path_of(check, "windows"), NULL);
    }
    return check_total(check);
}

/* Only what a name looks like: whether it is known is for proto/zone.c. */
static bool check_zone(const struct check *check)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_+-/";
    const char *zone = check->spec->zone;

    if (zone == NULL || (zone[strspn(zone, allowed)] == '\0' && zone[0] != '/')) {
        return true;
    }
    return codec_refuse(check->error, ERROR_BAD_ZONE, zone, NULL);
}

/* The starts of each day are counted from midnight. */
static bool check_grid(const struct check *check)
{
    uint32_t grid = check->spec->grid_minutes;

    return grid == 0 || MINUTES_PER_DAY % grid == 0 ||
           codec_refuse(check->error, ERROR_GRID_UNEVEN, path_of(check, "grid_minutes"),
                        codec_unsigned_text(grid, check->arena), NULL);
}

/* Fields that say something about another one need it. */
static bool check_companions(const struct check *check)
{
    const struct entente_spec *spec = check->spec;

    if (spec->holiday_region != NULL && !spec->without_public_holidays) {
        return refuse_conflict(check, path_of(check, "holiday_region"),
                               path_of(check, "without_public_holidays"),
                               "public holidays are not left out");
    }
    if (spec->step != 0 && spec->occurrences < 2) {
        return refuse_conflict(check, path_of(check, "step"),
                               path_of(check, "occurrences"),
                               "a meeting that takes place once has no step");
    }
    return true;
}

static bool check_times_of_day(const struct check *check)
{
    const struct entente_spec *spec = check->spec;

    for (size_t i = 0; i < spec->times_of_day_count; i++) {
        uint32_t from = spec->times_of_day[i].from_minutes;
        uint32_t until = spec->times_of_day[i].until_minutes;
        if (from >= until) {
            return codec_refuse(
                check->error, from == until ? ERROR_RANGE_EMPTY : ERROR_RANGE_REVERSED,
                path_of(check, "times_of_day"), codec_unsigned_text(i, check->arena),
                NULL);
        }
    }
    return true;
}

static bool is_place(const struct entente_spec *spec, const char *key)
{
    for (size_t i = 0; i < spec->places_count; i++) {
        if (strcmp(spec->places[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

static bool check_place_key(const struct check *check, const char *key,
                            const char *path)
{
    return key == NULL || is_place(check->spec, key) ||
           refuse_conflict(check, path, path_of(check, "places"),
                           "no place has this key");
}

static bool check_places(const struct check *check)
{
    const struct entente_spec *spec = check->spec;

    for (size_t i = 0; i < spec->places_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(spec->places[i].key, spec->places[j].key) == 0) {
                return refuse_conflict(check, path_of(check, "places[%zu].key", j),
                                       path_of(check, "places[%zu].key", i),
                                       "two places have the same key");
            }
        }
    }
    for (size_t i = 0; i < spec->options_count; i++) {
        if (!check_place_key(check, spec->options[i].place,
                             path_of(check, "options[%zu].place", i))) {
            return false;
        }
    }
    return check_place_key(check, spec->place, path_of(check, "place"));
}

static bool check_legs(const struct check *check)
{
    const struct entente_spec *spec = check->spec;

    for (size_t i = 0; i < spec->legs_count; i++) {
        const struct entente_leg *leg = &spec->legs[i];
        if (strcmp(leg->from, leg->to) == 0) {
            return refuse_conflict(check, path_of(check, "legs[%zu].from", i),
                                   path_of(check, "legs[%zu].to", i),
                                   "a leg leads from one place to another");
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(leg->from, spec->legs[j].from) == 0 &&
                strcmp(leg->to, spec->legs[j].to) == 0) {
                return refuse_conflict(check, path_of(check, "legs[%zu]", j),
                                       path_of(check, "legs[%zu]", i),
                                       "two legs lead the same way");
            }
        }
    }
    return true;
}

static bool check_pool(const struct check *check, size_t index)
{
    const struct entente_party *party = &check->spec->parties[index];

    if (party->members_count == 0) {
        return refuse_missing(check, path_of(check, "parties[%zu].members", index));
    }
    if (party->pool_size == 0 || party->pool_size > party->members_count) {
        return codec_refuse(check->error, ERROR_POOL_TOO_SMALL,
                            path_of(check, "parties[%zu].pool_size", index),
                            codec_unsigned_text(party->pool_size, check->arena),
                            codec_unsigned_text(party->members_count, check->arena),
                            NULL);
    }
    return true;
}

/* What a party of its kind must have, and may not have. */
static bool check_party(const struct check *check, size_t index)
{
    const struct entente_party *party = &check->spec->parties[index];
    bool pool = party->kind == ENTENTE_POOL;
    bool guest = party->kind == ENTENTE_GUEST;
    bool representative = party->kind == ENTENTE_REPRESENTATIVE;
    const char *kind = path_of(check, "parties[%zu].kind", index);

    if (!pool && !guest && party->identifier == NULL) {
        return refuse_missing(check, path_of(check, "parties[%zu].identifier", index));
    }
    if (guest && (party->name == NULL || party->contact == NULL)) {
        return refuse_missing(check, path_of(check, "parties[%zu].%s", index,
                                             party->name == NULL ? "name" : "contact"));
    }
    if (pool && party->identifier != NULL) {
        return refuse_conflict(check, kind,
                               path_of(check, "parties[%zu].identifier", index),
                               "a pool has members, and is nobody itself");
    }
    if (pool && party->ask_if_unknown) {
        return refuse_conflict(check, kind,
                               path_of(check, "parties[%zu].ask_if_unknown", index),
                               "people are asked by name, not from a pool");
    }
    if (pool && !check_pool(check, index)) {
        return false;
    }
    if (!pool && (party->members_count > 0 || party->pool_size > 0)) {
        return refuse_conflict(check, kind,
                               path_of(check, "parties[%zu].members", index),
                               "only a pool has members");
    }
    if (representative && party->represents == NULL) {
        return refuse_missing(check, path_of(check, "parties[%zu].represents", index));
    }
    if (!representative && party->represents != NULL) {
        return refuse_conflict(check, kind,
                               path_of(check, "parties[%zu].represents", index),
                               "only a representative represents somebody");
    }
    if (guest && party->silence == ENTENTE_SILENCE_ACCEPTS) {
        return refuse_conflict(check, kind,
                               path_of(check, "parties[%zu].silence", index),
                               "a guest never accepts by silence");
    }
    return check_place_key(check, party->place,
                           path_of(check, "parties[%zu].place", index));
}

static bool check_parties(const struct check *check)
{
    const struct entente_spec *spec = check->spec;
    bool indispensable = false;

    for (size_t i = 0; i < spec->parties_count; i++) {
        struct entente_party *party = &spec->parties[i];
        for (size_t j = 0; j < i; j++) {
            if (same_identifier(spec->parties[j].identifier, party->identifier)) {
                return codec_refuse(check->error, ERROR_PARTY_TWICE,
                                    path_of(check, "parties[%zu]", j),
                                    path_of(check, "parties[%zu]", i), NULL);
            }
        }
        if (!check_party(check, i)) {
            return false;
        }
        codec_clear_party(party);
        bool patient = party->kind == ENTENTE_PATIENT;
        indispensable =
            indispensable || (patient ? spec->patient_presence == ENTENTE_HARD
                                      : party->importance != ENTENTE_OPTIONAL);
    }
    return indispensable || codec_refuse(check->error, ERROR_NO_PARTY, NULL);
}

/* Somebody who is named in the request: a party, or a member of one. */
struct mention {
    const struct entente_identifier *who;
    size_t party;
    size_t member; /* counted from 1; 0: the party itself */
};

static int compare_mentions(const void *a, const void *b)
{
    const struct mention *one = a;
    const struct mention *other = b;
    int order = strcmp(one->who->value, other->who->value);

    order = order != 0 ? order : strcmp(one->who->system, other->who->system);
    if (order == 0) {
        order = (one->party > other->party) - (one->party < other->party);
    }
    return order != 0 ? order
                      : (one->member > other->member) - (one->member < other->member);
}

static const char *mention_path(const struct check *check,
                                const struct mention *mention)
{
    return mention->member == 0 ? path_of(check, "parties[%zu]", mention->party)
                                : path_of(check, "parties[%zu].members[%zu]",
                                          mention->party, mention->member - 1);
}

/* Nobody is a member who is a party, or a member of another pool. */
static bool check_members(const struct check *check)
{
    const struct entente_spec *spec = check->spec;
    size_t room = spec->parties_count;
    size_t count = 0;

    for (size_t i = 0; i < spec->parties_count; i++) {
        room += spec->parties[i].members_count;
    }
    if (room == spec->parties_count) {
        return true;
    }
    struct mention *mentions = arena_array(check->arena, room, sizeof(*mentions));
    if (mentions == NULL) {
        return codec_refuse(check->error, ERROR_TOO_COMPLEX,
                            codec_unsigned_text(check->arena->quota, check->arena),
                            NULL);
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        const struct entente_party *party = &spec->parties[i];
        if (party->identifier != NULL) {
            mentions[count++] = (struct mention){.who = party->identifier, .party = i};
        }
        for (size_t j = 0; j < party->members_count; j++) {
            mentions[count++] = (struct mention){&party->members[j], i, j + 1};
        }
    }
    qsort(mentions, count, sizeof(*mentions), compare_mentions);
    for (size_t i = 1; i < count; i++) {
        if (same_identifier(mentions[i - 1].who, mentions[i].who)) {
            return codec_refuse(check->error, ERROR_PARTY_TWICE,
                                mention_path(check, &mentions[i - 1]),
                                mention_path(check, &mentions[i]), NULL);
        }
    }
    return true;
}

/* A reminder comes after the question and before its deadline. */
static bool check_silence(const struct check *check)
{
    enum { DEFAULT_ANSWER_MINUTES = 2880 };
    const struct entente_spec *spec = check->spec;
    uint32_t longest =
        spec->answer_minutes != 0 ? spec->answer_minutes : DEFAULT_ANSWER_MINUTES;

    if (spec->patient_silence == ENTENTE_SILENCE_ACCEPTS) {
        return refuse_conflict(check, path_of(check, "patient_silence"),
                               path_of(check, "subject"),
                               "a patient never accepts by silence");
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        uint32_t minutes = spec->parties[i].answer_minutes;
        longest = minutes > longest ? minutes : longest;
    }
    for (size_t i = 0; i < spec->reminders_count; i++) {
        if (spec->reminders[i] == 0 && spec->reminders_count > 1) {
            return refuse_conflict(check, path_of(check, "reminders[%zu]", i),
                                   path_of(check, "reminders"), "none stands alone");
        }
        if (spec->reminders[i] >= longest) {
            return refuse_conflict(check, path_of(check, "reminders[%zu]", i),
                                   path_of(check, "answer_minutes"),
                                   "a reminder comes after the question");
        }
        for (size_t j = 0; j < i; j++) {
            if (spec->reminders[j] == spec->reminders[i]) {
                return refuse_conflict(check, path_of(check, "reminders[%zu]", j),
                                       path_of(check, "reminders[%zu]", i),
                                       "two reminders at the same time");
            }
        }
    }
    return true;
}

/* The patient concerned, and whether the patient comes, are two facts that must fit. */
static bool check_presence(const struct check *check)
{
    const struct entente_spec *spec = check->spec;
    const struct entente_party *patient = NULL;
    bool comes = spec->patient_presence == ENTENTE_SOFT ||
                 spec->patient_presence == ENTENTE_HARD;
    const char *presence = path_of(check, "patient_presence");
    size_t patients = 0;

    for (size_t i = 0; i < spec->parties_count; i++) {
        if (spec->parties[i].kind == ENTENTE_PATIENT) {
            patient = &spec->parties[i];
            patients++;
        }
    }
    if (!comes && patients > 0) {
        return refuse_conflict(check, presence, path_of(check, "parties"),
                               "a patient who is absent is no party");
    }
    if (!comes && spec->patient_must_accept) {
        return refuse_conflict(check, presence, path_of(check, "patient_must_accept"),
                               "a patient who is absent has nothing to accept");
    }
    if (comes && patients != 1) {
        return refuse_conflict(check, presence, path_of(check, "parties"),
                               "a patient who comes is exactly one of the parties");
    }
    if (comes && spec->subject == NULL) {
        return refuse_missing(check, path_of(check, "subject"));
    }
    if (comes && !same_identifier(spec->subject, patient->identifier)) {
        return refuse_conflict(check, path_of(check, "subject"),
                               path_of(check, "parties"),
                               "the patient who comes is not the patient concerned");
    }
    return true;
}

bool codec_check_spec(struct entente_spec *spec, const char *body, struct arena *arena,
                      struct codec_error *ret_error)
{
    const struct check check = {spec, body, arena, ret_error};

    return check_zone(&check) && check_grid(&check) && check_windows(&check) &&
           check_times_of_day(&check) && check_companions(&check) &&
           check_places(&check) && check_legs(&check) && check_parties(&check) &&
           check_members(&check) && check_silence(&check) && check_presence(&check);
}
