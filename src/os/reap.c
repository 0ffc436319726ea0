/*
 * waitid(2) with WNOWAIT looks at a zombie without releasing it. Its answer comes as a siginfo_t;
 * everything else, PIDFD_GET_INFO too, speaks wait(2)'s integer, so it is put together here.
 */
#include "os/reap.h"

#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_DUMPED 0x80

static int wait_status_of(const siginfo_t *info) {
    if (info->si_code == CLD_EXITED) {
        return (info->si_status & 0xff) << 8;
    }
    return info->si_code == CLD_DUMPED ? info->si_status | WAIT_DUMPED : info->si_status;
}

static int peek(idtype_t type, id_t id, struct reap_exit *ret_exit) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(type, id, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
        return errno == ECHILD ? 0 : -errno;
    }
    if (info.si_pid == 0) {
        return 0;
    }
    *ret_exit = (struct reap_exit){.pid = info.si_pid, .wait_status = wait_status_of(&info)};
    return 1;
}

int reap_peek(struct reap_exit *ret_exit) {
    return peek(P_ALL, 0, ret_exit);
}

int reap_peek_child(pid_t pid, struct reap_exit *ret_exit) {
    assert(pid > 0);
    return peek(P_PID, (id_t)pid, ret_exit);
}

int reap_open(int *ret_fd) {
    sigset_t mask;
    (void)sigemptyset(&mask); /* Neither can fail. */
    (void)sigaddset(&mask, SIGCHLD);
    int fd = fd_above_stdio(signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
    if (fd < 0 || sigprocmask(SIG_BLOCK, &mask, NULL) < 0) {
        int error = errno;
        (void)fd_close(fd);
        return -error;
    }
    *ret_fd = fd;
    return 0;
}

int reap_hint(int fd, pid_t *ret_pid) {
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
        return 0;
    }
    *ret_pid = (pid_t)info.ssi_pid;
    return 1;
}

int reap_release(pid_t pid) {
    assert(pid > 0);
    int result = 0;
    do {
        result = waitid(P_PID, (id_t)pid, NULL, WEXITED);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : 0;
}
