#include "libabide/report.h"

#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define N_THREADS 8

static void test_a_report_arrives_whole(void **state) {
    (void)state;
    int fds[2];
    struct report received;
    struct report sent = {.kind = REPORT_ENDED, .value = 9, .pid = 42, .text = "why"};
    assert_int_equal(report_open(fds), 0);
    assert_int_equal(report_send(fds[1], &sent), 0);
    assert_int_equal(report_receive(fds[0], &received), 0);
    assert_int_equal(received.kind, REPORT_ENDED);
    assert_int_equal(received.value, 9);
    assert_int_equal(received.pid, 42);
    assert_string_equal(received.text, "why");
    (void)fd_close(fds[0]);
    (void)fd_close(fds[1]);
}

static void test_a_failure_carries_the_reason(void **state) {
    (void)state;
    int fds[2];
    struct report received;
    struct abide_daemon daemon = {0};
    memset(daemon.error, 'x', sizeof(daemon.error) - 1); /* The longest. */
    assert_int_equal(report_open(fds), 0);
    assert_int_equal(report_failure(fds[1], &daemon, EROFS), 0);
    assert_int_equal(report_receive(fds[0], &received), 0);
    assert_int_equal(received.kind, REPORT_FAILED);
    assert_int_equal(received.value, EROFS);
    assert_string_equal(received.text, daemon.error);
    (void)fd_close(fds[0]);
    (void)fd_close(fds[1]);
}

static void test_the_ends(void **state) {
    (void)state;
    int fds[2];
    struct report report = {.kind = REPORT_READY};
    assert_int_equal(report_open(fds), 0);
    for (int i = 0; i < 2; i++) {
        assert_true(fds[i] > STDERR_FILENO);
        assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
    }
    fds[1] = fd_close(fds[1]);
    assert_int_equal(report_receive(fds[0], &report), 1); /* end of file */
    assert_int_equal(signal(SIGPIPE, SIG_DFL) == SIG_ERR, 0);
    assert_int_equal(report_send(fds[0], &report), -EPIPE); /* and this process lives */
    (void)fd_close(fds[0]);
}

static void test_a_packet_of_another_size_is_refused(void **state) {
    (void)state;
    int fds[2];
    struct report report;
    assert_int_equal(report_open(fds), 0);
    assert_int_equal(send(fds[1], "short", 5, 0), 5);
    assert_int_equal(report_receive(fds[0], &report), -EPROTO);
    (void)fd_close(fds[0]);
    (void)fd_close(fds[1]);
}

static void test_a_text_without_end_gets_one(void **state) {
    (void)state;
    int fds[2];
    struct report report;
    memset(&report, 'x', sizeof(report));
    assert_int_equal(report_open(fds), 0);
    assert_int_equal(send(fds[1], &report, sizeof(report), 0), sizeof(report));
    assert_int_equal(report_receive(fds[0], &report), 0);
    assert_int_equal(strnlen(report.text, sizeof(report.text)), sizeof(report.text) - 1);
    (void)fd_close(fds[0]);
    (void)fd_close(fds[1]);
}

static void *say_ready(void *argument) {
    static int answers[2] = {0, 1};
    int r = report_ready(argument);
    return r < 0 ? NULL : &answers[r];
}

static void test_ready_is_said_once_by_many_threads(void **state) {
    (void)state;
    int fds[2];
    int n_told = 0;
    pthread_t threads[N_THREADS];
    struct report report;
    assert_int_equal(report_open(fds), 0);
    struct abide_daemon daemon = {.ready_fd = fds[1]};
    for (size_t i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, say_ready, &daemon), 0);
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        void *answer = NULL;
        assert_int_equal(pthread_join(threads[i], &answer), 0);
        assert_non_null(answer);
        n_told += *(const int *)answer;
    }
    assert_int_equal(n_told, 1);
    assert_int_equal(report_ready(&daemon), 0);
    assert_int_equal(fcntl(fds[1], F_GETFD), -1); /* closed */
    assert_int_equal(report_receive(fds[0], &report), 0);
    assert_int_equal(report.kind, REPORT_READY);
    assert_int_equal(report.pid, getpid());
    assert_int_equal(report_receive(fds[0], &report), 1);
    (void)fd_close(fds[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_report_arrives_whole),
        cmocka_unit_test(test_a_failure_carries_the_reason),
        cmocka_unit_test(test_the_ends),
        cmocka_unit_test(test_a_packet_of_another_size_is_refused),
        cmocka_unit_test(test_a_text_without_end_gets_one),
        cmocka_unit_test(test_ready_is_said_once_by_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
