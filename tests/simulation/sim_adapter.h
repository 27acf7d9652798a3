// SPDX-License-Identifier: Apache-2.0

/*
 * sim_adapter.h - an adapter: the real SDK, and an agenda that survives its crashes
 *
 *     sim_adapter.c   life, events, what stays
 *     sim_work.c      what its users do
 *     sim_ask.c       what they only ask, and what is answered for guests
 *     sim_agenda.c    what its agendas say
 */
#ifndef TESTS_SIMULATION_SIM_ADAPTER_H
#define TESTS_SIMULATION_SIM_ADAPTER_H

#include "adapters/sdk/client.h"
#include "tests/simulation/known.h"
#include "tests/simulation/sim.h"

enum { KNOWN_MEETINGS = 40 };

/* What survives a crash. */
struct agenda {
    struct entente_position position;
    struct known known[KNOWN_MEETINGS];
    size_t known_count;
};

struct adapter {
    unsigned number;
    struct entente_client *client; /* NULL: it does not run */
    uint64_t life;
    uint64_t epoch; /* of its requests; 0: none granted yet */
    bool stopped;
    int64_t turn_us;
    uint64_t turn_tag;
    bool has_turn;
    int64_t act_every_us;
    size_t asked; /* commands of this life that nobody has answered */

    struct agenda agenda;
    struct agenda backup; /* as it once was */
    uint64_t issued_before[3];
    uint64_t numbering; /* to which these belong */
    uint64_t granted;   /* the highest epoch of requests ever */
};

/* Remember @meeting as it is told. */
void adapter_learn(struct adapter *adapter, const struct entente_meeting *meeting);

/* Put a command or a question to the broker and record it. */
void adapter_ask(struct adapter *adapter, const struct entente_envelope *envelope);

/* The person of an identifier, or 0; and whose agenda it is. */
int64_t adapter_person(const struct entente_identifier *identifier);
bool adapter_speaks_for(const struct adapter *adapter, int64_t person);

/* Who is meant, as text that lives as long as the act. */
struct who {
    char value[32];
    struct entente_identifier identifier;
    struct entente_actor actor;
};

struct who *work_who(struct who *who, int64_t person);
int32_t work_now(void); /* the database's minute */

struct known *work_any_known(struct adapter *adapter, bool mine);

/* sim_ask.c: @envelope, a command, is carried out, or now and then only previewed. */
void work_say(struct adapter *adapter, struct entente_envelope *envelope);
void work_reconcile(struct adapter *adapter);
void work_explain(struct adapter *adapter);
void work_guest(struct adapter *adapter);
extern const char work_guest_name[];

/* sim_agenda.c */
void work_publish(struct adapter *adapter);
void work_withdraw(struct adapter *adapter);
/* One of the agendas of @person. */
void work_draw_agenda(char *source, size_t size, int64_t person);
/* Say how things stand, after a start. */
void work_publish_all(struct adapter *adapter);
/* An event has been applied: what its agenda did with it. */
void work_event(struct adapter *adapter, const struct entente_event *event);

/* sim_work.c: one act, drawn; after healing only what brings meetings to an end. */
void work_act(struct adapter *adapter);

#endif
