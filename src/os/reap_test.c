/* Children that exit, are killed, or live on. */
#include "os/reap.h"

#include "os/testing.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static pid_t make_child(int exit_status) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(exit_status);
    }
    return pid;
}

/* Until it is a zombie. */
static void await_end(pid_t pid) {
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static void test_no_child(void **state) {
    (void)state;
    struct reap_exit ended;
    assert_int_equal(reap_peek(&ended), 0);
    assert_int_equal(reap_release(getpid()), -ECHILD);
}

static void test_a_peeked_child_stays(void **state) {
    (void)state;
    pid_t pid = make_child(42);
    await_end(pid);
    struct reap_exit ended;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(reap_peek(&ended), 1);
        assert_int_equal(ended.pid, pid);
        assert_int_equal(ended.wait_status, W_EXITCODE(42, 0));
    }
    assert_int_equal(reap_release(pid), 0);
    assert_int_equal(reap_peek(&ended), 0);
    assert_int_equal(reap_release(pid), -ECHILD);
}

static void test_living_children_are_not_dead(void **state) {
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        (void)pause();
        _exit(0);
    }
    struct reap_exit ended;
    assert_int_equal(reap_peek(&ended), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    await_end(pid);
    assert_int_equal(reap_peek(&ended), 1);
    assert_int_equal(ended.wait_status, W_EXITCODE(0, SIGKILL));
    assert_int_equal(reap_release(pid), 0);
}

/* The status is the one that wait(2) would have given, with or without a core file. */
static void test_aborted_child(void **state) {
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        (void)raise(SIGQUIT);
        _exit(0);
    }
    await_end(pid);
    struct reap_exit ended;
    assert_int_equal(reap_peek(&ended), 1);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(ended.wait_status, status);
    assert_int_equal(WTERMSIG(status), SIGQUIT);
}

static void test_all_are_told(void **state) {
    (void)state;
    pid_t pids[3];
    for (int i = 0; i < 3; i++) {
        pids[i] = make_child(i);
        await_end(pids[i]);
    }
    int n_seen = 0;
    struct reap_exit ended;
    while (n_seen < 4 && reap_peek(&ended) > 0) {
        assert_int_equal(ended.pid, pids[WEXITSTATUS(ended.wait_status)]);
        assert_int_equal(reap_release(ended.pid), 0);
        n_seen++;
    }
    assert_int_equal(n_seen, 3);
}

static void test_a_hint_names_the_child(void **state) {
    (void)state;
    struct reap_exit ended;
    pid_t hinted = 0;
    int fd = -1;
    assert_int_equal(reap_open(&fd), 0);
    assert_int_equal(reap_hint(fd, &hinted), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(7);
    }
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, 10000), 1);
    assert_int_equal(reap_hint(fd, &hinted), 1);
    assert_int_equal(hinted, pid);
    assert_int_equal(reap_peek_child(pid, &ended), 1);
    assert_int_equal(WEXITSTATUS(ended.wait_status), 7);
    assert_int_equal(reap_release(pid), 0);
    assert_int_equal(reap_peek_child(pid, &ended), 0);
    (void)close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hint_names_the_child),
        cmocka_unit_test_setup_teardown(test_no_child, testing_setup, testing_teardown),
        cmocka_unit_test_setup_teardown(test_a_peeked_child_stays, testing_setup, testing_teardown),
        cmocka_unit_test_setup_teardown(test_living_children_are_not_dead, testing_setup,
                                        testing_teardown),
        cmocka_unit_test_setup_teardown(test_aborted_child, testing_setup, testing_teardown),
        cmocka_unit_test_setup_teardown(test_all_are_told, testing_setup, testing_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
