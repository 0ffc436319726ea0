/*
 * One list and one time for all: what is stalled is usually stalled by the same disk.
 */
#include "logger/stall.h"

#include "logger/chunk.h"
#include "logger/diag.h"
#include "logger/pipes.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static void set_delay(struct stalls *stalls, usec_t delay_usec) {
    stalls->delay_usec = delay_usec;
    stalls->retry_at_usec = process_monotonic_usec() + delay_usec;
}

void stall_begin(struct process *process, struct service *service, int error) {
    assert(error < 0);
    if (service->is_stalled) {
        return;
    }
    /* -EAGAIN: another service waits for the same disk, and has said so. */
    if (error != -EAGAIN) {
        diag_write(process->outputs.logs_fd, "%s: cannot write the log: %s; its pipe waits",
                   service->name, strerror(-error));
    }
    pipes_pause(process, service);
    if (process->stalls.first == NULL) {
        set_delay(&process->stalls, STALL_DELAY_MIN_USEC);
    }
    service->is_stalled = true;
    service->stalled_usec = process_monotonic_usec();
    service->stall_next = process->stalls.first;
    process->stalls.first = service;
}

void stall_note_error(struct process *process, uint64_t device, int error) {
    if (error == -ENOSPC || error == -EDQUOT) {
        process->stalls.is_full = true;
        process->stalls.full_device = device;
    }
}

bool stall_is_full(const struct process *process, uint64_t device) {
    return process->stalls.is_full && process->stalls.full_device == device;
}

usec_t stall_deadline(const struct process *process) {
    return process->stalls.first == NULL ? USEC_INFINITY : process->stalls.retry_at_usec;
}

static int try_again(struct process *process, struct service *service) {
    struct output *output;
    int result;

    if (service->slot != NULL) {
        return chunk_finish(process, service);
    }
    result = output_current(&process->outputs, service, &output);
    if (result == 0 && stall_is_full(process, output->device)) {
        return -ENOSPC;
    }
    return result;
}

/* Those that hold a chunk come first: their writes tell whether the disk has room again. */
static struct service *chunks_first(struct service *list) {
    struct service *with_chunk = NULL;
    struct service *without = NULL;
    struct service **end = &with_chunk;

    while (list != NULL) {
        struct service *service = list;
        list = service->stall_next;
        if (service->slot != NULL) {
            *end = service;
            end = &service->stall_next;
        } else {
            service->stall_next = without;
            without = service;
        }
    }
    *end = without;
    return with_chunk;
}

static void resume(struct process *process, struct service *service) {
    usec_t waited = process_monotonic_usec() - service->stalled_usec;

    service->is_stalled = false;
    service->stall_next = NULL;
    diag_write(process->outputs.logs_fd, "%s: the log is written again, after %llu ms",
               service->name, (unsigned long long)(waited / USEC_PER_MSEC));
    pipes_settle(process, service);
}

void stall_retry(struct process *process) {
    struct service *rest = process->stalls.first;
    struct service *kept = NULL;
    struct service *healed = NULL;

    if (rest == NULL || process_monotonic_usec() < process->stalls.retry_at_usec) {
        return;
    }
    process->stalls.is_full = false;
    rest = chunks_first(rest);
    while (rest != NULL) {
        struct service *service = rest;
        struct service **list = try_again(process, service) == 0 ? &healed : &kept;

        rest = service->stall_next;
        service->stall_next = *list;
        *list = service;
    }
    /* The list is whole again before services resume: one may stall anew at once. */
    process->stalls.first = kept;
    set_delay(&process->stalls,
              healed != NULL ? STALL_DELAY_MIN_USEC : 2 * process->stalls.delay_usec);
    if (process->stalls.delay_usec > STALL_DELAY_MAX_USEC) {
        set_delay(&process->stalls, STALL_DELAY_MAX_USEC);
    }
    while (healed != NULL) {
        struct service *service = healed;
        healed = service->stall_next;
        resume(process, service);
    }
}
