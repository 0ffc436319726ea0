/*
 * The parent's half: park the child's descriptors at reserved low numbers, clone, and put the
 * placeholders back.
 *
 * CLONE_VM and CLONE_VFORK make the cost independent of the parent's memory; CLONE_FILES, with an
 * unshare in the child from the end of its own numbers on, makes it independent of its descriptors.
 * An extra descriptor is parked at the very number that the child wants, so nothing has to be
 * permuted in the child. All signals are blocked meanwhile: a handler that ran in the child would
 * write the parent's memory.
 */
#include "os/spawn.h"

#include "base/cleanup.h"
#include "os/fd.h"
#include "os/reap.h"
#include "os/signals.h"
#include "os/spawn_child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_SIZE ((size_t)64 * 1024)
#define STACK_GUARD ((size_t)64 * 1024) /* A multiple of every page size. */

#if defined(__x86_64__) || defined(__aarch64__)
long os_clone3(struct clone_args *args, size_t size, int (*function)(void *), void *context);
#else
static long os_clone3(struct clone_args *args, size_t size, int (*function)(void *),
                      void *context) {
    (void)args;
    (void)size;
    (void)function;
    (void)context;
    errno = ENOSYS;
    return -ENOSYS;
}
#endif

/* The bits of the reserved numbers that one spawn uses: bit N is descriptor N. */
typedef uint64_t slots_t;

static void release_slots(struct spawner *self, slots_t slots) {
    for (int slot = SPAWN_FD_FIRST; slot < SPAWN_FD_END; slot++) {
        if ((slots & (UINT64_C(1) << slot)) != 0) {
            /* Replaces an open descriptor by another open one, so there is nothing to fail. */
            (void)dup3(self->placeholder, slot, O_CLOEXEC);
        }
    }
}

static int park(int fd, int slot, slots_t *slots) {
    if (dup3(fd, slot, O_CLOEXEC) < 0) {
        return -errno;
    }
    *slots |= UINT64_C(1) << slot;
    return 0;
}

static int park_all(const struct spawn_options *options, struct spawn_child *child,
                    slots_t *slots) {
    if (options->n_fds > SPAWN_FDS_MAX) {
        return -EINVAL;
    }
    for (size_t i = 0; i < options->n_fds; i++) {
        int target = options->fds[i].target;
        if (target < SPAWN_FD_FIRST || target >= SPAWN_FD_END ||
            (*slots & (UINT64_C(1) << target)) != 0) {
            return -EINVAL;
        }
        int error = park(options->fds[i].fd, target, slots);
        if (error < 0) {
            return error;
        }
    }
    int slot = SPAWN_FD_FIRST;
    for (int i = 0; i < 3; i++) {
        if (options->stdio[i] < 0) {
            continue;
        }
        while ((*slots & (UINT64_C(1) << slot)) != 0) {
            slot++;
        }
        assert(slot < SPAWN_FD_END);
        int error = park(options->stdio[i], slot, slots);
        if (error < 0) {
            return error;
        }
        child->stdio[i] = slot;
    }
    return 0;
}

static pid_t by_clone3(struct spawner *self, struct spawn_child *child) {
    int cgroup_fd = child->options->cgroup_fd;
    struct clone_args args = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
        .pidfd = (uintptr_t)&child->pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uintptr_t)self->stack + STACK_GUARD,
        .stack_size = STACK_SIZE,
    };
    child->shares_fds = self->can_close_range;
    child->inherited_signals = self->ignored_signals;
    if (child->shares_fds) {
        args.flags |= CLONE_FILES;
    }
    child->is_in_cgroup = cgroup_fd >= 0;
    if (child->is_in_cgroup) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (unsigned int)cgroup_fd;
    }
    return (pid_t)os_clone3(&args, sizeof args, spawn_child_run, child);
}

static pid_t by_clone(struct spawner *self, struct spawn_child *child) {
    child->shares_fds = self->can_close_range;
    child->is_in_cgroup = false;
    child->inherited_signals = SIGNALS_ALL;
    int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    flags |= child->shares_fds ? CLONE_FILES : 0;
    void *top = (char *)self->stack + STACK_GUARD + STACK_SIZE;
    pid_t pid = clone(spawn_child_run, top, flags, child, &child->pidfd);
    return pid < 0 ? -errno : pid;
}

/* The child runs on the caller's stack here, below this frame, which it never leaves. */
static pid_t by_vfork(struct spawn_child *child) {
    child->shares_fds = false;
    child->is_in_cgroup = false;
    child->inherited_signals = SIGNALS_ALL;
    pid_t pid = vfork();
    if (pid == 0) {
        spawn_child_run(child);
    }
    return pid < 0 ? -errno : pid;
}

static pid_t clone_by(struct spawner *self, enum spawn_method method, struct spawn_child *child) {
    switch (method) {
    case SPAWN_METHOD_CLONE3:
        return by_clone3(self, child);
    case SPAWN_METHOD_CLONE:
        return by_clone(self, child);
    case SPAWN_METHOD_VFORK:
        return by_vfork(child);
    }
    return -EINVAL;
}

/* What a sandbox or an older kernel says of a call or a flag that it does not have. */
static bool is_unsupported(int error) {
    return error == -ENOSYS || error == -EPERM || error == -EINVAL || error == -E2BIG;
}

/* A refused call costs less than a microsecond, so the best method is tried each time. */
static pid_t make_child(struct spawner *self, struct spawn_child *child,
                        enum spawn_method *ret_method) {
    enum spawn_method method = child->options->method;
    uint64_t mask = signals_block_all();
    pid_t pid = clone_by(self, method, child);
    while (is_unsupported(pid) && method < SPAWN_METHOD_VFORK) {
        method++;
        pid = clone_by(self, method, child);
    }
    signals_set_mask(mask);
    *ret_method = method;
    return pid;
}

int spawn(struct spawner *self, const struct spawn_options *options,
          struct spawn_result *ret_result) {
    assert(self->stack != NULL);
    assert(options->path != NULL && options->argv != NULL && options->envp != NULL);
    struct spawn_child child = {
        .options = options,
        .stdio = {-1, -1, -1},
        .pidfd = -1,
        .has_pidfs = self->has_pidfs,
    };
    struct spawn_result result = {.pidfd = -1};
    slots_t slots = 0;
    int pid = park_all(options, &child, &slots);
    child.fds_end = slots == 0 ? SPAWN_FD_FIRST : 64 - __builtin_clzll(slots);
    if (pid == 0) {
        pid = make_child(self, &child, &result.method);
    }
    release_slots(self, slots);
    if (pid < 0) {
        return pid;
    }
    auto_fd int pidfd = child.pidfd;
    if (child.step != SPAWN_STEP_NONE) {
        result.identity = child.identity;
        result.step = child.step;
        result.error = child.error;
        (void)reap_release(pid); /* It has left the shared memory, so it is at its end. */
        *ret_result = result;
        return SPAWN_FAILED;
    }
    if (pidfd < 0) {
        pidfd = pidfd_open(pid, 0); /* It can't have been reaped: that is up to the caller. */
    }
    if (child.identity.pid == 0 && pidfd >= 0) {
        /* Killed before its first step, by a cgroup.kill for instance. */
        (void)identity_of_pidfd(pidfd, pid, &child.identity);
    }
    result.identity = child.identity;
    result.identity.pid = pid;
    result.pidfd = take_fd(&pidfd);
    *ret_result = result;
    return SPAWN_STARTED;
}

/* Fills the gaps from the first number on, so that the kernel gives none of them to others. */
static int reserve_fds(struct spawner *self) {
    auto_fd int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int placeholder = fcntl(fd, F_DUPFD_CLOEXEC, SPAWN_FD_END);
    if (placeholder < 0) {
        return -errno;
    }
    fd = fd_close(fd);
    for (int slot = SPAWN_FD_FIRST; slot < SPAWN_FD_END; slot++) {
        int got = fcntl(placeholder, F_DUPFD_CLOEXEC, slot);
        int error = got < 0 ? -errno : -EBUSY;
        if (got == slot) {
            continue;
        }
        (void)fd_close(got);
        while (--slot >= SPAWN_FD_FIRST) {
            (void)fd_close(slot);
        }
        (void)fd_close(placeholder);
        return error;
    }
    self->placeholder = placeholder;
    return 0;
}

int spawner_open(struct spawner *self) {
    *self = (struct spawner){.placeholder = 0};
    int error = reserve_fds(self);
    if (error < 0) {
        return error;
    }
    void *stack = mmap(NULL, STACK_GUARD + STACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    self->stack = stack == MAP_FAILED ? NULL : stack;
    if (self->stack == NULL || mprotect(self->stack, STACK_GUARD, PROT_NONE) < 0) {
        error = -errno;
        spawner_close(self);
        return error;
    }
    self->ignored_signals = signals_ignored();
    /* Without it a shared descriptor table could not be left again. Closes nothing. */
    self->can_close_range = syscall(SYS_close_range, INT_MAX, INT_MAX, 0) == 0;
    auto_fd int pidfd = pidfd_open(getpid(), 0);
    struct identity identity = {.inode = 0};
    self->has_pidfs =
        pidfd >= 0 && identity_of_pidfd(pidfd, getpid(), &identity) == 0 && identity.inode != 0;
    return 0;
}

void spawner_close(struct spawner *self) {
    if (self->placeholder == 0) {
        return;
    }
    for (int slot = SPAWN_FD_FIRST; slot < SPAWN_FD_END; slot++) {
        (void)fd_close(slot);
    }
    (void)fd_close(self->placeholder);
    if (self->stack != NULL) {
        (void)munmap(self->stack, STACK_GUARD + STACK_SIZE);
    }
    *self = (struct spawner){.placeholder = 0};
}
