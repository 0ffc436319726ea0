/*
 * A supervisor has begun with a state that another one left, at any point between its decision and
 * what it did about it. First what happened to the processes meanwhile is made up for, as the
 * events that nobody was there to receive. Then what the state says was asked for, and no event has
 * confirmed, is asked for again. Deadlines need nothing: they stand in the state.
 */
#include "core/service_step.h"

#include <assert.h>

static void dispatch_spawned(struct step *step, const struct event *event, enum role role) {
    const struct event spawned = {
        .type = EVENT_SPAWNED,
        .id = event->id,
        .now = event->now,
        .spawned =
            {
                .role = role,
                .attempt = step->service->processes[role].attempt,
                .identity = event->recovered.processes[role].identity,
            },
    };
    service_dispatch(step, &spawned);
}

static void dispatch_execed(struct step *step, const struct event *event, enum role role) {
    const struct event execed = {
        .type = EVENT_EXECED,
        .id = event->id,
        .now = event->now,
        .process = {.role = role, .attempt = step->service->processes[role].attempt},
    };
    service_dispatch(step, &execed);
}

static void dispatch_exited(struct step *step, const struct event *event, enum role role) {
    const struct recovered_process *found = &event->recovered.processes[role];
    bool is_known = found->fate == FATE_ENDED && found->exit.how != EXIT_NONE;
    const struct event exited = {
        .type = EVENT_EXITED,
        .id = event->id,
        .now = event->now,
        .exited =
            {
                .role = role,
                .attempt = step->service->processes[role].attempt,
                .exit = is_known ? found->exit : (struct exit_status){.how = EXIT_UNKNOWN},
                .ended_usec = is_known ? found->ended_usec : 0,
                .tree = event->recovered.tree,
            },
    };
    service_dispatch(step, &exited);
}

/*
 * The spawn that was asked for did not happen, and never will: a child that might still wake up is
 * of an earlier epoch, and refuses to exec. It is asked for again if it is still wanted.
 */
static void never_ran(struct step *step, enum role role) {
    struct service *self = step->service;
    struct process *process = &self->processes[role];
    *process = (struct process){.command = process->command, .attempt = process->attempt};
    if (role == ROLE_MAIN && self->state == SERVICE_START) {
        service_spawn(step, ROLE_MAIN, PHASE_START, 0);
    } else if (role == ROLE_CONTROL && self->state == SERVICE_RELOADING) {
        service_reload_respawn(step);
    }
}

static void recover_process(struct step *step, const struct event *event, enum role role) {
    const struct process *process = &step->service->processes[role];
    const struct recovered_process *found = &event->recovered.processes[role];
    bool was_spawning = process->state == PROCESS_SPAWNING;
    if (process->state == PROCESS_NONE) {
        return;
    }
    switch (found->fate) {
    case FATE_NONE:
    case FATE_NEVER_RAN:
        if (was_spawning) {
            never_ran(step, role);
        } else {
            dispatch_exited(step, event, role);
        }
        break;
    case FATE_ALIVE:
        if (was_spawning) {
            dispatch_spawned(step, event, role);
        }
        if (found->is_execed != 0) {
            dispatch_execed(step, event, role);
        }
        break;
    case FATE_ENDED:
        dispatch_exited(step, event, role);
        break;
    }
}

static bool has_signalled(const struct actions *actions) {
    for (uint32_t i = 0; i < actions->count; i++) {
        if (actions->items[i].type == ACTION_SIGNAL) {
            return true;
        }
    }
    return false;
}

/* Main before control: a control command of a service that is gone is not followed by the next. */
void service_recover(struct step *step, const struct event *event) {
    struct service *self = step->service;
    enum service_state before = self->state;
    recover_process(step, event, ROLE_MAIN);
    recover_process(step, event, ROLE_CONTROL);
    step->cause = self->cause;
    if (self->state != before || has_signalled(step->actions)) {
        return;
    }
    switch (self->state) {
    case SERVICE_STOP_SIGTERM:
    case SERVICE_STOP_SIGKILL:
        service_stop_resume(step, event->recovered.tree);
        break;
    case SERVICE_RELOADING:
        service_reload_resume(step);
        break;
    case SERVICE_DEAD:
    case SERVICE_START:
    case SERVICE_RUNNING:
    case SERVICE_EXITED:
    case SERVICE_AUTO_RESTART:
    case SERVICE_FAILED:
        break;
    }
}
