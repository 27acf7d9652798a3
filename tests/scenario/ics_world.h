// SPDX-License-Identifier: Apache-2.0

/*
 * ics_world.h - a world in which Anna and Ben have their agendas in calendar files
 *
 * The program `entente-ics` serves both files; `desk` is another client that speaks for
 * both people, asks, and answers.
 *
 * Invariant   Nothing sleeps: what is waited for is looked at again until patience
 *             ends.
 */
#ifndef TESTS_SCENARIO_ICS_WORLD_H
#define TESTS_SCENARIO_ICS_WORLD_H

#include "tests/scenario/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define ANNA "idnps:899700000001"
#define BEN "idnps:899700000002"

struct ics_world {
    struct world world;
    struct world_client *desk;
    char config[256];
    char log[256]; /* what the adapter said */
    char anna[256];
    char ben[256];
    pid_t adapter;
};

/* @lease in seconds; @anna_file NULL: in the world's folder. */
void ics_world_create(struct ics_world *ics, int lease, const char *anna_file);
void ics_world_destroy(struct ics_world *ics);

void ics_world_start(struct ics_world *ics);
/* Returns the exit code, or 128 and more when @signal_number was deadly. */
int ics_world_stop(struct ics_world *ics, int signal_number);
/* Run it with --once; returns its exit code. */
int ics_world_once(struct ics_world *ics);

/* Whole files, replaced by rename as programs do. */
void ics_world_write(const char *path, const char *text);
char *ics_world_read(const char *path); /* to be freed */
/* Add one event of a person's own at @start for an hour. */
void ics_world_add_event(const char *path, const char *uid, int32_t start);

/* How often @needle stands in the file. */
size_t ics_world_count(const char *path, const char *needle);
/* The event of @meeting says all of @line (NULL: anything), and there is one of it. */
bool ics_world_has(const char *path, const uint8_t *meeting, const char *line);

/* Wait; fail the test when patience ends. */
void ics_world_await_line(struct ics_world *ics, const char *path,
                          const uint8_t *meeting, const char *line);
void ics_world_await_log(struct ics_world *ics, const char *needle);
/* ... until the broker knows (does not know) @person at @minute. */
void ics_world_await_known(struct ics_world *ics, const char *person, int32_t minute,
                           bool known);
/* ... until the person is (is not) free in the hour from @minute on. */
void ics_world_await_free(struct ics_world *ics, const char *person, int32_t minute,
                          bool free);
/* ... until @source has reported @kind for this version of the meeting. */
void ics_world_await_result(struct ics_world *ics, const uint8_t *meeting,
                            const char *source, uint32_t kind, uint32_t reason);
/* The same for the version of @meeting, whatever has come of it since. */
void ics_world_await_report(struct ics_world *ics,
                            const struct entente_meeting *meeting, const char *source,
                            uint32_t kind, uint32_t reason);
/* ... until the agenda of @person contradicts the meeting so; 0: not any more. */
void ics_world_await_diverged(struct ics_world *ics, const uint8_t *meeting,
                              const char *person, uint32_t kind);

/* A meeting of Anna and Ben on the day @day days behind world.day from @hour on;
 * accepted by Anna only.  Its id is stored. */
const struct entente_meeting *ics_world_propose(struct ics_world *ics, int day,
                                                int hour, uint8_t ret_meeting[16]);
/* Ben's yes. */
const struct entente_meeting *ics_world_confirm(struct ics_world *ics,
                                                const struct entente_meeting *meeting);

#endif
