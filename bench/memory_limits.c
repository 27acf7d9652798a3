// SPDX-License-Identifier: Apache-2.0

#include "bench/memory_limits.h"

#include "bench/method.h"
#include "bench/report.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { LINE = 64, RECORD = 768, PLACES = 1 << 16, STEP = 8 * LINE };

static volatile uint64_t sink;

/* Reads [block, block + bytes), a multiple of STEP.  The loads do not wait for each
 * other. */
typedef uint64_t read_fn(const char *block, size_t bytes);

static uint64_t read_words(const char *block, size_t bytes)
{
    uint64_t sum[4] = {0};
    for (size_t i = 0; i < bytes; i += 32) {
        uint64_t words[4];
        memcpy(words, block + i, sizeof(words));
        sum[0] |= words[0];
        sum[1] |= words[1];
        sum[2] |= words[2];
        sum[3] |= words[3];
    }
    return sum[0] | sum[1] | sum[2] | sum[3];
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static uint64_t read_avx2(const char *block,
                                                          size_t bytes)
{
    const __m256i *at = (const __m256i *)(const void *)block;
    __m256i a = _mm256_setzero_si256();
    __m256i b = a;
    __m256i c = a;
    __m256i d = a;
    for (const __m256i *end = at + bytes / 32; at < end; at += 8) {
        a = _mm256_or_si256(a, _mm256_load_si256(at));
        b = _mm256_or_si256(b, _mm256_load_si256(at + 1));
        c = _mm256_or_si256(c, _mm256_load_si256(at + 2));
        d = _mm256_or_si256(d, _mm256_load_si256(at + 3));
        a = _mm256_or_si256(a, _mm256_load_si256(at + 4));
        b = _mm256_or_si256(b, _mm256_load_si256(at + 5));
        c = _mm256_or_si256(c, _mm256_load_si256(at + 6));
        d = _mm256_or_si256(d, _mm256_load_si256(at + 7));
    }
    a = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
    return (uint64_t)_mm256_extract_epi64(a, 0) | (uint64_t)_mm256_extract_epi64(a, 3);
}

__attribute__((target("avx512f"))) static uint64_t read_avx512(const char *block,
                                                               size_t bytes)
{
    const __m512i *at = (const __m512i *)(const void *)block;
    __m512i a = _mm512_setzero_si512();
    __m512i b = a;
    __m512i c = a;
    __m512i d = a;
    for (const __m512i *end = at + bytes / LINE; at < end; at += 8) {
        a = _mm512_or_si512(a, _mm512_load_si512(at));
        b = _mm512_or_si512(b, _mm512_load_si512(at + 1));
        c = _mm512_or_si512(c, _mm512_load_si512(at + 2));
        d = _mm512_or_si512(d, _mm512_load_si512(at + 3));
        a = _mm512_or_si512(a, _mm512_load_si512(at + 4));
        b = _mm512_or_si512(b, _mm512_load_si512(at + 5));
        c = _mm512_or_si512(c, _mm512_load_si512(at + 6));
        d = _mm512_or_si512(d, _mm512_load_si512(at + 7));
    }
    a = _mm512_or_si512(_mm512_or_si512(a, b), _mm512_or_si512(c, d));
    return (uint64_t)_mm512_reduce_or_epi64(a);
}

static read_fn *best_read(void)
{
    if (__builtin_cpu_supports("avx512f")) {
        return read_avx512;
    }
    return __builtin_cpu_supports("avx2") ? read_avx2 : read_words;
}

#else

static read_fn *best_read(void)
{
    return read_words;
}

#endif

static double stream(const char *block, size_t bytes, double seconds)
{
    struct figure figure = {0};
    read_fn *read = best_read();
    double end = report_now() + seconds;
    size_t passes = 1 + (4 << 20) / bytes;
    do {
        double began = report_now();
        for (size_t i = 0; i < passes; i++) {
            sink |= read(block, bytes);
        }
        figure_add(&figure, (double)(passes * bytes) / ((report_now() - began) * 1e9));
    } while (report_now() < end || figure.count < 3);
    double best = figure_quantile(&figure, 0.5);
    figure_free(&figure);
    return best;
}

struct places {
    const char *block;
    const uint32_t *at; /* in lines */
    size_t bytes;       /* from each place */
    double seconds;
    double ns;
};

static void read_places(struct places *places)
{
    struct figure figure = {0};
    double end = report_now() + places->seconds;
    size_t from = 0;
    do {
        double began = report_now();
        uint64_t all = 0;
        for (size_t i = 0; i < 4096; i++) {
            const char *place = places->block + (size_t)places->at[from + i] * LINE;
            for (size_t j = 0; j < places->bytes; j += LINE) {
                uint64_t word;
                memcpy(&word, place + j, sizeof(word));
                all |= word;
            }
        }
        sink |= all;
        figure_add(&figure, (report_now() - began) * 1e9 / 4096);
        from = (from + 4096) % PLACES;
    } while (report_now() < end || figure.count < 3);
    places->ns = figure_quantile(&figure, 0.5);
    figure_free(&figure);
}

static void *read_places_beside(void *context)
{
    read_places(context);
    return NULL;
}

static double record_on_two(struct places *places)
{
    struct places other = *places;
    pthread_t thread;
    if (pthread_create(&thread, NULL, read_places_beside, &other) != 0) {
        report_die("no thread");
    }
    read_places(places);
    pthread_join(thread, NULL);
    return (places->ns + other.ns) / 4;
}

/* Each line holds the place of the next one, so that they are read one by one. */
static double dependent(char *block, const uint32_t *at, double seconds)
{
    struct figure figure = {0};
    for (size_t i = 0; i < PLACES; i++) {
        memcpy(block + (size_t)at[i] * LINE, &at[(i + 1) % PLACES], sizeof(uint32_t));
    }
    double end = report_now() + seconds;
    uint32_t line = at[0];
    do {
        double began = report_now();
        for (size_t i = 0; i < 4096; i++) {
            memcpy(&line, block + (size_t)line * LINE, sizeof(line));
        }
        figure_add(&figure, (report_now() - began) * 1e9 / 4096);
    } while (report_now() < end || figure.count < 3);
    sink |= line;
    double median = figure_quantile(&figure, 0.5);
    figure_free(&figure);
    return median;
}

void memory_limits_measure(struct memory_limits *limits, size_t block, double seconds)
{
    static const struct {
        const char *name;
        size_t bytes;
    } sizes[] = {{"L1", 24 << 10},
                 {"L2", 512 << 10},
                 {"L3", 8 << 20},
                 {"L3 far", 20 << 20},
                 {"DRAM", (size_t)256 << 20}};
    char *memory = bench_huge(block);
    uint32_t *at = bench_memory(PLACES * sizeof(*at));
    struct workload_random random = workload_stream(1, 1);
    double share = seconds / 9;
    /* A block is one part of memory for each place: no line is asked for twice. */
    size_t part = block / LINE / PLACES;
    for (size_t i = 0; i < PLACES; i++) {
        size_t order = (i * 40503) % PLACES;
        size_t room = part - RECORD / LINE;
        at[i] = (uint32_t)(order * part + workload_below(&random, (uint32_t)room));
    }
    *limits = (struct memory_limits){.block = block};
    for (size_t i = 0; i < 5; i++) {
        size_t bytes = sizes[i].bytes > block ? block : sizes[i].bytes;
        limits->stream[i].name = sizes[i].name;
        limits->stream[i].bytes = bytes;
        limits->stream[i].gb_s = stream(memory, bytes, share);
    }
    struct places lines = {memory, at, LINE, share, 0};
    struct places records = {memory, at, RECORD, share, 0};
    read_places(&lines);
    read_places(&records);
    limits->line_ns = lines.ns;
    limits->record_ns = records.ns;
    limits->record_2_ns = record_on_two(&records);
    limits->dependent_ns = dependent(memory, at, share);
    free(at);
    free(memory);
}

double memory_limits_stream(const struct memory_limits *limits, size_t bytes)
{
    for (size_t i = 0; i < 5; i++) {
        if (bytes <= limits->stream[i].bytes) {
            return limits->stream[i].gb_s;
        }
    }
    return limits->stream[4].gb_s;
}
