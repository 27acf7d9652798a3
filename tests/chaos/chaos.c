// SPDX-License-Identifier: Apache-2.0

#include "tests/chaos/chaos.h"
#include "tests/chaos/trail.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    TICK_MS = 10,
    PROGRESS_MS = 5000,
    CALM_LIMIT_MS = 60000,
    LEAPS = 24,
    SETTLE_TRIES = 3,
};

static struct chaos chaos_of_all;

int64_t chaos_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what is said ------------------------------------------------------------------
 */

__attribute__((format(printf, 2, 0))) static void
write_report(struct chaos *chaos, const char *format, va_list arguments)
{
    int64_t ms = chaos_now_ms() - chaos->began_ms;
    fprintf(chaos->report, "%6" PRId64 ".%03" PRId64 "  ", ms / 1000, ms % 1000);
    vfprintf(chaos->report, format, arguments);
    fputc('\n', chaos->report);
    fflush(chaos->report);
}

void chaos_note(struct chaos *chaos, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_report(chaos, format, arguments);
    va_end(arguments);
}

void chaos_find(struct chaos *chaos, const char *format, ...)
{
    va_list arguments;
    if (chaos->found[0] != '\0') {
        return;
    }
    va_start(arguments, format);
    vsnprintf(chaos->found, sizeof(chaos->found), format, arguments);
    va_end(arguments);
    chaos_note(chaos, "FOUND: %s", chaos->found);
}

static void say_progress(struct chaos *chaos, int64_t now)
{
    static int64_t said_ms;
    if (now - said_ms >= PROGRESS_MS) {
        said_ms = now;
        printf("chaos: %" PRId64 " s, round %u, %u kills, %u partitions, %s\n",
               (now - chaos->began_ms) / 1000, chaos->rounds + 1, chaos->kills,
               chaos->partitions, chaos->active ? "faults" : "healing and checking");
        fflush(stdout);
    }
}

/* ---- time --------------------------------------------------------------------------
 */

static bool is_called_off(int64_t wait_ms)
{
    sigset_t wanted;
    const struct timespec wait = {wait_ms / 1000, (wait_ms % 1000) * 1000000};
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGHUP);
    sigaddset(&wanted, SIGCHLD);
    int number = sigtimedwait(&wanted, NULL, &wait);
    return number > 0 && number != SIGCHLD;
}

bool chaos_wait(struct chaos *chaos, int64_t ms)
{
    int64_t end_ms = chaos_now_ms() + ms;
    int64_t now = chaos_now_ms();
    do {
        process_tick(chaos, now);
        faults_tick(chaos, now);
        say_progress(chaos, now);
        if (is_called_off(TICK_MS)) {
            chaos_find(chaos, "it was called off");
        }
        now = chaos_now_ms();
    } while (now < end_ms && chaos->found[0] == '\0');
    return chaos->found[0] == '\0';
}

int64_t chaos_shift_at(const struct chaos *chaos, int64_t at_us)
{
    int64_t minutes = 0;
    for (size_t i = 0; i < chaos->shift_count && chaos->shifts[i].at_us <= at_us; i++) {
        minutes = chaos->shifts[i].minutes;
    }
    return minutes;
}

/* Adapters read it. */
static void write_mood(struct chaos *chaos, bool quiet)
{
    char path[PATH_BYTES];
    char other[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/mood", chaos->folder);
    snprintf(other, sizeof(other), "%s/mood.new", chaos->folder);
    FILE *file = fopen(other, "w");
    if (file == NULL ||
        fprintf(file, "%" PRId64 " %d\n", chaos->shift_minutes, quiet) < 0 ||
        fclose(file) != 0 || rename(other, path) != 0) {
        chaos_find(chaos, "%s cannot be written", path);
    }
}

static bool leap(struct chaos *chaos, int64_t minutes)
{
    char sql[128];
    snprintf(sql, sizeof(sql),
             "UPDATE test_clock SET shift = %" PRId64 " * interval '1 minute'",
             chaos->shift_minutes + minutes);
    if (chaos->shift_count == SHIFTS_MAX || !database_run(chaos, sql)) {
        return false;
    }
    chaos->shift_minutes += minutes;
    chaos->shifts[chaos->shift_count].at_us = trail_now_us();
    chaos->shifts[chaos->shift_count++].minutes = chaos->shift_minutes;
    write_mood(chaos, true);
    return true;
}

/* ---- a round -----------------------------------------------------------------------
 */

/* Nothing is due any more, and everybody has been told everything. */
static bool wait_for_calm(struct chaos *chaos)
{
    static const char *const behind =
        "SELECT (SELECT count(*) FROM recipient WHERE acked_seq < last_seq) +"
        " (SELECT count(*) FROM due WHERE at < clock_timestamp() +"
        "  (SELECT max(shift) FROM test_clock))";
    int64_t end_ms = chaos_now_ms() + CALM_LIMIT_MS;
    int64_t left = -1;
    unsigned calm = 0;
    while (calm < 3) {
        calm = database_number(chaos, behind, &left) && left == 0 ? calm + 1 : 0;
        if (chaos_now_ms() > end_ms) {
            chaos_find(chaos,
                       "%" PRId64
                       " deadlines or recipients are still behind after %d s",
                       left, CALM_LIMIT_MS / 1000);
        }
        if (!chaos_wait(chaos, 150)) {
            return false;
        }
    }
    return true;
}

/* Time passes until every meeting has come to its end. */
static bool settle(struct chaos *chaos)
{
    int64_t open = -1;
    if (!database_wait(chaos, CALM_LIMIT_MS)) {
        return false;
    }
    for (int leaps = 0; wait_for_calm(chaos); leaps++) {
        if (database_number(chaos, "SELECT count(*) FROM meeting WHERE state <= 5",
                            &open) &&
            open == 0) {
            return true;
        }
        if (leaps == LEAPS) {
            chaos_find(chaos, "%" PRId64 " meetings do not come to their end", open);
        } else if (!leap(chaos, leaps < 3 ? 60 << (2 * leaps) : 1440)) {
            chaos_find(chaos, "the clock cannot be moved");
        }
    }
    return false;
}

static bool audit(struct chaos *chaos)
{
    char program[PATH_BYTES];
    snprintf(program, sizeof(program), "%s/entente", chaos->bin);
    const char *words[] = {program, "audit", "--look", NULL};
    int code = process_run(chaos, words, false);
    if (code != 0) {
        chaos_find(chaos, "entente audit ends with %d; see setup.log", code);
    }
    return code == 0;
}

static bool play_round(struct chaos *chaos, int64_t seconds)
{
    write_mood(chaos, false);
    /* Agendas are published before anything breaks. */
    if (!chaos_wait(chaos, 1500)) {
        return false;
    }
    faults_begin(chaos);
    if (!chaos_wait(chaos, seconds * 1000)) {
        return false;
    }
    faults_heal(chaos);
    write_mood(chaos, true);
    int64_t used_mib = database_disk_used(chaos) >> 20;
    if (!database_make_room(chaos)) {
        chaos_note(chaos, "the disk does not grow");
    }
    if (!settle(chaos) || !verdict_round(chaos) || !audit(chaos)) {
        return false;
    }
    chaos->rounds++;
    chaos_note(chaos,
               "round %u: %" PRIu64 " bookings, %" PRIu64 " acknowledged, %" PRIu64
               " records checked so far, %" PRId64 " MiB of disk in use, nothing found",
               chaos->rounds, verdict_bookings(chaos), verdict_acknowledged(chaos),
               verdict_records(chaos), used_mib);
    return true;
}

/* ---- the world ---------------------------------------------------------------------
 */

static bool add_client(struct chaos *chaos, size_t node)
{
    char texts[3][PATH_BYTES];
    char endpoints[BROKERS][64];
    char people[PEOPLE][64];
    const char *words[16 + 2 * (BROKERS + PEOPLE)] = {
        texts[0],     "client", "add",    chaos->processes[node].name,
        "--write-to", texts[1], "--keys", texts[2]};
    size_t count = 8;
    snprintf(texts[0], PATH_BYTES, "%s/entente", chaos->bin);
    snprintf(texts[1], PATH_BYTES, "%s/%s.ini", chaos->folder,
             chaos->processes[node].name);
    snprintf(texts[2], PATH_BYTES, "%s/keys", chaos->folder);
    for (size_t i = 0; i < BROKERS; i++) {
        /* Neighbours begin at different brokers. */
        size_t broker = 1 + (i + node) % BROKERS;
        snprintf(endpoints[i], sizeof(endpoints[i]), "tcp://198.18.%zu.1:%zu", node + 1,
                 7000 + broker);
        words[count++] = "--endpoint";
        words[count++] = endpoints[i];
    }
    for (size_t person = 1; person <= PEOPLE; person++) {
        if (person % ADAPTERS == node - BROKERS - 1) {
            snprintf(people[person - 1], sizeof(people[0]),
                     "urn:oid:1.2.250.1.71.4.2.1|81000000%04zu", person);
            words[count++] = "--speaks-for";
            words[count++] = people[person - 1];
        }
    }
    words[count] = NULL;
    return process_run(chaos, words, false) == 0;
}

static bool create_world(struct chaos *chaos)
{
    char program[PATH_BYTES];
    char keys[PATH_BYTES];
    process_name_all(chaos);
    if (!net_create(chaos)) {
        chaos_find(chaos, "no network namespaces: %s", strerror(errno));
        return false;
    }
    snprintf(program, sizeof(program), "%s/entente", chaos->bin);
    snprintf(keys, sizeof(keys), "%s/keys", chaos->folder);
    const char *make[] = {program, "keys", "make", "--keys", keys, NULL};
    if (!database_create(chaos) || mkdir(keys, 0700) != 0 ||
        process_run(chaos, make, false) != 0) {
        chaos_find(chaos, "no keys; see setup.log");
        return false;
    }
    for (size_t node = BROKERS + 1; node < NODES; node++) {
        if (!add_client(chaos, node)) {
            chaos_find(chaos, "no client; see setup.log");
            return false;
        }
    }
    write_mood(chaos, false);
    for (size_t i = PROCESSES; i-- > 1;) {
        process_start(chaos, i);
    }
    return true;
}

static void end_world(struct chaos *chaos)
{
    database_forget();
    process_end_all(chaos);
    verdict_destroy(chaos->verdict);
}

/* ---- words -------------------------------------------------------------------------
 */

static void say_usage(FILE *file)
{
    fputs("usage: chaos --seed S --seconds N --round-seconds R --bin DIR --pg-bin DIR\n"
          "             --place DIR --folder DIR [--report FILE] [--pg-user NAME] "
          "[--fiu]\n"
          "tests/chaos/launch.sh makes the namespaces that it runs in.\n",
          file);
}

static bool take_words(struct chaos *chaos, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--fiu") == 0) {
            chaos->with_fiu = true;
            continue;
        }
        if (value == NULL) {
            return false;
        }
        i++;
        if (strcmp(argv[i - 1], "--seed") == 0) {
            chaos->seed = strtoull(value, NULL, 10);
        } else if (strcmp(argv[i - 1], "--seconds") == 0) {
            chaos->seconds = strtoll(value, NULL, 10);
        } else if (strcmp(argv[i - 1], "--round-seconds") == 0) {
            chaos->round_seconds = strtoll(value, NULL, 10);
        } else if (strcmp(argv[i - 1], "--bin") == 0) {
            chaos->bin = value;
        } else if (strcmp(argv[i - 1], "--pg-bin") == 0) {
            chaos->pg_bin = value;
        } else if (strcmp(argv[i - 1], "--pg-user") == 0) {
            chaos->pg_user = value;
        } else if (strcmp(argv[i - 1], "--place") == 0) {
            chaos->place = value;
        } else if (strcmp(argv[i - 1], "--report") == 0) {
            chaos->report_path = value;
        } else if (strcmp(argv[i - 1], "--folder") == 0) {
            chaos->folder = value;
        } else {
            return false;
        }
    }
    return chaos->bin != NULL && chaos->pg_bin != NULL && chaos->place != NULL &&
           chaos->folder != NULL && chaos->seconds > 0 && chaos->round_seconds > 0;
}

static void write_summary(struct chaos *chaos)
{
    for (unsigned i = 0; i < FAULT_COUNT; i++) {
        chaos_note(chaos, "%4u x %s", chaos->done[i], fault_name((enum fault)i));
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        chaos_note(chaos, "%s was started %u times", chaos->processes[i].name,
                   chaos->processes[i].starts);
    }
}

static int finish(struct chaos *chaos)
{
    uint64_t bookings = verdict_bookings(chaos);
    bool well = chaos->found[0] == '\0';
    write_summary(chaos);
    if (well && bookings == 0) {
        chaos_find(chaos, "no meeting was ever confirmed: nothing has been tried");
        well = false;
    } else if (well) {
        sharp_check(chaos);
        well = chaos->found[0] == '\0';
    }
    printf("chaos: seed %" PRIu64 ", %u rounds, %" PRIu64
           " commands acknowledged, %" PRIu64 " records checked%s\n",
           chaos->seed, chaos->rounds, verdict_acknowledged(chaos),
           verdict_records(chaos),
           chaos->with_fiu ? "" : "; without fsync errors, fiu-run is not installed");
    if (well) {
        printf("chaos: %u kills, %u partitions, %" PRIu64
               " bookings, 0 overlaps, 0 lost, 0 repeated\n",
               chaos->kills, chaos->partitions, bookings);
    } else {
        printf("chaos: FAILED with seed %" PRIu64 " in round %u: %s\n", chaos->seed,
               chaos->rounds + 1, chaos->found);
    }
    fprintf(chaos->report, "kills %u, partitions %u, bookings %" PRIu64 ", %s\n",
            chaos->kills, chaos->partitions, bookings,
            well ? "nothing found" : "FAILED");
    return well ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct chaos *chaos = &chaos_of_all;
    char path[PATH_BYTES];
    sigset_t blocked;
    if (!take_words(chaos, argc, argv)) {
        say_usage(stderr);
        return 2;
    }
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGABRT);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGPIPE, SIG_IGN);
    snprintf(path, sizeof(path), "%s/report", chaos->folder);
    if (chaos->report_path != NULL) {
        snprintf(path, sizeof(path), "%s", chaos->report_path);
    }
    chaos->report = fopen(path, "w");
    if (chaos->report == NULL) {
        fprintf(stderr, "chaos: %s cannot be written\n", path);
        return 1;
    }
    chaos->chance.state = chaos->seed;
    chaos->began_ms = chaos_now_ms();
    chaos->verdict = verdict_create();
    chaos_note(chaos, "seed %" PRIu64, chaos->seed);
    if (create_world(chaos)) {
        do {
        } while (play_round(chaos, chaos->round_seconds) &&
                 chaos_now_ms() - chaos->began_ms < chaos->seconds * 1000);
    }
    if (chaos->found[0] == '\0') {
        process_ask_to_end(chaos);
    }
    int code = finish(chaos);
    end_world(chaos);
    fclose(chaos->report);
    return code;
}
