/* The supervisor of this home: in this process, or in a daemon made of it. */
#include "abide/background.h"
#include "abide/processes.h"
#include "abide/say.h"
#include "supervisor/supervisor.h"

#include <errno.h>
#include <string.h>

int cmd_supervise(struct call *call) {
    const char *failed = NULL;
    int r = home_create(&call->home, &failed);
    if (r < 0) {
        return say_fail(r == -EACCES || r == -EPERM ? OUTCOME_NOT_PERMITTED : OUTCOME_FAILED,
                        "the folder %s can't be made: %s", failed, strerrordesc_np(-r));
    }
    if (call_has(call, "daemon")) {
        int pid = 0;
        int status = background_fork(call, &pid);
        if (status == 0 && pid != 0) { /* 0: another one was quicker. */
            say("started a supervisor (pid %d) at %s", pid, call->home.runtime);
        }
        if (status != BACKGROUND_DAEMON) {
            return status;
        }
    }
    struct supervisor_options options = {
        .runtime_path = call->home.runtime,
        .state_path = call->home.state,
        .log_path = call->home.logs,
        .units_path = call->home.units,
        .version = ABIDE_VERSION,
        .starts_all = call_has(call, "all"),
    };
    return supervisor_main(&options);
}
