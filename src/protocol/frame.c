/*
 * One buffer, three positions in it: given out, searched, filled. What was given out is dropped by
 * moving the rest to the front, which happens only when space is asked for, so that lines stay
 * where they are while they are looked at. `scanned` keeps a peer that sends single bytes from
 * having its line searched from the beginning each time.
 */
#include "protocol/frame.h"

#include "base/alloc.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Enough for a request; a longer line doubles it. */
#define FRAME_SIZE_FIRST 1024

static void check(const struct frame *self) {
    assert(self->start <= self->scanned);
    assert(self->scanned <= self->end);
    assert(self->end <= self->size);
    assert(self->size <= FRAME_LINE_MAX);
}

static void move_to_front(struct frame *self) {
    if (self->start != 0) {
        memmove(self->buffer, self->buffer + self->start, self->end - self->start);
        self->scanned -= self->start;
        self->end -= self->start;
        self->start = 0;
    }
}

int frame_space(struct frame *self, void **ret_space, size_t *ret_size) {
    check(self);
    move_to_front(self);
    if (self->end == self->size) {
        /* A full buffer of the largest size holds a line, or frame_next() has said -EMSGSIZE. */
        assert(self->size < FRAME_LINE_MAX);
        size_t size = self->size == 0 ? FRAME_SIZE_FIRST : 2 * self->size;
        char *grown = alloc_resized(self->buffer, size, 1);
        if (grown == NULL) {
            return -ENOMEM;
        }
        self->buffer = grown;
        self->size = size;
    }
    *ret_space = self->buffer + self->end;
    *ret_size = self->size - self->end;
    return 0;
}

void frame_filled(struct frame *self, size_t size) {
    assert(size <= self->size - self->end);
    self->end += size;
    check(self);
}

int frame_next(struct frame *self, char **ret_line, size_t *ret_length) {
    check(self);
    char *from = self->buffer != NULL ? self->buffer + self->scanned : NULL;
    char *found = from != NULL ? memchr(from, '\n', self->end - self->scanned) : NULL;
    if (found == NULL) {
        self->scanned = self->end;
        if (self->end - self->start == FRAME_LINE_MAX) {
            return -EMSGSIZE;
        }
        if (self->start == self->end) {
            frame_fini(self);
        }
        return 0;
    }
    *found = '\0';
    *ret_line = self->buffer + self->start;
    *ret_length = (size_t)(found - *ret_line);
    self->start += *ret_length + 1;
    self->scanned = self->start;
    return 1;
}

void frame_fini(struct frame *self) {
    cleanup_free(&self->buffer);
    *self = (struct frame){0};
}
