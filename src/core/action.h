/*
 * What is to be done: the output of service_step(). The layer that performs commits the state
 * first, then does what the actions say, in order; what comes of it returns as events, never as a
 * result.
 *
 * Any action may be lost to a crash after the commit. What must not be lost stands in the state
 * too, and EVENT_RECOVERED asks for it again: spawning by a new attempt, stop signals until
 * EVENT_SIGNALLED has confirmed them, killing and watching always. Announcements are written with
 * the state. An answer to a client is found in `last_job`. A signal sent for EVENT_KILL_ASKED may
 * be lost: its client loses its connection with it, and can ask again.
 */
#ifndef CORE_ACTION_H
#define CORE_ACTION_H

#include "core/event.h"
#include "core/job.h"
#include "core/policy.h"

#include <stdbool.h>
#include <stdint.h>

enum action_type {
    ACTION_SPAWN, /* `spawn`: answered by EVENT_SPAWNED or EVENT_SPAWN_FAILED */
    ACTION_SIGNAL, /* `signal`: to whatever of the target exists at that moment */
    ACTION_WATCH_TREE, /* say EVENT_TREE_EMPTIED once nothing of the service is left */
    ACTION_ANNOUNCE, /* `announce`: for history and for those who watch */
    ACTION_FINISH_JOB, /* `finish_job`: the answer to whoever waits for it */
};
#define ACTION_TYPE_COUNT 5

enum announcement {
    ANNOUNCE_STATE, /* the state is another, see `from` and `to` */
    ANNOUNCE_SPAWNED, /* a process exists */
    ANNOUNCE_SPAWN_FAILED, /* none could be made; `ended` of the role says why */
    ANNOUNCE_ENDED, /* a process has ended; `ended` of the role says how */
    ANNOUNCE_RELOADED, /* all ExecReload= commands have succeeded */
    ANNOUNCE_RELOAD_FAILED, /* one has not; the service goes on as it is */
    ANNOUNCE_STILL_LEFT, /* the stop's time-out is over and something lives on */
};
#define ANNOUNCEMENT_COUNT 7

struct action {
    enum action_type type;
    union {
        struct {
            enum role role;
            enum phase phase;
            uint32_t command; /* which one of the phase, from 0 */
            uint64_t attempt;
        } spawn;
        struct {
            enum target target;
            uint32_t signo;
            bool
                must_confirm; /* say EVENT_SIGNALLED afterwards, whether or not it reached anyone */
        } signal;
        struct {
            enum announcement what;
            enum role role; /* of the three about processes */
            uint32_t from; /* enum service_state */
            uint32_t to;
            uint64_t cause; /* the id of the event that led here */
        } announce;
        struct {
            struct job job;
            enum job_result result;
        } finish_job;
    };
};

/* The most that the handling of one event adds, and of the events that one recovery stands for. */
#define ACTIONS_PER_EVENT_MAX 10
#define ACTIONS_MAX (6 * ACTIONS_PER_EVENT_MAX)

struct actions {
    uint32_t count;
    struct action items[ACTIONS_MAX];
};

#endif
