#include "os/child.h"

#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char *const environment[] = {NULL};

static int shell(const char *script, const char *input, size_t output_max, char **ret_output,
                 int *ret_status) {
    char text[128];
    (void)strncpy(text, script, sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, text, NULL};
    struct child_options options = {
        .argv = argv, .envp = environment, .input = input, .output_max = output_max};
    return child_run(&options, ret_status, ret_output);
}

static void test_status(void **state) {
    (void)state;
    static const struct {
        const char *script;
        int status;
    } rows[] = {{"exit 0", 0}, {"exit 7", 7}, {"kill -9 $$", 137}, {"read x", 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        int status = -1;
        assert_int_equal(shell(rows[i].script, NULL, 0, NULL, &status), 0);
        assert_int_equal(status, rows[i].status);
    }
}

static void test_input_and_output(void **state) {
    (void)state;
    auto_free char *output = NULL;
    int status = -1;
    assert_int_equal(shell("cat; echo end", "in\n", 100, &output, &status), 0);
    assert_int_equal(status, 0);
    assert_string_equal(output, "in\nend\n");
}

static void test_output_has_a_limit(void **state) {
    (void)state;
    char *output = NULL;
    int status = -1;
    assert_int_equal(shell("printf 12345", NULL, 5, &output, &status), 0);
    assert_string_equal(output, "12345");
    cleanup_free(&output);
    assert_int_equal(shell("printf 123456", NULL, 5, &output, &status), -EFBIG);
}

static void test_who_is_late_is_killed(void **state) {
    (void)state;
    char *argv[] = {(char[]){"sleep"}, (char[]){"100"}, NULL};
    struct child_options options = {
        .argv = argv, .envp = environment, .output_max = 5, .timeout_usec = 20 * USEC_PER_MSEC};
    char *output = NULL;
    int status;
    assert_int_equal(child_run(&options, &status, &output), -ETIMEDOUT);
    assert_null(output);
}

static void test_no_such_program(void **state) {
    (void)state;
    char *argv[] = {(char[]){"/no/such/program"}, NULL};
    struct child_options options = {.argv = argv, .envp = environment};
    int status;
    assert_int_equal(child_run(&options, &status, NULL), -ENOENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_input_and_output),
        cmocka_unit_test(test_output_has_a_limit),
        cmocka_unit_test(test_who_is_late_is_killed),
        cmocka_unit_test(test_no_such_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
