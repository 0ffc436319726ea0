/*
 * The worker of somebody else's guardian, held so that its end can be waited for: whoever kills a
 * guardian kills its worker, too, but a little later.
 */
#ifndef LIBABIDE_WORKER_H
#define LIBABIDE_WORKER_H

#include "base/usec.h"

#include <sys/types.h>

/* A pidfd of the guardian's worker, while both live; -1 when there is none. */
int worker_hold(pid_t guardian);

/* Waits for the end of what worker_hold() gave, if anything, and closes it. Returns 0 or
 * -ETIMEDOUT. */
int worker_await_end(int pid_fd_take, usec_t timeout);

#endif
