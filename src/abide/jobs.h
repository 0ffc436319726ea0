/*
 * Jobs (start, stop, restart, reload) for any number of services at a time: asked for together, and
 * waited for together.
 */
#ifndef ABIDE_JOBS_H
#define ABIDE_JOBS_H

#include "abide/call.h"
#include "client/connection.h"

struct jobs {
    const struct call *call;
    struct connection *connection;
    enum method method;
    bool waits; /* else it is only made sure that they were accepted */
    usec_t timeout_usec; /* for all of them together; USEC_INFINITY */
};

/*
 * Asks for a job for each of the names, as they were typed, and says what went wrong. Returns the
 * exit status: that of the first that failed, or OUTCOME_DONE.
 */
int jobs_run(const struct jobs *self, char *const *names, size_t n_names);

/* One job, for a full name. 0 and its report, which holds as long as the response, or an exit
 * status: of a fault, or of a connection that broke; not of a job that failed. */
int jobs_call(const struct jobs *self, const char *name, struct response *ret_response);

/* Says how a job that is not done ended, and returns its exit status. */
int jobs_fail(enum method method, const char *name, const struct job_report *report);

#endif
