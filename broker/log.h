// SPDX-License-Identifier: Apache-2.0

/*
 * log.h - one structured line per event, to standard error
 *
 *     2026-11-21T22:06:26.123Z info  loop: batch of 12 committed
 *
 * What never appears: reasons, names, identifiers of patients, ranges, keys, and
 * messages of the database (they quote rows).  Control characters in arguments are
 * written as '?'.
 */
#ifndef BROKER_LOG_H
#define BROKER_LOG_H

enum log_level { LOG_DEBUG = 0, LOG_INFO = 1, LOG_WARNING = 2, LOG_ERROR = 3 };

/* Lines below @level are dropped.  The default is LOG_INFO. */
void log_set_level(enum log_level level);

void log_line(enum log_level level, const char *part, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
