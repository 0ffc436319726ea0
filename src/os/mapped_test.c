/* What one process stores, others see, and it stays; files that nobody should map are refused. */
#include "os/mapped.h"

#include "os/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SIZE ((size_t)100000)

static void test_shared_and_kept(void **state) {
    (void)state;
    mode_t before = umask(077);
    struct mapped writer;
    assert_int_equal(mapped_create(AT_FDCWD, "file", SIZE, 0604, &writer), 0);
    (void)umask(before);
    struct stat status;
    assert_int_equal(stat("file", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0604);
    assert_int_equal(status.st_size, SIZE);
    assert_true((size_t)status.st_blocks * 512 >= SIZE);
    assert_int_equal(writer.size, SIZE);
    struct mapped reader;
    assert_int_equal(mapped_open(AT_FDCWD, "file", MAPPED_READ, &reader), 0);
    char *bytes = writer.bytes;
    assert_int_equal(bytes[SIZE - 1], 0);
    bytes[SIZE - 1] = 'x';
    assert_int_equal(((const char *)reader.bytes)[SIZE - 1], 'x');
    mapped_close(&writer);
    mapped_close(&reader);
    mapped_close(&reader);
    assert_int_equal(mapped_open(AT_FDCWD, "file", MAPPED_WRITE, &writer), 0);
    assert_int_equal(((char *)writer.bytes)[SIZE - 1], 'x');
    mapped_close(&writer);
}

/* A store of a process that is killed right behind it. */
static void test_survives_a_kill(void **state) {
    (void)state;
    struct mapped mapped;
    assert_int_equal(mapped_create(AT_FDCWD, "file", SIZE, 0600, &mapped), 0);
    pid_t pid = fork();
    if (pid == 0) {
        ((char *)mapped.bytes)[7] = 'k';
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(((char *)mapped.bytes)[7], 'k');
    mapped_close(&mapped);
}

static void test_holes_are_filled(void **state) {
    (void)state;
    testing_write_file("file", "", 0, 0600);
    assert_int_equal(truncate("file", (off_t)SIZE), 0);
    struct mapped mapped;
    assert_int_equal(mapped_open(AT_FDCWD, "file", MAPPED_WRITE, &mapped), 0);
    mapped_close(&mapped);
    struct stat status;
    assert_int_equal(stat("file", &status), 0);
    assert_true((size_t)status.st_blocks * 512 >= SIZE);
}

static void test_refusals(void **state) {
    (void)state;
    struct mapped mapped;
    testing_write_file("file", "x", 1, 0600);
    testing_write_file("empty", "", 0, 0600);
    assert_int_equal(symlink("file", "link"), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    const struct {
        const char *name;
        int result;
    } rows[] = {{"missing", -ENOENT}, {"link", -ELOOP}, {"fifo", -EINVAL}, {"empty", -EINVAL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(mapped_open(AT_FDCWD, rows[i].name, MAPPED_WRITE, &mapped),
                         rows[i].result);
    }
    assert_int_equal(mapped_open(AT_FDCWD, ".", MAPPED_READ, &mapped), -EINVAL);
    assert_int_equal(mapped_create(AT_FDCWD, "file", SIZE, 0600, &mapped), -EEXIST);
    assert_int_equal(mapped_create(AT_FDCWD, "link", SIZE, 0600, &mapped), -EEXIST);
    assert_int_equal(link("file", "second"), 0);
    assert_int_equal(mapped_open(AT_FDCWD, "file", MAPPED_WRITE, &mapped), -EINVAL);
}

static void as_another_user(void) {
    struct mapped mapped;
    assert_int_equal(setuid(65534), 0);
    assert_int_equal(mapped_open(AT_FDCWD, "file", MAPPED_WRITE, &mapped), -EPERM);
    assert_int_equal(mapped_open(AT_FDCWD, "file", MAPPED_READ, &mapped), 0);
    mapped_close(&mapped);
}

static void test_another_users_file(void **state) {
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(chmod(".", 0755), 0);
    testing_write_file("file", "x", 1, 0666);
    testing_in_fork(as_another_user);
}

static void test_no_room(void **state) {
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit low = {.rlim_cur = 4096, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    struct mapped mapped;
    int result = mapped_create(AT_FDCWD, "file", SIZE, 0600, &mapped);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(result, -EFBIG);
    assert_int_equal(access("file", F_OK), -1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, testing_setup, testing_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_shared_and_kept), CASE(test_survives_a_kill),    CASE(test_holes_are_filled),
        CASE(test_refusals),        CASE(test_another_users_file), CASE(test_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
