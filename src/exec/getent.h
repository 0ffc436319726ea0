/*
 * getent(1) as a child, with a time-out: the way from a static program to the directory services
 * that nsswitch.conf(5) names.
 */
#ifndef EXEC_GETENT_H
#define EXEC_GETENT_H

#include "base/usec.h"

#define GETENT_LINE_MAX 65536
#define GETENT_TIMEOUT_USEC (10 * USEC_PER_SEC)

/* The first line that `getent DATABASE KEY` prints, without its newline. Returns 0, 1 when there is
 * no such entry (or no getent), or -errno; -ETIMEDOUT when the service did not answer. */
int getent_line(const char *database, const char *key, char ret_line[GETENT_LINE_MAX]);

#endif
