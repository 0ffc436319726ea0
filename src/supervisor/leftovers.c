/* Each is held by a pidfd from the moment it was verified, and signalled with its process group. */
#include "supervisor/leftovers.h"

#include "base/alloc.h"
#include "core/slot.h"
#include "os/await.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/identity.h"
#include "os/mapped.h"
#include "supervisor/statusfile.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

struct leftovers {
    int *pid_fds;
    size_t count;
    size_t room;
};

static int hold(struct leftovers *self, const struct identity *identity) {
    int pid_fd;
    if (identity_open(identity, &pid_fd) < 0) {
        return 0; /* It has gone. */
    }
    if (self->count == self->room) {
        size_t room = self->room > 0 ? self->room * 2 : 64;
        int *pid_fds = alloc_resized(self->pid_fds, room, sizeof(int));
        if (pid_fds == NULL) {
            (void)fd_close(pid_fd);
            return -ENOMEM;
        }
        self->pid_fds = pid_fds;
        self->room = room;
    }
    self->pid_fds[self->count++] = pid_fd;
    return 0;
}

static struct identity as_identity(const struct process_identity *process) {
    return (struct identity){
        .pid = (pid_t)process->pid,
        .inode = process->inode,
        .start_time = process->start_time,
    };
}

/* The process of a role, by the state or, if it was only being spawned, by what it noted itself. */
static int hold_role(struct leftovers *self, const struct slot_table *table, uint32_t index,
                     const struct process *process, enum role role) {
    const struct slot_spawn_record *record = slot_spawn_record(table, index, role);
    struct identity identity = {0};
    if (process->state == PROCESS_ALIVE) {
        identity = as_identity(&process->identity);
    } else if (process->state == PROCESS_SPAWNING && record->attempt == process->attempt &&
               record->refused != process->attempt) {
        identity = (struct identity){
            .pid = (pid_t)record->pid,
            .inode = record->inode,
            .start_time = record->start_time,
        };
    }
    return identity.pid > 0 ? hold(self, &identity) : 0;
}

static int hold_all(struct leftovers *self, struct slot_table *table) {
    int r = 0;
    (void)slot_table_next_epoch(table); /* A child that was just made refuses to go on. */
    slot_table_discard(table);
    struct instance instance;
    if (slot_read_instance(table, &instance) == 0 && instance.logger.pid != 0) {
        const struct identity logger = as_identity(&instance.logger);
        r = hold(self, &logger); /* It writes what it has, and makes room for the next. */
    }
    for (uint32_t i = 0; r == 0 && i < table->capacity; i++) {
        struct slot slot;
        if (slot_read(table, i, &slot) != 0) {
            continue;
        }
        for (int role = 0; r == 0 && role < ROLE_COUNT; role++) {
            r = hold_role(self, table, i, &slot.service.processes[role], (enum role)role);
        }
    }
    return r;
}

static void signal_all(const struct leftovers *self, int signo) {
    for (size_t i = 0; i < self->count; i++) {
        if (identity_signal_group(self->pid_fds[i], signo) < 0) {
            (void)identity_signal(self->pid_fds[i], signo); /* Before Linux 6.9; or it has gone. */
        }
    }
}

static void await_all(const struct leftovers *self) {
    usec_t deadline = usec_add(clock_monotonic(), LEFTOVERS_STOP_USEC);
    for (size_t i = 0; i < self->count; i++) {
        (void)await_readable(self->pid_fds[i], usec_sub(deadline, clock_monotonic()));
    }
}

static bool is_of_this_boot(const struct slot_table *table) {
    uint8_t written[SLOT_BOOT_ID_SIZE];
    uint8_t current[CLOCK_BOOT_ID_SIZE];
    slot_table_boot_id(table, written);
    return clock_boot_id(current) == 0 && memcmp(written, current, sizeof(current)) == 0;
}

int leftovers_end(int runtime_fd) {
    struct mapped mapped = {.bytes = NULL};
    struct slot_table table;
    struct leftovers self = {.pid_fds = NULL};
    int r = mapped_open(runtime_fd, STATUSFILE_NAME, MAPPED_WRITE, &mapped);
    if (r < 0) {
        return r == -ENOENT || r == -EINVAL ? 0 : r; /* None, or one that was never finished. */
    }
    r = slot_table_attach(&table, mapped.bytes, mapped.size);
    if (r == 0 && is_of_this_boot(&table)) {
        r = hold_all(&self, &table);
        if (r == 0 && self.count > 0) {
            signal_all(&self, SIGTERM);
            signal_all(&self, SIGCONT);
            await_all(&self);
            signal_all(&self, SIGKILL);
            await_all(&self);
        }
    }
    for (size_t i = 0; i < self.count; i++) {
        (void)fd_close(self.pid_fds[i]);
    }
    cleanup_free(&self.pid_fds);
    mapped_close(&mapped);
    if (r == -EBADMSG) {
        return 0; /* Not a status file: nobody can be found by it. */
    }
    return r < 0 ? r : (int)self.count;
}
