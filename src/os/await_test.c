#include "os/await.h"

#include "os/clock.h"

#include "os/fd.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_ready(void **state) {
    (void)state;
    static const struct {
        const char *said; /* NULL: nothing, and the end */
        int result;
    } rows[] = {{"\n", 1}, {"x", 0}, {NULL, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        int fds[2];
        assert_int_equal(await_open_pipe(fds), 0);
        assert_true(fds[0] > 2 && fds[1] > 2);
        assert_int_equal(await_ready(fds[0], 0), -ETIMEDOUT);
        if (rows[i].said != NULL) {
            assert_int_equal(write(fds[1], rows[i].said, 1), 1);
        }
        (void)fd_close(fds[1]);
        assert_int_equal(await_ready(fds[0], USEC_INFINITY), rows[i].result);
        (void)fd_close(fds[0]);
    }
}

static void test_end(void **state) {
    (void)state;
    int fds[2];
    assert_int_equal(await_open_pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char byte;
        (void)fd_close(fds[1]);
        _exit(read(fds[0], &byte, 1) == 0 ? 0 : 1);
    }
    assert_true(pid > 0);
    (void)fd_close(fds[0]);
    auto_fd int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(pidfd >= 0);
    assert_int_equal(await_readable(pidfd, 0), -ETIMEDOUT);
    (void)fd_close(fds[1]);
    assert_int_equal(await_readable(pidfd, USEC_INFINITY), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_peer(void **state) {
    (void)state;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    auto_fd int pidfd = -1;
    assert_int_equal(await_open_peer(fds[0], &pidfd), 0);
    assert_int_equal(await_readable(pidfd, 0), -ETIMEDOUT);
    (void)fd_close(fds[0]);
    (void)fd_close(fds[1]);
}

static void test_a_moment_passes(void **state) {
    (void)state;
    usec_t before = clock_monotonic();
    await_moment(2 * USEC_PER_MSEC);
    assert_true(clock_monotonic() >= before + 2 * USEC_PER_MSEC);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_moment_passes),
        cmocka_unit_test(test_ready),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_peer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
