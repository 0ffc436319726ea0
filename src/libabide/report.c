/* Packets keep their borders, so a report is whole or absent, also when its sender is killed. */
#include "libabide/report.h"

#include "base/cleanup.h"
#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int report_open(int ret_fds[2]) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
        return -errno;
    }
    auto_fd int one = fd_above_stdio(fds[0]);
    auto_fd int other = fd_above_stdio(fds[1]);
    if (one < 0 || other < 0) {
        return -errno;
    }
    ret_fds[0] = take_fd(&one);
    ret_fds[1] = take_fd(&other);
    return 0;
}

int report_die_with_reader(int fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETOWN, getpid()) < 0 || fcntl(fd, F_SETSIG, SIGKILL) < 0 ||
        fcntl(fd, F_SETFL, flags | O_ASYNC) < 0) {
        return -errno;
    }
    return 0;
}

int report_send(int fd, const struct report *report) {
    if (report->kind == REPORT_READY) {
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_ASYNC) < 0) {
            return -errno; /* The reader goes when it has read this. */
        }
    }
    ssize_t n = send(fd, report, sizeof(*report), MSG_NOSIGNAL | MSG_DONTWAIT);
    return n < 0 ? -errno : 0;
}

int report_failure(int fd, const struct abide_daemon *daemon, int error) {
    struct report report = {.kind = REPORT_FAILED, .value = error};
    static_assert(sizeof(report.text) == sizeof(daemon->error), "a reason fits");
    memcpy(report.text, daemon->error, sizeof(report.text));
    return report_send(fd, &report);
}

int report_ready(struct abide_daemon *daemon) {
    int fd = __atomic_exchange_n(&daemon->ready_fd, 0, __ATOMIC_SEQ_CST);
    if (fd <= 0) {
        return 0;
    }
    struct report report = {.kind = REPORT_READY, .pid = getpid()};
    int r = report_send(fd, &report);
    (void)fd_close(fd);
    if (r == -EPIPE || r == -ECONNRESET) {
        (void)kill(getpid(),
                   SIGTERM); /* The start has failed for its caller: nothing of it stays. */
    }
    return r < 0 ? r : 1;
}

int report_receive(int fd, struct report *ret_report) {
    ssize_t n;
    do {
        n = recv(fd, ret_report, sizeof(*ret_report), 0);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return -errno;
    }
    if (n != 0 && n != (ssize_t)sizeof(*ret_report)) {
        return -EPROTO;
    }
    ret_report->text[sizeof(ret_report->text) - 1] = '\0';
    return n == 0 ? 1 : 0;
}
