/*
 * Defaults, and the gate: a policy that passes policy_check() can be handed to service_step(),
 * which asserts nothing about it any more. The gate knows what is not built yet, so that a unit
 * that asks for it is refused in words instead of being served half.
 */
#include "core/policy.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define TIMEOUT_DEFAULT_USEC (90 * USEC_PER_SEC)

static_assert(offsetof(struct policy, reserved) + sizeof(((struct policy *)NULL)->reserved) ==
                  sizeof(struct policy),
              "padding at the end");

void policy_init(struct policy *self) {
    memset(self, 0, sizeof(*self));
    self->kill_signal = SIGNO_TERM;
    self->final_kill_signal = SIGNO_KILL;
    self->start_timeout_usec = TIMEOUT_DEFAULT_USEC;
    self->stop_timeout_usec = TIMEOUT_DEFAULT_USEC;
    self->send_sigkill = 1;
}

static bool is_in_range(const struct policy *self) {
    uint32_t flags = (uint32_t)self->restart_usec_is_set | self->send_sigkill | self->send_sighup |
                     self->remain_after_exit;
    if ((uint32_t)self->type >= SERVICE_TYPE_COUNT || (uint32_t)self->restart >= RESTART_COUNT ||
        (uint32_t)self->kill_mode >= KILL_MODE_COUNT || flags > 1) {
        return false;
    }
    if (self->kill_signal < 1 || self->kill_signal > SIGNO_MAX ||
        self->restart_kill_signal > SIGNO_MAX || self->final_kill_signal < 1 ||
        self->final_kill_signal > SIGNO_MAX) {
        return false;
    }
    for (size_t i = 0; i < PHASE_COUNT; i++) {
        if (self->n_commands[i] > PHASE_COMMANDS_MAX) {
            return false;
        }
    }
    return true;
}

static bool is_type_supported(enum service_type type) {
    switch (type) {
    case SERVICE_TYPE_SIMPLE:
    case SERVICE_TYPE_EXEC:
        return true;
    case SERVICE_TYPE_NOTIFY:
    case SERVICE_TYPE_NOTIFY_RELOAD:
    case SERVICE_TYPE_FORKING:
    case SERVICE_TYPE_ONESHOT:
    case SERVICE_TYPE_DBUS:
    case SERVICE_TYPE_IDLE:
        return false;
    }
    return false;
}

enum policy_error policy_check(const struct policy *self) {
    if (!is_in_range(self)) {
        return POLICY_VALUE_OUT_OF_RANGE;
    }
    if (!is_type_supported(self->type)) {
        return POLICY_TYPE_UNSUPPORTED;
    }
    for (size_t i = 0; i < PHASE_COUNT; i++) {
        if (i != PHASE_START && i != PHASE_RELOAD && self->n_commands[i] != 0) {
            return POLICY_PHASE_UNSUPPORTED;
        }
    }
    if (self->n_commands[PHASE_START] != 1) {
        return POLICY_START_COMMANDS;
    }
    if (self->kill_mode == KILL_MODE_NONE) {
        return POLICY_KILL_MODE_UNSUPPORTED;
    }
    return POLICY_OK;
}

void status_set_add_code(struct status_set *self, uint32_t code) {
    if (code <= 255) {
        self->codes[code / 64] |= (uint64_t)1 << code % 64;
    }
}

void status_set_add_signal(struct status_set *self, uint32_t signo) {
    if (signo >= 1 && signo <= SIGNO_MAX) {
        self->signals |= (uint64_t)1 << (signo - 1);
    }
}

bool status_set_has_code(const struct status_set *self, uint32_t code) {
    return code <= 255 && (self->codes[code / 64] >> code % 64 & 1) != 0;
}

bool status_set_has_signal(const struct status_set *self, uint32_t signo) {
    return signo >= 1 && signo <= SIGNO_MAX && (self->signals >> (signo - 1) & 1) != 0;
}
