/* Descriptors 0 to 2 are given up in a forked child only: this process speaks TAP by them. */
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static bool is_open(int fd) {
    return fcntl(fd, F_GETFD) >= 0;
}

static void test_close_keeps_errno(void **state) {
    (void)state;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    errno = EXDEV;
    assert_int_equal(fd_close(fd), -1);
    assert_int_equal(errno, EXDEV);
    assert_false(is_open(fd));
}

static void test_close_of_none(void **state) {
    (void)state;
    errno = EXDEV;
    assert_int_equal(fd_close(-1), -1);
    assert_int_equal(errno, EXDEV);
}

static void test_auto_fd_closes_at_the_end_of_its_scope(void **state) {
    int number;
    int taken;
    (void)state;
    {
        auto_fd int owned = open("/dev/null", O_RDONLY | O_CLOEXEC);
        auto_fd int given = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_true(owned >= 0 && given >= 0);
        number = owned;
        taken = take_fd(&given);
        assert_int_equal(given, -1);
    }
    assert_false(is_open(number));
    assert_true(is_open(taken));
    (void)fd_close(taken);
}

static void test_high_descriptors_stay(void **state) {
    (void)state;
    auto_fd int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(fd > STDERR_FILENO);
    assert_int_equal(fd_above_stdio(fd), fd);
    errno = ENOENT;
    assert_int_equal(fd_above_stdio(-1), -1);
    assert_int_equal(errno, ENOENT);
}

/* In a child: returns 0, or the number of the expectation that failed. */
static int move_low_descriptor(int low) {
    (void)close(low);
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd != low) {
        return 1;
    }
    int moved = fd_above_stdio(fd);
    if (moved <= STDERR_FILENO) {
        return 2;
    }
    if (is_open(low)) {
        return 3;
    }
    return (fcntl(moved, F_GETFD) & FD_CLOEXEC) != 0 ? 0 : 4;
}

static void test_low_descriptors_move_up(void **state) {
    (void)state;
    for (int low = STDIN_FILENO; low <= STDERR_FILENO; low++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            _exit(move_low_descriptor(low));
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_close_keeps_errno),
        cmocka_unit_test(test_close_of_none),
        cmocka_unit_test(test_auto_fd_closes_at_the_end_of_its_scope),
        cmocka_unit_test(test_high_descriptors_stay),
        cmocka_unit_test(test_low_descriptors_move_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
