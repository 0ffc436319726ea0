/* Names of rotated files, and the turn itself in a folder of its own. */
#include "logger/rotate.h"

#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOON UINT64_C(1795348800000000)

static char folder[64];
static int folder_fd = -1;

static int set_up(void **state) {
    (void)state;
    memcpy(folder, "/tmp/rotate_test.XXXXXX", sizeof("/tmp/rotate_test.XXXXXX"));
    assert_non_null(mkdtemp(folder));
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder_fd < 0 ? -1 : 0;
}

static int tear_down(void **state) {
    (void)state;
    folder_fd = fd_close(folder_fd);
    return rmdir(folder);
}

static void make(const char *name, off_t size) {
    auto_fd int fd = openat(folder_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, size), 0);
}

/* Removes a file; it fails if there is none. */
static void remove_file(const char *name) {
    assert_int_equal(unlinkat(folder_fd, name, 0), 0);
}

static void test_names(void **state) {
    uint64_t usec;

    (void)state;
    assert_true(rotate_parse_name("20261122T120000.000000Z.log", &usec));
    assert_int_equal(usec, NOON);
    assert_true(rotate_parse_name("20261122T120000.000001Z.log.zst", &usec));
    assert_int_equal(usec, NOON + 1);
    assert_false(rotate_parse_name("20261122T120000.000000Z", &usec));
    assert_false(rotate_parse_name("20261122T120000.000000Z.log.zst.tmp", &usec));
    assert_false(rotate_parse_name(".20261122T120000.000000Z.log", &usec));
    assert_false(rotate_parse_name("current", &usec));
}

static void test_time_never_goes_back(void **state) {
    (void)state;
    assert_int_equal(rotate_next(NOON, 0), NOON);
    assert_int_equal(rotate_next(NOON, NOON - 1), NOON);
    assert_int_equal(rotate_next(NOON, NOON), NOON + 1);
    assert_int_equal(rotate_next(NOON, NOON + 100), NOON + 101);
}

static void test_turn(void **state) {
    (void)state;
    make("current", 1);
    assert_int_equal(rotate_current(folder_fd, NOON), 0);
    make("current", 2);
    assert_int_equal(rotate_current(folder_fd, NOON - 5), 0);
    assert_int_equal(rotate_current(folder_fd, NOON), -ENOENT);
    remove_file("20261122T120000.000000Z.log");
    remove_file("20261122T120000.000001Z.log");
}

static void test_file_is_found_by_inode(void **state) {
    struct stat stat;
    struct stat found;
    int fd = -1;

    (void)state;
    make("20261122T120000.000000Z.log", 1);
    make("20261122T120000.000001Z.log", 2);
    assert_int_equal(fstatat(folder_fd, "20261122T120000.000001Z.log", &stat, 0), 0);
    assert_int_equal(rotate_open_inode(folder_fd, stat.st_dev, stat.st_ino, &fd), 0);
    assert_int_equal(fstat(fd, &found), 0);
    assert_int_equal(found.st_size, 2);
    (void)fd_close(fd);
    remove_file("20261122T120000.000001Z.log");
    assert_int_equal(rotate_open_inode(folder_fd, stat.st_dev, 0, &fd), -ENOENT);
    remove_file("20261122T120000.000000Z.log");
}

static void make_four(void) {
    make("current", 1000);
    make("20261122T120000.000000Z.log.zst", 100);
    make("20261122T120000.000001Z.log", 100);
    make("20261122T120000.000002Z.log", 100);
    make("20261122T120000.000003Z.log", 100);
    make("notes", 1000);
}

static void test_oldest_go_first(void **state) {
    struct rotate_limits limits = {.size_max = 300};

    (void)state;
    make_four();
    assert_int_equal(rotate_trim(folder_fd, &limits), 0);
    assert_int_equal(faccessat(folder_fd, "20261122T120000.000000Z.log.zst", F_OK, 0), -1);
    limits = (struct rotate_limits){.size_max = 300, .count_max = 2};
    assert_int_equal(rotate_trim(folder_fd, &limits), 0);
    assert_int_equal(faccessat(folder_fd, "20261122T120000.000001Z.log", F_OK, 0), -1);
    limits = (struct rotate_limits){0};
    assert_int_equal(rotate_trim(folder_fd, &limits), 0);
    remove_file("20261122T120000.000002Z.log");
    remove_file("20261122T120000.000003Z.log");
    limits = (struct rotate_limits){.size_max = 1};
    assert_int_equal(rotate_trim(folder_fd, &limits), 0);
    remove_file("current");
    remove_file("notes");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_time_never_goes_back),
        cmocka_unit_test_setup_teardown(test_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file_is_found_by_inode, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_oldest_go_first, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
