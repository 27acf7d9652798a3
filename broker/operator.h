// SPDX-License-Identifier: Apache-2.0

/*
 * operator.h - the operator's commands: they work on this machine's database
 *
 * Each takes its own name as argv[0] and answers an exit code: 0 done, 1 it failed, 2
 * the words were wrong.
 */
#ifndef BROKER_OPERATOR_H
#define BROKER_OPERATOR_H

int operator_broker(int argc, char **argv);
int operator_migrate(int argc, char **argv);
int operator_client(int argc, char **argv);
int operator_keys(int argc, char **argv);
int operator_restored(int argc, char **argv);
int operator_audit(int argc, char **argv);
int operator_breaker(int argc, char **argv);

#endif
