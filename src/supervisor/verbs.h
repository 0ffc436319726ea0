/*
 * What each method of the control protocol does.
 */
#ifndef SUPERVISOR_VERBS_H
#define SUPERVISOR_VERBS_H

#include "core/job.h"
#include "protocol/request.h"
#include "protocol/response.h"

struct shell;
struct unit;

/* What is to be waited for; `event` 0: nothing, the response is complete. */
struct verb_outcome {
    uint64_t event; /* the id of a job, or of a shutdown */
    uint32_t unit;
};

struct verb_outcome verb_do(struct shell *shell, const struct request *request,
                            struct response *response);

/* The answer to a job that has ended. Its strings live as long as the unit. */
void verb_report_job(const struct unit *unit, const struct job *job, enum job_result result,
                     struct response *ret_response);

/* Asks for the start of a unit, as its supervisor does for those that are enabled. */
void verb_start(struct shell *shell, struct unit *unit);

#endif
