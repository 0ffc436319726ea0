/*
 * When no supervisor runs, a state that only a supervisor could go on from (waiting for the next
 * try, say) is shown as what it amounts to: nothing runs, and nothing will. A process that lives is
 * shown as it was left; it goes on by itself.
 */
#include "client/statusview.h"

#include "client/home.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/folder.h"
#include "os/homelock.h"
#include "os/identity.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static_assert(SLOT_BOOT_ID_SIZE == CLOCK_BOOT_ID_SIZE, "the boot id is stored as it is read");

/* Whether the process that was recorded still lives; it is then no other with its number. */
static bool is_alive(const struct process_identity *recorded) {
    struct identity identity = {
        .inode = recorded->inode, .start_time = recorded->start_time, .pid = (pid_t)recorded->pid};
    auto_fd int pidfd = -1;
    return recorded->pid != 0 && identity_open(&identity, &pidfd) == 0 &&
           identity_has_ended(pidfd) == 0;
}

static uint32_t pid_if_alive(const struct process_identity *recorded) {
    return is_alive(recorded) ? recorded->pid : 0;
}

/*
 * Attaches to the file if it is of this boot: of another one nothing in it is true any more. Where
 * a supervisor runs it is, since that has looked.
 */
static int attach(struct statusview *self) {
    uint8_t here[CLOCK_BOOT_ID_SIZE];
    uint8_t there[SLOT_BOOT_ID_SIZE];
    struct slot_table table;
    int r = slot_table_attach(&table, self->mapped.bytes, self->mapped.size);
    if (r == 0 && !self->is_supervised) {
        r = clock_boot_id(here);
        slot_table_boot_id(&table, there);
        if (r == 0 && memcmp(here, there, sizeof(here)) != 0) {
            return 0;
        }
    }
    if (r == 0) {
        self->table = table;
    }
    return r;
}

int statusview_open(const struct home *home, struct statusview *ret_view) {
    auto_fd int folder = -1;
    int r = folder_open(home->runtime, &folder);
    if (r == -ENOENT) {
        *ret_view = (struct statusview){0};
        return 0;
    }
    struct statusview view = {0};
    pid_t holder = 0;
    r = r < 0 ? r : homelock_holder(folder, &holder);
    if (r < 0) {
        return r;
    }
    view.is_supervised = r > 0;
    r = mapped_open(folder, HOME_STATUS, MAPPED_READ, &view.mapped);
    r = r < 0 ? r : attach(&view);
    if (r < 0 && r != -ENOENT) {
        statusview_close(&view);
        return r;
    }
    view.holder_pid = view.is_supervised ? (uint32_t)holder : 0;
    *ret_view = view;
    return 0;
}

void statusview_pids(const struct statusview *self, struct statusview_pids *ret_pids) {
    struct instance instance;
    *ret_pids = (struct statusview_pids){.supervisor = self->holder_pid};
    if (self->table.capacity != 0 && slot_read_instance(&self->table, &instance) == 0) {
        uint32_t supervisor = pid_if_alive(&instance.supervisor);
        ret_pids->keeper = pid_if_alive(&instance.keeper);
        ret_pids->supervisor = supervisor != 0 ? supervisor : self->holder_pid;
        ret_pids->logger = pid_if_alive(&instance.logger);
    }
}

void statusview_close(struct statusview *self) {
    mapped_close(&self->mapped);
    *self = (struct statusview){0};
}

/* Sets what is said of a process that has ended without a supervisor to see it. */
static void correct(const struct statusview *self, struct statusview_service *service) {
    const struct process *main_process = &service->slot.service.processes[ROLE_MAIN];
    struct status *status = &service->status;
    bool lives = main_process->state == PROCESS_ALIVE && is_alive(&main_process->identity);
    service->is_gone = main_process->state == PROCESS_ALIVE && !lives;
    if (service->is_gone) {
        status->main_pid = 0;
    }
    if (self->is_supervised || lives) {
        return;
    }
    if (service->is_gone) {
        status->exec_main_exit = (struct exit_status){.how = EXIT_UNKNOWN};
    }
    status->control_pid = 0;
    status->next_try_usec = 0;
    if (status->state != SERVICE_FAILED) {
        status->state = SERVICE_DEAD;
    }
}

int statusview_next(const struct statusview *self, uint32_t *index,
                    struct statusview_service *ret_service) {
    for (uint32_t i = *index; i < self->table.capacity; i++) {
        if (slot_read(&self->table, i, &ret_service->slot) == 0) {
            *index = i + 1;
            status_of(&ret_service->slot.service, &ret_service->status);
            correct(self, ret_service);
            return 1;
        }
    }
    *index = self->table.capacity;
    return 0;
}

int statusview_find(const struct statusview *self, const char *name,
                    struct statusview_service *ret_service) {
    for (uint32_t i = 0; i < self->table.capacity; i++) {
        if (slot_read(&self->table, i, &ret_service->slot) == 0 &&
            strcmp(ret_service->slot.name, name) == 0) {
            status_of(&ret_service->slot.service, &ret_service->status);
            correct(self, ret_service);
            return 1;
        }
    }
    return 0;
}
