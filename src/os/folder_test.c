#include "os/folder.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/abide-folder-XXXXXX";

static int enter_folder(void **state) {
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state) {
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static mode_t mode_of(const char *path) {
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

static void test_make_gives_the_mode_whatever_the_umask(void **state) {
    (void)state;
    char path[64];
    (void)snprintf(path, sizeof(path), "%s//a/b/", folder);
    mode_t umask_before = umask(0077);
    assert_int_equal(folder_make(path, 0755), 0);
    (void)umask(umask_before);
    assert_int_equal(mode_of("a"), 0755);
    assert_int_equal(mode_of("a/b"), 0755);
    assert_int_equal(folder_make(path, 0700), 0);
    assert_int_equal(mode_of("a/b"), 0755);
    assert_int_equal(rmdir("a/b"), 0);
    assert_int_equal(rmdir("a"), 0);
}

static void test_make_stops_at_what_is_no_folder(void **state) {
    (void)state;
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/file/x", folder);
    int fd = open("file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(folder_make(path, 0755), -ENOTDIR);
    assert_int_equal(unlink("file"), 0);
}

static void test_list_is_sorted_without_dots(void **state) {
    (void)state;
    static const char *const names[] = {"c", "a", ".hidden", "b"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(mkdir(names[i], 0700), 0);
    }
    char **list = NULL;
    assert_int_equal(folder_list(folder, &list), 0);
    assert_int_equal(str_list_count(list), 3);
    assert_string_equal(list[0], "a");
    assert_string_equal(list[1], "b");
    assert_string_equal(list[2], "c");
    list = str_list_free(list);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(rmdir(names[i]), 0);
    }
    assert_int_equal(folder_list("no-such-folder", &list), 0);
    assert_null(list);
}

static void test_open_takes_folders_only(void **state) {
    (void)state;
    int fd = -1;
    assert_int_equal(folder_open(folder, &fd), 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(folder_open("no-such-folder", &fd), -ENOENT);
    assert_int_equal(folder_open("/proc/self/stat", &fd), -ENOTDIR);
}

static void test_links(void **state) {
    (void)state;
    char target[16] = "";
    assert_int_equal(folder_has("link"), 0);
    assert_int_equal(folder_unlink("link"), 1);
    assert_int_equal(folder_link("first", "link"), 0);
    assert_int_equal(folder_link("second", "link"), 0);
    assert_int_equal(readlink("link", target, sizeof(target)), 6);
    assert_string_equal(target, "second");
    assert_int_equal(folder_has("link"), 1);
    assert_int_equal(folder_unlink("link"), 0);
    assert_int_equal(folder_link("x", "no-such-folder/link"), -ENOENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_make_gives_the_mode_whatever_the_umask),
        cmocka_unit_test(test_make_stops_at_what_is_no_folder),
        cmocka_unit_test(test_list_is_sorted_without_dots),
        cmocka_unit_test(test_open_takes_folders_only),
        cmocka_unit_test(test_links),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
