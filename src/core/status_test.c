/* The view of a service before, in and after a run. */
#include "core/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_never_started(void **state) {
    (void)state;
    struct service service;
    struct status status;
    service_init(&service, 1);
    status_of(&service, &status);
    assert_int_equal(status.state, SERVICE_DEAD);
    assert_int_equal(status.exec_main_pid, 0);
    assert_string_equal(status.invocation, "");
    assert_int_equal(status.next_try_usec, 0);
}

static void test_running_shows_the_live_process(void **state) {
    (void)state;
    struct service service;
    struct status status;
    service_init(&service, 1);
    service.state = SERVICE_RUNNING;
    service.invocation[0] = UINT64_C(0x0123456789abcdef);
    service.invocation[1] = 0xf;
    service.processes[ROLE_MAIN] = (struct process){
        .state = PROCESS_ALIVE, .attempt = 2, .identity.pid = 42, .started_usec = 500};
    service.ended[ROLE_MAIN] = (struct ended){.exit = {EXIT_EXITED, 1}, .pid = 41};
    status_of(&service, &status);
    assert_int_equal(status.main_pid, 42);
    assert_int_equal(status.exec_main_pid, 42);
    assert_int_equal(status.exec_main_exit.how, EXIT_NONE);
    assert_int_equal(status.exec_main_start_usec, 500);
    assert_string_equal(status.invocation, "0123456789abcdef000000000000000f");
}

static void test_waiting_shows_the_last_process_and_the_next_try(void **state) {
    (void)state;
    struct service service;
    struct status status;
    service_init(&service, 1);
    service.state = SERVICE_AUTO_RESTART;
    service.deadline_usec = 900;
    service.n_restarts = 3;
    service.ended[ROLE_MAIN] = (struct ended){
        .exit = {EXIT_EXITED, 203}, .start_error = {2, 203}, .pid = 41, .ended_usec = 800};
    status_of(&service, &status);
    assert_int_equal(status.main_pid, 0);
    assert_int_equal(status.exec_main_pid, 41);
    assert_int_equal(status.exec_main_exit.status, 203);
    assert_int_equal(status.exec_main_exit_usec, 800);
    assert_int_equal(status.start_error.error, 2);
    assert_int_equal(status.next_try_usec, 900);
    assert_int_equal(status.n_restarts, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_started),
        cmocka_unit_test(test_running_shows_the_live_process),
        cmocka_unit_test(test_waiting_shows_the_last_process_and_the_next_try),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
