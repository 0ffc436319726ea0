/*
 * File descriptors: closing them, and keeping them away from 0, 1 and 2.
 */
#ifndef OS_FD_H
#define OS_FD_H

#include "base/cleanup.h"

/* Closes `fd` unless it is negative; keeps errno. Returns -1, so that `fd = fd_close(fd)`. */
int fd_close(int fd);

/*
 * Wraps a call that returns a descriptor, or -1 and errno, as open(2) does, and returns the same;
 * but a descriptor below 3 (its number was free: the caller began without a stdin, say) is moved
 * up, close-on-exec.
 *
 *     auto_fd int fd = fd_above_stdio(open(path, O_RDONLY | O_CLOEXEC));
 */
int fd_above_stdio(int fd);

/* /dev/null, for reading and writing. Returns 0 or -errno. */
int fd_open_null(int *ret_fd);

/* pipe(2), close-on-exec, neither end 0, 1 or 2. Returns 0 or -errno. */
int fd_open_pipe(int ret_fds[2]);

/* For auto_fd. */
static inline void cleanup_fd(int *fd) {
    (void)fd_close(*fd);
}

#endif
