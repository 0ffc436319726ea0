/*
 * caller ── fork #1 ── session leader ── fork #2 ── daemon [── worker, with a restart policy]
 *
 * The second fork leaves the session leader behind, so that the daemon can never acquire a
 * controlling terminal by opening one. Every step that fails is told to the caller, by way of the
 * leader, before abide_daemonize() returns there.
 */
#include "abide.h"
#include "libabide/account.h"
#include "libabide/fail.h"
#include "libabide/guardian.h"
#include "libabide/leader.h"
#include "libabide/pidfile.h"
#include "libabide/place.h"
#include "libabide/process.h"
#include "libabide/report.h"
#include "libabide/settings.h"
#include "libabide/streams.h"
#include "libabide/wait.h"
#include "os/fd.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A killed process may take this long to be gone before a start that timed out returns. */
#define KILLED_TIMEOUT_USEC (5 * USEC_PER_SEC)
#define CLEAR_UP_TIMEOUT_USEC (1 * USEC_PER_SEC)

/* The steps that need the privileges of the caller, and their loss. Returns 0 or -errno. */
static int set_up(struct abide_daemon *daemon, const struct account *account,
                  struct pidfile *ret_pidfile) {
    (void)umask(0); /* What is created here has an explicit mode. */
    int r = pidfile_acquire(ret_pidfile, daemon);
    if (r < 0) {
        return r;
    }
    struct streams streams = STREAMS_INIT;
    r = streams_open(&streams, daemon, account);
    for (int i = 0; r == 0 && i < 3; i++) {
        if (pidfile_is(ret_pidfile, streams.fds[i])) {
            r = fail_words(daemon, EINVAL,
                           "pidfile %s is also stdin, stdout or stderr: name two files",
                           daemon->pidfile);
        }
    }
    if (r == 0) {
        r = streams_install(&streams, daemon);
    }
    if (r == 0) {
        r = account_assume(account, daemon);
    }
    return r == 0 ? place_enter(daemon) : r;
}

/* Makes the fork a daemon, or reports why not and ends it. */
static void become(struct abide_daemon *daemon, const struct account *account, int report_fd) {
    struct pidfile pidfile = PIDFILE_INIT;
    process_reset_signals();
    (void)unsetenv("NOTIFY_FD"); /* The caller's; it is closed here. */
    int r = report_die_with_reader(report_fd);
    if (r < 0) {
        r = fail(daemon, -r, "signal for the end of the session leader");
    }
    if (r == 0) {
        r = place_close_others(daemon, report_fd);
    }
    if (r == 0) {
        r = set_up(daemon, account, &pidfile);
    }
    if (r == 0 && daemon->restart != ABIDE_RESTART_NO) {
        r = guardian_begin(daemon, &pidfile, &report_fd);
    }
    if (r == 0) {
        r = process_begin(daemon, &pidfile, PROCESS_DAEMON);
    }
    if (r < 0) {
        pidfile_remove(&pidfile);
        (void)report_failure(report_fd, daemon, -r); /* A caller that is gone needs no answer. */
        _exit(EXIT_FAILURE);
    }
    daemon->ready_fd = report_fd;
    if (daemon->ready_when == ABIDE_READY_AT_RUN) {
        (void)report_ready(daemon); /* As above. */
    }
}

static int fail_ended(struct abide_daemon *daemon, int wait_status) {
    if (WIFEXITED(wait_status)) {
        return fail_words(daemon, ECHILD, "ended before it was ready: exit status %d",
                          WEXITSTATUS(wait_status));
    }
    return fail_words(daemon, ECHILD, "ended before it was ready: killed by signal %d (%s)",
                      WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
}

/* Returns the daemon's pid, or -errno. */
static pid_t await_report(struct abide_daemon *daemon, int fd) {
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    usec_t timeout = settings_start_timeout(daemon);
    bool is_late = wait_for(&waiting, 1, usec_add(wait_now(), timeout)) == 0;
    if (is_late) {
        (void)shutdown(fd, SHUT_WR); /* The leader kills the daemon, and reports its end. */
        (void)wait_for(&waiting, 1, usec_add(wait_now(), KILLED_TIMEOUT_USEC));
    }
    struct report report;
    int r = (waiting.revents & POLLIN) != 0 ? report_receive(fd, &report) : 1;
    if (r == 0 && report.kind == REPORT_READY) {
        return report.pid;
    }
    if (is_late) {
        return fail_words(daemon, ETIMEDOUT, "not ready after %.3f s: killed",
                          (double)timeout / (double)USEC_PER_SEC);
    }
    if (r != 0) {
        return fail_words(daemon, ECHILD, "ended before it was ready: its session leader is gone");
    }
    if (report.kind == REPORT_ENDED) {
        return fail_ended(daemon, report.value);
    }
    memcpy(daemon->error, report.text, sizeof(daemon->error));
    return -report.value;
}

/* Returns the first fork's pid, 0 in the daemon, or -errno. */
static pid_t fork_daemon(struct abide_daemon *daemon, const struct account *account,
                         int *ret_caller_fd) {
    int fds[2];
    int r = report_open(fds);
    if (r < 0) {
        return fail(daemon, -r, "socketpair");
    }
    (void)fflush(NULL); /* Else both processes would write what is buffered now. */
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all); /* Can't fail, */
    (void)sigprocmask(SIG_BLOCK, &all, &before); /* nor these: no handler of the caller may run */
    pid_t pid = fork(); /* in its fork. */
    if (pid == 0) {
        (void)fd_close(fds[0]);
        become(daemon, account, leader_run(daemon, fds[1]));
        return 0;
    }
    int error = errno;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    (void)fd_close(fds[1]);
    if (pid < 0) {
        (void)fd_close(fds[0]);
        return fail(daemon, error, "fork #1");
    }
    *ret_caller_fd = fds[0];
    return pid;
}

/* Without its session leader the daemon is killed by the kernel, and nobody has cleared up after
 * it. */
static void clear_up(struct abide_daemon *daemon) {
    struct abide_daemon scratch = *daemon; /* The reason that the caller gets is written already. */
    pid_t pid = 0;
    if (daemon->pidfile == NULL || pidfile_holder(&scratch, &pid) < 0) {
        return;
    }
    auto_fd int pid_fd = pid > 0 ? pidfd_open(pid, 0) : -1;
    struct pollfd waiting = {.fd = pid_fd, .events = POLLIN};
    if (pid_fd >= 0) {
        (void)wait_for(&waiting, 1, usec_add(wait_now(), CLEAR_UP_TIMEOUT_USEC));
    }
    pidfile_clear(daemon);
}

pid_t abide_daemonize(struct abide_daemon *daemon) {
    int r = settings_check(daemon, SETTINGS_NEED_NOTHING);
    if (r < 0) {
        return r;
    }
    struct account account = ACCOUNT_INIT;
    int caller_fd = -1;
    pid_t pid = account_find(&account, daemon);
    if (pid == 0) {
        pid = fork_daemon(daemon, &account, &caller_fd);
    }
    account_fini(&account);
    if (pid <= 0) {
        return pid;
    }
    pid_t leader = pid;
    int leader_status;
    pid = await_report(daemon, caller_fd);
    (void)fd_close(caller_fd);
    (void)wait_child(leader, &leader_status); /* What it says was said by its report. */
    if (pid == -ECHILD) {
        clear_up(daemon);
    }
    return pid;
}
