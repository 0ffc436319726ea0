/*
 * The part of a spec that decisions are made of: everything that service_step() may look at.
 *
 * A policy is plain data without pointers and of fixed size, so that it stands in the status file
 * beside the service's state: after a crash the next supervisor goes on by it without reading a
 * unit file. It may be copied, compared and stored byte by byte: fields are ordered so that there
 * is no padding, and policy_init() starts from zeroes. Yes-or-no fields are uint8_t, 0 or 1,
 * because a stored byte may hold anything and a bool may not.
 *
 *     struct policy policy;
 *     policy_init(&policy);                       // every key's default
 *     policy.restart = RESTART_ALWAYS;
 *     if (policy_check(&policy) != POLICY_OK) { refuse the unit }
 *
 * Each field's comment begins with the key that sets it; what a key means is what
 * systemd.service(5), systemd.unit(5) and systemd.kill(5) say, and where a default differs from
 * systemd's the comment says so. Spans are in microseconds, USEC_INFINITY is "infinity"; for a
 * time-out that is 0 in a unit file, which means the same, the layer that reads it writes
 * USEC_INFINITY.
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "base/usec.h"
#include "core/signo.h"

#include <stdbool.h>
#include <stdint.h>

/* Type= */
enum service_type {
    SERVICE_TYPE_SIMPLE, /* simple: up as soon as the process exists */
    SERVICE_TYPE_EXEC, /* exec: up when execve(2) has succeeded */
    SERVICE_TYPE_NOTIFY, /* notify: up when it says READY=1 */
    SERVICE_TYPE_NOTIFY_RELOAD, /* notify-reload: the same, reloads by signal */
    SERVICE_TYPE_FORKING, /* forking: up when the first process has exited */
    SERVICE_TYPE_ONESHOT, /* oneshot: up when its commands have ended */
    SERVICE_TYPE_DBUS, /* dbus: up when it owns BusName= */
    SERVICE_TYPE_IDLE, /* idle: as simple, after other jobs */
};
#define SERVICE_TYPE_COUNT 8

/* Restart= */
enum restart {
    RESTART_NO,
    RESTART_ON_SUCCESS,
    RESTART_ON_FAILURE,
    RESTART_ON_ABNORMAL,
    RESTART_ON_WATCHDOG,
    RESTART_ON_ABORT,
    RESTART_ALWAYS,
};
#define RESTART_COUNT 7

/* KillMode= */
enum kill_mode {
    KILL_MODE_CONTROL_GROUP, /* control-group: everything that belongs to the service */
    KILL_MODE_MIXED, /* mixed: the main process is asked, the rest is killed after it */
    KILL_MODE_PROCESS, /* process: the main process only; the rest is left alone */
    KILL_MODE_NONE, /* none: nothing is signalled */
};
#define KILL_MODE_COUNT 4

/* The lists of commands that a service may have, in the order in which they run. */
enum phase {
    PHASE_CONDITION, /* ExecCondition= */
    PHASE_START_PRE, /* ExecStartPre= */
    PHASE_START, /* ExecStart=; one command, more only for SERVICE_TYPE_ONESHOT */
    PHASE_START_POST, /* ExecStartPost= */
    PHASE_RELOAD, /* ExecReload= */
    PHASE_STOP, /* ExecStop= */
    PHASE_STOP_POST, /* ExecStopPost= */
};
#define PHASE_COUNT 7

/* Commands in one phase. Real unit files have fewer than ten; one bit each in `ignore_failure`. */
#define PHASE_COMMANDS_MAX 64

/* A set of ways to end: exit codes 0 to 255 and signals 1 to SIGNO_MAX. All-zero is empty. */
struct status_set {
    uint64_t codes[4];
    uint64_t signals; /* bit signo - 1 */
};

struct policy {
    enum service_type type; /* Type=; default simple */
    enum restart restart; /* Restart=; default no, as in systemd (`abide run` writes always) */
    enum kill_mode kill_mode; /* KillMode=; default control-group */

    /*
     * RestartSteps=; 0 (the default): the delay does not grow by systemd's rule. It counts only
     * together with `restart_delay_max_usec`.
     */
    uint32_t restart_steps;

    /*
     * RestartSec=; counts if `restart_usec_is_set`. When none of RestartSec=, RestartSteps= and
     * RestartMaxDelaySec= is set, restarts follow abide's own back-off (base/backoff.h). When
     * RestartSec= is set, every restart waits that long. RestartSec=0 asks for no delay: that is
     * done as asked when a start limit bounds it, and by abide's own back-off otherwise, since
     * systemd's default limit, which would end the loop there, does not exist here. When
     * RestartSteps= is set without RestartSec=, growth begins at systemd's default of 100 ms.
     */
    usec_t restart_usec;
    /*
     * RestartMaxDelaySec=; 0 is unset. Without RestartSteps= it is the cap of abide's back-off,
     * unless RestartSec= is set too.
     */
    usec_t restart_delay_max_usec;

    /*
     * StartLimitIntervalSec= and StartLimitBurst=: no more than `burst` starts in `interval`.
     * Either 0 is "no limit", which is the default; systemd's is 5 in 10 s, and a unit that sets
     * one key only means that number for the other.
     */
    usec_t start_limit_interval_usec;
    uint32_t start_limit_burst;

    /*
     * KillSignal=, RestartKillSignal=, FinalKillSignal=: SIGTERM, 0 (as KillSignal=), SIGKILL.
     * SIGCONT follows the first two, so that a stopped process can obey.
     */
    uint32_t kill_signal;
    uint32_t restart_kill_signal;
    uint32_t final_kill_signal;

    /*
     * TimeoutStartSec= (TimeoutSec=): from the start's first command until the service is up, and
     * for each reload. Default 90 s; oneshot's default of infinity is the unit file layer's to set.
     */
    usec_t start_timeout_usec;
    /* TimeoutStopSec= (TimeoutSec=): from the asking to the killing. Default 90 s. */
    usec_t stop_timeout_usec;

    struct status_set success; /* SuccessExitStatus=, besides 0 and the clean signals */
    struct status_set restart_prevent; /* RestartPreventExitStatus= */
    struct status_set restart_force; /* RestartForceExitStatus= */

    /* For each phase a bit for each command: 1: `-` stands before it, failure counts as success. */
    uint64_t ignore_failure[PHASE_COUNT];
    uint8_t n_commands[PHASE_COUNT]; /* how many commands a phase has, up to PHASE_COMMANDS_MAX */

    uint8_t restart_usec_is_set; /* 1: `restart_usec` counts */
    uint8_t send_sigkill; /* SendSIGKILL=; default 1 */
    uint8_t send_sighup; /* SendSIGHUP=; default 0: SIGHUP right after the stop signal */
    uint8_t remain_after_exit; /* RemainAfterExit=; default 0 */
    uint8_t reserved[5]; /* zero */
};

/* Why a policy cannot be served. names.h has the words. */
enum policy_error {
    POLICY_OK,
    POLICY_VALUE_OUT_OF_RANGE, /* no parser produces this: damaged, or a newer abide's */
    POLICY_TYPE_UNSUPPORTED, /* other than simple and exec */
    POLICY_PHASE_UNSUPPORTED, /* a command outside ExecStart= and ExecReload= */
    POLICY_START_COMMANDS, /* not exactly one ExecStart= */
    POLICY_KILL_MODE_UNSUPPORTED, /* none: without ExecStop= nothing would ever end the service */
};
#define POLICY_ERROR_COUNT 6

/* Sets every field to its key's default; no commands. */
void policy_init(struct policy *self);

/* Whether service_step() can serve `self`, or the first reason why not. Takes any bytes. */
enum policy_error policy_check(const struct policy *self);

/* `code` is 0 to 255, `signo` 1 to SIGNO_MAX; anything else is ignored, and in no set. */
void status_set_add_code(struct status_set *self, uint32_t code);
void status_set_add_signal(struct status_set *self, uint32_t signo);
bool status_set_has_code(const struct status_set *self, uint32_t code);
bool status_set_has_signal(const struct status_set *self, uint32_t signo);

#endif
