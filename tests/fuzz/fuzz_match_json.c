// SPDX-License-Identifier: Apache-2.0

/*
 * fuzz_match_json.c - any bytes as a request of `entente match`
 *
 * It is answered or refused, and both in JSON; a refusal has a code and a sentence.  With
 * ENTENTE_FUZZ it is libFuzzer's target; otherwise main() replays the files of the folders
 * that are its arguments.
 */
#include "adapters/cli/match.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool law)
{
    if (!law) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    json_t *answer = NULL;
    int code = match_answer((const char *)bytes, size, &answer);

    require(code == MATCH_EXIT_ANSWERED || code == MATCH_EXIT_REFUSED);
    require(json_is_object(answer));
    if (code == MATCH_EXIT_ANSWERED) {
        require(json_is_array(json_object_get(answer, "slots")));
    } else {
        require(json_object_size(answer) > 0);
        require(json_object_get(answer, "slots") == NULL);
    }
    char *text = json_dumps(answer, JSON_COMPACT);
    require(text != NULL);
    free(text);
    json_decref(answer);
    return 0;
}
