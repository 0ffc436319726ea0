/*
 * The way of one chunk: out of a pipe, through the in-flight buffer, into a file.
 */
#ifndef LOGGER_CHUNK_H
#define LOGGER_CHUNK_H

#include "logger/process.h"

#include <stddef.h>

/* What a pipe held when nothing was taken from it. */
enum chunk_peek {
    CHUNK_PEEK_DATA,
    CHUNK_PEEK_EMPTY, /* a writer is there */
    CHUNK_PEEK_ENDED, /* empty, and no writer is there (now) */
};

/* Looks into the pipe of the run without taking anything. */
enum chunk_peek chunk_peek(const struct process *process, const struct run *run);

/*
 * Moves up to INFLIGHT_DATA_SIZE bytes of the run's pipe into the service's file. Returns 1 and the
 * number of bytes, 0 if the pipe was empty, or -errno if the file cannot be written: then the bytes
 * are still in the pipe, or in service->slot for chunk_finish().
 */
int chunk_take(struct process *process, struct run *run, size_t *ret_size);

/* Writes what service->slot holds. 0 when all of it is on file and the slot is free again. */
int chunk_finish(struct process *process, struct service *service);

/*
 * Removes what exceeds the service's limits. A failure goes to the diagnostics only: the log itself
 * is whole, and the next rotation tries again.
 */
void chunk_trim(struct process *process, const struct service *service);

/*
 * At the start: gives every slot that a killed logger left to its service (which is made if need
 * be), for chunk_finish().
 */
int chunk_recover(struct process *process);

/*
 * At the start, when the runs are known: a run that a slot still names, though the chunk is
 * written, has had data.
 */
void chunk_recall(struct process *process);

#endif
