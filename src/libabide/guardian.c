/*
 * One loop with all signals blocked: they arrive by a signalfd, the worker's first report by a
 * socket. The worker's end before its first report is a failed start, told to the caller and not
 * tried again; every later one is judged by the restart policy.
 */
#include "libabide/guardian.h"

#include "abide.h"
#include "base/backoff.h"
#include "libabide/fail.h"
#include "libabide/report.h"
#include "libabide/settings.h"
#include "libabide/wait.h"
#include "os/fd.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct guardian {
    struct abide_daemon *daemon;
    struct pidfile *pidfile;
    int report_fd; /* to the caller; -1 once the worker was ready */
    int worker_fd; /* the worker's reports; -1 when none is expected */
    int signal_fd;
    pid_t worker; /* 0: none runs */
    bool was_ready; /* it said so itself */
    bool is_stopping;
    usec_t started_usec;
    usec_t wake_usec; /* SIGKILL of a stopping worker, or the next start; else USEC_INFINITY */
    struct backoff backoff;
    struct prng prng;
};

static _Noreturn void end(struct guardian *self, int status) {
    pidfile_remove(self->pidfile);
    _exit(status);
}

/* The first start failed, and the caller is still there to hear why. */
static _Noreturn void fail_start(struct guardian *self, const struct report *report) {
    (void)report_send(self->report_fd, report); /* A caller that is gone needs no answer. */
    end(self, EXIT_FAILURE);
}

static int exit_status(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

static bool wants_restart(enum abide_restart policy, int wait_status) {
    switch (policy) {
    case ABIDE_RESTART_NO:
        return false;
    case ABIDE_RESTART_ALWAYS:
        return true;
    case ABIDE_RESTART_ON_FAILURE:
        break;
    }
    if (WIFEXITED(wait_status)) {
        return WEXITSTATUS(wait_status) != 0;
    }
    int signal_number = WTERMSIG(wait_status);
    return signal_number != SIGHUP && signal_number != SIGINT && signal_number != SIGTERM &&
           signal_number != SIGPIPE;
}

static void plan_restart(struct guardian *self) {
    const struct backoff_policy policy = {0};
    usec_t now = wait_now();
    const struct backoff_run run = {
        .ran_usec = usec_sub(now, self->started_usec),
        .was_ready = self->was_ready,
    };
    self->wake_usec = usec_add(now, backoff_next(&self->backoff, &policy, &run, &self->prng));
}

static void on_worker_end(struct guardian *self, int wait_status) {
    self->worker = 0;
    self->worker_fd = fd_close(self->worker_fd);
    if (self->report_fd >= 0) {
        fail_start(self, &(struct report){.kind = REPORT_ENDED, .value = wait_status});
    }
    if (self->is_stopping) {
        end(self, EXIT_SUCCESS);
    }
    if (!wants_restart(self->daemon->restart, wait_status)) {
        end(self, exit_status(wait_status));
    }
    plan_restart(self);
}

static void on_stop(struct guardian *self, int signal_number) {
    if (self->worker == 0) {
        end(self, EXIT_SUCCESS);
    }
    /* The worker is our child and not reaped, so its number is its own. SIGCONT: a stopped process
     * would not see the other. */
    (void)kill(self->worker, signal_number);
    (void)kill(self->worker, SIGCONT);
    if (!self->is_stopping) {
        self->is_stopping = true;
        self->wake_usec = usec_add(wait_now(), settings_stop_timeout(self->daemon));
    }
}

static void on_signal(struct guardian *self) {
    struct signalfd_siginfo info;
    if (read(self->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
        return;
    }
    int signal_number = (int)info.ssi_signo;
    int wait_status;
    if (signal_number == SIGTERM || signal_number == SIGINT) {
        on_stop(self, signal_number);
    } else if (signal_number != SIGCHLD) {
        if (self->worker != 0) {
            (void)kill(self->worker, signal_number);
        }
    } else if (self->worker != 0 && waitpid(self->worker, &wait_status, WNOHANG) == self->worker) {
        on_worker_end(self, wait_status);
    }
}

/* Relays the worker's first report. */
static void on_report(struct guardian *self) {
    struct report report;
    int r = report_receive(self->worker_fd, &report);
    self->worker_fd = fd_close(self->worker_fd);
    if (r != 0) {
        return; /* It ends, or closed the descriptor; SIGCHLD tells. */
    }
    if (report.kind != REPORT_READY) {
        if (self->report_fd >= 0) {
            (void)waitpid(self->worker, NULL, 0); /* It ends right after such a report. */
            fail_start(self, &report);
        }
        return; /* Its end is judged like any other. */
    }
    self->was_ready = self->daemon->ready_when == ABIDE_READY_BY_CALL;
    if (self->report_fd >= 0) {
        report.pid = getpid();
        if (report_send(self->report_fd, &report) < 0) {
            end(self, EXIT_FAILURE); /* The start has failed for its caller: nothing of it stays. */
        }
        self->report_fd = fd_close(self->report_fd);
    }
}

/* Returns 0 in the worker, 1 in the guardian, or -errno. */
static int start_worker(struct guardian *self, int *ret_report_fd) {
    int fds[2];
    int r = report_open(fds);
    if (r < 0) {
        return r;
    }
    pid_t guardian = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        r = -errno;
        (void)fd_close(fds[0]);
        (void)fd_close(fds[1]);
        return r;
    }
    if (pid > 0) {
        (void)fd_close(fds[1]);
        self->worker_fd = fds[0];
        self->worker = pid;
        self->started_usec = wait_now();
        self->wake_usec = USEC_INFINITY;
        self->was_ready = false;
        return 1;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) {
        int error = errno;
        (void)fail(self->daemon, error, "death signal of the worker");
        (void)report_failure(fds[1], self->daemon, error); /* A guardian that is gone needs none. */
        _exit(EXIT_FAILURE);
    }
    if (getppid() != guardian) {
        _exit(EXIT_FAILURE);
    }
    (void)fd_close(fds[0]);
    (void)fd_close(self->signal_fd);
    (void)fd_close(self->report_fd);
    pidfile_close(self->pidfile); /* The lock is the guardian's and stays. */
    *ret_report_fd = fds[1];
    return 0;
}

/* The caller hears of a first start that fails; a later one counts as a run that ended at once. */
static void on_start_failed(struct guardian *self, int error) {
    if (self->report_fd >= 0) {
        (void)fail(self->daemon, error, "fork of the worker");
        (void)report_failure(self->report_fd, self->daemon, error);
        end(self, EXIT_FAILURE);
    }
    self->started_usec = wait_now();
    self->was_ready = false;
    plan_restart(self);
}

/* The worker had its time to stop. (Without a worker, the next start is due: see the loop.) */
static void on_wake(struct guardian *self) {
    if (self->worker != 0) {
        (void)kill(self->worker, SIGKILL); /* Our child, not reaped. */
        self->wake_usec = USEC_INFINITY;
    }
}

int guardian_begin(struct abide_daemon *daemon, struct pidfile *pidfile, int *report_fd) {
    sigset_t all;
    (void)sigfillset(&all); /* Can't fail. */
    struct guardian self = {
        .daemon = daemon,
        .pidfile = pidfile,
        .report_fd = *report_fd,
        .worker_fd = -1,
        .signal_fd = fd_above_stdio(signalfd(-1, &all, SFD_CLOEXEC)),
        .prng = {.state = wait_now() ^ (uint64_t)getpid()},
    };
    if (self.signal_fd < 0) {
        return fail(daemon, errno, "signalfd of the guardian");
    }
    for (;;) {
        if (self.worker == 0 && wait_now() >= self.wake_usec) {
            int r = start_worker(&self, report_fd);
            if (r == 0) {
                return 0;
            }
            if (r < 0) {
                on_start_failed(&self, -r);
            }
        }
        struct pollfd fds[] = {
            {.fd = self.worker_fd, .events = POLLIN},
            {.fd = self.signal_fd, .events = POLLIN},
        };
        int n = wait_for(fds, 2, self.wake_usec);
        if (fds[0].revents != 0) { /* First: what the worker said before it ended. */
            on_report(&self);
        }
        if (fds[1].revents != 0) {
            on_signal(&self);
        }
        if (n == 0) {
            on_wake(&self);
        }
    }
}
