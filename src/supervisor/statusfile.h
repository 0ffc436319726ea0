/*
 * The status file, RUNTIME/status: the state that the core works on, where any process can see it
 * and no crash can lose it (core/slot.h has its form).
 */
#ifndef SUPERVISOR_STATUSFILE_H
#define SUPERVISOR_STATUSFILE_H

#include "core/slot.h"
#include "os/mapped.h"
#include "os/spawn.h"

#include <stdint.h>

struct unit;

/* All-zero is closed. */
struct statusfile {
    struct mapped mapped;
    struct slot_table table;
    int directory_fd; /* the runtime folder */
    uint64_t epoch;
};

#define STATUSFILE_NAME "status"

/* Room for so many services at first; it doubles when they are more. */
#define STATUSFILE_CAPACITY_FIRST 64

/* Makes the file in the runtime folder, in the place of an earlier one. Takes over the descriptor.
 * Returns 0 or -errno. */
int statusfile_open(struct statusfile *self, int runtime_fd_take);

void statusfile_close(struct statusfile *self);

/* A place for a new unit, and its state in it. Returns 0, or -errno when the file can't grow. */
int statusfile_add(struct statusfile *self, const struct unit *unit);

void statusfile_remove(struct statusfile *self, const struct unit *unit);

/* The processes of abide itself; a logger whose pid is 0 does not run. Committed at once. */
void statusfile_write_processes(struct statusfile *self, const struct identity *logger);

/* What was decided, before anything of it is done. */
void statusfile_commit(struct statusfile *self, const struct unit *unit);

/* Where the child of a spawn notes who it is. */
void statusfile_record(struct statusfile *self, const struct unit *unit, enum role role,
                       uint64_t attempt, struct spawn_record *ret_record);

#endif
