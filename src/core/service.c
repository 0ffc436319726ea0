/*
 * The frame of a step, and the vocabulary that the states are written in.
 *
 * A step first notes what the event says about processes, so that every state sees a process table
 * that is true, and drops events that belong to an earlier attempt. Then the function of the state
 * says what follows; there is one for each state, in the file of its phase, and each lists every
 * event. Last, the whole state is checked: a rule that does not hold is a bug in here, and stops
 * the supervisor before the state is committed.
 */
#include "core/service.h"

#include "core/service_step.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* Fixed-width fields without padding: what is stored can be compared byte by byte. */
static_assert(offsetof(struct service, reserved) + sizeof(((struct service *)NULL)->reserved) ==
                  sizeof(struct service),
              "padding at the end");
/* A recovery stands for an exit of each role, an exec of each role, and what is asked for again. */
static_assert(ACTIONS_MAX >= (2 * ROLE_COUNT + 1) * ACTIONS_PER_EVENT_MAX, "room for a recovery");

void service_init(struct service *self, uint64_t seed) {
    memset(self, 0, sizeof(*self));
    self->deadline_usec = USEC_INFINITY;
    self->prng.state = seed;
}

bool service_has_process(const struct service *self) {
    return self->processes[ROLE_MAIN].state != PROCESS_NONE ||
           self->processes[ROLE_CONTROL].state != PROCESS_NONE;
}

static struct action *add_action(struct step *step, enum action_type type) {
    struct actions *actions = step->actions;
    assert(actions->count < ACTIONS_MAX);
    struct action *action = &actions->items[actions->count++];
    memset(action, 0, sizeof(*action));
    action->type = type;
    return action;
}

void service_announce(struct step *step, enum announcement what, enum role role) {
    struct action *action = add_action(step, ACTION_ANNOUNCE);
    action->announce.what = what;
    action->announce.role = role;
    action->announce.from = step->service->state;
    action->announce.to = step->service->state;
    action->announce.cause = step->cause;
}

void service_enter(struct step *step, enum service_state state) {
    struct service *self = step->service;
    enum service_state from = self->state;
    self->state = state;
    self->after_stop = AFTER_STOP_REST;
    self->entered_usec = step->now;
    self->deadline_usec = USEC_INFINITY;
    self->cause = step->cause;
    self->is_unconfirmed = 0;
    self->is_reload_failed = 0;
    self->is_reload_asked = 0;
    service_announce(step, ANNOUNCE_STATE, ROLE_MAIN);
    step->actions->items[step->actions->count - 1].announce.from = from;
}

void service_signal(struct step *step, enum target target, uint32_t signo, bool must_confirm) {
    assert(signo >= 1 && signo <= SIGNO_MAX);
    struct action *action = add_action(step, ACTION_SIGNAL);
    action->signal.target = target;
    action->signal.signo = signo;
    action->signal.must_confirm = must_confirm;
}

void service_watch_tree(struct step *step) {
    (void)add_action(step, ACTION_WATCH_TREE);
}

void service_spawn(struct step *step, enum role role, enum phase phase, uint32_t command) {
    struct process *process = &step->service->processes[role];
    assert(process->state == PROCESS_NONE);
    assert(command < step->policy->n_commands[phase]);
    uint64_t attempt = process->attempt + 1;
    *process = (struct process){.state = PROCESS_SPAWNING, .command = command, .attempt = attempt};
    struct action *action = add_action(step, ACTION_SPAWN);
    action->spawn.role = role;
    action->spawn.phase = phase;
    action->spawn.command = command;
    action->spawn.attempt = attempt;
}

void service_answer(struct step *step, enum job_kind kind, uint64_t id, enum job_result result) {
    struct finished_job *last = &step->service->last_job;
    *last = (struct finished_job){.job = {.id = id, .kind = kind}, .result = result};
    struct action *action = add_action(step, ACTION_FINISH_JOB);
    action->finish_job.job = last->job;
    action->finish_job.result = result;
}

void service_finish_job(struct step *step, enum job_result result) {
    struct job job = step->service->job;
    if (job.kind != JOB_NONE) {
        step->service->job = (struct job){0};
        service_answer(step, job.kind, job.id, result);
    }
}

/* Whether a request of `kind` is content with what the waiting job will bring. */
static bool is_joined(enum job_kind waiting, enum job_kind kind) {
    return waiting == kind || (waiting == JOB_RESTART && kind == JOB_START) ||
           (kind == JOB_RESTART && (waiting == JOB_START || waiting == JOB_RELOAD));
}

void service_take_job(struct step *step, enum job_kind kind, uint64_t id) {
    struct job *job = &step->service->job;
    if (!is_joined(job->kind, kind)) {
        service_finish_job(step, JOB_RESULT_CANCELED);
        *job = (struct job){.id = id, .kind = kind};
    } else if (kind == JOB_RESTART) {
        job->kind = JOB_RESTART;
    }
}

/* SPAWNED and what came instead of it. False: the event is late. */
static bool note_spawn(struct step *step, const struct event *event) {
    bool failed = event->type == EVENT_SPAWN_FAILED;
    enum role role = failed ? event->failed.role : event->spawned.role;
    uint64_t attempt = failed ? event->failed.attempt : event->spawned.attempt;
    struct process *process = &step->service->processes[role];
    if (process->state != PROCESS_SPAWNING || process->attempt != attempt) {
        return false;
    }
    if (!failed) {
        process->state = PROCESS_ALIVE;
        process->identity = event->spawned.identity;
        process->started_usec = event->now;
        service_announce(step, ANNOUNCE_SPAWNED, role);
        return true;
    }
    struct start_error start_error = event->failed.start_error;
    struct ended ended = {
        .start_error = start_error,
        .attempt = attempt,
        .started_usec = event->now,
        .ended_usec = event->now,
    };
    if (start_error.step != 0) {
        ended.exit = (struct exit_status){.how = EXIT_EXITED, .status = start_error.step};
    }
    step->service->ended[role] = ended;
    *process = (struct process){.command = process->command, .attempt = attempt};
    service_announce(step, ANNOUNCE_SPAWN_FAILED, role);
    return true;
}

/*
 * EXITED. A process that was never seen to be spawned may have ended too: its parent may have died
 * before it could say so. It is taken to have started when its state was entered.
 */
static bool note_exit(struct step *step, const struct event *event) {
    struct service *self = step->service;
    struct process *process = &self->processes[event->exited.role];
    if (process->state == PROCESS_NONE || process->attempt != event->exited.attempt) {
        return false;
    }
    assert(event->exited.exit.how != EXIT_NONE);
    bool was_seen = process->state == PROCESS_ALIVE;
    self->ended[event->exited.role] = (struct ended){
        .exit = event->exited.exit,
        .start_error = process->start_error,
        .attempt = process->attempt,
        .started_usec = was_seen ? process->started_usec : self->entered_usec,
        .ended_usec = event->exited.ended_usec != 0 ? event->exited.ended_usec : event->now,
        .pid = process->identity.pid,
    };
    *process = (struct process){.command = process->command, .attempt = process->attempt};
    service_announce(step, ANNOUNCE_ENDED, event->exited.role);
    return true;
}

/* Whether the live process of an event about one is the one that the event means. */
static bool is_current(const struct service *self, enum role role, uint64_t attempt) {
    return self->processes[role].state == PROCESS_ALIVE && self->processes[role].attempt == attempt;
}

/* Notes what the event says of processes. False: it belongs to the past, and says nothing. */
static bool note(struct step *step, const struct event *event) {
    struct service *self = step->service;
    switch (event->type) {
    case EVENT_SPAWNED:
    case EVENT_SPAWN_FAILED:
        return note_spawn(step, event);
    case EVENT_EXECED:
        return is_current(self, event->process.role, event->process.attempt);
    case EVENT_EXEC_FAILED:
        if (!is_current(self, event->failed.role, event->failed.attempt)) {
            return false;
        }
        self->processes[event->failed.role].start_error = event->failed.start_error;
        return true;
    case EVENT_EXITED:
        return note_exit(step, event);
    case EVENT_TREE_EMPTIED:
        return !service_has_process(self) &&
               self->processes[ROLE_MAIN].attempt == event->process.attempt;
    case EVENT_SIGNALLED:
        return self->processes[ROLE_MAIN].attempt == event->process.attempt;
    case EVENT_DEADLINE_REACHED:
        return event->now >= self->deadline_usec;
    case EVENT_START_ASKED:
    case EVENT_STOP_ASKED:
    case EVENT_RESTART_ASKED:
    case EVENT_RELOAD_ASKED:
    case EVENT_KILL_ASKED:
    case EVENT_RESET_FAILED_ASKED:
    case EVENT_SHUTDOWN_ASKED:
    case EVENT_POLICY_CHANGED:
    case EVENT_RECOVERED:
        return true;
    }
    return false;
}

static bool is_stopping(const struct service *self) {
    return self->state == SERVICE_STOP_SIGTERM || self->state == SERVICE_STOP_SIGKILL;
}

/*
 * Whether what follows is because of this event, or because of the one that led to the present
 * state: a deadline is reached because it was set, and a process that was told to end ends because
 * it was told.
 */
static bool is_cause(const struct service *self, const struct event *event) {
    switch (event->type) {
    case EVENT_START_ASKED:
    case EVENT_STOP_ASKED:
    case EVENT_RESTART_ASKED:
    case EVENT_RELOAD_ASKED:
    case EVENT_KILL_ASKED:
    case EVENT_RESET_FAILED_ASKED:
    case EVENT_SHUTDOWN_ASKED:
    case EVENT_POLICY_CHANGED:
    case EVENT_RECOVERED:
        return true;
    case EVENT_SPAWN_FAILED:
    case EVENT_EXEC_FAILED:
    case EVENT_EXITED:
        return !is_stopping(self);
    case EVENT_SPAWNED:
    case EVENT_EXECED:
    case EVENT_TREE_EMPTIED:
    case EVENT_SIGNALLED:
    case EVENT_DEADLINE_REACHED:
        return false;
    }
    return false;
}

/* `kill`: the same in every state; whether there is anybody to signal is all that counts. */
static void kill_asked(struct step *step, const struct event *event) {
    const struct service *self = step->service;
    bool is_there = false;
    switch (event->kill.target) {
    case TARGET_MAIN:
        is_there = self->processes[ROLE_MAIN].state == PROCESS_ALIVE;
        break;
    case TARGET_CONTROL:
        is_there = self->processes[ROLE_CONTROL].state == PROCESS_ALIVE;
        break;
    case TARGET_TREE:
        is_there = self->state != SERVICE_DEAD && self->state != SERVICE_FAILED &&
                   self->state != SERVICE_AUTO_RESTART;
        break;
    }
    if (is_there) {
        service_signal(step, event->kill.target, event->kill.signo, /* must_confirm= */ false);
    }
    service_answer(step, JOB_KILL, event->id, is_there ? JOB_RESULT_DONE : JOB_RESULT_NOT_ACTIVE);
}

/* `reset-failed`: what was counted against the service is forgotten; only a failure is a state. */
static void reset_failed_asked(struct step *step, const struct event *event) {
    struct service *self = step->service;
    self->start_limit = (struct start_limit){0};
    self->backoff = (struct backoff){0};
    if (self->state == SERVICE_FAILED) {
        self->result = SERVICE_RESULT_SUCCESS;
        service_enter(step, SERVICE_DEAD);
    }
    service_answer(step, JOB_RESET_FAILED, event->id, JOB_RESULT_DONE);
}

/*
 * Another unit file: what was counted against the old one is not held against the new. It applies
 * from the next decision on; nothing that runs, and no deadline, is touched.
 */
static void policy_changed(struct step *step) {
    step->service->backoff = (struct backoff){0};
}

void service_dispatch(struct step *step, const struct event *event) {
    uint32_t count = step->actions->count;
    step->cause = is_cause(step->service, event) ? event->id : step->service->cause;
    if (!note(step, event)) {
        return;
    }
    if (event->type == EVENT_KILL_ASKED) {
        kill_asked(step, event);
    } else if (event->type == EVENT_RESET_FAILED_ASKED) {
        reset_failed_asked(step, event);
    } else if (event->type == EVENT_POLICY_CHANGED) {
        policy_changed(step);
    } else {
        switch (step->service->state) {
        case SERVICE_DEAD:
        case SERVICE_FAILED:
            service_rest_step(step, event);
            break;
        case SERVICE_AUTO_RESTART:
            service_auto_restart_step(step, event);
            break;
        case SERVICE_START:
            service_start_step(step, event);
            break;
        case SERVICE_RUNNING:
        case SERVICE_EXITED:
            service_up_step(step, event);
            break;
        case SERVICE_RELOADING:
            service_reload_step(step, event);
            break;
        case SERVICE_STOP_SIGTERM:
        case SERVICE_STOP_SIGKILL:
            service_stop_step(step, event);
            break;
        }
    }
    assert(step->actions->count - count <= ACTIONS_PER_EVENT_MAX);
}

void service_step(const struct policy *policy, struct service *self, const struct event *event,
                  struct actions *ret_actions) {
    assert(policy_check(policy) == POLICY_OK);
    assert(service_check(self) == NULL);
    assert(event->id != 0);
    struct step step = {
        .policy = policy,
        .service = self,
        .actions = ret_actions,
        .now = event->now,
    };
    ret_actions->count = 0;
    if (event->type == EVENT_RECOVERED) {
        service_recover(&step, event);
    } else {
        service_dispatch(&step, event);
    }
    assert(service_check(self) == NULL);
}
