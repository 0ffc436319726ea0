/*
 * Points in time as people type them, for --since and --until: systemd.time(7)'s forms. Without a
 * zone they are UTC, as the stamps of logs are.
 */
#ifndef ABIDE_TIMESTAMP_H
#define ABIDE_TIMESTAMP_H

#include "base/usec.h"

/*
 * Reads "2026-11-22 16:54:12.5", "2026-11-22T16:54:12Z", "2026-11-22", "16:54", "now", "today",
 * "yesterday", "tomorrow", "5min ago", "-5min", "+1h" or "@SECONDS". Both times are microseconds
 * since 1970. Returns 0 or -EINVAL.
 */
int timestamp_parse(const char *text, usec_t now_usec, usec_t *ret_usec);

#endif
