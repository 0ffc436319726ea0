/*
 * The words that people and scripts see for the core's enumerations: systemd's, wherever systemd
 * has one. Each function gives a constant string, and NULL for a number that is no enumerator; so a
 * word is looked up by asking for 0, 1, 2, … up to the enumeration's count.
 */
#ifndef CORE_NAMES_H
#define CORE_NAMES_H

#include "core/action.h"
#include "core/event.h"
#include "core/job.h"
#include "core/policy.h"
#include "core/process.h"
#include "core/restart.h"
#include "core/service.h"

#include <stdint.h>

const char *service_type_name(enum service_type type);
const char *restart_name(enum restart restart);
const char *kill_mode_name(enum kill_mode mode);

/* A sentence without its full stop, lower case: "Type= other than simple and exec is not …". */
const char *policy_error_text(enum policy_error error);

/* ActiveState: inactive, activating, active, deactivating, failed. */
const char *service_active_state_name(enum service_state state);
/* SubState: dead, start, running, exited, reloading, stop-sigterm, … Each state has its own. */
const char *service_state_name(enum service_state state);
/* Result: success, exit-code, signal, … */
const char *service_result_name(enum service_result result);

/* exited, killed, dumped, unknown; "none" for EXIT_NONE. */
const char *exit_how_name(enum exit_how how);
/*
 * What an exit code says by convention: SUCCESS, TEMPFAIL, and for a start that failed its step,
 * EXEC (203) or USER (217). The words of `systemd-analyze exit-status`; NULL for codes without one.
 */
const char *exit_code_name(uint32_t code);

const char *job_kind_name(enum job_kind kind);
const char *job_result_name(enum job_result result);

/* start-asked, exited, …: the words of history and of the tables of doc/state-machine.md. */
const char *event_type_name(enum event_type type);
const char *action_type_name(enum action_type type);
const char *announcement_name(enum announcement what);
const char *role_name(enum role role);
const char *target_name(enum target target);
const char *phase_name(enum phase phase);

#endif
