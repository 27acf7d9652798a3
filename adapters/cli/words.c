// SPDX-License-Identifier: Apache-2.0

#include "adapters/cli/words.h"

#include "adapters/cli/language.h"
#include "adapters/cli/say.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ANY = (1 << VERBS_COUNT) - 1,
    REQUESTS = 1 << VERB_REQUEST,
    SEARCHES = 1 << VERB_SEARCH,
    ASKS = REQUESTS | SEARCHES,
    SHIFTS = 1 << VERB_SHIFT,
    GRADES = 1 << VERB_GRADE,
    DELEGATES = 1 << VERB_DELEGATE,
    ANSWERS = SHIFTS | 1 << VERB_ACCEPT | 1 << VERB_DECLINE | DELEGATES | GRADES,
    DECIDES = 1 << VERB_DECIDE,
    ENDS = 1 << VERB_CANCEL | 1 << VERB_DECLINE,
    OWNERS = 1 << VERB_OWNER,
    CHANGES = ANSWERS | DECIDES | 1 << VERB_CANCEL,
    ACTS = REQUESTS | CHANGES | OWNERS,
    SHOWS = 1 << VERB_SHOW,
    LISTS = 1 << VERB_LIST,
    FREES = 1 << VERB_FREE,
    WHOS = 1 << VERB_WHO,
    STATES = 1 << VERB_STATUS,
    EXPLAINS = 1 << VERB_EXPLAIN,
    RECONCILES = 1 << VERB_RECONCILE,
    EACH = 1 << 30,     /* may be said several times, each time with another value */
    OPTION_BASE = 1000, /* above every letter that getopt_long() answers */
    NAME_COLUMNS = 26,
};

static const struct {
    const char *name;
    const char *value;
    unsigned commands;
    const char *what;
} rows[WORDS_COUNT] = {
#define WORD(name, NAME, value, commands, what)                                        \
    [WORD_##NAME] = {name, value, commands, what},
#include "adapters/cli/words.def"
#undef WORD
};

/* needs: what the word without dashes is; NULL where there is none. */
static const struct {
    const char *usage;
    const char *needs;
    const char *summary;
} pages[VERBS_COUNT] = {
    [VERB_REQUEST] = {"--as ID --party ID... (--window FROM/TO... | --pick TIME...)",
                      NULL, N_("ask for a meeting")},
    [VERB_SEARCH] = {"--party ID... (--window FROM/TO... | --pick TIME...)", NULL,
                     N_("the best slots, with nothing held")},
    [VERB_ACCEPT] = {"MEETING --as ID", "MEETING", N_("say yes to the proposed time")},
    [VERB_SHIFT] = {"MEETING --as ID (--to TIME | --range FROM/TO... | --not-this-one)",
                    "MEETING", N_("ask for another time")},
    [VERB_DECLINE] = {"MEETING --as ID [--because CODE]", "MEETING",
                      N_("say that one does not come")},
    [VERB_DECIDE] = {"MEETING --slot TIME\n"
                     "       entente decide MEETING --without ID\n"
                     "       entente decide MEETING --confirm [--slot TIME]\n"
                     "       entente decide MEETING --move (--slot TIME | --window "
                     "FROM/TO... | --pick TIME...)\n"
                     "       entente decide MEETING --replace ID --substitute ID\n"
                     "       entente decide MEETING --search-on [--window FROM/TO...] "
                     "[--search-for LENGTH]",
                     "MEETING",
                     N_("the organizer's decision: another slot, without a party, "
                        "confirm, move, replace, search on")},
    [VERB_CANCEL] = {"MEETING [--as ID] [--because CODE]", "MEETING",
                     N_("call the meeting off, or withdraw from it")},
    [VERB_SHOW] = {"MEETING", "MEETING",
                   N_("draw a meeting: who is free, who has "
                      "answered, and when it is")},
    [VERB_LIST] = {"[--state STATE | --of-series ID] [--all]", NULL,
                   N_("the meetings of this client, by their time")},
    [VERB_FREE] = {"ID --from TIME --to TIME\n       entente free --file FILE "
                   "--from TIME --to TIME",
                   "ID", N_("when somebody is free; or what a calendar file says")},
    [VERB_WHO] = {"(ID,ID,... | @FILE | mine) --from TIME [--to TIME]", "PEOPLE",
                  N_("which of many people can come then")},
    [VERB_STATUS] = {"[--all]", NULL, N_("queues, stale sources, undelivered events")},
    [VERB_DELEGATE] = {"MEETING --as ID (--substitute ID | --substitute-guest GUEST)",
                       "MEETING", N_("say who comes instead")},
    [VERB_GRADE] = {"MEETING --as ID [--yes SLOT...] [--if-need-be SLOT...] [--no "
                    "SLOT...]",
                    "MEETING", N_("say which of several held slots suit")},
    [VERB_OWNER] = {"MEETING --as ID (--keeps | --moves | --mistaken)", "MEETING",
                    N_("say what holds where one's agenda contradicts the meeting")},
    [VERB_EXPLAIN] = {"MEETING [--replay]", "MEETING",
                      N_("what has been decided about a meeting, and why")},
    [VERB_RECONCILE] = {"(--known FILE | --digest HEX)", NULL,
                        N_("what has changed since this client last heard")},
};

static void print_help(const struct words *words)
{
    unsigned bit = 1U << words->verb;
    printf("entente %s - %s\n\n", words->command, words_summary(words->verb));
    printf(_("usage: entente %s %s\n\n"), words->command, pages[words->verb].usage);
    for (size_t i = 0; i < WORDS_COUNT; i++) {
        if (rows[i].commands & bit) {
            const char *value = rows[i].value == NULL ? "" : rows[i].value;
            int printed =
                printf("  --%s%s%s", rows[i].name, value[0] == '[' ? "" : " ", value);
            printf("%*s %s\n", printed < NAME_COLUMNS ? NAME_COLUMNS - printed : 0, "",
                   gettext(rows[i].what));
        }
    }
    fputs(_("\nTimes are 2026-11-24T14:00, with or without an offset (+01:00) or Z.\n"
            "Exit codes: 0 done, 1 failed or refused, 2 the words were wrong, 3 no "
            "slot was found.\n"),
          stdout);
}

/* "[=VALUE]" may be left out. */
static int argument_of(const char *value)
{
    if (value == NULL) {
        return no_argument;
    }
    return value[0] == '[' ? optional_argument : required_argument;
}

static size_t make_options(enum verb verb, struct option *options)
{
    size_t count = 0;
    for (int i = 0; i < WORDS_COUNT; i++) {
        if (rows[i].commands & (1U << verb)) {
            options[count++] = (struct option){.name = rows[i].name,
                                               .has_arg = argument_of(rows[i].value),
                                               .val = OPTION_BASE + i};
        }
    }
    options[count] = (struct option){0};
    return count;
}

/* What was said that is no option, and what was not said. */
static enum words_outcome take_subject(struct words *words, int argc, char **argv)
{
    const char *needs = pages[words->verb].needs;
    if (optind < argc && needs != NULL) {
        words->subject = argv[optind++];
    }
    if (optind < argc) {
        say_error(words->command, _("the word %s is not understood here"),
                  argv[optind]);
        return WORDS_WRONG;
    }
    if (needs != NULL && words->subject == NULL) {
        say_error(words->command, _("%s is missing; see entente %s --help"), needs,
                  words->command);
        return WORDS_WRONG;
    }
    return WORDS_TAKEN;
}

static enum words_outcome misunderstood(const struct words *words, const char *text)
{
    say_error(words->command,
              _("the option %s is not known here, or lacks its value; see entente %s "
                "--help"),
              text, words->command);
    return WORDS_WRONG;
}

/* Of two values one would be dropped without a word. */
static bool is_said_twice(const struct words *words, enum word word)
{
    if (rows[word].value == NULL || (rows[word].commands & EACH) != 0 ||
        words_each(words, word, 0) == NULL) {
        return false;
    }
    say_error(words->command, _("--%s is said twice, and has one value"),
              rows[word].name);
    return true;
}

enum words_outcome words_take(struct words *words, enum verb verb, int argc,
                              char **argv)
{
    struct option options[WORDS_COUNT + 1];
    make_options(verb, options);
    *words = (struct words){.verb = verb, .command = argv[0]};
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    for (;;) {
        int letter = getopt_long(argc, argv, "", options, NULL);
        if (letter == -1) {
            return take_subject(words, argc, argv);
        }
        if (letter < OPTION_BASE) {
            return misunderstood(words, argv[optind - 1]);
        }
        if (letter - OPTION_BASE == WORD_HELP) {
            print_help(words);
            return WORDS_HELPED;
        }
        if (is_said_twice(words, (enum word)(letter - OPTION_BASE))) {
            return WORDS_WRONG;
        }
        if (words->count == WORDS_MAX) {
            say_error(words->command, _("more than %d options"), (int)WORDS_MAX);
            return WORDS_WRONG;
        }
        words->said[words->count].word = (enum word)(letter - OPTION_BASE);
        words->said[words->count++].value = optarg == NULL ? "" : optarg;
    }
}

const char *words_each(const struct words *words, enum word word, size_t index)
{
    for (size_t i = 0; i < words->count; i++) {
        if (words->said[i].word == word && index-- == 0) {
            return words->said[i].value;
        }
    }
    return NULL;
}

const char *words_text(const struct words *words, enum word word)
{
    for (size_t i = words->count; i > 0; i--) {
        if (words->said[i - 1].word == word) {
            return words->said[i - 1].value;
        }
    }
    const char *standing = NULL;
    if (word == WORD_AS) {
        standing = getenv("ENTENTE_AS");
    } else if (word == WORD_CLIENT) {
        standing = getenv("ENTENTE_CLIENT");
    }
    return standing != NULL && standing[0] != '\0' ? standing : NULL;
}

bool words_has(const struct words *words, enum word word)
{
    return words_each(words, word, 0) != NULL;
}

const char *words_name(enum word word)
{
    return word == WORDS_NONE || word == WORDS_COUNT ? "" : rows[word].name;
}

const char *words_summary(enum verb verb)
{
    return verb == VERBS_COUNT ? "" : gettext(pages[verb].summary);
}

void words_complain(const struct words *words, enum word word, const char *value,
                    const char *sentence)
{
    say_error(words->command, "%s%s%s%s: %s", word == WORDS_NONE ? "" : "--",
              words_name(word), word == WORDS_NONE ? "" : " ", value, sentence);
}
