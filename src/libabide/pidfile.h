/*
 * The pidfile: a name for the daemon, and a lock that says whether it lives.
 *
 * What counts is the lock, a POSIX record lock (fcntl(2), F_SETLK) on the whole file. The kernel
 * gives it up when the process ends, however it ends, so a file that is left behind is stale and
 * never stops a start; F_GETLK names the process that holds it, so the number in the file is read
 * by no part of this library. flock(2) would not do: it is inherited by a daemon's children, and
 * held by them after the daemon's end.
 *
 * The known weakness of record locks: a process gives up its own when it closes any descriptor of
 * the file. So the daemon itself must not open its pidfile; this library does not.
 *
 * A pidfile of root's lies in a directory that only root may write. Otherwise: a symbolic link, a
 * file with a second hard link, one of another user than root, and one that holds anything else
 * than a pid are refused, so that a wrong path or a trap never costs a file.
 */
#ifndef LIBABIDE_PIDFILE_H
#define LIBABIDE_PIDFILE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct abide_daemon;

/* An acquired pidfile. PIDFILE_INIT is none. */
struct pidfile {
    int dir_fd;
    int fd;
    char base[NAME_MAX + 1];
};

#define PIDFILE_INIT                                                                               \
    { .dir_fd = -1, .fd = -1, }

/*
 * Creates or takes over daemon->pidfile (NULL: does nothing), locks it and writes this process's
 * pid. Call it in the process that is to be named, after the last fork. Returns 0, or -errno with
 * daemon->error set: -EEXIST names the process that holds it. Release it with pidfile_remove() and
 * pidfile_close().
 */
int pidfile_acquire(struct pidfile *self, struct abide_daemon *daemon);

/* Is this descriptor one of the file that is held? Closing it would give up the lock. */
bool pidfile_is(const struct pidfile *self, int fd);

/* Removes the file if the name still means the one that is held; where that is not permitted,
 * empties it. Async-signal-safe. */
void pidfile_remove(const struct pidfile *self);

/* Gives up the lock, if this process holds it. */
void pidfile_close(struct pidfile *self);

/*
 * Who holds daemon->pidfile? Returns 0 and the pid (0: held by a process outside of this pid name
 * space), 1 when nobody does, or -errno with daemon->error set.
 */
int pidfile_holder(struct abide_daemon *daemon, pid_t *ret_pid);

/* Removes daemon->pidfile if nobody holds it and it is one. Best effort: a stale file is harmless.
 */
void pidfile_clear(struct abide_daemon *daemon);

#endif
