// SPDX-License-Identifier: Apache-2.0

/*
 * negotiation_page.c - prints docs/negotiation.md from the negotiation table
 *
 * tests/lint/check_diagram.sh builds it, and compares or writes the page.
 */
#include "broker/negotiation.h"

#include <stdbool.h>
#include <stdio.h>

static const char head[] =
    "# The negotiation\n"
    "\n"
    "The life of one meeting is one table, `broker/negotiation.c`. This page is made "
    "from\n"
    "it by `tests/lint/check_diagram.sh --write`; a lint compares them. What is not in "
    "the\n"
    "table is refused with the current version in the reply.\n"
    "\n"
    "Claims follow the state: *held* while PROPOSED, *firm* while CONFIRMED, both "
    "while\n"
    "MOVING. WAITING_ORGANIZER keeps the hold to its end. The code is what a meeting\n"
    "carries as `last_event`: programs may go by it.\n"
    "\n"
    "What the effects do is `broker/matter_effect.c`; which event an answer is, the "
    "files\n"
    "`broker/handle_*.c` decide. Where this goes beyond the plain table of states, "
    "and\n"
    "why, is said in [ARCHITECTURE.md](../ARCHITECTURE.md).\n";

static void print_effects(unsigned effects)
{
    static const struct {
        unsigned effect;
        const char *name;
    } names[] = {
        {HOLD, "hold"},
        {RELEASE_HELD, "release held"},
        {MAKE_FIRM, "make firm"},
        {RELEASE_FIRM, "release firm"},
        {DROP_PARTY, "drop party"},
        {ASK, "ask"},
        {ANNOUNCE, "announce"},
        {TELL_ORGANIZER, "tell the organizer"},
        {ALTERNATIVES, "show alternatives"},
        {REFUSE, "refuse with the nearest"},
    };
    bool first = true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (effects & names[i].effect) {
            printf("%s%s", first ? "" : ", ", names[i].name);
            first = false;
        }
    }
}

/* "-" is no name in a Mermaid diagram; its [*] is both the beginning and the end. */
static const char *node(enum negotiation_state state)
{
    return state == NOTHING_YET ? "[*]" : negotiation_state_name(state);
}

int main(void)
{
    size_t count;
    const struct transition *table = negotiation_table(&count);
    fputs(head, stdout);
    printf("\n```mermaid\nstateDiagram-v2\n");
    for (size_t i = 0; i < count; i++) {
        printf("    %s --> %s: %s\n", node(table[i].from), node(table[i].to),
               negotiation_event_name(table[i].event));
    }
    for (int state = SEARCHING; state <= DONE; state++) {
        if (negotiation_is_over((enum negotiation_state)state)) {
            printf("    %s --> [*]\n", node((enum negotiation_state)state));
        }
    }
    printf("```\n\n| from | event | to | effects | code | why |\n"
           "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        printf("| %s | %s | %s | ", negotiation_state_name(table[i].from),
               negotiation_event_name(table[i].event),
               negotiation_state_name(table[i].to));
        print_effects(table[i].effects);
        printf(" | `%s` | %s |\n", table[i].code, table[i].why);
    }
    printf("\n## For Graphviz\n\n```dot\n");
    negotiation_draw(stdout);
    printf("```\n");
    return 0;
}
