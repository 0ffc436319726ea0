/*
 * What an exit means and whether a restart follows: the tables of systemd.service(5), "Restart="
 * and "SuccessExitStatus=", as functions of the policy.
 */
#ifndef CORE_RESTART_H
#define CORE_RESTART_H

#include "base/backoff.h"
#include "core/policy.h"
#include "core/process.h"

#include <stdbool.h>

/* Result=: what became of the last run. Words in names.h. */
enum service_result {
    SERVICE_RESULT_SUCCESS,
    SERVICE_RESULT_EXIT_CODE, /* an exit code that is not a success */
    SERVICE_RESULT_SIGNAL, /* ended by a signal that is not a clean one */
    SERVICE_RESULT_CORE_DUMP, /* the same, and it left a core file */
    SERVICE_RESULT_TIMEOUT, /* a start or a stop took too long */
    SERVICE_RESULT_WATCHDOG, /* it ceased to say that it is alive */
    SERVICE_RESULT_START_LIMIT_HIT, /* too many starts */
    SERVICE_RESULT_OOM_KILL, /* the kernel had no memory for it */
    SERVICE_RESULT_RESOURCES, /* no process could be made */
    SERVICE_RESULT_PROTOCOL, /* it did not keep to what its Type= says */
    SERVICE_RESULT_UNKNOWN, /* it ended, and nobody knows how */
};
#define SERVICE_RESULT_COUNT 11

/*
 * What the end of a command means, be it the main process (PHASE_START, 0) or one beside it: exit
 * code 0, the codes and signals of SuccessExitStatus=, and SIGHUP, SIGINT, SIGTERM and SIGPIPE are
 * a success; so is everything if the command has the prefix `-`, except an end that nobody saw.
 */
enum service_result restart_result(const struct policy *policy, enum phase phase, uint32_t command,
                                   const struct exit_status *exit);

/*
 * Whether the service is started again after a run that nobody stopped: RestartPreventExitStatus=
 * says no, then RestartForceExitStatus= says yes, then Restart= decides by `result`. An unknown end
 * is a failure for on-failure, and abnormal for on-abnormal, but no abort.
 */
bool restart_is_due(const struct policy *policy, enum service_result result,
                    const struct exit_status *exit);

/* The delays that RestartSec=, RestartSteps= and RestartMaxDelaySec= ask for; see policy.h. */
void restart_backoff_policy(const struct policy *policy, struct backoff_policy *ret_backoff);

#endif
