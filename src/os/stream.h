/*
 * The client's end of a connected stream socket, with a deadline for every step: whoever listens at
 * the other end may be hung, and a client must be able to say so.
 *
 *     int error = unixsock_connect("/run/abide/control", SOCK_STREAM, 5 * USEC_PER_SEC, &fd);
 *     usec_t deadline = usec_add(clock_monotonic(), 10 * USEC_PER_SEC);
 *     …stream_write(fd, line, length, deadline), stream_read(fd, buffer, size, deadline, &n)…
 *
 * Deadlines are points of the monotonic clock, USEC_INFINITY for none. The descriptor may be one
 * that blocks or one that does not.
 */
#ifndef OS_STREAM_H
#define OS_STREAM_H

#include "base/usec.h"

#include <stddef.h>

/* Connects to the stream socket at `path`; see unixsock_connect(). */
int stream_connect(const char *path, usec_t timeout_usec, int *ret_fd);

/* Writes all of it; a peer that is gone is -EPIPE, never a signal. -ETIMEDOUT. */
int stream_write(int fd, const void *data, size_t size, usec_t deadline_usec);

/* Waits for bytes and reads some, at most `size`; *ret_size is 0 at the end. -ETIMEDOUT. */
int stream_read(int fd, void *buffer, size_t size, usec_t deadline_usec, size_t *ret_size);

#endif
