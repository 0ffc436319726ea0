/* A relay with three inputs: the daemon's report, the daemon's end, and the caller's. */
#include "libabide/leader.h"

#include "libabide/fail.h"
#include "libabide/pidfile.h"
#include "libabide/process.h"
#include "libabide/report.h"
#include "libabide/wait.h"
#include "libabide/worker.h"
#include "os/fd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

/* A killed worker that is not gone by then waits in the kernel. */
#define WORKER_TIMEOUT_USEC (4 * USEC_PER_SEC)

static _Noreturn void fail_step(struct abide_daemon *daemon, int caller_fd, int error,
                                const char *step) {
    (void)fail(daemon, error, "%s", step);
    (void)report_failure(caller_fd, daemon, error); /* A caller that is gone needs no answer. */
    _exit(EXIT_FAILURE);
}

/* Reaps the daemon; returns its wait status. One that was killed could not remove its pidfile, and
 * one without privileges was not allowed to: the leader still may. Not with `reason` EEXIST: then
 * the file is another daemon's. */
static int bury(struct abide_daemon *daemon, pid_t pid, const struct report *reason) {
    int status = 0;
    (void)wait_child(pid, &status); /* Our child: nobody else reaps it. */
    if (daemon->pidfile != NULL && (reason == NULL || reason->value != EEXIST)) {
        pidfile_clear(daemon);
    }
    return status;
}

/* Says how the daemon ended unless it gave its reason itself. */
static _Noreturn void on_daemon_end(struct abide_daemon *daemon, int caller_fd, pid_t pid,
                                    const struct report *reason) {
    const struct report ended = {.kind = REPORT_ENDED, .value = bury(daemon, pid, reason)};
    (void)report_send(caller_fd, reason != NULL ? reason : &ended);
    _exit(EXIT_FAILURE);
}

static _Noreturn void relay(struct abide_daemon *daemon, int caller_fd, int daemon_fd, pid_t pid,
                            int pid_fd) {
    struct report report;
    const struct report *reason = NULL;
    int watched_fd = caller_fd; /* -1 once the caller gave up */
    for (;;) {
        struct pollfd fds[] = {
            {.fd = daemon_fd, .events = POLLIN},
            {.fd = pid_fd, .events = POLLIN},
            {.fd = watched_fd, .events = POLLIN},
        };
        (void)wait_for(fds, 3, USEC_INFINITY); /* A failure leaves no event, and is tried again. */
        if (fds[0].revents != 0) { /* First: what it said before it ended. */
            int r = report_receive(daemon_fd, &report);
            daemon_fd = fd_close(daemon_fd);
            if (r == 0 && report.kind == REPORT_READY && watched_fd >= 0) { /* Else: killed. */
                (void)report_send(caller_fd, &report); /* A caller that is gone needs no answer. */
                _exit(EXIT_SUCCESS);
            }
            reason = r == 0 && report.kind != REPORT_READY ? &report : NULL;
        }
        if (fds[1].revents != 0) {
            on_daemon_end(daemon, caller_fd, pid, reason);
        }
        if (fds[2].revents != 0) {
            int worker_fd = daemon->restart != ABIDE_RESTART_NO ? worker_hold(pid) : -1;
            (void)kill(pid, SIGKILL); /* Our child, not reaped. */
            (void)worker_await_end(worker_fd, WORKER_TIMEOUT_USEC); /* Best effort. */
            watched_fd = -1;
        }
    }
}

int leader_run(struct abide_daemon *daemon, int caller_fd) {
    int fds[2];
    if (setsid() < 0) {
        fail_step(daemon, caller_fd, errno, "setsid");
    }
    int r = report_open(fds);
    if (r < 0) {
        fail_step(daemon, caller_fd, -r, "socketpair");
    }
    pid_t pid = fork();
    if (pid < 0) {
        fail_step(daemon, caller_fd, errno, "fork #2");
    }
    if (pid == 0) {
        (void)fd_close(fds[0]);
        (void)fd_close(caller_fd);
        return fds[1];
    }
    (void)fd_close(fds[1]);
    process_reset_signals(); /* A caller that ignores SIGCHLD would leave nothing to reap. */
    int pid_fd = pidfd_open(pid, 0);
    if (pid_fd < 0) {
        int error = errno;
        (void)kill(pid, SIGKILL); /* Our child, not reaped. */
        (void)bury(daemon, pid, NULL);
        fail_step(daemon, caller_fd, error, "pidfd_open");
    }
    relay(daemon, caller_fd, fds[0], pid, pid_fd);
}
