/*
 * What the processes of a start tell each other: a pair of SOCK_SEQPACKET sockets, one report a
 * packet. The daemon reports to the session leader between it and the caller, and that one to the
 * caller; with a restart policy the guardian stands in between as well.
 */
#ifndef LIBABIDE_REPORT_H
#define LIBABIDE_REPORT_H

#include "abide.h"

enum report_kind {
    REPORT_READY, /* pid: of the daemon */
    REPORT_FAILED, /* value: errno; text: the reason */
    REPORT_ENDED, /* value: wait status of a daemon that ended before it was ready */
};

struct report {
    enum report_kind kind;
    int value;
    pid_t pid;
    char text[ABIDE_ERROR_SIZE];
};

/* Two connected ends, neither of them 0, 1 or 2, close-on-exec. Returns 0 or -errno. */
int report_open(int ret_fds[2]);

/*
 * From here on the kernel kills this process when the other end of `fd` is closed, that is when its
 * reader is gone, whatever ended it; until a REPORT_READY is sent. (PR_SET_PDEATHSIG would not do:
 * it belongs to a thread, and any thread may say that the daemon is ready.) Returns 0 or -errno.
 */
int report_die_with_reader(int fd);

/* Sends without waiting. Returns 0 or -errno; a reader that is gone is -EPIPE, never SIGPIPE. */
int report_send(int fd, const struct report *report);

/* Sends a REPORT_FAILED with `error` (positive) and daemon->error. Returns 0 or -errno. */
int report_failure(int fd, const struct abide_daemon *daemon, int error);

/* Sends a REPORT_READY by daemon->ready_fd and closes that; once, whichever thread comes first.
 * Returns 1, 0 when no start waits (any more), or -errno. When the start's own processes are gone
 * (somebody killed them), its caller was told that it failed: then this process gets SIGTERM. */
int report_ready(struct abide_daemon *daemon);

/* Returns 0, 1 at the end of file, or -errno. */
int report_receive(int fd, struct report *ret_report);

#endif
