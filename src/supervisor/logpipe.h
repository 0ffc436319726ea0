/*
 * The pipe from a service to the logger: a FIFO of its own for each run, RUNTIME/log/NAME.N. The
 * logger sees it appear, reads it to its end, and unlinks it.
 *
 * The supervisor holds a read end until then, so that nothing that a short run wrote is lost before
 * the logger came to open it; and each service inherits one, so that it is not killed by SIGPIPE
 * when nothing of abide is left.
 */
#ifndef SUPERVISOR_LOGPIPE_H
#define SUPERVISOR_LOGPIPE_H

#include "core/process.h"

#include <stdbool.h>

struct shell;
struct unit;

/* A longer name would not fit into a FIFO's, with a dot before and a number behind it. */
#define LOGPIPE_NAME_MAX 230

/*
 * Opens the write end for a process: of a new FIFO for ROLE_MAIN (unit->log_fd becomes its read
 * end), of the run's for ROLE_CONTROL. Returns 0, or -errno.
 */
int logpipe_open(struct shell *shell, struct unit *unit, enum role role, int *ret_write_fd);

/* Writes the unit's settings for the logger, or removes them when they are the defaults. Returns 0
 * or -errno. */
int logpipe_configure(const struct shell *shell, const struct unit *unit);

/* Gives up the read ends of ended runs whose FIFOs the logger has unlinked. True: some are left. */
bool logpipe_release(struct unit *unit);

#endif
