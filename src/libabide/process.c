/*
 * A handler stays installed in a child that the daemon forks, and the descriptor of abide_stop_fd()
 * is shared with it. So everything here compares the pid first: a signal to the child must not stop
 * the parent, and a child's exit(3) must not remove the parent's pidfile.
 */
#include "libabide/process.h"

#include "abide.h"
#include "libabide/fail.h"
#include "os/fd.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    volatile sig_atomic_t pid; /* whose state this is; 0: nobody's yet */
    volatile sig_atomic_t stopping;
    volatile sig_atomic_t stops_itself;
    pid_t guardian; /* of the worker that this is; 0: none */
    int stop_fd;
    struct pidfile pidfile;
} process = {.stop_fd = -1, .pidfile = PIDFILE_INIT};

static bool is_ours(void) {
    return process.pid == getpid();
}

static void handle_stop(int signal_number) {
    int saved = errno;
    if (is_ours() && process.stops_itself) {
        uint64_t one = 1;
        process.stopping = 1;
        (void)write(process.stop_fd, &one, sizeof(one)); /* Full is readable, too. */
    } else {
        if (is_ours()) {
            pidfile_remove(&process.pidfile);
        }
        if (getpid() == 1) {
            _exit(128 + signal_number); /* The kernel keeps default actions from process 1. */
        }
        (void)signal(signal_number, SIG_DFL);
        (void)raise(signal_number); /* Is delivered when this handler returns. */
    }
    errno = saved;
}

static void handle_hangup(int signal_number) {
    (void)signal_number;
}

/* A destructor runs after all functions of atexit(3): while one of those still works, the daemon
 * lives, and must be seen to. */
__attribute__((destructor)) static void remove_at_exit(void) {
    if (is_ours()) {
        pidfile_remove(&process.pidfile);
    }
}

static int install(int signal_number, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    (void)sigemptyset(&action.sa_mask); /* Can't fail. */
    return sigaction(signal_number, &action, NULL) < 0 ? -errno : 0;
}

void process_reset_signals(void) {
    for (int i = 1; i < NSIG; i++) {
        (void)install(i, SIG_DFL,
                      0); /* Not permitted for SIGKILL, SIGSTOP and two of the libc's. */
    }
}

/* No SA_RESTART for a stop: a daemon that waits in a slow call wakes up to see abide_stopping(). */
static int install_handlers(enum process_kind kind) {
    int r = install(SIGTERM, handle_stop, 0);
    if (r == 0) {
        r = install(SIGINT, handle_stop, 0);
    }
    if (r == 0 && kind == PROCESS_DAEMON) {
        /* A handler, where SIG_IGN would be inherited by every program that the daemon executes. */
        r = install(SIGHUP, handle_hangup, SA_RESTART);
    }
    return r;
}

int process_begin(struct abide_daemon *daemon, struct pidfile *pidfile_take,
                  enum process_kind kind) {
    auto_fd int fd = fd_above_stdio(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (fd < 0) {
        return fail(daemon, errno, "eventfd");
    }
    process.stopping = process.stops_itself = 0;
    process.stop_fd = take_fd(&fd);
    process.pidfile = *pidfile_take;
    bool is_worker = kind == PROCESS_DAEMON && daemon->restart != ABIDE_RESTART_NO;
    process.guardian = is_worker ? getppid() : 0;
    process.pid = getpid();
    int r = install_handlers(kind);
    sigset_t none;
    (void)sigemptyset(&none); /* Can't fail. */
    if (r == 0 && sigprocmask(SIG_SETMASK, &none, NULL) < 0) {
        r = -errno;
    }
    if (r < 0) {
        process.pid = 0;
        process.stop_fd = fd_close(process.stop_fd);
        return fail(daemon, -r, "signal handlers");
    }
    *pidfile_take = (struct pidfile)PIDFILE_INIT;
    return 0;
}

void process_end(void) {
    (void)install(SIGTERM, SIG_DFL, 0);
    (void)install(SIGINT, SIG_DFL, 0);
    pidfile_remove(&process.pidfile);
    pidfile_close(&process.pidfile);
    process.pid = 0;
    process.stop_fd = fd_close(process.stop_fd);
}

bool process_is_daemon(pid_t pid) {
    return is_ours() && (pid == process.pid || pid == process.guardian);
}

bool process_holds_pidfile(const char *path) {
    struct stat held;
    struct stat named;
    return is_ours() && process.pidfile.fd >= 0 && fstat(process.pidfile.fd, &held) == 0 &&
           stat(path, &named) == 0 && held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

int abide_stopping(void) {
    process.stops_itself = 1;
    return is_ours() && process.stopping ? 1 : 0;
}

int abide_stop_fd(void) {
    process.stops_itself = 1;
    return is_ours() ? process.stop_fd : -EBADF;
}
