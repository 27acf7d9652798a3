// SPDX-License-Identifier: Apache-2.0

/*
 * free_command.h - `entente free --file`: print what is understood of a calendar file
 */
#ifndef ADAPTERS_ICS_FREE_COMMAND_H
#define ADAPTERS_ICS_FREE_COMMAND_H

/*
 * Run with the arguments behind "free" (argv[0] is "free" itself).  Prints to stdout,
 * complains on stderr (with --json: an error object on stdout).
 *
 * Returns the exit code of the program: 0 understood, 1 the file cannot be read or is
 * not understood, 2 the arguments are wrong.
 */
int command_free_file(int argc, char **argv);

#endif
