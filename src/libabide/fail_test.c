#include "libabide/fail.h"

#include "abide.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#undef fail /* cmocka has a macro of that name, too. */

static void test_a_step_is_named_with_errno(void **state) {
    (void)state;
    struct abide_daemon daemon = {0};
    assert_int_equal(fail(&daemon, EACCES, "working directory %s", "/secret"), -EACCES);
    assert_string_equal(daemon.error, "working directory /secret: Permission denied (errno 13)");
}

static void test_words_stand_alone(void **state) {
    (void)state;
    struct abide_daemon daemon = {0};
    assert_int_equal(fail_words(&daemon, EEXIST, "already running, pid %d", 7), -EEXIST);
    assert_string_equal(daemon.error, "already running, pid 7");
}

static void test_a_long_path_never_costs_the_errno(void **state) {
    (void)state;
    struct abide_daemon daemon = {0};
    char path[4000];
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(fail(&daemon, ENOENT, "pidfile %s", path), -ENOENT);
    assert_int_equal(strlen(daemon.error), ABIDE_ERROR_SIZE - 1);
    const char end[] = "x: No such file or directory (errno 2)";
    assert_string_equal(daemon.error + ABIDE_ERROR_SIZE - sizeof(end), end);
    assert_int_equal(fail_words(&daemon, ENOENT, "pidfile %s", path), -ENOENT);
    assert_int_equal(strlen(daemon.error), ABIDE_ERROR_SIZE - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_step_is_named_with_errno),
        cmocka_unit_test(test_words_stand_alone),
        cmocka_unit_test(test_a_long_path_never_costs_the_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
