/*
 * What must hold of every state, as one list of rules. Each is a sentence and its condition; the
 * sentence is what a failed assertion or a quarantined slot shows. The list takes any bytes, so
 * nothing is looked up by a value before that value has been seen to be in range.
 */
#include "core/service.h"

#include <stdbool.h>
#include <stddef.h>

#define SIGNALS_AND_CODES_MAX 255

static bool is_flag(uint8_t value) {
    return value <= 1;
}

static const char *check_ranges(const struct service *self) {
    if ((uint32_t)self->state >= SERVICE_STATE_COUNT ||
        (uint32_t)self->result >= SERVICE_RESULT_COUNT ||
        (uint32_t)self->after_stop >= AFTER_STOP_COUNT) {
        return "state, result and what comes after are enumerators";
    }
    if ((uint32_t)self->job.kind >= JOB_KIND_COUNT ||
        (uint32_t)self->last_job.job.kind >= JOB_KIND_COUNT ||
        (uint32_t)self->last_job.result >= JOB_RESULT_COUNT) {
        return "jobs are of known kinds and have known results";
    }
    if (!is_flag(self->is_held) || !is_flag(self->is_unconfirmed) ||
        !is_flag(self->is_reload_failed) || !is_flag(self->is_reload_asked) ||
        !is_flag(self->was_up)) {
        return "flags are 0 or 1";
    }
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        const struct exit_status *exit = &self->ended[i].exit;
        if ((uint32_t)self->processes[i].state >= PROCESS_STATE_COUNT ||
            self->processes[i].command >= PHASE_COMMANDS_MAX) {
            return "a process has a known state and a possible command";
        }
        if ((uint32_t)exit->how >= EXIT_HOW_COUNT || exit->status > SIGNALS_AND_CODES_MAX) {
            return "an exit is of a known kind and has a possible status";
        }
    }
    return NULL;
}

static const char *check_processes(const struct service *self) {
    const struct process *main = &self->processes[ROLE_MAIN];
    const struct process *control = &self->processes[ROLE_CONTROL];
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        const struct process *process = &self->processes[i];
        if (process->state != PROCESS_NONE && process->attempt == 0) {
            return "a process that was asked for has an attempt";
        }
        if (process->state != PROCESS_ALIVE && process->identity.pid != 0) {
            return "only a process that exists has a pid";
        }
    }
    switch (self->state) {
    case SERVICE_DEAD:
    case SERVICE_FAILED:
    case SERVICE_AUTO_RESTART:
    case SERVICE_EXITED:
        if (main->state != PROCESS_NONE || control->state != PROCESS_NONE) {
            return "no process at rest, before a restart, or when exited";
        }
        return NULL;
    case SERVICE_START:
        if (main->state == PROCESS_NONE || control->state != PROCESS_NONE) {
            return "a start has a main process and no other";
        }
        return NULL;
    case SERVICE_RUNNING:
        if (main->state != PROCESS_ALIVE || control->state != PROCESS_NONE) {
            return "what runs has a main process and no other";
        }
        return NULL;
    case SERVICE_RELOADING:
        if (main->state == PROCESS_SPAWNING || control->state == PROCESS_NONE) {
            return "a reload has a control process, beside a main process that is not new";
        }
        return NULL;
    case SERVICE_STOP_SIGTERM:
    case SERVICE_STOP_SIGKILL:
        return NULL;
    }
    return NULL;
}

/* Result, deadline and what is set only where it means something. */
static const char *check_fields(const struct service *self) {
    bool is_stopping = self->state == SERVICE_STOP_SIGTERM || self->state == SERVICE_STOP_SIGKILL;
    bool is_reloading = self->state == SERVICE_RELOADING;
    bool is_success = self->result == SERVICE_RESULT_SUCCESS;
    bool is_at_rest = self->state == SERVICE_DEAD || self->state == SERVICE_FAILED;
    bool has_no_deadline =
        is_at_rest || self->state == SERVICE_RUNNING || self->state == SERVICE_EXITED;
    if (has_no_deadline && self->deadline_usec != USEC_INFINITY) {
        return "no deadline where nothing is waited for";
    }
    if (self->state == SERVICE_STOP_SIGKILL && self->deadline_usec == USEC_INFINITY) {
        return "a kill that does not help is repeated";
    }
    if (self->state == SERVICE_FAILED && is_success) {
        return "a failure has a reason";
    }
    if (!is_success && !is_stopping && self->state != SERVICE_FAILED &&
        self->state != SERVICE_AUTO_RESTART) {
        return "what has not ended badly has the result success";
    }
    if (!is_stopping && self->after_stop != AFTER_STOP_REST) {
        return "something comes after a stop only";
    }
    if (self->is_unconfirmed != 0 && self->state != SERVICE_STOP_SIGTERM) {
        return "signals are unconfirmed in stop-sigterm only";
    }
    if ((self->is_reload_failed != 0 || self->is_reload_asked != 0) && !is_reloading) {
        return "a reload is remembered while it runs only";
    }
    bool is_up = is_reloading || self->state == SERVICE_RUNNING || self->state == SERVICE_EXITED;
    if ((is_up && self->was_up == 0) || (self->state == SERVICE_START && self->was_up != 0)) {
        return "what is up was up in this run, and what starts was not";
    }
    if (self->is_held != 0 && !is_at_rest &&
        !(is_stopping && self->after_stop == AFTER_STOP_REST)) {
        return "what is held down is down or on its way";
    }
    return NULL;
}

static bool is_job_possible(const struct service *self) {
    bool is_up_again = self->after_stop == AFTER_STOP_START;
    switch (self->job.kind) {
    case JOB_NONE:
        return true;
    case JOB_START:
    case JOB_RESTART:
        return self->state == SERVICE_START ||
               ((self->state == SERVICE_STOP_SIGTERM || self->state == SERVICE_STOP_SIGKILL) &&
                is_up_again);
    case JOB_STOP:
        return (self->state == SERVICE_STOP_SIGTERM || self->state == SERVICE_STOP_SIGKILL) &&
               self->after_stop == AFTER_STOP_REST;
    case JOB_RELOAD:
        return self->state == SERVICE_RELOADING;
    case JOB_KILL:
    case JOB_RESET_FAILED:
        return false;
    }
    return false;
}

static const char *check_jobs(const struct service *self) {
    if ((self->job.kind == JOB_NONE) != (self->job.id == 0)) {
        return "a job has an id";
    }
    if (!is_job_possible(self)) {
        return "a job waits only where the service is on the way to what it wants";
    }
    if ((self->last_job.job.kind == JOB_NONE) != (self->last_job.result == JOB_RESULT_NONE)) {
        return "a finished job has a result";
    }
    return NULL;
}

static const char *check_reserved(const struct service *self) {
    uint32_t sum = self->job.reserved | self->last_job.reserved | self->last_job.job.reserved |
                   self->start_limit.reserved;
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        sum |= self->processes[i].identity.reserved | self->ended[i].reserved;
    }
    for (size_t i = 0; i < sizeof(self->reserved); i++) {
        sum |= self->reserved[i];
    }
    return sum == 0 ? NULL : "reserved bytes are zero";
}

const char *service_check(const struct service *self) {
    const char *broken = check_ranges(self);
    if (broken == NULL) {
        broken = check_processes(self);
    }
    if (broken == NULL) {
        broken = check_fields(self);
    }
    if (broken == NULL) {
        broken = check_jobs(self);
    }
    return broken != NULL ? broken : check_reserved(self);
}
