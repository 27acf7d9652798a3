// SPDX-License-Identifier: Apache-2.0

/*
 * main.c - the program `entente`: one table of commands
 */
#include "adapters/cli/commands.h"
#include "adapters/cli/language.h"
#include "adapters/cli/match.h"
#include "adapters/cli/words.h"
#include "broker/operator.h"

#include <stdio.h>
#include <string.h>

struct verb_row {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *group; /* begins a new group in the help */
    const char *what;
};

// clang-format off
static const struct verb_row verbs[] = {
    { "broker",  operator_broker,  N_("for the operator, on this machine's database"), N_("run a broker") },
    { "migrate", operator_migrate, NULL, N_("bring the database to the schema of this program") },
    { "client",  operator_client,  NULL, N_("who may connect, and for whom they speak") },
    { "keys",    operator_keys,    NULL, N_("the broker's own keys") },
    { "breaker", operator_breaker, NULL, N_("agendas that diverged too often at once") },
    { "audit",   operator_audit,   NULL, N_("do the rows of the database agree with each other") },
    { "restored", operator_restored, NULL, N_("what is missing after a restore from a backup") },
    { "request", command_request,  N_("over the wire"), N_("ask for a meeting") },
    { "search",  command_search,   NULL, N_("the best slots, with nothing held") },
    { "accept",  command_accept,   NULL, N_("say yes to the proposed time") },
    { "shift",   command_shift,    NULL, N_("ask for another time") },
    { "decline", command_decline,  NULL, N_("say that one does not come") },
    { "delegate",  command_delegate,  NULL, N_("say who comes instead") },
    { "grade",     command_grade,     NULL, N_("say which of several held slots suit") },
    { "decide",  command_decide,   NULL, N_("the organizer's decision: another slot, without a party, confirm, move, replace, search on") },
    { "cancel",  command_cancel,   NULL, N_("call the meeting off, or withdraw from it") },
    { "owner",     command_owner,     NULL, N_("say what holds where one's agenda contradicts the meeting") },
    { "show",    command_show,     NULL, N_("draw a meeting: who is free, who has answered, and when it is") },
    { "list",    command_list,     NULL, N_("the meetings of this client, by their time") },
    { "free",    command_free,     NULL, N_("when somebody is free; or what a calendar file says") },
    { "who",     command_who,      NULL, N_("which of many people can come then") },
    { "explain",   command_explain,   NULL, N_("what has been decided about a meeting, and why") },
    { "reconcile", command_reconcile, NULL, N_("what has changed since this client last heard") },
    { "status",  command_status,   NULL, N_("queues, stale sources, undelivered events") },
    { "match",   command_match,    N_("alone"), N_("search slots in a JSON file") },
};
// clang-format on

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static void print_help(FILE *file)
{
    fputs(_("entente - find a time that suits everybody, and get everybody to agree to "
            "it\n\nusage: entente COMMAND ...   (entente COMMAND --help tells more)\n"),
          file);
    for (size_t i = 0; i < VERBS; i++) {
        if (verbs[i].group != NULL) {
            fprintf(file, "\n%s:\n", gettext(verbs[i].group));
        }
        fprintf(file, "  %-10s %s\n", verbs[i].name, gettext(verbs[i].what));
    }
}

int main(int argc, char **argv)
{
    language_begin();
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("entente " ENTENTE_VERSION);
        return 0;
    }
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            return verbs[i].run(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, _("entente: %s is no command; see entente --help\n"), argv[1]);
    return 2;
}
