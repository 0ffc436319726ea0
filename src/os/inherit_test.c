/* In a child each, since what is done can't be undone. */
#include "os/inherit.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define FREE 64

static void expect_in_child(int (*check)(void)) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(check());
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static int is_open(int fd) {
    return fcntl(fd, F_GETFD) >= 0;
}

static int check_all_closed(void) {
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    (void)unsetenv("KEPT");
    return inherit_close_descriptors("KEPT", FREE) == 0 && fd > 2 && !is_open(fd) &&
                   is_open(STDERR_FILENO)
               ? 0
               : 1;
}

static int check_kept_is_moved(void) {
    char number[16];
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0) {
        return 1;
    }
    (void)snprintf(number, sizeof(number), "%d", fds[1]);
    (void)setenv("KEPT", number, 1);
    if (inherit_close_descriptors("KEPT", FREE) < 0 || is_open(fds[0]) || is_open(fds[1])) {
        return 2;
    }
    int kept = (int)strtol(getenv("KEPT"), NULL, 10);
    return kept >= FREE && (fcntl(kept, F_GETFD) & FD_CLOEXEC) != 0 ? 0 : 3;
}

static int check_nonsense_is_removed(void) {
    static const char *const texts[] = {"", "x", "3x", "-1", "1", "99999999999", "1000"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        (void)setenv("KEPT", texts[i], 1);
        if (inherit_close_descriptors("KEPT", FREE) < 0 || getenv("KEPT") != NULL) {
            return 1;
        }
    }
    return 0;
}

static int check_limit_is_raised(void) {
    struct rlimit limit;
    struct rlimit before;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
        return 1;
    }
    limit.rlim_cur = 100;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || inherit_raise_descriptors(&before) < 0 ||
        before.rlim_cur != 100 || getrlimit(RLIMIT_NOFILE, &limit) < 0) {
        return 2;
    }
    return limit.rlim_cur == limit.rlim_max ? 0 : 3;
}

static int check_umask_is_cleared(void) {
    (void)umask(077);
    inherit_clear_umask();
    return umask(0) == 0 ? 0 : 1;
}

static void test_descriptors_are_closed(void **state) {
    (void)state;
    expect_in_child(check_all_closed);
}

static void test_the_kept_one_is_moved(void **state) {
    (void)state;
    expect_in_child(check_kept_is_moved);
}

static void test_a_variable_that_names_none_is_removed(void **state) {
    (void)state;
    expect_in_child(check_nonsense_is_removed);
}

static void test_the_limit_is_raised(void **state) {
    (void)state;
    expect_in_child(check_limit_is_raised);
}

static void test_the_umask_is_cleared(void **state) {
    (void)state;
    expect_in_child(check_umask_is_cleared);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptors_are_closed),
        cmocka_unit_test(test_the_kept_one_is_moved),
        cmocka_unit_test(test_a_variable_that_names_none_is_removed),
        cmocka_unit_test(test_the_limit_is_raised),
        cmocka_unit_test(test_the_umask_is_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
