/* start, stop, restart, reload: the same but for the method, and for who may start a supervisor. */
#include "abide/asking.h"
#include "abide/background.h"
#include "abide/commands.h"
#include "abide/jobs.h"

static int run_jobs(struct call *call, enum method method) {
    struct jobs jobs = {.call = call, .method = method, .waits = !call_has(call, "no-wait")};
    int status = call_span(call, "timeout", USEC_INFINITY, &jobs.timeout_usec);
    if (status != 0) {
        return status;
    }
    auto_(connection_close) struct connection connection = CONNECTION_CLOSED;
    status = method == METHOD_START ? background_connect(call, &connection)
                                    : asking_open(call, &connection);
    if (status != 0) {
        return status;
    }
    jobs.connection = &connection;
    return jobs_run(&jobs, call->arguments, call->n_arguments);
}

int cmd_start(struct call *call) {
    return run_jobs(call, METHOD_START);
}

int cmd_stop(struct call *call) {
    return run_jobs(call, METHOD_STOP);
}

int cmd_restart(struct call *call) {
    return run_jobs(call, METHOD_RESTART);
}

int cmd_reload(struct call *call) {
    return run_jobs(call, METHOD_RELOAD);
}
