/* The helper that becomes a service, as the supervisor starts it. */
#include "abide/processes.h"
#include "exec/exec.h"

int cmd_exec(struct call *call) {
    (void)call;
    return exec_main();
}
