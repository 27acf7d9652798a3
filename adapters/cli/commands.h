// SPDX-License-Identifier: Apache-2.0

/*
 * commands.h - the commands over the wire
 *
 * Each takes its own name as argv[0] and answers an exit code (say.h).
 */
#ifndef ADAPTERS_CLI_COMMANDS_H
#define ADAPTERS_CLI_COMMANDS_H

int command_request(int argc, char **argv);
int command_search(int argc, char **argv);
int command_accept(int argc, char **argv);
int command_shift(int argc, char **argv);
int command_decline(int argc, char **argv);
int command_decide(int argc, char **argv);
int command_cancel(int argc, char **argv);
int command_show(int argc, char **argv);
int command_list(int argc, char **argv);
int command_free(int argc, char **argv);
int command_who(int argc, char **argv);
int command_status(int argc, char **argv);
int command_delegate(int argc, char **argv);
int command_grade(int argc, char **argv);
int command_owner(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_reconcile(int argc, char **argv);

#endif
