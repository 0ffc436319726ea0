/*
 * File descriptors: closing, and moving them out of the way. Every function returns 0 or -errno
 * and creates descriptors close-on-exec only.
 */
#ifndef OS_FD_H
#define OS_FD_H

#include "base/cleanup.h"

/* Closes `fd` unless it is negative; keeps errno. Returns -1, so that `fd = fd_close(fd)`. */
int fd_close(int fd);

/* For auto_fd. */
static inline void cleanup_fd(int *fd) {
    (void)fd_close(*fd);
}

#endif
