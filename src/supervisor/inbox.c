/* A ring that doubles. */
#include "supervisor/inbox.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64

struct inbox_item *inbox_add(struct inbox *self) {
    if (self->count == self->room) {
        size_t room = self->room > 0 ? self->room * 2 : ROOM_FIRST;
        assert(room <= INBOX_MAX);
        struct inbox_item *items = alloc_zeroed(room, sizeof(*items));
        if (items == NULL) {
            abort();
        }
        for (size_t i = 0; i < self->count; i++) {
            items[i] = self->items[(self->first + i) % self->room];
        }
        free(self->items);
        self->items = items;
        self->room = room;
        self->first = 0;
    }
    struct inbox_item *item = &self->items[(self->first + self->count) % self->room];
    memset(item, 0, sizeof(*item));
    self->count++;
    return item;
}

int inbox_take(struct inbox *self, struct inbox_item *ret_item) {
    if (self->count == 0) {
        return 0;
    }
    *ret_item = self->items[self->first];
    self->first = (self->first + 1) % self->room;
    self->count--;
    return 1;
}

void inbox_fini(struct inbox *self) {
    free(self->items);
    *self = (struct inbox){0};
}
