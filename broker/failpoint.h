// SPDX-License-Identifier: Apache-2.0

/*
 * failpoint.h - places at which a test build can be made to die
 *
 * ENTENTE_FAILPOINT=name:n in the environment of a test build kills the process with
 * SIGKILL the n-th time that it passes the failpoint of that name; name may be "*".
 * With ENTENTE_FAILPOINT_COUNT=file the number of passes is written there at the end.
 * In all other builds this is nothing at all.
 */
#ifndef BROKER_FAILPOINT_H
#define BROKER_FAILPOINT_H

#if defined(ENTENTE_TEST_BUILD)
void failpoint(const char *name);
#else
static inline void failpoint(const char *name)
{
    (void)name;
}
#endif

#endif
