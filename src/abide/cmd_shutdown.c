/*
 * The answer comes when every service has stopped; the supervisor, and its logger before it, end
 * after that. So its pidfd is taken while the connection proves whose it is.
 */
#include "abide/asking.h"
#include "abide/commands.h"
#include "abide/say.h"
#include "os/await.h"
#include "os/fd.h"

#include <errno.h>
#include <string.h>

int cmd_shutdown(struct call *call) {
    auto_(connection_close) struct connection connection = CONNECTION_CLOSED;
    int status = asking_open(call, &connection);
    if (status != 0) {
        return status;
    }
    auto_fd int pidfd = -1;
    int r = await_open_peer(connection.fd, &pidfd);
    if (r < 0 && r != -ESRCH) {
        return say_fail(OUTCOME_FAILED, "the supervisor's process: %s", strerrordesc_np(-r));
    }
    struct request request = {.method = METHOD_SHUTDOWN};
    auto_(response_fini) struct response response = {0};
    status = asking_call(call, &connection, &request, &response);
    if (status != 0 || pidfd < 0) {
        return status;
    }
    r = await_readable(pidfd, ASKING_USEC);
    return r < 0 ? say_fail(OUTCOME_TIMED_OUT,
                            "every service has stopped, but the supervisor is still there; "
                            "`abide show` tells its pid")
                 : 0;
}
