/*
 * What spawn() and its child share: see spawn.h. The child runs in the memory of its parent, so
 * spawn_child.c, and what it calls of this project (procstat.c, signals.c), may call nothing but
 * async-signal-safe functions and allocate nothing.
 */
#ifndef OS_SPAWN_CHILD_H
#define OS_SPAWN_CHILD_H

#include "base/attr.h"
#include "os/spawn.h"

struct spawn_child {
    /* From the parent. */
    const struct spawn_options *options;
    int stdio[3]; /* Where the parent parked the child's; -1: nothing to do. */
    int fds_end; /* One above the highest number that is parked. */
    uint64_t inherited_signals; /* Those whose disposition has to be set. */
    int pidfd; /* Written by the kernel before the child runs; -1: none. */
    bool shares_fds; /* Until the child unshares them, descriptors are the parent's too. */
    bool has_pidfs; /* The inode of a pidfd identifies a process. */
    bool is_in_cgroup; /* The kernel put it there. */
    /* To the parent. */
    struct identity identity;
    enum spawn_step step;
    int error;
};

/* The child's whole life until exec, in the form that clone(2) asks for; `context` is a struct
 * spawn_child. */
attr_noreturn int spawn_child_run(void *context);

#endif
