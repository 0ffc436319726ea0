/*
 * The child between clone and exec.
 *
 * It lives in its parent's memory, on a stack of its own, while the parent stands still: whatever
 * it writes the parent will read, and a lock that it takes is taken for ever. Hence the rules: only
 * async-signal-safe functions (a check reads this object's undefined symbols), no allocation,
 * nothing that could block, no way out but exec and _exit.
 *
 * The order of the steps matters. First the record, so that the child is never unknown. While the
 * descriptor table is the parent's, nothing may be closed that the child did not open. Unsharing it
 * from `fds_end` on copies reserved numbers only, whatever number of descriptors the parent has;
 * everything that the child needs is below. Limits come after the descriptors, because a small
 * RLIMIT_NOFILE would forbid to place them. Signals come last: once they are unblocked, the child
 * can be killed as the service that it is about to be.
 */
#include "os/spawn_child.h"

#include "os/procstat.h"
#include "os/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The sanitizers keep notes of stack frames, and a frame that is left by exec would stay noted. */
#define no_sanitize __attribute__((no_sanitize("address", "undefined"), noinline))

no_sanitize attr_noreturn static void fail(struct spawn_child *self, enum spawn_step step,
                                           int error) {
    self->error = error;
    self->step = step;
    _exit((int)step);
}

/* Through its own pidfd where there is pidfs, as struct identity asks. */
no_sanitize static void find_identity(struct spawn_child *self) {
    pid_t pid = getpid();
    int own = -1;
    int pidfd = self->pidfd;
    if (!self->shares_fds || pidfd < 0) {
        own = (int)syscall(SYS_pidfd_open, pid, 0);
        pidfd = own;
    }
    struct identity identity = {.pid = pid};
    struct stat status;
    if (self->has_pidfs && pidfd >= 0 && fstat(pidfd, &status) == 0) {
        identity.inode = status.st_ino;
    } else {
        struct procstat stat = {.start_time = 0};
        (void)procstat_read(pid, &stat); /* Without a procfs the start time stays unknown. */
        identity.start_time = stat.start_time;
    }
    if (own >= 0) {
        (void)close(own);
    }
    self->identity = identity;
}

no_sanitize static void write_record(struct spawn_child *self) {
    const struct spawn_record *record = self->options->record;
    if (record == NULL) {
        return;
    }
    atomic_store(record->pid, (uint64_t)self->identity.pid);
    atomic_store(record->inode, self->identity.inode);
    atomic_store(record->start_time, self->identity.start_time);
    atomic_store(record->attempt, record->attempt_value);
    if (atomic_load(record->epoch) != record->epoch_value) {
        atomic_store(record->state, record->refused_value);
        fail(self, SPAWN_STEP_REFUSED, 0);
    }
}

/* Only where CLONE_INTO_CGROUP was not to be had: this write waits for an RCU grace period. */
no_sanitize static void join_cgroup(struct spawn_child *self) {
    if (self->is_in_cgroup || self->options->cgroup_fd < 0) {
        return;
    }
    int fd = openat(self->options->cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1) {
        fail(self, SPAWN_STEP_CGROUP, errno);
    }
    (void)close(fd);
}

no_sanitize static void place_fds(struct spawn_child *self) {
    static const enum spawn_step steps[3] = {SPAWN_STEP_STDIN, SPAWN_STEP_STDOUT,
                                             SPAWN_STEP_STDERR};
    const struct spawn_options *options = self->options;
    if (self->shares_fds &&
        syscall(SYS_close_range, self->fds_end, UINT_MAX, CLOSE_RANGE_UNSHARE) < 0) {
        fail(self, SPAWN_STEP_FDS, errno);
    }
    for (int i = 0; i < 3; i++) {
        if (self->stdio[i] >= 0 && dup2(self->stdio[i], i) < 0) {
            fail(self, steps[i], errno);
        }
    }
    for (size_t i = 0; i < options->n_fds; i++) {
        if (fcntl(options->fds[i].target, F_SETFD, 0) < 0) {
            fail(self, SPAWN_STEP_FDS, errno);
        }
    }
}

no_sanitize static void set_limits(struct spawn_child *self) {
    const struct spawn_options *options = self->options;
    for (size_t i = 0; i < options->n_limits; i++) {
        const struct spawn_limit *limit = &options->limits[i];
        if (prlimit(0, (enum __rlimit_resource)limit->resource, &limit->limit, NULL) < 0) {
            fail(self, SPAWN_STEP_LIMITS, errno);
        }
    }
}

no_sanitize int spawn_child_run(void *context) {
    struct spawn_child *self = context;
    const struct spawn_options *options = self->options;
    find_identity(self);
    write_record(self);
    join_cgroup(self);
    if (options->is_session && setsid() < 0) {
        fail(self, SPAWN_STEP_SETSID, errno);
    }
    place_fds(self);
    if (options->umask != SPAWN_UMASK_KEEP) {
        (void)umask(options->umask);
    }
    set_limits(self);
    if (options->cwd != NULL && chdir(options->cwd) < 0) {
        fail(self, SPAWN_STEP_CHDIR, errno);
    }
    signals_set_dispositions(self->inherited_signals | options->ignored_signals,
                             options->ignored_signals);
    signals_set_mask(0);
    (void)execve(options->path, options->argv, options->envp);
    fail(self, SPAWN_STEP_EXEC, errno);
}
