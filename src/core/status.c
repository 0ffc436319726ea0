/* A view: nothing is decided here. */
#include "core/status.h"

#include <string.h>

/* Big end first, as the 128 bits of an invocation id are written everywhere. */
static void write_invocation(const uint64_t words[2], char text[STATUS_INVOCATION_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    if (words[0] == 0 && words[1] == 0) {
        text[0] = '\0';
        return;
    }
    for (unsigned i = 0; i < 32; i++) {
        text[i] = digits[words[i / 16] >> (60 - i % 16 * 4) & 15];
    }
    text[32] = '\0';
}

void status_of(const struct service *service, struct status *ret_status) {
    const struct process *main = &service->processes[ROLE_MAIN];
    const struct ended *ended = &service->ended[ROLE_MAIN];
    struct status *self = ret_status;
    memset(self, 0, sizeof(*self));
    self->state = service->state;
    self->result = service->result;
    self->main_pid = main->identity.pid;
    self->control_pid = service->processes[ROLE_CONTROL].identity.pid;
    if (main->state == PROCESS_ALIVE) {
        self->exec_main_pid = main->identity.pid;
        self->exec_main_start_usec = main->started_usec;
        self->start_error = main->start_error;
    } else {
        self->exec_main_pid = ended->pid;
        self->exec_main_exit = ended->exit;
        self->exec_main_start_usec = ended->started_usec;
        self->exec_main_exit_usec = ended->ended_usec;
        self->start_error = ended->start_error;
    }
    self->since_usec = service->entered_usec;
    self->next_try_usec = service->state == SERVICE_AUTO_RESTART ? service->deadline_usec : 0;
    self->n_restarts = service->n_restarts;
    self->is_held = service->is_held;
    write_invocation(service->invocation, self->invocation);
    self->job = service->job;
    self->last_job = service->last_job;
}
