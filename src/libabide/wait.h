/*
 * Waiting, in the processes of a start: for descriptors with a deadline, and for a child's end.
 */
#ifndef LIBABIDE_WAIT_H
#define LIBABIDE_WAIT_H

#include "base/usec.h"

#include <poll.h>
#include <sys/types.h>

/* The monotonic clock. */
usec_t wait_now(void);

/* Waits until one of `fds` has an event or `deadline` (USEC_INFINITY: never) has come, over
 * interrupting signals. Returns the number of `fds` with events, 0 at the deadline, or -errno. */
int wait_for(struct pollfd *fds, nfds_t n_fds, usec_t deadline);

/* Reaps a child of this process. Returns 0 and its wait status, or -errno: -ECHILD when somebody
 * else, or SIGCHLD being ignored, reaped it. */
int wait_child(pid_t pid, int *ret_status);

#endif
