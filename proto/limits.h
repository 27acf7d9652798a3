// SPDX-License-Identifier: Apache-2.0

/*
 * limits.h - every bound of the wire as a constant (LIMIT_FRAME_BYTES, ...)
 */
#ifndef PROTO_LIMITS_H
#define PROTO_LIMITS_H

#define LIMIT(name, value, unit, what) LIMIT_##name = (value),
enum limit {
#include "proto/limits.def"
};
#undef LIMIT

#endif
