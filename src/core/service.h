/*
 * One service: the state that decisions are made on, and the function that makes them.
 *
 *     struct service service;
 *     service_init(&service, seed);
 *     ...
 *     struct actions actions;
 *     service_step(&policy, &service, &event, &actions);
 *     commit(&service);                   // the memory that survives; see slot.h
 *     perform(&actions);                  // never calls service_step(); results are new events
 *     wake_me_at(service_deadline(&service));
 *
 * service_step() does no I/O, asks no clock, allocates nothing, keeps no pointer: the same policy,
 * state and event always give the same state and actions.
 *
 * The state is the only memory. It is plain data without pointers or padding, is stored as it is,
 * and says everything that must not be forgotten: what was asked for and not done yet can be read
 * off it, so that after a crash between deciding and doing, EVENT_RECOVERED asks for it again.
 * Points in time are of the monotonic clock, so a state means something within one boot only; at
 * the next boot a service begins with service_init().
 *
 * doc/state-machine.md has the table of states and events.
 */
#ifndef CORE_SERVICE_H
#define CORE_SERVICE_H

#include "base/backoff.h"
#include "base/prng.h"
#include "base/usec.h"
#include "core/job.h"
#include "core/policy.h"
#include "core/process.h"
#include "core/restart.h"
#include "core/start_limit.h"

#include <stdint.h>

struct actions;
struct event;

/* After each: its ActiveState/SubState. */
enum service_state {
    SERVICE_DEAD, /* inactive/dead: not running, and nothing is wrong with that */
    SERVICE_START, /* activating/start: the main process is being spawned or set up */
    SERVICE_RUNNING, /* active/running */
    SERVICE_EXITED, /* active/exited: RemainAfterExit=, the main process has ended well */
    SERVICE_RELOADING, /* active/reloading: an ExecReload= command runs */
    SERVICE_STOP_SIGTERM, /* deactivating/stop-sigterm: the stop signal was sent */
    SERVICE_STOP_SIGKILL, /* deactivating/stop-sigkill: the final signal was sent */
    SERVICE_AUTO_RESTART, /* activating/auto-restart: waiting for the next try */
    SERVICE_FAILED, /* failed/failed: not running, `result` says why */
};
#define SERVICE_STATE_COUNT 9

/* What follows when the two stopping states are over. */
enum after_stop {
    AFTER_STOP_REST, /* nothing: to stop was asked for */
    AFTER_STOP_POLICY, /* Restart= decides: the service ended by itself, or its start failed */
    AFTER_STOP_START, /* a start, asked for by a client */
};
#define AFTER_STOP_COUNT 3

/* What does not die of SIGKILL within this time is sent it again, and again. */
#define SERVICE_KILL_AGAIN_USEC (10 * USEC_PER_SEC)

struct service {
    enum service_state state;
    enum service_result result; /* of the run that ended or is ending; success while it is up */
    enum after_stop after_stop; /* in the stopping states; else 0 */
    uint32_t n_restarts; /* automatic ones since the last start by hand */
    usec_t entered_usec; /* when `state` became what it is */
    usec_t deadline_usec; /* when to be woken; USEC_INFINITY: never */
    uint64_t cause; /* the id of the event that led here */
    uint64_t invocation[2]; /* of this run or the last; 128 bits, shown in hexadecimal */
    struct process processes[ROLE_COUNT]; /* by enum role */
    struct ended ended[ROLE_COUNT]; /* by enum role */
    struct job job; /* the one that is waited for; JOB_NONE */
    struct finished_job last_job;
    struct backoff backoff;
    struct prng prng;
    struct start_limit start_limit;
    uint8_t is_held; /* 1: to stop was asked for; holds until a start is, or the next boot */
    uint8_t is_unconfirmed; /* 1: in SERVICE_STOP_SIGTERM, the signals may not have been sent */
    uint8_t is_reload_failed; /* 1: in SERVICE_RELOADING, the rest of its commands is not run */
    uint8_t is_reload_asked; /* 1: in SERVICE_RELOADING, all its commands are to run once more */
    uint8_t was_up; /* 1: this run has been running; 0: it is starting, or never was up */
    uint8_t reserved[3]; /* zero */
};

/* A service that was never started. The seed, for jitter and invocation ids, is to be random. */
void service_init(struct service *self, uint64_t seed);

/*
 * Takes note of `event`, decides, and says in `ret_actions` what is to be done, in order. Both
 * `policy` and `self` must be ones that their checks accept. The event's `now` must not be before
 * that of an earlier event.
 */
void service_step(const struct policy *policy, struct service *self, const struct event *event,
                  struct actions *ret_actions);

/* When EVENT_DEADLINE_REACHED is wanted; USEC_INFINITY: not at all. */
static inline usec_t service_deadline(const struct service *self) {
    return self->deadline_usec;
}

/*
 * NULL when everything that must hold of a state holds, else the first rule that it breaks, in
 * words. Takes any bytes. service_step() asserts it before and after.
 */
const char *service_check(const struct service *self);

#endif
