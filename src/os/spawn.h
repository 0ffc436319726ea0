/*
 * Spawn: starts a program in a new process, at a cost that grows neither with the memory of the
 * spawner nor with the number of its descriptors, and says which step failed when it could not.
 *
 *     struct spawner spawner;
 *     int error = spawner_open(&spawner);            // first thing in main()
 *     …
 *     struct spawn_options options = SPAWN_OPTIONS_INIT;
 *     options.path = "/usr/bin/sleep";
 *     options.argv = (char *const[]){"sleep", "1", NULL};
 *     options.envp = environ;
 *     options.stdio[1] = fifo;
 *     struct spawn_result result;
 *     int outcome = spawn(&spawner, &options, &result);
 *
 * The child shares the spawner's memory until it execs, and the spawner stands still meanwhile; so
 * the child does only what cannot block. A directory on a network, or a user to look up, belongs
 * into a helper program that is spawned instead.
 *
 * Descriptors 3 to SPAWN_FD_END - 1 belong to the spawner: spawner_open() reserves them, so it
 * must run before anything else (an event loop, say) opens descriptors. All descriptors of the
 * process must be close-on-exec. The process must have one thread only. Which signals it ignores
 * must be settled before spawner_open(); handlers may come and go.
 */
#ifndef OS_SPAWN_H
#define OS_SPAWN_H

#include "os/identity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#define SPAWN_FD_FIRST 3
#define SPAWN_FD_END 64
/* Three numbers stay free for stdin, stdout and stderr on their way. */
#define SPAWN_FDS_MAX (SPAWN_FD_END - SPAWN_FD_FIRST - 3)

/* How a child is made, best first. Each falls back to the next where a sandbox forbids it. */
enum spawn_method {
    SPAWN_METHOD_CLONE3,
    SPAWN_METHOD_CLONE,
    SPAWN_METHOD_VFORK
};

/*
 * A step of the child that can fail. The number is the child's exit status, too, and systemd's for
 * the same step: whoever else reaps the child (its parent may be dead) learns from it what failed.
 */
enum spawn_step {
    SPAWN_STEP_NONE = 0,
    SPAWN_STEP_REFUSED = 199, /* The spawn record's epoch has changed. */
    SPAWN_STEP_CHDIR = 200,
    SPAWN_STEP_FDS = 202,
    SPAWN_STEP_EXEC = 203,
    SPAWN_STEP_LIMITS = 205,
    SPAWN_STEP_STDIN = 208,
    SPAWN_STEP_STDOUT = 209,
    SPAWN_STEP_CGROUP = 219,
    SPAWN_STEP_SETSID = 220,
    SPAWN_STEP_STDERR = 222,
};

struct spawn_fd {
    int fd;
    int target; /* Its number in the child: from SPAWN_FD_FIRST to SPAWN_FD_END - 1, each once. */
};

struct spawn_limit {
    int resource; /* RLIMIT_NOFILE and its like. */
    struct rlimit limit;
};

/*
 * Where the child notes in shared memory who it is, before it does anything else, so that no child
 * is unknown when its parent is killed at that moment. It stores pid, inode and start_time (see
 * struct identity), then attempt_value into *attempt, and reads *epoch then: if that is not
 * epoch_value, a newer supervisor has read the record already and does not expect this child,
 * which stores refused_value into *state and exits before exec. All accesses are sequentially
 * consistent; the reader increments the epoch first and reads the record then.
 */
struct spawn_record {
    _Atomic uint64_t *pid;
    _Atomic uint64_t *inode;
    _Atomic uint64_t *start_time;
    _Atomic uint64_t *attempt;
    _Atomic uint64_t *state;
    const _Atomic uint64_t *epoch;
    uint64_t attempt_value;
    uint64_t refused_value;
    uint64_t epoch_value;
};

#define SPAWN_UMASK_KEEP ((mode_t)-1)

/* Set from SPAWN_OPTIONS_INIT; path, argv and envp are needed. Nothing is kept after the call. */
struct spawn_options {
    const char *path; /* The program; relative to `cwd`. No search in PATH. */
    char *const *argv; /* Ends with NULL. */
    char *const *envp; /* Ends with NULL. */
    const char *cwd; /* NULL: the spawner's. On a local file system. */
    const struct spawn_fd *fds;
    size_t n_fds; /* At most SPAWN_FDS_MAX. */
    const struct spawn_limit *limits;
    size_t n_limits;
    const struct spawn_record *record; /* NULL: none. */
    uint64_t ignored_signals; /* The rest gets the default; none is blocked. */
    int stdio[3]; /* -1: the spawner's own. */
    int cgroup_fd; /* A cgroup2 directory, -1: the spawner's cgroup. */
    mode_t umask; /* SPAWN_UMASK_KEEP: the spawner's. */
    bool is_session; /* The child leads a new session and process group. */
    enum spawn_method method; /* The first to try. */
};

#define SPAWN_OPTIONS_INIT                                                                         \
    (struct spawn_options) {                                                                       \
        .stdio = {-1, -1, -1}, .cgroup_fd = -1, .umask = SPAWN_UMASK_KEEP                          \
    }

struct spawn_result {
    struct identity identity; /* identity.pid is always set; the rest where the kernel tells. */
    int pidfd; /* The caller's; -1 where the kernel gives none, and on failure. */
    enum spawn_method method; /* The one that was used. */
    enum spawn_step step; /* What failed, and why; for SPAWN_FAILED only. */
    int error; /* A positive errno; 0 for SPAWN_STEP_REFUSED. */
};

/* What spawn() answers. */
#define SPAWN_STARTED 0
#define SPAWN_FAILED 1

/* All-zero is closed. */
struct spawner {
    void *stack; /* The child's, with a guard page below. */
    uint64_t ignored_signals; /* By this process, when the spawner was opened. */
    int placeholder;
    bool can_close_range;
    bool has_pidfs;
};

/*
 * Reserves the descriptors and allocates the stack. -EBUSY when one of the descriptors is in use:
 * move what was inherited out of the way first.
 */
int spawner_open(struct spawner *self);
void spawner_close(struct spawner *self);

/*
 * SPAWN_STARTED: the program runs, and is a child of the caller, who has to reap it.
 * SPAWN_FAILED: a process was made, but could not exec; it is reaped already, and ret_result->step
 * and ->error say why (exec_explain() puts it into words).
 * -errno: no process was made: EAGAIN and ENOMEM for want of room, EMFILE, EBADF for a descriptor
 * that is not open, EINVAL for fds that clash, and what CLONE_INTO_CGROUP says of a cgroup.
 */
int spawn(struct spawner *self, const struct spawn_options *options,
          struct spawn_result *ret_result);

#endif
