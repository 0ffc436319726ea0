/*
 * The pipes: the folder RUNTIME/log, the FIFOs in it, from their appearance to their end of file.
 */
#ifndef LOGGER_PIPES_H
#define LOGGER_PIPES_H

#include "logger/process.h"

#include <stddef.h>
#include <stdint.h>

/* Watches the folder (made 0700 if it is missing), then opens every FIFO that is already there. */
int pipes_open(struct process *process);

/* Handles what the watch reports. Returns -ENOENT when the folder is gone. */
int pipes_watched(struct process *process);

/* The pipe of `run` is ready for `events` (epoll's). Returns the number of bytes that were moved.
 */
size_t pipes_ready(struct process *process, struct run *run, uint32_t events);

/* Stops and resumes waiting for the pipes of a service. Resuming also ends runs that have ended,
 * and forgets the service when none is left. */
void pipes_pause(struct process *process, struct service *service);
void pipes_settle(struct process *process, struct service *service);

/* Ends the runs that never had a writer in all the time that they were given for one. */
void pipes_expire(struct process *process);

/* Moves what all pipes hold now, and ends what has ended. */
void pipes_drain(struct process *process);

#endif
