/*
 * Inside service_step(): what the files service*.c share. Nothing else includes it.
 *
 * One step is a `struct step` that is passed down. Each function below leaves the service in a
 * state that service_check() accepts.
 */
#ifndef CORE_SERVICE_STEP_H
#define CORE_SERVICE_STEP_H

#include "core/action.h"
#include "core/event.h"
#include "core/policy.h"
#include "core/service.h"

#include <stdbool.h>
#include <stdint.h>

struct step {
    const struct policy *policy;
    struct service *service;
    struct actions *actions;
    usec_t now;
    uint64_t cause; /* the event because of which all this happens */
};

/*
 * service.c: the vocabulary.
 */

/* Makes `state` the state, without deadline, and announces it. */
void service_enter(struct step *step, enum service_state state);
void service_announce(struct step *step, enum announcement what, enum role role);
void service_signal(struct step *step, enum target target, uint32_t signo, bool must_confirm);
void service_watch_tree(struct step *step);
/* The role must have no process. */
void service_spawn(struct step *step, enum role role, enum phase phase, uint32_t command);
/* Makes `kind` the job that is waited for, or joins one that is content with it; cancels others. */
void service_take_job(struct step *step, enum job_kind kind, uint64_t id);
/* Answers the job that is waited for, if there is one. */
void service_finish_job(struct step *step, enum job_result result);
/* Answers a request in the step that it came in. */
void service_answer(struct step *step, enum job_kind kind, uint64_t id, enum job_result result);
bool service_has_process(const struct service *self);
/* Handles one event that is not EVENT_RECOVERED. */
void service_dispatch(struct step *step, const struct event *event);

/*
 * service_start.c: nothing runs, something is to run, or it runs.
 */

void service_rest_step(struct step *step, const struct event *event);
void service_auto_restart_step(struct step *step, const struct event *event);
void service_start_step(struct step *step, const struct event *event);
void service_up_step(struct step *step, const struct event *event);
/* A client's start: forgets back-off and count of restarts. The start limit may refuse it. */
void service_start_by_hand(struct step *step);
/* An automatic start. The start limit may refuse it. */
void service_start_again(struct step *step);

/*
 * service_reload.c: ExecReload=.
 */

void service_reload_step(struct step *step, const struct event *event);
/* A client asked for it, and the service is up. */
void service_reload_asked(struct step *step, const struct event *event);
/* Recovery: the command that was to be spawned never ran. */
void service_reload_respawn(struct step *step);
/* Recovery: asks again for what the state says was asked for. */
void service_reload_resume(struct step *step);

/*
 * service_stop.c: from the wish to stop, or the end of the main process, to what comes after.
 */

void service_stop_step(struct step *step, const struct event *event);
/* Begins to stop a service that is starting or up. */
void service_stop(struct step *step, enum after_stop after_stop);
/* A client asked to stop, or the supervisor shuts down, while the service is starting or up. */
void service_stop_asked(struct step *step, const struct event *event);
/* The main process of a service that is starting or up has ended, or could not be spawned. */
void service_main_ended(struct step *step, enum service_result result, enum tree tree);
/* Recovery: asks again for what the state says was asked for. */
void service_stop_resume(struct step *step, enum tree tree);

/*
 * service_recover.c
 */

void service_recover(struct step *step, const struct event *event);

#endif
