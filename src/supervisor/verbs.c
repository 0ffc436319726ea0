/* A table in the form of a switch: the compiler asks for each method, and nothing else is
 * reachable. */
#include "supervisor/verbs.h"

#include "base/alloc.h"
#include "base/str.h"
#include "core/names.h"
#include "os/self.h"
#include "supervisor/load.h"
#include "supervisor/shell.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct event *ask(struct shell *shell, const struct unit *unit, enum event_type type,
                         struct verb_outcome *outcome) {
    struct event *event = shell_post(shell, unit, type);
    event->id = shell_next_event(shell);
    if (outcome != NULL) {
        *outcome = (struct verb_outcome){.event = event->id, .unit = unit->index};
    }
    return event;
}

void verb_start(struct shell *shell, struct unit *unit) {
    (void)ask(shell, unit, EVENT_START_ASKED, NULL);
}

static enum event_type event_of(enum method method) {
    switch (method) {
    case METHOD_START:
        return EVENT_START_ASKED;
    case METHOD_STOP:
        return EVENT_STOP_ASKED;
    case METHOD_RESTART:
        return EVENT_RESTART_ASKED;
    case METHOD_RELOAD:
        return EVENT_RELOAD_ASKED;
    case METHOD_KILL:
        return EVENT_KILL_ASKED;
    case METHOD_VERSION:
    case METHOD_LIST:
    case METHOD_RESET_FAILED:
    case METHOD_LOAD:
    case METHOD_FORGET:
    case METHOD_SHUTDOWN:
        break;
    }
    return EVENT_RESET_FAILED_ASKED;
}

/* The unit, from memory or from its file. NULL: the response says why not. */
static struct unit *find(struct shell *shell, const char *name, struct response *response) {
    struct unit *unit = units_find(&shell->units, name);
    if (unit == NULL && load_unit(shell, name, &unit, &response->fault) < 0) {
        response->kind = RESPONSE_FAULT;
        return NULL;
    }
    return unit;
}

static struct verb_outcome do_job(struct shell *shell, const struct request *request,
                                  struct response *response) {
    struct verb_outcome outcome = {0};
    struct unit *unit = find(shell, request->unit, response);
    if (unit == NULL) {
        return outcome;
    }
    if (shell->is_shutting_down &&
        (request->method == METHOD_START || request->method == METHOD_RESTART)) {
        response->kind = RESPONSE_FAULT;
        fault_set(&response->fault, FAULT_FAILED, "abide is shutting down: ", request->unit,
                  " is not started");
        return outcome;
    }
    struct event *event = ask(shell, unit, event_of(request->method), &outcome);
    if (request->method == METHOD_KILL) {
        event->kill.target = request->whom == REQUEST_WHOM_MAIN ? TARGET_MAIN : TARGET_TREE;
        event->kill.signo = request->signal;
    }
    return outcome;
}

static void do_reset_failed(struct shell *shell, const struct request *request,
                            struct response *response) {
    response->kind = RESPONSE_DONE;
    if (request->unit[0] != '\0') {
        struct unit *unit = find(shell, request->unit, response);
        if (unit != NULL) {
            (void)ask(shell, unit, EVENT_RESET_FAILED_ASKED, NULL);
        }
        return;
    }
    for (uint32_t i = 0; i < shell->units.count; i++) {
        if (shell->units.items[i] != NULL) {
            (void)ask(shell, shell->units.items[i], EVENT_RESET_FAILED_ASKED, NULL);
        }
    }
}

static void do_load(struct shell *shell, const struct request *request, struct response *response) {
    struct unit *unit = NULL;
    if (shell->is_shutting_down) {
        response->kind = RESPONSE_FAULT;
        fault_set(&response->fault, FAULT_FAILED, "abide is shutting down: ", request->unit,
                  " is not loaded");
        return;
    }
    int r = load_unit(shell, request->unit, &unit, &response->fault);
    response->kind = r < 0 ? RESPONSE_FAULT : RESPONSE_LOAD;
    if (r >= 0) {
        response->load.changed = r > 0;
    }
}

static void do_forget(struct shell *shell, const struct request *request,
                      struct response *response) {
    struct unit *unit = units_find(&shell->units, request->unit);
    response->kind = RESPONSE_DONE;
    if (unit == NULL) {
        return; /* What is not known is forgotten. */
    }
    if (!unit_is_at_rest(unit)) {
        response->kind = RESPONSE_FAULT;
        fault_set(&response->fault, FAULT_FAILED, request->unit, " is ",
                  service_active_state_name(unit->service.state), ": stop it first (abide stop ",
                  request->unit, ")");
        return;
    }
    shell_forget(shell, unit);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names stay the units' own; only the list is made. It is freed after the response was encoded,
 * by being kept in the supervisor until the next one. */
static void do_list(struct shell *shell, const struct request *request, struct response *response) {
    size_t count = 0;
    char **names = alloc_zeroed((size_t)shell->units.count + 1, sizeof(char *));
    if (names == NULL) {
        response->kind = RESPONSE_FAULT;
        fault_set(&response->fault, FAULT_INTERNAL, "out of memory");
        return;
    }
    for (uint32_t i = 0; i < shell->units.count; i++) {
        const struct unit *unit = shell->units.items[i];
        if (unit != NULL && strcmp(unit->spec.name, request->after) > 0) {
            names[count++] = unit->spec.name;
        }
    }
    qsort(names, count, sizeof(char *), compare_names);
    free(shell->listed);
    shell->listed = names;
    response->kind = RESPONSE_LIST;
    response->list = (struct list_report){.units = names};
}

struct verb_outcome verb_do(struct shell *shell, const struct request *request,
                            struct response *response) {
    struct verb_outcome outcome = {0};
    switch (request->method) {
    case METHOD_VERSION:
        response->kind = RESPONSE_VERSION;
        response->version = (struct version_report){
            .version = shell->options->version,
            .protocol = PROTOCOL_VERSION,
            .supervisor_pid = self_pid(),
            .logger_pid = shell->logger,
        };
        break;
    case METHOD_LIST:
        do_list(shell, request, response);
        break;
    case METHOD_START:
    case METHOD_STOP:
    case METHOD_RESTART:
    case METHOD_RELOAD:
    case METHOD_KILL:
        outcome = do_job(shell, request, response);
        break;
    case METHOD_RESET_FAILED:
        do_reset_failed(shell, request, response);
        break;
    case METHOD_LOAD:
        do_load(shell, request, response);
        break;
    case METHOD_FORGET:
        do_forget(shell, request, response);
        break;
    case METHOD_SHUTDOWN:
        response->kind = RESPONSE_DONE;
        if (!shell->is_over) {
            outcome.event = shell_next_event(shell);
            shell_shut_down(shell);
        }
        break;
    }
    return outcome;
}

static enum job_outcome outcome_of(enum job_result result) {
    switch (result) {
    case JOB_RESULT_DONE:
        return JOB_OUTCOME_DONE;
    case JOB_RESULT_CANCELED:
        return JOB_OUTCOME_CANCELED;
    case JOB_RESULT_TIMEOUT:
        return JOB_OUTCOME_TIMEOUT;
    case JOB_RESULT_NONE:
    case JOB_RESULT_FAILED:
    case JOB_RESULT_NOT_ACTIVE:
    case JOB_RESULT_UNSUPPORTED:
        break;
    }
    return JOB_OUTCOME_FAILED;
}

void verb_report_job(const struct unit *unit, const struct job *job, enum job_result result,
                     struct response *ret_response) {
    const char *name = unit->spec.name;
    *ret_response = (struct response){.kind = RESPONSE_FAULT};
    if (result == JOB_RESULT_NOT_ACTIVE) {
        fault_set(&ret_response->fault, FAULT_FAILED, name,
                  " is not running: start it first (abide start ", name, ")");
        return;
    }
    if (result == JOB_RESULT_UNSUPPORTED) {
        fault_set(&ret_response->fault, FAULT_FAILED, name,
                  " has no ExecReload= command: add one to its unit file, or restart it");
        return;
    }
    if (job->kind == JOB_KILL) {
        ret_response->kind = RESPONSE_DONE;
        return;
    }
    ret_response->kind = RESPONSE_JOB;
    ret_response->job = (struct job_report){
        .job = job->id,
        .outcome = outcome_of(result),
        .active_state = service_active_state_name(unit->service.state),
        .sub_state = service_state_name(unit->service.state),
        .unit_result = service_result_name(unit->service.result),
        .main_pid = unit->pids[ROLE_MAIN],
        .reason = job_result_name(result),
        .detail = unit->detail,
        .kept = true,
    };
}
