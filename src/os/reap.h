/*
 * Dead children, in two steps: look at one, note down what happened to it, then let it go. Between
 * the two a kill of the caller loses nothing, because the zombie keeps its status.
 *
 *     struct reap_exit ended;
 *     while (reap_peek(&ended) > 0) {
 *         …commit it…
 *         reap_release(ended.pid);
 *     }
 *
 * A trap of the kernel: reap_peek() tells of the same child again until that child is released, so
 * whoever holds one back learns nothing of the others.
 */
#ifndef OS_REAP_H
#define OS_REAP_H

#include <sys/types.h>
#include <sys/wait.h>

struct reap_exit {
    pid_t pid;
    int wait_status; /* As wait(2) gives it, for WIFEXITED() and its friends. */
};

/* 1 and a dead child that is not released yet; 0 when there is none (or no child at all). */
int reap_peek(struct reap_exit *ret_exit);

/*
 * A descriptor that is readable when a child has ended. It blocks SIGCHLD for this process from
 * here on; children of spawn() begin with nothing blocked. Returns 0 or -errno.
 */
int reap_open(int *ret_fd);

/* 1 and a child of which a signal has arrived, 0 when there is none any more. Only a hint: signals
 * of several children may be one. So take the hints first, which is quick however many children
 * there are, and look with reap_peek() for the rest. */
int reap_hint(int fd, pid_t *ret_pid);

/* As reap_peek(), for this child only. */
int reap_peek_child(pid_t pid, struct reap_exit *ret_exit);

/* Waits for the end of the child `pid`, and releases it. -ECHILD when it is no child (any more). */
int reap_release(pid_t pid);

#endif
