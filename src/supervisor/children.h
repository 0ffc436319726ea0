/*
 * Our own children that are not reaped yet: which service and role a pid is. As long as a pid
 * stands here its number belongs to that child, so signals to it can't reach a stranger.
 */
#ifndef SUPERVISOR_CHILDREN_H
#define SUPERVISOR_CHILDREN_H

#include <stdint.h>
#include <sys/types.h>

/* Instead of a unit's index: the logger. */
#define CHILD_LOGGER UINT32_MAX

struct child {
    pid_t pid; /* 0: none */
    uint32_t unit;
    uint32_t role;
    uint64_t attempt;
};

/* All-zero is empty. */
struct children {
    struct child *items; /* open addressing */
    uint32_t room; /* a power of two */
    uint32_t count;
};

/* Makes room for one more, before it exists. Returns 0 or -ENOMEM. */
int children_reserve(struct children *self);

/* There must be room. */
void children_add(struct children *self, const struct child *child);

/* The child of that pid, or NULL: one that was inherited from a service. */
const struct child *children_find(const struct children *self, pid_t pid);

void children_remove(struct children *self, pid_t pid);

void children_fini(struct children *self);

#endif
