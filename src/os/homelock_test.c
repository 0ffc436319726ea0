/* Who holds the home: this process, one that inherited it, or nobody. */
#include "os/homelock.h"

#include "os/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_one_holder(void **state) {
    (void)state;
    pid_t pid = -1;
    assert_int_equal(homelock_holder(AT_FDCWD, &pid), 0);
    int fd = -1;
    int other = -1;
    assert_int_equal(homelock_take(AT_FDCWD, &fd), 0);
    assert_int_equal(homelock_take(AT_FDCWD, &other), -EBUSY);
    assert_int_equal(other, -1);
    assert_int_equal(homelock_holder(AT_FDCWD, &pid), 1);
    assert_int_equal(pid, getpid());
    struct stat status;
    assert_int_equal(stat(HOMELOCK_NAME, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_not_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(homelock_holder(AT_FDCWD, &pid), 0);
    assert_int_equal(homelock_take(AT_FDCWD, &fd), 0);
    assert_int_equal(close(fd), 0);
}

/* The taker is gone, and an heir holds the lock on; free only when that one is killed, too. */
static void test_inherited(void **state) {
    (void)state;
    int told[2];
    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    int fd = -1;
    assert_int_equal(homelock_take(AT_FDCWD, &fd), 0);
    pid_t heir = fork();
    if (heir == 0) {
        char byte = (char)homelock_adopt(fd);
        (void)write(told[1], &byte, 1);
        (void)pause();
        _exit(0);
    }
    char byte = -1;
    assert_int_equal(read(told[0], &byte, 1), 1);
    assert_int_equal(byte, 0);
    assert_int_equal(close(fd) | close(told[0]) | close(told[1]), 0);
    pid_t pid = 0;
    assert_int_equal(homelock_holder(AT_FDCWD, &pid), 1);
    assert_int_equal(pid, heir);
    assert_int_equal(homelock_take(AT_FDCWD, &fd), -EBUSY);
    assert_int_equal(kill(heir, SIGKILL), 0);
    assert_int_equal(waitpid(heir, NULL, 0), heir);
    assert_int_equal(homelock_holder(AT_FDCWD, &pid), 0);
}

static void test_a_stranger_cannot_adopt(void **state) {
    (void)state;
    int fd = -1;
    assert_int_equal(homelock_take(AT_FDCWD, &fd), 0);
    int other = open(HOMELOCK_NAME, O_RDWR | O_CLOEXEC);
    assert_int_equal(homelock_adopt(other), -EBUSY);
    assert_int_equal(close(other) | close(fd), 0);
}

static void test_odd_files(void **state) {
    (void)state;
    int fd = -1;
    pid_t pid = -1;
    assert_int_equal(symlink("elsewhere", HOMELOCK_NAME), 0);
    assert_int_equal(homelock_take(AT_FDCWD, &fd), -ELOOP);
    assert_int_equal(homelock_holder(AT_FDCWD, &pid), -ELOOP);
    assert_int_equal(access("elsewhere", F_OK), -1);
    assert_int_equal(unlink(HOMELOCK_NAME), 0);

    testing_write_file(HOMELOCK_NAME, "nonsense\n", 9, 0666);
    int holder = open(HOMELOCK_NAME, O_RDWR | O_CLOEXEC);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    assert_int_equal(fcntl(holder, F_OFD_SETLK, &lock), 0);
    assert_int_equal(homelock_holder(AT_FDCWD, &pid), 1);
    assert_int_equal(pid, 0);
    assert_int_equal(close(holder), 0);
    assert_int_equal(homelock_take(AT_FDCWD, &fd), 0);
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(close(fd), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, testing_setup, testing_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_one_holder),
        CASE(test_inherited),
        CASE(test_a_stranger_cannot_adopt),
        CASE(test_odd_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
