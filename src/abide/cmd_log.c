/* The logger, as the supervisor starts it. */
#include "abide/call.h"
#include "abide/processes.h"
#include "abide/say.h"
#include "logger/logger.h"

#include <string.h>

int cmd_log(struct call *call) {
    struct logger_options options = {.runtime_path = call->arguments[0],
                                     .logs_path = call->arguments[1]};
    int r = logger_run(&options);
    return r < 0 ? say_fail(OUTCOME_FAILED, "the logger of %s: %s", options.runtime_path,
                            strerrordesc_np(-r))
                 : 0;
}
