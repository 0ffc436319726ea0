/*
 * The states in which nothing runs (dead, failed, auto-restart), in which it is brought up (start),
 * and in which it is up (running, exited).
 */
#include "core/service_step.h"

#include "base/prng.h"

static void start(struct step *step) {
    struct service *self = step->service;
    if (!start_limit_allows(&self->start_limit, step->policy, step->now)) {
        self->result = SERVICE_RESULT_START_LIMIT_HIT;
        service_enter(step, SERVICE_FAILED);
        service_finish_job(step, JOB_RESULT_FAILED);
        return;
    }
    self->result = SERVICE_RESULT_SUCCESS;
    self->was_up = 0;
    self->invocation[0] = prng_next(&self->prng);
    self->invocation[1] = prng_next(&self->prng);
    service_enter(step, SERVICE_START);
    self->deadline_usec = usec_add(step->now, step->policy->start_timeout_usec);
    service_spawn(step, ROLE_MAIN, PHASE_START, 0);
}

void service_start_by_hand(struct step *step) {
    struct service *self = step->service;
    self->is_held = 0;
    self->n_restarts = 0;
    self->backoff = (struct backoff){0};
    start(step);
}

void service_start_again(struct step *step) {
    struct service *self = step->service;
    if (self->n_restarts < UINT32_MAX) {
        self->n_restarts++;
    }
    start(step);
}

/* dead and failed: only a request can change anything; what else comes is of the past. */
void service_rest_step(struct step *step, const struct event *event) {
    switch (event->type) {
    case EVENT_START_ASKED:
        service_take_job(step, JOB_START, event->id);
        service_start_by_hand(step);
        break;
    case EVENT_RESTART_ASKED:
        service_take_job(step, JOB_RESTART, event->id);
        service_start_by_hand(step);
        break;
    case EVENT_STOP_ASKED:
        step->service->is_held = 1;
        service_answer(step, JOB_STOP, event->id, JOB_RESULT_DONE);
        break;
    case EVENT_RELOAD_ASKED:
        service_answer(step, JOB_RELOAD, event->id, JOB_RESULT_NOT_ACTIVE);
        break;
    case EVENT_KILL_ASKED: /* four that service.c handles, in every state alike */
    case EVENT_RESET_FAILED_ASKED:
    case EVENT_POLICY_CHANGED:
    case EVENT_RECOVERED:
    case EVENT_SHUTDOWN_ASKED:
    case EVENT_SPAWNED:
    case EVENT_SPAWN_FAILED:
    case EVENT_EXECED:
    case EVENT_EXEC_FAILED:
    case EVENT_EXITED:
    case EVENT_TREE_EMPTIED:
    case EVENT_SIGNALLED:
    case EVENT_DEADLINE_REACHED:
        break;
    }
}

/* auto-restart: the next start stands in `deadline_usec`; a client can hasten or end it. */
void service_auto_restart_step(struct step *step, const struct event *event) {
    struct service *self = step->service;
    switch (event->type) {
    case EVENT_DEADLINE_REACHED:
        service_start_again(step);
        break;
    case EVENT_START_ASKED:
        service_take_job(step, JOB_START, event->id);
        service_start_by_hand(step);
        break;
    case EVENT_RESTART_ASKED:
        service_take_job(step, JOB_RESTART, event->id);
        service_start_by_hand(step);
        break;
    case EVENT_STOP_ASKED:
        self->result = SERVICE_RESULT_SUCCESS;
        service_enter(step, SERVICE_DEAD);
        self->is_held = 1;
        service_answer(step, JOB_STOP, event->id, JOB_RESULT_DONE);
        break;
    case EVENT_SHUTDOWN_ASKED:
        self->result = SERVICE_RESULT_SUCCESS;
        service_enter(step, SERVICE_DEAD);
        break;
    case EVENT_RELOAD_ASKED:
        service_answer(step, JOB_RELOAD, event->id, JOB_RESULT_NOT_ACTIVE);
        break;
    case EVENT_KILL_ASKED: /* four that service.c handles, in every state alike */
    case EVENT_RESET_FAILED_ASKED:
    case EVENT_POLICY_CHANGED:
    case EVENT_RECOVERED:
    case EVENT_SPAWNED:
    case EVENT_SPAWN_FAILED:
    case EVENT_EXECED:
    case EVENT_EXEC_FAILED:
    case EVENT_EXITED:
    case EVENT_TREE_EMPTIED:
    case EVENT_SIGNALLED:
        break;
    }
}

/* The service is what its Type= calls up. */
static void up(struct step *step) {
    step->service->was_up = 1;
    service_enter(step, SERVICE_RUNNING);
    service_finish_job(step, JOB_RESULT_DONE);
}

/* What an EVENT_EXITED or EVENT_SPAWN_FAILED of the main process means. */
static enum service_result main_result(const struct step *step, const struct event *event) {
    const struct ended *ended = &step->service->ended[ROLE_MAIN];
    if (event->type == EVENT_SPAWN_FAILED && ended->start_error.step == 0) {
        return SERVICE_RESULT_RESOURCES;
    }
    return restart_result(step->policy, PHASE_START, 0, &ended->exit);
}

/* start: the main process is asked for, or exists and has not executed its program yet. */
void service_start_step(struct step *step, const struct event *event) {
    struct service *self = step->service;
    switch (event->type) {
    case EVENT_SPAWNED:
        if (step->policy->type == SERVICE_TYPE_SIMPLE) {
            up(step);
        }
        break;
    case EVENT_EXECED:
        up(step);
        break;
    case EVENT_SPAWN_FAILED:
        service_main_ended(step, main_result(step, event), TREE_EMPTY);
        break;
    case EVENT_EXITED:
        service_main_ended(step, main_result(step, event), event->exited.tree);
        break;
    case EVENT_DEADLINE_REACHED:
        self->result = SERVICE_RESULT_TIMEOUT;
        service_finish_job(step, JOB_RESULT_TIMEOUT);
        service_stop(step, AFTER_STOP_POLICY);
        break;
    case EVENT_START_ASKED:
        service_take_job(step, JOB_START, event->id);
        break;
    case EVENT_RESTART_ASKED:
        service_take_job(step, JOB_RESTART, event->id);
        service_stop(step, AFTER_STOP_START);
        break;
    case EVENT_STOP_ASKED:
    case EVENT_SHUTDOWN_ASKED:
        service_stop_asked(step, event);
        break;
    case EVENT_RELOAD_ASKED:
        service_answer(step, JOB_RELOAD, event->id, JOB_RESULT_NOT_ACTIVE);
        break;
    case EVENT_KILL_ASKED: /* four that service.c handles, in every state alike */
    case EVENT_RESET_FAILED_ASKED:
    case EVENT_POLICY_CHANGED:
    case EVENT_RECOVERED:
    case EVENT_EXEC_FAILED: /* noted; its exit follows */
    case EVENT_TREE_EMPTIED:
    case EVENT_SIGNALLED:
        break;
    }
}

/* running, and exited: the same but that the main process has ended there already. */
void service_up_step(struct step *step, const struct event *event) {
    switch (event->type) {
    case EVENT_EXITED:
        service_main_ended(step, main_result(step, event), event->exited.tree);
        break;
    case EVENT_START_ASKED:
        service_answer(step, JOB_START, event->id, JOB_RESULT_DONE);
        break;
    case EVENT_RESTART_ASKED:
        service_take_job(step, JOB_RESTART, event->id);
        service_stop(step, AFTER_STOP_START);
        break;
    case EVENT_STOP_ASKED:
    case EVENT_SHUTDOWN_ASKED:
        service_stop_asked(step, event);
        break;
    case EVENT_RELOAD_ASKED:
        service_reload_asked(step, event);
        break;
    case EVENT_KILL_ASKED: /* four that service.c handles, in every state alike */
    case EVENT_RESET_FAILED_ASKED:
    case EVENT_POLICY_CHANGED:
    case EVENT_RECOVERED:
    case EVENT_EXECED: /* of a simple service, which did not wait for it */
    case EVENT_EXEC_FAILED: /* the same; noted, its exit follows */
    case EVENT_SPAWNED:
    case EVENT_SPAWN_FAILED:
    case EVENT_TREE_EMPTIED:
    case EVENT_SIGNALLED:
    case EVENT_DEADLINE_REACHED:
        break;
    }
}
