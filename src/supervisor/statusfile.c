/* The only place that maps the file; what its bytes mean is known to core/slot.c alone. */
#include "supervisor/statusfile.h"

#include "os/clock.h"
#include "os/fd.h"
#include "supervisor/unit.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Readers never see a file that is half made. */
#define NEW_NAME ".status.new"
#define MODE 0600

int statusfile_open(struct statusfile *self, int runtime_fd_take) {
    uint8_t boot_id[SLOT_BOOT_ID_SIZE];
    static_assert(SLOT_BOOT_ID_SIZE == CLOCK_BOOT_ID_SIZE, "the same thing");
    self->directory_fd = runtime_fd_take;
    int r = clock_boot_id(boot_id);
    if (r < 0) {
        return r;
    }
    r = mapped_remove(self->directory_fd, NEW_NAME);
    if (r < 0) {
        return r;
    }
    size_t size = slot_table_size(STATUSFILE_CAPACITY_FIRST);
    r = mapped_create(self->directory_fd, NEW_NAME, size, MODE, &self->mapped);
    if (r == 0) {
        r = slot_table_format(&self->table, self->mapped.bytes, size, boot_id);
    }
    if (r == 0) {
        self->epoch = slot_table_next_epoch(&self->table);
        r = mapped_rename(self->directory_fd, NEW_NAME, STATUSFILE_NAME);
    }
    return r;
}

void statusfile_close(struct statusfile *self) {
    mapped_close(&self->mapped);
    self->directory_fd = fd_close(self->directory_fd);
}

static int grow(struct statusfile *self) {
    if (self->table.capacity >= SLOT_TABLE_CAPACITY_MAX) {
        return -ENOSPC;
    }
    size_t size = slot_table_size(self->table.capacity * 2);
    int r = mapped_grow(self->directory_fd, STATUSFILE_NAME, size, &self->mapped);
    return r == 0 ? slot_table_grow(&self->table, self->mapped.bytes, size) : r;
}

int statusfile_add(struct statusfile *self, const struct unit *unit) {
    int r = unit->index < self->table.capacity ? 0 : grow(self);
    if (r == 0) {
        slot_claim(&self->table, unit->index, unit->spec.name);
        statusfile_commit(self, unit);
    }
    return r;
}

static void write_slot(struct statusfile *self, const struct unit *unit, uint32_t is_used) {
    struct slot slot = {
        .service = unit->service,
        .policy = unit->policy,
        .is_used = is_used,
    };
    (void)snprintf(slot.name, sizeof(slot.name), "%s", unit->spec.name);
    slot_write(&self->table, unit->index, &slot);
    slot_commit(&self->table);
}

static struct process_identity as_process(const struct identity *identity) {
    return (struct process_identity){
        .pid = (uint32_t)identity->pid,
        .inode = identity->inode,
        .start_time = identity->start_time,
    };
}

void statusfile_write_processes(struct statusfile *self, const struct identity *logger) {
    struct identity supervisor = {0};
    (void)identity_of_self(&supervisor); /* Without it nobody is shown, and the lock still tells. */
    const struct instance instance = {
        .supervisor = as_process(&supervisor),
        .logger = as_process(logger),
    };
    slot_write_instance(&self->table, &instance);
    slot_commit(&self->table);
}

void statusfile_remove(struct statusfile *self, const struct unit *unit) {
    write_slot(self, unit, 0);
}

void statusfile_commit(struct statusfile *self, const struct unit *unit) {
    write_slot(self, unit, 1);
}

void statusfile_record(struct statusfile *self, const struct unit *unit, enum role role,
                       uint64_t attempt, struct spawn_record *ret_record) {
    struct slot_spawn_record *record = slot_spawn_record(&self->table, unit->index, role);
    *ret_record = (struct spawn_record){
        .pid = &record->pid,
        .inode = &record->inode,
        .start_time = &record->start_time,
        .attempt = &record->attempt,
        .state = &record->refused,
        .epoch = slot_table_epoch(&self->table),
        .attempt_value = attempt,
        .refused_value = attempt,
        .epoch_value = self->epoch,
    };
}
