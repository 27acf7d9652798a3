// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/run.h"

#include "adapters/cli/json_meeting.h"
#include "adapters/cli/language.h"
#include "adapters/cli/say.h"
#include "adapters/cli/summary.h"

#include <stdio.h>

int run_linked(enum verb verb, int argc, char **argv, int (*work)(struct link *link))
{
    static struct words words;
    struct link link;
    int exit_code = EXIT_WORDS;
    switch (words_take(&words, verb, argc, argv)) {
    case WORDS_TAKEN:
        break;
    case WORDS_HELPED:
        return EXIT_DONE;
    case WORDS_WRONG:
        return EXIT_WORDS;
    }
    if (link_open(&link, &words, &exit_code)) {
        exit_code = work(&link);
    }
    link_close(&link);
    /* What was answered and could not be written is not done. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        say_error(words.command, _("the answer could not be written"));
        return EXIT_FAILED;
    }
    return exit_code;
}

int run_answer(struct link *link, const struct entente_meeting *meeting)
{
    struct entente_meeting *kept = link_keep(link, meeting);
    if (kept == NULL) {
        return EXIT_FAILED;
    }
    if (link->json) {
        return json_print(json_meeting(kept));
    }
    summary_print(stdout, kept);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}
