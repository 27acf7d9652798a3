// SPDX-License-Identifier: Apache-2.0

#include "bench/processors.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

/* Of one process, as proc(5) has it. */
struct used {
    long parent;
    double own;
    double ended; /* children that are no more */
};

static bool read_used(long process, struct used *ret)
{
    char path[64];
    char line[1024];
    snprintf(path, sizeof(path), "/proc/%ld/stat", process);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    size_t size = fread(line, 1, sizeof(line) - 1, file);
    fclose(file);
    line[size] = '\0';
    /* The name may have blanks in it; the fields from the third on follow it. */
    char *at = strrchr(line, ')');
    double fields[16] = {0};
    for (size_t i = 0; at != NULL && i < sizeof(fields) / sizeof(fields[0]); i++) {
        at = strchr(at + 1, ' ');
        fields[i] = at == NULL ? 0 : strtod(at, NULL);
    }
    enum { PARENT = 1, OWN_USER = 11, OWN_SYSTEM, ENDED_USER, ENDED_SYSTEM };
    double ticks = (double)sysconf(_SC_CLK_TCK);
    *ret = (struct used){
        .parent = (long)fields[PARENT],
        .own = (fields[OWN_USER] + fields[OWN_SYSTEM]) / ticks,
        .ended = (fields[ENDED_USER] + fields[ENDED_SYSTEM]) / ticks,
    };
    return at != NULL;
}

static double of_server(const struct stand *stand)
{
    struct used used;
    long backend = (long)pg_database_number(stand->database, "SELECT pg_backend_pid()");
    if (!read_used(backend, &used)) {
        return 0;
    }
    long postmaster = used.parent;
    double sum = read_used(postmaster, &used) ? used.own + used.ended : 0;
    DIR *folder = opendir("/proc");
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        if (isdigit((unsigned char)entry->d_name[0]) &&
            read_used(strtol(entry->d_name, NULL, 10), &used) &&
            used.parent == postmaster) {
            sum += used.own;
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return sum;
}

static double of_usage(int who)
{
    struct rusage usage;
    if (getrusage(who, &usage) != 0) {
        return 0;
    }
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct processors processors_read(const struct stand *stand)
{
    struct used used;
    return (struct processors){
        .generator = of_usage(RUSAGE_SELF) + of_usage(RUSAGE_CHILDREN),
        .broker = read_used((long)stand->broker, &used) ? used.own : 0,
        .server = of_server(stand),
    };
}

void processors_add(struct processors *sum, const struct processors *before,
                    const struct processors *after)
{
    sum->generator += after->generator - before->generator;
    sum->broker += after->broker - before->broker;
    sum->server += after->server - before->server;
}
