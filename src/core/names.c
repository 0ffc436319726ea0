/*
 * One switch an enumeration, without a default: a new enumerator stops the build here until it has
 * its word.
 */
#include "core/names.h"

#include <stddef.h>

const char *service_type_name(enum service_type type) {
    switch (type) {
    case SERVICE_TYPE_SIMPLE:
        return "simple";
    case SERVICE_TYPE_EXEC:
        return "exec";
    case SERVICE_TYPE_NOTIFY:
        return "notify";
    case SERVICE_TYPE_NOTIFY_RELOAD:
        return "notify-reload";
    case SERVICE_TYPE_FORKING:
        return "forking";
    case SERVICE_TYPE_ONESHOT:
        return "oneshot";
    case SERVICE_TYPE_DBUS:
        return "dbus";
    case SERVICE_TYPE_IDLE:
        return "idle";
    }
    return NULL;
}

const char *restart_name(enum restart restart) {
    switch (restart) {
    case RESTART_NO:
        return "no";
    case RESTART_ON_SUCCESS:
        return "on-success";
    case RESTART_ON_FAILURE:
        return "on-failure";
    case RESTART_ON_ABNORMAL:
        return "on-abnormal";
    case RESTART_ON_WATCHDOG:
        return "on-watchdog";
    case RESTART_ON_ABORT:
        return "on-abort";
    case RESTART_ALWAYS:
        return "always";
    }
    return NULL;
}

const char *kill_mode_name(enum kill_mode mode) {
    switch (mode) {
    case KILL_MODE_CONTROL_GROUP:
        return "control-group";
    case KILL_MODE_MIXED:
        return "mixed";
    case KILL_MODE_PROCESS:
        return "process";
    case KILL_MODE_NONE:
        return "none";
    }
    return NULL;
}

const char *policy_error_text(enum policy_error error) {
    switch (error) {
    case POLICY_OK:
        return "nothing is wrong";
    case POLICY_VALUE_OUT_OF_RANGE:
        return "a stored setting is damaged or was written by a newer abide";
    case POLICY_TYPE_UNSUPPORTED:
        return "Type= other than simple and exec is not served yet";
    case POLICY_PHASE_UNSUPPORTED:
        return "commands other than ExecStart= and ExecReload= are not served yet";
    case POLICY_START_COMMANDS:
        return "there must be exactly one ExecStart=";
    case POLICY_KILL_MODE_UNSUPPORTED:
        return "KillMode=none is not served: nothing would ever end the service";
    }
    return NULL;
}

const char *service_active_state_name(enum service_state state) {
    switch (state) {
    case SERVICE_DEAD:
        return "inactive";
    case SERVICE_START:
    case SERVICE_AUTO_RESTART:
        return "activating";
    case SERVICE_RUNNING:
    case SERVICE_EXITED:
    case SERVICE_RELOADING:
        return "active";
    case SERVICE_STOP_SIGTERM:
    case SERVICE_STOP_SIGKILL:
        return "deactivating";
    case SERVICE_FAILED:
        return "failed";
    }
    return NULL;
}

const char *service_state_name(enum service_state state) {
    switch (state) {
    case SERVICE_DEAD:
        return "dead";
    case SERVICE_START:
        return "start";
    case SERVICE_RUNNING:
        return "running";
    case SERVICE_EXITED:
        return "exited";
    case SERVICE_RELOADING:
        return "reloading";
    case SERVICE_STOP_SIGTERM:
        return "stop-sigterm";
    case SERVICE_STOP_SIGKILL:
        return "stop-sigkill";
    case SERVICE_AUTO_RESTART:
        return "auto-restart";
    case SERVICE_FAILED:
        return "failed";
    }
    return NULL;
}

const char *service_result_name(enum service_result result) {
    switch (result) {
    case SERVICE_RESULT_SUCCESS:
        return "success";
    case SERVICE_RESULT_EXIT_CODE:
        return "exit-code";
    case SERVICE_RESULT_SIGNAL:
        return "signal";
    case SERVICE_RESULT_CORE_DUMP:
        return "core-dump";
    case SERVICE_RESULT_TIMEOUT:
        return "timeout";
    case SERVICE_RESULT_WATCHDOG:
        return "watchdog";
    case SERVICE_RESULT_START_LIMIT_HIT:
        return "start-limit-hit";
    case SERVICE_RESULT_OOM_KILL:
        return "oom-kill";
    case SERVICE_RESULT_RESOURCES:
        return "resources";
    case SERVICE_RESULT_PROTOCOL:
        return "protocol";
    case SERVICE_RESULT_UNKNOWN:
        return "unknown";
    }
    return NULL;
}

const char *exit_how_name(enum exit_how how) {
    switch (how) {
    case EXIT_NONE:
        return "none";
    case EXIT_EXITED:
        return "exited";
    case EXIT_KILLED:
        return "killed";
    case EXIT_DUMPED:
        return "dumped";
    case EXIT_UNKNOWN:
        return "unknown";
    }
    return NULL;
}

const char *job_kind_name(enum job_kind kind) {
    switch (kind) {
    case JOB_NONE:
        return "none";
    case JOB_START:
        return "start";
    case JOB_STOP:
        return "stop";
    case JOB_RESTART:
        return "restart";
    case JOB_RELOAD:
        return "reload";
    case JOB_KILL:
        return "kill";
    case JOB_RESET_FAILED:
        return "reset-failed";
    }
    return NULL;
}

const char *job_result_name(enum job_result result) {
    switch (result) {
    case JOB_RESULT_NONE:
        return "none";
    case JOB_RESULT_DONE:
        return "done";
    case JOB_RESULT_FAILED:
        return "failed";
    case JOB_RESULT_CANCELED:
        return "canceled";
    case JOB_RESULT_TIMEOUT:
        return "timeout";
    case JOB_RESULT_NOT_ACTIVE:
        return "not-active";
    case JOB_RESULT_UNSUPPORTED:
        return "unsupported";
    }
    return NULL;
}

const char *event_type_name(enum event_type type) {
    switch (type) {
    case EVENT_START_ASKED:
        return "start-asked";
    case EVENT_STOP_ASKED:
        return "stop-asked";
    case EVENT_RESTART_ASKED:
        return "restart-asked";
    case EVENT_RELOAD_ASKED:
        return "reload-asked";
    case EVENT_KILL_ASKED:
        return "kill-asked";
    case EVENT_RESET_FAILED_ASKED:
        return "reset-failed-asked";
    case EVENT_SHUTDOWN_ASKED:
        return "shutdown-asked";
    case EVENT_POLICY_CHANGED:
        return "policy-changed";
    case EVENT_SPAWNED:
        return "spawned";
    case EVENT_SPAWN_FAILED:
        return "spawn-failed";
    case EVENT_EXECED:
        return "execed";
    case EVENT_EXEC_FAILED:
        return "exec-failed";
    case EVENT_EXITED:
        return "exited";
    case EVENT_TREE_EMPTIED:
        return "tree-emptied";
    case EVENT_SIGNALLED:
        return "signalled";
    case EVENT_DEADLINE_REACHED:
        return "deadline-reached";
    case EVENT_RECOVERED:
        return "recovered";
    }
    return NULL;
}

const char *action_type_name(enum action_type type) {
    switch (type) {
    case ACTION_SPAWN:
        return "spawn";
    case ACTION_SIGNAL:
        return "signal";
    case ACTION_WATCH_TREE:
        return "watch-tree";
    case ACTION_ANNOUNCE:
        return "announce";
    case ACTION_FINISH_JOB:
        return "finish-job";
    }
    return NULL;
}

const char *announcement_name(enum announcement what) {
    switch (what) {
    case ANNOUNCE_STATE:
        return "state";
    case ANNOUNCE_SPAWNED:
        return "spawned";
    case ANNOUNCE_SPAWN_FAILED:
        return "spawn-failed";
    case ANNOUNCE_ENDED:
        return "ended";
    case ANNOUNCE_RELOADED:
        return "reloaded";
    case ANNOUNCE_RELOAD_FAILED:
        return "reload-failed";
    case ANNOUNCE_STILL_LEFT:
        return "still-left";
    }
    return NULL;
}

const char *role_name(enum role role) {
    switch (role) {
    case ROLE_MAIN:
        return "main";
    case ROLE_CONTROL:
        return "control";
    }
    return NULL;
}

const char *target_name(enum target target) {
    switch (target) {
    case TARGET_MAIN:
        return "main";
    case TARGET_CONTROL:
        return "control";
    case TARGET_TREE:
        return "tree";
    }
    return NULL;
}

const char *phase_name(enum phase phase) {
    switch (phase) {
    case PHASE_CONDITION:
        return "condition";
    case PHASE_START_PRE:
        return "start-pre";
    case PHASE_START:
        return "start";
    case PHASE_START_POST:
        return "start-post";
    case PHASE_RELOAD:
        return "reload";
    case PHASE_STOP:
        return "stop";
    case PHASE_STOP_POST:
        return "stop-post";
    }
    return NULL;
}

/* systemd.exec(5), "Process Exit Codes": the C library's, LSB's, BSD's, and systemd's own. */
static const char *const exit_code_names[256] = {
    [0] = "SUCCESS",
    [1] = "FAILURE",
    [2] = "INVALIDARGUMENT",
    [3] = "NOTIMPLEMENTED",
    [4] = "NOPERMISSION",
    [5] = "NOTINSTALLED",
    [6] = "NOTCONFIGURED",
    [7] = "NOTRUNNING",
    [64] = "USAGE",
    [65] = "DATAERR",
    [66] = "NOINPUT",
    [67] = "NOUSER",
    [68] = "NOHOST",
    [69] = "UNAVAILABLE",
    [70] = "SOFTWARE",
    [71] = "OSERR",
    [72] = "OSFILE",
    [73] = "CANTCREAT",
    [74] = "IOERR",
    [75] = "TEMPFAIL",
    [76] = "PROTOCOL",
    [77] = "NOPERM",
    [78] = "CONFIG",
    [200] = "CHDIR",
    [201] = "NICE",
    [202] = "FDS",
    [203] = "EXEC",
    [204] = "MEMORY",
    [205] = "LIMITS",
    [206] = "OOM_ADJUST",
    [207] = "SIGNAL_MASK",
    [208] = "STDIN",
    [209] = "STDOUT",
    [210] = "CHROOT",
    [211] = "IOPRIO",
    [212] = "TIMERSLACK",
    [213] = "SECUREBITS",
    [214] = "SETSCHEDULER",
    [215] = "CPUAFFINITY",
    [216] = "GROUP",
    [217] = "USER",
    [218] = "CAPABILITIES",
    [219] = "CGROUP",
    [220] = "SETSID",
    [221] = "CONFIRM",
    [222] = "STDERR",
    [224] = "PAM",
    [225] = "NETWORK",
    [226] = "NAMESPACE",
    [227] = "NO_NEW_PRIVILEGES",
    [228] = "SECCOMP",
    [229] = "SELINUX_CONTEXT",
    [230] = "PERSONALITY",
    [231] = "APPARMOR",
    [232] = "ADDRESS_FAMILIES",
    [233] = "RUNTIME_DIRECTORY",
    [235] = "CHOWN",
    [236] = "SMACK_PROCESS_LABEL",
    [237] = "KEYRING",
    [238] = "STATE_DIRECTORY",
    [239] = "CACHE_DIRECTORY",
    [240] = "LOGS_DIRECTORY",
    [241] = "CONFIGURATION_DIRECTORY",
    [242] = "NUMA_POLICY",
    [243] = "CREDENTIALS",
    [244] = "BPF",
    [255] = "EXCEPTION",
};

const char *exit_code_name(uint32_t code) {
    return code < sizeof(exit_code_names) / sizeof(exit_code_names[0]) ? exit_code_names[code]
                                                                       : NULL;
}
