/*
 * stop-sigterm and stop-sigkill: something of the service lives, or may live, and is to go. Both
 * are left by one door, over(), and only when nothing is left: so no path leads to a second copy of
 * a service beside what remains of the first. KillMode=process, which asks for leaving the rest
 * alone, is the one exception.
 *
 * The states are entered for three reasons (enum after_stop): to stop was asked for, a start by
 * hand is to follow, or the service ended by itself and has left something behind.
 */
#include "core/service_step.h"

#include <assert.h>

/* Restart= decides what follows a run that nobody stopped. */
static void apply_restart_policy(struct step *step) {
    struct service *self = step->service;
    const struct ended *ended = &self->ended[ROLE_MAIN];
    if (!restart_is_due(step->policy, self->result, &ended->exit)) {
        service_enter(step, self->result == SERVICE_RESULT_SUCCESS ? SERVICE_DEAD : SERVICE_FAILED);
        return;
    }
    struct backoff_policy policy;
    restart_backoff_policy(step->policy, &policy);
    /* A start that failed did not run, however long it took to fail. */
    struct backoff_run run = {0};
    if (self->was_up != 0) {
        run.ran_usec = usec_sub(ended->ended_usec, ended->started_usec);
    }
    usec_t delay = backoff_next(&self->backoff, &policy, &run, &self->prng);
    if (delay == 0) {
        service_start_again(step);
        return;
    }
    service_enter(step, SERVICE_AUTO_RESTART);
    self->deadline_usec = usec_add(step->now, delay);
}

/* Nothing is left that has to go. */
static void over(struct step *step, enum after_stop after_stop) {
    struct service *self = step->service;
    assert(!service_has_process(self));
    switch (after_stop) {
    case AFTER_STOP_REST:
        service_enter(step, self->result == SERVICE_RESULT_SUCCESS ? SERVICE_DEAD : SERVICE_FAILED);
        service_finish_job(step, JOB_RESULT_DONE);
        break;
    case AFTER_STOP_POLICY:
        apply_restart_policy(step);
        break;
    case AFTER_STOP_START:
        service_start_by_hand(step);
        break;
    }
}

/* Whether the signals of the two states go to the tree, or to the processes that the core names. */
static bool is_for_tree(const struct step *step) {
    switch (step->policy->kill_mode) {
    case KILL_MODE_CONTROL_GROUP:
        return true;
    case KILL_MODE_MIXED:
        return step->service->state == SERVICE_STOP_SIGKILL;
    case KILL_MODE_PROCESS:
    case KILL_MODE_NONE: /* refused by policy_check() */
        return false;
    }
    return false;
}

static bool is_alive(const struct step *step, enum role role) {
    return step->service->processes[role].state == PROCESS_ALIVE;
}

/* SIGCONT, so that a stopped process can obey; SIGHUP, for shells, as SendSIGHUP= asks. */
static void signal_to_stop(struct step *step, enum target target, uint32_t signo) {
    bool cont = signo != SIGNO_KILL && signo != SIGNO_CONT;
    bool hup = step->policy->send_sighup != 0 && signo != SIGNO_KILL && signo != SIGNO_HUP;
    service_signal(step, target, signo, !cont && !hup);
    if (cont) {
        service_signal(step, target, SIGNO_CONT, !hup);
    }
    if (hup) {
        service_signal(step, target, SIGNO_HUP, /* must_confirm= */ true);
    }
}

static void send_stop_signals(struct step *step) {
    const struct policy *policy = step->policy;
    bool is_restart = step->service->after_stop == AFTER_STOP_START;
    uint32_t signo = is_restart && policy->restart_kill_signal != 0 ? policy->restart_kill_signal
                                                                    : policy->kill_signal;
    step->service->is_unconfirmed = 1;
    if (is_for_tree(step)) {
        signal_to_stop(step, TARGET_TREE, signo);
        return;
    }
    if (is_alive(step, ROLE_MAIN)) {
        signal_to_stop(step, TARGET_MAIN, signo);
    }
    if (is_alive(step, ROLE_CONTROL)) {
        signal_to_stop(step, TARGET_CONTROL, signo);
    }
}

static void send_kill_signal(struct step *step, uint32_t signo) {
    step->service->deadline_usec = usec_add(step->now, SERVICE_KILL_AGAIN_USEC);
    if (is_for_tree(step)) {
        service_signal(step, TARGET_TREE, signo, /* must_confirm= */ false);
        return;
    }
    if (is_alive(step, ROLE_MAIN)) {
        service_signal(step, TARGET_MAIN, signo, /* must_confirm= */ false);
    }
    if (is_alive(step, ROLE_CONTROL)) {
        service_signal(step, TARGET_CONTROL, signo, /* must_confirm= */ false);
    }
}

static void enter_sigkill(struct step *step, enum after_stop after_stop) {
    service_enter(step, SERVICE_STOP_SIGKILL);
    step->service->after_stop = after_stop;
    send_kill_signal(step, step->policy->final_kill_signal);
    if (!service_has_process(step->service)) {
        service_watch_tree(step);
    }
}

void service_stop(struct step *step, enum after_stop after_stop) {
    struct service *self = step->service;
    enum kill_mode mode = step->policy->kill_mode;
    bool is_rest_only = !service_has_process(self);
    if (is_rest_only && mode == KILL_MODE_PROCESS) {
        over(step, after_stop);
        return;
    }
    if (is_rest_only && mode == KILL_MODE_MIXED) {
        enter_sigkill(step, after_stop);
        return;
    }
    service_enter(step, SERVICE_STOP_SIGTERM);
    self->after_stop = after_stop;
    self->deadline_usec = usec_add(step->now, step->policy->stop_timeout_usec);
    send_stop_signals(step);
    if (is_rest_only) {
        service_watch_tree(step);
    }
}

void service_stop_asked(struct step *step, const struct event *event) {
    if (event->type == EVENT_STOP_ASKED) {
        service_take_job(step, JOB_STOP, event->id);
        step->service->is_held = 1;
    } else {
        service_finish_job(step, JOB_RESULT_CANCELED);
    }
    service_stop(step, AFTER_STOP_REST);
}

void service_main_ended(struct step *step, enum service_result result, enum tree tree) {
    struct service *self = step->service;
    bool is_success = result == SERVICE_RESULT_SUCCESS;
    if (is_success && step->policy->remain_after_exit != 0) {
        if (self->state != SERVICE_RELOADING) {
            self->was_up = 1;
            service_enter(step, SERVICE_EXITED);
            service_finish_job(step, JOB_RESULT_DONE);
        }
        return;
    }
    self->result = result;
    bool is_started = self->state == SERVICE_START && is_success;
    service_finish_job(step, is_started ? JOB_RESULT_DONE : JOB_RESULT_FAILED);
    if (!service_has_process(self) && tree == TREE_EMPTY) {
        over(step, AFTER_STOP_POLICY);
    } else {
        service_stop(step, AFTER_STOP_POLICY);
    }
}

/* Something has ended; is that all? `tree` is what is known of the rest. */
static void progress(struct step *step, enum tree tree) {
    struct service *self = step->service;
    enum after_stop after_stop = self->after_stop;
    if (service_has_process(self)) {
        return;
    }
    if (tree == TREE_EMPTY || step->policy->kill_mode == KILL_MODE_PROCESS) {
        over(step, after_stop);
    } else if (step->policy->kill_mode == KILL_MODE_MIXED && self->state == SERVICE_STOP_SIGTERM) {
        enter_sigkill(step, after_stop);
    } else {
        /* What was forked while the tree was being killed has had no signal yet. */
        if (self->state == SERVICE_STOP_SIGKILL) {
            send_kill_signal(step, step->policy->final_kill_signal);
        }
        service_watch_tree(step);
    }
}

static void exited(struct step *step, const struct event *event) {
    struct service *self = step->service;
    if (event->exited.role == ROLE_MAIN && self->result == SERVICE_RESULT_SUCCESS) {
        self->result = restart_result(step->policy, PHASE_START, 0, &self->ended[ROLE_MAIN].exit);
    }
    progress(step, event->exited.tree);
}

/* The stop took too long. Whoever waits for it hears so when abide itself can do no more. */
static void deadline_reached(struct step *step) {
    struct service *self = step->service;
    bool is_sigterm = self->state == SERVICE_STOP_SIGTERM;
    if (self->result == SERVICE_RESULT_SUCCESS) {
        self->result = SERVICE_RESULT_TIMEOUT;
    }
    if (is_sigterm && step->policy->send_sigkill != 0) {
        enter_sigkill(step, self->after_stop);
        return;
    }
    service_announce(step, ANNOUNCE_STILL_LEFT, ROLE_MAIN);
    service_finish_job(step, JOB_RESULT_TIMEOUT);
    if (is_sigterm) {
        self->deadline_usec = USEC_INFINITY;
    } else {
        send_kill_signal(step, SIGNO_KILL);
    }
}

/* A process that was being spawned when the stop began exists now, and has had no signal yet. */
static void signal_again(struct step *step) {
    if (step->service->state == SERVICE_STOP_SIGTERM) {
        send_stop_signals(step);
    } else {
        send_kill_signal(step, step->policy->final_kill_signal);
    }
}

static void asked(struct step *step, const struct event *event, enum job_kind kind) {
    struct service *self = step->service;
    service_take_job(step, kind, event->id);
    self->cause = step->cause;
    self->is_held = kind == JOB_STOP;
    self->after_stop = kind == JOB_STOP ? AFTER_STOP_REST : AFTER_STOP_START;
}

static void shutdown_asked(struct step *step) {
    struct service *self = step->service;
    if (self->job.kind != JOB_STOP) {
        service_finish_job(step, JOB_RESULT_CANCELED);
        self->cause = step->cause;
    }
    self->after_stop = AFTER_STOP_REST;
}

void service_stop_resume(struct step *step, enum tree tree) {
    struct service *self = step->service;
    bool has_process = service_has_process(self);
    if (has_process && self->state == SERVICE_STOP_SIGKILL) {
        send_kill_signal(step, step->policy->final_kill_signal);
    } else if (self->is_unconfirmed != 0 && (has_process || tree != TREE_EMPTY)) {
        send_stop_signals(step);
    }
    progress(step, tree);
}

void service_stop_step(struct step *step, const struct event *event) {
    switch (event->type) {
    case EVENT_SPAWNED:
        signal_again(step);
        break;
    case EVENT_SPAWN_FAILED:
        progress(step, TREE_UNKNOWN);
        break;
    case EVENT_EXITED:
        exited(step, event);
        break;
    case EVENT_TREE_EMPTIED:
        progress(step, TREE_EMPTY);
        break;
    case EVENT_SIGNALLED:
        step->service->is_unconfirmed = 0;
        break;
    case EVENT_DEADLINE_REACHED:
        deadline_reached(step);
        break;
    case EVENT_START_ASKED:
        asked(step, event, JOB_START);
        break;
    case EVENT_RESTART_ASKED:
        asked(step, event, JOB_RESTART);
        break;
    case EVENT_STOP_ASKED:
        asked(step, event, JOB_STOP);
        break;
    case EVENT_SHUTDOWN_ASKED:
        shutdown_asked(step);
        break;
    case EVENT_RELOAD_ASKED:
        service_answer(step, JOB_RELOAD, event->id, JOB_RESULT_NOT_ACTIVE);
        break;
    case EVENT_KILL_ASKED: /* four that service.c handles, in every state alike */
    case EVENT_RESET_FAILED_ASKED:
    case EVENT_POLICY_CHANGED:
    case EVENT_RECOVERED:
    case EVENT_EXECED:
    case EVENT_EXEC_FAILED: /* noted; its exit follows */
        break;
    }
}
