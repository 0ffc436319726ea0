/*
 * The record of a process opens that process and no other: a wrong inode or start time stands for
 * a number that was given again.
 */
#include "os/identity.h"

#include "os/fd.h"

#include "os/procstat.h"
#include "os/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static pid_t make_sleeper(void) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)pause();
        _exit(0);
    }
    return pid;
}

static void end_sleeper(pid_t pid) {
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static struct identity identity_of(pid_t pid) {
    int pidfd = pidfd_open(pid, 0);
    assert_true(pidfd >= 0);
    struct identity identity;
    assert_int_equal(identity_of_pidfd(pidfd, pid, &identity), 0);
    assert_int_equal(close(pidfd), 0);
    return identity;
}

static void expect_open(struct identity identity, int expected) {
    int pidfd = -1;
    assert_int_equal(identity_open(&identity, &pidfd), expected);
    if (expected == 0) {
        assert_int_equal(close(pidfd), 0);
    } else {
        assert_int_equal(pidfd, -1);
    }
}

/* With an inode where the kernel has one; and always by the start time, as on older kernels. */
static void test_open_checks_who_it_is(void **state) {
    (void)state;
    pid_t pid = make_sleeper();
    struct identity by_kernel = identity_of(pid);
    assert_int_equal(by_kernel.pid, pid);
    assert_true((by_kernel.inode != 0) != (by_kernel.start_time != 0));
    struct procstat stat;
    assert_int_equal(procstat_read(pid, &stat), 0);
    struct identity by_time = {.pid = pid, .start_time = stat.start_time};
    expect_open(by_kernel, 0);
    expect_open(by_time, 0);

    struct identity stranger = by_kernel;
    stranger.inode += stranger.inode != 0 ? 1 : 0;
    stranger.start_time += stranger.start_time != 0 ? 1 : 0;
    expect_open(stranger, -ESRCH);
    by_time.start_time--;
    expect_open(by_time, -ESRCH);
    by_time.start_time++;

    assert_int_equal(kill(pid, SIGKILL), 0);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    expect_open(by_kernel, 0);
    expect_open(by_time, 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    expect_open(by_kernel, -ESRCH);
    expect_open(by_time, -ESRCH);
    expect_open((struct identity){.pid = 0}, -EINVAL);
    expect_open((struct identity){.pid = getpid()}, -EINVAL);
}

static void test_signal_and_end(void **state) {
    (void)state;
    pid_t pid = make_sleeper();
    struct identity identity = identity_of(pid);
    int pidfd = -1;
    assert_int_equal(identity_open(&identity, &pidfd), 0);
    assert_int_equal(identity_signal(pidfd, 0), 0);
    assert_int_equal(identity_has_ended(pidfd), 0);
    assert_int_equal(identity_signal(pidfd, SIGTERM), 0);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(info.si_status, SIGTERM);
    assert_int_equal(identity_has_ended(pidfd), 1);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(identity_has_ended(pidfd), 1);
    assert_int_equal(identity_signal(pidfd, 0), -ESRCH);
    assert_int_equal(close(pidfd), 0);
}

/* The pidfd of another's child, opened in time, tells its status after the other has reaped it. */
static void test_exit_status(void **state) {
    (void)state;
    pid_t pid = make_sleeper();
    int pidfd = pidfd_open(pid, 0);
    int status = -1;
    assert_int_equal(identity_exit_status(pidfd, &status), -ENODATA);
    end_sleeper(pid);
    int result = identity_exit_status(pidfd, &status);
    if (result == 0) {
        assert_int_equal(status, W_EXITCODE(0, SIGKILL));
    } else {
        assert_int_equal(result, -ENODATA); /* Before Linux 6.15. */
    }
    assert_int_equal(close(pidfd), 0);

    int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(identity_exit_status(other, &status), -ENODATA);
    assert_int_equal(close(other), 0);
}

/* The group outlives its leader, and is still reached through the pidfd of the leader. */
static void test_group_without_its_leader(void **state) {
    (void)state;
    int alive[2];
    assert_int_equal(pipe2(alive, O_CLOEXEC), 0);
    pid_t leader = fork();
    if (leader == 0) {
        (void)setpgid(0, 0);
        if (fork() == 0) {
            (void)write(alive[1], "x", 1);
            (void)pause();
        }
        _exit(0);
    }
    assert_int_equal(close(alive[1]), 0);
    int pidfd = pidfd_open(leader, 0);
    char byte;
    assert_int_equal(read(alive[0], &byte, 1), 1);
    assert_int_equal(waitpid(leader, NULL, 0), leader);
    int result = identity_signal_group(pidfd, SIGKILL);
    assert_int_equal(result, 0);
    assert_int_equal(read(alive[0], &byte, 1), 0); /* The orphan has closed its end. */
    assert_int_equal(close(alive[0]) | close(pidfd), 0);
}

static void test_ones_own(void **state) {
    (void)state;
    struct identity self;
    int pidfd = -1;
    assert_int_equal(identity_of_self(&self), 0);
    assert_int_equal(self.pid, getpid());
    assert_int_equal(identity_open(&self, &pidfd), 0);
    (void)fd_close(pidfd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ones_own),
        cmocka_unit_test_setup_teardown(test_open_checks_who_it_is, testing_setup,
                                        testing_teardown),
        cmocka_unit_test_setup_teardown(test_signal_and_end, testing_setup, testing_teardown),
        cmocka_unit_test_setup_teardown(test_exit_status, testing_setup, testing_teardown),
        cmocka_unit_test_setup_teardown(test_group_without_its_leader, testing_setup,
                                        testing_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
