/* systemd.service(5)'s table of Restart=, row by row, and what the keys around it change. */
#include "core/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct exit_status CLEAN = {EXIT_EXITED, 0};
static const struct exit_status CODE = {EXIT_EXITED, 1};
static const struct exit_status KILLED = {EXIT_KILLED, SIGNO_KILL};
static const struct exit_status TERMINATED = {EXIT_KILLED, SIGNO_TERM};
static const struct exit_status DUMPED = {EXIT_DUMPED, 11};
static const struct exit_status UNKNOWN = {EXIT_UNKNOWN, 0};

static enum service_result result_of(const struct policy *policy, struct exit_status exit) {
    return restart_result(policy, PHASE_START, 0, &exit);
}

static void test_exits_have_results(void **state) {
    (void)state;
    struct policy policy;
    policy_init(&policy);
    assert_int_equal(result_of(&policy, CLEAN), SERVICE_RESULT_SUCCESS);
    assert_int_equal(result_of(&policy, CODE), SERVICE_RESULT_EXIT_CODE);
    assert_int_equal(result_of(&policy, KILLED), SERVICE_RESULT_SIGNAL);
    assert_int_equal(result_of(&policy, DUMPED), SERVICE_RESULT_CORE_DUMP);
    assert_int_equal(result_of(&policy, UNKNOWN), SERVICE_RESULT_UNKNOWN);
    static const uint32_t clean[] = {SIGNO_HUP, SIGNO_INT, SIGNO_TERM, SIGNO_PIPE};
    for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++) {
        struct exit_status exit = {EXIT_KILLED, clean[i]};
        assert_int_equal(result_of(&policy, exit), SERVICE_RESULT_SUCCESS);
    }
}

static void test_success_exit_status(void **state) {
    (void)state;
    struct policy policy;
    policy_init(&policy);
    status_set_add_code(&policy.success, 143);
    status_set_add_signal(&policy.success, SIGNO_KILL);
    assert_int_equal(result_of(&policy, (struct exit_status){EXIT_EXITED, 143}), 0);
    assert_int_equal(result_of(&policy, KILLED), SERVICE_RESULT_SUCCESS);
    assert_int_equal(result_of(&policy, CODE), SERVICE_RESULT_EXIT_CODE);
}

static void test_a_dash_makes_failures_successes_of_that_command(void **state) {
    (void)state;
    struct policy policy;
    policy_init(&policy);
    policy.ignore_failure[PHASE_START] = 1;
    policy.ignore_failure[PHASE_RELOAD] = 1 << 2;
    assert_int_equal(result_of(&policy, CODE), SERVICE_RESULT_SUCCESS);
    assert_int_equal(result_of(&policy, DUMPED), SERVICE_RESULT_SUCCESS);
    assert_int_equal(result_of(&policy, UNKNOWN), SERVICE_RESULT_UNKNOWN);
    assert_int_equal(restart_result(&policy, PHASE_RELOAD, 1, &CODE), SERVICE_RESULT_EXIT_CODE);
    assert_int_equal(restart_result(&policy, PHASE_RELOAD, 2, &CODE), SERVICE_RESULT_SUCCESS);
}

static void test_restart_table(void **state) {
    (void)state;
    /* no, on-success, on-failure, on-abnormal, on-watchdog, on-abort, always */
    static const struct {
        enum service_result result;
        const char *restarts;
    } rows[] = {
        {SERVICE_RESULT_SUCCESS, "0100001"},   {SERVICE_RESULT_EXIT_CODE, "0010001"},
        {SERVICE_RESULT_SIGNAL, "0011011"},    {SERVICE_RESULT_CORE_DUMP, "0011011"},
        {SERVICE_RESULT_TIMEOUT, "0011001"},   {SERVICE_RESULT_WATCHDOG, "0011101"},
        {SERVICE_RESULT_RESOURCES, "0011001"}, {SERVICE_RESULT_UNKNOWN, "0011001"},
    };
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        for (int restart = 0; restart < RESTART_COUNT; restart++) {
            struct policy policy;
            policy_init(&policy);
            policy.restart = (enum restart)restart;
            bool expected = rows[row].restarts[restart] == '1';
            assert_int_equal(restart_is_due(&policy, rows[row].result, &CODE), expected);
        }
    }
}

static void test_prevent_wins_over_force_wins_over_restart(void **state) {
    (void)state;
    struct policy policy;
    policy_init(&policy);
    policy.restart = RESTART_NO;
    status_set_add_code(&policy.restart_force, 1);
    status_set_add_signal(&policy.restart_force, SIGNO_TERM);
    assert_true(restart_is_due(&policy, SERVICE_RESULT_EXIT_CODE, &CODE));
    assert_true(restart_is_due(&policy, SERVICE_RESULT_SUCCESS, &TERMINATED));
    assert_false(restart_is_due(&policy, SERVICE_RESULT_SUCCESS, &CLEAN));
    policy.restart = RESTART_ALWAYS;
    status_set_add_code(&policy.restart_prevent, 1);
    status_set_add_signal(&policy.restart_prevent, 11);
    assert_false(restart_is_due(&policy, SERVICE_RESULT_EXIT_CODE, &CODE));
    assert_false(restart_is_due(&policy, SERVICE_RESULT_CORE_DUMP, &DUMPED));
    assert_true(restart_is_due(&policy, SERVICE_RESULT_UNKNOWN, &UNKNOWN));
    assert_true(restart_is_due(&policy, SERVICE_RESULT_RESOURCES, &(struct exit_status){0}));
}

static struct backoff_policy backoff_of(const struct policy *policy) {
    struct backoff_policy backoff;
    restart_backoff_policy(policy, &backoff);
    return backoff;
}

static void test_delay_keys(void **state) {
    (void)state;
    struct policy policy;
    policy_init(&policy);
    assert_int_equal(backoff_of(&policy).growth, BACKOFF_DOUBLING);
    assert_int_equal(backoff_of(&policy).cap_usec, 0);
    policy.restart_delay_max_usec = 5 * USEC_PER_SEC;
    assert_int_equal(backoff_of(&policy).growth, BACKOFF_DOUBLING);
    assert_int_equal(backoff_of(&policy).cap_usec, 5 * USEC_PER_SEC);
    policy.restart_steps = 4;
    assert_int_equal(backoff_of(&policy).growth, BACKOFF_STEPS);
    assert_int_equal(backoff_of(&policy).first_usec, 100 * USEC_PER_MSEC);
    policy.restart_usec_is_set = 1;
    policy.restart_usec = USEC_PER_SEC;
    assert_int_equal(backoff_of(&policy).first_usec, USEC_PER_SEC);
    assert_int_equal(backoff_of(&policy).steps, 4);
    policy.restart_steps = 0;
    assert_int_equal(backoff_of(&policy).growth, BACKOFF_CONSTANT);
    assert_int_equal(backoff_of(&policy).first_usec, USEC_PER_SEC);
}

/* RestartSec=0 without a start limit would be a busy loop that systemd's default limit ends. */
static void test_no_delay_needs_a_limit(void **state) {
    (void)state;
    struct policy policy;
    policy_init(&policy);
    policy.restart_usec_is_set = 1;
    assert_int_equal(backoff_of(&policy).growth, BACKOFF_DOUBLING);
    policy.start_limit_burst = 5;
    assert_int_equal(backoff_of(&policy).growth, BACKOFF_DOUBLING);
    policy.start_limit_interval_usec = 10 * USEC_PER_SEC;
    assert_int_equal(backoff_of(&policy).growth, BACKOFF_CONSTANT);
    assert_int_equal(backoff_of(&policy).first_usec, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exits_have_results),
        cmocka_unit_test(test_success_exit_status),
        cmocka_unit_test(test_a_dash_makes_failures_successes_of_that_command),
        cmocka_unit_test(test_restart_table),
        cmocka_unit_test(test_prevent_wins_over_force_wins_over_restart),
        cmocka_unit_test(test_delay_keys),
        cmocka_unit_test(test_no_delay_needs_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
