/*
 * Waiting for another process: until it says that it is ready, until it has ended.
 */
#ifndef OS_AWAIT_H
#define OS_AWAIT_H

#include "base/usec.h"

/*
 * A pipe for NOTIFY_FD, by which a program says that it is ready: with a newline (s6's
 * notification-fd). [0] is for await_ready(), [1] for the program; both are close-on-exec and
 * neither is 0, 1 or 2.
 */
int await_open_pipe(int ret_fds[2]);

/* 1: the newline came; 0: the pipe ended before it, as its last writer did; -ETIMEDOUT. */
int await_ready(int fd, usec_t timeout_usec);

/*
 * A pidfd of the process that listens at the other end of a connected socket, which must still be
 * connected afterwards for this to be no other process. -ESRCH when it has ended.
 */
int await_open_peer(int socket_fd, int *ret_pidfd);

/* Lets a moment pass, for a bounded number of looks at what tells nobody when it changes. */
void await_moment(usec_t span_usec);

/*
 * Waits until a descriptor is readable or at its end; a pidfd is, once its process has ended.
 * -ETIMEDOUT.
 */
int await_readable(int fd, usec_t timeout_usec);

#endif
