/* Deadlines, not time-outs: a signal that interrupts a wait must not begin it anew. */
#include "libabide/wait.h"

#include <errno.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>

usec_t wait_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* Can't fail with a clock that exists. */
    return (usec_t)now.tv_sec * USEC_PER_SEC + (usec_t)now.tv_nsec / NSEC_PER_USEC;
}

int wait_for(struct pollfd *fds, nfds_t n_fds, usec_t deadline) {
    for (;;) {
        usec_t left = usec_sub(deadline, wait_now());
        struct timespec timeout = {
            .tv_sec = (time_t)(left / USEC_PER_SEC),
            .tv_nsec = (long)(left % USEC_PER_SEC * NSEC_PER_USEC),
        };
        int n = ppoll(fds, n_fds, deadline == USEC_INFINITY ? NULL : &timeout, NULL);
        if (n >= 0 || errno != EINTR) {
            return n < 0 ? -errno : n;
        }
    }
}

int wait_child(pid_t pid, int *ret_status) {
    int status;
    pid_t reaped;
    do {
        reaped = waitpid(pid, &status, 0);
    } while (reaped < 0 && errno == EINTR);
    if (reaped < 0) {
        return -errno;
    }
    *ret_status = status;
    return 0;
}
