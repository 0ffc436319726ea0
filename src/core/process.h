/*
 * Processes as the core knows them: by role and attempt, never by a descriptor. A pid is kept to be
 * shown and to be handed back to the layer that signals; the core does nothing with it.
 */
#ifndef CORE_PROCESS_H
#define CORE_PROCESS_H

#include "base/usec.h"

#include <stdint.h>

/* What a process is to its service. At most one process of each role exists at a time. */
enum role {
    ROLE_MAIN, /* the service itself: the ExecStart= of a simple or exec service */
    ROLE_CONTROL, /* a command that runs beside it: ExecReload= */
};
#define ROLE_COUNT 2

/*
 * Which process a pid meant. A pid alone is used again by the kernel; with one of the other two it
 * is not, within one boot. Zero is "not known".
 */
struct process_identity {
    uint32_t pid;
    uint32_t reserved; /* zero */
    uint64_t inode; /* of its pidfd in pidfs (Linux 6.9 and later) */
    uint64_t start_time; /* field 22 of /proc/PID/stat, in clock ticks since boot */
};

/* How a process ended: CLD_… of waitid(2), and what cannot be known any more. */
enum exit_how {
    EXIT_NONE, /* it has not ended, or there was none */
    EXIT_EXITED, /* `status` is its exit code */
    EXIT_KILLED, /* `status` is the signal */
    EXIT_DUMPED, /* `status` is the signal, and there is a core file */
    EXIT_UNKNOWN, /* nobody was there to be told; `status` is 0 */
};
#define EXIT_HOW_COUNT 5

struct exit_status {
    enum exit_how how;
    uint32_t status;
};

enum process_state {
    PROCESS_NONE, /* there is no process */
    PROCESS_SPAWNING, /* it was asked for, and may exist or not */
    PROCESS_ALIVE, /* it exists, or has ended and nobody has been told */
};
#define PROCESS_STATE_COUNT 3

/*
 * Why a start failed, where that is known: `error` is an errno value, `step` is the number that
 * systemd gives to the failing step as an exit code (203 EXEC, 217 USER; systemd.exec(5), "Process
 * Exit Codes"), 0 when no process could be made at all. Both 0: nothing failed.
 */
struct start_error {
    uint32_t error;
    uint32_t step;
};

/* The process of one role. */
struct process {
    enum process_state state;
    uint32_t command; /* which command of the role's phase, from 0; kept when it ends */
    uint64_t attempt; /* counts every spawn of the role; 0 before the first; kept when it ends */
    struct process_identity identity; /* of a PROCESS_ALIVE */
    usec_t started_usec; /* of a PROCESS_ALIVE */
    struct start_error start_error; /* it said that it could not exec, and is about to exit */
};

/* How the last process of a role ended. All-zero: there has been none. */
struct ended {
    struct exit_status exit;
    struct start_error start_error;
    uint64_t attempt;
    usec_t started_usec;
    usec_t ended_usec;
    uint32_t pid; /* 0: no process could be made */
    uint32_t reserved; /* zero */
};

#endif
