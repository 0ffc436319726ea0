/*
 * A job is a request that somebody may be waiting for. A service has at most one at a time: a
 * request that wants the same joins it, one that wants the opposite cancels it. A job's id is the
 * id of the event that asked, and lives in the state, so that a client can ask for it again after a
 * crash or an upgrade of the supervisor. A request that the step which took it did not answer (by
 * ACTION_FINISH_JOB with its own id) waits for the job that stands in the state after that step.
 */
#ifndef CORE_JOB_H
#define CORE_JOB_H

#include <stdint.h>

enum job_kind {
    JOB_NONE,
    JOB_START,
    JOB_STOP,
    JOB_RESTART,
    JOB_RELOAD,
    JOB_KILL, /* answered in the step that asks, as is the next */
    JOB_RESET_FAILED, /* and so never waits in the state */
};
#define JOB_KIND_COUNT 7

enum job_result {
    JOB_RESULT_NONE, /* not finished */
    JOB_RESULT_DONE, /* it is as was asked */
    JOB_RESULT_FAILED, /* it is not; the service's result and `ended` say why */
    JOB_RESULT_CANCELED, /* an opposite request came */
    JOB_RESULT_TIMEOUT, /* a time-out of the service was reached first */
    JOB_RESULT_NOT_ACTIVE, /* there is nothing that could be reloaded or signalled */
    JOB_RESULT_UNSUPPORTED, /* the unit has no ExecReload= */
};
#define JOB_RESULT_COUNT 7

struct job {
    uint64_t id; /* 0 with JOB_NONE */
    enum job_kind kind;
    uint32_t reserved; /* zero */
};

/* The last job that was finished. All-zero: none yet. */
struct finished_job {
    struct job job;
    enum job_result result;
    uint32_t reserved; /* zero */
};

#endif
