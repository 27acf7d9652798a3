// SPDX-License-Identifier: Apache-2.0

#include "bench/table.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char columns[] =
    "workload,parties,days,question,method,isa,median_ns,p99_ns,same_answer\n";

/* ---- words --------------------------------------------------------------------------
 */

static _Noreturn void refuse(const char *sentence, const char *word)
{
    fprintf(stderr, "bench: %s %s\n", sentence, word);
    exit(2);
}

static FILE *create(const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        refuse("this file cannot be written:", path);
    }
    return file;
}

static void read_word(struct table *table, int letter)
{
    char *end = NULL;
    switch (letter) {
    case 'q':
        table->quick = true;
        break;
    case 'o':
        table->peers = false;
        break;
    case 's':
        table->seed = strtoull(optarg, &end, 10);
        if (*optarg < '0' || *optarg > '9' || *end != '\0') {
            refuse("--seed wants a number, not", optarg);
        }
        break;
    case 'c':
        table->csv = create(optarg);
        break;
    case 'w':
        table->only = optarg;
        break;
    case 'p':
        table->people = create(optarg);
        break;
    default:
        exit(2);
    }
}

void table_open(struct table *table, int argc, char **argv)
{
    static const struct option options[] = {
        {"quick", no_argument, NULL, 'q'},
        {"ours", no_argument, NULL, 'o'},
        {"seed", required_argument, NULL, 's'},
        {"csv", required_argument, NULL, 'c'},
        {"people", required_argument, NULL, 'p'},
        {"only", required_argument, NULL, 'w'},
        {NULL, 0, NULL, 0},
    };
    int letter;
    *table = (struct table){.seed = 1, .peers = true};
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        read_word(table, letter);
    }
    if (optind < argc) {
        refuse("what is", argv[optind]);
    }
    /* Ours alone has time for longer rounds: two commits differ by less than two methods. */
    static const struct measure_budget alone = {5, 0.010, 0.005};
    static const struct measure_budget quick = {5, 0.004, 0.020};
    static const struct measure_budget full = {7, 0.020, 0.150};
    table->budget = !table->peers ? alone : table->quick ? quick : full;
    if (table->csv != NULL) {
        fputs(columns, table->csv);
    }
}

/* ---- heading ------------------------------------------------------------------------
 */

static void first_line(const char *path, const char *key, char *ret, size_t size)
{
    char line[512];
    FILE *file = fopen(path, "r");
    snprintf(ret, size, "?");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0) {
            char *value = strchr(line, ':');
            value = *key == '\0' || value == NULL ? line : value + 2;
            value[strcspn(value, "\n")] = '\0';
            snprintf(ret, size, "%.*s", (int)size - 1, value);
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

static void print_limits(const struct memory_limits *limits)
{
    printf("limits   one core reads");
    for (size_t i = 0; i < 5; i++) {
        printf("%s %s (%zu KiB) %.1f GB/s", i == 0 ? "" : ",", limits->stream[i].name,
               limits->stream[i].bytes >> 10, limits->stream[i].gb_s);
    }
    printf(
        "\n         random places of %zu MiB: %.0f ns for a line that names the next, "
        "%.1f ns for one known before,\n         %.0f ns for 768 bytes, %.0f ns with "
        "two cores at it\n",
        limits->block >> 20, limits->dependent_ns, limits->line_ns, limits->record_ns,
        limits->record_2_ns);
}

void table_heading(struct table *table)
{
    char model[256];
    char load[64];
    struct utsname name;
    uname(&name);
    first_line("/proc/cpuinfo", "model name", model, sizeof(model));
    first_line("/proc/loadavg", "", load, sizeof(load));
    printf("machine  %s, %ld processors, %s %s, load %.14s\n", model,
           sysconf(_SC_NPROCESSORS_ONLN), name.sysname, name.release, load);
    printf("seed     %llu\n", (unsigned long long)table->seed);
    if (!table->peers) {
        return;
    }
    memory_limits_measure(&table->limits, (size_t)(table->quick ? 512 : 2048) << 20,
                          table->quick ? 1 : 5);
    print_limits(&table->limits);
    printf("figures  ns for one request: median over %d rounds of the mean of up to %d "
           "different requests,\n         p99 over requests, spread of the rounds "
           "(quartiles), ratio to the best of ours in the cell\n\n",
           table->budget.rounds, BENCH_REQUESTS);
    printf("%-11s %7s %4s %-9s %-11s %-9s %12s %12s %7s %9s  %s\n", "workload",
           "parties", "days", "question", "method", "isa", "median", "p99", "spread",
           "ratio", "same answer");
    fflush(stdout);
}

/* ---- rows ---------------------------------------------------------------------------
 */

static void write_row(struct table *table, const struct table_place *place,
                      const char *method, const char *isa, double median, double p99,
                      const char *same)
{
    if (table->entry_count < TABLE_ENTRIES_MAX) {
        table->entries[table->entry_count++] = (struct table_entry){
            place->workload, place->parties, place->days, place->question, method, isa,
            median};
    }
    if (table->csv != NULL) {
        fprintf(table->csv, "%s,%u,%u,%s,%s,%s,%.1f,%.1f,%s\n", place->workload,
                place->parties, place->days, place->question, method, isa, median, p99,
                same);
    }
}

static void print_row(const struct table_place *place, const char *method,
                      const char *isa, struct figure *rounds, double p99, double ours,
                      const char *same)
{
    double median = figure_quantile(rounds, 0.5);
    double spread = figure_quantile(rounds, 0.75) - figure_quantile(rounds, 0.25);
    printf("%-11s %7u %4u %-9s %-11s %-9s %12.0f %12.0f %5.0f %% ", place->workload,
           place->parties, place->days, place->question, method, isa, median, p99,
           100 * spread / median);
    if (ours > 0) {
        printf("%9.3g  %s\n", median / ours, same);
    } else {
        printf("%9s  %s\n", "", same);
    }
}

static void note_ratio(struct table *table, const struct table_place *place,
                       const char *method, double ratio)
{
    struct table_ratio *entry = NULL;
    for (size_t i = 0; i < table->ratio_count; i++) {
        if (strcmp(table->ratios[i].method, method) == 0) {
            entry = &table->ratios[i];
        }
    }
    if (entry == NULL) {
        entry = &table->ratios[table->ratio_count++];
        entry->method = method;
    }
    if (entry->ratios.count == 0 || ratio < entry->least) {
        entry->least = ratio;
        snprintf(entry->where, sizeof(entry->where), "%s %u x %u %s", place->workload,
                 place->parties, place->days, place->question);
    }
    figure_add(&entry->ratios, ratio);
}

static bool is_ours(const struct measured *measured)
{
    return strncmp(measured->method->name, "ours", 4) == 0;
}

static double best_of_ours(struct measured *measured, size_t count)
{
    double best = 0;
    for (size_t i = 0; i < count; i++) {
        double median = figure_quantile(&measured[i].rounds, 0.5);
        if (is_ours(&measured[i]) && (best <= 0 || median < best)) {
            best = median;
        }
    }
    return best;
}

void table_cell(struct table *table, const struct table_place *place,
                struct measured *measured, size_t count, double limit_ns)
{
    double ours = best_of_ours(measured, count);
    table->cells++;
    for (size_t i = 0; i < count; i++) {
        char same[32];
        double median = figure_quantile(&measured[i].rounds, 0.5);
        const char *method = measured[i].method->name;
        snprintf(same, sizeof(same), "%s (%zu)", measured[i].is_same ? "yes" : "NO",
                 measured[i].compared);
        print_row(place, method, measured[i].method->isa, &measured[i].rounds,
                  measured[i].p99, ours, same);
        write_row(table, place, method, measured[i].method->isa, median,
                  measured[i].p99, measured[i].is_same ? "yes" : "no");
        table->different += !measured[i].is_same;
        if (ours > 0 && !is_ours(&measured[i])) {
            note_ratio(table, place, method, median / ours);
        }
    }
    if (limit_ns > 0) {
        printf("%-11s %7u %4u %-9s %-11s %-9s %12.0f %12s %7s %9.3g\n", place->workload,
               place->parties, place->days, place->question, "limit", "-", limit_ns, "",
               "", ours > 0 ? limit_ns / ours : 0);
        write_row(table, place, "limit", "-", limit_ns, limit_ns, "-");
    }
    fflush(stdout);
}

void table_row(struct table *table, const struct table_place *place, const char *method,
               const char *isa, struct figure *rounds, double p99, bool is_same)
{
    print_row(place, method, isa, rounds, p99, 0, is_same ? "yes" : "NO");
    write_row(table, place, method, isa, figure_quantile(rounds, 0.5), p99,
              is_same ? "yes" : "no");
    table->different += !is_same;
    fflush(stdout);
}

double table_find(const struct table *table, const struct table_place *place,
                  const char *method, const char *isa)
{
    double best = NAN;
    for (size_t i = 0; i < table->entry_count; i++) {
        const struct table_entry *entry = &table->entries[i];
        bool is_it = strcmp(entry->workload, place->workload) == 0 &&
                     entry->parties == place->parties && entry->days == place->days &&
                     strcmp(entry->question, place->question) == 0 &&
                     strcmp(entry->method, method) == 0 &&
                     (isa == NULL || strcmp(entry->isa, isa) == 0);
        if (is_it && !(entry->median >= best)) {
            best = entry->median;
        }
    }
    return best;
}

bool table_close(struct table *table)
{
    if (table->ratio_count > 0) {
        printf("\nhow many times longer the others take, over all %zu cells\n",
               table->cells);
        printf("  %-10s %9s %9s %9s  %s\n", "", "least", "median", "most",
               "the least in");
    }
    for (size_t i = 0; i < table->ratio_count; i++) {
        struct table_ratio *ratio = &table->ratios[i];
        printf("  %-10s %9.3g %9.3g %9.3g  %s\n", ratio->method, ratio->least,
               figure_quantile(&ratio->ratios, 0.5), figure_quantile(&ratio->ratios, 1),
               ratio->where);
        figure_free(&ratio->ratios);
    }
    if (table->different > 0) {
        printf("%zu methods did not give the same answer\n", table->different);
    }
    if ((table->csv != NULL && fclose(table->csv) != 0) ||
        (table->people != NULL && fclose(table->people) != 0)) {
        report_die("the CSV file could not be written");
    }
    fflush(stdout);
    return table->different == 0;
}
