/*
 * Stalls: a service whose file cannot be written (disk full, read-only, no permission) is not read
 * any more. Its bytes wait in its pipe, and at most one chunk in the in-flight buffer; the service
 * itself goes on until its pipe is full. All stalled services are tried again after a delay that
 * doubles from STALL_DELAY_MIN to STALL_DELAY_MAX while none of them succeeds. Others are not
 * affected, but those that would write to the same full disk wait with the first that found it
 * full, instead of taking an in-flight slot each.
 */
#ifndef LOGGER_STALL_H
#define LOGGER_STALL_H

#include "logger/process.h"

#define STALL_DELAY_MIN_USEC (100 * USEC_PER_MSEC)
#define STALL_DELAY_MAX_USEC (5 * USEC_PER_SEC)

/* The service's file could not be written, for the reason -errno. */
void stall_begin(struct process *process, struct service *service, int error);

/* A write to a file of this device failed for the reason -errno. */
void stall_note_error(struct process *process, uint64_t device, int error);

/* Whether this device is known to be full. */
bool stall_is_full(const struct process *process, uint64_t device);

/* When stall_retry() is due; USEC_INFINITY = nothing is stalled. */
usec_t stall_deadline(const struct process *process);

/* Tries every stalled service again, if it is time. */
void stall_retry(struct process *process);

#endif
