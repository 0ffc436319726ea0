/*
 * Events that wait for the core, first in, first out. What performing an action brings to light
 * goes in here instead of into the core, so that a decision is never made in the middle of another.
 */
#ifndef SUPERVISOR_INBOX_H
#define SUPERVISOR_INBOX_H

#include "core/event.h"

#include <stddef.h>
#include <sys/types.h>

/* More would mean that events are made faster than decided on: a bug. */
#define INBOX_MAX ((size_t)1 << 20)

struct inbox_item {
    uint32_t unit; /* its index */
    pid_t zombie; /* an own child to reap once the decision is committed; 0: none */
    struct event event; /* `id` and `now` are set when it is taken out */
};

/* All-zero is empty. */
struct inbox {
    struct inbox_item *items; /* a ring */
    size_t room;
    size_t first;
    size_t count;
};

/* Returns the new last item, to be filled. Aborts when memory is out: an event that was lost would
 * make the state a lie, and a supervisor that is started again recovers. */
struct inbox_item *inbox_add(struct inbox *self);

/* Takes the first out; returns 1, or 0 when there is none. */
int inbox_take(struct inbox *self, struct inbox_item *ret_item);

void inbox_fini(struct inbox *self);

#endif
