// SPDX-License-Identifier: Apache-2.0

/*
 * dump.h - a plain struct as lines "path = value", present fields only
 */
#ifndef TESTS_PROTO_DUMP_H
#define TESTS_PROTO_DUMP_H

#include "proto/codec_table.h"

#include <stdio.h>

void dump_struct(const struct codec_shape *shape, const void *plain, const char *path,
                 FILE *out);

#endif
