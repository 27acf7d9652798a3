// SPDX-License-Identifier: Apache-2.0

#include "broker/status.h"

#define STATUS_AS_TEXT(name, text) text,
static const char *const texts[] = {STATUS_LIST(STATUS_AS_TEXT)};
#undef STATUS_AS_TEXT

const char *status_text(enum status status)
{
    return texts[status];
}
