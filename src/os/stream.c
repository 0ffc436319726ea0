/* The wait is in poll(2), never in the call itself: a deadline holds over all of a message. */
#include "os/stream.h"

#include "os/clock.h"
#include "os/unixsock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>

int stream_connect(const char *path, usec_t timeout_usec, int *ret_fd) {
    return unixsock_connect(path, SOCK_STREAM, timeout_usec, ret_fd);
}

/* Waits until `events` (or an error, which the next call will tell) are there. */
static int wait_for(int fd, short events, usec_t deadline_usec) {
    for (;;) {
        int timeout = -1;
        if (deadline_usec != USEC_INFINITY) {
            usec_t left = usec_sub(deadline_usec, clock_monotonic());
            /* Rounded up: never awake too early, which would be a second round for nothing. */
            usec_t msec = usec_add(left, USEC_PER_MSEC - 1) / USEC_PER_MSEC;
            timeout = (int)usec_min(msec, INT_MAX);
        }
        struct pollfd pollfd = {.fd = fd, .events = events};
        int r = poll(&pollfd, 1, timeout);
        if (r > 0) {
            return 0;
        }
        if (r < 0 && errno != EINTR) {
            return -errno;
        }
        if (r == 0 && clock_monotonic() >= deadline_usec) {
            return -ETIMEDOUT;
        }
    }
}

int stream_write(int fd, const void *data, size_t size, usec_t deadline_usec) {
    const char *rest = data;
    while (size > 0) {
        ssize_t n = send(fd, rest, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            rest += n;
            size -= (size_t)n;
        } else if (errno == EAGAIN) {
            int r = wait_for(fd, POLLOUT, deadline_usec);
            if (r < 0) {
                return r;
            }
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

int stream_read(int fd, void *buffer, size_t size, usec_t deadline_usec, size_t *ret_size) {
    for (;;) {
        ssize_t n = recv(fd, buffer, size, MSG_DONTWAIT);
        if (n >= 0) {
            *ret_size = (size_t)n;
            return 0;
        }
        if (errno == EAGAIN) {
            int r = wait_for(fd, POLLIN, deadline_usec);
            if (r < 0) {
                return r;
            }
        } else if (errno != EINTR) {
            return -errno;
        }
    }
}
