#include "os/tail.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void test_tail(void **state) {
    (void)state;
    static const struct {
        const char *content;
        size_t size_max;
        const char *text;
        bool is_whole;
    } rows[] = {
        {"", 4, "", true},
        {"abc", 4, "abc", true},
        {"abcd", 4, "abcd", true},
        {"abcde", 4, "bcde", false},
    };
    char path[] = "/tmp/abide-tail-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tail tail;
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, rows[i].content, strlen(rows[i].content), 0),
                         strlen(rows[i].content));
        assert_int_equal(tail_read(AT_FDCWD, path, rows[i].size_max, &tail), 0);
        assert_int_equal(tail.size, strlen(rows[i].text));
        assert_memory_equal(tail.text, rows[i].text, tail.size);
        assert_int_equal(tail.is_whole, rows[i].is_whole);
        cleanup_free(&tail.text);
    }
    (void)close(fd);
    assert_int_equal(unlink(path), 0);
}

static void test_what_has_no_tail(void **state) {
    (void)state;
    struct tail tail;
    assert_int_equal(tail_read(AT_FDCWD, "/tmp/abide-no-such-file", 1, &tail), -ENOENT);
    assert_int_equal(tail_read(AT_FDCWD, "/tmp", 1, &tail), -EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tail),
        cmocka_unit_test(test_what_has_no_tail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
