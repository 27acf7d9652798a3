// SPDX-License-Identifier: Apache-2.0

/*
 * fuzz_search.c - any bytes as the luck with which a request is drawn
 *
 * The request is searched, judged, counted, explained, and asked again by record with
 * every kernel; the oracle must say the same of it.  With ENTENTE_FUZZ it is libFuzzer's
 * target; otherwise main() replays the files of the folders that are its arguments.
 */
#include "tests/matcher/agreement.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct random_request question;
    struct dice dice = {size};

    dice_load(bytes, size);
    random_request_draw(&dice, RANDOM_EVERYTHING & ~(unsigned)RANDOM_LARGE, &question);
    dice_load(NULL, 0);
    /* Explanations take some ten searches: every fourth size asks for them. */
    unsigned what = AGREE_ON_EVERYTHING;
    what &= size % 4 == 0 ? what : ~(unsigned)AGREE_ON_EXPLAIN;
    const char *complaint = agreement_check(&question, what);
    if (complaint != NULL) {
        fprintf(stderr, "%s\n", complaint);
        random_request_print(stderr, &question.request);
        abort();
    }
    return 0;
}
