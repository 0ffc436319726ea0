#include "client/logtail.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/abide-logtail-XXXXXX";

static int enter_folder(void **state) {
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state) {
    (void)state;
    (void)unlink("current");
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void write_file(const char *name, const char *text) {
    int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
}

static void expect(size_t n_lines, const char *expected) {
    char *text = NULL;
    size_t size = 0;
    int r = logtail_read(folder, n_lines, &text, &size);
    assert_int_equal(r, expected != NULL ? 1 : 0);
    if (expected != NULL) {
        assert_int_equal(size, strlen(expected));
        assert_memory_equal(text, expected, size);
        cleanup_free(&text);
    }
}

static void test_lines(void **state) {
    (void)state;
    char *text = NULL;
    size_t size;
    assert_int_equal(logtail_read(folder, 1, &text, &size), -ENOENT);
    write_file("current", "");
    expect(2, "");
    write_file("current", "a\nb\nc\n");
    expect(1, "c\n");
    expect(2, "b\nc\n");
    expect(3, "a\nb\nc\n");
    expect(4, "a\nb\nc\n");
    write_file("current", "a\nb\npart");
    expect(1, "part");
    expect(2, "b\npart");
}

static void test_older_files_are_for_logread(void **state) {
    (void)state;
    write_file("current", "a\nb\n");
    write_file("20261122T165412.123456Z.log", "older\n");
    expect(1, "b\n");
    expect(2, "a\nb\n");
    expect(3, NULL);
    assert_int_equal(unlink("20261122T165412.123456Z.log"), 0);
}

static void test_long_lines_are_for_logread(void **state) {
    (void)state;
    char long_text[16 * 1024];
    memset(long_text, 'x', sizeof(long_text));
    long_text[sizeof(long_text) - 1] = '\0';
    memcpy(long_text + sizeof(long_text) - 6, "\nend\n", 5);
    write_file("current", long_text);
    expect(1, "end\n");
    expect(2, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_older_files_are_for_logread),
        cmocka_unit_test(test_long_lines_are_for_logread),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
