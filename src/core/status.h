/*
 * What anyone may see of a service: its state put into the words of systemctl's properties. It is
 * drawn from the stored state alone, by whoever has that: the supervisor, or a reader of the status
 * file when no supervisor runs. Points in time are monotonic; the reader knows the clock's offset.
 */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#include "base/usec.h"
#include "core/job.h"
#include "core/process.h"
#include "core/restart.h"
#include "core/service.h"

#include <stdint.h>

#define STATUS_INVOCATION_SIZE 33 /* 32 hexadecimal digits and NUL */

struct status {
    enum service_state state; /* ActiveState, SubState: names.h */
    enum service_result result; /* Result */
    uint32_t main_pid; /* MainPID; 0: none */
    uint32_t control_pid; /* ControlPID; 0: none */

    /* ExecMain…: the main process that exists, or else the last one. All 0: there was none. */
    uint32_t exec_main_pid;
    struct exit_status exec_main_exit; /* EXIT_NONE while it lives */
    usec_t exec_main_start_usec;
    usec_t exec_main_exit_usec; /* 0 while it lives */

    struct start_error start_error; /* StatusErrno and the step, if the last start failed */
    usec_t since_usec; /* StateChangeTimestampMonotonic; 0: never */
    usec_t next_try_usec; /* of auto-restart; 0: none */
    uint32_t n_restarts; /* NRestarts: automatic ones since the last start by hand */
    uint8_t is_held; /* 1: to stop was asked for, and it holds */
    char invocation[STATUS_INVOCATION_SIZE]; /* InvocationID; "": never started */
    struct job job; /* what is waited for */
    struct finished_job last_job;
};

void status_of(const struct service *service, struct status *ret_status);

#endif
