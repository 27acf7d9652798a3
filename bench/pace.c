// SPDX-License-Identifier: Apache-2.0

#include "bench/pace.h"

#include "bench/stand.h"

#include <stdlib.h>

enum { SEGMENTS = 24 };

/* What is known of a life's command under way. */
struct course {
    double began;
    bool started;
    bool is_accept;
};

struct run {
    const struct pace *pace;
    struct course *courses;
    size_t next; /* life that is asked first */
    uint64_t answered;
    struct figure *accepts;
};

static void look(struct run *run)
{
    double now = report_now();
    for (size_t i = 0; i < run->pace->count; i++) {
        struct course *course = &run->courses[i];
        if (!course->started || run->pace->lives[i].under_way) {
            continue;
        }
        course->started = false;
        run->answered++;
        if (course->is_accept) {
            figure_add(run->accepts, (now - course->began) * 1000);
        }
    }
}

/* False when every life waits for a reply. */
static bool start_one(struct run *run)
{
    const struct pace *pace = run->pace;
    for (size_t tried = 0; tried < pace->count; tried++) {
        size_t i = run->next++ % pace->count;
        struct life *life = &pace->lives[i];
        if (run->courses[i].started) {
            continue;
        }
        bool answers = !life->cancelling && life->meeting.proposal != 0;
        run->courses[i] = (struct course){.began = report_now(), .started = true};
        life_go_on(life);
        run->courses[i].is_accept = answers && !life->shifting;
        return true;
    }
    return false;
}

static bool is_any_under_way(const struct run *run)
{
    bool any = false;
    for (size_t i = 0; i < run->pace->count; i++) {
        any = any || run->courses[i].started;
    }
    return any;
}

double pace_run(const struct pace *pace, struct figure *ret_accepts)
{
    struct run run = {.pace = pace, .accepts = ret_accepts};
    run.courses = calloc(pace->count, sizeof(*run.courses));
    if (run.courses == NULL) {
        report_die("no memory left");
    }
    uint64_t started = 0;
    uint64_t published = 0;
    double began = report_now();
    double passed = 0;
    while (passed < pace->seconds) {
        while ((double)started < passed * pace->commands && start_one(&run)) {
            started++;
        }
        while ((double)published < passed * pace->publications) {
            pace->publish(pace->context, published++);
        }
        pace->turn(pace->context, 1);
        look(&run);
        passed = report_now() - began;
    }
    double rate = (double)run.answered / passed;
    while (is_any_under_way(&run)) {
        pace->turn(pace->context, 10);
        look(&run);
        if (report_now() - began > pace->seconds + STAND_PATIENCE_MS / 1000.0) {
            report_die("commands remain unanswered");
        }
    }
    free(run.courses);
    return rate;
}

int64_t pace_recycle_wal(struct pg_database *database)
{
    pg_database_run(database, "CREATE TABLE IF NOT EXISTS bench_wal (i int4)");
    for (int32_t i = 0; i < SEGMENTS; i++) {
        pg_database_run(database, "INSERT INTO bench_wal VALUES (%d)", i);
        (void)pg_database_number(database,
                                 "SELECT 1 FROM (SELECT pg_switch_wal()) AS done");
    }
    pg_database_run(database, "CHECKPOINT");
    pg_database_run(database, "CHECKPOINT");
    return pg_database_number(database,
                              "SELECT count(*) FROM pg_ls_waldir()"
                              " WHERE name ~ '^[0-9A-F]{24}$'"
                              "   AND name > pg_walfile_name(pg_current_wal_lsn())");
}
