/*
 * rm: a service that `abide run` made is forgotten: by the supervisor, if one runs, which refuses
 * as long as it is not stopped; then its link and its unit file go, in this order, so that a kill
 * in between leaves nothing that would be started.
 */
#include "abide/asking.h"
#include "abide/commands.h"
#include "abide/names.h"
#include "abide/say.h"
#include "base/alloc.h"
#include "client/statusview.h"
#include "client/unitfiles.h"
#include "os/folder.h"

#include <errno.h>
#include <string.h>

/* Without a supervisor: whether a process of it still lives. */
static int check_dead(const struct call *call, const char *name) {
    auto_(statusview_close) struct statusview view = {0};
    struct statusview_service service;
    int r = statusview_open(&call->home, &view);
    if (r == 0 && statusview_find(&view, name, &service) > 0 && service.status.main_pid != 0) {
        return say_fail(
            OUTCOME_FAILED,
            "%s still runs (pid %u), and no supervisor does; `abide supervise --daemon`, "
            "then `abide stop %s`",
            name, service.status.main_pid, name);
    }
    return 0;
}

static int forget(const struct call *call, struct connection *connection, const char *name) {
    if (connection->fd < 0) {
        return check_dead(call, name);
    }
    struct request request = {.method = METHOD_FORGET};
    memcpy(request.unit, name, strlen(name) + 1);
    auto_(response_fini) struct response response = {0};
    int r = connection_call(connection, &request, ASKING_USEC, &response);
    if (r < 0) {
        return asking_broken(call, r);
    }
    /* One that it has not loaded is no concern of the supervisor's. */
    bool is_fault = response.kind == RESPONSE_FAULT && response.fault.code != FAULT_NO_SUCH_SERVICE;
    return is_fault ? asking_fault(call, &response.fault, name) : 0;
}

static int remove_one(const struct call *call, struct connection *connection, const char *name) {
    auto_free char *path = NULL;
    auto_free char *made = NULL;
    int r = unitfiles_find(&call->home, name, &path);
    if (r == 0) {
        return names_unknown(call, name);
    }
    r = r < 0 ? r : unitfiles_made_path(&call->home, name, &made);
    if (r < 0) {
        return say_fail(OUTCOME_FAILED, "%s: %s", name, strerrordesc_np(-r));
    }
    if (strcmp(path, made) != 0) {
        return say_fail(OUTCOME_FAILED,
                        "%s was not made by `abide run`: remove its unit file %s yourself, and "
                        "`abide disable %s`",
                        name, path, name);
    }
    int status = forget(call, connection, name);
    if (status != 0) {
        return status;
    }
    r = unitfiles_disable(&call->home, name);
    r = r < 0 ? r : folder_unlink(made);
    return r < 0 ? say_fail(r == -EACCES ? OUTCOME_NOT_PERMITTED : OUTCOME_FAILED, "%s: %s", made,
                            strerrordesc_np(-r))
                 : 0;
}

int cmd_rm(struct call *call) {
    auto_(connection_close) struct connection connection = CONNECTION_CLOSED;
    int status = asking_try(call, &connection);
    status = status == ASKING_NOBODY ? 0 : status;
    for (size_t i = 0; i < call->n_arguments && status == 0; i++) {
        char name[UNIT_NAME_SIZE];
        status = names_complete(call->arguments[i], name);
        status = status != 0 ? status : remove_one(call, &connection, name);
    }
    return status;
}
