// SPDX-License-Identifier: Apache-2.0

#include "tests/chaos/chaos.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { ROOM_MIB = 512, AGAIN_MS = 100 };

static PGconn *connection;

/* ---- the disk ----------------------------------------------------------------------
 */

static void path_of(const struct chaos *chaos, const char *name, char ret[PATH_BYTES])
{
    snprintf(ret, PATH_BYTES, "%s/%s", chaos->place, name);
}

static bool mount_disk(struct chaos *chaos)
{
    char options[64];
    if (chaos->pg_user != NULL) {
        const struct passwd *user = getpwnam(chaos->pg_user);
        if (user == NULL) {
            return false;
        }
        chaos->pg_uid = user->pw_uid;
        chaos->pg_gid = user->pw_gid;
    }
    snprintf(options, sizeof(options), "size=%dm,mode=0700", ROOM_MIB);
    return mount("chaos", chaos->place, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0 &&
           (chaos->pg_user == NULL ||
            chown(chaos->place, chaos->pg_uid, chaos->pg_gid) == 0);
}

int64_t database_disk_used(const struct chaos *chaos)
{
    struct statvfs disk;
    return statvfs(chaos->place, &disk) != 0
               ? 0
               : (int64_t)((disk.f_blocks - disk.f_bfree) * disk.f_frsize);
}

bool database_make_room(const struct chaos *chaos)
{
    char options[64];
    snprintf(options, sizeof(options), "size=%lldm",
             (long long)(database_disk_used(chaos) >> 20) + ROOM_MIB);
    return mount("chaos", chaos->place, "tmpfs", MS_REMOUNT | MS_NOSUID | MS_NODEV,
                 options) == 0;
}

void database_fill_disk(const struct chaos *chaos)
{
    char path[PATH_BYTES];
    path_of(chaos, "ballast", path);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    off_t size = 0;
    /* The last pages too. */
    for (off_t step = (off_t)1 << 24; file >= 0 && step >= 4096; step /= 16) {
        while (posix_fallocate(file, size, step) == 0) {
            size += step;
        }
    }
    if (file >= 0) {
        close(file);
    }
}

void database_free_disk(const struct chaos *chaos)
{
    char path[PATH_BYTES];
    path_of(chaos, "ballast", path);
    unlink(path);
}

/* ---- the cluster -------------------------------------------------------------------
 */

static bool write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    bool well = file != NULL && fputs(text, file) >= 0;
    return file != NULL && fclose(file) == 0 && well;
}

/* Everybody who is in these namespaces may come in: there is nobody else. */
static bool write_settings(const struct chaos *chaos)
{
    char path[PATH_BYTES];
    char text[2048];
    path_of(chaos, "data/pg_hba.conf", path);
    if (!write_file(path, "local all all trust\nhost all all 198.18.0.0/15 trust\n")) {
        return false;
    }
    path_of(chaos, "data/postgresql.conf", path);
    snprintf(text, sizeof(text),
             "listen_addresses = '198.18.1.2'\n"
             "unix_socket_directories = '%s'\n"
             "max_connections = 60\n"
             "wal_level = logical\n"
             "shared_buffers = 32MB\n"
             "min_wal_size = 32MB\n"
             "max_wal_size = 128MB\n"
             "checkpoint_timeout = 30s\n"
             "deadlock_timeout = 50ms\n"
             "log_min_messages = warning\n"
             "log_line_prefix = '%%m [%%p] '\n"
             "timezone = 'UTC'\n"
             "log_timezone = 'UTC'\n"
             "lc_messages = 'C'\n",
             chaos->place);
    return write_file(path, text);
}

void database_words(const struct chaos *chaos, const char **ret_words)
{
    static char program[PATH_BYTES];
    static char data[PATH_BYTES];
    static char preload[PATH_BYTES + 64];
    size_t count = 0;
    snprintf(program, sizeof(program), "%s/postgres", chaos->pg_bin);
    path_of(chaos, "data", data);
    if (chaos->fsync_fails) {
        static const char *const fails[] = {
            "fiu-run", "-f", "",
            /* A start after a crash flushes a thousand files. */
            "-c", "enable_random name=posix/io/sync/fsync,probability=0.0005", "-c",
            "enable_random name=posix/io/sync/fdatasync,probability=0.05", "env"};
        for (; count < sizeof(fails) / sizeof(fails[0]); count++) {
            ret_words[count] = fails[count];
        }
        snprintf(preload, sizeof(preload),
                 "LD_PRELOAD=/usr/lib/fiu/fiu_run_preload.so %s/fail_sync.so",
                 chaos->place);
        ret_words[count++] = preload;
    }
    ret_words[count++] = program;
    ret_words[count++] = "-D";
    ret_words[count++] = data;
    ret_words[count] = NULL;
}

static bool run_program(struct chaos *chaos, const char *name, const char *const *more,
                        bool user)
{
    const char *words[16] = {name};
    for (size_t i = 0; more[i] != NULL && i < 14; i++) {
        words[i + 1] = more[i];
    }
    if (process_run(chaos, words, user) != 0) {
        chaos_find(chaos, "%s failed; see %s/setup.log", name, chaos->folder);
        return false;
    }
    return true;
}

/* What the rows were before a change is in the log too; nothing of the log goes before it
 * has been read. */
static bool open_the_log(struct chaos *chaos)
{
    return database_run(chaos,
                        "DO $$ DECLARE part text; BEGIN FOR part IN SELECT "
                        "inhrelid::regclass FROM pg_inherits WHERE inhparent = "
                        "'claim'::regclass LOOP EXECUTE 'ALTER TABLE ' || part || ' "
                        "REPLICA IDENTITY FULL'; END LOOP; END $$") &&
           database_run(chaos,
                        "CREATE TABLE IF NOT EXISTS test_clock (shift interval)") &&
           database_run(chaos, "INSERT INTO test_clock VALUES (interval '0')") &&
           database_run(chaos, "SELECT pg_create_logical_replication_slot('chaos', "
                               "'test_decoding')");
}

bool database_create(struct chaos *chaos)
{
    char data[PATH_BYTES];
    char program[PATH_BYTES];
    char entente[PATH_BYTES];
    char conninfo[PATH_BYTES];
    char library[PATH_BYTES];
    char copied[PATH_BYTES];
    path_of(chaos, "data", data);
    path_of(chaos, "fail_sync.so", copied);
    snprintf(library, sizeof(library), "%s/chaos_fail_sync.so", chaos->bin);
    snprintf(program, sizeof(program), "%s/initdb", chaos->pg_bin);
    snprintf(entente, sizeof(entente), "%s/entente", chaos->bin);
    snprintf(conninfo, sizeof(conninfo), "host=%s port=5432 user=entente dbname=chaos",
             chaos->place);
    setenv("ENTENTE_DB", conninfo, 1);
    if (!mount_disk(chaos)) {
        chaos_find(chaos, "no disk of its own: %s", strerror(errno));
        return false;
    }
    const char *init[] = {"-D",
                          data,
                          "--username=entente",
                          "-A",
                          "trust",
                          "--encoding=UTF8",
                          "-N",
                          "--locale=C.UTF-8",
                          "--wal-segsize=4",
                          "-k",
                          NULL};
    const char *migrate[] = {"migrate", NULL};
    const char *copy[] = {library, copied, NULL};
    if (!run_program(chaos, "cp", copy, false) ||
        !run_program(chaos, program, init, true) || !write_settings(chaos)) {
        return false;
    }
    process_start(chaos, 0);
    setenv("ENTENTE_CHAOS_MAINTENANCE", "postgres", 1);
    bool made =
        database_wait(chaos, 60000) && database_run(chaos, "CREATE DATABASE chaos");
    unsetenv("ENTENTE_CHAOS_MAINTENANCE");
    database_forget();
    return made && run_program(chaos, entente, migrate, false) && open_the_log(chaos);
}

size_t database_backends(const struct chaos *chaos, pid_t *ret, size_t capacity)
{
    pid_t postmaster = chaos->processes[0].pid;
    size_t count = 0;
    DIR *folder = postmaster == 0 ? NULL : opendir("/proc");
    const struct dirent *entry;
    while (folder != NULL && count < capacity && (entry = readdir(folder)) != NULL) {
        char path[300];
        long parent = 0;
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        FILE *file = pid > 0 ? fopen(path, "r") : NULL;
        if (file != NULL && fscanf(file, "%*d (%*[^)]) %*c %ld", &parent) == 1 &&
            parent == (long)postmaster) {
            ret[count++] = pid;
        }
        if (file != NULL) {
            fclose(file);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return count;
}

/* ---- questions ---------------------------------------------------------------------
 */

void database_forget(void)
{
    PQfinish(connection);
    connection = NULL;
}

static bool connected(const struct chaos *chaos)
{
    char conninfo[PATH_BYTES];
    const char *other = getenv("ENTENTE_CHAOS_MAINTENANCE");
    if (connection != NULL && PQstatus(connection) == CONNECTION_OK) {
        return true;
    }
    database_forget();
    snprintf(conninfo, sizeof(conninfo),
             "host=%s port=5432 user=entente dbname=%s connect_timeout=3 "
             "application_name=chaos options='-c statement_timeout=60000 -c "
             "client_min_messages=warning'",
             chaos->place, other != NULL ? other : "chaos");
    connection = PQconnectdb(conninfo);
    return PQstatus(connection) == CONNECTION_OK;
}

static PGresult *ask(const struct chaos *chaos, const char *sql)
{
    PGresult *result = connected(chaos) ? PQexec(connection, sql) : NULL;
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        PQclear(result);
        return NULL;
    }
    return result;
}

bool database_number(struct chaos *chaos, const char *sql, int64_t *ret)
{
    PGresult *result = ask(chaos, sql);
    bool answered = PQntuples(result) == 1;
    if (answered) {
        *ret = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    }
    PQclear(result);
    return answered;
}

bool database_run(struct chaos *chaos, const char *sql)
{
    PGresult *result = ask(chaos, sql);
    bool done = result != NULL;
    if (!done) {
        chaos_note(chaos, "the database refuses: %s",
                   connection == NULL ? "" : PQerrorMessage(connection));
    }
    PQclear(result);
    return done;
}

bool database_wait(struct chaos *chaos, int64_t limit_ms)
{
    int64_t end_ms = chaos_now_ms() + limit_ms;
    int64_t one = 0;
    while (!database_number(chaos, "SELECT 1", &one)) {
        if (chaos_now_ms() > end_ms) {
            chaos_find(chaos, "the database does not come back; see postgres.log");
            return false;
        }
        if (!chaos_wait(chaos, AGAIN_MS)) {
            return false;
        }
    }
    return true;
}

bool database_rows(struct chaos *chaos, const char *sql,
                   void (*row)(void *context, char **columns), void *context)
{
    char *columns[8];
    bool well = true;
    if (!connected(chaos) || PQsendQuery(connection, sql) != 1) {
        return false;
    }
    PQsetSingleRowMode(connection);
    for (PGresult *result = PQgetResult(connection); result != NULL;
         result = PQgetResult(connection)) {
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_SINGLE_TUPLE) {
            for (int i = 0; i < PQnfields(result) && i < 8; i++) {
                columns[i] = PQgetvalue(result, 0, i);
            }
            row(context, columns);
        } else if (status != PGRES_TUPLES_OK) {
            chaos_note(chaos, "the database refuses: %s", PQerrorMessage(connection));
            well = false;
        }
        PQclear(result);
    }
    return well;
}
