/*
 * The running supervisor: everything that its parts share. One exists in the process.
 */
#ifndef SUPERVISOR_SHELL_H
#define SUPERVISOR_SHELL_H

#include "supervisor/children.h"
#include "supervisor/inbox.h"
#include "supervisor/launch.h"
#include "supervisor/statusfile.h"
#include "supervisor/supervisor.h"
#include "supervisor/unit.h"

#include <stdbool.h>
#include <uv.h>

struct control;

#define SHELL_SIGNALS 2

struct shell {
    const struct supervisor_options *options;
    uv_loop_t loop;
    uv_timer_t timer; /* the only one for deadlines of services */
    usec_t timer_usec; /* what it is set to; USEC_INFINITY: not set */
    uv_prepare_t review; /* once in each turn of the loop: which trees are empty, who is answered */
    uv_signal_t signals[SHELL_SIGNALS]; /* SIGTERM, SIGINT */
    uv_poll_t child_poll; /* a child has ended */
    uv_timer_t clean_up_timer;
    uv_timer_t logger_timer; /* the next start of a logger that ended */
    uv_timer_t look_timer; /* the next look at orphans of which nothing could be said */

    struct units units;
    struct inbox inbox;
    struct children children;
    struct launcher launcher;
    struct statusfile status;
    struct control *control; /* NULL until it listens */

    pid_t logger; /* 0: none runs */
    uint32_t n_watching; /* units whose tree is watched */
    bool has_orphans; /* something changed since the last review of trees */
    uint32_t n_looks; /* in a row at which nothing could be said of some orphan */
    bool is_shutting_down;
    bool is_over; /* every service has stopped: the logger is to end, then the loop */
    int child_fd; /* see reap_open() */
    uint64_t clean_up_msec;
    int log_dir_fd; /* RUNTIME/log */
    uint64_t last_log_run;
    uint64_t last_event; /* the id that was given last */
    uint64_t n_seeds; /* so that units loaded at the same instant differ */
    char **listed; /* the names of the last answer to `list` */
};

/* An id for an event; never 0, never given twice. */
uint64_t shell_next_event(struct shell *self);

/*
 * Takes event by event from the inbox: lets the core decide, commits, reaps, performs; until none
 * is left. Never called from within itself.
 */
void shell_decide(struct shell *self);

/* Adds an event of a service to the inbox. */
struct event *shell_post(struct shell *self, const struct unit *unit, enum event_type type);

/* Forgets a unit that is at rest. */
void shell_forget(struct shell *self, struct unit *unit);

/* Begins to listen to signals, timers and the log folder. Returns 0 or -errno. */
int shell_listen(struct shell *self);

/* Asks every service to stop; then supervisor_main() returns. */
void shell_shut_down(struct shell *self);

#endif
