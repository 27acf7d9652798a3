// SPDX-License-Identifier: Apache-2.0

#include "broker/view.h"

#include "broker/matter.h"
#include "broker/negotiation.h"

#include <string.h>

struct view {
    const struct entente_meeting *meeting;
    const struct client *client;
    bool is_organizer;
    uint32_t version; /* that the client sees */
};

static bool speaks_for(const struct view *view, size_t party)
{
    const struct entente_kept *kept = view->meeting->kept;
    return party < kept->people_count && kept->people[party] != 0 &&
           client_speaks_for(view->client, kept->people[party]);
}

/* ---- parties -----------------------------------------------------------------------
 */

/* Why somebody stays away (ill, in hospital) is for the organizer, who has to find another
 * way. */
static bool hides_reason(const struct view *view, const struct entente_party *party)
{
    return !view->is_organizer && party->answer_reason != 0;
}

/* Where a guest is reached is for who has invited them. */
static bool hides_contact(const struct view *view, const struct entente_party *party)
{
    return !view->is_organizer && party->kind == ENTENTE_GUEST &&
           party->contact != NULL;
}

static bool hides_party(const struct view *view, size_t i)
{
    const struct entente_party *party = &view->meeting->spec->parties[i];
    if (hides_contact(view, party)) {
        return true;
    }
    return (party->diverged != 0 || hides_reason(view, party)) && !speaks_for(view, i);
}

/* What is in somebody's agenda is told to nobody else, not even that there is something.  It
 * is for good only where the owner has not said that the agenda is wrong. */
static bool comes_despite_busy(const struct view *view, size_t i)
{
    const struct entente_kept *kept = view->meeting->kept;
    for (size_t j = 0; j < kept->notes_count && kept->firm_start != 0; j++) {
        const struct entente_owner_note *note = &kept->notes[j];
        bool last = note->known_start == kept->firm_start && note->known_until_ms == 0;
        bool before = note->also_known_start == kept->firm_start &&
                      note->also_known_until_ms == 0;
        if (note->party == i && (last || before)) {
            return speaks_for(view, i);
        }
    }
    return false;
}

static void hide_party(const struct view *view, struct entente_party *party)
{
    party->diverged = 0;
    party->diverged_until_ms = 0;
    if (hides_contact(view, party)) {
        party->contact = NULL;
    }
    if (hides_reason(view, party)) {
        party->answer_reason = 0;
    }
}

/* ---- versions ----------------------------------------------------------------------
 */

uint32_t view_version(const struct entente_meeting *meeting,
                      const struct client *client)
{
    const struct entente_kept *kept = meeting->kept;
    if (client == NULL || kept == NULL || kept->open_version == 0) {
        return meeting->version;
    }
    uint32_t version = kept->open_version;
    for (size_t i = 0; i < kept->own_versions_count && i < kept->people_count; i++) {
        if (kept->own_versions[i] > version && kept->people[i] != 0 &&
            client_speaks_for(client, kept->people[i])) {
            version = kept->own_versions[i];
        }
    }
    return version;
}

/* What last happened that everybody has heard of. */
static const char *last_event_of_all(uint32_t state)
{
    switch ((enum entente_state)state) {
    case ENTENTE_CONFIRMED:
        return "confirmed";
    case ENTENTE_MOVING:
        return "moving";
    case ENTENTE_SEARCHING:
    case ENTENTE_PROPOSED:
    case ENTENTE_WAITING_ORGANIZER:
    case ENTENTE_CANCELLED:
    case ENTENTE_EXPIRED:
    case ENTENTE_DONE:
        break;
    }
    return "accepted";
}

/* ---- results -----------------------------------------------------------------------
 */

static bool is_own(const struct view *view, const struct entente_result *result)
{
    return result->client != NULL && strcmp(result->client, view->client->name) == 0;
}

/* Somebody's agenda may have taken a version of which only its owner hears. */
static bool hides_result(const struct view *view, const struct entente_result *result)
{
    return !is_own(view, result) &&
           (result->version > view->version || result->comment != NULL ||
            (result->reason != 0 && !view->is_organizer));
}

static void hide_result(const struct view *view, struct entente_result *result)
{
    if (result->version > view->version) {
        result->version = view->version;
    }
    result->comment = NULL;
    result->reason = view->is_organizer ? result->reason : 0;
}

/* ---- the whole ---------------------------------------------------------------------
 */

static bool changes_any_party(const struct view *view)
{
    for (size_t i = 0; i < view->meeting->spec->parties_count; i++) {
        if (hides_party(view, i) || comes_despite_busy(view, i)) {
            return true;
        }
    }
    return false;
}

static bool hides_any_result(const struct view *view)
{
    for (size_t i = 0; i < view->meeting->results_count; i++) {
        if (hides_result(view, &view->meeting->results[i])) {
            return true;
        }
    }
    return false;
}

static bool copy_parties(const struct view *view, struct entente_meeting *shown,
                         struct arena *arena)
{
    const struct entente_spec *spec = view->meeting->spec;
    struct entente_spec *own = arena_copy(arena, spec, sizeof(*spec));
    struct entente_party *parties =
        arena_array(arena, spec->parties_count, sizeof(*parties));
    if (own == NULL || parties == NULL) {
        return false;
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        parties[i] = spec->parties[i];
        if (hides_party(view, i)) {
            hide_party(view, &parties[i]);
        }
        parties[i].despite_busy = comes_despite_busy(view, i);
    }
    own->parties = parties;
    shown->spec = own;
    return true;
}

static bool copy_results(const struct view *view, struct entente_meeting *shown,
                         struct arena *arena)
{
    size_t count = view->meeting->results_count;
    struct entente_result *results = arena_array(arena, count, sizeof(*results));
    if (results == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        results[i] = view->meeting->results[i];
        if (hides_result(view, &results[i])) {
            hide_result(view, &results[i]);
        }
    }
    shown->results = results;
    return true;
}

const struct entente_meeting *view_meeting(const struct entente_meeting *meeting,
                                           const struct client *client,
                                           struct arena *arena)
{
    if (meeting == NULL || client == NULL || meeting->kept == NULL ||
        meeting->spec == NULL) {
        return meeting;
    }
    const struct view view = {.meeting = meeting,
                              .client = client,
                              .is_organizer = meeting->kept->organizer == client->id,
                              .version = view_version(meeting, client)};
    bool parties = changes_any_party(&view);
    bool results = hides_any_result(&view);
    if (!parties && !results && view.version == meeting->version) {
        return meeting;
    }
    struct entente_meeting *shown = arena_copy(arena, meeting, sizeof(*meeting));
    if (shown == NULL || (parties && !copy_parties(&view, shown, arena)) ||
        (results && !copy_results(&view, shown, arena))) {
        return NULL;
    }
    if (view.version != meeting->version) {
        shown->version = view.version;
        shown->updated_ms = meeting->kept->open_updated_ms;
        shown->last_event = last_event_of_all(meeting->state);
        shown->last_actor = NULL;
    }
    return shown;
}

void view_said(const struct entente_meeting *meeting, int party,
               const struct client *client, struct entente_said *said)
{
    const struct view view = {.meeting = meeting,
                              .client = client,
                              .is_organizer = meeting->kept->organizer == client->id};
    if (party < 0 || view.is_organizer || speaks_for(&view, (size_t)party)) {
        return;
    }
    said->reason = 0;
    said->ranges_count = 0;
    said->counter_start = 0;
}

const struct entente_meeting *view_told(const struct entente_meeting *meeting,
                                        const struct client *client,
                                        struct arena *arena)
{
    bool is_told = meeting == NULL || client == NULL || meeting->kept == NULL ||
                   matter_concerns(meeting, client);
    return is_told ? view_meeting(meeting, client, arena) : NULL;
}
