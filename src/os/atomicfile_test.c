/* What is there afterwards: bytes, mode, and nothing else in the folder. */
#include "os/atomicfile.h"

#include "os/testing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static size_t count_entries(void) {
    DIR *directory = opendir(".");
    assert_non_null(directory);
    size_t count = 0;
    while (readdir(directory) != NULL) {
        count++;
    }
    (void)closedir(directory);
    return count - 2;
}

static struct atomicfile file_of(const char *bytes) {
    return (struct atomicfile){
        .directory = AT_FDCWD,
        .name = "file",
        .bytes = bytes,
        .size = strlen(bytes),
        .mode = 0640,
    };
}

static void expect_content(const char *expected) {
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(atomicfile_read(AT_FDCWD, "file", 1000, &text, &size), 0);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
    free(text);
}

static void test_write_and_replace(void **state) {
    (void)state;
    mode_t before = umask(077);
    const enum atomicfile_sync syncs[] = {ATOMICFILE_SYNC_NONE, ATOMICFILE_SYNC_DISK};
    const char *const contents[] = {"first", "", "third and longer"};
    for (size_t i = 0; i < 3; i++) {
        struct atomicfile file = file_of(contents[i]);
        file.sync = syncs[i % 2];
        assert_int_equal(atomicfile_write(&file), 0);
        expect_content(contents[i]);
        struct stat status;
        assert_int_equal(stat("file", &status), 0);
        assert_int_equal(status.st_mode & 07777, 0640);
        assert_int_equal(count_entries(), 1);
    }
    (void)umask(before);
}

static void test_a_link_is_replaced(void **state) {
    (void)state;
    testing_write_file("other", "untouched", 9, 0600);
    assert_int_equal(symlink("other", "file"), 0);
    struct atomicfile file = file_of("new");
    assert_int_equal(atomicfile_write(&file), 0);
    struct stat status;
    assert_int_equal(lstat("file", &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(stat("other", &status), 0);
    assert_int_equal(status.st_size, 9);
}

/* A limit on file sizes stands for a full disk. */
static void test_failed_write_keeps_the_old(void **state) {
    (void)state;
    struct atomicfile file = file_of("old");
    assert_int_equal(atomicfile_write(&file), 0);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit low = {.rlim_cur = 5, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    file = file_of("newer and longer");
    int result = atomicfile_write(&file);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(result, -EFBIG);
    expect_content("old");
    assert_int_equal(count_entries(), 1);

    assert_int_equal(mkdir("folder", 0700), 0);
    file.name = "folder";
    assert_int_equal(atomicfile_write(&file), -EISDIR);
    file.name = "missing/file";
    assert_int_equal(atomicfile_write(&file), -ENOENT);
    char name[NAME_MAX];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    file.name = name;
    assert_int_equal(atomicfile_write(&file), -ENAMETOOLONG);
    assert_int_equal(count_entries(), 2);
}

static void test_read_limits(void **state) {
    (void)state;
    char *text = NULL;
    size_t size = 0;
    testing_write_file("file", "0123456789", 10, 0600);
    assert_int_equal(atomicfile_read(AT_FDCWD, "file", 9, &text, &size), -EFBIG);
    assert_int_equal(atomicfile_read(AT_FDCWD, "gone", 9, &text, &size), -ENOENT);
    assert_int_equal(atomicfile_read(AT_FDCWD, "/", 9, &text, &size), -EINVAL);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(atomicfile_read(AT_FDCWD, "fifo", 9, &text, &size), -EINVAL);
    assert_null(text);
    assert_int_equal(atomicfile_read(AT_FDCWD, "file", 10, &text, &size), 0);
    assert_int_equal(size, 10);
    free(text);
    assert_int_equal(atomicfile_read(AT_FDCWD, "/proc/self/status", 100000, &text, &size), 0);
    assert_non_null(strstr(text, "PPid:"));
    free(text);
}

static void test_read_much(void **state) {
    (void)state;
    enum {
        SIZE = 100000
    };
    static char bytes[SIZE];
    memset(bytes, 'b', sizeof bytes);
    testing_write_file("file", bytes, sizeof bytes, 0600);
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(atomicfile_read(AT_FDCWD, "file", SIZE, &text, &size), 0);
    assert_int_equal(size, SIZE);
    assert_memory_equal(text, bytes, SIZE);
    free(text);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, testing_setup, testing_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_write_and_replace),
        CASE(test_a_link_is_replaced),
        CASE(test_failed_write_keeps_the_old),
        CASE(test_read_limits),
        CASE(test_read_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
