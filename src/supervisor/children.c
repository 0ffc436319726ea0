/* Linear probing, and deletion by moving up what follows, so that no search passes over tombstones.
 */
#include "supervisor/children.h"

#include "base/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define ROOM_FIRST 64

static uint32_t home_of(const struct children *self, pid_t pid) {
    return ((uint32_t)pid * 2654435769u) & (self->room - 1);
}

static uint32_t find_place(const struct children *self, pid_t pid) {
    uint32_t place = home_of(self, pid);
    while (self->items[place].pid != 0 && self->items[place].pid != pid) {
        place = (place + 1) & (self->room - 1);
    }
    return place;
}

static int grow(struct children *self) {
    struct children grown = {.room = self->room > 0 ? self->room * 2 : ROOM_FIRST};
    grown.items = alloc_zeroed(grown.room, sizeof(*grown.items));
    if (grown.items == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < self->room; i++) {
        if (self->items[i].pid != 0) {
            grown.items[find_place(&grown, self->items[i].pid)] = self->items[i];
            grown.count++;
        }
    }
    free(self->items);
    *self = grown;
    return 0;
}

int children_reserve(struct children *self) {
    return (self->count + 1) * 2 > self->room ? grow(self) : 0;
}

void children_add(struct children *self, const struct child *child) {
    assert(child->pid > 0 && self->count < self->room / 2);
    uint32_t place = find_place(self, child->pid);
    assert(self->items[place].pid == 0);
    self->items[place] = *child;
    self->count++;
}

const struct child *children_find(const struct children *self, pid_t pid) {
    if (self->room == 0) {
        return NULL;
    }
    const struct child *child = &self->items[find_place(self, pid)];
    return child->pid != 0 ? child : NULL;
}

void children_remove(struct children *self, pid_t pid) {
    uint32_t hole = find_place(self, pid);
    assert(self->items[hole].pid == pid);
    self->items[hole].pid = 0;
    self->count--;
    for (uint32_t i = (hole + 1) & (self->room - 1); self->items[i].pid != 0;
         i = (i + 1) & (self->room - 1)) {
        /* May the entry at `i` not stay, because a search for it would end in the hole? */
        uint32_t distance = (i - home_of(self, self->items[i].pid)) & (self->room - 1);
        if (distance >= ((i - hole) & (self->room - 1))) {
            self->items[hole] = self->items[i];
            self->items[i].pid = 0;
            hole = i;
        }
    }
}

void children_fini(struct children *self) {
    free(self->items);
    *self = (struct children){0};
}
