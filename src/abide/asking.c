/* The numbers of faults are exit statuses already; JSON-RPC's own mean that the two differ in age.
 */
#include "abide/asking.h"

#include "abide/names.h"
#include "abide/say.h"

#include <errno.h>
#include <string.h>

/* A supervisor takes connections at once, unless it is stopped or the machine is very busy. */
#define CONNECT_USEC (10 * USEC_PER_SEC)

int asking_try(const struct call *call, struct connection *ret_connection) {
    int r = connection_open(call->home.control, CONNECT_USEC, ret_connection);
    switch (r) {
    case 0:
        return 0;
    case -ENOENT:
    case -ENOTDIR:
    case -ECONNREFUSED:
        return ASKING_NOBODY;
    case -EACCES:
    case -EPERM:
        return say_fail(OUTCOME_NOT_PERMITTED,
                        "%s: %s; ask as the owner of this instance, or as root", call->home.control,
                        strerrordesc_np(-r));
    case -ETIMEDOUT:
        return say_fail(OUTCOME_TIMED_OUT,
                        "the supervisor at %s takes no connections: it hangs or is stopped; "
                        "`abide show` tells its pid, and killing it does its services no harm",
                        call->home.control);
    default:
        return say_fail(OUTCOME_FAILED, "%s: %s", call->home.control, strerrordesc_np(-r));
    }
}

int asking_open(const struct call *call, struct connection *ret_connection) {
    int status = asking_try(call, ret_connection);
    if (status == ASKING_NOBODY) {
        return say_fail(OUTCOME_NO_SUPERVISOR,
                        "no supervisor runs at %s; `abide start NAME` starts one, and so does "
                        "`abide supervise --daemon`",
                        call->home.runtime);
    }
    return status;
}

int asking_broken(const struct call *call, int error) {
    switch (error) {
    case -ETIMEDOUT:
        return say_fail(OUTCOME_TIMED_OUT,
                        "the supervisor did not answer in time; what was asked for "
                        "may still be done");
    case -EPIPE:
    case -ECONNRESET:
        return say_fail(OUTCOME_FAILED,
                        "the supervisor ended before it answered; `abide status` tells "
                        "how things are");
    case -EBADMSG:
        return say_fail(OUTCOME_FAILED,
                        "what listens at %s does not speak abide's protocol; is it a supervisor of "
                        "another version?",
                        call->home.control);
    default:
        return say_fail(OUTCOME_FAILED, "%s: %s", call->home.control, strerrordesc_np(-error));
    }
}

int asking_fault(const struct call *call, const struct fault *fault, const char *name) {
    if (fault->code == FAULT_UNKNOWN_METHOD) {
        return say_fail(OUTCOME_FAILED, "the supervisor is of another version: %s", fault->message);
    }
    if (fault->code == FAULT_NO_SUCH_SERVICE && name != NULL) {
        return names_unknown(call, name);
    }
    say("%s", fault->message);
    return fault->code > 0 && fault->code <= (int)OUTCOME_TIMED_OUT ? fault->code
                                                                    : (int)OUTCOME_FAILED;
}

int asking_call(const struct call *call, struct connection *connection,
                const struct request *request, struct response *ret_response) {
    usec_t timeout = request->method == METHOD_SHUTDOWN ? USEC_INFINITY : ASKING_USEC;
    auto_(response_fini) struct response response = {0};
    int r = connection_call(connection, request, timeout, &response);
    if (r < 0) {
        return asking_broken(call, r);
    }
    if (response.kind == RESPONSE_FAULT) {
        const char *name = request->unit[0] != '\0' ? request->unit : NULL;
        return asking_fault(call, &response.fault, name);
    }
    *ret_response = response;
    response = (struct response){0};
    return 0;
}
