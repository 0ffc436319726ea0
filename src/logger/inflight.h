/*
 * The in-flight buffer: bytes that have left a pipe and are not yet in a file live in a mapped file
 * (RUNTIME/log.inflight), so that the logger's SIGKILL loses none of them.
 *
 * A slot holds one chunk on its way. Its life, with what a kill leaves behind at each step:
 *
 *     inflight_prepare()   everything that composing will need is written down; a canary of eight
 *                          random bytes stands at the start of the buffer        (nothing happened)
 *     inflight_reading()   from here on the pipe may have been read              (canary changed?
 *     read(fd, data, n)    exactly n bytes, which are known to be there           then it has been)
 *     inflight_have()      the bytes are ours                                    (compose, write)
 *     inflight_move()      the composed bytes went on in another file: one store (go on from there)
 *     inflight_done()      everything is written: one store                      (nothing to do)
 *
 * Composing is pure (logger/compose.h), so that a chunk that was half written is simply written
 * again: the same bytes at the same place. A read shorter than the canary could restore its bytes
 * by chance; the caller prevents that by giving a canary that differs from the bytes to come.
 *
 * There are several slots so that a chunk whose file cannot be written (disk full) can stay in its
 * slot while other services go on. An advisory lock on the file admits one logger at a time. The
 * file counts for one boot only: after a crash of the machine its pages need not belong together.
 */
#ifndef LOGGER_INFLIGHT_H
#define LOGGER_INFLIGHT_H

#include "logger/compose.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INFLIGHT_FILE "log.inflight"
#define INFLIGHT_SLOTS 8
#define INFLIGHT_DATA_SIZE 65536
#define INFLIGHT_CANARY_SIZE 8
/* With its NUL. A run's FIFO is named NAME.N, and file names end at 255 bytes. */
#define INFLIGHT_NAME_SIZE 240

/* Where a chunk goes: a file by its inode, and how far it is. */
struct inflight_position {
    uint64_t device;
    uint64_t inode;
    struct compose_cursor cursor;
};

/* What is written down of a chunk before it is read. */
struct inflight_chunk {
    uint32_t size;
    uint32_t stamp_length;
    uint64_t run;
    uint64_t file_size_max;
    uint64_t stamp_usec;
    char stamp[STAMP_SIZE];
    char service[INFLIGHT_NAME_SIZE];
    unsigned char canary[INFLIGHT_CANARY_SIZE];
};

struct inflight_slot;

struct inflight {
    int fd;
    void *map;
};

#define INFLIGHT_INIT                                                                              \
    (struct inflight) {                                                                            \
        .fd = -1                                                                                   \
    }

/*
 * Maps the file in the folder `runtime_fd`, makes it if there is none. Chunks of an earlier boot or
 * of another layout are dropped; their number goes to *ret_dropped. Returns -EBUSY if another
 * process holds the file.
 */
int inflight_open(struct inflight *self, int runtime_fd, size_t *ret_dropped);
void inflight_close(struct inflight *self);

struct inflight_slot *inflight_slot(const struct inflight *self, size_t index);

/* A slot without a chunk, or NULL. */
struct inflight_slot *inflight_free_slot(const struct inflight *self);

/*
 * For a slot that a killed logger left: whether it holds bytes that were read. If not, it is free
 * afterwards. Resolves a read that may or may not have happened.
 */
bool inflight_holds(struct inflight_slot *slot);

/* A slot that waits: its chunk is read and not yet written. */
bool inflight_is_waiting(const struct inflight_slot *slot);

const struct inflight_chunk *inflight_chunk(const struct inflight_slot *slot);
char *inflight_data(struct inflight_slot *slot);
struct inflight_position inflight_position(const struct inflight_slot *slot);

void inflight_prepare(struct inflight_slot *slot, const struct inflight_chunk *chunk,
                      const struct inflight_position *position);
void inflight_reading(struct inflight_slot *slot);
/* `size` is what read() returned: that of the chunk, or less. */
void inflight_have(struct inflight_slot *slot, uint32_t size);
void inflight_move(struct inflight_slot *slot, const struct inflight_position *position);
void inflight_done(struct inflight_slot *slot);

#endif
