// SPDX-License-Identifier: Apache-2.0

#include "adapters/ics/apply.h"

#include "adapters/ics/agenda_file.h"
#include "adapters/ics/agenda_read.h"
#include "adapters/ics/agenda_write.h"

#include "proto/codec.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEUTRAL_TITLE "Réunion (Entente)"
#define BUSY_TITLE "Occupé"

enum { ATTEMPTS_MAX = 20, PLACE_SIZE = 800 };

/* What is to become of the meeting in one agenda. */
enum wish {
    WISH_NOTHING,
    WISH_PRESENT, /* it stands at the confirmed time */
    WISH_KEEP,    /* what stands there stays; if nothing does: the confirmed time */
    WISH_GONE,    /* it is cancelled, if it stands there */
};

/* ---- what the event means for one person -------------------------------------------
 */

/* Who left and has come back is two parties: the one that still is one counts. */
const struct entente_party *apply_party(const struct config_agenda *agenda,
                                        const struct entente_meeting *meeting)
{
    const struct entente_party *found = NULL;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        if (party->identifier != NULL && party->identifier->system != NULL &&
            party->identifier->value != NULL &&
            strcmp(party->identifier->system, agenda->system) == 0 &&
            strcmp(party->identifier->value, agenda->value) == 0 &&
            (found == NULL || found->dropped)) {
            found = party;
        }
    }
    return found;
}

/* Asked to come in the place of somebody who has not given it up yet. */
static bool is_not_in_yet(const struct entente_meeting *meeting,
                          const struct entente_party *party)
{
    const struct entente_spec *spec = meeting->spec;
    return party->replaces != 0 && party->replaces <= spec->parties_count &&
           !spec->parties[party->replaces - 1].dropped;
}

static enum wish wish_of(const struct entente_meeting *meeting,
                         const struct entente_party *party)
{
    bool firm = meeting->confirmed != NULL;

    if (party->diverged == ENTENTE_EVENT_DELETED) {
        return WISH_NOTHING; /* its owner says what holds, not an event */
    }
    switch ((enum entente_state)meeting->state) {
    case ENTENTE_CONFIRMED:
    case ENTENTE_DONE:
        return firm && party->attends && !party->dropped ? WISH_PRESENT : WISH_GONE;
    case ENTENTE_MOVING:
        /* attends is about the time that is being proposed, not the one that stands. */
        if (party->dropped) {
            return WISH_GONE;
        }
        if (is_not_in_yet(meeting, party)) {
            return WISH_NOTHING;
        }
        return firm && party->importance != ENTENTE_OPTIONAL ? WISH_KEEP : WISH_NOTHING;
    case ENTENTE_CANCELLED:
    case ENTENTE_EXPIRED:
        return WISH_GONE;
    case ENTENTE_SEARCHING:
    case ENTENTE_PROPOSED:
    case ENTENTE_WAITING_ORGANIZER:
        /* What was agreed and is reopened has no time any more. */
        return firm ? WISH_NOTHING : WISH_GONE;
    }
    return WISH_NOTHING; /* a state that this version does not know */
}

/* ---- what may be written -----------------------------------------------------------
 */

static const char *nature_title(uint32_t nature)
{
    switch ((enum entente_nature)nature) {
    case ENTENTE_SYNTHESIS:
        return "Réunion de synthèse";
    case ENTENTE_CARE_TEAM:
        return "Équipe de soins";
    case ENTENTE_RCP:
        return "Réunion de concertation pluriprofessionnelle";
    case ENTENTE_DISCHARGE:
        return "Sortie d'hospitalisation";
    case ENTENTE_SCHOOLING:
        return "Équipe de suivi de la scolarisation";
    case ENTENTE_HOME_VISIT:
        return "Visite à domicile";
    case ENTENTE_OTHER_NATURE:
        return NEUTRAL_TITLE;
    }
    return NEUTRAL_TITLE;
}

/* Where this person goes; NULL if that is not said.  A place at home is the patient's
 * address: only an agenda that may know everything is told. */
static const char *place_of(const struct config_agenda *agenda,
                            const struct entente_spec *spec,
                            const struct entente_party *party, char *buffer)
{
    const char *key = party->place != NULL ? party->place : spec->place;
    uint32_t modality = party->modality != 0 ? party->modality : spec->modality;

    if (key == NULL ||
        (modality == ENTENTE_AT_HOME || spec->nature == ENTENTE_HOME_VISIT
             ? agenda->title != CONFIG_TITLE_FULL
             : agenda->title == CONFIG_TITLE_BUSY)) {
        return NULL;
    }
    for (size_t i = 0; i < spec->places_count; i++) {
        const struct entente_place *place = &spec->places[i];
        if (place->key != NULL && strcmp(place->key, key) == 0) {
            bool both = place->label != NULL && place->address != NULL;
            (void)snprintf(buffer, PLACE_SIZE, "%s%s%s",
                           place->label != NULL ? place->label : "", both ? ", " : "",
                           place->address != NULL ? place->address : "");
            return buffer[0] != '\0' ? buffer : NULL;
        }
    }
    return NULL;
}

static void fill_texts(const struct config_agenda *agenda,
                       const struct entente_spec *spec,
                       const struct entente_party *party, char *place,
                       struct agenda_meeting *ret)
{
    switch (agenda->title) {
    case CONFIG_TITLE_BUSY:
        ret->summary = BUSY_TITLE;
        return;
    case CONFIG_TITLE_NEUTRAL:
        ret->summary = NEUTRAL_TITLE;
        break;
    case CONFIG_TITLE_FULL:
        ret->summary = spec->title != NULL ? spec->title : nature_title(spec->nature);
        ret->description = spec->reason;
        break;
    }
    ret->location = place_of(agenda, spec, party, place);
    ret->url = spec->link;
}

/* ---- the position ------------------------------------------------------------------
 */

static struct entente_position parse_position(const char *text)
{
    struct entente_position position = {0};
    char *end = NULL;

    if (isdigit((unsigned char)text[0])) {
        uint64_t epoch = strtoull(text, &end, 10);
        if (*end == ':' && isdigit((unsigned char)end[1])) {
            position.epoch = epoch;
            position.sequence = strtoull(end + 1, NULL, 10);
        }
    }
    return position;
}

struct entente_position apply_position(const char *path)
{
    /* Of the events only their form matters here, so any days will do. */
    const struct agenda_options options = {.zone = "UTC", .from = 0, .until = 1};
    struct entente_position position = {0};
    struct agenda_file file = {0};
    struct agenda agenda = {0};
    struct ics_error ignored;

    if (agenda_file_load(path, &file, &ignored)) {
        if (agenda_read(file.bytes, file.size, &options, &agenda, &ignored)) {
            position = parse_position(agenda.position);
            agenda_finish(&agenda);
        }
        agenda_file_finish(&file);
    }
    return position;
}

/* This file has had the event: what its owner has done since is the owner's will. */
static bool is_behind(const struct apply_job *job, const struct agenda *agenda)
{
    struct entente_position position = parse_position(agenda->position);

    return position.epoch == job->position.epoch && position.sequence <= job->issued &&
           position.sequence >= job->position.sequence;
}

/* ---- the file ----------------------------------------------------------------------
 */

struct view {
    struct agenda agenda; /* inside the confirmed time */
    const struct agenda_own *own;
};

static bool read_view(const struct apply_job *job, const struct agenda_file *file,
                      const char *id, struct view *ret_view, struct ics_error *error)
{
    const struct entente_span *confirmed = job->meeting->confirmed;
    struct view view = {0};
    const struct agenda_options options = {
        .zone = job->agenda->zone,
        .from = confirmed != NULL ? confirmed->start : 0,
        .until = confirmed != NULL ? confirmed->end : 1,
    };

    /* An empty file is an empty calendar to the writer, so it is one here. */
    if (file->size > 0 &&
        !agenda_read(file->bytes, file->size, &options, &view.agenda, error)) {
        return false;
    }
    for (size_t i = 0; i < view.agenda.own_count; i++) {
        const struct agenda_own *own = &view.agenda.own[i];
        if (strcmp(own->meeting, id) == 0 &&
            (view.own == NULL || own->version > view.own->version)) {
            view.own = own;
        }
    }
    *ret_view = view;
    return true;
}

/* True if the person has put something else into the meeting's time.  Where our event
 * stands already at that time it was there first; and whoever has agreed to come all the
 * same has it beside what stands there. */
static bool collides(const struct apply_job *job, const struct entente_party *party,
                     const struct view *view)
{
    const struct entente_span *confirmed = job->meeting->confirmed;
    bool stands = view->own != NULL && !view->own->cancelled &&
                  view->own->start == confirmed->start &&
                  view->own->end == confirmed->end;

    return !stands && !party->despite_busy && view->agenda.busy.count > 0;
}

/* What is left to do in this file; APPLY_WRITTEN means: write. */
static enum apply_outcome decide(const struct apply_job *job,
                                 const struct entente_party *party, enum wish wish,
                                 const struct view *view)
{
    const struct agenda_own *own = view->own;
    bool stands = own != NULL && !own->cancelled;

    switch (wish) {
    case WISH_NOTHING:
        return APPLY_NOTHING;
    case WISH_GONE:
        if (!stands) {
            return own != NULL ? APPLY_STANDS : APPLY_NOTHING;
        }
        break;
    case WISH_KEEP:
        if (stands) {
            return APPLY_NOTHING;
        }
        break;
    case WISH_PRESENT:
        break;
    }
    if (own != NULL && (uint32_t)own->version >= job->meeting->version) {
        return APPLY_STANDS;
    }
    if (wish != WISH_GONE && collides(job, party, view)) {
        return APPLY_CONFLICT;
    }
    return is_behind(job, &view->agenda) ? APPLY_NOTHING : APPLY_WRITTEN;
}

/* Write the position, and @meeting unless it is NULL. */
static enum apply_outcome replace(const struct apply_job *job,
                                  const struct agenda_file *file,
                                  const struct agenda_meeting *meeting,
                                  bool *ret_changed, struct ics_error *error)
{
    struct agenda_content content = {0};
    char position[64];
    enum agenda_file_result replaced = AGENDA_FILE_FAILED;

    (void)snprintf(position, sizeof position, "%" PRIu64 ":%" PRIu64,
                   job->position.epoch, job->position.sequence);
    switch (agenda_write_make(file->bytes, file->size, meeting, position, job->now,
                              &content, error)) {
    case AGENDA_WRITE_NOT_NEEDED:
        return APPLY_STANDS;
    case AGENDA_WRITE_FAILED:
        return APPLY_FAILED;
    case AGENDA_WRITE_DONE:
        break;
    }
    replaced = agenda_file_replace(job->agenda->file, file, content.bytes, content.size,
                                   error);
    free(content.bytes);
    *ret_changed = replaced == AGENDA_FILE_CHANGED;
    return replaced == AGENDA_FILE_WRITTEN ? APPLY_WRITTEN : APPLY_FAILED;
}

/* Read, decide, write.  *@ret_changed: somebody wrote in between. */
static enum apply_outcome attempt(const struct apply_job *job,
                                  const struct entente_party *party, enum wish wish,
                                  struct agenda_meeting *meeting, bool *ret_changed,
                                  struct ics_error *error)
{
    struct agenda_file file = {0};
    struct view view = {0};
    enum apply_outcome outcome = APPLY_FAILED;

    if (!agenda_file_load(job->agenda->file, &file, error)) {
        return APPLY_FAILED;
    }
    if (read_view(job, &file, meeting->id, &view, error)) {
        outcome = decide(job, party, wish, &view);
        if (outcome == APPLY_WRITTEN) {
            if (wish == WISH_GONE && view.own != NULL) {
                meeting->cancelled = true;
                meeting->start = view.own->start;
                meeting->end = view.own->end;
            }
            outcome = replace(job, &file, meeting, ret_changed, error);
        } else if (outcome == APPLY_STANDS && !is_behind(job, &view.agenda)) {
            /* An earlier event brought this version already.  If it is deleted from
             * now on, this one does not bring it back. */
            outcome = replace(job, &file, NULL, ret_changed, error);
            outcome = outcome == APPLY_WRITTEN ? APPLY_STANDS : outcome;
        }
        agenda_finish(&view.agenda);
    }
    agenda_file_finish(&file);
    return outcome;
}

bool apply_stands(const struct config_agenda *agenda,
                  const struct entente_meeting *meeting, bool *ret_stands)
{
    const struct apply_job job = {.agenda = agenda, .meeting = meeting};
    struct agenda_file file = {0};
    struct ics_error ignored = {0};
    struct view view = {0};
    char id[37];

    codec_format_id(meeting->id, id);
    if (!agenda_file_load(agenda->file, &file, &ignored)) {
        return false;
    }
    bool read = read_view(&job, &file, id, &view, &ignored);
    if (read) {
        *ret_stands = view.own != NULL && !view.own->cancelled;
        agenda_finish(&view.agenda);
    }
    agenda_file_finish(&file);
    return read;
}

enum apply_outcome apply_event(const struct apply_job *job, struct ics_error *ret_error)
{
    const struct entente_party *party = apply_party(job->agenda, job->meeting);
    enum apply_outcome outcome = APPLY_FAILED;
    bool changed = true;
    char id[37];
    char place[PLACE_SIZE];

    enum wish wish = party != NULL ? wish_of(job->meeting, party) : WISH_NOTHING;
    if (wish == WISH_NOTHING) {
        return APPLY_NOTHING;
    }
    codec_format_id(job->meeting->id, id);
    for (int i = 0; i < ATTEMPTS_MAX && changed; i++) {
        struct agenda_meeting meeting = {.id = id,
                                         .version = (int32_t)job->meeting->version};
        if (job->meeting->confirmed != NULL) {
            meeting.start = job->meeting->confirmed->start;
            meeting.end = job->meeting->confirmed->end;
        }
        fill_texts(job->agenda, job->meeting->spec, party, place, &meeting);
        changed = false;
        outcome = attempt(job, party, wish, &meeting, &changed, ret_error);
    }
    return outcome;
}
