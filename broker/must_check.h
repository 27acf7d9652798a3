// SPDX-License-Identifier: Apache-2.0

/*
 * must_check.h - the result of this function may not be ignored
 */
#ifndef BROKER_MUST_CHECK_H
#define BROKER_MUST_CHECK_H

#define MUST_CHECK __attribute__((warn_unused_result))

#endif
