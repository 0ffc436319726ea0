/* Pure tables: nothing here knows of states or times. */
#include "core/restart.h"

#include <assert.h>

#define RESTART_FIRST_USEC (100 * USEC_PER_MSEC) /* systemd's DefaultRestartSec= */

static bool is_clean_signal(const struct policy *policy, uint32_t signo) {
    return signo == SIGNO_HUP || signo == SIGNO_INT || signo == SIGNO_PIPE || signo == SIGNO_TERM ||
           status_set_has_signal(&policy->success, signo);
}

enum service_result restart_result(const struct policy *policy, enum phase phase, uint32_t command,
                                   const struct exit_status *exit) {
    assert((uint32_t)phase < PHASE_COUNT && command < PHASE_COMMANDS_MAX);
    bool is_ignored = (policy->ignore_failure[phase] >> command & 1) != 0;
    switch (exit->how) {
    case EXIT_NONE:
        return SERVICE_RESULT_SUCCESS;
    case EXIT_EXITED:
        if (exit->status == 0 || is_ignored ||
            status_set_has_code(&policy->success, exit->status)) {
            return SERVICE_RESULT_SUCCESS;
        }
        return SERVICE_RESULT_EXIT_CODE;
    case EXIT_KILLED:
        if (is_ignored || is_clean_signal(policy, exit->status)) {
            return SERVICE_RESULT_SUCCESS;
        }
        return SERVICE_RESULT_SIGNAL;
    case EXIT_DUMPED:
        return is_ignored ? SERVICE_RESULT_SUCCESS : SERVICE_RESULT_CORE_DUMP;
    case EXIT_UNKNOWN:
        return SERVICE_RESULT_UNKNOWN;
    }
    return SERVICE_RESULT_UNKNOWN;
}

static bool is_in(const struct status_set *set, const struct exit_status *exit) {
    switch (exit->how) {
    case EXIT_NONE:
    case EXIT_UNKNOWN:
        return false;
    case EXIT_EXITED:
        return status_set_has_code(set, exit->status);
    case EXIT_KILLED:
    case EXIT_DUMPED:
        return status_set_has_signal(set, exit->status);
    }
    return false;
}

bool restart_is_due(const struct policy *policy, enum service_result result,
                    const struct exit_status *exit) {
    if (is_in(&policy->restart_prevent, exit)) {
        return false;
    }
    if (is_in(&policy->restart_force, exit)) {
        return true;
    }
    switch (policy->restart) {
    case RESTART_NO:
        return false;
    case RESTART_ON_SUCCESS:
        return result == SERVICE_RESULT_SUCCESS;
    case RESTART_ON_FAILURE:
        return result != SERVICE_RESULT_SUCCESS;
    case RESTART_ON_ABNORMAL:
        return result != SERVICE_RESULT_SUCCESS && result != SERVICE_RESULT_EXIT_CODE;
    case RESTART_ON_WATCHDOG:
        return result == SERVICE_RESULT_WATCHDOG;
    case RESTART_ON_ABORT:
        return result == SERVICE_RESULT_SIGNAL || result == SERVICE_RESULT_CORE_DUMP;
    case RESTART_ALWAYS:
        return true;
    }
    return false;
}

/* RestartSec=0 is taken literally only where a start limit ends what would be a busy loop. */
static bool is_restart_usec_literal(const struct policy *policy) {
    bool is_limited = policy->start_limit_burst != 0 && policy->start_limit_interval_usec != 0;
    return policy->restart_usec_is_set != 0 && (policy->restart_usec != 0 || is_limited);
}

void restart_backoff_policy(const struct policy *policy, struct backoff_policy *ret_backoff) {
    bool is_literal = is_restart_usec_literal(policy);
    if (policy->restart_steps != 0 && policy->restart_delay_max_usec != 0) {
        *ret_backoff = (struct backoff_policy){
            .growth = BACKOFF_STEPS,
            .steps = policy->restart_steps,
            .first_usec = is_literal ? policy->restart_usec : RESTART_FIRST_USEC,
            .cap_usec = policy->restart_delay_max_usec,
        };
    } else if (is_literal) {
        *ret_backoff =
            (struct backoff_policy){.growth = BACKOFF_CONSTANT, .first_usec = policy->restart_usec};
    } else {
        *ret_backoff = (struct backoff_policy){
            .growth = BACKOFF_DOUBLING,
            .cap_usec = policy->restart_delay_max_usec,
        };
    }
}
