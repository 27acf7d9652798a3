// SPDX-License-Identifier: Apache-2.0

/*
 * negotiation_page.c - prints docs/negotiation.md from the negotiation table, or, with
 * --model, the table for tests/model/
 *
 * tests/lint/check_diagram.sh builds it, and compares or writes both.
 */
#include "broker/negotiation.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char head[] =
    "# The negotiation\n"
    "\n"
    "The life of one meeting is one table, `broker/negotiation.c`. This page is made "
    "from\n"
    "it by `tests/lint/check_diagram.sh --write`; a lint compares them. What is not in "
    "the\n"
    "table is refused with the current version in the reply. The same rows stand in "
    "the\n"
    "table `transition` of the database, whose trigger lets no meeting go another way, "
    "and in\n"
    "`tests/model/table.pml`, by which the models of SPIN go.\n"
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
    bool first = true;
    for (unsigned bit = 0; bit < EFFECT_BITS; bit++) {
        if (effects & 1u << bit) {
            printf("%s%s", first ? "" : ", ", negotiation_effect_name(1u << bit));
            first = false;
        }
    }
}

/* "-" is no name in a Mermaid diagram; its [*] is both the beginning and the end. */
static const char *node(enum negotiation_state state)
{
    return state == NOTHING_YET ? "[*]" : negotiation_state_name(state);
}

/* "release held" as a name of the model. */
static void print_effect_name(unsigned effect)
{
    for (const char *c = negotiation_effect_name(effect); *c != '\0'; c++) {
        putchar(*c == ' ' ? '_' : toupper((unsigned char)*c));
    }
}

/* What tests/model/ goes by. */
static void print_model(void)
{
    size_t count;
    const struct transition *table = negotiation_table(&count);
    puts("/* SPDX-License-Identifier: Apache-2.0 */\n"
         "/* The negotiation's table, made from broker/negotiation.c by\n"
         " * tests/lint/check_diagram.sh --write; a lint compares them. */");
    puts("#define NOTHING_YET 0");
    for (int state = SEARCHING; state <= DONE; state++) {
        printf("#define %s %d\n", node((enum negotiation_state)state), state);
    }
    for (int event = 1; event < 256; event++) {
        const char *name = negotiation_event_name((enum negotiation_event)event);
        if (name[0] != '?') {
            printf("#define %s %d\n", name, event);
        }
    }
    for (unsigned bit = 0; bit < EFFECT_BITS; bit++) {
        if (negotiation_effect_name(1u << bit) != NULL) {
            printf("#define FX_");
            print_effect_name(1u << bit);
            printf(" %u\n", 1u << bit);
        }
    }
    puts("\n/* Where @event leads from @from, and what it asks for; to = NOTHING_YET:\n"
         " * refused. */\n"
         "inline take_row(from, event, to, fx)\n{\n    if");
    for (size_t i = 0; i < count; i++) {
        if ((table[i].effects & REFUSE) == 0) {
            printf("    :: from == %s && event == %s -> to = %s; fx = %u\n",
                   table[i].from == NOTHING_YET ? "NOTHING_YET" : node(table[i].from),
                   negotiation_event_name(table[i].event), node(table[i].to),
                   table[i].effects);
        }
    }
    puts("    :: else -> to = NOTHING_YET; fx = 0\n    fi\n}");
}

static void print_page(void)
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
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--model") == 0) {
        print_model();
    } else {
        print_page();
    }
    return 0;
}
