/*
 * One service in the supervisor's memory: what was asked for, the state that is decided on, and the
 * little that is neither, which a crash may lose.
 */
#ifndef SUPERVISOR_UNIT_H
#define SUPERVISOR_UNIT_H

#include "core/service.h"
#include "core/spec.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A failure in words: what a client is told beyond the numbers in the state. */
#define UNIT_DETAIL_SIZE 512

/* All services fit in this. */
#define UNITS_MAX 65536

struct unit {
    struct spec spec;
    struct service service;
    struct policy policy; /* what decides: the spec's, until a changed one is loaded */
    uint32_t index; /* in `struct units`, and the slot in the status file */

    char **environment; /* made once: everything but the variables of a run */
    char invocation[33]; /* of the run, in hexadecimal */
    char detail[UNIT_DETAIL_SIZE]; /* why the last start failed; "" */

    pid_t pids[ROLE_COUNT]; /* our own children, not reaped; 0: none */
    pid_t group; /* the process group of the last main process; 0: none is left */
    int report_fds[ROLE_COUNT]; /* from `abide exec`; -1: none */
    int log_fd; /* a read end of the run's FIFO; -1: none */
    int old_log_fd; /* and of the run before it */

    int tree_signal; /* sent last to everything of the service; 0: none in this stop */
    bool watches_tree; /* the core waits for EVENT_TREE_EMPTIED */
    bool is_forgotten; /* `rm`: to be freed */
};

/* Every unit, by index and by name. All-zero is empty. */
struct units {
    struct unit **items; /* NULL: a free index */
    uint32_t count; /* of `items` */
    uint32_t n_used; /* of those, not NULL */
    uint32_t room;
    uint32_t *by_name; /* open addressing, index + 1; 0: free */
    uint32_t n_buckets;
    uint32_t n_named; /* filled buckets, forgotten ones too */
};

/* The unit of that name, or NULL. */
struct unit *units_find(const struct units *self, const char *name);

/*
 * Adds a unit that takes over `spec_take`, with a new service. Returns 0, -ENOMEM, or -ENOSPC at
 * UNITS_MAX; then the spec is still the caller's.
 */
int units_add(struct units *self, struct spec *spec_take, uint64_t seed, struct unit **ret_unit);

/* No process, and nothing will start by itself. */
bool unit_is_at_rest(const struct unit *self);

/* Frees it. */
void units_remove(struct units *self, struct unit *unit);

void units_fini(struct units *self);

#endif
