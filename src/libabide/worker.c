/* The kernel's list of children is asked before and after: a number in both is the same process. */
#include "libabide/worker.h"

#include "libabide/wait.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

/* A guardian has one child. Returns its pid, or 0. */
static pid_t first_child(pid_t parent) {
    char path[64];
    char text[32];
    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (n <= 0) {
        return 0;
    }
    text[n] = '\0';
    return (pid_t)strtol(text, NULL, 10);
}

int worker_hold(pid_t guardian) {
    pid_t pid = first_child(guardian);
    auto_fd int pid_fd = pid > 0 ? pidfd_open(pid, 0) : -1;
    return pid_fd >= 0 && first_child(guardian) == pid ? take_fd(&pid_fd) : -1;
}

int worker_await_end(int pid_fd_take, usec_t timeout) {
    auto_fd int pid_fd = pid_fd_take;
    struct pollfd waiting = {.fd = pid_fd, .events = POLLIN};
    if (pid_fd < 0) {
        return 0;
    }
    int n = wait_for(&waiting, 1, usec_add(wait_now(), timeout));
    return n == 0 ? -ETIMEDOUT : 0;
}
