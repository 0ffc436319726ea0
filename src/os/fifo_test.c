/* Both ends at once, under no name that is half ready. */
#include "os/fifo.h"

#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int open_folder(char *path) {
    assert_non_null(mkdtemp(path));
    int fd = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void test_what_is_written_is_read(void **state) {
    (void)state;
    char path[] = "/tmp/fifo_test.XXXXXX";
    char byte = 0;
    int fds[2];
    int more = -1;
    int folder = open_folder(path);
    assert_int_equal(fifo_make(folder, ".a", "a", fds), 0);
    assert_int_equal(faccessat(folder, ".a", F_OK, 0), -1);
    assert_int_equal(read(fds[0], &byte, 1), -1); /* It would block, so it does not end. */
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(fcntl(fds[1], F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_WRONLY);
    assert_false(fifo_is_unlinked(fds[0]));
    assert_int_equal(unlinkat(folder, "a", 0), 0);
    assert_true(fifo_is_unlinked(fds[0]));
    assert_int_equal(fifo_open_writer(fds[0], &more), 0); /* Without a name, too. */
    assert_int_equal(write(more, "y", 1), 1);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    (void)fd_close(more);
    (void)fd_close(fds[0]);
    (void)fd_close(fds[1]);
    (void)fd_close(folder);
    assert_int_equal(rmdir(path), 0);
}

static void test_a_name_that_is_taken_is_an_error(void **state) {
    (void)state;
    char path[] = "/tmp/fifo_test.XXXXXX";
    int fds[2];
    int folder = open_folder(path);
    assert_int_equal(mkfifoat(folder, ".a", 0600), 0);
    assert_int_equal(fifo_make(folder, ".a", "a", fds), -EEXIST);
    assert_int_equal(unlinkat(folder, ".a", 0), 0);
    assert_int_equal(fifo_make(folder, ".a", "no/such", fds), -ENOENT);
    assert_int_equal(faccessat(folder, ".a", F_OK, 0), -1); /* Nothing stays. */
    (void)fd_close(folder);
    assert_int_equal(rmdir(path), 0);
}

static void test_what_is_not_open_has_no_name(void **state) {
    (void)state;
    assert_true(fifo_is_unlinked(-1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_a_name_that_is_taken_is_an_error),
        cmocka_unit_test(test_what_is_not_open_has_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
