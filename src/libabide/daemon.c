/* The object: start, stop, restart, reload, status, run. */
#include "abide.h"
#include "libabide/account.h"
#include "libabide/fail.h"
#include "libabide/pidfile.h"
#include "libabide/place.h"
#include "libabide/process.h"
#include "libabide/settings.h"
#include "libabide/wait.h"
#include "libabide/worker.h"
#include "os/fd.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* With a restart policy the guardian kills a worker that does not stop, so it needs a moment more.
 */
#define GUARDIAN_TIMEOUT_USEC (1 * USEC_PER_SEC)

/* A killed process that is not gone by then waits in the kernel, for a disk say. */
#define KILLED_TIMEOUT_USEC (5 * USEC_PER_SEC)

#define EXIT_STATUS_MASK 0xff

int abide_start(struct abide_daemon *daemon) {
    int r = settings_check(daemon, SETTINGS_NEED_RUN);
    if (r < 0) {
        return r;
    }
    pid_t pid = abide_daemonize(daemon);
    if (pid == 0) {
        exit(daemon->run(daemon) & EXIT_STATUS_MASK);
    }
    return pid > 0 ? 0 : pid;
}

/*
 * Opens a pidfd of the process that holds the pidfile. The lock is asked for before and after: a
 * pid that was used again in between does not hold it. Returns 0, 1 when nobody holds it, or
 * -errno.
 */
static int open_holder(struct abide_daemon *daemon, pid_t *ret_pid, int *ret_pid_fd) {
    pid_t pid;
    pid_t again;
    int r = pidfile_holder(daemon, &pid);
    if (r != 0) {
        return r;
    }
    if (pid == 0) {
        return fail_words(daemon, ESRCH, "pidfile %s is held outside of this pid name space",
                          daemon->pidfile);
    }
    if (process_is_daemon(pid)) {
        return fail_words(daemon, EDEADLK, "pidfile %s is held by this process itself",
                          daemon->pidfile);
    }
    auto_fd int pid_fd = pidfd_open(pid, 0);
    if (pid_fd < 0 && errno != ESRCH) {
        return fail(daemon, errno, "pidfd_open of pid %d", (int)pid);
    }
    r = pid_fd < 0 ? 1 : pidfile_holder(daemon, &again);
    if (r == 0 && again != pid) {
        return fail_words(daemon, EAGAIN, "another daemon took pidfile %s: try again",
                          daemon->pidfile);
    }
    if (r == 0) {
        *ret_pid = pid;
        *ret_pid_fd = take_fd(&pid_fd);
    }
    return r;
}

static int send_signal(struct abide_daemon *daemon, int pid_fd, pid_t pid, int signal_number) {
    if (pidfd_send_signal(pid_fd, signal_number, NULL, 0) < 0 && errno != ESRCH) {
        return fail(daemon, errno, "signal %d to pid %d", signal_number, (int)pid);
    }
    return 0;
}

static bool has_ended(int pid_fd, usec_t timeout) {
    struct pollfd waiting = {.fd = pid_fd, .events = POLLIN};
    return wait_for(&waiting, 1, usec_add(wait_now(), timeout)) > 0;
}

/* SIGTERM, and SIGCONT since a stopped process would not see it; SIGKILL after the time-out. */
static int end_process(struct abide_daemon *daemon, int pid_fd, pid_t pid) {
    usec_t timeout = settings_stop_timeout(daemon);
    if (daemon->restart != ABIDE_RESTART_NO) {
        timeout = usec_add(timeout, GUARDIAN_TIMEOUT_USEC);
    }
    int r = send_signal(daemon, pid_fd, pid, SIGTERM);
    if (r == 0) {
        r = send_signal(daemon, pid_fd, pid, SIGCONT);
    }
    if (r < 0 || has_ended(pid_fd, timeout)) {
        return r;
    }
    int worker_fd = daemon->restart != ABIDE_RESTART_NO ? worker_hold(pid) : -1;
    r = send_signal(daemon, pid_fd, pid, SIGKILL);
    bool has_worker_ended = worker_await_end(worker_fd, KILLED_TIMEOUT_USEC) == 0;
    if (r < 0 || (has_ended(pid_fd, KILLED_TIMEOUT_USEC) && has_worker_ended)) {
        return r;
    }
    return fail_words(daemon, ETIMEDOUT, "pid %d does not end, not even by SIGKILL", (int)pid);
}

int abide_stop(struct abide_daemon *daemon) {
    pid_t pid;
    auto_fd int pid_fd = -1;
    int r = settings_check(daemon, SETTINGS_NEED_PIDFILE);
    if (r == 0) {
        r = open_holder(daemon, &pid, &pid_fd);
    }
    if (r == 0) {
        r = end_process(daemon, pid_fd, pid);
    }
    if (r >= 0) {
        pidfile_clear(daemon);
    }
    return r;
}

int abide_restart(struct abide_daemon *daemon) {
    int r = settings_check(daemon, SETTINGS_NEED_RUN);
    if (r == 0) {
        r = abide_stop(daemon);
    }
    return r < 0 ? r : abide_start(daemon);
}

int abide_reload(struct abide_daemon *daemon) {
    pid_t pid;
    auto_fd int pid_fd = -1;
    int r = settings_check(daemon, SETTINGS_NEED_PIDFILE);
    if (r == 0) {
        r = open_holder(daemon, &pid, &pid_fd);
    }
    return r == 0 ? send_signal(daemon, pid_fd, pid, SIGHUP) : r;
}

int abide_status(struct abide_daemon *daemon, pid_t *ret_pid) {
    pid_t pid;
    int r = settings_check(daemon, SETTINGS_NEED_PIDFILE);
    if (r == 0) {
        r = pidfile_holder(daemon, &pid);
    }
    if (r == 0 && ret_pid != NULL) {
        *ret_pid = pid;
    }
    return r;
}

int abide_run(struct abide_daemon *daemon) {
    struct account account = ACCOUNT_INIT;
    struct pidfile pidfile = PIDFILE_INIT;
    int r = settings_check(daemon, SETTINGS_NEED_RUN);
    if (r < 0) {
        return r;
    }
    mode_t before = umask(0); /* The pidfile has an explicit mode. */
    r = pidfile_acquire(&pidfile, daemon);
    if (r == 0) {
        r = account_find(&account, daemon);
    }
    if (r == 0) {
        r = account_assume(&account, daemon);
    }
    account_fini(&account);
    if (r == 0) {
        r = place_enter(daemon);
    }
    if (r == 0) {
        r = process_begin(daemon, &pidfile, PROCESS_FOREGROUND);
    }
    if (r < 0) {
        (void)umask(before);
        pidfile_remove(&pidfile);
        pidfile_close(&pidfile);
        return r;
    }
    r = daemon->run(daemon) & EXIT_STATUS_MASK;
    process_end();
    return r;
}
