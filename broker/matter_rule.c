// SPDX-License-Identifier: Apache-2.0

#include "broker/matter.h"

#include "broker/matter_internal.h"

int matter_party(const struct entente_meeting *meeting, int64_t person)
{
    int found = -1;
    for (size_t i = 0; person != 0 && i < meeting->kept->people_count; i++) {
        bool stands = meeting->kept->people[i] == person;
        if (stands && !meeting->spec->parties[i].dropped) {
            return (int)i;
        }
        found = stands ? (int)i : found;
    }
    return found;
}

bool matter_is_indispensable(const struct entente_meeting *meeting, size_t party)
{
    const struct entente_spec *spec = meeting->spec;
    if (spec->parties[party].kind == ENTENTE_PATIENT) {
        return spec->patient_presence != ENTENTE_SOFT;
    }
    if (spec->parties[party].kind == ENTENTE_GUEST &&
        !spec->parties[party].ask_if_unknown) {
        return false; /* invited, but nobody waits for them */
    }
    return spec->parties[party].importance != ENTENTE_OPTIONAL;
}

/* Every professional who attends accepts; the patient's side only
 * where the request says so; a room or a vehicle never answers for itself.  But whoever is
 * asked although nobody knows whether they are free is waited for, and so is whoever
 * comes in somebody's place. */
bool matter_has_a_say(const struct entente_spec *spec,
                      const struct entente_party *party)
{
    if (party->asked || party->replaces != 0) {
        return true;
    }
    switch ((enum entente_party_kind)party->kind) {
    case ENTENTE_PROFESSIONAL:
        return true;
    case ENTENTE_PATIENT:
    case ENTENTE_REPRESENTATIVE:
        return spec->patient_must_accept;
    case ENTENTE_POOL:
    case ENTENTE_GUEST:
    case ENTENTE_RESOURCE:
        return false;
    }
    return false;
}

static bool has_accepted(const struct entente_meeting *meeting, size_t i)
{
    const struct entente_party *party = &meeting->spec->parties[i];
    return party->answer == ENTENTE_ACCEPT && meeting->proposal != NULL &&
           party->answer_proposal == meeting->proposal->number;
}

bool matter_is_awaited(const struct entente_meeting *meeting, size_t i)
{
    const struct entente_party *party = &meeting->spec->parties[i];
    bool counts = meeting->spec->rule != ENTENTE_ALL_INDISPENSABLE ||
                  matter_is_indispensable(meeting, i);
    return !party->dropped && party->attends && counts &&
           matter_has_a_say(meeting->spec, party) && !has_accepted(meeting, i);
}

/* People who have said yes, or come without being asked.  A room is nobody. */
static size_t sure_heads(const struct entente_meeting *meeting, int yes, int without)
{
    size_t heads = 0;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        const struct entente_party *party = &meeting->spec->parties[i];
        bool somebody = party->attends && !party->dropped && (int)i != without &&
                        party->kind != ENTENTE_RESOURCE;
        bool unasked =
            party->kind != ENTENTE_GUEST && !matter_has_a_say(meeting->spec, party);
        bool sure = (int)i == yes || unasked || has_accepted(meeting, i);
        heads += somebody && sure ? 1 : 0;
    }
    return heads;
}

/* While a quorum is being sought all who may still come count; once it has been found,
 * only who said yes. */
static bool breaks_quorum(const struct entente_meeting *meeting, size_t party)
{
    const struct entente_spec *spec = meeting->spec;
    size_t heads = 0;
    if (!spec->parties[party].attends) {
        return false;
    }
    if (meeting->state == ENTENTE_CONFIRMED && spec->rule == ENTENTE_QUORUM) {
        return has_accepted(meeting, party) &&
               sure_heads(meeting, -1, (int)party) < spec->quorum;
    }
    for (size_t i = 0; i < spec->parties_count; i++) {
        bool comes = spec->parties[i].attends && !spec->parties[i].dropped;
        heads += comes && i != party ? 1 : 0;
    }
    return heads < spec->quorum;
}

bool matter_is_needed(const struct entente_meeting *meeting, size_t party)
{
    return matter_is_indispensable(meeting, party) || breaks_quorum(meeting, party);
}

/* Have all said what the rule asks for, if @yes has accepted and @without does not come
 * (-1: nobody)? */
static bool is_met(const struct entente_meeting *meeting, int yes, int without)
{
    bool quorum = meeting->spec->rule == ENTENTE_QUORUM;
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        bool open = (int)i != yes && (int)i != without && matter_is_awaited(meeting, i);
        if (open && (!quorum || matter_is_indispensable(meeting, i))) {
            return false;
        }
    }
    return !quorum || sure_heads(meeting, yes, without) >= meeting->spec->quorum;
}

bool matter_awaits_anybody(const struct entente_meeting *meeting, int except)
{
    return !is_met(meeting, except, -1);
}

enum negotiation_event matter_accept_event(const struct entente_meeting *meeting,
                                           int party)
{
    if (meeting->state == ENTENTE_CONFIRMED) {
        return LATE_ACCEPTED;
    }
    if (matter_poll_is_open(meeting)) {
        return GRADED;
    }
    if (!is_met(meeting, party, -1)) {
        return ACCEPTED;
    }
    if (meeting->spec->rule != ENTENTE_ORGANIZER_DECIDES) {
        return ALL_ACCEPTED;
    }
    return meeting->state == ENTENTE_PROPOSED ? READY : ACCEPTED;
}

enum negotiation_event matter_decline_event(const struct entente_meeting *meeting,
                                            int party)
{
    bool needed = matter_is_needed(meeting, (size_t)party);
    if (meeting->state == ENTENTE_CONFIRMED && !needed) {
        return OPTIONAL_WITHDREW;
    }
    if (meeting->state != ENTENTE_PROPOSED || needed) {
        return DECLINED;
    }
    /* Who decides, the organizer or the grades, is asked after the step. */
    bool last = meeting->spec->rule != ENTENTE_ORGANIZER_DECIDES &&
                !matter_poll_is_open(meeting) && is_met(meeting, -1, party);
    return last ? OPTIONAL_DECLINED_LAST : OPTIONAL_DECLINED;
}

/* What follows by itself from what has been said: 0 while anybody is awaited. */
enum negotiation_event matter_follow_up(const struct entente_meeting *meeting)
{
    bool asks = meeting->state == ENTENTE_PROPOSED || meeting->state == ENTENTE_MOVING;
    bool organizer = meeting->spec->rule == ENTENTE_ORGANIZER_DECIDES;
    if (!asks || (organizer && meeting->state == ENTENTE_MOVING)) {
        return 0;
    }
    if (matter_poll_is_open(meeting)) {
        return matter_poll_follow_up(meeting);
    }
    if (!is_met(meeting, -1, -1)) {
        return 0;
    }
    return organizer ? READY : ALL_ACCEPTED;
}

bool matter_is_visible(const struct entente_meeting *meeting,
                       const struct client *client)
{
    if (meeting->kept->organizer == client->id) {
        return true;
    }
    if (meeting->spec->subject != NULL && !client->sandbox) {
        return false;
    }
    for (size_t i = 0; i < meeting->kept->people_count; i++) {
        if (client_speaks_for(client, meeting->kept->people[i])) {
            return true;
        }
    }
    return false;
}

bool matter_concerns(const struct entente_meeting *meeting, const struct client *client)
{
    const struct entente_kept *kept = meeting->kept;
    bool concerned = kept->organizer == client->id;
    for (size_t i = 0; i < kept->people_count && !concerned; i++) {
        concerned = !meeting->spec->parties[i].dropped &&
                    client_speaks_for(client, kept->people[i]);
    }
    return concerned && matter_is_visible(meeting, client);
}
