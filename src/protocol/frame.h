/*
 * Splits a stream of bytes into lines. Every message of the control protocol is one line, ended by
 * '\n' and no longer than FRAME_LINE_MAX, so whoever sends more than that without a '\n' has left
 * the protocol, and the only answer is to close the connection.
 *
 *     struct frame frame = {0};
 *     for (;;) {
 *         void *space;
 *         size_t size, length;
 *         char *line;
 *         r = frame_space(&frame, &space, &size);           // -ENOMEM
 *         …read n bytes of at most `size` into `space`…
 *         frame_filled(&frame, n);
 *         while ((r = frame_next(&frame, &line, &length)) > 0) {
 *             …one message; `line` holds until the next call of any function here…
 *         }
 *         …r == -EMSGSIZE: close the connection…
 *     }
 *     frame_fini(&frame);
 *
 * Memory grows with what arrives, FRAME_LINE_MAX at most, and is released whenever nothing is
 * waiting: a connection that is silent costs none.
 */
#ifndef PROTOCOL_FRAME_H
#define PROTOCOL_FRAME_H

#include <stddef.h>

/* The longest line, its '\n' included. */
#define FRAME_LINE_MAX 65536

/* All-zero is empty. */
struct frame {
    char *buffer;
    size_t size; /* of the buffer */
    size_t start; /* what is before it has been given out */
    size_t scanned; /* there is no '\n' from `start` to here */
    size_t end; /* so far the buffer is filled */
};

/* Where to read to, and how much at most; never 0. Returns 0 or -ENOMEM. */
int frame_space(struct frame *self, void **ret_space, size_t *ret_size);

/* `size` bytes were written to the space of the last frame_space(), which must have had room. */
void frame_filled(struct frame *self, size_t size);

/*
 * 1 and the next line, without its '\n' and ended by a NUL in its place (a NUL inside is passed on
 * as it came); 0: no whole line is there yet; -EMSGSIZE: the line is too long, now and for ever.
 */
int frame_next(struct frame *self, char **ret_line, size_t *ret_length);

void frame_fini(struct frame *self);

#endif
