/*
 * From a spec to a process: environment, arguments, streams, and who does the rest. What can't
 * block is done by the spawned child itself; all else by `abide exec`, which the same spawn
 * executes instead of the program, with a request (os/exec_request.h) on a descriptor.
 */
#ifndef SUPERVISOR_LAUNCH_H
#define SUPERVISOR_LAUNCH_H

#include "core/action.h"
#include "os/mounts.h"
#include "os/spawn.h"
#include "supervisor/unit.h"

#include <stdbool.h>

struct launcher {
    struct spawner spawner;
    struct mounts mounts;
    char **environment; /* what every service begins with */
    char *program; /* this program, for `abide exec` and `abide log` */
    char *directory; /* where a service runs that names no WorkingDirectory= */
    struct rlimit nofile; /* the limit that abide was started with; set before launcher_open() */
    int null_fd;
};

/* First thing in the process; see spawner_open(). Returns 0 or -errno. */
int launcher_open(struct launcher *self);

void launcher_close(struct launcher *self);

/* What one launch is given besides its unit. */
struct launch {
    enum role role;
    enum phase phase;
    uint32_t command;
    const struct spawn_record *record; /* may be NULL */
    int log_write_fd; /* for output that is logged */
    int log_read_fd; /* to be inherited, -1: not */
};

/*
 * Spawns. Returns what spawn() does; when it could not start, unit->detail says why in words, and
 * ret_result->step and ->error for programs. With `abide exec` in between, *ret_report_fd is a
 * descriptor that ends when the program was executed, or brings an exec_report; else it is -1.
 */
int launch(struct launcher *self, struct unit *unit, const struct launch *what,
           struct spawn_result *ret_result, int *ret_report_fd);

/* Makes unit->environment anew, after its spec was loaded. Returns 0 or -ENOMEM. */
int launch_prepare(const struct launcher *self, struct unit *unit);

/* Does the service write to a log pipe? */
bool launch_is_logged(const struct spec *spec);

/* `abide log`, as our child. Returns what spawn() does. */
int launch_logger(struct launcher *self, const char *runtime_path, const char *log_path,
                  struct spawn_result *ret_result);

#endif
