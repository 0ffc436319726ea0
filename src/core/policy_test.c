/* Defaults, the gate, and sets of statuses at their edges. */
#include "core/names.h"
#include "core/policy.h"

#include <assert.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Fixed-width fields without padding: what is stored can be compared byte by byte. */
static_assert(sizeof(struct policy) == 264, "struct policy has changed: so has the slot's layout");

static_assert((int)SIGNO_HUP == SIGHUP && (int)SIGNO_INT == SIGINT, "signal numbers");
static_assert((int)SIGNO_KILL == SIGKILL && (int)SIGNO_PIPE == SIGPIPE, "signal numbers");
static_assert((int)SIGNO_TERM == SIGTERM && (int)SIGNO_CONT == SIGCONT, "signal numbers");

static struct policy servable(void) {
    struct policy policy;
    policy_init(&policy);
    policy.n_commands[PHASE_START] = 1;
    return policy;
}

static void test_defaults_are_servable(void **state) {
    (void)state;
    struct policy policy = servable();
    assert_int_equal(policy_check(&policy), POLICY_OK);
    assert_int_equal(policy.type, SERVICE_TYPE_SIMPLE);
    assert_int_equal(policy.restart, RESTART_NO);
    assert_int_equal(policy.kill_signal, SIGTERM);
    assert_int_equal(policy.final_kill_signal, SIGKILL);
    assert_int_equal(policy.start_limit_burst, 0);
    assert_int_equal(policy.stop_timeout_usec, 90 * USEC_PER_SEC);
    policy.n_commands[PHASE_RELOAD] = PHASE_COMMANDS_MAX;
    assert_int_equal(policy_check(&policy), POLICY_OK);
}

static void test_what_is_not_served_is_refused(void **state) {
    (void)state;
    for (int type = 0; type < SERVICE_TYPE_COUNT; type++) {
        struct policy policy = servable();
        policy.type = (enum service_type)type;
        int served = type == SERVICE_TYPE_SIMPLE || type == SERVICE_TYPE_EXEC;
        assert_int_equal(policy_check(&policy), served ? POLICY_OK : POLICY_TYPE_UNSUPPORTED);
    }
    for (int phase = 0; phase < PHASE_COUNT; phase++) {
        struct policy policy = servable();
        policy.n_commands[phase] = 1;
        int served = phase == PHASE_START || phase == PHASE_RELOAD;
        assert_int_equal(policy_check(&policy), served ? POLICY_OK : POLICY_PHASE_UNSUPPORTED);
    }
    struct policy policy = servable();
    policy.n_commands[PHASE_START] = 2;
    assert_int_equal(policy_check(&policy), POLICY_START_COMMANDS);
    policy.n_commands[PHASE_START] = 0;
    assert_int_equal(policy_check(&policy), POLICY_START_COMMANDS);
    policy = servable();
    policy.kill_mode = KILL_MODE_NONE;
    assert_int_equal(policy_check(&policy), POLICY_KILL_MODE_UNSUPPORTED);
}

/* Each byte set to 0xff in turn: whatever passes must be a field that may hold such a value. */
static void test_hostile_bytes_are_out_of_range(void **state) {
    (void)state;
    static const size_t guarded[] = {
        offsetof(struct policy, type),
        offsetof(struct policy, type) + 3,
        offsetof(struct policy, restart),
        offsetof(struct policy, kill_mode) + 1,
        offsetof(struct policy, kill_signal),
        offsetof(struct policy, restart_kill_signal),
        offsetof(struct policy, final_kill_signal),
        offsetof(struct policy, n_commands) + PHASE_STOP,
        offsetof(struct policy, restart_usec_is_set),
        offsetof(struct policy, send_sigkill),
        offsetof(struct policy, send_sighup),
        offsetof(struct policy, remain_after_exit),
    };
    for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++) {
        struct policy policy = servable();
        unsigned char *bytes = (unsigned char *)&policy;
        bytes[guarded[i]] = 0xff;
        assert_int_equal(policy_check(&policy), POLICY_VALUE_OUT_OF_RANGE);
    }
    struct policy policy = servable();
    policy.kill_signal = 0;
    assert_int_equal(policy_check(&policy), POLICY_VALUE_OUT_OF_RANGE);
}

static void test_status_sets_hold_their_edges_only(void **state) {
    (void)state;
    struct status_set set = {0};
    for (uint32_t i = 0; i < 300; i++) {
        assert_false(status_set_has_code(&set, i));
        assert_false(status_set_has_signal(&set, i));
    }
    status_set_add_code(&set, 0);
    status_set_add_code(&set, 63);
    status_set_add_code(&set, 64);
    status_set_add_code(&set, 255);
    status_set_add_code(&set, 256);
    status_set_add_signal(&set, 0);
    status_set_add_signal(&set, 1);
    status_set_add_signal(&set, 64);
    status_set_add_signal(&set, 65);
    for (uint32_t i = 0; i < 300; i++) {
        assert_int_equal(status_set_has_code(&set, i), i == 0 || i == 63 || i == 64 || i == 255);
        assert_int_equal(status_set_has_signal(&set, i), i == 1 || i == 64);
    }
}

static void test_each_enumerator_has_a_word(void **state) {
    (void)state;
    for (int i = 0; i <= POLICY_ERROR_COUNT; i++) {
        assert_int_equal(policy_error_text((enum policy_error)i) != NULL, i < POLICY_ERROR_COUNT);
    }
    for (int i = 0; i <= SERVICE_TYPE_COUNT; i++) {
        assert_int_equal(service_type_name((enum service_type)i) != NULL, i < SERVICE_TYPE_COUNT);
    }
    for (int i = 0; i <= RESTART_COUNT; i++) {
        assert_int_equal(restart_name((enum restart)i) != NULL, i < RESTART_COUNT);
    }
    for (int i = 0; i <= KILL_MODE_COUNT; i++) {
        assert_int_equal(kill_mode_name((enum kill_mode)i) != NULL, i < KILL_MODE_COUNT);
    }
    assert_string_equal(restart_name(RESTART_ON_ABNORMAL), "on-abnormal");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_servable),
        cmocka_unit_test(test_what_is_not_served_is_refused),
        cmocka_unit_test(test_hostile_bytes_are_out_of_range),
        cmocka_unit_test(test_status_sets_hold_their_edges_only),
        cmocka_unit_test(test_each_enumerator_has_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
