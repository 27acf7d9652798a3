// SPDX-License-Identifier: Apache-2.0

#include "broker/matter.h"

#include "broker/matter_internal.h"

int matter_party(const struct entente_meeting *meeting, int64_t person)
{
    for (size_t i = 0; i < meeting->kept->people_count; i++) {
        if (person != 0 && meeting->kept->people[i] == person) {
            return (int)i;
        }
    }
    return -1;
}

bool matter_is_indispensable(const struct entente_meeting *meeting, size_t party)
{
    const struct entente_spec *spec = meeting->spec;
    if (spec->parties[party].kind == ENTENTE_PATIENT) {
        return spec->patient_presence != ENTENTE_SOFT;
    }
    return spec->parties[party].importance != ENTENTE_OPTIONAL;
}

bool matter_is_needed(const struct entente_meeting *meeting, size_t party)
{
    const struct entente_spec *spec = meeting->spec;
    size_t heads = 0;
    for (size_t i = 0; i < spec->parties_count; i++) {
        bool comes = spec->parties[i].attends && !spec->parties[i].dropped;
        heads += comes && i != party ? 1 : 0;
    }
    return matter_is_indispensable(meeting, party) ||
           (spec->parties[party].attends && heads < spec->quorum);
}

/* The default rule: every professional who attends accepts; the patient's side only
 * where the request says so; a room or a vehicle never answers for itself.  But whoever is
 * asked although nobody knows whether they are free is waited for. */
bool matter_has_a_say(const struct entente_spec *spec,
                      const struct entente_party *party)
{
    if (party->asked) {
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

bool matter_is_awaited(const struct entente_meeting *meeting, size_t i)
{
    const struct entente_party *party = &meeting->spec->parties[i];
    bool accepted = party->answer == ENTENTE_ACCEPT && meeting->proposal != NULL &&
                    party->answer_proposal == meeting->proposal->number;
    return !party->dropped && party->attends &&
           matter_has_a_say(meeting->spec, party) && !accepted;
}

bool matter_awaits_anybody(const struct entente_meeting *meeting, int except)
{
    for (size_t i = 0; i < meeting->spec->parties_count; i++) {
        if ((int)i != except && matter_is_awaited(meeting, i)) {
            return true;
        }
    }
    return false;
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
