/*
 * What happened: the input of service_step(). Events are made by the layer that meets the kernel,
 * the clock and the clients, one at a time, and carry everything that the core may know of them.
 *
 * Each event has an `id`, a number above 0 that is never used twice; the layer that records history
 * chooses it, so that the announcements of the core can name their cause. For something that was
 * asked, the id is also the id of the job that answers it.
 *
 * Events about processes carry role and attempt. One that does not match the attempt that the state
 * is waiting for is late, and ignored: nothing can come too late and be taken for something else.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "base/usec.h"
#include "core/process.h"

#include <stdint.h>

enum event_type {
    /* A client, or the supervisor's own start-up, asked; the answer is an ACTION_FINISH_JOB. */
    EVENT_START_ASKED,
    EVENT_STOP_ASKED,
    EVENT_RESTART_ASKED,
    EVENT_RELOAD_ASKED,
    EVENT_KILL_ASKED, /* `kill` */
    EVENT_RESET_FAILED_ASKED, /* forget a failure, the start limit and the back-off */

    EVENT_SHUTDOWN_ASKED, /* everything is to stop; nobody waits for this service */
    EVENT_POLICY_CHANGED, /* the policy given to this step is not that of the last one */

    /* Answers to ACTION_SPAWN: one of the first two, then, for some, one of the second two. */
    EVENT_SPAWNED, /* `spawned`: the process exists */
    EVENT_SPAWN_FAILED, /* `failed`: no process exists (any more), and none will */
    EVENT_EXECED, /* `process`: the program runs: execve(2) has succeeded */
    EVENT_EXEC_FAILED, /* `failed`: the process exists, could not exec, and is about to exit */

    EVENT_EXITED, /* `exited`: the process has ended; the supervisor reaps it after the commit */
    EVENT_TREE_EMPTIED, /* `process` (main): answers ACTION_WATCH_TREE: nothing is left */
    EVENT_SIGNALLED, /* `process` (main): answers an ACTION_SIGNAL that says so: it was sent */

    EVENT_DEADLINE_REACHED, /* `now` is at or after service_deadline() */
    EVENT_RECOVERED, /* `recovered`: a supervisor has begun with this state */
};
#define EVENT_TYPE_COUNT 17

/* What is known, without waiting, of the processes of a service besides main and control. */
enum tree {
    TREE_UNKNOWN, /* something may be left */
    TREE_EMPTY, /* nothing is left */
};

/* Whom a signal is for. */
enum target {
    TARGET_MAIN,
    TARGET_CONTROL,
    TARGET_TREE, /* everything of the service, main and control with it */
};
#define TARGET_COUNT 3

/* What a starting supervisor found of a role's process. */
enum fate {
    FATE_NONE, /* the state knows of none */
    FATE_NEVER_RAN, /* it was asked for; none was made, or it refused to exec */
    FATE_ALIVE, /* it lives; its identity was verified */
    FATE_ENDED, /* it has ended, with a status or EXIT_UNKNOWN */
};
#define FATE_COUNT 4

struct recovered_process {
    enum fate fate;
    uint32_t is_execed; /* of FATE_ALIVE, 1: it runs its program already */
    struct process_identity identity; /* of FATE_ALIVE, and of FATE_ENDED where it is known */
    struct exit_status exit; /* of FATE_ENDED */
    usec_t ended_usec; /* of FATE_ENDED: when; 0 if that is not known */
};

struct event {
    enum event_type type;
    uint64_t id;
    usec_t now;
    union {
        struct {
            enum role role;
            uint64_t attempt;
        } process;
        struct {
            enum role role;
            uint64_t attempt;
            struct process_identity identity;
        } spawned;
        struct {
            enum role role;
            uint64_t attempt;
            struct start_error start_error;
        } failed;
        struct {
            enum role role;
            uint64_t attempt;
            struct exit_status exit; /* EXIT_EXITED or later */
            usec_t ended_usec; /* when; 0 means now */
            enum tree tree; /* as seen when the exit was noticed */
        } exited;
        struct {
            enum target target;
            uint32_t signo;
        } kill;
        struct {
            struct recovered_process processes[ROLE_COUNT]; /* by enum role */
            enum tree tree;
        } recovered;
    };
};

#endif
