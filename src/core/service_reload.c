/*
 * reloading: the commands of ExecReload= run one after the other beside the main process, until one
 * fails. The service stays up whatever comes of it. A command that takes too long is killed; the
 * state is left only when it is gone, so that a control process exists in no other state that the
 * service is up in.
 */
#include "core/service_step.h"

static void run(struct step *step) {
    struct service *self = step->service;
    self->is_reload_asked = 0;
    self->is_reload_failed = 0;
    self->deadline_usec = usec_add(step->now, step->policy->start_timeout_usec);
    service_spawn(step, ROLE_CONTROL, PHASE_RELOAD, 0);
}

void service_reload_asked(struct step *step, const struct event *event) {
    if (step->policy->n_commands[PHASE_RELOAD] == 0) {
        service_answer(step, JOB_RELOAD, event->id, JOB_RESULT_UNSUPPORTED);
        return;
    }
    service_take_job(step, JOB_RELOAD, event->id);
    service_enter(step, SERVICE_RELOADING);
    run(step);
}

/* The last command has ended, or the first that failed. */
static void over(struct step *step) {
    struct service *self = step->service;
    bool failed = self->is_reload_failed != 0;
    service_announce(step, failed ? ANNOUNCE_RELOAD_FAILED : ANNOUNCE_RELOADED, ROLE_CONTROL);
    if (self->is_reload_asked != 0 && step->policy->n_commands[PHASE_RELOAD] != 0) {
        run(step);
        return;
    }
    bool has_main = self->processes[ROLE_MAIN].state != PROCESS_NONE;
    service_enter(step, has_main ? SERVICE_RUNNING : SERVICE_EXITED);
    service_finish_job(step, failed ? JOB_RESULT_FAILED : JOB_RESULT_DONE);
}

static void command_ended(struct step *step, enum service_result result) {
    struct service *self = step->service;
    uint32_t command = self->processes[ROLE_CONTROL].command;
    if (result != SERVICE_RESULT_SUCCESS) {
        self->is_reload_failed = 1;
    }
    if (self->is_reload_failed == 0 && command + 1 < step->policy->n_commands[PHASE_RELOAD]) {
        service_spawn(step, ROLE_CONTROL, PHASE_RELOAD, command + 1);
    } else {
        over(step);
    }
}

void service_reload_respawn(struct step *step) {
    uint32_t command = step->service->processes[ROLE_CONTROL].command;
    bool is_there = command < step->policy->n_commands[PHASE_RELOAD];
    if (is_there && step->service->is_reload_failed == 0) {
        service_spawn(step, ROLE_CONTROL, PHASE_RELOAD, command);
    } else {
        over(step);
    }
}

/* Whatever the deadline was, the next is for looking whether the killing has helped. */
static void kill_command(struct step *step) {
    service_signal(step, TARGET_CONTROL, SIGNO_KILL, /* must_confirm= */ false);
    step->service->deadline_usec = usec_add(step->now, SERVICE_KILL_AGAIN_USEC);
}

void service_reload_resume(struct step *step) {
    struct service *self = step->service;
    if (self->is_reload_failed != 0 && self->processes[ROLE_CONTROL].state == PROCESS_ALIVE) {
        kill_command(step);
    }
}

static void deadline_reached(struct step *step) {
    struct service *self = step->service;
    self->is_reload_failed = 1;
    service_finish_job(step, JOB_RESULT_TIMEOUT);
    self->deadline_usec = usec_add(step->now, SERVICE_KILL_AGAIN_USEC);
    if (self->processes[ROLE_CONTROL].state == PROCESS_ALIVE) {
        kill_command(step);
    }
}

static void exited(struct step *step, const struct event *event) {
    const struct service *self = step->service;
    const struct exit_status *exit = &self->ended[event->exited.role].exit;
    switch (event->exited.role) {
    case ROLE_MAIN:
        service_main_ended(step, restart_result(step->policy, PHASE_START, 0, exit),
                           event->exited.tree);
        break;
    case ROLE_CONTROL:
        command_ended(step, restart_result(step->policy, PHASE_RELOAD,
                                           self->processes[ROLE_CONTROL].command, exit));
        break;
    }
}

void service_reload_step(struct step *step, const struct event *event) {
    struct service *self = step->service;
    switch (event->type) {
    case EVENT_SPAWNED:
        if (self->is_reload_failed != 0) {
            kill_command(step);
        }
        break;
    case EVENT_SPAWN_FAILED:
        command_ended(step, SERVICE_RESULT_RESOURCES);
        break;
    case EVENT_EXITED:
        exited(step, event);
        break;
    case EVENT_DEADLINE_REACHED:
        deadline_reached(step);
        break;
    case EVENT_START_ASKED:
        service_answer(step, JOB_START, event->id, JOB_RESULT_DONE);
        break;
    case EVENT_RELOAD_ASKED:
        service_take_job(step, JOB_RELOAD, event->id);
        self->is_reload_asked = 1;
        break;
    case EVENT_RESTART_ASKED:
        service_take_job(step, JOB_RESTART, event->id);
        service_stop(step, AFTER_STOP_START);
        break;
    case EVENT_STOP_ASKED:
    case EVENT_SHUTDOWN_ASKED:
        service_stop_asked(step, event);
        break;
    case EVENT_KILL_ASKED: /* four that service.c handles, in every state alike */
    case EVENT_RESET_FAILED_ASKED:
    case EVENT_POLICY_CHANGED:
    case EVENT_RECOVERED:
    case EVENT_EXECED:
    case EVENT_EXEC_FAILED: /* noted; its exit follows */
    case EVENT_TREE_EMPTIED:
    case EVENT_SIGNALLED:
        break;
    }
}
