// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/history_private.h"

#include <inttypes.h>
#include <string.h>

const char *history_check(const struct record *records, size_t count, size_t *ret_at)
{
    static char said[SAID];
    struct checker *checker = checker_create();
    const char *first = NULL;
    for (size_t i = 0; i < count && first == NULL; i++) {
        first = checker_take(checker, &records[i]);
        *ret_at = i;
    }
    if (first != NULL) {
        snprintf(said, sizeof(said), "%s", first);
        first = said;
    }
    checker_destroy(checker);
    return first;
}

static const char *const kind_names[] = {
#define RECORD_KIND(name, text) text,
    RECORD_KINDS(RECORD_KIND)
#undef RECORD_KIND
};

void record_print(FILE *file, const struct record *record)
{
    fprintf(file,
            "%s %" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIx64 " %" PRIu32 " %" PRIu32
            " %" PRId64 " %" PRId32 " %" PRId32 "\n",
            kind_names[record->kind], record->client, record->epoch, record->counter,
            record->meeting, record->version, record->state, record->person,
            record->start, record->end);
}

bool record_parse(const char *line, struct record *ret_record)
{
    struct record record = {0};
    char name[16];
    int got = sscanf(line,
                     "%15s %" SCNd64 " %" SCNu64 " %" SCNu64 " %" SCNx64 " %" SCNu32
                     " %" SCNu32 " %" SCNd64 " %" SCNd32 " %" SCNd32,
                     name, &record.client, &record.epoch, &record.counter,
                     &record.meeting, &record.version, &record.state, &record.person,
                     &record.start, &record.end);
    for (size_t i = 0; got == 10 && i < RECORD_KIND_COUNT; i++) {
        if (strcmp(name, kind_names[i]) == 0) {
            record.kind = (enum record_kind)i;
            *ret_record = record;
            return true;
        }
    }
    return false;
}
