/*
 * libabide: turns a C program into a daemon. libabide(3) is the manual; this header is the
 * contract.
 *
 *     static int run(struct abide_daemon *daemon) {
 *         while (!abide_stopping()) {
 *             ... work; poll(2) abide_stop_fd() along with your own descriptors ...
 *         }
 *         return 0;
 *     }
 *
 *     int main(int argc, char **argv) {
 *         struct abide_daemon daemon = {.pidfile = "/run/hello.pid", .run = run};
 *         return abide_main(&daemon, argc, argv);   // hello start | stop | restart | status | run
 *     }
 *
 * Results: 0 (or a positive answer, where documented), or -errno. A function that fails leaves its
 * reason, in words, in daemon->error. Times are in microseconds. Strings stay the caller's and must
 * live as long as the daemon. Nothing is logged; only abide_main() prints.
 *
 * Call abide_daemonize(), abide_start() and abide_restart() while the process has one thread: the
 * daemon is a fork of the caller, and fork(2) takes only the calling thread along. Threads that the
 * daemon itself creates are fine.
 */
#ifndef ABIDE_H
#define ABIDE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* The longest reason in daemon->error, with its NUL. */
#define ABIDE_ERROR_SIZE 512

/* At most so many keep_fds. */
#define ABIDE_KEEP_FDS_MAX 64

/* For abide_daemon.umask: a umask of 0, since 0 itself stands for the default. */
#define ABIDE_UMASK_NONE 01000u

/* For the time-outs: wait without end. */
#define ABIDE_NO_TIMEOUT UINT64_MAX

/* The first descriptor of socket activation; sd_listen_fds(3). */
#define ABIDE_LISTEN_FDS_START 3

/* When the daemon runs again after its end, without a new start. */
enum abide_restart {
    ABIDE_RESTART_NO = 0,
    /* After an exit status other than 0, or a signal other than SIGHUP, SIGINT, SIGTERM, SIGPIPE
     * (the signals of Restart=on-failure, systemd.service(5)). */
    ABIDE_RESTART_ON_FAILURE,
    /* After every end that abide_stop() or a stop signal did not ask for. */
    ABIDE_RESTART_ALWAYS,
};

/* What a start waits for. */
enum abide_ready_when {
    /* Everything is set up and run() begins. */
    ABIDE_READY_AT_RUN = 0,
    /* The daemon calls abide_ready(). Its end before that is a failed start. */
    ABIDE_READY_BY_CALL,
};

/* A daemon. All fields zero is valid where not said otherwise, and means the safe default. */
struct abide_daemon {
    /* For messages. NULL: the name that the program was called by. */
    const char *name;

    /* Created 0644, locked for the daemon's life, removed at its end. NULL: none; then a second
     * start is not refused, and stop, restart, reload and status fail with -EINVAL. */
    const char *pidfile;

    /* Paths for descriptors 0, 1 and 2. NULL: /dev/null. The outputs are opened for append and
     * created 0640; a symbolic link is refused. */
    const char *stdin_path;
    const char *stdout_path;
    const char *stderr_path;

    /* Entered after privileges were dropped. NULL: "/", which keeps no file system busy. */
    const char *working_directory;

    /* 0: 022. Else 001 to 0777, or ABIDE_UMASK_NONE. */
    mode_t umask;

    /* Names or decimal numbers. A user brings its groups and its primary group unless `group` is
     * set, and HOME, USER, LOGNAME and SHELL in the environment. Anything that can't be done fails
     * the start. NULL: unchanged. */
    const char *user;
    const char *group;

    /* The daemon's work: its result is the exit status (0 to 255). Needed by every function that
     * starts a daemon but abide_daemonize(). */
    int (*run)(struct abide_daemon *daemon);

    /* The caller's, for run(). */
    void *data;

    enum abide_restart restart;
    enum abide_ready_when ready_when;

    /* A daemon that is not ready by then is killed, and the start fails with -ETIMEDOUT. 0: 90 s.
     */
    uint64_t start_timeout_usec;

    /* From SIGTERM to SIGKILL. 0: 10 s. */
    uint64_t stop_timeout_usec;

    /* Descriptors that stay open, besides 0, 1 and 2. */
    const int *keep_fds;
    size_t n_keep_fds;

    /* Must be 0: room for later fields. */
    uint64_t reserved[8];

    /* The library's own: leave it zero. */
    int ready_fd;

    /* Why the last call failed; "" when it did not. */
    char error[ABIDE_ERROR_SIZE];
};

/*
 * Makes a daemon of a fork of the caller. Like fork(2) it returns twice: 0 in the daemon, the
 * daemon's pid (> 0) in the caller as soon as the daemon is ready (ready_when), or -errno in the
 * caller, and then nothing of the daemon is left. With a restart policy the process that returns 0
 * is the child of a small parent, which is the pid that the caller gets and the pidfile names;
 * after a failure abide_daemonize() returns 0 once more, in a new child.
 *
 * -EEXIST: a daemon that holds the pidfile runs already; `error` says its pid. -ETIMEDOUT: not
 * ready in time. -ECHILD: it ended before it was ready; `error` says how. -EINVAL: a field has a
 * value that is not allowed. Else the errno of the step that `error` names.
 */
pid_t abide_daemonize(struct abide_daemon *daemon);

/* abide_daemonize(), and in the daemon exit(run(daemon)). Returns in the caller only: 0 or -errno.
 */
int abide_start(struct abide_daemon *daemon);

/*
 * Sends SIGTERM to the daemon that holds the pidfile, SIGKILL after stop_timeout_usec, waits for
 * its end and removes what is left of the pidfile. The process is known by its lock and held by a
 * pidfd: no other is ever signalled. Returns 0 when it was stopped, 1 when none ran, or -errno.
 */
int abide_stop(struct abide_daemon *daemon);

/* abide_stop(), then abide_start(). A stop that fails starts nothing. */
int abide_restart(struct abide_daemon *daemon);

/* Sends SIGHUP to the daemon that holds the pidfile. Returns 0, 1 when none ran, or -errno. A
 * daemon that installed no handler of its own ignores it. */
int abide_reload(struct abide_daemon *daemon);

/* Returns 0 and the pid of the daemon that holds the pidfile (0: it can't be seen from this pid
 * name space), 1 when none runs, or -errno. `ret_pid` may be NULL. */
int abide_status(struct abide_daemon *daemon, pid_t *ret_pid);

/*
 * Runs the daemon in the foreground, in this process: for supervisors, containers and debuggers.
 * pidfile, umask, user, group and working directory are as in a start; stdin, stdout, stderr and
 * the session stay, and `restart` is left to the supervisor. Returns what run() returned, or -errno
 * when run() never began.
 */
int abide_run(struct abide_daemon *daemon);

/*
 * The command line of a daemon: start, stop, restart, reload, status or run in argv[1]. Prints one
 * line on stdout or, for a failure, on stderr. Returns the exit status for main(): 0 done; 1 failed
 * (also: start, and it runs already); 2 wrong usage; of status 0 running, 3 not running, 4 unknown
 * (Linux Standard Base, "Init Script Actions"); of run that of run().
 */
int abide_main(struct abide_daemon *daemon, int argc, char **argv);

/* abide_notify(daemon, "READY=1"). */
int abide_ready(struct abide_daemon *daemon);

/*
 * Says `state` (lines NAME=VALUE, sd_notify(3)) to whoever supervises this process: the socket
 * named by NOTIFY_SOCKET (systemd, abide); and, if a line is READY=1, also the start that waits for
 * this daemon, and the descriptor whose number is in NOTIFY_FD (a newline, then it is closed: s6's
 * notification-fd). `daemon` may be NULL where no start of libabide waits. May be called from any
 * thread. Returns 1 when somebody was told, 0 when nobody listens, or -errno.
 */
int abide_notify(struct abide_daemon *daemon, const char *state);

/* 1 once SIGTERM or SIGINT asked the daemon to stop, else 0. Any thread may ask, also a signal
 * handler. The first call of abide_stopping() or abide_stop_fd() says that the daemon stops by
 * itself; until then those signals end it at once, as they do any program. */
int abide_stopping(void);

/* A descriptor that becomes readable, and stays so, once the daemon was asked to stop. Do not read
 * or close it. -EBADF outside of a daemon of this library. */
int abide_stop_fd(void);

/* The number of sockets passed by socket activation (LISTEN_FDS for this pid, sd_listen_fds(3)),
 * set close-on-exec; they begin at ABIDE_LISTEN_FDS_START. 0: none. -EINVAL: a malformed variable.
 */
int abide_listen_fds(void);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
