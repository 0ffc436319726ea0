/* Everything is poll(2) on a descriptor: nothing is asked again and again. */
#include "os/await.h"

#include "os/clock.h"
#include "os/fd.h"
#include "os/unixsock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

int await_readable(int fd, usec_t timeout_usec) {
    usec_t deadline = usec_add(clock_monotonic(), timeout_usec);
    for (;;) {
        int msec = -1;
        if (deadline != USEC_INFINITY) {
            usec_t left = usec_sub(deadline, clock_monotonic());
            msec = (int)usec_min(usec_add(left, USEC_PER_MSEC - 1) / USEC_PER_MSEC, INT_MAX);
        }
        struct pollfd pollfd = {.fd = fd, .events = POLLIN};
        int r = poll(&pollfd, 1, msec);
        if (r > 0) {
            return 0;
        }
        if (r < 0 && errno != EINTR) {
            return -errno;
        }
        if (clock_monotonic() >= deadline) {
            return -ETIMEDOUT;
        }
    }
}

int await_open_pipe(int ret_fds[2]) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0) {
        return -errno;
    }
    auto_fd int reader = fd_above_stdio(fds[0]);
    auto_fd int writer = fd_above_stdio(fds[1]);
    if (reader < 0 || writer < 0) {
        return -EMFILE;
    }
    ret_fds[0] = take_fd(&reader);
    ret_fds[1] = take_fd(&writer);
    return 0;
}

int await_ready(int fd, usec_t timeout_usec) {
    int r = await_readable(fd, timeout_usec);
    if (r < 0) {
        return r;
    }
    char byte;
    ssize_t n = read(fd, &byte, 1);
    if (n < 0) {
        return -errno;
    }
    return n == 1 && byte == '\n' ? 1 : 0;
}

int await_open_peer(int socket_fd, int *ret_pidfd) {
    struct unixsock_peer peer;
    int r = unixsock_peer(socket_fd, &peer);
    if (r < 0) {
        return r;
    }
    int pidfd = (int)syscall(SYS_pidfd_open, peer.pid, 0);
    if (pidfd < 0) {
        return -errno;
    }
    *ret_pidfd = pidfd;
    return 0;
}

void await_moment(usec_t span_usec) {
    (void)poll(NULL, 0, (int)(span_usec / USEC_PER_MSEC)); /* A signal may cut it short. */
}
